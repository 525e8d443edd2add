"""From repositories to snapshots: what the cache has, then trees, then texts, many at once."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from basebump.core.glob import Globs
from basebump.core.snapshot import Snapshot, SourceFile, Unread
from basebump.errors import ForgeError
from basebump.forge import Unavailable
from basebump.forge.github.blobs import BlobReader, TooLargeError
from basebump.forge.github.cache import Files, TreeCache
from basebump.forge.github.client import Client
from basebump.forge.github.discover import Known
from basebump.forge.github.walk import LINK, SUBMODULE, Entry, Listing, Walker

_LFS = b"version https://git-lfs.github.com/spec/"


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is asked for at once; no size changes an answer."""

    group: int = 100  # repositories that are walked together
    trees: int = 100  # folders in a request
    blobs: int = 100  # files in a request
    found: int = 50  # changes in a request
    threads: int = 6


class Wanted:
    """Which paths are read: Dockerfiles, and `extra` ones that something else asks for."""

    def __init__(self, files: Sequence[str], extra: Sequence[str] = ()) -> None:
        self.patterns = (*files, "", *extra)
        self._files, self._extra = Globs(files), Globs(extra)

    def __contains__(self, path: object) -> bool:
        return isinstance(path, str) and (self.is_dockerfile(path) or path in self._extra)

    def is_dockerfile(self, path: str) -> bool:
        """Whether it is one of the files that a plan is about."""
        return path in self._files and not path.lower().endswith(".dockerignore")


Answer = Snapshot | Unavailable


class Reader:
    """Reads repositories whose head is known."""

    def __init__(
        self, client: Client, wanted: "Wanted", sizes: Sizes, cache: TreeCache | None = None
    ) -> None:
        self._wanted = wanted
        self._walker = Walker(client, wanted, sizes.trees)
        self._blobs = BlobReader(client, sizes.blobs)
        self._sizes, self._cache = sizes, cache

    def read(self, named: Sequence[tuple[str, Known]]) -> Iterator[Answer]:
        """One answer for each repository under its name, in the order given."""
        size = self._sizes.group
        groups = [named[at : at + size] for at in range(0, len(named), size)]
        if len(groups) == 1:
            yield from self._group(groups[0])
            return
        ahead = self._sizes.threads
        with ThreadPoolExecutor(ahead) as pool:
            try:
                waiting: list[Future[list[Answer]]] = []
                for group in groups:
                    waiting.append(pool.submit(self._group, group))
                    if len(waiting) > ahead:
                        yield from waiting.pop(0).result()
                for each in waiting:
                    yield from each.result()
            finally:
                pool.shutdown(wait=False, cancel_futures=True)

    def _group(self, named: Sequence[tuple[str, Known]]) -> list[Answer]:
        answers: dict[str, Answer] = {}
        fresh: list[tuple[str, Known]] = []
        for name, repo in named:
            kept = self._cache.load(repo.tree) if self._cache and repo.tree else None
            if kept is None:
                fresh.append((name, repo))
            else:
                answers[name] = _snapshot(name, repo, kept)
        listed = self._walker.walk([repo for _, repo in fresh])
        contents = self._blobs.read(
            [
                (repo, entry.oid)
                for (_, repo), listing in zip(fresh, listed, strict=True)
                if not isinstance(listing, ForgeError)
                for entry in listing.entries
                if entry.mode != SUBMODULE
            ]
        )
        for (name, repo), listing in zip(fresh, listed, strict=True):
            if isinstance(listing, ForgeError):
                answers[name] = Unavailable(name, str(listing))
                continue
            try:
                files = _files(listing, contents, self._wanted)
            except ForgeError as error:
                answers[name] = Unavailable(name, str(error))
                continue
            if self._cache and repo.tree:
                self._cache.store(repo.tree, files)
            answers[name] = _snapshot(name, repo, files)
        return [answers[name] for name, _ in named]


def _snapshot(name: str, repo: Known, files: Files) -> Snapshot:
    return Snapshot(
        name,
        repo.branch or "",
        repo.commit or "",
        files.dockerfiles,
        files.unread,
        files.extra,
        files.paths,
    )


def _files(listing: Listing, contents: Mapping[str, bytes | ForgeError], wanted: Wanted) -> Files:
    """What is in the repository. Raises ForgeError when it cannot be read as a whole."""
    files: list[SourceFile] = []
    extra: list[SourceFile] = []
    unread: list[Unread] = []
    for entry in listing.entries:
        if not wanted.is_dockerfile(entry.path):
            content = contents.get(entry.oid)
            if isinstance(content, bytes) and entry.mode != LINK:
                extra.append(SourceFile(entry.path, f"{entry.mode:06o}", content))
        elif entry.mode == SUBMODULE:
            unread.append(Unread(entry.path, "it is a submodule: another repository's files"))
        else:
            answer = _file(entry, contents[entry.oid])
            if isinstance(answer, ForgeError):
                raise ForgeError(f"{entry.path}: cannot be read: {answer}")
            files += [answer] if isinstance(answer, SourceFile) else []
            unread += [answer] if isinstance(answer, Unread) else []
    return Files(tuple(files), tuple(unread), tuple(extra), listing.paths)


def _file(entry: Entry, content: bytes | ForgeError) -> SourceFile | Unread | ForgeError:
    if isinstance(content, TooLargeError):
        return Unread(entry.path, str(content))
    if isinstance(content, ForgeError):
        return content
    reason = _unfit(entry, content)
    if reason:
        return Unread(entry.path, reason)
    return SourceFile(entry.path, f"{entry.mode:06o}", content)


def _unfit(entry: Entry, content: bytes) -> str:
    """Why this is no file that can be changed; "" when it is one."""
    if entry.mode == LINK:
        return f"it is a symbolic link to {content.decode('utf-8', 'replace')}"
    if content.startswith(_LFS):
        return "it is a Git LFS pointer: the file itself is not in git"
    if "\ufffd" in entry.path:
        return "its path is not UTF-8, which GitHub's interface cannot name"
    return ""
