"""A repository's git objects: read as they lie, written without touching anything else."""

import hashlib
import os
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import git
from gitdb import GitDB, IStream
from gitdb.exc import BadObject

from basebump.core.campaign import Change
from basebump.core.snapshot import SourceFile, Unread
from basebump.errors import ForgeError

AUTHOR = "basebump"
EMAIL = "noreply@basebump.invalid"
_MAX_FILE = 1 << 20  # nobody writes a longer Dockerfile by hand

_Entry = tuple[bytes, bytes, bytes]
"""Mode, name and id of a tree's entry, as they are written there."""

_DIRECTORY, _LINK, _SUBMODULE = 0o040000, 0o120000, 0o160000
# https://git-scm.com/docs/repository-version
_UNSUPPORTED = {"objectformat": ("sha1",), "refstorage": ("files",)}


def open_repository(path: Path) -> git.Repo:
    """The repository at a path. Raises ForgeError for one whose format is not understood."""
    try:
        repo = git.Repo(path.absolute(), expand_vars=False)
    except git.InvalidGitRepositoryError:
        raise ForgeError("it is damaged: HEAD, objects or refs is missing") from None
    # GitPython's own object database starts a git process a repository to read from.
    repo.odb = GitDB(os.path.join(repo.common_dir, "objects"))  # noqa: PTH118 - it takes a str
    config = Path(repo.common_dir) / "config"
    if config.is_file() and b"[extensions" in config.read_bytes().lower():
        with git.GitConfigParser(config, read_only=True, merge_includes=False) as settings:
            for key, known in _UNSUPPORTED.items():
                value = str(settings.get_value("extensions", key, known[0]))
                if value.lower() not in known:
                    raise ForgeError(f"extensions.{key} = {value} is not supported yet")
    return repo


def load(repo: git.Repo, oid: bytes, largest: int | None = None) -> bytes | None:
    """An object's bytes; None for one that is larger. Raises BadObject unless they are whole."""
    stream = repo.odb.stream(oid)
    if largest is not None and stream.size > largest:
        return None
    data: bytes = stream.read()
    # gitdb gives back what it could read of a truncated object, and checks no id.
    header = b"%b %d\0" % (stream.type, stream.size)
    if hashlib.sha1(header + data, usedforsecurity=False).digest() != oid:
        raise BadObject(oid)
    return data


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


def tree_of(repo: git.Repo, commit: str) -> bytes:
    """The id of a commit's tree. Raises BadObject when the commit is missing or damaged."""
    oid = bytes.fromhex(commit)
    first, _, _ = (load(repo, oid) or b"").partition(b"\n")
    if not first.startswith(b"tree "):
        raise BadObject(oid)
    return bytes.fromhex(first.removeprefix(b"tree ").decode("ascii"))


def walk(repo: git.Repo, root: bytes) -> Iterator[tuple[str, int, bytes]]:
    """Every entry of a tree but its folders: path, mode and id, in no particular order."""
    waiting = [("", root)]
    while waiting:
        prefix, oid = waiting.pop()
        for octal, raw, entry in _tree_entries(repo, oid):
            mode, name = int(octal, 8), raw.decode("utf-8", "surrogateescape")
            if mode == _DIRECTORY:
                waiting.append((f"{prefix}{name}/", entry))
            else:
                yield prefix + name, mode, entry


def read_file(repo: git.Repo, path: str, mode: int, oid: bytes) -> SourceFile | Unread:
    """The file of a tree's entry, or why it is not to be read."""
    if mode == _SUBMODULE:
        return Unread(path, "it is a submodule: another repository's files")
    content = load(repo, oid, _MAX_FILE)
    if content is None:
        return Unread(path, f"it is larger than {_MAX_FILE >> 20} MiB")
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
    blobs = {
        file.path.encode("utf-8", "surrogateescape"): store(repo, b"blob", file.after)
        for file in change.files
    }
    tree = _write_tree(repo, tree_of(repo, change.base_commit), blobs)
    who = signature()
    lines = [
        f"tree {tree.hex()}",
        f"parent {change.base_commit}",
        f"author {who}",
        f"committer {who}",
    ]
    text = "\n".join(lines) + f"\n\n{change.message}"
    return store(repo, b"commit", text.encode("utf-8", "surrogateescape")).hex()


def _tree_entries(repo: git.Repo, oid: bytes) -> Iterator[_Entry]:
    """A tree's entries, byte for byte: what is not changed must come out as it went in."""
    data = load(repo, oid) or b""
    start = 0
    while start < len(data):
        space = data.index(b" ", start)
        end = data.index(b"\0", space)
        yield data[start:space], data[space + 1 : end], data[end + 1 : end + 21]
        start = end + 21


def _write_tree(repo: git.Repo, oid: bytes, blobs: dict[bytes, bytes]) -> bytes:
    """The tree with these blobs in place of its own; all else in it stays, the modes too."""
    below: dict[bytes, dict[bytes, bytes]] = {}
    for path, blob in blobs.items():
        first, slash, rest = path.partition(b"/")
        if slash:
            below.setdefault(first, {})[rest] = blob
    data = b""
    for octal, name, entry in _tree_entries(repo, oid):
        new = entry
        if int(octal, 8) == _DIRECTORY and name in below:
            new = _write_tree(repo, entry, below[name])
        elif name in blobs:
            new = blobs[name]
        data += b"%b %b\0%b" % (octal, name, new)
    return store(repo, b"tree", data)


def signature() -> str:
    """Who basebump signs as, now, in the form that git's objects take."""
    return f"{AUTHOR} <{EMAIL}> {int(time.time())} +0000"


def store(repo: git.Repo, kind: bytes, data: bytes) -> bytes:
    """Write an object; returns its id."""
    return bytes(repo.odb.store(IStream(kind, len(data), BytesIO(data))).binsha)
