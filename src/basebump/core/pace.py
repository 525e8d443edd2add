"""How fast a campaign goes out: the words of `rollout:`."""

from dataclasses import dataclass, field
from enum import StrEnum

from basebump.core.waves import Waves
from basebump.core.window import Window


class Gate(StrEnum):
    """What the pull requests of a wave must have reached before the next wave begins."""

    CHECKS = "checks"
    MERGED = "merged"
    NONE = "none"


class Unchecked(StrEnum):
    """What a pull request counts as that no check ever runs on."""

    GREEN = "green"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast the forge is written to, and how a campaign goes out.

    `per_hour` counts requests that make something, `max_open` pull requests of a campaign that are
    open at once, `max_failures` those whose checks fail before the campaign halts. Two fields are
    the command line's: `new` is how many one run may open, None for no limit, and `resume` takes
    the failures there are as decided by a person.
    """

    per_hour: int = 400
    max_open: int = 50
    waves: Waves = field(default_factory=Waves)
    gate: Gate = Gate.CHECKS
    max_failures: int = 1
    no_checks: Unchecked = Unchecked.GREEN
    window: Window | None = None
    new: int | None = None
    resume: bool = False
