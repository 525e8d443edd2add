"""config.yaml as a frozen Config. A mistake is told with its line and the nearest right word."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from basebump.config.images import LtsTable, Registries, lts_of, registries_of, rule_of
from basebump.config.node import Value
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
    root = Value(node, name, "").mapping()
    config = Config(
        forge=root.get("forge", lambda v: _forge(v, folder), ForgeConfig()),
        repositories=root.get("repositories", _repositories, RepositoryFilter()),
        files=root.get("files", Value.strings, DEFAULT_FILES),
        images=root.get("images", lambda v: tuple(map(rule_of, v.items())), ()),
        checks=root.get("checks", _checks, Config().checks),
        pull_request=root.get("pull_request", _pull_request, PullRequestTemplate()),
        rollout=root.get("rollout", _rollout, Pace()),
        registries=root.get("registries", lambda v: registries_of(v, folder), Registries()),
        lts=root.get("lts", lts_of, {}),
    )
    root.done()
    return config


def _forge(value: Value, folder: Path) -> ForgeConfig:
    keys = value.mapping()
    kind = keys.get("kind", lambda v: v.one_of("local", "github"), "local")
    forge = ForgeConfig(
        kind=kind,
        root=keys.get("root", lambda v: folder / v.string(), None),
        org=keys.get("org", Value.string, None),
        user=keys.get("user", Value.string, None),
        installation=keys.get("installation", Value.boolean, default=False),
        names=keys.get("list", lambda v: _names(v, folder), ()),
        url=keys.get("url", Value.string, ForgeConfig().url),
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


def _names(value: Value, folder: Path) -> tuple[str, ...]:
    """`owner/name`s: a list, or a file with one a line, where `#` begins a comment."""
    if isinstance(value.node, yaml.SequenceNode):
        return tuple(_name(item, item.string()) for item in value.items())
    try:
        lines = (folder / value.string()).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise value.error(f"cannot be read: {error}") from error
    names = (line.partition("#")[0].strip() for line in lines)
    return tuple(_name(value, name) for name in names if name)


def _name(value: Value, name: str) -> str:
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", name):
        raise value.error(f"{name!r}: a repository is written as owner/name")
    return name


def _repositories(value: Value) -> RepositoryFilter:
    keys, default = value.mapping(), RepositoryFilter()
    chosen = RepositoryFilter(
        include=keys.get("include", Value.strings, default.include),
        exclude=keys.get("exclude", Value.strings, default.exclude),
        topics=keys.get("topics", Value.strings, default.topics),
        archived=keys.get("archived", Value.boolean, default.archived),
        forks=keys.get("forks", Value.boolean, default.forks),
        respect_bots=keys.get("respect_bots", Value.boolean, default.respect_bots),
        templates=keys.get("templates", Value.boolean, default.templates),
        visibility=keys.get(
            "visibility", lambda v: tuple(i.one_of(*VISIBILITIES) for i in v.items()), ()
        ),
        pushable=keys.get("pushable", Value.boolean, default.pushable),
    )
    keys.done()
    return chosen


def _checks(value: Value) -> Mapping[str, str]:
    keys = value.mapping()
    chosen = {
        check: keys.get(check, lambda v: v.one_of(*SEVERITIES), "warning") for check in CHECKS
    }
    keys.done()
    return chosen


def _pull_request(value: Value) -> PullRequestTemplate:
    keys, default = value.mapping(), PullRequestTemplate()
    template = PullRequestTemplate(
        branch=keys.get("branch", Value.string, default.branch),
        title=keys.get("title", Value.string, default.title),
        labels=keys.get("labels", Value.strings, default.labels),
        draft=keys.get("draft", Value.boolean, default.draft),
        commit=keys.get("commit", Value.string, default.commit),
        body=keys.get("body", Value.string, default.body),
        reviewers=keys.get("reviewers", Value.strings, default.reviewers),
        teams=keys.get("teams", Value.strings, default.teams),
        assignees=keys.get("assignees", Value.strings, default.assignees),
        auto_merge=keys.get("auto_merge", _auto_merge, default.auto_merge),
    )
    keys.done()
    try:
        template.check()
    except TemplateError as error:
        raise value.error(str(error)) from error
    return template


def _auto_merge(value: Value) -> str:
    method = value.one_of("off", *MERGES)
    return "" if method == "off" else method


def _rollout(value: Value) -> Pace:
    keys, default = value.mapping(), Pace()
    pace = Pace(
        per_hour=keys.get("per_hour", Value.count, default.per_hour),
        max_open=keys.get("max_open", Value.count, default.max_open),
        waves=keys.get("waves", _waves, default.waves),
        gate=Gate(keys.get("gate", lambda v: v.one_of(*Gate), default.gate.value)),
        max_failures=keys.get("max_failures", Value.count, default.max_failures),
        no_checks=Unchecked(
            keys.get("no_checks", lambda v: v.one_of(*Unchecked), default.no_checks.value)
        ),
        window=keys.get("window", lambda v: v.checked(Window.parse), None),
    )
    keys.done()
    return pace


def _waves(value: Value) -> Waves:
    sizes = [
        str(item.node.value) if isinstance(item.node, yaml.ScalarNode) else ""
        for item in value.items()
    ]
    try:
        return Waves.parse(sizes)
    except ValueError as error:
        raise value.error(str(error)) from error
