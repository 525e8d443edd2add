"""Tables and colours as text: rich draws, and this decides how wide and whether in colour."""

import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from basebump.core.text import clean

DEFAULT_WIDTH = 80


@dataclass(frozen=True, slots=True)
class Style:
    """How wide a report may be, in characters, and whether it may use colour."""

    width: int = DEFAULT_WIDTH
    colour: bool = False

    @property
    def wide(self) -> bool:
        """Whether there is room for more columns."""
        return self.width >= 120  # noqa: PLR2004 - where the reasons fit beside the references


def style_of(*, tty: bool) -> Style:
    """The style for a stream: the terminal's width, and colour unless NO_COLOR is set."""
    asked = os.environ.get("COLUMNS", "")
    width = int(asked) if asked.isdecimal() and int(asked) else DEFAULT_WIDTH
    if tty and not asked:
        width = Console().width
    return Style(width, colour=tty and not os.environ.get("NO_COLOR"))


_ANSI = {"green": "\x1b[32m", "red": "\x1b[31m", "cyan": "\x1b[36m"}
_RESET = "\x1b[0m"


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines that are shown as they are, such as a diff's: (line, colour or ""), never wrapped.

    A large fleet has many of them, and drawing each with rich takes longer than planning does.
    """

    lines: Sequence[tuple[str, str]]

    def text(self, style: Style) -> Iterator[str]:
        """The lines with their endings, in colour if the style has it."""
        for line, colour in self.lines:
            if style.colour and colour:
                yield f"{_ANSI[colour]}{line}{_RESET}\n"
            else:
                yield f"{line}\n"


Part = RenderableType | Lines


def render(parts: Sequence[Part], style: Style) -> str:
    """The parts one below the other, without trailing blanks."""
    stream = io.StringIO()
    console = Console(
        file=stream,
        width=style.width,
        force_terminal=style.colour,
        color_system="standard" if style.colour else None,
        no_color=not style.colour,
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=False,
        _environ={},
    )
    for part in parts:
        if isinstance(part, Lines):
            stream.writelines(part.text(style))
        else:
            console.print(part)
    lines = (line.rstrip() for line in stream.getvalue().split("\n"))
    return "\n".join(lines).rstrip("\n") + "\n"


def table(*columns: str, numbers: Sequence[str] = ()) -> Table:
    """An empty table; a cell too long for its column is folded, never cut."""
    made = Table(
        box=None, pad_edge=False, header_style="bold", show_edge=False, padding=(0, 2, 0, 0)
    )
    for column in columns:
        made.add_column(column, overflow="fold", justify="right" if column in numbers else "left")
    return made


def cell(text: str, colour: str = "") -> Text:
    """Text from a repository as a table's cell."""
    return Text(clean(text), style=colour, overflow="fold")
