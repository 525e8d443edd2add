"""In which waves a plan would go out."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from rich.padding import Padding
from rich.text import Text

from basebump.core.campaign import Change
from basebump.core.text import clean
from basebump.core.waves import Waves, most_telling_first
from basebump.report.console import Part
from basebump.report.text import count

_NAMES_SHOWN = 8


def waves_of(changes: Sequence[Change], waves: Waves) -> dict[str, list[list[str]]]:
    """The repositories of each wave, by campaign, as a first run would take them."""
    by_branch: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        by_branch[change.branch].append(change)
    planned: dict[str, list[list[str]]] = {}
    for branch, group in by_branch.items():
        names = [change.repository for change in most_telling_first(group)]
        ends = [0, *waves.ends(len(names))]
        planned[branch] = [names[a:b] for a, b in pairwise(ends)]
    return planned


def as_document(changes: Sequence[Change], waves: Waves) -> list[dict[str, Any]]:
    """The `waves` key of the JSON document of a plan."""
    return [
        {"branch": branch, "waves": planned} for branch, planned in waves_of(changes, waves).items()
    ]


def as_parts(changes: Sequence[Change], waves: Waves) -> list[Part]:
    """A paragraph a campaign, a line a wave; nothing where all goes out at once."""
    if not waves.staged:
        return []
    parts: list[Part] = []
    for branch, planned in waves_of(changes, waves).items():
        parts.append(Text(f"Waves of {branch}:", style="bold"))
        for number, names in enumerate(planned, start=1):
            more = len(names) - _NAMES_SHOWN
            shown = ", ".join(map(clean, names[:_NAMES_SHOWN]))
            rest = f" and {more} more" if more > 0 else ""
            line = f"{number}: {count(len(names), 'pull request')}: {shown}{rest}"
            parts.append(Padding(Text(line), (0, 0, 0, 2)))
        parts.append("")
    return parts
