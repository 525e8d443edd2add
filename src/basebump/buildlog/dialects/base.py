"""What every dialect has in common: a build is a sequence of steps, and the last word counts."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import ClassVar

from basebump.buildlog.journal import Failure, Journal
from basebump.buildlog.steplog import StepLog
from basebump.buildlog.values import Line, Location, Step
from basebump.core.instruction import INSTRUCTIONS

INSTRUCTION = rf"(?:{'|'.join(sorted(INSTRUCTIONS))})(?= |$)"
_EXIT_STATUS = re.compile(r"(?:exit (?:code|status):? |returned a non-zero code: )(\d{1,3})\b")
_PARSE_ERROR = re.compile(
    r"(?:parse error (?:on )?line |dockerfile line |Dockerfile:|syntax error - line |\bline )"
    r"(\d{1,6})\b",
    re.IGNORECASE,
)
# A builder's last word may run over a few lines; what comes after is the CI system's talk.
_MOST_CLOSING = 8
# The failed command in the builder's last word: a log's tail or a commit status has nothing else.
_SHELL = r"(?:/bin/\w{1,8} (?:-\w{1,8} (?:pipefail )?){1,3})?"
_COMMAND = re.compile(
    rf"The command '{_SHELL}(.*)' returned a non-zero code|"
    rf"process \"{_SHELL}(.*)\" did not complete|executor failed running \[{_SHELL}(.*)\]: exit"
)
_AT_STEP = re.compile(r"building at STEP \"(.*?)\": ")


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
        self.exit_code: int | None = None

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
        self.seen, self.done, self.closing, self.exit_code = True, False, [], None
        self.current = StepLog(step)
        self.journal.began(step)

    def fail(self, number: int, line: str) -> None:
        """Note the builder's word that the build failed."""
        self.seen, self.done = True, False
        self.closing.append(Line(number, line))
        found = _EXIT_STATUS.search(line)
        if found and self.exit_code is None:
            self.exit_code = int(found[1])

    def adopt(self, log: StepLog) -> None:
        """Take what was printed before the builder's first word as output of the failed step."""
        if self.current is None and self.exit_code is not None:
            step = self._step_of_last_word()
            log.step, self.current = step, log

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
                step=replace(log.step, exit_code=self.exit_code),
                evidence=tuple(dict.fromkeys((*log.evidence(), *closing))),
                tail=log.tail() or closing[-15:],
                location=self.location(),
            )
        )
        self.current, self.closing, self.done, self.exit_code = None, [], True, None

    def failed_log(self) -> StepLog:
        """Return the step that the error is about."""
        return self.current or StepLog(self._step_of_last_word())

    def _step_of_last_word(self) -> Step:
        for line in self.closing:
            if found := _COMMAND.search(line.text):
                return Step(self.name, "RUN " + next(group for group in found.groups() if group))
            if found := _AT_STEP.search(line.text):
                return Step(self.name, found[1])
        return Step(self.name, "")

    def location(self) -> Location | None:
        """Return the lines of the Dockerfile that the builder itself names."""
        for line in self.closing:
            if "ockerfile" in line.text or "syntax error" in line.text:
                found = _PARSE_ERROR.search(line.text)
                if found:
                    return Location(int(found[1]), int(found[1]), "log")
        return None
