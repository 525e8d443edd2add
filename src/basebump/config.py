"""config.yaml as a frozen Config. A mistake is told with its line and the nearest right word."""

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import yaml

from basebump.config_images import (
    LtsTable,
    Registries,
    lts_of,
    registries_of,
    rule_of,
)
from basebump.core.campaign import PullRequestTemplate, TemplateError
from basebump.core.pace import Gate, Pace, Unchecked
from basebump.core.policy import Rule
from basebump.core.waves import Waves
from basebump.core.window import Window
from basebump.errors import UsageError

DEFAULT_PATH = Path("config.yaml")
DEFAULT_FILES = (
    "**/Dockerfile",
    "**/Dockerfile.*",
    "**/*.Dockerfile",
    "**/Containerfile",
    "**/Containerfile.*",
)
MERGES = ("merge", "squash", "rebase")
VISIBILITIES = ("public", "private", "internal")
SEVERITIES = ("error", "warning", "off")
CHECKS = ("cache-order",)

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class ForgeConfig:
    """Where the repositories are: below `root` (local), or on the GitHub at `url`.

    There it is those of `org`, of `user`, of the App's `installation`, or of a list. `cache` is a
    folder that may be deleted at any time.
    """

    kind: str = "local"
    root: Path | None = None
    org: str | None = None
    user: str | None = None
    installation: bool = False
    names: tuple[str, ...] = ()
    url: str = "https://api.github.com"
    cache: Path | None = None


@dataclass(frozen=True, slots=True)
class RepositoryFilter:
    """Which repositories of the forge are looked at; the globs match their names."""

    include: tuple[str, ...] = ("*",)
    exclude: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    archived: bool = False
    forks: bool = False
    respect_bots: bool = False
    templates: bool = True
    visibility: tuple[str, ...] = ()
    pushable: bool = False


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that config.yaml can say; each field's default is what holds without a file."""

    forge: ForgeConfig = field(default_factory=ForgeConfig)
    repositories: RepositoryFilter = field(default_factory=RepositoryFilter)
    files: tuple[str, ...] = DEFAULT_FILES
    images: tuple[Rule, ...] = ()
    checks: Mapping[str, str] = field(default_factory=lambda: dict.fromkeys(CHECKS, "warning"))
    pull_request: PullRequestTemplate = field(default_factory=PullRequestTemplate)
    rollout: Pace = field(default_factory=Pace)
    registries: Registries = field(default_factory=Registries)
    lts: LtsTable = field(default_factory=dict)


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
    if node is None or node.tag.endswith(":null"):
        return Config()
    root = _Value(node, name, "").mapping()
    config = Config(
        forge=root.get("forge", lambda v: _forge(v, folder), ForgeConfig()),
        repositories=root.get("repositories", _repositories, RepositoryFilter()),
        files=root.get("files", _Value.strings, DEFAULT_FILES),
        images=root.get("images", lambda v: tuple(map(rule_of, v.items())), ()),
        checks=root.get("checks", _checks, Config().checks),
        pull_request=root.get("pull_request", _pull_request, PullRequestTemplate()),
        rollout=root.get("rollout", _rollout, Pace()),
        registries=root.get("registries", lambda v: registries_of(v, folder), Registries()),
        lts=root.get("lts", lts_of, {}),
    )
    root.done()
    return config


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
        if not isinstance(self.node, yaml.MappingNode) or not self.node.tag.endswith(",2002:map"):
            raise self.error("expected keys and values")
        return _Mapping(self, self.node)

    def items(self) -> list["_Value"]:
        if not isinstance(self.node, yaml.SequenceNode) or not self.node.tag.endswith(",2002:seq"):
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

    def checked(self, parse: Callable[[str], _T]) -> _T:
        try:
            return parse(self.string())
        except ValueError as error:
            raise self.error(str(error)) from error

    def one_of(self, *allowed: str) -> str:
        # YAML 1.1 reads a bare `off` as false; here it is the word.
        word = self.node.value if isinstance(self.node, yaml.ScalarNode) else None
        if word not in allowed:
            near = difflib.get_close_matches(str(word), allowed, n=1)
            meant = f"; did you mean {near[0]!r}?" if near else ""
            raise self.error(f"expected {' or '.join(allowed)}{meant}")
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

    def entries(self) -> "dict[str, _Value]":
        """All of them, where the keys are names that someone chose."""
        self._known += self._entries
        return self._entries

    def error(self, problem: str) -> UsageError:
        return self._value.error(problem)

    def missing(self, key: str) -> UsageError:
        return self.error(f"the key {key!r} is missing")


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
        user=keys.get("user", _Value.string, None),
        installation=keys.get("installation", _Value.boolean, default=False),
        names=keys.get("list", lambda v: _names(v, folder), ()),
        url=keys.get("url", _Value.string, ForgeConfig().url),
        cache=keys.get("cache", lambda v: folder / v.string(), None),
    )
    keys.done()
    if kind == "local":
        if forge.root is None:
            raise keys.missing("root")
        return forge
    chosen = [forge.org, forge.user, forge.installation, forge.names]
    if sum(map(bool, chosen)) != 1:
        if not any(chosen):
            raise keys.missing("org")
        raise value.error("one of org, user, installation and list says where to look, not several")
    return forge


def _names(value: _Value, folder: Path) -> tuple[str, ...]:
    """`owner/name`s: a list, or a file with one a line, where `#` begins a comment."""
    if isinstance(value.node, yaml.SequenceNode):
        return tuple(_name(item, item.string()) for item in value.items())
    try:
        lines = (folder / value.string()).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise value.error(f"cannot be read: {error}") from error
    names = (line.partition("#")[0].strip() for line in lines)
    return tuple(_name(value, name) for name in names if name)


def _name(value: _Value, name: str) -> str:
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", name):
        raise value.error(f"{name!r}: a repository is written as owner/name")
    return name


def _repositories(value: _Value) -> RepositoryFilter:
    keys, default = value.mapping(), RepositoryFilter()
    chosen = RepositoryFilter(
        include=keys.get("include", _Value.strings, default.include),
        exclude=keys.get("exclude", _Value.strings, default.exclude),
        topics=keys.get("topics", _Value.strings, default.topics),
        archived=keys.get("archived", _Value.boolean, default.archived),
        forks=keys.get("forks", _Value.boolean, default.forks),
        respect_bots=keys.get("respect_bots", _Value.boolean, default.respect_bots),
        templates=keys.get("templates", _Value.boolean, default.templates),
        visibility=keys.get(
            "visibility", lambda v: tuple(i.one_of(*VISIBILITIES) for i in v.items()), ()
        ),
        pushable=keys.get("pushable", _Value.boolean, default.pushable),
    )
    keys.done()
    return chosen


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
        commit=keys.get("commit", _Value.string, default.commit),
        body=keys.get("body", _Value.string, default.body),
        reviewers=keys.get("reviewers", _Value.strings, default.reviewers),
        teams=keys.get("teams", _Value.strings, default.teams),
        assignees=keys.get("assignees", _Value.strings, default.assignees),
        auto_merge=keys.get("auto_merge", _auto_merge, default.auto_merge),
    )
    keys.done()
    try:
        template.check()
    except TemplateError as error:
        raise value.error(str(error)) from error
    return template


def _auto_merge(value: _Value) -> str:
    method = value.one_of("off", *MERGES)
    return "" if method == "off" else method


def _rollout(value: _Value) -> Pace:
    keys, default = value.mapping(), Pace()
    pace = Pace(
        per_hour=keys.get("per_hour", _Value.count, default.per_hour),
        max_open=keys.get("max_open", _Value.count, default.max_open),
        waves=keys.get("waves", _waves, default.waves),
        gate=Gate(keys.get("gate", lambda v: v.one_of(*Gate), default.gate.value)),
        max_failures=keys.get("max_failures", _Value.count, default.max_failures),
        no_checks=Unchecked(
            keys.get("no_checks", lambda v: v.one_of(*Unchecked), default.no_checks.value)
        ),
        window=keys.get("window", lambda v: v.checked(Window.parse), None),
    )
    keys.done()
    return pace


def _waves(value: _Value) -> Waves:
    sizes = [
        str(item.node.value) if isinstance(item.node, yaml.ScalarNode) else ""
        for item in value.items()
    ]
    try:
        return Waves.parse(sizes)
    except ValueError as error:
        raise value.error(str(error)) from error
