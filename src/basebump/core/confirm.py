"""The last step of a decision: the target exists, has its platforms, and the digest goes along."""

from dataclasses import replace

from basebump.core.inquiry import Inquiry
from basebump.core.reference import ImageReference
from basebump.core.rule import Decision, Pin, Rule
from basebump.core.target import Standing, Target
from basebump.core.verdict import Verdict

_DIGEST_MOVES_WITH = frozenset({Verdict.BUMP, Verdict.UP_TO_DATE, Verdict.FLOATING})


def confirmed(
    rule: Rule,
    decision: Decision,
    reference: ImageReference,
    inquiry: Inquiry,
    platform: str | None = None,
    *,
    literal: bool = True,
) -> Decision:
    """The decision after the registry was asked about the tag that the reference would have.

    A target that nobody could ask about stays the target when a person named it, and the reason
    says so; a followed one moves nothing.
    """
    decision = replace(decision, rule=rule)
    tag = (decision.new or reference).tag
    had = reference.digest is not None
    wanted = (had and rule.pin is not Pin.REMOVE) or (rule.pin is Pin.ADD and literal)
    if decision.verdict not in _DIGEST_MOVES_WITH or tag is None:
        return decision
    if decision.new is None and not (had or wanted):
        return decision
    if decision.new is None and not wanted:
        new = reference.with_tag(tag)
        return replace(decision, verdict=Verdict.BUMP, reason="pin: remove", new=new)
    old = reference.digest or (reference.tag if decision.new is not None else None)
    target = inquiry.target(
        reference.canonical_name, old, tag, (platform,) if platform is not None else ()
    )
    match target.standing:
        case Standing.FOUND:
            if target.unknown and decision.new is not None:
                reason = f"{decision.reason}; not compared: {target.unknown}"
                decision = replace(decision, reason=reason)
            return _with_digest(decision, reference, tag, target.digest if wanted else None)
        case Standing.UNKNOWN:
            return _unchecked(decision, tag, target, had=had, wanted=wanted)
        case _:
            verdict = Verdict(target.standing.value)
            return replace(decision, verdict=verdict, reason=target.reason, new=None)


def _with_digest(
    decision: Decision, reference: ImageReference, tag: str, digest: str | None
) -> Decision:
    if (tag, digest) == (reference.tag, reference.digest):
        return decision
    if decision.new is None:
        reason = f"{tag} has a new digest" if reference.digest else f"pin: add the digest of {tag}"
        decision = replace(decision, verdict=Verdict.BUMP, reason=reason)
    return replace(decision, new=reference.with_tag(tag, digest))


def _unchecked(
    decision: Decision, tag: str, target: Target, *, had: bool, wanted: bool
) -> Decision:
    """The decision where nobody knows whether the target is there, and what its digest is."""
    rule, why = decision.rule, target.reason
    if had and wanted:
        reason = f"it has a digest, and the digest of {tag} is not known: {why}"
        return replace(decision, verdict=Verdict.PINNED, reason=reason, new=None)
    if decision.new is not None and rule is not None and rule.follow is not None:
        return replace(decision, verdict=Verdict.UNKNOWN, reason=why, new=None)
    what = "no digest was added" if wanted else "not checked"
    reason = f"{decision.reason}; {what}: {why}"
    return replace(decision, reason=reason, unchecked=why if decision.new is not None else "")
