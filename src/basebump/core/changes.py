"""What a new base changes for those who build on it: two image descriptions, side by side.

Everything in a description was written by the image's author and ends up in a pull request, so a
value is one short line without markup before it goes into a row.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from basebump.core.facts import ImageDescription

_LONGEST_VALUE = 80
_SECRET = re.compile(r"TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|API_?KEY|PRIVATE", re.IGNORECASE)
_COMMIT = re.compile(r"[0-9a-f]{40}", re.ASCII)
_PATH = re.compile(r"(?:/[A-Za-z0-9_.-]+){2,}", re.ASCII)
_OCI = "org.opencontainers.image."  # image-spec, annotations.md
# Labels that say which operating system is inside: the base's name, Ubuntu's and Red Hat's own.
_BASE, _REF, _VERSION = f"{_OCI}base.name", f"{_OCI}ref.name", f"{_OCI}version"
_RED_HAT = "com.redhat.component"
_DISTRIBUTIONS = frozenset({"ubuntu", "debian", "fedora", "opensuse", "rockylinux", "almalinux"})
_REBUILD = re.compile(r"-\d{8}(?:\.\d+)?|(?<=\d\.)(\d+)\.\d+", re.ASCII)
# Labels that change with every build and say nothing to whoever builds on the image.
_DULL_LABELS = re.compile(
    r"org\.opencontainers\.image\.(?:created|revision|source|base\.digest)|build-date|vcs-ref"
    r"|org\.label-schema\.(?:build-date|vcs-ref|vcs-url)|.*(?:commit|build)[-_.]?(?:id|date|sha)?",
    re.IGNORECASE,
)
# Hosts whose compare pages are known, by a word of the host's name.
_COMPARE = {
    "github": "{base}/compare/{old}...{new}",
    "gitlab": "{base}/-/compare/{old}...{new}",
    "codeberg": "{base}/compare/{old}...{new}",
    "gitea": "{base}/compare/{old}...{new}",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One row: what, before and after (empty where there is nothing), and why it is a risk."""

    what: str
    old: str
    new: str
    risk: str | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs between two images, and the page that compares their sources."""

    rows: tuple[Change, ...]
    link: str | None

    @property
    def risks(self) -> tuple[str, ...]:
        """The reasons to look twice, in the order of the rows."""
        return tuple(row.risk for row in self.rows if row.risk)


def compare(old: ImageDescription, new: ImageDescription) -> Changes:
    """Return what `new` changes against `old`, the dangerous first."""
    rows = [*_operating_system(old, new), *_running(old, new), *_platforms(old, new)]
    rows += [*_environment(old, new), *_labels(old, new), *_figures(old, new)]
    rows.sort(key=lambda row: row.risk is None)
    return Changes(tuple(rows), _compare_link(old.labels, new.labels))


def markdown(changes: Changes, most: int | None = None) -> str:
    """Return the rows as a Markdown table with the link below; empty where nothing differs.

    `most` is how many rows it may have.
    """
    lines = []
    shown = changes.rows[:most]
    if changes.rows:
        lines += ["| | before | after |", "|---|---|---|"]
    for row in shown:
        what = f"⚠ {_cell(row.what)}" if row.risk else _cell(row.what)
        lines.append(f"| {what} | {_code(row.old)} | {_code(row.new)} |")
    if more := len(changes.rows) - len(shown):
        lines.append(f"| and {more} more | | |")
    if changes.link:
        lines += ["", f"[What changed in its source]({changes.link})"]
    return "\n".join(lines)


def _operating_system(old: ImageDescription, new: ImageDescription) -> Iterator[Change]:
    risk = "the operating system is another one"
    yield from _row("operating system", _os(old.platform), _os(new.platform), risk)
    yield from _row("OS version", old.os_version, new.os_version, risk)
    before, after = _bases(old.labels), _bases(new.labels)
    both = [label for label in before if label in after]
    for label in both[:1]:  # who only begins to say so has not changed by it
        another = _release(before[label]) != _release(after[label])
        yield from _row("base", before[label], after[label], risk if another else None)


def _running(old: ImageDescription, new: ImageDescription) -> Iterator[Change]:
    user = "it runs as another user: files may not be readable any more"
    yield from _row("user", old.user or "root", new.user or "root", user)
    entry = "it starts another program"
    yield from _row("entrypoint", " ".join(old.entrypoint), " ".join(new.entrypoint), entry)
    yield from _row("command", " ".join(old.command), " ".join(new.command))
    before, after = old.working_directory or "/", new.working_directory or "/"
    yield from _row("working directory", before, after)
    ports = [", ".join(sorted(image.exposed_ports)) for image in (old, new)]
    yield from _row("exposed ports", *ports)


def _platforms(old: ImageDescription, new: ImageDescription) -> Iterator[Change]:
    lost, gained = sorted(old.platforms - new.platforms), sorted(new.platforms - old.platforms)
    if lost:
        names = ", ".join(lost)
        yield Change("platforms lost", _plain(names), "", f"it is no longer there for {names}")
    if gained:
        yield Change("platforms gained", "", _plain(", ".join(gained)))


def _environment(old: ImageDescription, new: ImageDescription) -> Iterator[Change]:
    for name, before, after in _differences(old.environment, new.environment):
        if _SECRET.search(name):
            hidden = ("(hidden)" if value else "" for value in (before, after))
            yield Change(f"env {_plain(name)}", *hidden)
        else:
            yield from _row(f"env {name}", before, after)


def _labels(old: ImageDescription, new: ImageDescription) -> Iterator[Change]:
    for name, before, after in _differences(old.labels, new.labels):
        if name not in {_BASE, _RED_HAT} and not _DULL_LABELS.fullmatch(name):
            yield from _row(f"label {name}", before, after)


def _figures(old: ImageDescription, new: ImageDescription) -> Iterator[Change]:
    yield from _row("size", _size(old.size), _size(new.size))
    yield from _row("created", _day(old.created), _day(new.created))


def _row(what: str, old: str, new: str, risk: str | None = None) -> Iterator[Change]:
    if old != new:
        yield Change(_plain(what), _plain(old), _plain(new), risk)


def _differences(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            yield name, old.get(name, ""), new.get(name, "")


def _bases(labels: Mapping[str, str]) -> dict[str, str]:
    """Return what an image says of its operating system, by who says it, the clearest first."""
    said = {_BASE: labels.get(_BASE, ""), _RED_HAT: labels.get(_RED_HAT, "")}
    if labels.get(_REF) in _DISTRIBUTIONS and labels.get(_VERSION):
        said[_REF] = f"{labels[_REF]}:{labels[_VERSION]}"
    return {label: value for label, value in said.items() if value}


def _release(base: str) -> str:
    """Return a base without the numbers that only a rebuild changes: dates, and third numbers."""
    return _REBUILD.sub(r"\1", base)


def _os(platform: str) -> str:
    return platform.partition("/")[0]


def _size(count: int) -> str:
    return f"{count / 1_000_000:.1f} MB"


def _day(date: datetime | None) -> str:
    return date.astimezone(UTC).date().isoformat() if date else "unknown"


def _plain(text: str) -> str:
    """Return the text as one short line of printable characters."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= _LONGEST_VALUE else line[: _LONGEST_VALUE - 1] + "…"


def _code(text: str) -> str:
    """Return the text as a code span, where Markdown mentions nobody and links nowhere."""
    return f"`{text.replace('`', chr(39)).replace('|', chr(92) + '|')}`" if text else ""


def _cell(text: str) -> str:
    kind, space, name = text.partition(" ")
    known = kind in {"env", "label"} and space
    return f"{kind} {_code(name)}" if known else text


def _compare_link(old: Mapping[str, str], new: Mapping[str, str]) -> str | None:
    """Return the page that compares two commits of one public repository, if both images say so."""
    source = _source(new.get(f"{_OCI}source", ""))
    before, after = (_revision(labels) for labels in (old, new))
    if source is None or source != _source(old.get(f"{_OCI}source", "")):
        return None
    if before is None or after is None or before == after:
        return None
    host = urlsplit(source).netloc
    for word, form in _COMPARE.items():
        if word in host:
            return form.format(base=source, old=before, new=after)
    return None


def _source(text: str) -> str | None:
    """Return the repository's address without its fragment: `https://github.com/owner/name`."""
    parts = urlsplit(text)
    path = parts.path.rstrip("/").removesuffix(".git")
    host = parts.netloc
    if parts.scheme != "https" or not re.fullmatch(r"[A-Za-z0-9.-]+", host, re.ASCII):
        return None
    return f"https://{host}{path}" if _PATH.fullmatch(path) else None


def _revision(labels: Mapping[str, str]) -> str | None:
    revision = labels.get(f"{_OCI}revision", "")
    return revision if _COMMIT.fullmatch(revision) else None
