"""The words of config.yaml about images and registries: `images:`, `registries:` and `lts:`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import yaml
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from basebump.config.node import Keys, Value
from basebump.core.follow import Follow
from basebump.core.lts import LINES
from basebump.core.policy import Floating, Pin, Rule
from basebump.core.reference import (
    ImageReference,
    InvalidReferenceError,
    canonical_name,
    split_registry,
)

_DURATION = re.compile(r"(\d{1,4})([mhdw])", re.ASCII)
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_HOST = re.compile(r"[A-Za-z0-9.-]+(?::\d+)?|\[[0-9A-Fa-f:]+\](?::\d+)?", re.ASCII)

LtsTable = Mapping[str, str | tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Registries:
    """How registries are asked. `check` is None where nothing says whether they are at all.

    `cache` None is the user's own cache folder. A kept answer is asked for again once it is older
    than `cache_age`.
    """

    check: bool | None = None
    offline: bool = False
    plain_http: tuple[str, ...] = ()
    mirrors: Mapping[str, str] = field(default_factory=dict)
    cache: Path | str | None = None
    cache_age: timedelta = timedelta()


def rule(
    image: str,
    to: str = "",
    from_: str | None = None,
    flavours: tuple[str, ...] | None = None,
    floating: str = "leave",
    *,
    downgrade: bool = False,
    id_: str = "",
    follow: Follow | None = None,
    pin: str = "keep",
    fix: bool = False,
) -> Rule:
    """A checked rule. Raises ValueError with a sentence when a part of it makes no sense."""
    if not re.search(r"[*?]", image):
        try:
            reference = ImageReference.parse(image)
        except InvalidReferenceError as error:
            raise ValueError(f"image: {error}") from error
        if reference.tag or reference.digest:
            raise ValueError(f"image: {image!r} names a tag; the rule's `to` does that")
    if follow is None:
        try:
            ImageReference.parse(f"image:{to}")
        except InvalidReferenceError:
            raise ValueError(f"to: {to!r} is no valid tag") from None
    elif floating == "pin" or downgrade:
        raise ValueError("floating: pin and downgrade go with `to:`, which names the one tag")
    range_ = _range("from", from_) if from_ is not None else None
    return Rule(
        image, to, range_, flavours, Floating(floating), downgrade, id_, follow, Pin(pin), fix
    )


def rule_of(value: Value) -> Rule:
    """One entry of `images:`."""
    keys = value.mapping()
    image = keys.get("image", lambda v: v.string(), "")
    to = keys.get("to", lambda v: v.string(), "")
    from_ = keys.get("from", lambda v: v.string(), None)
    flavours = keys.get("flavours", lambda v: v.strings(), None)
    floating = keys.get("floating", lambda v: v.one_of("leave", "pin"), "leave")
    downgrade = keys.get("downgrade", lambda v: v.boolean(), default=False)
    id_ = keys.get("id", lambda v: v.string(), "")
    fix = keys.get("fix", lambda v: v.boolean(), default=False)
    pin = keys.get("pin", lambda v: v.one_of("keep", "add", "remove"), "keep")
    follow = _follow(keys)
    keys.done()
    if not image:
        raise keys.missing("image")
    if not to and follow is None:
        raise keys.missing("to")
    if to and follow is not None:
        raise value.error("`to` names the tag and `follow` asks the registry for it: one of them")
    try:
        return rule(
            image,
            to,
            from_,
            flavours,
            floating,
            downgrade=downgrade,
            id_=id_,
            follow=follow,
            pin=pin,
            fix=fix,
        )
    except ValueError as error:
        raise value.error(str(error)) from error


def _follow(keys: Keys) -> Follow | None:
    """What a rule says in place of `to:`; its words make no sense beside one."""
    follow = keys.get("follow", lambda v: v.checked(Follow.parse), None)
    allow = keys.get("allow", lambda v: v.checked(lambda text: _range("allow", text)), None)
    hold = keys.get("hold", lambda v: v.checked(duration), None)
    prereleases = keys.get("prereleases", lambda v: v.boolean(), default=False)
    flavour = keys.get("flavour", lambda v: v.one_of("keep", "follow"), "keep")
    if follow is None:
        if allow is not None or hold is not None or prereleases or flavour == "follow":
            raise keys.error("allow, hold, prereleases and flavour go with `follow`")
        return None
    return replace(
        follow, allow=allow, hold=hold, prereleases=prereleases, flavour=flavour == "follow"
    )


def registries_of(value: Value, folder: Path) -> Registries:
    """`registries:`; paths in it are below `folder`. With the section, registries are asked."""
    keys, default = value.mapping(), Registries()
    chosen = Registries(
        check=keys.get("check", lambda v: v.boolean(), default=True),
        offline=keys.get("offline", lambda v: v.boolean(), default.offline),
        plain_http=keys.get(
            "plain_http", lambda v: tuple(i.checked(_host) for i in v.items()), default.plain_http
        ),
        mirrors=keys.get("mirrors", _mirrors, default.mirrors),
        cache=keys.get("cache", lambda v: _cache(v, folder), default.cache),
        cache_age=keys.get("cache_age", lambda v: v.checked(duration), default.cache_age),
    )
    keys.done()
    return chosen


def lts_of(value: Value) -> LtsTable:
    """`lts:`: an image's LTS releases, or the product of the built-in table that it is like."""
    return {
        canonical_name(*split_registry(image)): _lts_lines(entry)
        for image, entry in value.mapping().entries().items()
    }


def duration(text: str) -> timedelta:
    """A length of time: `3d`, `12h`, `30m`, `2w`. Raises ValueError for anything else."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no length of time; write it as 3d, 12h, 30m or 2w")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def written(length: timedelta) -> str:
    """The length of time as the configuration writes it."""
    minutes = int(length.total_seconds() // 60)
    for unit, size in (("d", 24 * 60), ("h", 60)):
        if minutes and minutes % size == 0:
            return f"{minutes // size}{unit}"
    return f"{minutes}m"


def _range(key: str, text: str) -> SpecifierSet:
    try:
        return SpecifierSet(text)
    except InvalidSpecifier:
        raise ValueError(f'{key}: {text!r} is no version range; write it as ">=8,<9"') from None


def _mirrors(value: Value) -> Mapping[str, str]:
    return {host: entry.checked(_mirror) for host, entry in value.mapping().entries().items()}


def _mirror(text: str) -> str:
    _host(text.partition("/")[0])
    return text.rstrip("/")


def _host(text: str) -> str:
    if not _HOST.fullmatch(text):
        raise ValueError(f"{text!r} is no registry's host; write it as host or host:port")
    return text


def _cache(value: Value, folder: Path) -> Path | str:
    # YAML 1.1 reads a bare `off` as false; here it is the word.
    if isinstance(value.node, yaml.ScalarNode) and value.node.value == "off":
        return "off"
    return folder / Path(value.string()).expanduser()


def _lts_lines(value: Value) -> str | tuple[str, ...]:
    if isinstance(value.node, yaml.ScalarNode):
        product = value.string()
        if product not in LINES:
            raise value.error(f"{product!r} has no table; known are {', '.join(LINES)}")
        return product
    return value.strings()
