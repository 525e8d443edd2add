"""The commands of a RUN, read with tree-sitter's grammar of the shell.

What the grammar does not understand raises ShellError: the check then says nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from basebump.core.cache_order.places import join
from basebump.core.expand import Environment, UnresolvedError, expand
from basebump.core.instruction import Traced

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

# A person writes a few hundred characters. The grammar is linear but for nested heredocs.
MAX_SCRIPT = 65_536
MAX_HEREDOCS = 32
MAX_DEPTH = 200

SHELLS = frozenset({"sh", "bash", "ash", "dash", "zsh"})
_SPECIAL = re.compile(r"[$'\"\\`]")
_QUOTES = re.compile(r"['\"\\]")
_NOT_PLAIN = re.compile(r"[^\t\n -~]")
_PREFIXES = frozenset({"sudo", "exec", "command", "time", "nohup", "nice", "doas"})
_INTERPRETERS = frozenset({"python", "python3", "python2", "php", "ruby"})
_RUNNERS = frozenset({"corepack"})
_RUN = frozenset({"npm", "yarn", "pnpm"})


class ShellError(ValueError):
    """The script is not one that the grammar understands."""


@dataclass(frozen=True, slots=True)
class Command:
    """A simple command: its words with quotes and known variables resolved.

    `cwd` is the folder it runs in, `offset` the character of the script where it begins, and
    `writes` are the files that it is redirected to.
    """

    words: tuple[str, ...]
    cwd: str
    offset: int
    writes: tuple[str, ...] = ()


def fill(text: str, environment: Environment, escape: str = "\\") -> str:
    """A word without its quotes and with the variables that are known; others stay as written."""
    if text.isalnum() or not _SPECIAL.search(text):
        return text
    traced = Traced(text, (-1,) * len(text))
    try:
        return expand(traced, environment, escape).text
    except UnresolvedError:
        return _QUOTES.sub("", text)


def commands(script: str, cwd: str, environment: Environment) -> list[Command]:
    """The script's commands in order; both branches of an `if` are taken.

    Raises ShellError when the script is too long or the grammar does not understand it.
    """
    reader = _Reader(cwd, dict(environment))
    reader.read(script)
    return reader.found


@cache
def _parser() -> "Parser":
    import tree_sitter  # noqa: PLC0415 - 20 ms that a file without an install does not pay
    import tree_sitter_bash  # noqa: PLC0415

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_bash.language()))


@dataclass(slots=True)
class _Reader:
    """Walks the syntax tree and follows `cd` and assignments on the way."""

    cwd: str
    environment: dict[str, "Traced | UnresolvedError | None"]
    found: list[Command] = field(default_factory=list)
    source: str = ""
    at: int | None = None  # where a script inside a script began
    depth: int = 0

    def read(self, script: str) -> None:
        if len(script) > MAX_SCRIPT or script.count("<<") > MAX_HEREDOCS:
            raise ShellError("the script is too long")
        outer, self.source = self.source, script
        # The grammar's scanner crashes on some characters beyond ASCII, and none of those means
        # anything to a shell. One byte a character keeps its positions those of the text.
        plain = _NOT_PLAIN.sub("x", script.replace("\r", " ")).encode("ascii")
        root = _parser().parse(plain).root_node
        if root.has_error:
            raise ShellError("the shell grammar does not understand the script")
        self._visit(root)
        self.source = outer

    def _visit(self, node: "Node") -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ShellError("the script is nested too deep")
        match node.type:
            case "command":
                self._command(node, ())
            case "redirected_statement":
                self._redirected(node)
            case "subshell" | "pipeline" | "command_substitution" | "process_substitution":
                kept = self.cwd
                self._children(node)
                self.cwd = kept
            case "variable_assignment":
                self._assignment(node)
            case "function_definition":
                # Its body runs where it is called, and the call's name is no command we know.
                pass
            case _:
                self._children(node)
        self.depth -= 1

    def _children(self, node: "Node") -> None:
        for child in node.named_children:
            self._visit(child)

    def _text(self, node: "Node") -> str:
        return self.source[node.start_byte : node.end_byte]

    def _assignment(self, node: "Node") -> None:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        self._children(node)
        if name is not None:
            text = fill(self._text(value), self.environment) if value is not None else ""
            self.environment[self._text(name)] = (
                UnresolvedError("set by the script") if "$" in text or "`" in text
                else Traced(text, (-1,) * len(text))
            )  # fmt: skip

    def _redirected(self, node: "Node") -> None:
        body = node.child_by_field_name("body")
        targets = tuple(
            join(self.cwd, fill(self._text(target), self.environment))
            for redirect in node.children_by_field_name("redirect")
            if redirect.type == "file_redirect"
            and not self._text(redirect).lstrip("0123456789").startswith("<")
            and (target := redirect.child_by_field_name("destination")) is not None
        )
        if body is None:
            self.found.append(Command(("tee",), self.cwd, self._offset(node), targets))
        elif body.type == "command":
            self._command(body, targets)
        else:
            before = len(self.found)
            self._visit(body)
            for index in range(before, len(self.found))[-1:]:
                last = self.found[index]
                self.found[index] = Command(last.words, last.cwd, last.offset, targets)

    def _command(self, node: "Node", writes: tuple[str, ...]) -> None:
        for child in node.named_children:
            self._substitutions(child)
        words = list(self._words(node))
        words = _unwrapped(words)
        if not words:
            return
        name = words[0].rsplit("/", 1)[-1]
        if name in SHELLS and (script := _script(words)) is not None:
            self._inner(script, self._offset(node))
        elif name in ("cd", "pushd") and len(words) > 1:
            self.cwd = join(self.cwd, words[-1])
        else:
            self.found.append(Command(tuple(words), self.cwd, self._offset(node), writes))

    def _words(self, node: "Node") -> Iterator[str]:
        for child in node.named_children:
            if child.type in ("variable_assignment", "file_redirect", "heredoc_redirect",
                              "herestring_redirect", "comment"):  # fmt: skip
                continue
            text = self._text(child)
            value = fill(text, self.environment)
            # An unquoted variable falls into words.
            yield from value.split() if text.startswith("$") and value != text else [value]

    def _substitutions(self, node: "Node") -> None:
        if node.type in ("command_substitution", "process_substitution"):
            self._visit(node)
            return
        for child in node.named_children:
            self._substitutions(child)

    def _inner(self, script: str, offset: int) -> None:
        kept, at = self.cwd, self.at
        self.at = offset
        self.read(script)
        self.cwd, self.at = kept, at

    def _offset(self, node: "Node") -> int:
        if self.at is not None:
            return self.at
        return node.start_byte


def _script(words: list[str]) -> str | None:
    """The script of `sh -c script`, `bash -lc script`; None for a script file."""
    for index, word in enumerate(words[1:], start=1):
        if word.startswith("-") and word.endswith("c") and not word.startswith("--"):
            return words[index + 1] if index + 1 < len(words) else None
        if not word.startswith("-"):
            return None
    return None


def unwrapped(words: list[str]) -> list[str]:
    """The command behind `sudo`, `env X=1`, `python -m`, `php`, `sh ./gradlew`."""
    return _unwrapped(words)


def _unwrapped(words: list[str]) -> list[str]:
    while words:
        name = words[0].rsplit("/", 1)[-1]
        rest = words[1:]
        if name in _PREFIXES or (name in _RUNNERS and rest[:1] and rest[0] in _RUN):
            words = rest[_options(rest) :]
        elif name == "env":
            words = rest[_options(rest) :]
            while words and "=" in words[0]:
                words = words[1:]
        elif name.rstrip("0123456789.") in _INTERPRETERS and rest[:1] == ["-m"]:
            words = rest[1:]
        elif name in ("php", *SHELLS) and rest and _is_tool(rest[0]):
            words = rest
        else:
            return words
    return words


def _options(words: list[str]) -> int:
    return next((i for i, word in enumerate(words) if not word.startswith("-")), len(words))


def _is_tool(word: str) -> bool:
    return word.rsplit("/", 1)[-1] in {"composer", "composer.phar", "gradlew", "mvnw"}
