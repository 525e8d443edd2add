"""A folder of git repositories as a forge.

Everything is read from git's objects, never from a work tree, and written as objects and refs, so
that work tree, index and HEAD stay as they are. A pull request is an annotated tag object under a
ref of ours: title and body are its message, and it travels with the repository.
"""

import os
import stat
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import git
from git.exc import GitError
from gitdb.exc import ODBError

from basebump.core.campaign import Change
from basebump.core.glob import NOTHING, Globs
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
from basebump.forge.local.objects import (
    default_branch,
    is_ours,
    open_repository,
    read_file,
    ref_of,
    tree_of,
    walk,
    write_commit,
)
from basebump.forge.local.plumbing import ZERO, GitCommandError, update_refs
from basebump.forge.local.records import PULLS, SUPERSEDED, Record, records, write_record

# What a hook or `git rebase --exec` leaves in the environment is about one repository, and
# GitPython would believe it of every other one.
_ABOUT_ONE = ("GIT_DIR", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_WORK_TREE")
_LINKED = "a linked work tree: its repository is where the branches are"


class LocalForge:
    """Every git repository below `root`, bare or with a work tree, by its path below it."""

    def __init__(
        self, root: Path, include: Globs, exclude: Globs, files: Globs, extra: Globs = NOTHING
    ) -> None:
        for name in _ABOUT_ONE:
            os.environ.pop(name, None)
        if not root.is_dir():
            raise UsageError(f"{root}: no such folder; forge.root (or --local) must be one")
        self._root = root
        self._include, self._exclude = include, exclude
        self._files, self._extra = files, extra
        self._paths: dict[str, Path] = {}
        self._no_repository: dict[str, str] = {}

    def repos(self) -> list[Repo]:
        """Every repository below the root, by name. Raises UsageError if there is none."""
        self._paths, self._no_repository = {}, {}
        for path, problem in sorted(_repositories(self._root)):
            name = path.relative_to(self._root).as_posix()
            name = self._root.resolve().name if name == "." else name
            short = name.removesuffix(".git")
            name = name if short in self._paths else short
            self._paths[name] = path
            if problem:
                self._no_repository[name] = problem
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
            requests = list(records(repo, change.repository))
            head = ref_of(repo, f"refs/heads/{change.branch}")
            branch = Branch(head, ours=is_ours(repo, head)) if head else None
            own = next((r for r in requests if r.branch == change.branch), None)
            older = tuple(
                request
                for request in requests
                if request.state is State.OPEN
                and request.marker is not None
                and request.marker.image == change.marker.image
                and request.branch != change.branch
            )
            rollback = next(
                (
                    request
                    for request in requests
                    if request.state is not State.CLOSED
                    and request.marker is not None
                    and request.marker.undoes == change.branch
                ),
                None,
            )
            return Found(change, branch, own, older, rollback)

    def publish(self, found: Found, step: Step) -> PullRequest:
        """Write the commit, the branch and the pull request, the refs in one transaction."""
        del step  # opening, finishing and updating are one and the same transaction here
        change = found.change
        with _as_forge_error(), self._open(change.repository) as repo:
            self._check_writable(repo, change)
            head = write_commit(repo, change)
            base = f"refs/heads/{change.base_branch}"
            pull, pull_before = self._record(repo, change, head)
            branch = f"refs/heads/{change.branch}"
            try:
                update_refs(
                    repo.git_dir,
                    {
                        branch: (found.branch.head if found.branch else ZERO, head),
                        PULLS + change.branch: (pull_before, pull),
                    },
                    verify={base: change.base_commit},
                )
            except GitCommandError as error:
                if ref_of(repo, base) != change.base_commit or error.lost_race:
                    raise MovedError from error
                raise
            for request in records(repo, change.repository):
                if request.branch == change.branch:
                    return request
            raise MovedError  # somebody has taken it away already

    def supersede(self, older: PullRequest, by: PullRequest) -> None:
        """Mark the older pull request as superseded and delete its branch in one transaction."""
        self._end(older, f"Superseded by {by.branch}.", SUPERSEDED)

    def close(self, request: PullRequest, comment: str) -> None:
        """Record that it is closed, and delete its branch where it is ours, in one transaction."""
        self._end(request, comment, State.CLOSED)

    def _end(self, request: PullRequest, remark: str, state: str) -> None:
        with _as_forge_error(), self._open(request.repository) as repo:
            if request.ours and _is_checked_out(repo, request.branch):
                raise ForgeError(f"{request.branch} is checked out; check out another branch first")
            name, branch = PULLS + request.branch, f"refs/heads/{request.branch}"
            before = ref_of(repo, name)
            if before is None or request.head is None:
                return
            body = f"{request.body.rstrip()}\n\n{remark}\n"
            record = Record(
                request.branch, request.head, request.title, body, request.base_branch, state
            )
            moves = {name: (before, write_record(repo, record))}
            if request.ours:
                moves[branch] = (request.head, ZERO)
            update_refs(repo.git_dir, moves)

    def pull_requests(self) -> Iterator[PullRequest | Unavailable]:
        """Every pull request that is recorded in a repository of the folder."""
        for entry in self.repos():
            if entry.passed_over:
                continue
            try:
                with self._open(entry.name) as repo:
                    yield from records(repo, entry.name)
            except Exception as error:  # noqa: BLE001 - one broken repository is one line
                yield Unavailable(entry.name, _reason(error))

    def _passed_over(self, name: str) -> str | None:
        if name in self._no_repository:
            return self._no_repository[name]
        if name in self._exclude:
            return "excluded by repositories.exclude"
        return None if name in self._include else "not in repositories.include"

    def _open(self, name: str) -> git.Repo:
        if name not in self._paths:
            self.repos()
        if name not in self._paths:
            raise ForgeError(f"{self._root}: no repository called {name!r}")
        return open_repository(self._paths[name])

    def _read(self, name: str) -> Snapshot | Unavailable:
        with self._open(name) as repo:
            branch = default_branch(repo)
            if branch is None:
                reason = "HEAD is detached, so the default branch is not known"
                return Unavailable(name, reason, skipped=True)
            commit = ref_of(repo, f"refs/heads/{branch}")
            if commit is None:
                return Unavailable(name, f"empty: no commit on {branch}", skipped=True)
            files: list[SourceFile] = []
            unread: list[Unread] = []
            extra: list[SourceFile] = []
            paths: set[str] = set()
            for path, mode, oid in walk(repo, tree_of(repo, commit)):
                if stat.S_ISREG(mode):
                    paths.add(path)
                wanted = path in self._files and not path.lower().endswith(".dockerignore")
                if not wanted and path not in self._extra:
                    continue
                answer = read_file(repo, path, mode, oid)
                if not wanted:
                    extra += [answer] if isinstance(answer, SourceFile) else []
                elif isinstance(answer, Unread):
                    unread.append(answer)
                else:
                    files.append(answer)
            return Snapshot(
                name,
                branch,
                commit,
                tuple(files),
                tuple(unread),
                tuple(extra),
                frozenset(paths),
            )

    @staticmethod
    def _check_writable(repo: git.Repo, change: Change) -> None:
        if _is_checked_out(repo, change.branch):
            raise ForgeError(f"{change.branch} is checked out; check out another branch first")
        parts = change.branch.split("/")
        for end in range(1, len(parts)):
            above = "/".join(parts[:end])
            if ref_of(repo, f"refs/heads/{above}") is not None:
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
        record = Record(
            change.branch, head, change.title, change.body, change.base_branch, State.OPEN
        )
        return write_record(repo, record), ref_of(repo, PULLS + change.branch) or ZERO


def _repositories(root: Path) -> Iterator[tuple[Path, str]]:
    """The git repositories in a folder and below it, each with why it cannot be one, or "".

    Links are not followed, nor are repositories within a work tree: they belong to that one.
    """
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        if (folder / ".git").exists() or _is_bare(folder):
            yield folder, _LINKED if _is_linked(folder / ".git") else ""
            continue
        try:
            entries = list(folder.iterdir())
        except OSError as error:
            yield folder, f"the folder cannot be listed: {error.strerror}"
            continue
        waiting += [e for e in entries if e.is_dir() and not e.is_symlink()]


def _is_linked(file: Path) -> bool:
    """Whether `.git` is the file of a work tree that `git worktree add` made."""
    if not file.is_file():
        return False
    target = os.fsdecode(file.read_bytes()).removeprefix("gitdir:").strip()
    return (file.parent / target / "commondir").is_file()


def _is_checked_out(repo: git.Repo, branch: str) -> bool:
    """Whether a work tree of the repository, a linked one included, stands on the branch."""
    common = Path(repo.common_dir)
    heads = [common / "HEAD", *common.glob("worktrees/*/HEAD")]
    return any(h.read_bytes().strip() == f"ref: refs/heads/{branch}".encode() for h in heads)


def _is_bare(folder: Path) -> bool:
    return (folder / "HEAD").is_file() and (folder / "objects").is_dir()


@contextmanager
def _as_forge_error() -> Iterator[None]:
    """Whatever goes wrong in a repository is that repository's failure, not the run's."""
    try:
        yield
    except (GitCommandError, GitError, ODBError, OSError, ValueError, zlib.error) as error:
        raise ForgeError(_reason(error)) from error


def _reason(error: Exception) -> str:
    if isinstance(error, ODBError | zlib.error):
        return f"an object is missing or damaged ({error}); `git fsck` says more"
    if isinstance(error, OSError):
        return ": ".join(filter(None, (error.strerror or str(error), error.filename)))
    if isinstance(error, ForgeError | GitCommandError | GitError):
        return str(error)
    return f"{type(error).__name__}: {error}"
