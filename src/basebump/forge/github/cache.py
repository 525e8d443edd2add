"""What a repository's tree held when it was last read. It may be deleted at any time.

An entry is named by the tree's id and the patterns, and a tree's id says what is in it, so an entry
can be absent but never out of date. One that is damaged counts as absent.
"""

import base64
import hashlib
import json
import os
import tempfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from basebump.core.snapshot import SourceFile, Unread

_FORMAT = "3"


@dataclass(frozen=True, slots=True)
class Files:
    """What a tree holds: Dockerfiles, those that cannot be read, others that were asked for.

    `paths` is the path of every regular file.
    """

    dockerfiles: tuple[SourceFile, ...] = ()
    unread: tuple[Unread, ...] = ()
    extra: tuple[SourceFile, ...] = ()
    paths: frozenset[str] = frozenset()


class TreeCache:
    """Files by the id of their tree, below a folder."""

    def __init__(self, folder: Path, patterns: Iterable[str]) -> None:
        kind = hashlib.sha256("\0".join([_FORMAT, *patterns]).encode()).hexdigest()[:12]
        self._folder = folder / f"trees-{kind}"

    def load(self, tree: str) -> Files | None:
        """What was kept for a tree; None when there is nothing, or nothing whole."""
        try:
            checksum, _, packed = self._path(tree).read_bytes().partition(b"\n")
            if checksum != _checksum(packed):
                return None
            kept = json.loads(zlib.decompress(packed))
            files, extra = (
                tuple(SourceFile(p, mode, base64.b64decode(c)) for p, mode, c in kept[key])
                for key in ("files", "extra")
            )
            unread = tuple(Unread(p, why) for p, why in kept["unread"])
            return Files(files, unread, extra, frozenset(kept["paths"]))
        except (OSError, ValueError, KeyError, TypeError, zlib.error):
            return None

    def store(self, tree: str, files: Files) -> None:
        """Keep what a tree held; a full disk is no reason to fail."""
        kept = {
            "files": _packed(files.dockerfiles),
            "extra": _packed(files.extra),
            "unread": [[each.path, each.reason] for each in files.unread],
            "paths": sorted(files.paths),
        }
        packed = zlib.compress(json.dumps(kept).encode())
        path = self._path(tree)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, part = tempfile.mkstemp(dir=path.parent)
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(_checksum(packed) + b"\n" + packed)
            Path(part).replace(path)
        except OSError:
            return

    def _path(self, tree: str) -> Path:
        return self._folder / tree[:2] / tree


def _packed(files: Iterable[SourceFile]) -> list[list[str]]:
    return [[f.path, f.mode, base64.b64encode(f.content).decode()] for f in files]


def _checksum(packed: bytes) -> bytes:
    return hashlib.sha256(packed).hexdigest().encode()
