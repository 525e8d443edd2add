"""A snapshot and the policy in, a plan out: the verdicts, and the edits that are safe to make."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from basebump.core.dockerfile import Dockerfile, DockerfileError, decode, parse
from basebump.core.edits import edits_for
from basebump.core.facts import Facts
from basebump.core.finding import Finding
from basebump.core.images import ImageUse, UseKind, image_uses
from basebump.core.inquiry import Inquiry
from basebump.core.policy import Rule, decide
from basebump.core.reference import ImageReference
from basebump.core.rewrite import Edit, ScatteredError, StaleEditError, apply
from basebump.core.snapshot import Snapshot, SourceFile
from basebump.core.verdict import Verdict
from basebump.core.waves import builders

_MAX_ROUNDS = (
    8  # of taking back edits that disturb each other; a file that needs more is left alone
)

Check = Callable[[Dockerfile, SourceFile, Snapshot], Sequence[Finding]]
"""A check of a whole Dockerfile, such as the order of its COPY instructions."""


class Outcome(StrEnum):
    """How a repository ends."""

    OK = "ok"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Judged:
    """An image reference with its verdict, and with the edits that carry a `bump` out.

    `unchecked` says why no registry confirmed the target; it is empty where one did.
    """

    use: ImageUse
    verdict: Verdict
    reason: str
    new: ImageReference | None = None
    rule: Rule | None = None
    edits: tuple[Edit, ...] = ()
    unchecked: str = ""


@dataclass(frozen=True, slots=True)
class FilePlan:
    """A Dockerfile's verdicts and findings. `text` is the decoded file, "" if unreadable."""

    path: str
    mode: str
    text: str
    references: tuple[Judged, ...]
    findings: tuple[Finding, ...] = ()

    def after(self, only: Collection[Judged] | None = None) -> str:
        """The file's text with the edits made, those of `only` where it is given.

        Where a rule says `fix`, the findings that can be mended are mended along with them.
        """
        chosen = self.references if only is None else only
        edits = {edit for judged in chosen for edit in judged.edits}
        text = apply(self.text, edits)
        return self._mended(edits, text) if self.mends(chosen) else text

    def mends(self, chosen: Collection[Judged]) -> bool:
        """Whether these references' rules have the file's findings mended, and one can be."""
        asked = any(judged.edits and judged.rule and judged.rule.fix for judged in chosen)
        return asked and any(finding.fix for finding in self.findings)

    def _mended(self, edits: set[Edit], otherwise: str) -> str:
        """The text with the findings mended too, unless that would disturb any reference."""
        fixes = {edit for finding in self.findings for edit in finding.fix or ()}
        try:
            text = apply(self.text, edits | fixes)
            alike = _references(text) == _references(otherwise)
        except (StaleEditError, DockerfileError):
            return otherwise
        return text if alike else otherwise


@dataclass(frozen=True, slots=True)
class RepoPlan:
    """A repository's outcome: its plan when `ok`, otherwise the reason."""

    name: str
    outcome: Outcome
    reason: str | None = None
    default_branch: str | None = None
    commit: str | None = None
    files: tuple[FilePlan, ...] = ()
    traits: frozenset[str] = frozenset()


def plan_repository(
    snapshot: Snapshot, rules: Sequence[Rule], facts: Facts | Inquiry, checks: Sequence[Check] = ()
) -> RepoPlan:
    """The plan for a repository as it stands at the snapshot's commit."""
    files = [plan_file(file, rules, facts, checks, snapshot) for file in snapshot.files]
    files += [_unreadable_file(u.path, "", "", 1, u.reason) for u in snapshot.unread]
    return RepoPlan(
        name=snapshot.repository,
        outcome=Outcome.OK,
        default_branch=snapshot.default_branch,
        commit=snapshot.commit,
        files=tuple(sorted(files, key=lambda file: file.path)),
        traits=builders(snapshot.paths),
    )


def plan_file(
    file: SourceFile,
    rules: Sequence[Rule],
    facts: Facts | Inquiry,
    checks: Sequence[Check] = (),
    snapshot: Snapshot | None = None,
) -> FilePlan:
    """The plan for one Dockerfile. Bytes that are no Dockerfile give one `unreadable` verdict."""
    try:
        dockerfile = parse(file.content)
    except DockerfileError as error:
        text = _decoded(file.content)
        return _unreadable_file(file.path, file.mode, text, error.line, str(error))
    uses = image_uses(dockerfile)
    if not any(use.kind is UseKind.FROM for use in uses):
        reason = "it has no FROM, so it is no whole Dockerfile"
        return _unreadable_file(file.path, file.mode, dockerfile.text, 1, reason)
    judged = settle(dockerfile.text, [_judge(use, rules, facts) for use in uses])
    findings: tuple[Finding, ...] = ()
    if snapshot is not None and dockerfile.stranger() is None:
        findings = tuple(f for check in checks for f in check(dockerfile, file, snapshot))
    return FilePlan(file.path, file.mode, dockerfile.text, tuple(judged), findings)


def stand_aside(plan: RepoPlan, file: str) -> RepoPlan:
    """The plan without its edits, because another bot's configuration `file` takes care of them."""
    reason = f"{file} has another bot take care of it"
    files = tuple(
        replace(
            entry,
            references=tuple(
                replace(
                    judged,
                    verdict=Verdict.OTHER_BOT,
                    reason=reason,
                    new=None,
                    edits=(),
                    unchecked="",
                )
                if judged.edits
                else judged
                for judged in entry.references
            ),
        )
        for entry in plan.files
    )
    return replace(plan, files=files)


def _references(text: str) -> list[str]:
    """Every reference of a Dockerfile, in an order that does not depend on the lines'."""
    return sorted(
        f"{use.kind} {use.reference} {use.problem}" for use in image_uses(parse(text.encode()))
    )


def _unreadable_file(path: str, mode: str, text: str, line: int, reason: str) -> FilePlan:
    use = ImageUse(UseKind.FROM, line, None, "")
    return FilePlan(path, mode, text, (Judged(use, Verdict.UNREADABLE, reason),))


def _decoded(content: bytes) -> str:
    try:
        return decode(content)
    except DockerfileError:
        return ""


def _judge(use: ImageUse, rules: Sequence[Rule], facts: Facts | Inquiry) -> Judged:
    if use.problem is not None:
        verdict, reason = use.problem
        if use.ignore is not None and not use.ignore.rules and verdict is not Verdict.NOT_AN_IMAGE:
            return Judged(use, Verdict.IGNORED, _ignored(use.ignore.reason))
        return Judged(use, verdict, reason)
    if use.reference is None or use.value is None:
        raise AssertionError(f"line {use.line} has neither an image nor a problem")
    literal = use.written == use.value.text
    decision = decide(rules, use.reference, facts, use.platform, literal=literal)
    if decision.rule is not None and use.ignore is not None and use.ignore.covers(decision.rule.id):
        return Judged(use, Verdict.IGNORED, _ignored(use.ignore.reason), rule=decision.rule)
    judged = Judged(use, decision.verdict, decision.reason, rule=decision.rule)
    if decision.new is None:
        return judged
    judged = replace(judged, new=decision.new, unchecked=decision.unchecked)
    try:
        return replace(judged, edits=tuple(edits_for(use, decision.new)))
    except ScatteredError as error:
        return _as_variable(judged, str(error))


def questions(snapshot: Snapshot) -> Iterator[tuple[ImageReference, str | None, bool]]:
    """What `decide` is asked about a repository: reference, platform, and whether it is literal.

    Whoever asks registries may ask about these before the plan does, many at once.
    """
    for file in snapshot.files:
        try:
            uses = image_uses(parse(file.content))
        except DockerfileError:
            continue
        for use in uses:
            if use.problem is None and use.reference is not None and use.value is not None:
                yield use.reference, use.platform, use.written == use.value.text


def _ignored(reason: str) -> str:
    return f"opted out: {reason}" if reason else "opted out by a comment"


def settle(text: str, judged: list[Judged]) -> list[Judged]:
    """Take back every edit that would change more than the references it is meant for.

    `judged` are all references of the Dockerfile `text`, in its order. The edited text is parsed
    again and each reference compared with what it should have become; what cannot be is
    `variable`.
    """
    for _ in range(_MAX_ROUNDS):
        disturbed = _overlapping(judged) or _disturbed(text, judged)
        if not disturbed:
            return judged
        readers, ids = _readers(disturbed), set(map(id, disturbed))
        judged = [
            _taken_back(text, entry, readers, ids) if entry.edits else entry for entry in judged
        ]
    reason = "too many references depend on each other's build arguments"
    return [_as_variable(entry, reason) if entry.edits else entry for entry in judged]


def _disturbed(text: str, judged: list[Judged]) -> list[Judged]:
    """The references that would not come out as their verdict says."""
    edits = {edit for entry in judged for edit in entry.edits}
    if not edits:
        return []
    try:
        uses = image_uses(parse(apply(text, edits).encode()))
    except (DockerfileError, StaleEditError):
        return [entry for entry in judged if entry.edits]
    if len(uses) != len(judged):
        return [entry for entry in judged if entry.edits]
    return [entry for entry, use in zip(judged, uses, strict=True) if not _as_meant(entry, use)]


def _as_meant(entry: Judged, use: ImageUse) -> bool:
    if entry.use.kind is not use.kind or entry.use.stage != use.stage:
        return False
    if entry.use.reference is None:
        return use.problem == entry.use.problem
    return use.reference == (entry.new or entry.use.reference)


def _overlapping(judged: list[Judged]) -> list[Judged]:
    """References whose edits want different text in one place."""
    owned = sorted(((edit, i) for i, entry in enumerate(judged) for edit in entry.edits))
    clashing: set[int] = set()
    widest: tuple[Edit, int] | None = None
    for edit, index in owned:
        if widest is not None and edit != widest[0] and edit.start < widest[0].end:
            clashing |= {index, widest[1]}
        if widest is None or edit.end > widest[0].end:
            widest = (edit, index)
    return [judged[index] for index in sorted(clashing)]


_Readers = dict[int, list[tuple[int, Judged]]]


def _readers(disturbed: list[Judged]) -> _Readers:
    """Of each place in the text the first two disturbed references that read it, numbered."""
    readers: _Readers = {}
    for number, other in enumerate(disturbed):
        for place in set(other.use.value.origins) if other.use.value else ():
            known = readers.setdefault(place, [])
            if len(known) < 2:  # noqa: PLR2004 - the first one may be the reference itself
                known.append((number, other))
    return readers


def _taken_back(text: str, entry: Judged, readers: _Readers, disturbed: set[int]) -> Judged:
    """The entry as `variable` if one of its edits lies in text that a disturbed reference reads."""
    places = (place for edit in entry.edits for place in range(edit.start, edit.end))
    found = [
        (number, place, other)
        for place in places
        for number, other in readers.get(place, ())
        if other is not entry or len(disturbed) == 1
    ]
    if found:
        _, place, other = min(found, key=lambda one: one[:2])
        line = text.count("\n", 0, place) + 1
        if other is entry:
            return _as_variable(entry, f"the edit on line {line} would change more than this line")
        needs = f"needs {other.new}" if other.new else f"must stay {other.use.written}"
        reason = f"the value on line {line} also feeds line {other.use.line}, which {needs}"
        return _as_variable(entry, reason)
    if id(entry) in disturbed:
        return _as_variable(entry, "the edit would change more than this reference")
    return entry


def _as_variable(entry: Judged, reason: str) -> Judged:
    return replace(entry, verdict=Verdict.VARIABLE, reason=reason, new=None, edits=(), unchecked="")
