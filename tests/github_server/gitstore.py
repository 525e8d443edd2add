"""One repository's git side: objects and refs in memory, a real bare repository when asked.

A fleet of ten thousand repositories must exist within seconds, so nothing is written until somebody
wants git itself: `GitStore.materialise` writes the bare repository, and from then on every change
is written through. A store may also stand on an existing repository, which is only read.
"""

import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import gitdb
from gitdb.exc import BadObject

from tests.github_server import bare
from tests.github_server.objects import (
    TREE_MODE,
    ZERO,
    Commit,
    Entry,
    GitObject,
    commit_of,
    entries,
    make_tree,
    tag_target,
)

Change = tuple[str, str] | None
"""What becomes of a path: (mode, oid), or nothing when it is deleted."""

EMPTY_TREE = GitObject.make("tree", b"")
SHORTEST_OID = 4
_interned: dict[str, GitObject] = {}


class Stale(Exception):  # noqa: N818 - the answer to a comparison
    """A ref is not where the caller believed it to be; `actual` says where it is."""

    def __init__(self, ref: str, actual: str | None) -> None:
        super().__init__(ref)
        self.ref, self.actual = ref, actual


class GitStore:
    """Objects and refs. Every method that changes a ref holds the lock."""

    def __init__(self, path: Path, *, head: str = "main", source: Path | None = None) -> None:
        self.path, self.head, self.source = path, head, source
        self.lock = threading.RLock()
        self.refs: dict[str, str] = {}
        self._objects: dict[str, GitObject] = {EMPTY_TREE.oid: EMPTY_TREE}
        self._database = gitdb.GitDB(str(source / "objects")) if source else None
        self._written = False
        if source:
            self.head, self.refs = bare.read_refs(source)

    # objects

    def get(self, oid: str) -> GitObject | None:
        """Give an object of this repository, or nothing."""
        found = self._objects.get(oid)
        if found is None and self._database is not None:
            with self.lock:
                try:
                    stream = self._database.stream(bytes.fromhex(oid))
                except (BadObject, ValueError):
                    return None
                found = self.put(GitObject(stream.type.decode(), stream.read(), oid))
        return found

    def need(self, oid: str) -> GitObject:
        """Give an object that must be there; raises KeyError."""
        found = self.get(oid)
        if found is None:
            raise KeyError(oid)
        return found

    def put(self, made: GitObject) -> GitObject:
        """Keep an object; equal ones of many repositories share their memory."""
        kept = self._objects[made.oid] = _interned.setdefault(made.oid, made)
        if self._written:
            bare.write_object(self.path, kept)
        return kept

    def blob(self, data: bytes) -> str:
        """Keep a blob and give its oid."""
        return self.put(GitObject.make("blob", data)).oid

    def commit(self, oid: str) -> Commit:
        """Read a commit."""
        return commit_of(self.need(oid))

    def find(self, prefix: str) -> str | None:
        """Give the full oid of a full or shortened one."""
        if len(prefix) == len(ZERO):
            return prefix if self.get(prefix) else None
        if len(prefix) < SHORTEST_OID:
            return None
        found = [oid for oid in list(self._objects) if oid.startswith(prefix)]
        return found[0] if len(found) == 1 else None

    # names

    def head_oid(self) -> str | None:
        """Give the commit of the default branch, nothing in an empty repository."""
        return self.refs.get(f"refs/heads/{self.head}")

    def resolve(self, expression: str) -> str | None:
        """Resolve `ref`, `oid` or either with `:path`, as GitHub's `object(expression:)` does."""
        name, colon, path = expression.partition(":")
        oid = self._resolve_name(name)
        if oid is None or not colon:
            return oid
        entry = self.entry_at(self.tree_of(oid), path)
        return entry.oid if entry else None

    def _resolve_name(self, name: str) -> str | None:
        if name in {"", "HEAD"}:
            return self.head_oid()
        for spelled in (name, f"refs/{name}", f"refs/tags/{name}", f"refs/heads/{name}"):
            if spelled in self.refs:
                return self.refs[spelled]
        return self.find(name)

    def peel(self, oid: str) -> str:
        """Follow annotated tags to what they name."""
        found = self.need(oid)
        return self.peel(tag_target(found)) if found.kind == "tag" else oid

    def tree_of(self, oid: str) -> str:
        """Give the tree of a commit, tag or tree."""
        peeled = self.need(self.peel(oid))
        return commit_of(peeled).tree if peeled.kind == "commit" else peeled.oid

    # trees

    def entry_at(self, tree: str, path: str) -> Entry | None:
        """Find a path below a tree; the empty path is the tree itself."""
        entry = Entry(TREE_MODE, "", tree)
        for part in (part for part in path.split("/") if part):
            folder = self.get(entry.oid) if entry.mode == TREE_MODE else None
            below = {line.name: line for line in entries(folder)} if folder else {}
            if part not in below:
                return None
            entry = below[part]
        return entry

    def walk(self, tree: str, prefix: str = "") -> Iterator[tuple[str, Entry]]:
        """Give every entry below a tree with its whole path, folders before their content."""
        for entry in entries(self.need(tree)):
            yield prefix + entry.name, entry
            if entry.mode == TREE_MODE:
                yield from self.walk(entry.oid, f"{prefix}{entry.name}/")

    def leaves(self, tree: str) -> dict[str, Entry]:
        """Give every file, link and submodule below a tree."""
        return {path: entry for path, entry in self.walk(tree) if entry.mode != TREE_MODE}

    def changed(self, before: str, after: str, prefix: str = "") -> dict[str, Change]:
        """Give the paths that differ between two trees, with what they are after."""
        if before == after:
            return {}
        olds = {entry.name: entry for entry in entries(self.need(before))}
        news = {entry.name: entry for entry in entries(self.need(after))}
        found: dict[str, Change] = {}
        for name in olds.keys() | news.keys():
            old, new = olds.get(name), news.get(name)
            if old == new:
                continue
            below = f"{prefix}{name}/"
            old_tree = old.oid if old and old.mode == TREE_MODE else None
            new_tree = new.oid if new and new.mode == TREE_MODE else None
            if old and not old_tree:
                found[prefix + name] = None
            if old_tree or new_tree:
                empty = EMPTY_TREE.oid
                found |= self.changed(old_tree or empty, new_tree or empty, below)
            if new and not new_tree:
                found[prefix + name] = (new.mode, new.oid)
        return found

    def write_tree(self, base: str, changes: Mapping[str, Change]) -> str:
        """Write a tree: the base with the changes; a folder that becomes empty disappears."""
        lines = {entry.name: entry for entry in entries(self.need(base))}
        folders: dict[str, dict[str, Change]] = {}
        for path, change in changes.items():
            name, slash, rest = path.partition("/")
            if slash:
                folders.setdefault(name, {})[rest] = change
            elif change is None:
                lines.pop(name, None)
            else:
                lines[name] = Entry(change[0], name, change[1])
        for name, below in folders.items():
            old = lines.get(name)
            start = old.oid if old and old.mode == TREE_MODE else EMPTY_TREE.oid
            tree = self.write_tree(start, below)
            lines.pop(name, None)
            if tree != EMPTY_TREE.oid:
                lines[name] = Entry(TREE_MODE, name, tree)
        return self.put(make_tree(lines.values())).oid

    # history

    def ancestors(self, *tips: str) -> dict[str, None]:
        """Give the commits reachable from the tips, newest first, each once."""
        return dict.fromkeys(self._log(tips))

    def _log(self, tips: Iterable[str]) -> Iterator[str]:
        seen: set[str] = set()
        queue = deque(tips)
        while queue:
            oid = queue.popleft()
            if oid not in seen:
                seen.add(oid)
                yield oid
                queue.extend(self.commit(oid).parents)

    def between(self, base: str, head: str) -> list[str]:
        """Give `base..head`, oldest first."""
        known = self.ancestors(base)
        return [oid for oid in reversed(list(self.ancestors(head))) if oid not in known]

    def contains(self, tip: str, oid: str) -> bool:
        """Say whether a commit is the tip or one of its ancestors."""
        return any(oid == known for known in self._log([tip]))

    def merge_base(self, ours: str, theirs: str) -> str | None:
        """Give the nearest commit that both have."""
        known = self.ancestors(ours)
        return next((oid for oid in self.ancestors(theirs) if oid in known), None)

    # refs

    def move(self, ref: str, after: str, *, before: str | None = None) -> None:
        """Set, make or delete (`after` all zeros) a ref.

        With `before`, only when the ref is there now (all zeros: is absent now); raises Stale.
        """
        with self.lock:
            actual = self.refs.get(ref)
            if before is not None and before != (actual or ZERO):
                raise Stale(ref, actual)
            if after == ZERO:
                self.refs.pop(ref, None)
            else:
                self.refs[ref] = after
            if self._written:
                bare.write_refs(self.path, self.head, self.refs)

    # the real repository

    def materialise(self) -> Path:
        """Write the bare repository that `git` reads, if it is not there yet; give its path."""
        with self.lock:
            if not self._written:
                self._written = True
                bare.lay_out(self.path, self.source)
                for found in list(self._objects.values()):
                    bare.write_object(self.path, found)
                bare.write_refs(self.path, self.head, self.refs)
        return self.path


def files_to_changes(
    store: GitStore, files: Mapping[str, bytes | tuple[str, bytes] | None]
) -> dict[str, Change]:
    """Keep contents as blobs. A mode of `160000` takes the submodule's oid as its content."""
    changes: dict[str, Change] = {}
    for path, content in files.items():
        if content is None:
            changes[path] = None
            continue
        mode, data = content if isinstance(content, tuple) else ("100644", content)
        changes[path] = (mode, data.decode() if mode == "160000" else store.blob(data))
    return changes
