"""From the configuration's words to a forge that is ready to be asked."""

import logging
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from basebump.forge.github.auth import identify
from basebump.forge.github.budget import Budget, Clock, Pace, WallClock
from basebump.forge.github.client import Client
from basebump.forge.github.discover import Filter
from basebump.forge.github.dress import Dress
from basebump.forge.github.endpoint import Endpoint
from basebump.forge.github.forge import GitHubForge, Ours, Source
from basebump.forge.github.read import Sizes, Wanted
from basebump.forge.github.redact import RedactingFilter

__all__ = ["Dress", "Filter", "Ours", "Settings", "Source", "Wanted", "guard_logs", "open_github"]

_LOGGERS = ("basebump", "github", "urllib3", "requests")


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that the adapter is told."""

    url: str
    source: Source
    chosen: Filter
    wanted: Wanted
    ours: Ours
    dress: Dress
    per_hour: int = 400
    cache: Path | None = None
    sizes: Sizes = field(default_factory=Sizes)


def open_github(
    settings: Settings, env: Mapping[str, str], clock: Clock | None = None
) -> GitHubForge:
    """The forge. Raises UsageError for a bad address, AuthenticationError without a token."""
    clock = clock or WallClock()
    endpoint = Endpoint.parse(settings.url)
    client = Client(
        endpoint,
        identify(env, endpoint, clock),
        Budget(Pace(per_hour=settings.per_hour), clock),
    )
    return GitHubForge(
        client, settings.source, settings.chosen, settings.wanted,
        ours=settings.ours, dress=settings.dress, cache=settings.cache, sizes=settings.sizes,
    )  # fmt: skip


class _Stderr(logging.Handler):
    """Writes to what stderr is at that moment."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        sys.stderr.write(f"{self.format(record)}\n")


def guard_logs() -> None:
    """Remarks go to stderr, and no record of ours or of a library's shows a secret."""
    handler = _Stderr()
    handler.setFormatter(logging.Formatter("basebump: %(message)s"))
    handler.addFilter(RedactingFilter())
    ours = logging.getLogger("basebump")
    if not any(isinstance(f, RedactingFilter) for h in ours.handlers for f in h.filters):
        ours.addHandler(handler)
        ours.propagate = False
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(RedactingFilter())
