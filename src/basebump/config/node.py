"""A YAML file's nodes, each of which knows where it stands: every mistake is told with its line."""

import difflib
import re
from collections.abc import Callable
from typing import TypeVar

import yaml

from basebump.errors import UsageError

_T = TypeVar("_T")


class Value:
    """A node of the YAML file that knows where it stands."""

    def __init__(self, node: yaml.Node, file: str, path: str) -> None:
        self.node = node
        self.file = file
        self.path = path

    def error(self, problem: str) -> UsageError:
        """The mistake, with file, line and key in front; to be raised."""
        line = self.node.start_mark.line + 1
        where = f"{self.path}: " if self.path else ""
        return UsageError(f"{self.file}:{line}: {where}{problem}")

    def mapping(self) -> "Keys":
        """Its keys. This and all below raise UsageError for a node of another kind."""
        if not isinstance(self.node, yaml.MappingNode) or not self.node.tag.endswith(",2002:map"):
            raise self.error("expected keys and values")
        return Keys(self, self.node)

    def items(self) -> list["Value"]:
        """The entries of a list."""
        if not isinstance(self.node, yaml.SequenceNode) or not self.node.tag.endswith(",2002:seq"):
            raise self.error("expected a list")
        return [
            Value(node, self.file, f"{self.path}[{index}]")
            for index, node in enumerate(self.node.value)
        ]

    def string(self) -> str:
        """A text; what YAML takes for a number or a truth value has to be quoted."""
        if not isinstance(self.node, yaml.ScalarNode):
            raise self.error("expected a text")
        tag = self.node.tag.rpartition(":")[2]
        if tag != "str":
            kind = {"float": "a number", "int": "a number", "bool": "true or false"}.get(tag, tag)
            written = self.node.value
            read = yaml.safe_load(written)
            lost = f" ({read})" if kind == "a number" and str(read) != written else ""
            raise self.error(f'{written} is {kind} to YAML{lost}; quote it: "{written}"')
        return str(self.node.value)

    def strings(self) -> tuple[str, ...]:
        """A list of texts."""
        return tuple(item.string() for item in self.items())

    def boolean(self) -> bool:
        """True or false."""
        if not isinstance(self.node, yaml.ScalarNode) or not self.node.tag.endswith(":bool"):
            raise self.error("expected true or false")
        return bool(yaml.safe_load(self.node.value))

    def count(self) -> int:
        """A whole number, 0 or more."""
        scalar = isinstance(self.node, yaml.ScalarNode)
        if not scalar or not re.fullmatch(r"[0-9]{1,9}", self.node.value):
            raise self.error("expected a whole number, 0 or more")
        return int(self.node.value)

    def checked(self, parse: Callable[[str], _T]) -> _T:
        """What `parse` makes of the text; its ValueError becomes a UsageError with the line."""
        try:
            return parse(self.string())
        except ValueError as error:
            raise self.error(str(error)) from error

    def one_of(self, *allowed: str) -> str:
        """One of these words."""
        # YAML 1.1 reads a bare `off` as false; here it is the word.
        word = self.node.value if isinstance(self.node, yaml.ScalarNode) else None
        if word not in allowed:
            near = difflib.get_close_matches(str(word), allowed, n=1)
            meant = f"; did you mean {str(near[0])!r}?" if near else ""
            raise self.error(f"expected {' or '.join(allowed)}{meant}")
        return str(word)


class Keys:
    """The keys of a mapping; those that nobody asked for are an error."""

    def __init__(self, value: Value, node: yaml.MappingNode) -> None:
        self._value = value
        self._entries: dict[str, Value] = {}
        self._known: list[str] = []
        self._keys: dict[str, Value] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            at = Value(key_node, value.file, value.path)
            if key in self._entries:
                raise at.error(f"the key {key!r} stands here twice")
            path = f"{value.path}.{key}" if value.path else key
            self._entries[key] = Value(value_node, value.file, path)
            self._keys[key] = at

    def get(self, key: str, convert: Callable[[Value], _T], default: _T) -> _T:
        """The key's value, converted; the default where it is absent or null."""
        self._known.append(key)
        value = self._entries.get(key)
        if value is None or value.node.tag.endswith(":null"):
            return default
        return convert(value)

    def done(self) -> None:
        """Raise UsageError for a key that nobody asked for, with the nearest that is known."""
        for key, at in self._keys.items():
            if key not in self._known:
                raise at.error(f"unknown key {key!r}{_nearest(key, self._known)}")

    def entries(self) -> "dict[str, Value]":
        """All of them, where the keys are names that someone chose."""
        self._known += self._entries
        return self._entries

    def error(self, problem: str) -> UsageError:
        """As `Value.error`, for the whole mapping."""
        return self._value.error(problem)

    def missing(self, key: str) -> UsageError:
        """That a key must be there; to be raised."""
        return self.error(f"the key {key!r} is missing")


def _nearest(word: str, known: "list[str] | tuple[str, ...]") -> str:
    match = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean {match[0]!r}?" if match else f"; known are {', '.join(known)}"
