"""A rule that follows the registry, against an image reference."""

import re

from basebump.core.follow import Follow
from basebump.core.inquiry import Inquiry
from basebump.core.reference import ImageReference
from basebump.core.rule import Decision, Rule, other_flavour
from basebump.core.tag import Tag, TagKind
from basebump.core.verdict import Verdict

_WORD = re.compile(r"[a-z]+", re.ASCII)  # `bookworm`, `latest`: the publisher moves them


def judge_followed(
    rule: Rule, follow: Follow, reference: ImageReference, inquiry: Inquiry
) -> Decision:
    """The verdict on the tag: where the registry has something newer within the rule's reach.

    What the registry did not tell moves nothing: nobody named a tag to move to.
    """
    if reference.tag is None:
        if reference.digest is not None:
            return Decision(Verdict.PINNED, "it has a digest and no tag to compare")
        return Decision(Verdict.FLOATING, "no tag means latest")
    current = Tag.parse(reference.tag)
    if rule.flavours is not None and current.flavour not in rule.flavours:
        return other_flavour(rule, current.flavour)
    if current.kind is TagKind.NAME and _WORD.fullmatch(current.release):
        return Decision(Verdict.FLOATING, f"{current} moves by itself")
    if current.kind is not TagKind.VERSION:
        reason = f"{current} is a {current.kind}: only versions are followed"
        return Decision(Verdict.OTHER_LINE, reason, applies=False)
    if rule.from_ is not None and not rule.from_.contains(current.version, prereleases=True):
        reason = f"{current} is outside the rule's range {rule.from_}"
        return Decision(Verdict.OTHER_LINE, reason, applies=False)
    return _move(reference, current, follow, inquiry)


def _move(reference: ImageReference, current: Tag, follow: Follow, inquiry: Inquiry) -> Decision:
    pick = inquiry.pick(reference.canonical_name, str(current), follow)
    if pick.tag is not None:
        reason = f"{current} → {pick.tag}: {pick.reason}"
        if pick.unknown:
            reason = f"{reason}; {pick.unknown}"
        return Decision(Verdict.BUMP, reason, reference.with_tag(str(pick.tag)))
    if pick.unknown:
        return Decision(Verdict.UNKNOWN, pick.reason)
    if inquiry.moves(reference.canonical_name, str(current)):
        reason = f"{current} is a moving tag: a rebuild picks new releases up"
        return Decision(Verdict.FLOATING, f"{reason} ({pick.reason})")
    return Decision(Verdict.UP_TO_DATE, pick.reason)
