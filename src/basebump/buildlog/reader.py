"""A build log → its diagnosis, line by line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import BinaryIO

from basebump.buildlog.causes import UNKNOWN, classify
from basebump.buildlog.dialects import ANY_MARK, DIALECTS, Dialect
from basebump.buildlog.journal import Journal
from basebump.buildlog.lines import clean_lines
from basebump.buildlog.locate import instruction_at, locate
from basebump.buildlog.steplog import StepLog
from basebump.buildlog.values import Diagnosis, Instruction, Location, Outcome, Step


def diagnose(
    source: BinaryIO | Iterable[bytes], instructions: Sequence[Instruction] = ()
) -> Diagnosis:
    """Return what a build log says, read once, in memory that does not grow with it.

    `source` is a binary file or any iterable of bytes. `instructions` are those of the Dockerfile
    that was built; without them a step has a location only when the log itself shows one.
    Never raises for what a log contains.
    """
    reader = _Reader()
    number = 0
    for number, line in clean_lines(source):
        reader.read(number, line)
    return reader.diagnosis(instructions, number)


class _Reader:
    def __init__(self) -> None:
        self._journal = Journal()
        self._dialects = tuple(dialect(self._journal) for dialect in DIALECTS)
        self._current: Dialect | None = None
        self._before = StepLog(Step("", ""))

    def read(self, number: int, line: str) -> None:
        if not self._marked(number, line):
            if self._current:
                self._current.output(number, line)
            else:
                self._before.add(number, line)
                self._journal.environment.read(line.lstrip())

    def _marked(self, number: int, line: str) -> bool:
        """Offer a line to the dialects, the one that speaks first of all."""
        current = self._current
        if line[0] == "#" and current and current.mark(number, line):
            return True  # nearly every line of a BuildKit log
        if not ANY_MARK.match(line):
            return False
        for dialect in self._dialects:
            if dialect.marks.match(line) and dialect.mark(number, line):
                if current is None:
                    dialect.adopt(self._before)
                self._current = dialect
                self._journal.environment.read(line)
                return True
        return False

    def diagnosis(self, instructions: Sequence[Instruction], lines: int) -> Diagnosis:
        for dialect in self._dialects:
            dialect.end()
        found = self._failed(instructions) or self._not_failed(instructions)
        return replace(
            found,
            facts=self._journal.environment.facts,
            packages=self._journal.ledger.packages,
            steps=frozenset(self._journal.steps),
            lines=lines,
        )

    def _failed(self, instructions: Sequence[Instruction]) -> Diagnosis | None:
        failure = self._journal.failure
        if failure is None:
            return None
        location = failure.location or locate(failure.step, instructions, failure.evidence)
        cause, root = classify(failure.step, failure.evidence)
        step = _named(failure.step, location, instructions)
        return Diagnosis(Outcome.FAILED, step, location, cause, root, failure.tail)

    def _not_failed(self, instructions: Sequence[Instruction]) -> Diagnosis:
        for dialect in self._dialects:
            log = dialect.unfinished
            if dialect.seen and not dialect.done:
                return _unfinished(log, instructions)
        seen = any(dialect.seen for dialect in self._dialects)
        return Diagnosis(Outcome.OK if seen else Outcome.NO_BUILD)


def _unfinished(log: StepLog | None, instructions: Sequence[Instruction]) -> Diagnosis:
    """Return where the log stops, with a cause only where the table knows the words."""
    if log is None:
        return Diagnosis(Outcome.UNFINISHED)
    cause, root = classify(log.step, log.evidence())
    known = cause is not UNKNOWN
    return Diagnosis(
        Outcome.UNFINISHED,
        log.step,
        locate(log.step, instructions),
        cause if known else None,
        root if known else None,
        log.tail(),
    )


def _named(step: Step, location: Location | None, instructions: Sequence[Instruction]) -> Step:
    """Give a step that its builder did not name the text of the instruction it is."""
    found = instruction_at(location.start, instructions) if location else None
    if step.text or found is None:
        return step
    return replace(step, text=f"{found.name} {' '.join(found.text.split())}")
