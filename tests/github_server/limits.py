"""GitHub's limits, each account's on its own, on the server's clock.

Sources: "Rate limits for the REST API" and "Rate limits and query limits for the GraphQL API" in
GitHub's documentation.
"""

import threading
from collections import deque
from dataclasses import dataclass, field

from tests.github_server.clock import Clock
from tests.github_server.model import Refused

HOUR, MINUTE = 3600, 60
SECONDARY = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
)


@dataclass(slots=True)
class Limits:
    """The figures; a test may lower them. `enforced=False` only counts."""

    core: int = 5000
    graphql: int = 5000
    search: int = 30
    code_search: int = 10
    rest_points: int = 900
    graphql_points: int = 2000
    at_once: int = 100
    content_minute: int = 80
    content_hour: int = 500
    node_limit: int = 500_000
    enforced: bool = True
    retry_after: bool = True

    def of(self, resource: str) -> tuple[int, int]:
        """Give a primary resource's limit and the seconds of its window."""
        window = MINUTE if "search" in resource else HOUR
        return int(getattr(self, resource)), window


@dataclass(slots=True)
class Window:
    """A primary limit's fixed window."""

    used: int = 0
    reset: float = 0.0


@dataclass(slots=True)
class Account:
    """What one account has used. The deques hold (time, points) of the sliding windows."""

    primary: dict[str, Window] = field(default_factory=dict)
    rest: deque[tuple[float, int]] = field(default_factory=deque)
    graphql: deque[tuple[float, int]] = field(default_factory=deque)
    content: deque[tuple[float, int]] = field(default_factory=deque)
    at_once: int = 0
    blocked_until: float = 0.0
    peak: dict[str, int] = field(default_factory=dict)


class Ledger:
    """Counts every request and refuses those that are over a limit."""

    def __init__(self, clock: Clock, limits: Limits) -> None:
        self.clock, self.limits = clock, limits
        self._lock = threading.Lock()
        self._accounts: dict[str, Account] = {}

    def account(self, key: str) -> Account:
        """Give an account's book."""
        with self._lock:
            return self._accounts.setdefault(key, Account())

    def enter(self, key: str) -> None:
        """Note that a request begins; refuses the 101st at once."""
        book = self.account(key)
        with self._lock:
            book.at_once += 1
            _peak(book, "at_once", book.at_once)
            over = book.at_once > self.limits.at_once
        if over and self.limits.enforced:
            raise self._secondary(book, 1)

    def leave(self, key: str) -> None:
        """Note that a request ended."""
        with self._lock:
            self._accounts[key].at_once -= 1

    def too_early(self, key: str) -> float:
        """Give the seconds that are left of the last `Retry-After`."""
        return max(0.0, self.account(key).blocked_until - self.clock.now())

    def told_to_wait(self, key: str, seconds: float) -> None:
        """Remember that an answer said `Retry-After`."""
        book = self.account(key)
        book.blocked_until = max(book.blocked_until, self.clock.now() + seconds)

    def spend(self, key: str, api: str, points: int, *, content: bool) -> None:
        """Count against the secondary limits; raises Refused (403 with `Retry-After`)."""
        book, now = self.account(key), self.clock.now()
        with self._lock:
            window = book.rest if api == "rest" else book.graphql
            _slide(window, now - MINUTE)
            _slide(book.content, now - HOUR)
            minute = sum(cost for at, cost in window) + points
            recent = sum(1 for at, _ in book.content if at > now - MINUTE) + content
            hour = len(book.content) + content
            allowed = self.limits.rest_points if api == "rest" else self.limits.graphql_points
            wait = 0.0
            if minute > allowed:
                wait = window[0][0] + MINUTE - now
            elif content and recent > self.limits.content_minute:
                wait = next(at for at, _ in book.content if at > now - MINUTE) + MINUTE - now
            elif content and hour > self.limits.content_hour:
                wait = book.content[0][0] + HOUR - now
            if not wait or not self.limits.enforced:
                window.append((now, points))
                if content:
                    book.content.append((now, 1))
                _peak(book, f"{api}_points", minute)
                _peak(book, "content_minute", recent)
                _peak(book, "content_hour", hour)
                return
        raise self._secondary(book, wait)

    def _secondary(self, book: Account, wait: float) -> Refused:
        headers = {}
        if self.limits.retry_after:
            seconds = int(wait) + 1
            headers["retry-after"] = str(seconds)
            book.blocked_until = max(book.blocked_until, self.clock.now() + seconds)
        return Refused(403, SECONDARY, kind="RATE_LIMITED", headers=headers)

    def charge(self, key: str, resource: str, cost: int) -> bool:
        """Count against a primary limit; False when it is used up (nothing is charged then)."""
        book, now = self.account(key), self.clock.now()
        limit, span = self.limits.of(resource)
        with self._lock:
            window = book.primary.setdefault(resource, Window())
            if window.reset <= now:
                window.used, window.reset = 0, now + span
            if self.limits.enforced and cost and window.used + cost > limit:
                return False
            window.used += cost
            return True

    def refund(self, key: str, resource: str, cost: int) -> None:
        """Give back what a 304 cost: conditional requests are free."""
        self.account(key).primary[resource].used -= cost

    def standing(self, key: str, resource: str) -> dict[str, int]:
        """Give `limit`, `used`, `remaining` and `reset` (epoch seconds) of a primary limit."""
        self.charge(key, resource, 0)
        window = self.account(key).primary[resource]
        limit, _ = self.limits.of(resource)
        left = max(0, limit - window.used)
        return {"limit": limit, "used": window.used, "remaining": left, "reset": int(window.reset)}


def _slide(window: deque[tuple[float, int]], start: float) -> None:
    while window and window[0][0] <= start:
        window.popleft()


def _peak(book: Account, name: str, value: int) -> None:
    book.peak[name] = max(book.peak.get(name, 0), value)
