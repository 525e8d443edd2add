"""`basebump tags`."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from basebump.cli.options import ConfigPath, Format, Offline, Output, OutputFormat
from basebump.errors import AuthenticationError, ForgeError, UsageError

if TYPE_CHECKING:
    from basebump.core.follow import Follow
    from basebump.core.listing import Listing
    from basebump.core.policy import Rule
    from basebump.core.reference import ImageReference

PlainHttp = Annotated[
    list[str] | None,
    typer.Option(
        "--plain-http", metavar="HOST", help="A registry that speaks HTTP without TLS; repeatable."
    ),
]
Most = Annotated[int, typer.Option("--most", min=1, help="How many tags are shown.")]


def tags(
    image: Annotated[str, typer.Argument(metavar="IMAGE[:TAG]", help="For example node:8.9.1.")],
    config: ConfigPath = None,
    plain_http: PlainHttp = None,
    offline: Offline = False,
    most: Most = 30,
    format_: OutputFormat = Format.TABLE,
    output: Output = None,
) -> int:
    """Show what the registry has in an image's line, newest first.

    With a tag, only its line is shown (same flavour, same precision), and which tag each kind of
    following, and each rule of the configuration, would move it to. Without one, every version.

    Example: basebump tags node:8.9.1-alpine
    """
    from basebump.cli import answering, asking, session  # noqa: PLC0415 - --help does not pay for it
    from basebump.core.facts import Missing, Trouble, Unknown  # noqa: PLC0415 - as above
    from basebump.core.following import Following  # noqa: PLC0415 - as above
    from basebump.core.listing import list_tags  # noqa: PLC0415 - as above
    from basebump.core.reference import ImageReference, InvalidReferenceError  # noqa: PLC0415
    from basebump.registry import Registry  # noqa: PLC0415 - as above

    try:
        reference = ImageReference.parse(image)
    except InvalidReferenceError as error:
        raise UsageError(f"{image!r} is no image: {error}") from error
    known = asking.with_flags(session.configuration(config), registry=None, offline=offline)
    settings = asking.settings(known)
    settings = replace(settings, plain_http=settings.plain_http | frozenset(plain_http or ()))
    with Registry(settings) as registry:
        following = Following(registry, datetime.now(UTC), known.lts)
        found = list_tags(registry, reference, following, _rules(known.images, reference))
    if isinstance(found, Unknown):
        refused = found.trouble in {Trouble.AUTHENTICATION, Trouble.DENIED}
        raise (AuthenticationError if refused else ForgeError)(found.reason)
    if isinstance(found, Missing):
        raise UsageError(found.reason)
    shown = replace(found, line=found.line[:most])
    match format_:
        case Format.JSON:
            lines = _as_json(found)
        case Format.MARKDOWN:
            lines = _as_markdown(image, shown)
        case Format.TABLE:
            lines = _as_table(image, found, most)
    text = "".join(f"{line}\n" for line in lines)
    answering.answer(text, output)
    return 0


def _rules(rules: "Sequence[Rule]", reference: "ImageReference") -> "dict[str, Follow]":
    """Every kind of following, and the configured rules about this image that follow."""
    from basebump.core.listing import REACHES  # noqa: PLC0415 - --help does not pay for it

    own = {rule.id: rule.follow for rule in rules if rule.follow and rule.names(reference)}
    return {**REACHES, **own}


def _as_table(image: str, listing: "Listing", most: int) -> Iterator[str]:
    yield f"{image}: {len(listing.line)} of {listing.total} tags are in its line"
    width = max((len(entry.tag) for entry in listing.line[:most]), default=0)
    for entry in listing.line[:most]:
        remarks = [*entry.picked_by, *(["the one you named"] if entry.current else [])]
        yield f"  {entry.tag:<{width}}  {', '.join(remarks)}".rstrip()
    if len(listing.line) > most:
        yield f"  … and {len(listing.line) - most} more (--most {len(listing.line)} shows them)"
    for name, pick in listing.picks.items():
        if pick.tag is None:
            yield f"{name}: stays; {pick.reason}"
        elif pick.unknown:
            yield f"{name}: {pick.unknown}"


def _as_markdown(image: str, listing: "Listing") -> Iterator[str]:
    from basebump.core.text import code, escape  # noqa: PLC0415 - as above

    yield from (f"{code(image)}: {listing.total} tags", "", "| Tag | Picked by |", "| --- | --- |")
    for entry in listing.line:
        yield f"| {code(entry.tag)} | {escape(', '.join(entry.picked_by))} |"
    yield ""
    for name, pick in listing.picks.items():
        if pick.tag is None or pick.unknown:
            yield f"- {escape(name)}: {escape(pick.unknown or pick.reason)}"


def _as_json(listing: "Listing") -> Iterator[str]:
    picks = {
        name: {
            "tag": str(pick.tag) if pick.tag else None,
            "reason": pick.reason,
            "unknown": pick.unknown,
        }
        for name, pick in listing.picks.items()
    }
    entries = [asdict(entry) for entry in listing.line]
    yield json.dumps({"version": 1, "tags": entries, "picks": picks}, indent=1)
