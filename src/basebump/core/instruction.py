"""An instruction of a Dockerfile, and the values it is made of, each with its place in the text."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace

# https://docs.docker.com/reference/dockerfile/#overview
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

_BLANKS = re.compile(r"[\t\v\f\r ]*")
WORD = re.compile(r"[^\t\v\f\r ]+")


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
        return [Word(match[0], match.start()) for match in WORD.finditer(self.value)]

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
        match = WORD.match(self.value) if self.name == "ONBUILD" else None
        if match is None:
            return None
        start = after_blanks(self.value, match.end())
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


def after_blanks(text: str, index: int) -> int:
    """The first place from `index` on that is no blank."""
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
