"""Three-way merge of two commits, path by path; `git merge-file` where both touched one file."""

import subprocess
import tempfile
from pathlib import Path

from tests.github_server.gitstore import EMPTY_TREE, Change, GitStore


def merged_tree(store: GitStore, base: str, head: str) -> str | None:
    """Give the tree of both commits together, or nothing when they conflict."""
    ancestor = store.merge_base(base, head)
    start = store.tree_of(ancestor) if ancestor else EMPTY_TREE.oid
    ours = store.changed(start, store.tree_of(base))
    theirs = store.changed(start, store.tree_of(head))
    changes: dict[str, Change] = {}
    for path, change in theirs.items():
        if path not in ours or ours[path] == change:
            changes[path] = change
            continue
        both = _merge_file(store, start, path, ours[path], change)
        if both is None:
            return None
        changes[path] = both
    if _file_against_folder(set(ours), set(theirs)):
        return None
    return store.write_tree(store.tree_of(base), changes)


def _file_against_folder(ours: set[str], theirs: set[str]) -> bool:
    return any(
        one != other and one.startswith(f"{other}/")
        for left, right in ((ours, theirs), (theirs, ours))
        for one in left
        for other in right
    )


def _merge_file(store: GitStore, start: str, path: str, ours: Change, theirs: Change) -> Change:
    old = store.entry_at(start, path)
    if ours is None or theirs is None or old is None or ours[0] != theirs[0]:
        return None
    with tempfile.TemporaryDirectory() as folder:
        names = [Path(folder, name) for name in ("ours", "old", "theirs")]
        for name, oid in zip(names, (ours[1], old.oid, theirs[1]), strict=True):
            name.write_bytes(store.need(oid).data)
        command = ["git", "merge-file", "-p", *map(str, names)]
        done = subprocess.run(command, capture_output=True, check=False)
    return (ours[0], store.blob(done.stdout)) if done.returncode == 0 else None
