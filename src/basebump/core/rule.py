"""A rule of the configuration, and the decision that it comes to."""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from packaging.specifiers import SpecifierSet

from basebump.core.follow import Follow
from basebump.core.glob import translate
from basebump.core.reference import ImageReference, canonical_name, split_registry
from basebump.core.tag import Tag
from basebump.core.verdict import Verdict


class Floating(StrEnum):
    """What becomes of a tag that moves by itself."""

    LEAVE = "leave"
    PIN = "pin"


class Pin(StrEnum):
    """What becomes of digests: `tag@digest` stays one, every tag gets one, or none has one."""

    KEEP = "keep"
    ADD = "add"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of `images:`. `image` is a name or a glob; `to` is the tag to move to.

    With `follow`, the registry says where to in place of `to`, which is empty then.
    """

    image: str
    to: str = ""
    from_: SpecifierSet | None = None
    flavours: tuple[str, ...] | None = None
    floating: Floating = Floating.LEAVE
    downgrade: bool = False
    id: str = ""
    follow: Follow | None = None
    pin: Pin = Pin.KEEP
    target: Tag = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "target", Tag.parse(self.to))
        object.__setattr__(self, "id", self.id or self.image)

    @property
    def aim(self) -> str:
        """Where the rule moves to, in words: `8.9.3`, or `follow: patch`."""
        return f"follow: {self.follow}" if self.follow is not None else self.to

    @property
    def is_glob(self) -> bool:
        """Whether `image` may name several images."""
        return any(c in self.image for c in "*?[")

    def names(self, reference: ImageReference) -> bool:
        """Whether the rule is about this image, whatever its tag."""
        return bool(_image_pattern(self.image).fullmatch(reference.canonical_name))


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict with its sentence; `new` is the whole new reference where there is one.

    `applies` is False when the rule names the image and still does not speak about this tag: then
    the next rule may. `unchecked` says why no registry confirmed `new`; it is empty where one did.
    """

    verdict: Verdict
    reason: str
    new: ImageReference | None = None
    rule: Rule | None = None
    applies: bool = True
    unchecked: str = ""


def other_flavour(rule: Rule, flavour: str) -> Decision:
    """The decision on a tag of a flavour that the rule does not move."""
    wanted = ", ".join(f or "none" for f in rule.flavours or (rule.target.flavour,))
    reason = f"its flavour ({flavour or 'none'}) is not among the rule's ({wanted})"
    return Decision(Verdict.NOT_SELECTED, reason, applies=False)


@lru_cache(maxsize=1024)
def _image_pattern(image: str) -> re.Pattern[str]:
    """A rule's `image` as a pattern for canonical names; `*` alone means every image."""
    if image in ("*", "**"):
        return re.compile(".*")
    return re.compile(translate(canonical_name(*split_registry(image))))
