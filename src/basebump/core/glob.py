"""Glob patterns: `*` and `?` stop at a slash, `**` does not, and `**/` may stand for nothing."""

import re
from collections.abc import Iterable

_PARTS = re.compile(r"(\*\*/|\*\*|\*|\?)")
_MEANING = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def translate(pattern: str) -> str:
    """The pattern as a regular expression for the whole of a path."""
    return "".join(_MEANING.get(part) or re.escape(part) for part in _PARTS.split(pattern))


class Globs:
    """Whether a path matches one of several patterns, in any case."""

    def __init__(self, patterns: Iterable[str]) -> None:
        joined = "|".join(f"(?:{translate(pattern)})" for pattern in patterns)
        self._pattern = re.compile(joined or r"(?!)", re.IGNORECASE | re.DOTALL)

    def __contains__(self, path: str) -> bool:
        return self._pattern.fullmatch(path) is not None


NOTHING = Globs(())
