"""Which older pull requests a newer one makes pointless."""

from basebump.core.campaign import Change
from basebump.core.tag import Tag, TagKind
from basebump.forge import Found, PullRequest


def outdated(found: Found, active: frozenset[str]) -> list[PullRequest]:
    """The older campaigns' pull requests to close, now that this change is published.

    Never one with somebody else's commits, one that the configuration still wants (`active`), one
    for a newer release, or one for a line of releases that this change leaves alone. A rollback is
    a person's decision: it supersedes nothing, and nothing supersedes it.
    """
    if found.change.marker.undoes:
        return []
    return [
        older
        for older in found.older
        if older.ours
        and older.marker is not None
        and not older.marker.undoes
        and older.marker.campaign not in active
        and _goes_further(found.change, older.marker.tag)
    ]


def _goes_further(change: Change, older: str) -> bool:
    """Whether the change moves what was to move to `older`, and further than that."""
    before, now = Tag.parse(older), Tag.parse(change.marker.tag)
    if before.kind is not now.kind:
        return False
    if now.kind is not TagKind.VERSION:
        return before.release != now.release  # a later run asks for another one
    return before.order < now.order and any(tag.same_major(before) for tag in _moved(change))


def _moved(change: Change) -> list[Tag]:
    """The version tags that the change moves, as they were."""
    references = (judged.use.reference for file in change.files for judged in file.references)
    tags = (Tag.parse(r.tag) for r in references if r is not None and r.tag is not None)
    return [tag for tag in tags if tag.kind is TagKind.VERSION]
