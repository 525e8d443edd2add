"""What a log says of its environment and of its packages."""

# ruff: noqa: E501 - a pattern is read whole

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from basebump.buildlog.values import Packages, Step

_MOST_VALUES, _MOST_PACKAGES, _MOST_STEPS = 20, 5000, 200

# One row a form: the fact, how a line that tells it begins, and the rest with one group.
_TABLE: tuple[tuple[str, tuple[str, ...], str], ...] = (
    # `uname -a`, /proc/version, `docker info`
    ("kernel", ("Linux ",), r"Linux [\w.-]{1,80} (\d\.\d{1,3}\.\d{1,3}\S{0,60}) "),
    ("kernel", ("Linux version ",), r"Linux version (\d\.\d{1,3}\S{0,60})"),
    ("kernel", ("Kernel", "kernel"), r"[Kk]ernel(?: [Vv]ersion| release)?[:=] ?(\d\.\d\S{0,60})"),
    ("builder", ("github.com/docker/buildx",), r"github\.com/docker/(buildx v?\d\S{0,40})"),
    ("builder", ("buildx v", "buildah version ", "podman version "), r"(\w+ (?:version )?v?\d\S{0,40})"),
    ("builder", ("BuildKit", "buildkit"), r"([Bb]uild[Kk]it(?: version)?:? v?\d\S{0,40})"),
    ("builder", ("Docker version ",), r"(Docker version \d[^,\s]{0,40})"),
    ("builder", ("Server Version: ",), r"Server Version: (\d\S{0,40})"),
    ("builder", ("Kaniko", "kaniko"), r"[Kk]aniko version ?: {1,4}(v?\d\S{0,40})"),
    ("driver", ("#0 building with ",), r"#0 building with (\"[^\"]{1,60}\" instance using \S{1,40} driver)"),
    ("storage driver", ("Storage Driver: ",), r"Storage Driver: (\S{1,40})"),
    ("host", ("Runner name: ", "Machine name: ", "Agent name: "), r"\w+ name: '?([^'\s]{1,80})'?$"),
    ("host", ("Running on ",), r"Running on \S{1,80} via ([\w.-]{1,80}?)\.{0,3}$"),
    ("host", ("Running on ",), r"Running on ([\w.-]{1,80}) in /"),
    ("host", ("Linux ",), r"Linux ([\w.-]{1,80}) \d\.\d{1,3}\.\d"),
    ("operating system", ("PRETTY_NAME=",), r"PRETTY_NAME=\"?([^\"]{1,80})"),
    ("operating system", ("Operating System: ",), r"Operating System: (.{1,80})"),
    ("node", ("npm ERR! node ", "npm verb node ", "npm info using node@"), r"npm .{4,12}node[ @](v\d\S{0,30})"),
    ("node", ("Node.js v",), r"Node\.js (v\d\S{0,30})$"),
    ("npm", ("npm ERR! npm ", "npm verb npm ", "npm info using npm@"), r"npm .{4,12}npm[ @]{1,3}v?(\d\S{0,30})"),
    ("mirror", ("Get:", "Hit", "Ign", "Err"), r"\w{3}:?\d{0,6} https?://(?:[^/\s@]{1,80}@)?([^/\s]{1,120})"),
    ("mirror", ("fetch http",), r"fetch https?://([^/\s]{1,120})"),
    ("base image", ("Step ", "STEP "), r"(?:Step \d+/\d+ : |STEP \d+(?:/\d+)?: )FROM (?:--\S+ )?(\S{1,200})"),
    ("base image", ("#",), r"#\d+ \[[^\]]{0,80}\d+/\d+\] FROM ([^\s@]{1,200})"),
    ("base image", ("INFO",), r"INFO ?\[[^\]]{1,40}\] Retrieving image manifest ([^\s@]{1,200})"),
    ("base digest", ("Digest: sha256:",), r"Digest: (sha256:[0-9a-f]{64})"),
    ("base digest", ("#",), r"#\d+ \[[^\]]{0,80}\d+/\d+\] FROM \S{1,200}@(sha256:[0-9a-f]{64})"),
)  # fmt: skip
_Row = tuple[str, tuple[str, ...], re.Pattern[str]]


def _by_first_character() -> dict[str, tuple[_Row, ...]]:
    """Return the rows by the first character of a line: nearly all lines can tell nothing."""
    rows: dict[str, tuple[_Row, ...]] = {}
    for name, starts, pattern in _TABLE:
        row = (name, starts, re.compile(pattern))
        for first in {start[0] for start in starts}:
            rows[first] = (*rows.get(first, ()), row)
    return rows


_ROWS = _by_first_character()

_ARCH = r"(?::[a-z0-9]{1,12})?"
_PACKAGE = re.compile(
    rf"Setting up (?P<a>[a-z0-9][a-z0-9+.-]{{0,120}}){_ARCH} \((?P<av>[^)\s]{{1,80}})\)|"
    rf"Unpacking (?P<b>[a-z0-9][a-z0-9+.-]{{0,120}}){_ARCH} \((?P<bv>[^)\s]{{1,80}})\)|"
    r"Get:\d{1,6} \S{1,200} \S{1,80} \S{1,20} (?P<c>[a-z0-9][a-z0-9+.-]{0,120}) \S{1,20} (?P<cv>\S{1,80}) \[|"
    r"\(\d{1,5}/\d{1,5}\) (?:Installing|Upgrading) (?P<d>\S{1,120}) \((?P<dv>[^)]{1,120})\)|"
    r" {1,4}Install(?:ing|ed) *: (?P<e>\S{1,160}?)-(?P<ev>[\d:]\S{0,80}) "
)
# apt before 1.1 prints the release and the package without their architecture.
_JESSIE_GET = re.compile(
    r"Get:\d{1,6} \S{1,200} \S{1,80} ([a-z0-9][a-z0-9+.-]{0,120}) \S{1,20} (\S{1,80}) \["
)
_PLAN = re.compile(r"The following (?:NEW|extra|additional) packages will be installed:")
_APT_COUNTS = re.compile(
    r"(\d{1,6}) (?:packages )?upgraded, (\d{1,6}) newly installed, (?:(\d{1,6}) downgraded, )?(\d{1,6}) to remove and (\d{1,6}) not upgraded"
)
_APT_COUNT_NAMES = ("upgraded", "newly installed", "downgraded", "to remove", "not upgraded")
_NPM_ADDED = re.compile(r"added (\d{1,6}) packages?\b")
_PACKAGE_STARTS = frozenset("SUG( Tan0123456789")


class Environment:
    """Collects the facts of the environment while the lines go by."""

    def __init__(self) -> None:
        self._values: dict[str, dict[str, None]] = {}

    def read(self, line: str) -> None:
        """Note what a line says."""
        for name, starts, pattern in _ROWS.get(line[:1], ()):
            if line.startswith(starts) and (found := pattern.match(line)):
                values = self._values.setdefault(name, {})
                if len(values) < _MOST_VALUES:
                    values[found[1]] = None

    @property
    def facts(self) -> Mapping[str, tuple[str, ...]]:
        """Each fact's values, in the order in which the log gave them."""
        return MappingProxyType({name: tuple(values) for name, values in self._values.items()})


class Ledger:
    """Collects what the package managers say, step by step."""

    def __init__(self) -> None:
        self._steps: dict[str, _Entry] = {}
        self._planning = 0  # steps whose package manager is in the middle of its plan

    def read(self, step: Step | None, line: str) -> None:
        """Note what a line of a step's output says."""
        telling = line[:1] in _PACKAGE_STARTS and _TELLING.match(line)
        if not telling and not self._planning:
            return
        text = step.text if step else ""
        entry = self._steps.get(text)
        if entry and entry.planning:
            entry.plan(line)
            self._planning -= not entry.planning
        if not telling:
            return
        if entry is None:
            if len(self._steps) >= _MOST_STEPS:
                return
            entry = self._steps[text] = _Entry()
        was_planning = entry.planning
        entry.read(line)
        self._planning += entry.planning - was_planning

    @property
    def packages(self) -> Mapping[str, Packages]:
        """Each step's packages, by the step's text."""
        return MappingProxyType({text: entry.packages for text, entry in self._steps.items()})


_TELLING = re.compile(
    r"Setting up |Unpacking |Get:\d|\(\d{1,5}/\d{1,5}\) |The following |\d{1,6} (?:packages )?upgraded|"
    r"added \d| {1,4}Install(?:ing|ed) *: "
)


class _Entry:
    __slots__ = ("counts", "names", "planning", "versions")

    def __init__(self) -> None:
        self.planning = False
        self.names: set[str] = set()
        self.versions: dict[str, str] = {}
        self.counts: dict[str, int] = {}

    def plan(self, line: str) -> None:
        """Take the names that apt announces: the indented lines after its sentence."""
        if line.startswith(" ") and len(self.names) < _MOST_PACKAGES:
            self.names.update(line.split())
        else:
            self.planning = False

    def read(self, line: str) -> None:
        if _PLAN.match(line):
            self.planning = True
        elif found := _PACKAGE.match(line) or _JESSIE_GET.match(line):
            name, version = (group for group in found.groups() if group is not None)
            if len(self.versions) < _MOST_PACKAGES:
                self.versions[name] = version
        elif found := _APT_COUNTS.match(line):
            for name, count in zip(_APT_COUNT_NAMES, found.groups(), strict=True):
                if count is not None:
                    self.counts[name] = int(count)
        elif found := _NPM_ADDED.match(line):
            self.counts["npm packages added"] = int(found[1])

    @property
    def packages(self) -> Packages:
        return Packages(
            frozenset(self.names),
            MappingProxyType(dict(self.versions)),
            MappingProxyType(dict(self.counts)),
        )
