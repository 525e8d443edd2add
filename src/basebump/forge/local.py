"""A folder of git repositories as a forge.

Everything is read from git's objects, never from a work tree, and written as objects and refs, so
that work tree, index and HEAD stay as they are. A pull request is an annotated tag object under a
ref of ours: title and body are its message, and it travels with the repository.
"""

import re
import time
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from pathlib import Path

import git
from git.exc import GitError
from git.objects.fun import tree_entries_from_data, tree_to_stream
from gitdb import IStream
from gitdb.exc import BadObject, ODBError

from basebump.core.campaign import Change
from basebump.core.glob import Globs
from basebump.core.snapshot import Snapshot, SourceFile, Unread
from basebump.errors import ForgeError, UsageError
from basebump.forge import (
    Branch,
    Found,
    MovedError,
    PullRequest,
    Repo,
    State,
    Step,
    Unavailable,
)
from basebump.forge.plumbing import ZERO, GitCommandError, is_ancestor, update_refs

AUTHOR = "basebump"
EMAIL = "noreply@basebump.invalid"
_PULLS = "refs/basebump/pull/"
_TRAILER = re.compile(r"\nBasebump-Base: (?P<base>[^\n]*)\nBasebump-State: (?P<state>[a-z]+)\n\Z")
_SUPERSEDED = "superseded"
_MAX_FILE = 1 << 20  # BuildKit refuses larger Dockerfiles too; nobody writes one by hand

_Entry = tuple[bytes, int, str]
_DIRECTORY, _LINK, _SUBMODULE = 0o040000, 0o120000, 0o160000


class LocalForge:
    """Every git repository below `root`, bare or with a work tree, by its path below it."""

    def __init__(self, root: Path, include: Globs, exclude: Globs, files: Globs) -> None:
        if not root.is_dir():
            raise UsageError(f"{root}: no such folder; forge.root (or --local) must be one")
        self._root = root
        self._include, self._exclude, self._files = include, exclude, files
        self._paths: dict[str, Path] = {}

    def repos(self) -> list[Repo]:
        """Every repository below the root, by name. Raises UsageError if there is none."""
        self._paths = {}
        for path in sorted(_repositories(self._root)):
            name = path.relative_to(self._root).as_posix()
            name = self._root.resolve().name if name == "." else name
            short = name.removesuffix(".git")
            self._paths[name if short in self._paths else short] = path
        if not self._paths:
            raise UsageError(f"{self._root}: no git repository in this folder or below it")
        return [Repo(name, self._passed_over(name)) for name in sorted(self._paths)]

    def read(self, repos: Iterable[Repo]) -> Iterator[Snapshot | Unavailable]:
        """One answer for each repository; a broken one is an answer too."""
        for repo in repos:
            try:
                yield self._read(repo.name)
            except Exception as error:  # noqa: BLE001 - one broken repository is one line
                yield Unavailable(repo.name, _reason(error))

    def find(self, changes: Sequence[Change]) -> Iterator[Found | Unavailable]:
        """What each repository holds already for its change."""
        for change in changes:
            try:
                yield self._find(change)
            except Exception as error:  # noqa: BLE001 - one broken repository is one line
                yield Unavailable(change.repository, _reason(error))

    def _find(self, change: Change) -> Found:
        with self._open(change.repository) as repo:
            requests = list(_records(repo, change.repository))
            head = _ref(repo, f"refs/heads/{change.branch}")
            branch = Branch(head, ours=_is_ours(repo, head)) if head else None
            own = next((r for r in requests if r.branch == change.branch), None)
            older = tuple(
                request
                for request in requests
                if request.state is State.OPEN
                and request.marker is not None
                and request.marker.image == change.marker.image
                and request.branch != change.branch
            )
            return Found(change, branch, own, older)

    def publish(self, found: Found, step: Step) -> PullRequest:
        """Write the commit, the branch and the pull request, the refs in one transaction."""
        del step  # opening, finishing and updating are one and the same transaction here
        change = found.change
        with self._open(change.repository) as repo:
            self._check_writable(repo, change)
            head = _write_commit(repo, change)
            base = f"refs/heads/{change.base_branch}"
            pull, pull_before = self._record(repo, change, head)
            branch = f"refs/heads/{change.branch}"
            try:
                update_refs(
                    repo.git_dir,
                    {
                        branch: (found.branch.head if found.branch else ZERO, head),
                        _PULLS + change.branch: (pull_before, pull),
                    },
                    verify={base: change.base_commit},
                )
            except GitCommandError as error:
                if _ref(repo, base) != change.base_commit or error.lost_race:
                    raise MovedError from error
                raise ForgeError(str(error)) from error
            return next(r for r in _records(repo, change.repository) if r.branch == change.branch)

    def supersede(self, older: PullRequest, by: PullRequest) -> None:
        """Mark the older pull request as superseded and delete its branch in one transaction."""
        with self._open(older.repository) as repo:
            name = _PULLS + older.branch
            before = _ref(repo, name)
            if before is None or older.head is None:
                return
            body = f"{older.body.rstrip()}\n\nSuperseded by {by.branch}.\n"
            tag = _write_tag(repo, older.branch, older.head, older.title, body,
                             older.base_branch, _SUPERSEDED)  # fmt: skip
            moves = {name: (before, tag), f"refs/heads/{older.branch}": (older.head, ZERO)}
            try:
                update_refs(repo.git_dir, moves)
            except GitCommandError as error:
                raise ForgeError(str(error)) from error

    def pull_requests(self) -> Iterator[PullRequest | Unavailable]:
        """Every pull request that is recorded in a repository of the folder."""
        for entry in self.repos():
            if entry.passed_over:
                continue
            try:
                with self._open(entry.name) as repo:
                    yield from _records(repo, entry.name)
            except Exception as error:  # noqa: BLE001 - one broken repository is one line
                yield Unavailable(entry.name, _reason(error))

    def _passed_over(self, name: str) -> str | None:
        if name in self._exclude:
            return "excluded by repositories.exclude"
        return None if name in self._include else "not in repositories.include"

    def _open(self, name: str) -> git.Repo:
        if name not in self._paths:
            self.repos()
        if name not in self._paths:
            raise ForgeError(f"{self._root}: no repository called {name!r}")
        return git.Repo(self._paths[name], odbt=git.GitDB, expand_vars=False)

    def _read(self, name: str) -> Snapshot | Unavailable:
        with self._open(name) as repo:
            branch = _default_branch(repo)
            if branch is None:
                reason = "HEAD is detached, so the default branch is not known"
                return Unavailable(name, reason, skipped=True)
            commit = _ref(repo, f"refs/heads/{branch}")
            if commit is None:
                return Unavailable(name, f"empty: no commit on {branch}", skipped=True)
            files: list[SourceFile] = []
            unread: list[Unread] = []
            paths: set[str] = set()
            for path, mode, oid in _walk(repo, repo.commit(commit).tree.binsha):
                paths.add(path)
                if path not in self._files or path.lower().endswith(".dockerignore"):
                    continue
                answer = _read_file(repo, path, mode, oid)
                if isinstance(answer, Unread):
                    unread.append(answer)
                else:
                    files.append(answer)
            return Snapshot(name, branch, commit, tuple(files), tuple(unread), frozenset(paths))

    @staticmethod
    def _check_writable(repo: git.Repo, change: Change) -> None:
        if not repo.head.is_detached and repo.head.reference.path == f"refs/heads/{change.branch}":
            raise ForgeError(f"{change.branch} is checked out; check out another branch first")
        parts = change.branch.split("/")
        for end in range(1, len(parts)):
            above = "/".join(parts[:end])
            if _ref(repo, f"refs/heads/{above}") is not None:
                raise ForgeError(
                    f"the branch {above!r} is in the way of {change.branch!r}: "
                    "rename it, or set pull_request.branch"
                )
        if any(ref.path.startswith(f"refs/heads/{change.branch}/") for ref in repo.references):
            raise ForgeError(
                f"branches below {change.branch!r} are in its way: set pull_request.branch"
            )

    @staticmethod
    def _record(repo: git.Repo, change: Change, head: str) -> tuple[str, str]:
        """The new pull request object, and what its ref pointed to before."""
        tag = _write_tag(repo, change.branch, head, change.title, change.body,
                         change.base_branch, State.OPEN)  # fmt: skip
        return tag, _ref(repo, _PULLS + change.branch) or ZERO


def _repositories(root: Path) -> Iterator[Path]:
    """The git repositories in a folder and below it; links are not followed, nor repositories
    within a work tree, which belong to that one.
    """
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        if (folder / ".git").is_dir() or _is_bare(folder):
            yield folder
            continue
        try:
            entries = list(folder.iterdir())
        except OSError:
            continue
        waiting += [e for e in entries if e.is_dir() and not e.is_symlink()]


def _is_bare(folder: Path) -> bool:
    return (folder / "HEAD").is_file() and (folder / "objects").is_dir()


def _default_branch(repo: git.Repo) -> str | None:
    """What the remote calls its default, where a clone says so; otherwise the branch of HEAD."""
    remote = Path(repo.git_dir) / "refs/remotes/origin/HEAD"
    prefix = "ref: refs/remotes/origin/"
    if remote.is_file():
        target = remote.read_text("utf-8", "replace").strip()
        name = target.removeprefix(prefix)
        if name != target and _ref(repo, f"refs/heads/{name}") is not None:
            return name
    if repo.head.is_detached:
        return None
    return str(repo.head.reference.path).removeprefix("refs/heads/")


def _ref(repo: git.Repo, name: str) -> str | None:
    """The object id that a ref holds; None when there is no such ref."""
    try:
        return str(git.SymbolicReference.dereference_recursive(repo, name))
    except ValueError:
        return None


def _walk(repo: git.Repo, root: bytes) -> Iterator[tuple[str, int, bytes]]:
    """Every entry of a tree but its folders: path, mode and id, in no particular order."""
    waiting = [("", root)]
    while waiting:
        prefix, oid = waiting.pop()
        for entry, mode, name in tree_entries_from_data(repo.odb.stream(oid).read()):
            if mode == _DIRECTORY:
                waiting.append((f"{prefix}{name}/", entry))
            else:
                yield prefix + name, mode, entry


def _read_file(repo: git.Repo, path: str, mode: int, oid: bytes) -> SourceFile | Unread:
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


def _is_ours(repo: git.Repo, head: str) -> bool:
    """Whether basebump made the branch's last commit: its branches never have more than that."""
    commit = repo.commit(head)
    return commit.committer.email == EMAIL and len(commit.parents) == 1


def _write_commit(repo: git.Repo, change: Change) -> str:
    base = repo.commit(change.base_commit)
    blobs = {
        file.path: (_store(repo, b"blob", file.after), int(file.mode, 8)) for file in change.files
    }
    tree = _write_tree(repo, base.tree.binsha, blobs)
    who = f"{AUTHOR} <{EMAIL}> {int(time.time())} +0000"
    lines = [f"tree {tree.hex()}", f"parent {base.hexsha}", f"author {who}", f"committer {who}"]
    text = "\n".join(lines) + f"\n\n{change.message}"
    return _store(repo, b"commit", text.encode("utf-8", "surrogateescape")).hex()


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
    return _store(repo, b"tree", data.getvalue())


def _write_tag(
    repo: git.Repo, branch: str, head: str, title: str, body: str, base: str, state: str
) -> str:
    who = f"tagger {AUTHOR} <{EMAIL}> {int(time.time())} +0000"
    message = f"{title}\n\n{body}\nBasebump-Base: {base}\nBasebump-State: {state}\n"
    text = f"object {head}\ntype commit\ntag {branch}\n{who}\n\n{message}"
    return _store(repo, b"tag", text.encode("utf-8", "surrogateescape")).hex()


def _store(repo: git.Repo, kind: bytes, data: bytes) -> bytes:
    return bytes(repo.odb.store(IStream(kind, len(data), BytesIO(data))).binsha)


def _records(repo: git.Repo, name: str) -> Iterator[PullRequest]:
    """The pull requests recorded in a repository, by branch."""
    base = _default_branch(repo)
    base_head = _ref(repo, f"refs/heads/{base}") if base else None
    for ref in sorted(repo.references, key=lambda ref: ref.path):
        if not ref.path.startswith(_PULLS):
            continue
        oid = _ref(repo, ref.path)
        if oid is not None:
            yield _request(repo, name, ref.path.removeprefix(_PULLS), oid, base_head)


def _request(
    repo: git.Repo, name: str, branch: str, oid: str, base_head: str | None
) -> PullRequest:
    data = repo.odb.stream(bytes.fromhex(oid)).read().decode("utf-8", "surrogateescape")
    header, _, message = data.partition("\n\n")
    title, _, body = message.partition("\n\n")
    trailer = _TRAILER.search(body)
    if trailer is None:
        raise ForgeError(f"{_PULLS}{branch} is not a pull request that basebump recorded")
    recorded = header.partition("\n")[0].removeprefix("object ")
    head = _ref(repo, f"refs/heads/{branch}")
    superseded = trailer["state"] == _SUPERSEDED
    state = State.OPEN
    if base_head and is_ancestor(repo.git_dir, recorded, base_head):
        state = State.MERGED
    elif head is None or trailer["state"] != State.OPEN:
        state = State.CLOSED
    return PullRequest(
        repository=name,
        branch=branch,
        base_branch=trailer["base"],
        title=title,
        body=body[: trailer.start()],
        state=state,
        head=head or recorded,
        ours=head is None or _is_ours(repo, head),
        url="",
        superseded=superseded,
    )


def _reason(error: Exception) -> str:
    if isinstance(error, BadObject | ODBError):
        return f"an object is missing or damaged ({error}); `git fsck` says more"
    if isinstance(error, ForgeError | OSError | GitError):
        return str(error)
    return f"{type(error).__name__}: {error}"
