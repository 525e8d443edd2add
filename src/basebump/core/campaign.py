"""A campaign: one rule's move to one tag, as branches and pull requests of the same name.

There is no database. The branch is a function of the rule, and the pull request's body carries a
marker, so that a fresh machine knows everything from the forge.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from basebump.core.bases import base_text
from basebump.core.images import UseKind
from basebump.core.inquiry import Inquiry
from basebump.core.plan import FilePlan, Judged, RepoPlan
from basebump.core.policy import Rule
from basebump.core.reference import (
    ImageReference,
    canonical_name,
    familiar_name,
    split_registry,
)
from basebump.core.rewrite import Edit
from basebump.core.tag import Tag
from basebump.core.template import (
    BODY_NAMES,
    PullRequestTemplate,
    TemplateError,
    fill,
    slug,
)
from basebump.core.text import code, escape
from basebump.core.verdict import Verdict
from basebump.core.waves import shape

__all__ = [
    "Aim",
    "Change",
    "FileChange",
    "Marker",
    "PullRequestTemplate",
    "TemplateError",
    "branch_of",
    "canonical_image",
    "change_of",
    "changes_of",
    "content_hash",
]

_MARKER = re.compile(r"<!-- basebump: (\{.*?\}) -->")


@dataclass(frozen=True, slots=True)
class Marker:
    """The hidden line of a pull request's body by which a later run knows its own work.

    `moves` are its edits in the order of the table: path, old and new reference. Markers of
    earlier versions have none. `undoes` is the campaign that a rollback takes back.
    """

    campaign: str
    image: str
    tag: str
    content: str
    moves: tuple[tuple[str, str, str], ...] = ()
    undoes: str = ""

    def __str__(self) -> str:
        values = {"campaign": self.campaign, "image": self.image, "tag": self.tag}
        undoes = {"undoes": self.undoes} if self.undoes else {}
        text = json.dumps({**values, "content": self.content, "moves": self.moves, **undoes})
        # `--` would end the comment in some readers of HTML.
        text = text.replace("--", "-\\u002d").replace(">", "\\u003e")
        return f"<!-- basebump: {text} -->"

    @classmethod
    def find(cls, body: str) -> Self | None:
        """The marker in a pull request's body, or None if there is none of ours.

        It is the last one: what an image says of itself stands above it, whatever that is.
        """
        match = next(reversed([*_MARKER.finditer(body)]), None)
        try:
            values = json.loads(match[1]) if match else None
            if not values:
                return None
            moves = tuple((str(p), str(o), str(n)) for p, o, n in values.get("moves", ()))
            names = ("campaign", "image", "tag", "content")
            undoes = str(values.get("undoes", ""))
            return cls(**{name: str(values[name]) for name in names}, moves=moves, undoes=undoes)
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


def branch_of(rule: Rule, template: PullRequestTemplate) -> str | None:
    """The branch of the rule's campaign: the same one in every repository.

    None for a rule that follows: it has a campaign for each release that is picked.
    """
    return None if rule.follow is not None else Aim.of(rule, template).branch


def changes_of(
    plan: RepoPlan,
    rules: Sequence[Rule],
    template: PullRequestTemplate,
    inquiry: Inquiry | None = None,
) -> list[Change]:
    """The changes that a repository's plan comes to: one a campaign, in the order of the rules.

    With an inquiry, the bodies say what the new base images change for those who build on them.
    """
    bumps = [(f.path, j) for f in plan.files for j in f.references if j.verdict is Verdict.BUMP]
    by_aim: dict[str, tuple[Aim, list[Judged]]] = {}
    owners: dict[tuple[str, Edit], Aim] = {}
    for rule in rules:
        for path, judged in bumps:
            if judged.rule is rule:
                aim = Aim.of(rule, template, judged.new)
                # An edit that several rules want, as of an ARG that two images share, is made once.
                aim = next((owners[path, e] for e in judged.edits if (path, e) in owners), aim)
                owners |= {(path, edit): aim for edit in judged.edits}
                by_aim.setdefault(aim.branch, (aim, []))[1].append(judged)
    changes = (change_of(plan, aim, group, template, inquiry) for aim, group in by_aim.values())
    return [change for change in changes if change is not None]


@dataclass(frozen=True, slots=True)
class Aim:
    """What a campaign moves, and to which release: a rule's, or what a followed image came to.

    A rollback's is the image and release that it takes back, `undoes` the campaign of that.
    """

    image: str
    tag: str
    canonical: str
    branch: str
    undoes: str = ""

    @classmethod
    def of(
        cls, rule: Rule, template: PullRequestTemplate, new: ImageReference | None = None
    ) -> Self:
        """The aim of a rule; of one that follows, what it moves to as the release of `new`."""
        image, tag, canonical = rule.image, rule.to, canonical_image(rule)
        if rule.follow is not None and new is not None and new.tag is not None:
            tag = Tag.parse(new.tag).core
            if rule.is_glob:
                canonical = new.canonical_name
                image = familiar_name(canonical)
        branch = fill(template.branch, image=slug(image), tag=slug(tag), repository="")
        return cls(image, tag, canonical, branch)


def change_of(
    plan: RepoPlan,
    aim: Aim,
    group: Sequence[Judged],
    template: PullRequestTemplate,
    inquiry: Inquiry | None = None,
) -> Change | None:
    """The change that these references of a plan come to; None where they move nothing."""
    files = tuple(filter(None, (_file_change(file, group) for file in plan.files)))
    if not files or plan.commit is None or plan.default_branch is None:
        return None
    images = {judged.new.name for judged in group if judged.new is not None}
    shown = images.pop() if len(images) == 1 else aim.image
    names = {"image": shown, "tag": aim.tag, "repository": plan.name}
    moves = tuple((f.path, _old(j), _new(j)) for f in files for j in f.references)
    content = content_hash(files)
    marker = Marker(aim.branch, aim.canonical, aim.tag, content, moves, aim.undoes)
    base = base_text(group, inquiry) if inquiry is not None else ""
    body = body_of(files, plan, template.body, names | {"base": base})
    return Change(
        repository=plan.name,
        base_branch=plan.default_branch,
        base_commit=plan.commit,
        branch=aim.branch,
        title=fill(template.title, **names),
        body=f"{body}\n\n{marker}\n",
        marker=marker,
        files=files,
        labels=template.labels,
        draft=template.draft,
        headline=fill(template.commit, **names),
        traits=plan.traits.union(*(_traits(file, plan) for file in files)),
    )


def _traits(change: FileChange, plan: RepoPlan) -> frozenset[str]:
    """What the pull request would show of a file: see `waves.shape`."""
    file = next(file for file in plan.files if file.path == change.path)
    stages = sum(judged.use.kind is UseKind.FROM for judged in file.references)
    kinds = {judged.use.kind for judged in change.references}
    tags = {j.new.tag for j in change.references if j.new is not None and j.new.tag is not None}
    return shape(file.text, stages, kinds, {Tag.parse(tag).flavour for tag in tags})


def _file_change(file: FilePlan, group: Sequence[Judged]) -> FileChange | None:
    chosen = set(map(id, group))
    own = tuple(judged for judged in file.references if id(judged) in chosen)
    if not own:
        return None
    before, after = file.text.encode(), file.after(own).encode()
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
    files: Sequence[FileChange], plan: RepoPlan, template: str, names: Mapping[str, str]
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
        mended = any(f.path in touched and f.mends(f.references) for f in plan.files)
        what = "mended where that is provably safe" if mended else "left as it is"
        findings.insert(0, f"Also seen in these files, and {what}:\n")
    own = {
        "changes": "\n".join(["| File | Line | Old | New |", "| --- | ---: | --- | --- |", *rows]),
        "findings": "\n".join(findings),
    }
    return re.sub(r"\n{3,}", "\n\n", fill(template, BODY_NAMES, **names, **own).strip())


def _old(judged: Judged) -> str:
    return str(judged.use.reference)


def _new(judged: Judged) -> str:
    return str(judged.new)


def _arrow(judged: Judged) -> str:
    return f"{_old(judged)} -> {_new(judged)}"
