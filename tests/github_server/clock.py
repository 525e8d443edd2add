"""What time it is for the server: the wall's time, or a time that a test moves."""

import threading
import time
from typing import Protocol


class Clock(Protocol):
    """Seconds since the epoch, and a way to let some of them pass."""

    def now(self) -> float:
        """Give the present, in seconds since the epoch."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let that many seconds pass."""
        ...


class SystemClock:
    """The clock on the wall."""

    def now(self) -> float:
        """Give the present, in seconds since the epoch."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait for real."""
        time.sleep(seconds)


class ManualClock:
    """A clock that stands still until a test moves it; sleeping moves it and takes no time."""

    def __init__(self, start: float | None = None) -> None:
        self._now = time.time() if start is None else start
        self._lock = threading.Lock()

    def now(self) -> float:
        """Give the present, in seconds since the epoch."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Move the clock instead of waiting."""
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        """Move the clock forward."""
        with self._lock:
            self._now += seconds
