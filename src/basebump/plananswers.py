"""What the registries said for a plan, as a part of the plan file."""

from dataclasses import asdict
from typing import Any

from basebump.core.changes import Change, Changes
from basebump.core.follow import Pick
from basebump.core.inquiry import Answers
from basebump.core.tag import Tag
from basebump.core.target import Standing, Target

Entries = dict[str, list[dict[str, Any]]]


def as_document(answers: Answers) -> Entries:
    """The answers as JSON, in one order whoever asked first."""
    return {
        "picks": [
            {
                "image": image,
                "tag": tag,
                "follow": follow,
                "new": str(pick.tag) if pick.tag is not None else None,
                "reason": pick.reason,
                "unknown": pick.unknown,
            }
            for (image, tag, follow), pick in sorted(answers.picks.items())
        ],
        "targets": [
            {"image": image, "old": old, "new": new, "platforms": [*platforms], **asdict(target)}
            for (image, old, new, platforms), target in sorted(
                answers.targets.items(), key=lambda item: str(item[0])
            )
        ],
        "moves": [
            {"image": image, "tag": tag, "moves": moves}
            for (image, tag), moves in sorted(answers.moves.items())
        ],
        "changes": [
            {"image": image, "old": old, "new": new, **asdict(changes)}
            for (image, old, new), changes in sorted(answers.changes.items())
            if changes is not None
        ],
    }


def from_document(entries: Entries) -> Answers:
    """The answers that `as_document` wrote down."""
    answers = Answers()
    for e in entries["picks"]:
        tag = Tag.parse(e["new"]) if e["new"] is not None else None
        answers.picks[e["image"], e["tag"], e["follow"]] = Pick(tag, e["reason"], e["unknown"])
    for e in entries["targets"]:
        key = (e["image"], e["old"], e["new"], tuple(e["platforms"]))
        standing = Standing(e["standing"])
        answers.targets[key] = Target(standing, e["reason"], e["digest"], e["unknown"])
    for e in entries["moves"]:
        answers.moves[e["image"], e["tag"]] = e["moves"]
    for e in entries["changes"]:
        rows = tuple(Change(**row) for row in e["rows"])
        answers.changes[e["image"], e["old"], e["new"]] = Changes(rows, e["link"])
    return answers
