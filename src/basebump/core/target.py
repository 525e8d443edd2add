"""Targets that exist: a new tag is held to the registry before anything is changed to it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from basebump.core.facts import Facts, Missing, Unknown, normal_platform
from basebump.core.tag import Tag, TagKind


class Standing(StrEnum):
    """What the registry says of a target; two of the words are verdicts."""

    FOUND = "found"
    NO_SUCH_TARGET = "no-such-target"
    PLATFORM_LOST = "platform-lost"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Target:
    """A target as the registry has it: `digest` is the index's own, None unless it was found.

    `unknown` is what could not be compared of one that was found, and why; else it is empty.
    """

    standing: Standing
    reason: str
    digest: str | None = None
    unknown: str = ""


def check_target(
    facts: Facts, image: str, old: str | None, new: str, platforms: Iterable[str] = ()
) -> Target:
    """Hold the tag `new` of `image` to the registry.

    It has to exist, and to offer the platforms that `old` (a tag or a digest) offers and those in
    `platforms` (of `--platform` flags). What a vanished `old` offered is not known and not asked.
    """
    found = facts.manifest(image, new)
    if isinstance(found, Unknown):
        return Target(Standing.UNKNOWN, found.reason)
    if isinstance(found, Missing):
        return Target(Standing.NO_SUCH_TARGET, _no_such(facts, image, new, found.reason))
    before = facts.manifest(image, old) if old is not None else None
    had: frozenset[str] = frozenset()
    if before is not None and not isinstance(before, Missing | Unknown):
        had = before.platforms
    asked = {name for name in map(normal_platform, platforms) if name is not None}
    # An artifact or an image that names no platform gives nothing to compare.
    lost = sorted((had | asked) - found.platforms) if found.platforms else []
    if lost:
        return Target(Standing.PLATFORM_LOST, f"{new} is not there for {', '.join(lost)}")
    unknown = f"the platforms of {old}: {before.reason}" if isinstance(before, Unknown) else ""
    return Target(Standing.FOUND, f"the registry has {new}", found.digest, unknown)


def nearest(tag: str, tags: Iterable[str]) -> str | None:
    """Return the tag that comes closest to one that does not exist.

    The same flavour is closest: the newest release below, else the oldest above; after that the
    same release in another flavour.
    """
    wanted = Tag.parse(tag)
    if wanted.kind is not TagKind.VERSION:
        return None
    versions = [t for t in map(Tag.parse, tags) if t.kind is TagKind.VERSION and not t.pre]
    mine = sorted(
        (t for t in versions if (t.flavour, t.prefix) == (wanted.flavour, wanted.prefix)),
        key=lambda t: (t.order, t.precision),
    )
    exact = [t for t in mine if t.precision == wanted.precision] or mine
    below = [t for t in exact if t.order < wanted.order]
    above = [t for t in exact if t.order > wanted.order]
    same = sorted((str(t) for t in versions if t.core == wanted.core), key=lambda t: (len(t), t))
    closest = [*map(str, below[-1:]), *map(str, above[:1]), *same]
    return closest[0] if closest else None


def _no_such(facts: Facts, image: str, new: str, reason: str) -> str:
    tags = facts.tags(image)
    close = None if isinstance(tags, Missing | Unknown) else nearest(new, tags)
    return f"{reason}; the nearest is {close}" if close else reason
