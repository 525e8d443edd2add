"""The bytes of files by their ids. GraphQL gives decoded text; the id says whether it is true."""

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from basebump.errors import ForgeError
from basebump.forge.github import queries
from basebump.forge.github.batches import Asker, Missing
from basebump.forge.github.client import Client
from basebump.forge.github.discover import Known

MAX_FILE = 1 << 20  # as the local forge: nobody writes a larger Dockerfile by hand
_BOM = b"\xef\xbb\xbf"


class TooLargeError(ForgeError):
    """The blob is no file that anybody would read."""


Wanted = tuple[Known, str]
"""A repository that has the blob, and the blob's id."""


def oid_of(content: bytes) -> str:
    """Git's name for these bytes."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


class BlobReader:
    """Reads blobs, each id once, whatever the number of repositories that have it."""

    def __init__(self, client: Client, batch: int) -> None:
        self._client, self._batch = client, batch
        self._asker = Asker(client, "Blobs", queries.BLOB, batch, _whole)

    def read(self, wanted: Sequence[Wanted]) -> Mapping[str, bytes | ForgeError]:
        """The content of every blob, or why it cannot be had; None of them is guessed."""
        homes = {oid: repo for repo, oid in reversed(wanted)}
        parts = list(_parts(homes, self._batch))
        questions = [queries.blobs(repo.owner, repo.name, oids) for repo, oids in parts]
        contents: dict[str, bytes | ForgeError] = {}
        for (repo, oids), reply in zip(parts, self._asker.ask(questions), strict=True):
            for at, oid in enumerate(oids):
                blob = None if isinstance(reply, Missing) else reply[f"b{at}"]
                contents[oid] = self._content(repo, oid, blob)
        return contents

    def _content(self, repo: Known, oid: str, blob: dict[str, Any] | None) -> bytes | ForgeError:
        if blob is not None:
            if blob["byteSize"] > MAX_FILE:
                return TooLargeError(f"it is larger than {MAX_FILE >> 20} MiB")
            for guess in _guesses(blob["text"]):
                if oid_of(guess) == oid:
                    return guess
        try:
            said = self._client.rest("GET", f"/repos/{repo.full_name}/git/blobs/{oid}")
        except ForgeError as error:
            return error
        if said["size"] > MAX_FILE:
            return TooLargeError(f"it is larger than {MAX_FILE >> 20} MiB")
        content = base64.b64decode(said["content"])
        return content if oid_of(content) == oid else ForgeError("GitHub gave another content")


def _guesses(text: str | None) -> Iterator[bytes]:
    """The bytes that a text may have been; the blob's id decides."""
    if text is not None:
        plain = text.encode("utf-8", "surrogatepass")
        yield plain
        yield _BOM + plain


def _parts(homes: Mapping[str, Known], size: int) -> Iterator[tuple[Known, list[str]]]:
    """The blobs of each repository, in parts that fit a batch."""
    by_repo: dict[str, tuple[Known, list[str]]] = {}
    for oid, repo in sorted(homes.items()):
        by_repo.setdefault(repo.id, (repo, []))[1].append(oid)
    for repo, oids in by_repo.values():
        for at in range(0, len(oids), size):
            yield repo, oids[at : at + size]


def _whole(reply: dict[str, Any]) -> bool:
    return all(blob is not None and "byteSize" in blob for blob in reply.values())
