"""Text from a repository, made safe to show."""

import re
import unicodedata

# Cc: control codes that a terminal obeys; Cf: among others the marks that turn text around; Zl and
# Zp: line ends that some readers obey; Cs: bytes of a path that were no UTF-8.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn"})


def clean(text: str) -> str:
    """The text with everything a terminal could obey written as an escape."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(c) if unicodedata.category(c) in _UNSAFE else c for c in text)


def _escaped(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}"  # noqa: PLR2004 - one byte


def code(text: str) -> str:
    """Text of a repository as a Markdown code span that it cannot leave."""
    shown = clean(text)
    if not shown:
        return ""
    fence = "`" * (max((len(run) for run in re.findall("`+", shown)), default=0) + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    inside = shown.replace("|", "\\|")  # a bare one would end the table's cell
    return f"{fence}{pad}{inside}{pad}{fence}"


def escape(text: str) -> str:
    """Text of a repository as plain text of a Markdown document: no link, no mention, no HTML."""
    return re.sub(r"([\\`*_{}\[\]<>()#|@~!])", r"\\\1", clean(text))
