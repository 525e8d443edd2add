"""Checks that the token may not see: no failure of a request, and not the same as no checks.

To a token without that permission GitHub gives null, as where no check ever ran, and an error
beside it.
"""

from collections.abc import Iterable
from typing import Any

NOT_VISIBLE = "NOT_VISIBLE"  # stands for GitHub's StatusState
_FIELD = "statusCheckRollup"


def without_hidden(
    data: dict[str, Any], errors: Iterable[dict[str, Any]]
) -> tuple[dict[str, Any], ...]:
    """The errors but for refused checks, which become NOT_VISIBLE in the data."""
    kept: list[dict[str, Any]] = []
    for error in errors:
        *path, last = error.get("path") or [None]
        if last != _FIELD or error.get("type") != "FORBIDDEN":
            kept.append(error)
            continue
        node: Any = data
        for key in path:
            node = node[key]
        node[last] = {"state": NOT_VISIBLE}
    return tuple(kept)
