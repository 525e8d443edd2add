"""Requests and answers of HTTP, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit


@dataclass(frozen=True, slots=True)
class Ask:
    """A request: `limit` is the most bytes that its answer may have."""

    method: str
    url: str
    limit: int
    headers: Mapping[str, str] = field(default_factory=dict)
    authorization: str | None = field(default=None, repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)

    @property
    def host(self) -> str:
        """Host and port that are asked."""
        return urlsplit(self.url).netloc


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; header names are in lower case, in the order in which they came."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """Return the first value of a header."""
        return next(iter(self.all(name)), None)

    def all(self, name: str) -> tuple[str, ...]:
        """Return every value of a header that may come more than once."""
        return tuple(value for key, value in self.headers if key == name)


def split(url: str) -> SplitResult:
    """Return the parts of an address that a server sent; all empty where it is none."""
    try:
        return urlsplit(url)
    except ValueError:  # `http://[`
        return urlsplit("")
