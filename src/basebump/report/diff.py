"""Unified diffs. A bump never adds or removes a line, which makes its diff a cheap one."""

import difflib
from collections.abc import Iterator

from basebump.core.text import clean

_CONTEXT = 3


def unified(path: str, before: str, after: str) -> Iterator[str]:
    """The lines of a unified diff, cleaned for showing; nothing when the texts are equal."""
    old, new = before.split("\n"), after.split("\n")
    if len(old) != len(new):
        yield from _moved(path, old, new)
        return
    changed = [i for i, (a, b) in enumerate(zip(old, new, strict=True)) if a != b]
    if not changed:
        return
    yield f"--- a/{clean(path)}"
    yield f"+++ b/{clean(path)}"
    for hunk in _hunks(changed):
        start = max(hunk[0] - _CONTEXT, 0)
        end = min(hunk[-1] + _CONTEXT + 1, len(old))
        if end == len(old) and not old[-1]:
            end -= 1  # what follows the last line ending is no line
        yield f"@@ -{start + 1},{end - start} +{start + 1},{end - start} @@"
        yield from _lines(old, new, range(start, end), set(hunk))


def _moved(path: str, old: list[str], new: list[str]) -> Iterator[str]:
    """The diff of a file in which lines were moved or added: mended findings do that."""
    names = f"a/{clean(path)}", f"b/{clean(path)}"
    lines = difflib.unified_diff(old, new, *names, n=_CONTEXT, lineterm="")
    for number, line in enumerate(lines):
        yield line if number < 2 or line.startswith("@@") else line[0] + _shown(line[1:])  # noqa: PLR2004 - the two names


def _hunks(changed: list[int]) -> Iterator[list[int]]:
    hunk: list[int] = []
    for index in changed:
        if hunk and index - hunk[-1] > 2 * _CONTEXT:
            yield hunk
            hunk = []
        hunk.append(index)
    yield hunk


def _lines(old: list[str], new: list[str], lines: range, changed: set[int]) -> Iterator[str]:
    waiting: list[str] = []  # added lines come after the removed ones of their run
    for index in lines:
        if index in changed:
            yield f"-{_shown(old[index])}"
            waiting.append(f"+{_shown(new[index])}")
        else:
            yield from waiting
            waiting.clear()
            yield f" {_shown(old[index])}"
    yield from waiting


def _shown(line: str) -> str:
    return clean(line.removesuffix("\r").removeprefix("\ufeff").replace("\t", "    "))
