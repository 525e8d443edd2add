"""The values of a fleet's failures: builds in, clusters out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from basebump.buildlog.causes import TABLE
from basebump.buildlog.signature import Signature
from basebump.buildlog.values import Diagnosis, Outcome


@dataclass(frozen=True, slots=True)
class Build:
    """One build of the fleet: whether it was green, and what is known about it.

    `attributes` are what the caller knows: runner, kernel, flavour, package manager, team, …
    """

    name: str
    ok: bool
    attributes: Mapping[str, str] = field(default_factory=dict)
    diagnosis: Diagnosis | None = None


def build_of(name: str, diagnosis: Diagnosis) -> Build:
    """Return the build that a log alone tells of: its attributes are the log's own facts.

    A fact with several values (mirrors, the images of several stages) divides nothing and is left
    out.
    """
    single = {fact: values[0] for fact, values in diagnosis.facts.items() if len(values) == 1}
    return Build(name, diagnosis.outcome is Outcome.OK, single, diagnosis)


class Strength(StrEnum):
    """How much the counts carry."""

    POINTS = "points-to"  # significant after correction, and no other explanation comes close
    SUGGESTS = "suggests"  # it separates, but there are too few builds, or two explanations
    NOTHING = "nothing"  # nothing known separates the failed from the green


@dataclass(frozen=True, slots=True)
class Shared:
    """Attributes that always go together, and how often they meet the failure.

    `failed` of `cluster` failed builds have them and `green` of `greens` green ones; `p` is
    Fisher's, corrected for all comparisons made.
    """

    attributes: tuple[tuple[str, str], ...]
    failed: int
    cluster: int
    green: int
    greens: int
    p: float

    @property
    def separates(self) -> bool:
        """Tell whether all of the failed and none of the green have the attributes."""
        return self.failed == self.cluster and self.green == 0


@dataclass(frozen=True, slots=True)
class Cluster:
    """Builds that failed in the same way, what they share, and a sentence that says so."""

    signature: Signature
    builds: tuple[str, ...]
    failed: int
    greens: int
    comparisons: int
    strength: Strength
    shared: tuple[Shared, ...]

    @property
    def title(self) -> str:
        """The failure's class as a noun phrase."""
        return next((row.title for row in TABLE if row.id == self.signature.cause), "an error")
