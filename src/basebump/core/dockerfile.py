"""A Dockerfile's text as instructions, each with the exact place of every character.

dockerfile-parse names the instructions. It is given one line an instruction, because on the file as
it stands it takes heredoc bodies for instructions, misses a first `FROM` behind a BOM, and ends an
instruction at a blank line within a continuation. Folding the lines is therefore done here, after
BuildKit's parser (`frontend/dockerfile/parser/parser.go`).
"""

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO

from dockerfile_parse import DockerfileParser

from basebump.core.heredoc import LexError, markers

BOM = "\ufeff"

# Go's unicode.IsSpace, which is what BuildKit trims; Python's own set has four more.
_SPACE = " \t\v\f\r\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)

INSTRUCTIONS = frozenset(
    [
        "ADD",
        "ARG",
        "CMD",
        "COPY",
        "ENTRYPOINT",
        "ENV",
        "EXPOSE",
        "FROM",
        "HEALTHCHECK",
        "LABEL",
        "MAINTAINER",
        "ONBUILD",
        "RUN",
        "SHELL",
        "STOPSIGNAL",
        "USER",
        "VOLUME",
        "WORKDIR",
    ]
)
_TAKES_HEREDOC = frozenset({"ADD", "COPY", "RUN"})

_DIRECTIVE = re.compile(r"#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*", re.ASCII)
_NAME = re.compile(r"[^\t\v\f\r ]+")
_LETTERS = re.compile(r"[A-Za-z]+")  # what an instruction's name is made of
_BLANKS = re.compile(r"[\t\v\f\r ]*")
_WORD = re.compile(r"[^\t\v\f\r ]+")
_MAX_DIRECTIVE = 1024
_DIRECTIVES = frozenset({"check", "escape", "syntax"})


class DockerfileError(ValueError):
    """The bytes are no Dockerfile that BuildKit would build; `line` is where, 1-based."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(problem)
        self.line = line


@dataclass(frozen=True, slots=True)
class Directive:
    """A parser directive (`# syntax=…`) and where its value begins in the text."""

    name: str
    value: str
    line: int
    start: int


@dataclass(frozen=True, slots=True)
class Heredoc:
    """A heredoc's body: its name and its lines, 1-based and without the terminator's."""

    name: str
    body: str
    line: int


@dataclass(frozen=True, slots=True)
class Traced:
    """Text that knows the position of each of its characters in the file."""

    text: str
    origins: tuple[int, ...]

    def __add__(self, other: "Traced") -> "Traced":
        return Traced(self.text + other.text, self.origins + other.origins)

    def __getitem__(self, part: slice) -> "Traced":
        return Traced(self.text[part], self.origins[part])


@dataclass(frozen=True, slots=True)
class Word:
    """A word of an instruction's value: `value[start:end] == text`."""

    text: str
    start: int

    @property
    def end(self) -> int:
        """The position after the word."""
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction: lines are 1-based and inclusive, heredoc bodies included.

    `value` is everything after the name, with the continuation lines joined as BuildKit joins
    them. `places` pairs a position in `value` with the position in the file's text from which the
    characters run on together.
    """

    name: str
    value: str
    line: int
    end_line: int
    places: tuple[tuple[int, int], ...]
    heredocs: tuple[Heredoc, ...] = ()

    def words(self) -> list[Word]:
        """The value's words, split at blanks and at nothing else."""
        return [Word(match[0], match.start()) for match in _WORD.finditer(self.value)]

    def position(self, index: int) -> int:
        """The position in the file's text of `value[index]`."""
        at = bisect_right(self.places, index, key=lambda place: place[0]) - 1
        start, position = self.places[max(at, 0)]
        return position + index - start

    def trace(self, start: int, end: int) -> Traced:
        """`value[start:end]` with the position of each character."""
        text, first = self.value[start:end], self.position(start)
        if start == end or self.position(end - 1) == first + end - 1 - start:  # in one piece
            return Traced(text, tuple(range(first, first + len(text))))
        return Traced(text, tuple(self.position(i) for i in range(start, end)))

    def triggered(self) -> "Instruction | None":
        """The instruction that an ONBUILD carries; None for any other instruction."""
        match = _NAME.match(self.value) if self.name == "ONBUILD" else None
        if match is None:
            return None
        start = _after_blanks(self.value, match.end())
        return replace(self, name=match[0].upper()).behind(start)

    def behind(self, start: int) -> "Instruction":
        """The same instruction with a value that begins at `value[start]`."""
        return Instruction(
            self.name,
            self.value[start:],
            self.line,
            self.end_line,
            self._places_from(start),
            self.heredocs,
        )

    def _places_from(self, start: int) -> tuple[tuple[int, int], ...]:
        later = tuple((index - start, pos) for index, pos in self.places if index > start)
        return ((0, self.position(start)), *later)


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """A Dockerfile, parsed: its decoded text, directives and instructions in file order."""

    text: str
    escape: str
    directives: tuple[Directive, ...]
    instructions: tuple[Instruction, ...]
    line_starts: tuple[int, ...]

    def stranger(self) -> Instruction | None:
        """The first instruction that Docker does not know, as templates have them."""
        return next((i for i in self.instructions if i.name not in INSTRUCTIONS), None)

    def line_of(self, position: int) -> int:
        """The 1-based line on which the character at `position` stands."""
        return bisect_right(self.line_starts, position)

    def line_text(self, line: int) -> str:
        """The text of a 1-based line without its line ending; empty outside the file."""
        if not 1 <= line <= len(self.line_starts):
            return ""
        ends = self.line_starts[line] if line < len(self.line_starts) else len(self.text)
        return self.text[self.line_starts[line - 1] : ends].rstrip("\r\n")


def parse(content: bytes) -> Dockerfile:
    """Parse a Dockerfile's bytes.

    Raises DockerfileError when the bytes are not UTF-8 or BuildKit's parser refuses them: a
    heredoc without an end, an invalid escape directive, no instruction at all. Like that parser it
    lets an unknown instruction pass; `Dockerfile.stranger` finds it.
    """
    text = decode(content)
    folder = _Folder(text)
    logical = list(folder.fold())
    if not logical:
        raise DockerfileError(1, "the file has no instructions")
    instructions = tuple(_instructions(logical))
    return Dockerfile(
        text, folder.escape, tuple(folder.directives), instructions, tuple(folder.starts)
    )


def decode(content: bytes) -> str:
    """The text of a Dockerfile, with its BOM: encoding it gives `content` again.

    Raises DockerfileError at the line of the first byte that is not UTF-8.
    """
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        byte = content[error.start]
        raise DockerfileError(line, f"the file is not UTF-8: byte 0x{byte:02x}") from error


@dataclass(frozen=True, slots=True)
class _Logical:
    """An instruction's lines joined into one, as BuildKit's scanner hands them on."""

    text: str
    line: int
    end_line: int
    places: tuple[tuple[int, int], ...]
    heredocs: tuple[Heredoc, ...]


class _Folder:
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

    def fold(self) -> Iterator[_Logical]:
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
        bare = line.lstrip(_SPACE)
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

    def _instruction(self, number: int, start: int, line: str) -> _Logical:
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
        return _Logical(text, number + 1, self._next, tuple(places or [(0, start)]), heredocs)

    def _continuation(self) -> tuple[int, str, bool]:
        """The next line of an instruction; comments and blank lines carry it on."""
        number = self._next
        self._next += 1
        start, line = self.starts[number], self.lines[number].rstrip("\r")
        bare = line.lstrip(_SPACE)
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


def _instructions(logical: list[_Logical]) -> Iterator[Instruction]:
    written = [_written_name(entry.text.rstrip(_SPACE)) for entry in logical]
    known = _known_names([word.text for word in written if _LETTERS.fullmatch(word.text)])
    for entry, word in zip(logical, written, strict=True):
        name = next(known) if _LETTERS.fullmatch(word.text) else word.text
        text = entry.text.rstrip(_SPACE)
        start = len(text) - len(text[_after_blanks(text, word.end) :].lstrip(_SPACE))
        whole = Instruction(name, text, entry.line, entry.end_line, entry.places, entry.heredocs)
        yield whole.behind(start)


def _takes_heredoc(text: str) -> bool:
    """Whether the instruction may open a heredoc: in JSON form it may not."""
    words = _WORD.findall(text.strip(_SPACE))[:3]
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


def _written_name(text: str) -> Word:
    """The first word; it is not at the very start when the line before held a backslash only."""
    start = len(text) - len(text.lstrip(_SPACE))
    match = _NAME.match(text, start)
    return Word(match[0], start) if match else Word("", start)


def _known_names(names: list[str]) -> Iterator[str]:
    """The names of the instructions, as dockerfile-parse tells them.

    It is shown nothing but the names: arguments hold characters at which it, but no builder, would
    end the line, and trailing backslashes, from which it would read on.
    """
    text = "\n".join(names)
    structure = DockerfileParser(fileobj=BytesIO(f"{text}\n".encode())).structure if names else []
    return (found["instruction"] for found in structure)


def _after_blanks(text: str, index: int) -> int:
    match = _BLANKS.match(text, index)
    return match.end() if match else index


def shell_words(text: str, escape: str) -> Iterator[Word]:
    """Split at blanks outside quotes, keeping quotes and escapes as they are written."""
    pattern = _SHELL_WORD["`" if escape == "`" else "\\"]
    for match in pattern.finditer(text):
        yield Word(match[0], match.start())


def _shell_word(escape: str) -> re.Pattern[str]:
    esc = re.escape(escape)
    blanks = r"\t\n\v\f\r "
    # Possessive, so that a missing quote costs one pass and not one a character.
    return re.compile(
        rf"(?:'[^']*+(?:'|$)|\"(?:{esc}.|[^\"{esc}])*+(?:\"|{esc}?$)|{esc}(?:.|$)"
        rf"|[^{blanks}'\"{esc}])++",
        re.DOTALL,
    )


_SHELL_WORD = {escape: _shell_word(escape) for escape in ("\\", "`")}
