"""What is kept of a running step: enough for its cause, never more than a few hundred lines."""

from __future__ import annotations

from collections import deque

from basebump.buildlog.values import Line, Step

_FIRST, _LAST, _TAIL = 100, 200, 60


def troubled(text: str) -> bool:
    """Tell whether a line may show a cause: a coarse sieve for the lines of a long step.

    Every line that some row of the table knows passes it (a test holds the table to that). Plain
    substrings, because this runs on every line: an alternation that ignores case took 40 times as
    long.
    """
    low = text.lower()
    return (
        "err" in low or "fail" in low or "not " in low or "no " in low or "n't" in low
        or "denied" in low or "unable" in low or "cannot" in low or "could" in low
        or "depend" in low or "kill" in low or "refused" in low or "time" in low
        or "unknown" in low or "invalid" in low or "fault" in low or "too" in low
        or "expired" in low or "mismatch" in low or "requires" in low or "conflict" in low
        or "undefined" in low or "unsatisf" in low or "out of" in low or "breaks" in low
        or "certificate" in low or "externally" in low or "signature" in low or "match" in low
        or "unreachable" in low or "illegal" in low or "reset" in low or "must " in low
        or "problem" in low or "broken" in low or "you root" in low or "no_" in low or "bad " in low
    )  # fmt: skip


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
        if troubled(text):
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
