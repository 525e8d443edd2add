"""A rule of the configuration against an image reference: the verdict, and what it becomes."""

import re
from collections.abc import Sequence
from dataclasses import replace

from basebump.core.confirm import confirmed
from basebump.core.facts import Facts
from basebump.core.followed import judge_followed
from basebump.core.inquiry import Inquiry
from basebump.core.reference import ImageReference
from basebump.core.rule import Decision, Floating, Pin, Rule, other_flavour
from basebump.core.tag import Tag, TagKind
from basebump.core.verdict import Verdict

__all__ = ["Decision", "Floating", "Pin", "Rule", "decide"]

_NAME = re.compile(r"[a-z]+", re.ASCII)  # `bookworm`, `stable`: words that move by themselves
_MOVING = frozenset(
    [
        "latest",
        "stable",
        "edge",
        "current",
        "lts",
        "mainline",
        "nightly",
        "dev",
        "devel",
        "main",
        "master",
        "rolling",
        "testing",
    ]
)
_REVISION = re.compile(r"\d+(?:-.*)?|.*-r\d+", re.ASCII)  # `1.2-3`, `1.2-debian-11-r3`


def decide(
    rules: Sequence[Rule],
    reference: ImageReference,
    facts: Facts | Inquiry,
    platform: str | None = None,
    *,
    literal: bool = True,
) -> Decision:
    """The verdict on a reference: that of the first rule that names it and speaks about its tag.

    `platform` is the reference's `--platform`. `literal` is False where build arguments carry a
    part of it: a digest that has no place yet is added to the plain ones only.
    """
    inquiry = Inquiry.of(facts)
    first: Decision | None = None
    for rule in rules:
        if not rule.names(reference):
            continue
        if rule.follow is not None:
            judged = judge_followed(rule, rule.follow, reference, inquiry)
        else:
            judged = _judge(rule, reference)
        if judged.applies:
            return confirmed(rule, judged, reference, inquiry, platform, literal=literal)
        first = first or replace(judged, rule=rule)
    return first or Decision(Verdict.NOT_SELECTED, f"no rule names {reference.name}")


def _judge(rule: Rule, reference: ImageReference) -> Decision:
    """The verdict on the tag alone: neither digests nor registries are looked at."""
    if reference.tag is None:
        if reference.digest is not None:
            return Decision(Verdict.PINNED, "it has a digest and no tag to compare")
        if "" not in (rule.flavours or ("",)) or rule.target.flavour:
            return other_flavour(rule, "")
        return _floating(rule, reference, "no tag means latest", rule.target.core)
    current = Tag.parse(reference.tag)
    bare = current.kind is TagKind.NAME and not current.flavour
    allowed = rule.flavours or ((rule.target.flavour,) if rule.target.flavour else None)
    if allowed is not None and current.flavour not in allowed and not bare:
        return other_flavour(rule, current.flavour)
    if current.kind is TagKind.NAME and rule.target.kind is not TagKind.NAME:
        return _judge_name(rule, reference, current)
    if current.kind is not rule.target.kind:
        reason = f"{reference.tag} is a {current.kind} and {rule.to} a {rule.target.kind}"
        return Decision(Verdict.OTHER_LINE, f"{reason}: they do not compare", applies=False)
    if current.kind is TagKind.VERSION:
        return _judge_version(rule, reference, current)
    if current.kind is TagKind.NAME and current.release in _MOVING:
        return _judge_name(rule, reference, current)
    return _judge_same_kind(rule, reference, current)


def _judge_name(rule: Rule, reference: ImageReference, current: Tag) -> Decision:
    if not _NAME.fullmatch(current.release):
        reason = f"{current} does not compare with {rule.to}"
        return Decision(Verdict.OTHER_LINE, reason, applies=False)
    pinned = rule.target.core if current.release == "latest" else None
    return _floating(rule, reference, f"{current} moves by itself", pinned, current.flavour)


def _judge_same_kind(rule: Rule, reference: ImageReference, current: Tag) -> Decision:
    """Dates and build numbers have an order; hashes and code names are set, never compared."""
    target = rule.target
    if current.release == target.release:
        return Decision(Verdict.UP_TO_DATE, f"{reference.tag} is the target")
    if current.kind is TagKind.NAME and not (
        _NAME.fullmatch(current.release) and _NAME.fullmatch(target.release)
    ):
        reason = f"{current} does not compare with {rule.to}"
        return Decision(Verdict.OTHER_LINE, reason, applies=False)
    if current.kind in (TagKind.DATE, TagKind.BUILD_NUMBER) and not rule.downgrade:
        numbers = [int(re.sub(r"\D", "", tag.release)) for tag in (current, target)]
        if numbers[0] > numbers[1]:
            return Decision(Verdict.NEWER, f"{current} is newer than {rule.to}")
    new = replace(target, flavour=current.flavour)
    return Decision(Verdict.BUMP, f"{current} → {new}", reference.with_tag(str(new)))


def _judge_version(rule: Rule, reference: ImageReference, current: Tag) -> Decision:
    target = rule.target
    if current.covers(target):
        reason = f"{current} is a moving tag: a rebuild picks {target.core} up"
        return _floating(rule, reference, reason, current.prefix + _core(target), current.flavour)
    if rule.from_ is not None and not rule.from_.contains(current.version, prereleases=True):
        reason = f"{current} is outside the rule's range {rule.from_}"
        return Decision(Verdict.OTHER_LINE, reason, applies=False)
    if current.order == target.order and current.precision == target.precision:
        return Decision(Verdict.UP_TO_DATE, f"{current} is the target")
    if target.covers(current):
        return Decision(
            Verdict.OTHER_LINE, f"{current} is more exact than {rule.to}", applies=False
        )
    if rule.from_ is None and not current.same_major(target):
        reason = f"{current} is of another major release than {rule.to}, and the rule has no from:"
        return Decision(Verdict.OTHER_LINE, reason, applies=False)
    if current.order > target.order and not rule.downgrade:
        return Decision(Verdict.NEWER, f"{current} is newer than {rule.to}")
    obstacle = _obstacle(current, target)
    if obstacle:
        return Decision(Verdict.OTHER_LINE, obstacle, applies=False)
    new = _in_shape_of(current, target)
    return Decision(Verdict.BUMP, f"{current} → {new}", reference.with_tag(str(new)))


def _obstacle(current: Tag, target: Tag) -> str | None:
    """Why the target cannot be written in the current tag's shape; None when it can."""
    if current.precision > target.precision:
        return f"{current} is more exact than {target}"
    if current.build and not target.build:
        return f"{current} counts builds ({current.build}) and {target} names none"
    if target.pre and not current.pre:
        return f"{target} is a pre-release, and {current} is none"
    if _REVISION.fullmatch(current.flavour) and current.flavour != target.flavour:
        return f"-{current.flavour} counts builds of {current.core}: the target's is unknown"
    return None


def _in_shape_of(current: Tag, target: Tag) -> Tag:
    """The target with the current tag's prefix, precision and flavour."""
    exact = current.precision == target.precision
    return replace(
        target,
        prefix=current.prefix,
        release=".".join(target.components[: current.precision]),
        build=target.build if current.build else "",
        pre=target.pre if exact else "",
        flavour=current.flavour,
    )


def _core(target: Tag) -> str:
    return f"{target.release}{target.build}{target.pre}"


def _floating(
    rule: Rule, reference: ImageReference, reason: str, core: str | None, flavour: str = ""
) -> Decision:
    if rule.floating is Floating.LEAVE:
        return Decision(Verdict.FLOATING, reason)
    if core is None:
        reason = f"{reason}, and nobody knows whether {rule.to} is in its line"
        return Decision(Verdict.FLOATING, reason)
    tag = f"{core}-{flavour}" if flavour else core
    return Decision(Verdict.BUMP, f"{reason}; pinned to {tag}", reference.with_tag(tag))
