"""Lines folded into instructions, after BuildKit's parser (`frontend/dockerfile/parser/parser.go`).

Continuation lines are joined, comments dropped, and the bodies of heredocs taken out of the way.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from basebump.core.heredoc import LexError, markers
from basebump.core.instruction import WORD, Directive, Heredoc

BOM = "\ufeff"

# Go's unicode.IsSpace, which is what BuildKit trims; Python's own set has four more.
SPACE = " \t\v\f\r\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)

_TAKES_HEREDOC = frozenset({"ADD", "COPY", "RUN"})

_DIRECTIVE = re.compile(r"#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*", re.ASCII)
_MAX_DIRECTIVE = 1024
_DIRECTIVES = frozenset({"check", "escape", "syntax"})


class DockerfileError(ValueError):
    """The bytes are no Dockerfile that BuildKit would build; `line` is where, 1-based."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(problem)
        self.line = line


@dataclass(frozen=True, slots=True)
class Logical:
    """An instruction's lines joined into one, as BuildKit's scanner hands them on."""

    text: str
    line: int
    end_line: int
    places: tuple[tuple[int, int], ...]
    heredocs: tuple[Heredoc, ...]


class Folder:
    """Joins continuation lines, drops comments, and takes heredoc bodies out of the way."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = text.split("\n")
        if not self.lines[-1]:
            self.lines.pop()  # a newline ends the last line and begins no other
        self.starts = [0]
        for line in self.lines[:-1]:
            self.starts.append(self.starts[-1] + len(line) + 1)
        self.escape = "\\"
        self.directives: list[Directive] = []
        self._next = 0
        self._directives_over = False

    def fold(self) -> Iterator[Logical]:
        """The instructions in turn. Raises DockerfileError; the directives are known at the end."""
        while self._next < len(self.lines):
            number = self._next
            self._next += 1
            start, line = self._physical(number)
            if line.startswith("#"):
                self._directive(number, start, line)
                continue
            self._directives_over = True
            if line:
                yield self._instruction(number, start, line)

    def _physical(self, number: int) -> tuple[int, str]:
        """A line without its ending and its leading blanks, and where that begins."""
        start, line = self.starts[number], self.lines[number]
        if number == 0 and line.startswith(BOM):
            start, line = start + 1, line[1:]
        bare = line.lstrip(SPACE)
        return start + len(line) - len(bare), bare.rstrip("\r")

    def _directive(self, number: int, start: int, line: str) -> None:
        match = None if self._directives_over else _DIRECTIVE.fullmatch(line[:_MAX_DIRECTIVE])
        name, value = (match[1].lower(), match[2]) if match else ("", "")
        if match is None or name not in _DIRECTIVES:
            self._directives_over = True
            return
        if any(directive.name == name for directive in self.directives):
            raise DockerfileError(number + 1, f"only one {name} directive can be used")
        if name == "escape":
            if value not in ("\\", "`"):
                raise DockerfileError(number + 1, f"invalid escape directive {value!r}")
            self.escape = value
        self.directives.append(Directive(name, value, number + 1, start + match.start(2)))

    def _instruction(self, number: int, start: int, line: str) -> Logical:
        parts: list[str] = []
        places: list[tuple[int, int]] = []
        length = 0
        part, continued = self._trim_continuation(line)
        while True:
            if part:
                places.append((length, start))
                parts.append(part)
                length += len(part)
            if not continued or self._next >= len(self.lines):
                break
            start, part, continued = self._continuation()
        text = "".join(parts)
        heredocs = tuple(self._heredocs(number, text)) if "<<" in text else ()
        return Logical(text, number + 1, self._next, tuple(places or [(0, start)]), heredocs)

    def _continuation(self) -> tuple[int, str, bool]:
        """The next line of an instruction; comments and blank lines carry it on."""
        number = self._next
        self._next += 1
        start, line = self.starts[number], self.lines[number].rstrip("\r")
        bare = line.lstrip(SPACE)
        if not bare or bare.startswith("#"):
            return start, "", True
        return start, *self._trim_continuation(line)

    def _trim_continuation(self, line: str) -> tuple[str, bool]:
        """Cut a trailing escape character: two of them in a row are none."""
        bare = line.rstrip(" \t")
        if not bare.endswith(self.escape) or bare[-2:-1] == self.escape:
            return line, False
        return bare[:-1], True

    def _heredocs(self, number: int, text: str) -> Iterator[Heredoc]:
        if not _takes_heredoc(text):
            return
        try:
            for marker in markers(text):
                yield self._heredoc(number, marker.name, chomp=marker.chomp)
        except LexError as error:
            raise DockerfileError(number + 1, f"the heredoc's name: {error}") from error

    def _heredoc(self, number: int, terminator: str, *, chomp: bool) -> Heredoc:
        first = self._next
        while self._next < len(self.lines):
            line = self.lines[self._next].rstrip("\r")
            self._next += 1
            if (line.lstrip("\t") if chomp else line) == terminator:
                body = "\n".join(self.lines[first : self._next - 1])
                return Heredoc(terminator, body, first + 1)
        raise DockerfileError(number + 1, f"the heredoc {terminator!r} has no end")


def _takes_heredoc(text: str) -> bool:
    """Whether the instruction may open a heredoc: in JSON form it may not."""
    words = WORD.findall(text.strip(SPACE))[:3]
    behind_onbuild = words[1:] if words[0].upper() == "ONBUILD" else words
    if not behind_onbuild or behind_onbuild[0].upper() not in _TAKES_HEREDOC:
        return False
    if not behind_onbuild[1:] or not behind_onbuild[1].startswith("["):
        return True
    try:
        arguments = json.loads(text[text.index("[") :])
    except (ValueError, RecursionError):
        return True
    return not all(isinstance(argument, str) for argument in arguments)
