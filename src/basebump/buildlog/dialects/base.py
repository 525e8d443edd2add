"""What every dialect has in common: a build is a sequence of steps, and the last word counts."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import ClassVar

from basebump.buildlog.journal import Failure, Journal
from basebump.buildlog.steplog import StepLog
from basebump.buildlog.values import INSTRUCTIONS, Line, Location, Step

INSTRUCTION = rf"(?:{'|'.join(sorted(INSTRUCTIONS))})(?= |$)"
_EXIT_STATUS = re.compile(r"exit (?:code|status):? (\d{1,3})\b")
_PARSE_ERROR = re.compile(
    r"(?:parse error (?:on )?line |dockerfile line |Dockerfile:|syntax error - line |\bline )(\d{1,6})\b",
    re.IGNORECASE,
)
_MOST_CLOSING = 60


class Dialect:
    """A builder that runs one step after another and prints its last word when one fails.

    `marks` matches the start of the lines that only this builder writes; all others are output of
    the step that runs. An error is provisional: a step that starts afterwards takes it back,
    unless that step is the first of another build.
    """

    name: ClassVar[str]
    marks: ClassVar[re.Pattern[str]]

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.seen = False
        self.done = False
        self.current: StepLog | None = None
        self.unfinished: StepLog | None = None
        self.closing: list[Line] = []

    def mark(self, number: int, line: str) -> bool:
        """Take in a line that `marks` matched; False when it is not this builder's after all."""
        raise NotImplementedError

    def output(self, number: int, line: str) -> None:
        """Take in a line that no builder marked."""
        self.journal.said(self.current.step if self.current else None, line)
        if self.closing:
            if len(self.closing) < _MOST_CLOSING:
                self.closing.append(Line(number, line))
        elif self.current and not self.done:
            self.current.add(number, line)

    def start(self, step: Step, *, first: bool) -> None:
        """Begin a step, the first of a build or the next one: then the one before it passed."""
        if first:
            self.end()
        elif self.current:
            self.journal.passed(self.current.step)
        self.seen, self.done, self.closing = True, False, []
        self.current = StepLog(step)

    def fail(self, number: int, line: str) -> None:
        """Note the builder's word that the build failed."""
        self.seen, self.done = True, False
        self.closing.append(Line(number, line))

    def finish(self) -> None:
        """Note that the build ran to its end."""
        if self.current:
            self.journal.passed(self.current.step)
        self.seen, self.done, self.current, self.closing = True, True, None, []

    def end(self) -> None:
        """Take stock of the build that ended here: hand over its failure, if it failed."""
        if not self.closing:
            self.unfinished = self.current if self.seen and not self.done else None
            return
        log = self.failed_log()
        closing = tuple(self.closing)
        self.journal.failed(
            Failure(
                step=replace(log.step, exit_code=exit_code(closing, log)),
                evidence=tuple(dict.fromkeys((*log.evidence(), *closing))),
                tail=log.tail() or closing[-15:],
                location=self.location(),
            )
        )
        self.current, self.closing, self.done = None, [], True

    def failed_log(self) -> StepLog:
        """Return the step that the error is about."""
        return self.current or StepLog(Step(self.name, ""))

    def location(self) -> Location | None:
        """Return the lines of the Dockerfile that the builder itself names."""
        for line in self.closing:
            if "ockerfile" in line.text or "syntax error" in line.text:
                found = _PARSE_ERROR.search(line.text)
                if found:
                    return Location(int(found[1]), int(found[1]), "log")
        return None


def exit_code(closing: tuple[Line, ...], log: StepLog) -> int | None:
    """Return the exit code that the builder reports, if it reports one."""
    if log.exit_code is not None:
        return log.exit_code
    for line in closing:
        if found := _EXIT_STATUS.search(line.text):
            return int(found[1])
    return None
