"""Bytes → clean lines, one at a time, in bounded memory."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from basebump.buildlog.prefixes import Prefixes

CHUNK = 1 << 16
# A line longer than this keeps its two ends: progress bars and minified sources have no middle
# that anybody reads, and an error after a progress bar stands at the end.
LONGEST = 1 << 13
_ELISION = b" [...] "

# ECMA-48: CSI sequences, OSC strings (ended by BEL or ST), and two-byte escapes.
_ESCAPES = re.compile(
    r"\x1b(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]|\][^\x07\x1b]{0,512}(?:\x07|\x1b\\)|"
    r"_bk;[^\x07]{0,64}\x07|[@-Z\\^_])"
)
# What a log can hold besides text; a tab, a carriage return and a newline stay. Without NUL,
# UTF-16 text of a Windows runner reads as what it says.
_CONTROLS = {code: None for code in range(32) if code not in (9, 10, 13)} | {
    0x7F: None,
    0xFEFF: None,
}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff]")
# A diagnosis ends up in pull requests and chats; what a log leaked must not go there with it.
_CREDENTIALS = re.compile(r"://[^/\s@]{1,300}@")
_TOKEN_STARTS = ("ghp_", "gho_", "ghs_", "ghu_", "ghr_", "github_pat_", "glpat-", "npm_", "dckr_")
_TOKENS = re.compile(
    r"\b(?:gh[pousr]_\w{30,255}|github_pat_\w{30,255}|glpat-[\w-]{20,255}|npm_[A-Za-z0-9]{36}|"
    r"dckr_(?:pat|jti)_[\w=-]{20,255})"
)
_VERTEX = re.compile(r"#\d{1,6} (?:\d{1,7}\.\d{1,6} )?")


def clean_lines(source: BinaryIO | Iterable[bytes]) -> Iterator[tuple[int, str]]:
    """Yield (1-based number, text) for every line of `source`.

    Undecodable bytes become U+FFFD, colours and control characters go, a line that a carriage
    return overwrote reads as a terminal would leave it, and the prefixes that a CI system put
    before the builder's words are taken off. Memory does not grow with the log or with a line.
    """
    prefixes = Prefixes()
    number = 0
    for block in _blocks(source):
        text = block.decode("utf-8", "replace")
        if "\x1b" in text:
            text = _ESCAPES.sub("", text)
        if _CONTROL.search(text):
            text = text.translate(_CONTROLS)
        text = _without_secrets(text)
        overwritten = "\r" in text
        for line in text.split("\n"):
            number += 1
            clean = _as_left_on_screen(line) if overwritten and "\r" in line else line
            if clean and (text_of_line := prefixes.strip(clean)):
                yield number, text_of_line


def _without_secrets(text: str) -> str:
    """Return the text without passwords in addresses and without tokens of known shapes."""
    if "@" in text:
        text = _CREDENTIALS.sub("://***@", text)
    if any(start in text for start in _TOKEN_STARTS):
        text = _TOKENS.sub("***", text)
    return text


def _blocks(source: BinaryIO | Iterable[bytes]) -> Iterator[bytes]:
    """Yield runs of whole lines without the last newline."""
    rest = b""
    for chunk in _chunks(source):
        head, newline, tail = chunk.rpartition(b"\n")
        if not newline:
            rest = _shorten(rest + chunk)
            continue
        first, newline, others = head.partition(b"\n")
        yield _shorten(rest + first) + (newline + others if newline else b"")
        rest = tail
    if rest:
        yield _shorten(rest)


def _chunks(source: BinaryIO | Iterable[bytes]) -> Iterator[bytes]:
    """Yield pieces of at most CHUNK bytes, whatever the source hands over."""
    read = getattr(source, "read", None)
    pieces: Iterable[bytes] = iter(lambda: read(CHUNK), b"") if read else source
    for piece in pieces:
        if len(piece) <= CHUNK:
            yield piece
        else:
            view = memoryview(piece)
            for start in range(0, len(piece), CHUNK):
                yield bytes(view[start : start + CHUNK])


def _shorten(line: bytes) -> bytes:
    """Keep the two ends of a line that is too long."""
    if len(line) <= 2 * LONGEST:
        return line
    return line[:LONGEST] + _ELISION + line[-LONGEST:]


def _as_left_on_screen(line: str) -> str:
    """Return what a terminal shows of a line with carriage returns: what was written last.

    BuildKit writes its vertex and time once, before the first of the overwritten pieces.
    """
    pieces = [piece for piece in line.split("\r") if piece.strip()]
    if not pieces:
        return ""
    vertex = _VERTEX.match(pieces[0])
    if vertex and len(pieces) > 1 and not _VERTEX.match(pieces[-1]):
        return vertex[0] + pieces[-1]
    return pieces[-1]
