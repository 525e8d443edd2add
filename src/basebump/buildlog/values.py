"""The values that a build log becomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from basebump.core.instruction import INSTRUCTIONS


class Outcome(StrEnum):
    """How a build log ends."""

    OK = "ok"  # a build ran to its end
    FAILED = "failed"  # the builder says that it failed
    UNFINISHED = "unfinished"  # the log stops inside a step: cut off, killed, still running
    NO_BUILD = "no-build"  # no builder's words were recognised


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction of a Dockerfile: what `diagnose` needs to know of it.

    `start` and `end` are 1-based lines of the file; `text` is everything after the name, with or
    without its continuation lines joined.
    """

    name: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Location:
    """Lines of a Dockerfile, 1-based and inclusive, and what says so: log, number or text."""

    start: int
    end: int
    by: str
    file: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a build as its builder names it. What the builder does not say is None.

    `number` and `total` count as the builder counts: the classic builder over the whole file,
    BuildKit and buildah within a stage, kaniko not at all. `stage` is a stage's name, or its
    index as a string.
    """

    dialect: str
    text: str
    number: int | None = None
    total: int | None = None
    stage: str | None = None
    platform: str | None = None
    exit_code: int | None = None

    @property
    def instruction(self) -> str:
        """The instruction's name in upper case, or an empty string for a builder's own step."""
        word = self.text.partition(" ")[0].upper()
        return word if word in INSTRUCTIONS else ""


@dataclass(frozen=True, slots=True)
class Cause:
    """A row of the table of causes: how it reads in a log, what it means and what helps.

    `patterns` are searched in this order, each over all lines of the failed step; `exits` are
    exit codes that are evidence enough when no line is. `link` is where the fact is documented.
    """

    id: str
    title: str
    patterns: tuple[str, ...]
    meaning: str
    remedy: str
    link: str
    exits: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the log: its 1-based number and its text without prefixes and colours."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Packages:
    """What a package manager did in one step.

    `planned` are the names it announced, `versions` what it fetched or set up (name → version,
    empty when the log does not say), `counts` its own figures, such as `newly installed`.
    """

    planned: frozenset[str] = frozenset()
    versions: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    counts: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def names(self) -> frozenset[str]:
        """Every package that the step named."""
        return self.planned | self.versions.keys()

    def __bool__(self) -> bool:
        """Tell whether the log says anything about packages."""
        return bool(self.planned or self.versions or self.counts)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What one build log says.

    `step`, `location`, `cause` and `root` are None where the log gives no ground for them; a
    failed build whose words are not in the table has the cause `unknown`. `facts` maps a fact of
    the environment (`kernel`, `mirror`, …) to its values in the order they appeared; `packages`
    maps a step's text to what its package manager did; `steps` are the texts of all steps.
    """

    outcome: Outcome
    step: Step | None = None
    location: Location | None = None
    cause: Cause | None = None
    root: Line | None = None
    tail: tuple[Line, ...] = ()
    facts: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    packages: Mapping[str, Packages] = field(default_factory=lambda: MappingProxyType({}))
    steps: frozenset[str] = frozenset()
    lines: int = 0
