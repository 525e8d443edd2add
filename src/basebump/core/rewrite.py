"""Edits: text replaced by position, and nothing else touched."""

from collections.abc import Iterable
from dataclasses import dataclass

from basebump.core.instruction import Traced


class StaleEditError(ValueError):
    """The text is not the one that the edit was made for."""


class ScatteredError(ValueError):
    """A part that must change as a whole does not stand together in the file."""


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Replace `old`, which stands at the character `start` of the decoded text, by `new`."""

    start: int
    old: str
    new: str

    @property
    def end(self) -> int:
        """The position after the replaced text."""
        return self.start + len(self.old)


def apply(text: str, edits: Iterable[Edit]) -> str:
    """Return `text` with every edit made; `apply(text, []) == text`.

    Raises StaleEditError when an edit does not find its old text or two edits overlap.
    """
    parts: list[str] = []
    end = len(text)
    for edit in sorted(set(edits), reverse=True):
        if edit.end > end:
            raise StaleEditError(f"two edits overlap at character {edit.start}")
        if edit.start < 0 or text[edit.start : edit.end] != edit.old:
            raise StaleEditError(f"character {edit.start}: expected {edit.old!r}")
        parts += [text[edit.end : end], edit.new]
        end = edit.start
    parts.append(text[:end])
    return "".join(reversed(parts))


def replace_parts(value: Traced, start: int, parts: Iterable[tuple[str, str]]) -> list[Edit]:
    """The edits that turn each (old, new) part, in turn from `value.text[start:]`, into its new.

    A part that stays may be spread over the file; one that changes must stand together in it.
    Neighbouring parts that stand together become one edit. Raises ScatteredError otherwise.
    """
    runs: list[Edit] = []
    for old, new in parts:
        origins = value.origins[start : start + len(old)]
        start += len(old)
        if old == new:
            for character, origin in zip(old, origins, strict=True):
                _extend(runs, Edit(origin, character, character))
            continue
        if not origins or origins != tuple(range(origins[0], origins[0] + len(old))):
            raise ScatteredError(f"{old!r} does not stand together in the file")
        _extend(runs, Edit(origins[0], old, new))
    return [run for run in runs if run.old != run.new]


def _extend(runs: list[Edit], piece: Edit) -> None:
    if runs and runs[-1].end == piece.start:
        piece = Edit(runs[-1].start, runs[-1].old + piece.old, runs[-1].new + piece.new)
        runs[-1] = piece
    else:
        runs.append(piece)
