"""Looking again and again, until there is nothing left to wait for."""

import sys
import time
from collections.abc import Callable, Iterator

_CLEAR = "\x1b[H\x1b[2J"


def looks(interval: float, pending: Callable[[], bool]) -> Iterator[int]:
    """The numbers 0, 1, …, with a pause between two, for as long as something is pending."""
    number = 0
    while True:
        yield number
        if not pending():
            return
        time.sleep(interval)
        number += 1


def clear() -> None:
    """Make room for the next look, on a terminal only."""
    if sys.stdout.isatty():
        sys.stdout.write(_CLEAR)
