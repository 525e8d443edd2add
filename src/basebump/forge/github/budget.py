"""One process's share of GitHub: what may be sent now, and what has to wait until when.

Sources: "Rate limits for the REST API" and "Rate limits and query limits for the GraphQL API".
A request counts from the moment it is sent until a whole window after its answer, so that the
server's clock can never see more of them in a window than this book does.
"""

import logging
import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from basebump.errors import ForgeError

_log = logging.getLogger(__name__)

MINUTE, HOUR = 60.0, 3600.0
_TICK = 0.01  # seconds; a wait that rounding has made nothing of is still a wait
_WORTH_TELLING = 5.0  # seconds; shorter waits are nobody's business


class Clock(Protocol):
    """Seconds since the epoch, and a way to let some of them pass."""

    def now(self) -> float:
        """The present."""

    def sleep(self, seconds: float) -> None:
        """Let that many seconds pass."""


class WallClock:
    """The clock on the wall."""

    def now(self) -> float:
        """The present."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Wait for real."""
        time.sleep(seconds)


class Api(StrEnum):
    """GitHub's two interfaces; each has limits of its own."""

    REST = "rest"
    GRAPHQL = "graphql"


@dataclass(frozen=True, slots=True)
class Pace:
    """The limits kept to: GitHub's published ones, and our own `per_hour` below its 500."""

    per_hour: int = 400
    per_minute: int = 80
    rest_points: int = 900
    graphql_points: int = 2000
    at_once: int = 50


@dataclass(frozen=True, slots=True)
class Need:
    """What a request costs: secondary points, and whether it makes content."""

    api: Api
    points: int = 1
    content: bool = False


@dataclass(slots=True)
class _Spent:
    need: Need
    at: float = math.inf  # not answered yet


@dataclass(slots=True)
class _Rule:
    """At most so many points of matching requests in a window of so many seconds."""

    what: str
    limit: int
    window: float
    api: Api | None  # None: content-creating requests of either
    spent: list[_Spent] = field(default_factory=list)

    def covers(self, need: Need) -> bool:
        return need.content if self.api is None else need.api is self.api

    def cost(self, need: Need) -> int:
        return 1 if self.api is None else need.points

    def wait(self, need: Need, now: float) -> float:
        """The seconds until one more such request fits, as far as is known now."""
        self.spent = [each for each in self.spent if each.at > now - self.window]
        over = sum(self.cost(each.need) for each in self.spent) + self.cost(need) - self.limit
        for each in sorted(self.spent, key=lambda each: each.at):
            if over <= 0:
                break
            over -= self.cost(each.need)
            ends = min(each.at, now) + self.window
            if over <= 0:
                return max(ends - now, _TICK)
        return 0.0


class Budget:
    """Asked before every request by every thread, told of every answer."""

    def __init__(self, pace: Pace, clock: Clock) -> None:
        self.pace, self.clock = pace, clock
        self._lock = threading.Lock()
        self._at_once = threading.BoundedSemaphore(pace.at_once)
        self._rules = (
            _Rule("writes an hour (rollout.per_hour)", pace.per_hour, HOUR, None),
            _Rule("writes a minute", pace.per_minute, MINUTE, None),
            _Rule("REST points a minute", pace.rest_points, MINUTE, Api.REST),
            _Rule("GraphQL points a minute", pace.graphql_points, MINUTE, Api.GRAPHQL),
        )
        self._held_until = 0.0
        self._primary_until = dict.fromkeys(Api, 0.0)
        self._banned = ""

    @contextmanager
    def spend(self, need: Need) -> Iterator[None]:
        """Wait until the request may be sent, and count it.

        Raises ForgeError for a write after GitHub has said that it wants no more of them.
        """
        with self._at_once:  # first: nothing may come between being admitted and being sent
            spent = self._admit(need)
            try:
                yield
            finally:
                with self._lock:
                    spent.at = self.clock.now()

    def hold(self, seconds: float, why: str) -> None:
        """Let nobody send anything for that long, however many threads there are."""
        with self._lock:
            self._held_until = max(self._held_until, self.clock.now() + seconds)
        self._tell(seconds, why)

    def exhausted(self, api: Api, until: float) -> None:
        """The primary limit of an interface is used up until then, an hour at the most.

        GitHub's window is an hour; a later time only says that one of the two clocks is wrong.
        """
        with self._lock:
            until = min(until, self.clock.now() + HOUR)
            self._primary_until[api] = max(self._primary_until[api], until)

    def ban(self, said: str) -> None:
        """GitHub wants us to stop: nothing is written any more in this process."""
        self._banned = f"GitHub has stopped this account ({said}); nothing more is written"
        _log.error(self._banned)

    def _admit(self, need: Need) -> _Spent:
        told = False
        while True:
            with self._lock:
                if need.content and self._banned:
                    raise ForgeError(self._banned)
                wait, why = self._wait(need)
                if wait <= 0:
                    spent = _Spent(need)
                    for rule in self._rules:
                        if rule.covers(need):
                            rule.spent.append(spent)
                    return spent
            if not told:
                self._tell(wait, why)
                told = True
            self.clock.sleep(wait)

    def _wait(self, need: Need) -> tuple[float, str]:
        now = self.clock.now()
        waits = [
            (self._held_until - now, "GitHub asked for a pause"),
            (self._primary_until[need.api] - now, f"the {need.api} limit of this hour is used up"),
        ]
        waits += [
            (rule.wait(need, now), f"{rule.limit} {rule.what}")
            for rule in self._rules
            if rule.covers(need)
        ]
        return max(waits)

    def _tell(self, seconds: float, why: str) -> None:
        if seconds >= _WORTH_TELLING:
            until = time.strftime("%H:%M:%S", time.localtime(self.clock.now() + seconds))
            _log.warning("waiting until %s (%.0f s): %s", until, seconds, why)


def duration(writes: int, pace: Pace) -> float:
    """About how many seconds so many writes take, from a fresh start, at that pace."""
    if not pace.per_hour:
        return math.inf if writes else 0.0
    hours, rest = divmod(max(0, writes - 1), pace.per_hour)
    return hours * HOUR + rest / pace.per_minute * MINUTE
