"""How the server can be told to fail, one request at a time or at a rate."""

import hashlib
import random
import re
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.github_server.log import Request

Place = tuple[Any, Any]
"""A dict or list of an answer and the key or index in it."""

STATUSES = {"500": 500, "502": 502, "503": 503}
BEFORE = (
    "500", "502", "503", "cut", "slow", "forbidden", "forbidden-retry-after", "throttled",
    "throttled-retry-after", "too-quickly", "null-nodes", "truncated",
)  # fmt: skip
AFTER = ("502-after", "cut-after", "cut-half")
KINDS = (*BEFORE, *AFTER)
PLANNED = (*KINDS, "banned")
"""Every kind of fault; in AFTER the effect takes place and the answer is lost, or half of it."""


@dataclass(slots=True)
class Fault:
    """One fault and the requests that it meets; a field that is None meets every request.

    `nth` is the first matching request that it meets (from 1), `times` how many it meets (None: all
    that follow). `do` runs before such a request is served (a person's push, say) and may be the
    whole fault (`kind` None).
    """

    kind: str | None
    method: str | None = None
    path: str | None = None
    operation: str | None = None
    mutation: str | None = None
    writes: bool | None = None
    nth: int = 1
    times: int | None = 1
    retry_after: int = 60
    seconds: float = 5.0
    do: Callable[[], object] | None = None
    met: int = 0

    def meets(self, request: Request) -> bool:
        """Say whether this request fails, and count it when it fits."""
        fits = (
            (self.method is None or request.method == self.method)
            and (self.path is None or re.search(self.path, request.path))
            and (self.operation is None or request.operation == self.operation)
            and (self.mutation is None or self.mutation in request.mutations)
            and (self.writes is None or request.write == self.writes)
        )
        if not fits:
            return False
        self.met += 1
        last = None if self.times is None else self.nth + self.times - 1
        return self.met >= self.nth and (last is None or self.met <= last)


class Faults:
    """The faults in force. `heavy_aliases`: a query with more top-level aliases answers 502."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._planned: list[Fault] = []
        self._random: tuple[int, float, tuple[str, ...]] | None = None
        self._seen: Counter[bytes] = Counter()
        self.heavy_aliases: int | None = None

    def add(
        self,
        kind: str | None = None,
        *,
        method: str | None = None,
        path: str | None = None,
        operation: str | None = None,
        mutation: str | None = None,
        writes: bool | None = None,
        nth: int = 1,
        times: int | None = 1,
        retry_after: int = 60,
        seconds: float = 5.0,
        do: Callable[[], object] | None = None,
    ) -> Fault:
        """Plan a fault; see `Fault`."""
        if kind is not None and kind not in PLANNED:
            raise ValueError(f"no fault is called {kind!r}; there are {', '.join(PLANNED)}")
        fault = Fault(
            kind, method, path, operation, mutation, writes, nth, times, retry_after, seconds, do
        )
        with self._lock:
            self._planned.append(fault)
        return fault

    def at_random(self, seed: int, rate: float, kinds: tuple[str, ...] = KINDS) -> None:
        """Fail a share of all requests.

        What a request meets depends on the seed, its content and how often it came before, not on
        the order in which threads arrive; so a run can be repeated.
        """
        self._random = (seed, rate, kinds)

    def clear(self) -> None:
        """Fail no more."""
        with self._lock:
            self._planned.clear()
            self._random = None
            self.heavy_aliases = None

    def pick(self, request: Request) -> Fault | None:
        """Give the fault that this request meets."""
        with self._lock:
            found = next((fault for fault in self._planned if fault.meets(request)), None)
            return found or self._draw(request)

    def _draw(self, request: Request) -> Fault | None:
        if self.heavy_aliases is not None and request.aliases > self.heavy_aliases:
            return Fault("502")
        if self._random is None:
            return None
        seed, rate, kinds = self._random
        digest = hashlib.sha256(f"{request.method} {request.path}?{request.query} ".encode())
        digest.update(request.body)
        self._seen[digest.digest()] += 1
        turn = self._seen[digest.digest()]
        draw = random.Random(f"{seed} {digest.hexdigest()} {turn}")  # noqa: S311 - a test's dice
        if draw.random() >= rate:
            return None
        fitting = [kind for kind in kinds if _fits(kind, request)]
        return Fault(draw.choice(fitting or ["502"]), retry_after=draw.choice((1, 5, 30)))


def _fits(kind: str, request: Request) -> bool:
    """Say whether a request can meet a fault of this kind at all."""
    if kind == "too-quickly":
        return request.write
    if kind == "null-nodes":
        return request.is_graphql and not request.mutations
    if kind == "truncated":
        return "/git/trees/" in request.path
    return True


def null_a_node(data: dict[str, object], dice: random.Random) -> bool:
    """Replace one nullable node of a query's data by null, as GitHub's timeouts do."""
    places: list[Place] = []
    for key, value in data.items():
        if isinstance(value, dict) and key not in {"rateLimit", "viewer"}:
            places.append((data, key))
            _nullable(value, places)
    if not places:
        return False
    holder, at = dice.choice(places)
    holder[at] = None
    return True


def _nullable(value: object, places: list[Place]) -> None:
    if isinstance(value, dict):
        for key, below in value.items():
            if key == "nodes" and isinstance(below, list):
                places.extend((below, number) for number in range(len(below)))
            elif key == "object" and isinstance(below, dict):
                places.append((value, key))
            _nullable(below, places)
    elif isinstance(value, list):
        for below in value:
            _nullable(below, places)
