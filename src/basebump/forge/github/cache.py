"""What a repository's tree held when it was last read. It may be deleted at any time.

An entry is named by the tree's id and the patterns, and a tree's id says what is in it, so an entry
can be absent but never out of date. One that is damaged counts as absent.
"""

import base64
import hashlib
import json
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from basebump.core.snapshot import SourceFile, Unread

_FORMAT = "2"
Files = tuple[tuple[SourceFile, ...], tuple[Unread, ...], tuple[SourceFile, ...]]
"""Dockerfiles, those that cannot be read, and the other files that were asked for."""


class TreeCache:
    """Files by the id of their tree, below a folder."""

    def __init__(self, folder: Path, patterns: Iterable[str]) -> None:
        kind = hashlib.sha256("\0".join([_FORMAT, *patterns]).encode()).hexdigest()[:12]
        self._folder = folder / f"trees-{kind}"

    def load(self, tree: str) -> Files | None:
        """What was kept for a tree; None when there is nothing, or nothing whole."""
        try:
            checksum, _, text = self._path(tree).read_text("utf-8").partition("\n")
            if checksum != _checksum(text):
                return None
            kept = json.loads(text)
            files, extra = (
                tuple(SourceFile(p, mode, base64.b64decode(c)) for p, mode, c in kept[key])
                for key in ("files", "extra")
            )
            return files, tuple(Unread(p, why) for p, why in kept["unread"]), extra
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def store(self, tree: str, files: Files) -> None:
        """Keep what a tree held; a full disk is no reason to fail."""
        kept = {
            "files": _packed(files[0]),
            "extra": _packed(files[2]),
            "unread": [[each.path, each.reason] for each in files[1]],
        }
        text = json.dumps(kept)
        path = self._path(tree)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, part = tempfile.mkstemp(dir=path.parent)
            with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
                stream.write(f"{_checksum(text)}\n{text}")
            Path(part).replace(path)
        except OSError:
            return

    def _path(self, tree: str) -> Path:
        return self._folder / tree[:2] / tree


def _packed(files: Iterable[SourceFile]) -> list[list[str]]:
    return [[f.path, f.mode, base64.b64encode(f.content).decode()] for f in files]


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
