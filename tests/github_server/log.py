"""Every request that came in, so that tests can count them."""

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(slots=True)
class Request:
    """One request and what became of it.

    `points` are the secondary limits' points, `cost` the primary ones. `too_early` is how many
    seconds were left of a `Retry-After` that the same account had been told before.
    """

    number: int
    at: float
    method: str
    path: str
    query: str
    body: bytes
    login: str | None = None
    operation: str | None = None
    mutations: tuple[str, ...] = ()
    aliases: int = 0
    points: int = 0
    cost: int = 0
    nodes: int = 0
    content: bool = False
    status: int = 0
    fault: str | None = None
    effect: bool = True
    too_early: float = 0.0
    limited: str | None = None

    @property
    def is_graphql(self) -> bool:
        """Whether it went to the GraphQL endpoint."""
        return self.path.endswith("/graphql")

    @property
    def is_git(self) -> bool:
        """Whether git itself asked."""
        return ".git/" in self.path

    @property
    def write(self) -> bool:
        """Whether it was meant to change something."""
        if self.is_graphql:
            return bool(self.mutations)
        reads = {"GET", "HEAD", "OPTIONS"}
        return not self.is_git and self.method not in reads and "/access_tokens" not in self.path

    def __str__(self) -> str:
        what = f"{self.method} {self.path}"
        if self.is_graphql:
            what = f"GraphQL {self.operation or ''} {','.join(self.mutations)}".rstrip()
        return f"#{self.number} {what} → {self.status}{f' ({self.fault})' if self.fault else ''}"


class RequestLog:
    """The requests in the order in which they came; safe to read while others are served."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._all: list[Request] = []
        self._mark = 0

    def add(self, at: float, method: str, path: str, query: str, body: bytes) -> Request:
        """Note a request that has just come in."""
        with self._lock:
            made = Request(len(self._all) + 1, at, method, path, query, body)
            self._all.append(made)
        return made

    def __iter__(self) -> Iterator[Request]:
        return iter(self._all[self._mark :])

    def __len__(self) -> int:
        return len(self._all) - self._mark

    def mark(self) -> None:
        """Forget what came before, for counting; the numbers go on."""
        self._mark = len(self._all)

    def select(
        self,
        *,
        method: str | None = None,
        path: str | None = None,
        operation: str | None = None,
        mutation: str | None = None,
        where: Callable[[Request], bool] | None = None,
    ) -> list[Request]:
        """Give the requests since the mark that fit; `path` is a regular expression."""
        return [
            each
            for each in self
            if (method is None or each.method == method)
            and (path is None or re.search(path, each.path))
            and (operation is None or each.operation == operation)
            and (mutation is None or mutation in each.mutations)
            and (where is None or where(each))
        ]

    def count(
        self,
        *,
        method: str | None = None,
        path: str | None = None,
        operation: str | None = None,
        mutation: str | None = None,
    ) -> int:
        """Count them; see `select`."""
        return len(self.select(method=method, path=path, operation=operation, mutation=mutation))

    @property
    def writes(self) -> list[Request]:
        """Give the requests since the mark that were meant to change something."""
        return self.select(where=lambda each: each.write)

    @property
    def early(self) -> list[Request]:
        """Give the requests that came before a `Retry-After` had passed."""
        return self.select(where=lambda each: each.too_early > 0)
