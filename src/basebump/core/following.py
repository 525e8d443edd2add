"""Following with a registry at hand: each question is worked out once for the whole fleet."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from basebump.core.facts import Facts, ImageDescription, Missing, Unknown
from basebump.core.follow import Follow, Pick, pick
from basebump.core.lts import lts_lines
from basebump.core.tag import Tag


class Following:
    """What followed references move to on the day `now`, by the registry's `facts`.

    `lts` replaces the table of LTS lines for some images (see `lts_lines`).
    """

    def __init__(
        self,
        facts: Facts,
        now: datetime,
        lts: Mapping[str, str | Sequence[str]] | None = None,
    ) -> None:
        self._facts = facts
        self._now = now
        self._lts = lts
        self._picks: dict[tuple[str, str, Follow], Pick] = {}

    def pick(self, image: str, tag: str, follow: Follow) -> Pick:
        """Return where `tag` of the image of this canonical name moves to."""
        key = (image, tag, follow)
        if key not in self._picks:
            self._picks[key] = self._work_out(image, tag, follow)
        return self._picks[key]

    def _work_out(self, image: str, tag: str, follow: Follow) -> Pick:
        tags = self._facts.tags(image)
        if isinstance(tags, Missing | Unknown):
            return Pick(None, tags.reason, tags.reason)
        return pick(
            Tag.parse(tag),
            tags,
            follow,
            now=self._now,
            lts=lts_lines(image, self._lts),
            created=lambda name: self._created(image, name),
            digest=lambda name: self._facts.digest(image, name),
        )

    def _created(self, image: str, tag: str) -> datetime | None:
        answer = self._facts.description(image, tag)
        return answer.created if isinstance(answer, ImageDescription) else None
