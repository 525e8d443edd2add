"""config.yaml as a frozen Config. A mistake is told with its line and the nearest right word."""

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import yaml
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from basebump.core.campaign import PullRequestTemplate, TemplateError
from basebump.core.policy import Floating, Rule
from basebump.core.reference import ImageReference, InvalidReferenceError
from basebump.errors import UsageError

DEFAULT_PATH = Path("config.yaml")
DEFAULT_FILES = (
    "**/Dockerfile",
    "**/Dockerfile.*",
    "**/*.Dockerfile",
    "**/Containerfile",
    "**/Containerfile.*",
)
SEVERITIES = ("error", "warning", "off")
CHECKS = ("cache-order",)

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class ForgeConfig:
    """Where the repositories are: below `root` (local) or in `org` at `url` (github)."""

    kind: str = "local"
    root: Path | None = None
    org: str | None = None
    url: str = "https://api.github.com"


@dataclass(frozen=True, slots=True)
class RepositoryFilter:
    """Which repositories of the forge are looked at; the globs match their names."""

    include: tuple[str, ...] = ("*",)
    exclude: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    archived: bool = False
    forks: bool = False


@dataclass(frozen=True, slots=True)
class Rollout:
    """How fast pull requests may be opened: an hour, and open at once in the whole campaign."""

    per_hour: int = 100
    max_open: int = 50


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that config.yaml can say; each field's default is what holds without a file."""

    forge: ForgeConfig = field(default_factory=ForgeConfig)
    repositories: RepositoryFilter = field(default_factory=RepositoryFilter)
    files: tuple[str, ...] = DEFAULT_FILES
    images: tuple[Rule, ...] = ()
    checks: Mapping[str, str] = field(default_factory=lambda: dict.fromkeys(CHECKS, "warning"))
    pull_request: PullRequestTemplate = field(default_factory=PullRequestTemplate)
    rollout: Rollout = field(default_factory=Rollout)


def load(path: Path) -> Config:
    """Read a configuration file. Raises UsageError with file and line for every mistake."""
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        raise UsageError(f"{path}: no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read: {error}") from error
    return parse(text, str(path), path.parent)


def parse(text: str, name: str, folder: Path) -> Config:
    """Turn the text of a configuration file into a Config; paths in it are below `folder`."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise UsageError(f"{name}:{line}: not valid YAML: {error.problem}") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise UsageError(f"{name}: not valid YAML: {error}") from error
    if node is None:
        return Config()
    root = _Value(node, name, "").mapping()
    config = Config(
        forge=root.get("forge", lambda v: _forge(v, folder), ForgeConfig()),
        repositories=root.get("repositories", _repositories, RepositoryFilter()),
        files=root.get("files", _Value.strings, DEFAULT_FILES),
        images=root.get("images", lambda v: tuple(map(_rule, v.items())), ()),
        checks=root.get("checks", _checks, Config().checks),
        pull_request=root.get("pull_request", _pull_request, PullRequestTemplate()),
        rollout=root.get("rollout", _rollout, Rollout()),
    )
    root.done()
    return config


def rule(
    image: str,
    to: str,
    from_: str | None = None,
    flavours: tuple[str, ...] | None = None,
    floating: str = "leave",
    *,
    downgrade: bool = False,
    id_: str = "",
) -> Rule:
    """A checked rule. Raises ValueError with a sentence when a part of it makes no sense."""
    if not re.search(r"[*?]", image):
        try:
            reference = ImageReference.parse(image)
        except InvalidReferenceError as error:
            raise ValueError(f"image: {error}") from error
        if reference.tag or reference.digest:
            raise ValueError(f"image: {image!r} names a tag; the rule's `to` does that")
    try:
        ImageReference.parse(f"image:{to}")
    except InvalidReferenceError:
        raise ValueError(f"to: {to!r} is no valid tag") from None
    try:
        range_ = SpecifierSet(from_) if from_ is not None else None
    except InvalidSpecifier:
        raise ValueError(f'from: {from_!r} is no version range; write it as ">=8,<9"') from None
    return Rule(image, to, range_, flavours, Floating(floating), downgrade, id_)


class _Value:
    """A node of the YAML file that knows where it stands."""

    def __init__(self, node: yaml.Node, file: str, path: str) -> None:
        self.node = node
        self.file = file
        self.path = path

    def error(self, problem: str) -> UsageError:
        line = self.node.start_mark.line + 1
        where = f"{self.path}: " if self.path else ""
        return UsageError(f"{self.file}:{line}: {where}{problem}")

    def mapping(self) -> "_Mapping":
        if not isinstance(self.node, yaml.MappingNode):
            raise self.error("expected keys and values")
        return _Mapping(self, self.node)

    def items(self) -> list["_Value"]:
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.error("expected a list")
        return [
            _Value(node, self.file, f"{self.path}[{index}]")
            for index, node in enumerate(self.node.value)
        ]

    def string(self) -> str:
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
        return tuple(item.string() for item in self.items())

    def boolean(self) -> bool:
        if not isinstance(self.node, yaml.ScalarNode) or not self.node.tag.endswith(":bool"):
            raise self.error("expected true or false")
        return bool(yaml.safe_load(self.node.value))

    def count(self) -> int:
        scalar = isinstance(self.node, yaml.ScalarNode)
        if not scalar or not re.fullmatch(r"[0-9]{1,9}", self.node.value):
            raise self.error("expected a whole number, 0 or more")
        return int(self.node.value)

    def one_of(self, *allowed: str) -> str:
        # YAML 1.1 reads a bare `off` as false; here it is the word.
        word = self.node.value if isinstance(self.node, yaml.ScalarNode) else None
        if word not in allowed:
            raise self.error(f"expected {' or '.join(allowed)}{_nearest(str(word), allowed)}")
        return str(word)


class _Mapping:
    """The keys of a mapping; those that nobody asked for are an error."""

    def __init__(self, value: _Value, node: yaml.MappingNode) -> None:
        self._value = value
        self._entries: dict[str, _Value] = {}
        self._known: list[str] = []
        self._keys: dict[str, _Value] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            at = _Value(key_node, value.file, value.path)
            if key in self._entries:
                raise at.error(f"the key {key!r} stands here twice")
            path = f"{value.path}.{key}" if value.path else key
            self._entries[key] = _Value(value_node, value.file, path)
            self._keys[key] = at

    def get(self, key: str, convert: Callable[[_Value], _T], default: _T) -> _T:
        self._known.append(key)
        value = self._entries.get(key)
        if value is None or value.node.tag.endswith(":null"):
            return default
        return convert(value)

    def done(self) -> None:
        for key, at in self._keys.items():
            if key not in self._known:
                raise at.error(f"unknown key {key!r}{_nearest(key, self._known)}")

    def missing(self, key: str) -> UsageError:
        return self._value.error(f"the key {key!r} is missing")


def _nearest(word: str, known: "list[str] | tuple[str, ...]") -> str:
    match = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean {match[0]!r}?" if match else f"; known are {', '.join(known)}"


def _forge(value: _Value, folder: Path) -> ForgeConfig:
    keys = value.mapping()
    kind = keys.get("kind", lambda v: v.one_of("local", "github"), "local")
    forge = ForgeConfig(
        kind=kind,
        root=keys.get("root", lambda v: folder / v.string(), None),
        org=keys.get("org", _Value.string, None),
        url=keys.get("url", _Value.string, ForgeConfig().url),
    )
    keys.done()
    needed = {"local": ("root", forge.root), "github": ("org", forge.org)}[kind]
    if needed[1] is None:
        raise keys.missing(needed[0])
    return forge


def _repositories(value: _Value) -> RepositoryFilter:
    keys, default = value.mapping(), RepositoryFilter()
    chosen = RepositoryFilter(
        include=keys.get("include", _Value.strings, default.include),
        exclude=keys.get("exclude", _Value.strings, default.exclude),
        topics=keys.get("topics", _Value.strings, default.topics),
        archived=keys.get("archived", _Value.boolean, default.archived),
        forks=keys.get("forks", _Value.boolean, default.forks),
    )
    keys.done()
    return chosen


def _rule(value: _Value) -> Rule:
    keys = value.mapping()
    image = keys.get("image", _Value.string, "")
    to = keys.get("to", _Value.string, "")
    from_ = keys.get("from", _Value.string, None)
    flavours = keys.get("flavours", _Value.strings, None)
    floating = keys.get("floating", lambda v: v.one_of("leave", "pin"), "leave")
    downgrade = keys.get("downgrade", _Value.boolean, default=False)
    id_ = keys.get("id", _Value.string, "")
    keys.done()
    for key, given in (("image", image), ("to", to)):
        if not given:
            raise keys.missing(key)
    try:
        return rule(image, to, from_, flavours, floating, downgrade=downgrade, id_=id_)
    except ValueError as error:
        raise value.error(str(error)) from error


def _checks(value: _Value) -> Mapping[str, str]:
    keys = value.mapping()
    chosen = {
        check: keys.get(check, lambda v: v.one_of(*SEVERITIES), "warning") for check in CHECKS
    }
    keys.done()
    return chosen


def _pull_request(value: _Value) -> PullRequestTemplate:
    keys, default = value.mapping(), PullRequestTemplate()
    template = PullRequestTemplate(
        branch=keys.get("branch", _Value.string, default.branch),
        title=keys.get("title", _Value.string, default.title),
        labels=keys.get("labels", _Value.strings, default.labels),
        draft=keys.get("draft", _Value.boolean, default.draft),
    )
    keys.done()
    try:
        template.check()
    except TemplateError as error:
        raise value.error(str(error)) from error
    return template


def _rollout(value: _Value) -> Rollout:
    keys, default = value.mapping(), Rollout()
    rollout = Rollout(
        per_hour=keys.get("per_hour", _Value.count, default.per_hour),
        max_open=keys.get("max_open", _Value.count, default.max_open),
    )
    keys.done()
    return rollout
