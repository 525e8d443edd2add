"""What is kept between two runs: documents under their digest, and answers with their age.

It makes a run faster, never different: a document is checked against its digest when it is read,
an answer says how old it is, and the folder may be deleted at any time.
"""

import hashlib
import json
import math
import os
import re
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

_DIGEST = re.compile(r"(?P<algorithm>sha256|sha384|sha512):(?P<hex>[0-9a-f]+)", re.ASCII)
_LENGTHS = {"sha256": 64, "sha384": 96, "sha512": 128}


def is_digest(text: str) -> bool:
    """Whether `text` is a digest that can be checked (OCI image-spec, descriptor.md)."""
    match = _DIGEST.fullmatch(text)
    return match is not None and len(match["hex"]) == _LENGTHS[match["algorithm"]]


def has_digest(body: bytes, digest: str) -> bool:
    """Whether `body` is what `digest` names."""
    algorithm, _, expected = digest.partition(":")
    return is_digest(digest) and hashlib.new(algorithm, body).hexdigest() == expected


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer from an earlier run: its values, ETag, and when it was last true (Unix time)."""

    values: list[str]
    etag: str | None
    seen: float

    @property
    def age(self) -> float:
        """Seconds since the answer was last known to be true; endless where a clock went back."""
        age = time.time() - self.seen
        return age if age >= 0 else math.inf


class Cache:
    """A folder, or nothing at all where `folder` is None."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def document(self, digest: str) -> bytes | None:
        """Return the document of this digest; one that was damaged meanwhile counts as absent."""
        if self._folder is None:
            return None
        try:
            body = self._document_path(self._folder, digest).read_bytes()
        except OSError:
            return None
        return body if has_digest(body, digest) else None

    def keep_document(self, digest: str, body: bytes) -> None:
        """Keep a document whose digest was checked."""
        if self._folder is not None:
            _write(self._document_path(self._folder, digest), body)

    def answer(self, key: str) -> Kept | None:
        """Return the answer that was last kept under `key`."""
        if self._folder is None:
            return None
        try:
            stored = json.loads(self._answer_path(self._folder, key).read_bytes())
            if stored["key"] != key:
                return None
            etag = stored["etag"]
            values = [str(value) for value in stored["values"]]
            return Kept(values, etag and str(etag), float(stored["seen"]))
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None

    def keep_answer(self, key: str, values: list[str], etag: str | None = None) -> None:
        """Keep an answer that is true now."""
        if self._folder is not None:
            stored = {"key": key, **asdict(Kept(values, etag, time.time()))}
            _write(self._answer_path(self._folder, key), json.dumps(stored).encode())

    @staticmethod
    def _document_path(folder: Path, digest: str) -> Path:
        algorithm, _, encoded = digest.partition(":")
        return folder / "documents" / algorithm / encoded

    @staticmethod
    def _answer_path(folder: Path, key: str) -> Path:
        return folder / "answers" / f"{hashlib.sha256(key.encode()).hexdigest()}.json"


def _write(path: Path, body: bytes) -> None:
    """Write at once or not at all; a cache that cannot be written is only slow."""
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(body)
            Path(temporary).replace(path)
        except OSError:
            Path(temporary).unlink(missing_ok=True)
            raise
