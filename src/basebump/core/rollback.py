"""The opposite of a campaign: what its merged pull requests moved goes back to what it was.

Nothing but the markers of those pull requests says what that is: path, old and new reference of
each edit, in the order of the file.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from basebump.core.campaign import Aim, Change, Marker, PullRequestTemplate, change_of
from basebump.core.dockerfile import DockerfileError, parse
from basebump.core.edits import edits_for
from basebump.core.images import ImageUse, image_uses
from basebump.core.plan import FilePlan, Judged, Outcome, RepoPlan, settle
from basebump.core.reference import ImageReference, InvalidReferenceError, familiar_name
from basebump.core.rewrite import ScatteredError
from basebump.core.snapshot import Snapshot, SourceFile
from basebump.core.verdict import Verdict

_BODY = """\
{image} {tag} is taken back: this puts back what {undone} changed, and nothing else.{why}

{{changes}}

As long as this pull request is open, and after it is merged, basebump moves these lines to {tag} \
no more; `basebump apply --reopen` does."""


class UnsureError(Exception):
    """What a reference was before is not known for sure; the message says why."""


@dataclass(frozen=True, slots=True)
class Undoing:
    """What is taken back in one repository: a campaign's merged moves, and the words for it.

    `undone` names the merged pull request, and `reason` is a person's, or empty.
    """

    marker: Marker
    moves: tuple[tuple[str, str, str], ...]
    undone: str
    reason: str = ""


def rollback_branch(campaign: str) -> str:
    """The branch of the campaign that takes a campaign back."""
    return f"{campaign}-rollback"


def latest_moves(markers: Iterable[Marker]) -> tuple[tuple[str, str, str], ...]:
    """The moves of several merged pull requests of a campaign, oldest first: of each file the last.

    A file that was moved again, after somebody had put it back, was before what that one says.
    """
    by_path: dict[str, list[tuple[str, str, str]]] = {}
    for marker in markers:
        by_path |= {path: [m for m in marker.moves if m[0] == path] for path, _, _ in marker.moves}
    return tuple(move for moves in by_path.values() for move in moves)


def change_back(
    snapshot: Snapshot, undoing: Undoing, template: PullRequestTemplate
) -> Change | None:
    """The change that takes the moves back; None where none of what they made stands there still.

    Labels and draft are the template's. Raises UnsureError where it is not sure for every line.
    """
    marker = undoing.marker
    by_path = {file.path: file for file in snapshot.files}
    files = [
        _file_back(by_path[path], [(old, new) for p, old, new in undoing.moves if p == path])
        for path in dict.fromkeys(path for path, _, _ in undoing.moves)
        if path in by_path
    ]
    group = [judged for file in files for judged in file.references if judged.edits]
    plan = RepoPlan(
        snapshot.repository,
        Outcome.OK,
        default_branch=snapshot.default_branch,
        commit=snapshot.commit,
        files=tuple(files),
    )
    aim = Aim(
        familiar_name(marker.image),
        marker.tag,
        marker.image,
        rollback_branch(marker.campaign),
        undoes=marker.campaign,
    )
    return change_of(plan, aim, group, _worded(undoing, template))


def _worded(undoing: Undoing, template: PullRequestTemplate) -> PullRequestTemplate:
    names = {"undone": undoing.undone, "why": f"\n\n{undoing.reason}" if undoing.reason else ""}
    said = {key: text.replace("{", "{{").replace("}", "}}") for key, text in names.items()}
    body = _BODY.format(image="{image}", tag="{tag}", **said)
    return replace(template, title="Take {image} {tag} back", commit="", body=body)


def _file_back(file: SourceFile, moves: Sequence[tuple[str, str]]) -> FilePlan:
    """The file's references, those that the moves made with the edit that takes them back."""
    try:
        dockerfile = parse(file.content)
    except DockerfileError as error:
        raise UnsureError(f"{file.path}: line {error.line}: {error}") from error
    uses = image_uses(dockerfile)
    before = _before(file.path, uses, moves)
    judged = [_judged(file.path, use, before.get(at)) for at, use in enumerate(uses)]
    settled = settle(dockerfile.text, judged)
    for entry in settled:
        if entry.verdict is Verdict.VARIABLE:
            raise UnsureError(f"{file.path}:{entry.use.line}: {entry.reason}")
    return FilePlan(file.path, file.mode, dockerfile.text, tuple(settled))


def _before(
    path: str, uses: Sequence[ImageUse], moves: Sequence[tuple[str, str]]
) -> dict[int, str]:
    """What the references were, by their place among `uses`, of those that the moves made."""
    before: dict[int, str] = {}
    for new in dict.fromkeys(new for _, new in moves):
        places = [at for at, use in enumerate(uses) if str(use.reference) == new]
        olds = [old for old, made in moves if made == new]
        alike = len(set(olds)) == 1
        if len(places) > len(olds) or (len(places) < len(olds) and not alike):
            if not places:
                continue
            raise UnsureError(
                f"{path}: {new} stands there {len(places)} times and was made {len(olds)} times: "
                "which line was what is not known"
            )
        before |= dict(zip(places, olds, strict=False))
    return before


def _judged(path: str, use: ImageUse, old: str | None) -> Judged:
    if old is None or use.reference is None:
        return Judged(use, Verdict.NOT_SELECTED, "the campaign did not move it")
    where = f"{path}:{use.line}"
    if use.ignore is not None and not use.ignore.rules:
        raise UnsureError(f"{where}: a comment opts out: {use.ignore.reason or 'without a reason'}")
    try:
        new = ImageReference.parse(old)
    except InvalidReferenceError as error:
        raise UnsureError(f"{where}: what it was, {old!r}, is no image: {error}") from error
    # The pull request's body says what it was, and anybody may have written there.
    if new.canonical_name != use.reference.canonical_name:
        raise UnsureError(f"{where}: {old} is another image than {use.reference}")
    try:
        edits = tuple(edits_for(use, new))
    except ScatteredError as error:
        raise UnsureError(f"{where}: {error}") from error
    return Judged(use, Verdict.BUMP, f"back to {old}", new, edits=edits)
