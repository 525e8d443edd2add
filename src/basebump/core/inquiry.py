"""What a plan asks about images: each question is answered once for the whole fleet, and kept.

What was answered can be written down with a plan and given back later, so that the same plan comes
out again whatever the registry has by then.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from basebump.core.changes import Changes, compare
from basebump.core.facts import Facts, ImageDescription, Missing, NoFacts, Unknown
from basebump.core.follow import Follow, Pick
from basebump.core.following import Following
from basebump.core.tag import Tag
from basebump.core.target import Target, check_target

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Answers:
    """What was asked and answered; images are canonical names, a rule's `follow` its `words_of`.

    `picks`: (image, tag, follow); `targets`: (image, old, new, platforms); `moves`: (image, tag);
    `changes`: (image, old, new).
    """

    picks: dict[tuple[str, str, str], Pick] = field(default_factory=dict)
    targets: dict[tuple[str, str | None, str, tuple[str, ...]], Target] = field(
        default_factory=dict
    )
    moves: dict[tuple[str, str], bool] = field(default_factory=dict)
    changes: dict[tuple[str, str, str], Changes | None] = field(default_factory=dict)


class Inquiry:
    """The questions of a plan, by the registry's `facts` and on the day `now`.

    Without a day nothing can be followed. `lts` replaces the table of LTS lines for some images
    (see `lts_lines`). What `answers` holds already is not asked again.
    """

    def __init__(
        self,
        facts: Facts,
        now: datetime | None = None,
        lts: Mapping[str, str | Sequence[str]] | None = None,
        answers: Answers | None = None,
    ) -> None:
        self.answers = answers or Answers()
        self._facts = facts
        self._following = Following(facts, now, lts) if now is not None else None

    @classmethod
    def of(cls, facts: "Facts | Inquiry") -> "Inquiry":
        """The inquiry itself, or one into these facts."""
        return facts if isinstance(facts, Inquiry) else cls(facts)

    @property
    def asks(self) -> bool:
        """Whether there is anybody to be asked."""
        return not isinstance(self._facts, NoFacts)

    def pick(self, image: str, tag: str, follow: Follow) -> Pick:
        """Where `tag` of the image moves to."""

        def work_out() -> Pick:
            if self._following is None:
                return Pick(None, "nothing is known of this day", "the day")
            return self._following.pick(image, tag, follow)

        return _once(self.answers.picks, (image, tag, words_of(follow)), work_out)

    def target(self, image: str, old: str | None, new: str, platforms: Iterable[str]) -> Target:
        """How `new` stands in the registry, beside `old` (a tag or a digest)."""
        asked = tuple(sorted(platforms))
        return _once(
            self.answers.targets,
            (image, old, new, asked),
            lambda: check_target(self._facts, image, old, new, asked),
        )

    def moves(self, image: str, tag: str) -> bool:
        """Whether the registry has a more exact release that `tag` stands for."""

        def look() -> bool:
            tags = self._facts.tags(image)
            current = Tag.parse(tag)
            return not isinstance(tags, Missing | Unknown) and any(
                current.covers(other) and other.flavour == current.flavour
                for other in map(Tag.parse, tags)
            )

        return _once(self.answers.moves, (image, tag), look)

    def changes(self, image: str, old: str, new: str) -> Changes | None:
        """What `new` changes against `old` for whoever builds on it; None when nobody knows."""

        def look() -> Changes | None:
            before, after = (self._facts.description(image, which) for which in (old, new))
            if isinstance(before, ImageDescription) and isinstance(after, ImageDescription):
                return compare(before, after)
            return None

        return _once(self.answers.changes, (image, old, new), look)


def words_of(follow: Follow) -> str:
    """Everything that a rule says about following, as one text."""
    extras = {"allow": follow.allow, "hold": follow.hold}
    words = [str(follow), *(f"{key} {value}" for key, value in extras.items() if value is not None)]
    words += ["prereleases"] if follow.prereleases else []
    words += ["flavour"] if follow.flavour else []
    return ", ".join(words)


def _once(known: dict[K, V], key: K, work_out: Callable[[], V]) -> V:
    if key not in known:
        known[key] = work_out()
    return known[key]
