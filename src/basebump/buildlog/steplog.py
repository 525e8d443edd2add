"""What is kept of a running step: enough for its cause, never more than a few hundred lines."""

from __future__ import annotations

import re
from collections import deque

from basebump.buildlog.values import Line, Step

_FIRST, _LAST, _TAIL = 100, 200, 60

# The words of which every cause line has at least one: a coarse sieve for the lines of a long
# step that are worth keeping. A test holds the table of causes to it.
_TROUBLE = re.compile(
    r"err|fail|fatal|cannot|can't|could ?n.t|could not|unable|denied|no[ -]|not |missing|killed|"
    r"timed? ?out|timeout|refused|invalid|unsatisf|unmet|depends|depend on|mismatch|expired|"
    r"unknown|too ?many|too old|unsupported|incompatible|incorrect|unresolvable|unreachable|"
    r"exec |enospc|eintegrity|eacces|eusage|eresolve|externally|operation |panic|fault|✖|broken|reset",
    re.IGNORECASE,
).search


class StepLog:
    """One step while its lines arrive."""

    __slots__ = ("_first", "_last", "_tail", "lines", "step")

    def __init__(self, step: Step) -> None:
        self.step = step
        self.lines = 0
        self._first: list[tuple[int, str]] = []
        self._last: deque[tuple[int, str]] = deque(maxlen=_LAST)
        self._tail: deque[tuple[int, str]] = deque(maxlen=_TAIL)

    def add(self, number: int, text: str) -> None:
        """Take in one line of the step's output."""
        self.lines += 1
        entry = (number, text)
        self._tail.append(entry)
        if _TROUBLE(text):
            (self._last if len(self._first) >= _FIRST else self._first).append(entry)

    def forget(self) -> None:
        """Drop the lines: the step has passed."""
        self._first.clear()
        self._last.clear()
        self._tail.clear()

    def evidence(self) -> list[Line]:
        """Return the lines worth reading, in the log's order, each once."""
        kept = {*self._first, *self._last, *self._tail}
        return [Line(number, text) for number, text in sorted(kept)]

    def tail(self, length: int = 15) -> tuple[Line, ...]:
        """Return the last lines of the step."""
        return tuple(Line(number, text) for number, text in list(self._tail)[-length:])
