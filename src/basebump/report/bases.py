"""What the new base images change for those who build on them, for a person."""

from collections.abc import Iterable, Sequence

from rich.padding import Padding
from rich.text import Text

from basebump.core.bases import base_pairs
from basebump.core.changes import Changes
from basebump.core.inquiry import Inquiry
from basebump.core.plan import RepoPlan
from basebump.core.reference import familiar_name
from basebump.core.text import clean
from basebump.report.console import Part, cell, table

Base = tuple[str, str, str, Changes]
"""An image, its old tag or digest, its new tag, and what is different."""


def base_changes(plans: Iterable[RepoPlan], inquiry: Inquiry) -> list[Base]:
    """What each pair of images of these plans differs in, each pair once."""
    pairs = base_pairs(j for plan in plans for file in plan.files for j in file.references)
    found = ((*pair, inquiry.changes(*pair)) for pair in sorted(pairs))
    return [(i, old, new, changes) for i, old, new, changes in found if changes is not None]


def as_parts(bases: Sequence[Base]) -> list[Part]:
    """A paragraph for each pair; what is a risk comes first, with the reason below."""
    parts: list[Part] = []
    for image, old, new, changes in bases:
        title = f"What {familiar_name(image)} {old} → {new} changes:"
        parts.append(Text(clean(title), style="bold"))
        if not changes.rows:
            parts.append(Padding(Text("nothing that its description shows"), (0, 0, 0, 2)))
        else:
            made = table("", "BEFORE", "AFTER")
            for row in changes.rows:
                colour = "red" if row.risk else ""
                what = f"! {row.what}" if row.risk else row.what
                made.add_row(cell(what, colour), cell(row.old), cell(row.new))
            parts.append(Padding(made, (0, 0, 0, 2)))
        remarks = [*(f"risk: {risk}" for risk in changes.risks), changes.link or ""]
        parts += [Padding(Text(clean(r)), (0, 0, 0, 2)) for r in remarks if r]
        parts.append("")
    return parts
