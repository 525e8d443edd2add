"""A campaign: one rule's move to one tag, as branches and pull requests of the same name.

There is no database. The branch is a function of the rule, and the pull request's body carries a
marker, so that a fresh machine knows everything from the forge.
"""

import hashlib
import json
import re
import string
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from basebump.core.images import UseKind
from basebump.core.plan import FilePlan, Judged, RepoPlan
from basebump.core.policy import Rule
from basebump.core.reference import canonical_name, split_registry
from basebump.core.tag import Tag
from basebump.core.text import code, escape
from basebump.core.verdict import Verdict
from basebump.core.waves import shape

_MARKER = re.compile(r"<!-- basebump: (\{.*?\}) -->")
_NAMES = ("image", "tag", "repository")
_BODY_NAMES = (*_NAMES, "changes", "findings")
_BODY = """\
A new release of the base image is out. This changes the tag and nothing else:

{changes}

{findings}

To keep a line as it is, close this pull request (it stays closed for this release), or put \
`# basebump: ignore` with a reason on the line above it."""
# https://git-scm.com/docs/git-check-ref-format
_BAD_REF = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|^/|/$|\.$|(^|/)\.|\.lock(/|$)|^@$")


class TemplateError(ValueError):
    """A template of the configuration cannot be filled in."""


@dataclass(frozen=True, slots=True)
class PullRequestTemplate:
    """How branches and pull requests are worded and dressed.

    `{image}`, `{tag}` and `{repository}` are known in all templates, `{changes}` (the table) and
    `{findings}` in `body`; `commit` is the message's first line, the title where it is empty.
    """

    branch: str = "basebump/{image}-{tag}"
    title: str = "Upgrade {image} to {tag}"
    labels: tuple[str, ...] = ("dependencies",)
    draft: bool = False
    commit: str = ""
    body: str = _BODY
    reviewers: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    auto_merge: str = ""

    def check(self) -> None:
        """Raise TemplateError for an unknown name, or a branch that git would refuse."""
        names = dict.fromkeys(_BODY_NAMES, "x")
        for template in (self.branch, self.title, self.commit):
            _fill(template, image="image", tag="1", repository="repository")
        _fill(self.body, _BODY_NAMES, **names)
        if "{changes}" not in self.body:
            raise TemplateError("body: it must say {changes}, so that a reviewer sees them")
        if "{repository}" in self.branch:
            raise TemplateError("branch: it is one for the whole campaign, so no {repository}")
        branch = _fill(self.branch, image="image", tag="1", repository="")
        if not branch or branch.startswith("-") or _BAD_REF.search(branch):
            raise TemplateError(f"branch: git allows no branch called {branch!r}")


@dataclass(frozen=True, slots=True)
class Marker:
    """The hidden line of a pull request's body by which a later run knows its own work.

    `moves` are its edits in the order of the table: path, old and new reference. Markers of
    earlier versions have none.
    """

    campaign: str
    image: str
    tag: str
    content: str
    moves: tuple[tuple[str, str, str], ...] = ()

    def __str__(self) -> str:
        values = {"campaign": self.campaign, "image": self.image, "tag": self.tag}
        text = json.dumps({**values, "content": self.content, "moves": self.moves})
        # `--` would end the comment in some readers of HTML.
        text = text.replace("--", "-\\u002d").replace(">", "\\u003e")
        return f"<!-- basebump: {text} -->"

    @classmethod
    def find(cls, body: str) -> Self | None:
        """The marker in a pull request's body, or None if there is none of ours."""
        match = _MARKER.search(body)
        try:
            values = json.loads(match[1]) if match else None
            if not values:
                return None
            moves = tuple((str(p), str(o), str(n)) for p, o, n in values.get("moves", ()))
            names = ("campaign", "image", "tag", "content")
            return cls(**{name: str(values[name]) for name in names}, moves=moves)
        except (ValueError, KeyError, TypeError):
            return None


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file before and after; `references` are those that the change is for."""

    path: str
    mode: str
    before: bytes
    after: bytes
    references: tuple[Judged, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What a campaign does to one repository, on top of exactly `base_commit`."""

    repository: str
    base_branch: str
    base_commit: str
    branch: str
    title: str
    body: str
    marker: Marker
    files: tuple[FileChange, ...]
    labels: tuple[str, ...] = ()
    draft: bool = False
    headline: str = ""
    traits: frozenset[str] = frozenset()

    @property
    def signature(self) -> tuple[tuple[str, str, str, str], ...]:
        """What the change does, wherever in the files it stands: path, written, old and new."""
        return tuple(
            (file.path, judged.use.written, _old(judged), _new(judged))
            for file in self.files
            for judged in file.references
        )

    @property
    def message(self) -> str:
        """The commit's message."""
        lines = [f"{f.path}: {_arrow(j)}" for f in self.files for j in f.references]
        return f"{self.headline or self.title}\n\n" + "\n".join(lines) + "\n"


def branch_of(rule: Rule, template: PullRequestTemplate) -> str:
    """The branch of the rule's campaign: the same one in every repository."""
    return _fill(template.branch, image=_slug(rule.image), tag=_slug(rule.to), repository="")


def changes_of(
    plan: RepoPlan, rules: Sequence[Rule], template: PullRequestTemplate
) -> list[Change]:
    """The changes that a repository's plan comes to: one a campaign, in the order of the rules."""
    by_branch: dict[str, list[Rule]] = {}
    for rule in rules:
        by_branch.setdefault(branch_of(rule, template), []).append(rule)
    changes = (_change(plan, branch, group, template) for branch, group in by_branch.items())
    return [change for change in changes if change is not None]


def _change(
    plan: RepoPlan, branch: str, rules: list[Rule], template: PullRequestTemplate
) -> Change | None:
    files = tuple(filter(None, (_file_change(file, rules) for file in plan.files)))
    if not files or plan.commit is None or plan.default_branch is None:
        return None
    images = {j.new.name for f in files for j in f.references if j.new is not None}
    shown = images.pop() if len(images) == 1 else rules[0].image
    names = {"image": shown, "tag": rules[0].to, "repository": plan.name}
    moves = tuple((f.path, _old(j), _new(j)) for f in files for j in f.references)
    marker = Marker(branch, canonical_image(rules[0]), rules[0].to, content_hash(files), moves)
    return Change(
        repository=plan.name,
        base_branch=plan.default_branch,
        base_commit=plan.commit,
        branch=branch,
        title=_fill(template.title, **names),
        body=body_of(files, plan, marker, template.body, shown),
        marker=marker,
        files=files,
        labels=template.labels,
        draft=template.draft,
        headline=_fill(template.commit, **names),
        traits=plan.traits.union(*(_traits(file, plan) for file in files)),
    )


def _traits(change: FileChange, plan: RepoPlan) -> frozenset[str]:
    """What the pull request would show of a file: see `waves.shape`."""
    file = next(file for file in plan.files if file.path == change.path)
    stages = sum(judged.use.kind is UseKind.FROM for judged in file.references)
    kinds = {judged.use.kind for judged in change.references}
    tags = {j.new.tag for j in change.references if j.new is not None and j.new.tag is not None}
    return shape(file.text, stages, kinds, {Tag.parse(tag).flavour for tag in tags})


def _file_change(file: FilePlan, rules: list[Rule]) -> FileChange | None:
    own = tuple(
        judged
        for judged in file.references
        if judged.verdict is Verdict.BUMP and any(judged.rule is rule for rule in rules)
    )
    if not own:
        return None
    before, after = file.text.encode(), file.after(rules).encode()
    return FileChange(file.path, file.mode, before, after, own)


def canonical_image(rule: Rule) -> str:
    """The one full name of the image, or the glob as written, that a rule is about."""
    return rule.image if "*" in rule.image else canonical_name(*split_registry(rule.image))


def content_hash(files: Iterable[FileChange]) -> str:
    """A hash of everything that the change puts into the repository."""
    digest = hashlib.sha256()
    for file in files:
        after = hashlib.sha256(file.after).hexdigest()
        digest.update(f"{file.path}\0{file.mode}\0{after}\0".encode())
    return digest.hexdigest()[:32]


def body_of(
    files: Sequence[FileChange], plan: RepoPlan, marker: Marker, template: str, image: str
) -> str:
    """The pull request's body in Markdown: what changes, why, and how to say no."""
    rows = [
        f"| {code(file.path)} | {judged.use.line} | {code(_old(judged))} | {code(_new(judged))} |"
        for file in files
        for judged in file.references
    ]
    touched = {file.path for file in files}
    findings = [
        f"- {code(file.path)} line {finding.line}: {escape(finding.message)}"
        for file in plan.files
        if file.path in touched
        for finding in file.findings
    ]
    if findings:
        findings.insert(0, "Also seen in these files, and left as it is:\n")
    text = _fill(
        template,
        _BODY_NAMES,
        image=image,
        tag=marker.tag,
        repository=plan.name,
        changes="\n".join(["| File | Line | Old | New |", "| --- | ---: | --- | --- |", *rows]),
        findings="\n".join(findings),
    )
    return re.sub(r"\n{3,}", "\n\n", f"{text.strip()}\n\n{marker}\n")


def _old(judged: Judged) -> str:
    return str(judged.use.reference)


def _new(judged: Judged) -> str:
    return str(judged.new)


def _arrow(judged: Judged) -> str:
    return f"{_old(judged)} -> {_new(judged)}"


def _slug(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._]+", "-", text.strip("/*?")).strip("-.") or "all"


def _fill(template: str, allowed: Sequence[str] = _NAMES, /, **names: str) -> str:
    try:
        parts = [part for part in string.Formatter().parse(template) if part[1] is not None]
    except ValueError as error:
        raise TemplateError(f"{template!r}: {error}") from error
    for _, name, form, conversion in parts:
        if form or conversion:
            raise TemplateError(f"{template!r}: {{{name}}} takes no format")
        if name not in allowed:
            known = ", ".join(f"{{{known}}}" for known in allowed)
            raise TemplateError(f"{template!r}: unknown name {{{name}}}; known are {known}")
    return template.format(**names)
