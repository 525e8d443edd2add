"""A Dockerfile's text as instructions, each with the exact place of every character.

dockerfile-parse names the instructions. It is given one line an instruction, because on the file as
it stands it takes heredoc bodies for instructions, misses a first `FROM` behind a BOM, and ends an
instruction at a blank line within a continuation. Folding the lines is therefore done by `folding`.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from dockerfile_parse import DockerfileParser

from basebump.core.folding import SPACE, DockerfileError, Folder, Logical
from basebump.core.instruction import (
    INSTRUCTIONS,
    WORD,
    Directive,
    Instruction,
    Word,
    after_blanks,
)

__all__ = ["Dockerfile", "DockerfileError", "decode", "parse"]

_LETTERS = re.compile(r"[A-Za-z]+")  # what an instruction's name is made of


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
    folder = Folder(text)
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


def _instructions(logical: list[Logical]) -> Iterator[Instruction]:
    written = [_written_name(entry.text.rstrip(SPACE)) for entry in logical]
    known = _known_names([word.text for word in written if _LETTERS.fullmatch(word.text)])
    for entry, word in zip(logical, written, strict=True):
        name = next(known) if _LETTERS.fullmatch(word.text) else word.text
        text = entry.text.rstrip(SPACE)
        start = len(text) - len(text[after_blanks(text, word.end) :].lstrip(SPACE))
        whole = Instruction(name, text, entry.line, entry.end_line, entry.places, entry.heredocs)
        yield whole.behind(start)


def _written_name(text: str) -> Word:
    """The first word; it is not at the very start when the line before held a backslash only."""
    start = len(text) - len(text.lstrip(SPACE))
    match = WORD.match(text, start)
    return Word(match[0], start) if match else Word("", start)


def _known_names(names: list[str]) -> Iterator[str]:
    """The names of the instructions, as dockerfile-parse tells them.

    It is shown nothing but the names: arguments hold characters at which it, but no builder, would
    end the line, and trailing backslashes, from which it would read on.
    """
    text = "\n".join(names)
    structure = DockerfileParser(fileobj=BytesIO(f"{text}\n".encode())).structure if names else []
    return (found["instruction"] for found in structure)
