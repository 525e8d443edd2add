"""Which heredocs a line opens, told exactly as BuildKit tells it.

Sources: `heredocsFromLine` in `frontend/dockerfile/parser/parser.go` and the word processor in
`frontend/dockerfile/shell/lex.go`. A word counts only when the whole line can be split: a quote or
a brace that is left open means that no heredoc begins there, and its lines are instructions.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_HEREDOC = re.compile(r"\d*<<(-?)([^<]+)", re.ASCII)
_NAME = re.compile(r"\d+|[@*#?$!-]|\w+|")
_PLAIN = re.compile(r"[^'\"$\\}/]+")  # nothing that the lexer looks at
_IN_DOUBLE_QUOTES = re.compile(r'[^"$\\]+')
_ESCAPE = "\\"  # whatever the escape directive says
_MAX_DEPTH = 50


class LexError(ValueError):
    """BuildKit could not split the text into words."""


@dataclass(frozen=True, slots=True)
class Marker:
    """`<<name`, or `<<-name` with `chomp`, which drops tabs before the body's lines."""

    name: str
    chomp: bool


def markers(line: str) -> Iterator[Marker]:
    """The heredocs that an instruction opens, in order. Raises LexError for a bad name."""
    try:
        words = _words(line, raw=True)
    except LexError:
        return
    for word in words:
        match = _HEREDOC.fullmatch(word)
        names = _words(match[2], raw=False) if match else []
        if match and len(names) == 1:
            yield Marker(names[0], bool(match[1]))


def _words(text: str, *, raw: bool) -> list[str]:
    """Split at blanks that are not quoted; `raw` keeps quotes and escapes in the words."""
    words: list[list[str]] = [[]]
    for piece, quoted in _Lexer(text, raw=raw).until(""):
        first, *others = [piece] if quoted else re.split(r"\s", piece)
        words[-1].append(first)
        words += [[other] for other in others]
    return [word for parts in words if (word := "".join(parts))]


class _Lexer:
    """Hands on the text in pieces: (characters, whether blanks in them are kept)."""

    def __init__(self, text: str, *, raw: bool) -> None:
        self.text = text
        self.quotes = raw
        self.escapes = raw
        self.at = 0
        self.depth = 0

    def until(self, stop: str) -> Iterator[tuple[str, bool]]:
        while self.at < len(self.text):
            char = self.text[self.at]
            if char == stop:
                self.at += 1
                return
            if char in "'\"":
                yield self._single() if char == "'" else self._double(), True
            elif char == "$":
                yield self._dollar(), False
            elif char == _ESCAPE:
                yield self._escaped(), True
            else:
                match = _PLAIN.match(self.text, self.at)
                yield self._take(match.end() if match else self.at + 1), False
        if stop:
            raise LexError(f"{stop!r} is missing")

    def _take(self, end: int) -> str:
        start, self.at = self.at, end
        return self.text[start:end]

    def _next(self) -> str:
        if self.at >= len(self.text):
            raise LexError("the text ends too early")
        return self._take(self.at + 1)

    def _escaped(self) -> str:
        kept = self._next() if self.escapes else self._next()[1:]
        return kept + self._take(self.at + 1) if self.at < len(self.text) else ""

    def _single(self) -> str:
        end = self.text.find("'", self.at + 1)
        if end < 0:
            raise LexError("a quote is not closed")
        whole = self._take(end + 1)
        return whole if self.quotes else whole[1:-1]

    def _double(self) -> str:
        parts = [self._next()]
        while (char := self._peek()) != '"':
            if char == "$":
                parts.append(self._dollar())
            elif char == _ESCAPE:
                parts.append(self._escaped_in_double_quotes())
            else:
                match = _IN_DOUBLE_QUOTES.match(self.text, self.at)
                parts.append(self._take(match.end()) if match else self._next())
        parts.append(self._next())
        return "".join(parts if self.quotes else parts[1:-1])

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def _escaped_in_double_quotes(self) -> str:
        escape = self._next()
        if self._peek() in ('"', "$", _ESCAPE):
            return (escape if self.escapes else "") + self._next()
        return escape + (escape if self.escapes else "") if self._peek() else ""

    def _dollar(self) -> str:
        """A variable; none is set here, so it stays as it is written."""
        self._next()
        if self._peek() != "{":
            return f"${self._name()}"
        self._next()
        if self._peek() in ("{", "}", ":", ""):
            raise LexError("a bad substitution")
        head = self._name()
        operator = self._next()
        if operator == "}":
            return f"${{{head}}}"
        if operator == ":":
            operator += self._next()
        elif operator == "/":
            operator += self._next() if self._peek() == "/" else ""
            return f"${{{head}/{self._inner('/', raw=True)}/{self._inner('}', raw=True)}}}"
        elif operator not in "+-?#%":
            raise LexError(f"the operator {operator} is unknown")
        return f"${{{head}{operator}{self._inner('}', raw=operator[-1] in '#%')}}}"

    def _inner(self, stop: str, *, raw: bool) -> str:
        if self.depth >= _MAX_DEPTH:
            raise LexError("braces are nested too deep")
        before, self.escapes, self.depth = self.escapes, raw, self.depth + 1
        inner = "".join(piece for piece, _ in self.until(stop))
        self.escapes, self.depth = before, self.depth - 1
        return inner

    def _name(self) -> str:
        match = _NAME.match(self.text, self.at)
        return self._take(match.end()) if match else ""
