"""What the dialects report while a log goes by: failures, passes, and what the steps print."""

from __future__ import annotations

from dataclasses import dataclass, replace

from basebump.buildlog.facts import Environment, Ledger
from basebump.buildlog.values import Line, Location, Step

_MOST_FAILURES, _MOST_STEPS = 100, 2000


@dataclass(frozen=True, slots=True)
class Failure:
    """A step that failed: what the builder called it, the lines that say why, and where."""

    step: Step
    evidence: tuple[Line, ...]
    tail: tuple[Line, ...]
    location: Location | None = None


class Journal:
    """The failures and the facts of a log. A failure goes when the same step passes: a retry."""

    def __init__(self) -> None:
        self.environment = Environment()
        self.ledger = Ledger()
        self.steps: set[str] = set()
        self._failures: dict[Step, Failure] = {}

    def began(self, step: Step) -> None:
        """Note that a step started."""
        if len(self.steps) < _MOST_STEPS:
            self.steps.add(step.text)

    def passed(self, step: Step) -> None:
        """Note that a step ran to its end."""
        if self._failures:
            self._failures.pop(step, None)

    def failed(self, failure: Failure) -> None:
        """Note that a build ended at a step."""
        if len(self._failures) < _MOST_FAILURES:
            self._failures.setdefault(replace(failure.step, exit_code=None), failure)

    def said(self, step: Step | None, text: str) -> None:
        """Note a line that a step printed."""
        self.environment.read(text)
        self.ledger.read(step, text)

    @property
    def failure(self) -> Failure | None:
        """The first failure that stands."""
        return next(iter(self._failures.values()), None)
