"""Flavours that have a version of their own: `alpine3.18`, `slim-ubi8`, `debian-11-r15`."""

import re
from dataclasses import dataclass
from typing import Self

# `arm64v8` has digits and no version.
_ARCHITECTURE = (
    r"(?:amd64|arm64(?:v8)?|arm32v[567]|armv[67]|armhf|i386|i686|x86(?:[-_]64)?|x64|aarch64|ppc64le"
    r"|s390x|riscv64|mips64le|loong64|win64)"
)
_HASH = r"(?=[0-9a-f]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{7,}"
_REVISION = re.compile(r"(?P<before>-r|\A)(?P<revision>\d{1,4})\Z", re.ASCII)
_TOKEN = re.compile(
    rf"(?P<word>(?<![a-z0-9])(?:{_ARCHITECTURE}|{_HASH})(?![a-z0-9]))|(?P<version>\d+(?:\.\d+)*)",
    re.ASCII,
)
_LONGEST_VERSION_PART = 4  # five digits or more count builds, days or articles (`KB5034441`)


@dataclass(frozen=True, slots=True)
class Flavour:
    """A flavour's fixed words (`alpine#`), the versions in it, and the publisher's revision.

    A revision (`-r15`, or a flavour that is a mere number) starts again with every release.

    Code names, architectures, dates, hashes and knowledge-base numbers are fixed words.
    """

    shape: str
    versions: tuple[tuple[int, ...], ...]
    revision: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the parts of a flavour; every text has them."""
        revision = 0
        if match := _REVISION.search(text):
            revision = int(match["revision"])
            text = text[: match.end("before")] + "#"
        versions: list[tuple[int, ...]] = []

        def mark(token: re.Match[str]) -> str:
            written = token["version"]
            if written is None or any(len(p) > _LONGEST_VERSION_PART for p in written.split(".")):
                return token[0]
            versions.append(tuple(map(int, written.split("."))))
            return "#"

        shape = _TOKEN.sub(mark, text)
        return cls(shape, tuple(versions), revision)

    def may_become(self, other: Self) -> bool:
        """Return whether `other` is this flavour at the same versions or at newer ones."""
        return self.shape == other.shape and all(
            new >= old for old, new in zip(self.versions, other.versions, strict=True)
        )
