"""Every path of many repositories at once: folders by their ids, breadth first, in batches.

Depth is unlimited: a query brings three levels, and the folders below are asked for in the next
one. A repository with very many folders, and one that is too heavy for GraphQL, is listed by REST's
recursive tree instead, folder by folder where GitHub truncates that.
"""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from basebump.errors import ForgeError
from basebump.forge.github import queries
from basebump.forge.github.batches import Asker, Missing, Question
from basebump.forge.github.client import Client
from basebump.forge.github.discover import Known

FOLDER, LINK, SUBMODULE = 0o040000, 0o120000, 0o160000
_MANY = 60  # folders that one repository may still have after a round; beyond it REST is cheaper

_Waiting = list[tuple[str, str]]
"""Folders to be listed: the path with its slash, and the tree's id."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file, link or submodule that matches the patterns."""

    path: str
    mode: int
    oid: str


@dataclass(frozen=True, slots=True)
class Listing:
    """A repository's entries that match, by path, and the path of every regular file."""

    entries: tuple[Entry, ...]
    paths: frozenset[str]


@dataclass(slots=True)
class _Walk:
    """How far one repository has been walked."""

    repo: Known
    waiting: _Waiting
    found: list[Entry] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    failed: ForgeError | None = None

    def listing(self) -> Listing | ForgeError:
        """What came of it."""
        entries = tuple(sorted(self.found, key=lambda entry: entry.path))
        return self.failed or Listing(entries, frozenset(self.paths))


class Walker:
    """Lists the files of repositories that match the patterns."""

    def __init__(self, client: Client, files: Container[str], batch: int) -> None:
        self._client, self._files, self._batch = client, files, batch
        self._asker = Asker(client, "Trees", queries.TREE, batch, _whole)

    def walk(self, repos: Sequence[Known]) -> list[Listing | ForgeError]:
        """What is in each repository, or why that is not to be had."""
        walks = [_Walk(repo, [("", repo.tree or "")]) for repo in repos]
        while under_way := [walk for walk in walks if walk.waiting and walk.failed is None]:
            self._round(under_way)
        return [walk.listing() for walk in walks]

    def _round(self, walks: Sequence[_Walk]) -> None:
        parts = [
            (walk, walk.waiting[at : at + self._batch])
            for walk in walks
            for at in range(0, len(walk.waiting), self._batch)
        ]
        replies = self._asker.ask([_question(walk.repo, part) for walk, part in parts])
        for walk in walks:
            walk.waiting = []
        for (walk, part), reply in zip(parts, replies, strict=True):
            if isinstance(reply, Missing):
                self._by_rest(walk, part)
            else:
                for at, (prefix, _) in enumerate(part):
                    self._take(walk, prefix, reply[f"t{at}"]["entries"])
        for walk in walks:
            if len(walk.waiting) > _MANY:
                part, walk.waiting = walk.waiting, []
                if walk.repo.tree is not None and len(part) > _MANY:
                    walk.found, walk.paths = [], []
                    self._by_rest(walk, [("", walk.repo.tree)])

    def _take(self, walk: _Walk, prefix: str, entries: Sequence[dict[str, Any]]) -> None:
        for entry in entries:
            path, mode = prefix + entry["name"], int(entry["mode"])
            if mode != FOLDER:
                self._keep(walk, Entry(path, mode, entry["oid"]))
                continue
            below = (entry.get("object") or {}).get("entries")
            if below is None:
                walk.waiting.append((f"{path}/", entry["oid"]))
            else:
                self._take(walk, f"{path}/", below)

    def _keep(self, walk: _Walk, entry: Entry) -> None:
        if entry.path in self._files:
            walk.found.append(entry)
        if entry.mode not in (LINK, SUBMODULE):
            walk.paths.append(entry.path)

    def _by_rest(self, walk: _Walk, folders: _Waiting) -> None:
        try:
            for prefix, oid in folders:
                for entry in self._listed(walk.repo, prefix, oid):
                    self._keep(walk, entry)
        except ForgeError as error:
            walk.failed = ForgeError(f"its files cannot be listed: {error}")

    def _listed(self, repo: Known, prefix: str, oid: str) -> Iterator[Entry]:
        path = f"/repos/{repo.full_name}/git/trees/{oid}"
        said = self._client.rest("GET", f"{path}?recursive=1")
        if not said["truncated"]:
            for entry in said["tree"]:
                if entry["type"] != "tree":
                    yield Entry(prefix + entry["path"], int(entry["mode"], 8), entry["sha"])
            return
        flat = self._client.rest("GET", path)
        if flat["truncated"]:
            raise ForgeError(f"GitHub does not list the folder /{prefix} whole: it is too large")
        for entry in flat["tree"]:
            name = prefix + entry["path"]
            if entry["type"] == "tree":
                yield from self._listed(repo, f"{name}/", entry["sha"])
            else:
                yield Entry(name, int(entry["mode"], 8), entry["sha"])


def _question(repo: Known, part: _Waiting) -> Question:
    return queries.trees(repo.owner, repo.name, [oid for _, oid in part])


def _whole(reply: dict[str, Any]) -> bool:
    return all(tree is not None and "entries" in tree for tree in reply.values())
