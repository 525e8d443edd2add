"""Following: which tag of the registry a reference moves to when nobody names one.

A tag moves along its line: same prefix, same precision, same flavour, numbers going up. Dates,
hashes, build numbers and code names are no versions and stay where they are.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from packaging.specifiers import SpecifierSet

from basebump.core.flavour import Flavour
from basebump.core.lts import Line
from basebump.core.tag import Tag, TagKind

_TAG_PREFIX = "tag:"
_MOST_DATES = 20  # how many releases are dated, newest first, before `hold` gives up for this run
_MOST_DIGESTS = 50  # how many are compared with a moving tag's digest; a HEAD is free everywhere
_PATCH_PART = 2  # `patch` keeps this many numbers
# `10.0.20348.2227`: the third number is the release of Windows, which hosts must share.
_WINDOWS = re.compile(r"10\.0\.\d{5}(?!\d)", re.ASCII)

Dates = Callable[[str], datetime | None]
Digests = Callable[[str], str | None]


class Reach(StrEnum):
    """How far a followed tag may move."""

    PATCH = "patch"
    MINOR = "minor"
    MAJOR = "major"
    LATEST_LTS = "latest-lts"
    TAG = "tag"


@dataclass(frozen=True, slots=True)
class Follow:
    """What a rule says in place of `to:`.

    `tag` is the moving tag of `tag:latest`. A release younger than `hold` waits. `flavour` lets a
    flavour's own version move too (`-alpine3.18` to `-alpine3.19`).
    """

    reach: Reach
    tag: str = ""
    allow: SpecifierSet | None = None
    hold: timedelta | None = None
    prereleases: bool = False
    flavour: bool = False

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return what `follow: TEXT` says; raises ValueError for another word."""
        if text.startswith(_TAG_PREFIX) and len(text) > len(_TAG_PREFIX):
            return cls(Reach.TAG, text.removeprefix(_TAG_PREFIX))
        words = [reach.value for reach in Reach if reach is not Reach.TAG]
        if text not in words:
            raise ValueError(f"follow is one of {', '.join(words)} or tag:NAME, not {text!r}")
        return cls(Reach(text))

    def __str__(self) -> str:
        return f"{_TAG_PREFIX}{self.tag}" if self.reach is Reach.TAG else self.reach.value


@dataclass(frozen=True, slots=True)
class Pick:
    """The tag to move to, None to stay; the sentence why; and what could not be known."""

    tag: Tag | None
    reason: str
    unknown: str | None = None


def pick(
    current: Tag,
    tags: Iterable[str],
    follow: Follow,
    *,
    now: datetime,
    lts: Sequence[Line] = (),
    created: Dates = lambda _: None,
    digest: Digests = lambda _: None,
) -> Pick:
    """Return where `current` moves to among the registry's `tags`: never down, never off its line.

    `created` and `digest` are asked only where the rule needs them, newest release first.
    """
    if current.kind is not TagKind.VERSION:
        return Pick(None, f"{current} is a {current.kind}: only versions are followed")
    if follow.reach is Reach.LATEST_LTS and not lts:
        reason = "no LTS lines are known for this image; the configuration can name them"
        return Pick(None, reason, "LTS lines")
    every = line(current, tags, follow)
    if follow.reach is Reach.TAG:
        return _pick_by_digest(current, every, follow, now, created, digest)
    reached = [tag for tag in every if _reaches(current, tag, follow, now, lts)]
    newer = [tag for tag in reached if _order(tag) > _order(current)]
    if not newer:
        return Pick(None, _why_none(current, every, follow))
    return _held(current, newer, follow, now, created)


def line(current: Tag, tags: Iterable[str], follow: Follow) -> list[Tag]:
    """Return the tags of the line that `current` is in, newest first: what any reach picks from."""
    parsed = (Tag.parse(tag) for tag in dict.fromkeys(tags))
    mine = [tag for tag in parsed if _same_line(current, tag, follow)]
    return sorted(mine, key=lambda tag: (_order(tag), str(tag)), reverse=True)


def _same_line(current: Tag, tag: Tag, follow: Follow) -> bool:
    return (
        tag.kind is TagKind.VERSION
        and tag.prefix == current.prefix
        and _same_precision(current, tag)
        and _same_flavour(current, tag, follow)
        and _allowed(current, tag, follow)
    )


def _same_precision(current: Tag, tag: Tag) -> bool:
    """Compare precision; a counted build is exact, however long: `17_35`, `17.0.4.1_1`."""
    if current.build or tag.build:
        return bool(current.build) is bool(tag.build)
    return current.precision == tag.precision


def _same_flavour(current: Tag, tag: Tag, follow: Follow) -> bool:
    if tag.flavour == current.flavour:
        return True
    return follow.flavour and Flavour.parse(current.flavour).may_become(Flavour.parse(tag.flavour))


def _allowed(current: Tag, tag: Tag, follow: Follow) -> bool:
    """Apply `allow`, and offer a pre-release only on the way to the release someone tries out."""
    if follow.allow is not None and not follow.allow.contains(tag.version, prereleases=True):
        return False
    if not tag.pre or follow.prereleases:
        return True
    return bool(current.pre) and tag.version == current.version


def _reaches(current: Tag, tag: Tag, follow: Follow, now: datetime, lts: Sequence[Line]) -> bool:
    match follow.reach:
        case Reach.PATCH:
            kept = _PATCH_PART + bool(_WINDOWS.match(current.release))
            return _numbers(current, kept) == _numbers(tag, kept)
        case Reach.MINOR:
            return current.same_major(tag)
        case Reach.LATEST_LTS:
            return any(entry.supported(now.date()) and entry.has(tag) for entry in lts)
        case _:
            return True


def _numbers(tag: Tag, count: int) -> tuple[int, ...]:
    """Return the first numbers of a release, filled up with zeros."""
    return (*map(int, tag.components[:count]), *(0,) * (count - tag.precision))


def _order(tag: Tag) -> tuple[object, ...]:
    """Sort a line: by release first, then by the flavour's version and revision."""
    flavour = Flavour.parse(tag.flavour)
    return (tag.order, flavour.versions, flavour.revision)


def _why_none(current: Tag, every: Sequence[Tag], follow: Follow) -> str:
    beyond = next((tag for tag in every if _order(tag) > _order(current)), None)
    floor = 2 if follow.reach is Reach.PATCH else 1
    if follow.reach is Reach.PATCH and not current.build and current.precision <= floor:
        return f"{current} has no third number, and follow: patch moves nothing else"
    if not every:
        return f"the registry has nothing in the line of {current}"
    if beyond is not None:
        return f"follow: {follow} reaches nothing newer than {current} ({beyond} is beyond it)"
    return f"{current} is the newest of its line"


def _held(
    current: Tag, newer: Sequence[Tag], follow: Follow, now: datetime, created: Dates
) -> Pick:
    """Return the newest release that is old enough; one without a date does not wait for ever."""
    best = newer[0]
    reason = f"{best} is the newest that follow: {follow} reaches"
    if not follow.hold:
        return Pick(best, reason)
    for tag in newer[:_MOST_DATES]:
        date = created(str(tag))
        if date is None or date > now:
            return Pick(tag, reason, f"the age of {tag} is unknown, so it was not held back")
        if now - date >= follow.hold:
            if tag is best:
                return Pick(tag, f"{reason}, and {_age(now - date)} old")
            return Pick(tag, f"{tag} is the newest that is {_age(follow.hold)} old, unlike {best}")
    own = created(str(current))
    if own is not None and now - own < follow.hold:
        # Whoever rebuilds old tags in place would keep every release young for ever.
        return Pick(best, reason, f"the dates are those of rebuilds ({current} is as young)")
    return Pick(None, f"{best} is not yet {_age(follow.hold)} old")


def _age(age: timedelta) -> str:
    if age.days:
        return f"{age.days} day{'s' if age.days > 1 else ''}"
    hours = int(age.total_seconds() // 3600)
    return f"{hours} hour{'' if hours == 1 else 's'}"


def _pick_by_digest(  # noqa: PLR0917 - the same as pick's
    current: Tag,
    every: Sequence[Tag],
    follow: Follow,
    now: datetime,
    created: Dates,
    digest: Digests,
) -> Pick:
    """Return the release that a moving tag stands for: the one with the same digest."""
    wanted = digest(follow.tag)
    if wanted is None:
        return Pick(None, f"nobody knows what {follow.tag} points at", f"digest of {follow.tag}")
    for tag in every[:_MOST_DIGESTS]:
        # `latest` has no flavour: 21.6.2-alpine follows it by way of 21.6.2.
        if wanted in {digest(name) for name in (tag.core, str(tag))}:
            if _order(tag) > _order(current):
                found = _held(current, [tag], follow, now, created)
                reason = f"{tag} is what {follow.tag} points at"
                return found if found.tag is None else Pick(found.tag, reason, found.unknown)
            if _order(tag) == _order(current):
                return Pick(None, f"{current} is what {follow.tag} points at")
            return Pick(None, f"{current} is newer than {tag}, which {follow.tag} points at")
    return Pick(None, f"no release of the line of {current} is what {follow.tag} points at")
