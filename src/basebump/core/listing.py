"""What a registry has in an image's line, and which rule would pick which tag of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from basebump.core.facts import Facts, Missing, Unknown
from basebump.core.follow import Follow, Pick, Reach, line
from basebump.core.following import Following
from basebump.core.reference import ImageReference
from basebump.core.tag import Tag, TagKind

REACHES: Mapping[str, Follow] = {
    str(follow): follow
    for follow in map(Follow, (Reach.PATCH, Reach.MINOR, Reach.MAJOR, Reach.LATEST_LTS))
}


@dataclass(frozen=True, slots=True)
class Listed:
    """One tag of the line, and the names of the rules that would pick it."""

    tag: str
    picked_by: tuple[str, ...] = ()
    current: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """The line, newest first; what each rule says; and how many tags the image has in all."""

    line: tuple[Listed, ...]
    picks: Mapping[str, Pick]
    total: int


def list_tags(
    facts: Facts,
    reference: ImageReference,
    following: Following,
    rules: Mapping[str, Follow] = REACHES,
) -> Listing | Missing | Unknown:
    """Return the line of the reference's tag, or every version of the image where it has none."""
    image = reference.canonical_name
    tags = facts.tags(image)
    if isinstance(tags, Missing | Unknown):
        return tags
    if reference.tag is None:
        versions = [tag for tag in map(Tag.parse, tags) if tag.kind is TagKind.VERSION]
        versions.sort(key=lambda tag: (tag.order, str(tag)), reverse=True)
        return Listing(tuple(Listed(str(tag)) for tag in versions), {}, len(tags))
    picks = {name: following.pick(image, reference.tag, rule) for name, rule in rules.items()}
    picked: dict[str, list[str]] = {}
    for name, pick in picks.items():
        picked.setdefault(str(pick.tag or ""), []).append(name)
    wide = Follow(Reach.MAJOR, prereleases=True, flavour=any(r.flavour for r in rules.values()))
    listed = tuple(
        Listed(str(tag), tuple(picked.get(str(tag), ())), str(tag) == reference.tag)
        for tag in line(Tag.parse(reference.tag), tags, wide)
    )
    return Listing(listed, picks, len(tags))
