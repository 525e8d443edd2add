"""A repository's git objects: read as they lie, written without touching anything else."""

import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import git
from git.objects.fun import tree_entries_from_data, tree_to_stream
from gitdb import IStream

from basebump.core.campaign import Change
from basebump.core.snapshot import SourceFile, Unread

AUTHOR = "basebump"
EMAIL = "noreply@basebump.invalid"
_MAX_FILE = 1 << 20  # nobody writes a longer Dockerfile by hand

_Entry = tuple[bytes, int, str]
_DIRECTORY, _LINK, _SUBMODULE = 0o040000, 0o120000, 0o160000


def default_branch(repo: git.Repo) -> str | None:
    """What the remote calls its default, where a clone says so; otherwise the branch of HEAD."""
    remote = Path(repo.git_dir) / "refs/remotes/origin/HEAD"
    prefix = "ref: refs/remotes/origin/"
    if remote.is_file():
        target = remote.read_text("utf-8", "replace").strip()
        name = target.removeprefix(prefix)
        if name != target and ref_of(repo, f"refs/heads/{name}") is not None:
            return name
    if repo.head.is_detached:
        return None
    return str(repo.head.reference.path).removeprefix("refs/heads/")


def ref_of(repo: git.Repo, name: str) -> str | None:
    """The object id that a ref holds; None when there is no such ref."""
    try:
        return str(git.SymbolicReference.dereference_recursive(repo, name))
    except ValueError:
        return None


def walk(repo: git.Repo, root: bytes) -> Iterator[tuple[str, int, bytes]]:
    """Every entry of a tree but its folders: path, mode and id, in no particular order."""
    waiting = [("", root)]
    while waiting:
        prefix, oid = waiting.pop()
        for entry, mode, name in tree_entries_from_data(repo.odb.stream(oid).read()):
            if mode == _DIRECTORY:
                waiting.append((f"{prefix}{name}/", entry))
            else:
                yield prefix + name, mode, entry


def read_file(repo: git.Repo, path: str, mode: int, oid: bytes) -> SourceFile | Unread:
    """The file of a tree's entry, or why it is not to be read."""
    if mode == _SUBMODULE:
        return Unread(path, "it is a submodule: another repository's files")
    stream = repo.odb.stream(oid)
    if stream.size > _MAX_FILE:
        return Unread(path, f"it is larger than {_MAX_FILE >> 20} MiB")
    content = stream.read()
    if mode == _LINK:
        target = content.decode("utf-8", "replace")
        return Unread(path, f"it is a symbolic link to {target}")
    return SourceFile(path, f"{mode:06o}", content)


def is_ours(repo: git.Repo, head: str) -> bool:
    """Whether basebump made the branch's last commit: its branches never have more than that."""
    commit = repo.commit(head)
    return commit.committer.email == EMAIL and len(commit.parents) == 1


def write_commit(repo: git.Repo, change: Change) -> str:
    """Store the change as a commit on its base; returns the commit's id, and no ref knows it."""
    base = repo.commit(change.base_commit)
    blobs = {
        file.path: (store(repo, b"blob", file.after), int(file.mode, 8)) for file in change.files
    }
    tree = _write_tree(repo, base.tree.binsha, blobs)
    who = signature()
    lines = [f"tree {tree.hex()}", f"parent {base.hexsha}", f"author {who}", f"committer {who}"]
    text = "\n".join(lines) + f"\n\n{change.message}"
    return store(repo, b"commit", text.encode("utf-8", "surrogateescape")).hex()


def _write_tree(repo: git.Repo, oid: bytes, blobs: dict[str, tuple[bytes, int]]) -> bytes:
    """The tree with these files in place of its own; all else in it stays."""
    below: dict[str, dict[str, tuple[bytes, int]]] = {}
    for path, blob in blobs.items():
        first, slash, rest = path.partition("/")
        if slash:
            below.setdefault(first, {})[rest] = blob
    entries: list[_Entry] = []
    for entry, mode, name in tree_entries_from_data(repo.odb.stream(oid).read()):
        if mode == _DIRECTORY and name in below:
            entries.append((_write_tree(repo, entry, below[name]), mode, name))
        elif name in blobs:
            entries.append((*blobs[name], name))
        else:
            entries.append((entry, mode, name))
    data = BytesIO()
    tree_to_stream(entries, data.write)
    return store(repo, b"tree", data.getvalue())


def signature() -> str:
    """Who basebump signs as, now, in the form that git's objects take."""
    return f"{AUTHOR} <{EMAIL}> {int(time.time())} +0000"


def store(repo: git.Repo, kind: bytes, data: bytes) -> bytes:
    """Write an object; returns its id."""
    return bytes(repo.odb.store(IStream(kind, len(data), BytesIO(data))).binsha)
