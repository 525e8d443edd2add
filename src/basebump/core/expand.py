"""Build arguments filled in, with every character's place kept.

The rules are those of BuildKit's word processor (`frontend/dockerfile/shell/lex.go`). What it knows
and this does not (`${X#…}`, `${X/…}`) is never guessed at: it raises UnresolvedError.
"""

import re
from collections.abc import Mapping

from basebump.core.instruction import Traced

MAX_LENGTH = 4096  # longer than any reference; also stops `ARG B=$A$A$A…` from growing without end
_MAX_DEPTH = 16
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-]")

# Set by the builder itself, so nobody can know them from the file:
# https://docs.docker.com/reference/dockerfile/#automatic-platform-args-in-the-global-scope
PLATFORM_ARGUMENTS = frozenset(
    f"{side}{part}"
    for side in ("TARGET", "BUILD")
    for part in ("PLATFORM", "OS", "OSVERSION", "ARCH", "VARIANT")
)


class UnresolvedError(Exception):
    """The text's value is not in the file; the message says why, as the end of a sentence."""


Environment = Mapping[str, "Traced | UnresolvedError | None"]
"""What each name stands for: its value, why it has none, or None when nothing was given to it."""


def expand(word: Traced, environment: Environment, escape: str, *, depth: int = 0) -> Traced:
    """The word as the builder sees it: quotes removed, variables filled in.

    Raises UnresolvedError when a variable has no value in the file, or the form is not understood.
    """
    if len(word.text) > MAX_LENGTH:
        raise UnresolvedError("the text is too long to be a reference")
    if depth > _MAX_DEPTH:
        raise UnresolvedError("its braces are nested too deep")
    if any(char in word.text for char in ("$", "'", '"', escape)):
        return _expanded(word, environment, escape, depth)
    return word


def _expanded(word: Traced, environment: Environment, escape: str, depth: int) -> Traced:
    parts: list[Traced] = []
    length = index = 0
    quote = ""
    while index < len(word.text):
        char = word.text[index]
        if char == "$" and quote != "'":
            part, index = _variable(word, index, environment, escape, depth)
            parts.append(part)
            length += len(part.text)
            if length > MAX_LENGTH:
                raise UnresolvedError("its value is too long")
            continue
        if char == escape and quote != "'":
            kept, index = _escaped(word, index, quote, escape)
            parts.append(kept)
            continue
        if char == quote:
            quote = ""
        elif not quote and char in "'\"":
            quote = char
        else:
            parts.append(word[index : index + 1])
        index += 1
    if quote:
        raise UnresolvedError("a quote is not closed")
    if len(parts) == 1:  # `$A` alone: however many lines repeat a value, it is kept once
        return parts[0]
    return Traced("".join(p.text for p in parts), tuple(o for p in parts for o in p.origins))


def _escaped(word: Traced, index: int, quote: str, escape: str) -> tuple[Traced, int]:
    """What the escape character at `index` leaves, and where the text goes on behind it."""
    following = word.text[index + 1 : index + 2]
    if quote and following not in ("", '"', "$", escape):
        return word[index : index + 1], index + 1  # in double quotes it escapes nothing else
    return word[index + 1 : index + 2], index + 2


def _variable(
    word: Traced, start: int, environment: Environment, escape: str, depth: int
) -> tuple[Traced, int]:
    """What the `$…` at `start` stands for, and where the text goes on behind it."""
    text = word.text
    braced = text.startswith("{", start + 1)
    match = _NAME.match(text, start + 1 + braced)
    if match is None:
        if braced:
            raise UnresolvedError("its braces do not match")
        return word[start : start + 1], start + 1  # a lone `$` stands for itself
    name = match[0]
    if not braced:
        return _value(name, environment), match.end()
    end = _closing_brace(text, match.end(), escape)
    form = word[match.end() : end]
    if not form.text:
        return _value(name, environment), end + 1
    operator = form.text[:2] if form.text[0] == ":" else form.text[0]
    if operator[-1] not in "-+?":
        raise UnresolvedError(f"${{{name}{form.text[:20]}}} is not understood")
    value = _given(name, environment)
    present = value is not None and bool(value.text or operator[0] != ":")
    alternative = form[len(operator) :]
    if operator[-1] == "?" and not present:
        raise UnresolvedError(f"{name} must be given: {alternative.text[:80]}")
    if operator[-1] == "+" and not present:
        return Traced("", ()), end + 1
    if present and value is not None and operator[-1] != "+":
        return value, end + 1
    return expand(alternative, environment, escape, depth=depth + 1), end + 1


def _closing_brace(text: str, index: int, escape: str) -> int:
    """Where the `}` stands that ends the braces whose inside begins at `index`."""
    within = ["}"]  # what ends the braces and double quotes that are open, the innermost last
    while index < len(text):
        char = text[index]
        if char == within[-1]:
            within.pop()
            if not within:
                return index
        elif char == escape or text.startswith("$$", index):
            index += 1
        elif text.startswith("${", index):
            within.append("}")
            index += 1
        elif char == '"':
            within.append(char)
        elif char == "'" and within[-1] == "}":
            index = text.find("'", index + 1)
            if index < 0:
                break
        index += 1
    raise UnresolvedError("its braces do not match")


def _given(name: str, environment: Environment) -> Traced | None:
    """What the name stands for, or None where a `${name:-default}` falls back."""
    value = environment.get(name)
    if isinstance(value, UnresolvedError):
        raise value
    if value is None and name in PLATFORM_ARGUMENTS:
        raise UnresolvedError(f"{name} is set by the builder")
    return value


def _value(name: str, environment: Environment) -> Traced:
    value = _given(name, environment)
    if value is not None:
        return value
    if name in environment:
        raise UnresolvedError(f"the build argument {name} has no default")
    raise UnresolvedError(f"{name} is declared nowhere before the first FROM")
