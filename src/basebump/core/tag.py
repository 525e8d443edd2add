"""Tags: how they split, how they compare, and what keeps their shape.

A tag has no grammar of its own; publishers agree on `[v]RELEASE[_BUILD][PRE][-FLAVOUR]`, and
Java 8 counts its builds as `8u392-b08`. Only the numeric release ever meets
`packaging.version.Version`, and nothing is printed from one: `2024.01` would come back as `2024.1`.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import total_ordering
from typing import Self

from packaging.version import Version


class TagKind(StrEnum):
    """What the first part of a tag is, which decides whether it can be compared."""

    VERSION = "version"
    DATE = "date"
    BUILD_NUMBER = "build number"
    HASH = "hash"
    NAME = "name"


# What follows a release is its flavour (`-alpine`, `-dev`), unless it is a step before the release.
_PRE_WORDS = (
    "alpha", "beta", "preview", "pre", "rc", "snapshot", "ea", r"dev(?=\d)", r"[abm](?=\d)",
)  # fmt: skip
_PRE = rf"[-._]?(?:{'|'.join(_PRE_WORDS)})(?:[-._]?\d+)*(?![a-z0-9])"
_VERSION = re.compile(
    rf"(?P<prefix>v?)(?P<release>\d+(?:\.\d+)*)(?P<build>[_+]\d+(?:\.\d+)*|u\d+(?:-b\d+)?)?(?P<pre>{_PRE})?"
    r"(?:-(?P<flavour>.+))?",
    re.IGNORECASE | re.ASCII,
)
_DATE = re.compile(
    r"(?P<release>(\d{4})-?(\d{2})-?(\d{2})(?:[.T]\d+)*)(?:-(?P<flavour>.+))?", re.ASCII
)
_HASH = re.compile(r"(?:sha-|git-|g)?(?=[0-9a-f]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{7,64}", re.ASCII)
_SHA_PREFIXED = re.compile(r"(?:sha|git|commit)-[0-9a-f]{7,64}", re.ASCII)
_NAME = re.compile(r"(?P<release>[^-]+)(?:-(?P<flavour>.+))?")
_BUILD_NUMBER_DIGITS = (
    5  # `12345` counts builds; no publisher has a release 10000, but `2024` is one
)

_PRE_RANK = {
    "dev": -1, "snapshot": -1, "a": 0, "alpha": 0, "m": 0, "ea": 0, "b": 1, "beta": 1, "preview": 2,
}  # fmt: skip
_PRE_RANK_DEFAULT = 3  # rc and pre: the last step before the release


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag and its parts: `prefix + release + build + pre + ("-" + flavour)` is the tag again."""

    kind: TagKind
    prefix: str
    release: str
    build: str
    pre: str
    flavour: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Split `text` into its parts. Every tag has a kind; none is an error."""
        if (match := _DATE.fullmatch(text)) and _is_date(match[2], match[3], match[4]):
            return cls(TagKind.DATE, "", match["release"], "", "", match["flavour"] or "")
        if _SHA_PREFIXED.fullmatch(text) or _HASH.fullmatch(text):
            return cls(TagKind.HASH, "", text, "", "", "")
        if match := _VERSION.fullmatch(text):
            release, build, pre = match["release"], match["build"] or "", match["pre"] or ""
            bare_number = "." not in release and not build and len(release) >= _BUILD_NUMBER_DIGITS
            kind = TagKind.BUILD_NUMBER if bare_number else TagKind.VERSION
            return cls(kind, match["prefix"], release, build, pre, match["flavour"] or "")
        match = _NAME.fullmatch(text)
        if match is None:
            return cls(TagKind.NAME, "", text, "", "", "")
        return cls(TagKind.NAME, "", match["release"], "", "", match["flavour"] or "")

    def __str__(self) -> str:
        return self.core + (f"-{self.flavour}" if self.flavour else "")

    @property
    def core(self) -> str:
        """The tag without its flavour."""
        return f"{self.prefix}{self.release}{self.build}{self.pre}"

    @property
    def components(self) -> tuple[str, ...]:
        """The release's dotted parts as written: `("2024", "01")`."""
        return tuple(self.release.split("."))

    @property
    def precision(self) -> int:
        """How many parts the release has: 1 for `8`, 3 for `8.9.1`."""
        return len(self.components)

    @property
    def version(self) -> Version:
        """The numeric release, for comparing and never for printing."""
        return Version(self.release)

    @property
    def order(self) -> "TagOrder":
        """What versions of one image are compared by: release, pre-release, build."""
        return TagOrder(self.version, _pre_order(self.pre), _numbers(self.build))

    def covers(self, target: Self) -> bool:
        """Whether this tag is a moving form of `target`.

        `8` and `8.9` are of `8.9.3`, and `17.0.2` is of `17.0.2_8`.
        """
        shorter = (self.precision, bool(self.build)) < (target.precision, bool(target.build))
        return (
            self.kind is target.kind is TagKind.VERSION
            and not self.pre
            and not self.build
            and shorter
            and _numbers(self.release) == _numbers(target.release)[: self.precision]
        )

    def same_major(self, target: Self) -> bool:
        """Whether both releases begin with the same number."""
        return _numbers(self.release)[0] == _numbers(target.release)[0]


@total_ordering
@dataclass(frozen=True, slots=True)
class TagOrder:
    """The sort key of a version tag."""

    release: Version
    pre: tuple[int, int, int]
    build: tuple[int, ...]

    def __lt__(self, other: "TagOrder") -> bool:
        return (self.release, self.pre, self.build) < (other.release, other.pre, other.build)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text))


def _pre_order(pre: str) -> tuple[int, int, int]:
    """Sort a pre-release before its release: (0, rank, number), and (1, 0, 0) for a release."""
    if not pre:
        return (1, 0, 0)
    word = "".join(c for c in pre.lower() if c.isalpha())
    return (0, _PRE_RANK.get(word, _PRE_RANK_DEFAULT), next(iter(_numbers(pre)), 0))


def _is_date(year: str, month: str, day: str) -> bool:
    try:
        return date(int(year), int(month), int(day)).year >= 1990  # noqa: PLR2004 - before containers
    except ValueError:
        return False
