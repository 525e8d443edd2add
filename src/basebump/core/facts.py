"""What a registry can tell the core: the values, and the Protocol by which they come in.

The core never fails for want of a registry: a fact is there, is known to be absent (`Missing`), or
is `Unknown` with the sentence that says why. Nothing here raises.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Trouble(StrEnum):
    """Why a registry could not be asked, or its answer not be used."""

    NOT_ASKED = "not asked"
    OFFLINE = "offline"
    UNKNOWN_HOST = "unknown host"
    UNREACHABLE = "unreachable"
    CERTIFICATE = "certificate"
    AUTHENTICATION = "authentication"
    DENIED = "denied"
    NAME_REFUSED = "name refused"
    RATE_LIMITED = "rate limited"
    SERVER = "server"
    INVALID_ANSWER = "invalid answer"


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody knows: the kind of trouble, and one sentence for the report."""

    trouble: Trouble
    reason: str


@dataclass(frozen=True, slots=True)
class Missing:
    """The registry answered, and what was asked for is not there."""

    reason: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a tag or digest stands for: the index's own digest, and the platforms behind it.

    `platforms` holds `os/architecture[/variant]` as `normal_platform` writes it.
    """

    digest: str
    platforms: frozenset[str]


@dataclass(frozen=True, slots=True)
class ImageDescription:
    """One platform's image, as its config blob and manifest describe it.

    `size` is the sum of the compressed layers in bytes. `created` is None where the image gives no
    believable date. `labels` holds the manifest's annotations too, under the config's labels.
    """

    digest: str
    platform: str
    platforms: frozenset[str]
    size: int
    created: datetime | None = None
    user: str = ""
    working_directory: str = ""
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    exposed_ports: frozenset[str] = frozenset()
    environment: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    os_version: str = ""


class Facts(Protocol):
    """The registry as the core sees it: `image` is always a canonical name.

    Each answer is the same for the whole run, however often it is asked for.
    """

    def exists(self, image: str, tag: str) -> bool | None:
        """Return whether the registry has the tag; None when nobody knows."""

    def digest(self, image: str, tag: str) -> str | None:
        """Return the digest that the tag points to now; None when there is none or nobody knows."""

    def tags(self, image: str) -> tuple[str, ...] | Missing | Unknown:
        """Return every tag of the image, in no promised order."""

    def pin(self, image: str, tag: str) -> str | Missing | Unknown:
        """Return the digest that the tag points to now; the cheapest question there is."""

    def manifest(self, image: str, reference: str) -> Manifest | Missing | Unknown:
        """Return the digest and the platforms of a tag, or of a digest."""

    def description(
        self, image: str, reference: str, platform: str | None = None
    ) -> ImageDescription | Missing | Unknown:
        """Return what the image behind a tag or digest looks like on `platform`.

        None stands for `linux/amd64`, or for the first platform where that one is not offered.
        """


class NoFacts:
    """Nothing is known: what a run without a registry goes by."""

    def __init__(self, reason: str = "no registry was asked") -> None:
        self._answer = Unknown(Trouble.NOT_ASKED, reason)

    def exists(self, image: str, tag: str) -> None:
        """Nobody knows."""

    def digest(self, image: str, tag: str) -> None:
        """Nobody knows."""

    def tags(self, image: str) -> Unknown:  # noqa: ARG002 - knows nothing of any
        """Nobody knows."""
        return self._answer

    def pin(self, image: str, tag: str) -> Unknown:  # noqa: ARG002 - as above
        """Nobody knows."""
        return self._answer

    def manifest(self, image: str, reference: str) -> Unknown:  # noqa: ARG002 - as above
        """Nobody knows."""
        return self._answer

    def description(
        self,
        image: str,  # noqa: ARG002 - as above
        reference: str,  # noqa: ARG002 - as above
        platform: str | None = None,  # noqa: ARG002 - as above
    ) -> Unknown:
        """Nobody knows."""
        return self._answer


_ARCHITECTURES = {"x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64", "armhf": "arm/v7"}
_IMPLIED_VARIANTS = {("amd64", "v1"), ("arm64", "v8"), ("arm64", "8")}
_OS_NAMES = frozenset({"linux", "windows", "darwin", "freebsd", "wasip1"})


def normal_platform(text: str) -> str | None:
    """Return the one spelling of a platform: `linux/arm64/v8` and `aarch64` give `linux/arm64`.

    None for what names no platform, such as `$BUILDPLATFORM` or an attestation's
    `unknown/unknown`. Source: containerd's `platforms` package (Normalize, and its defaults).
    """
    parts = text.strip().lower().split("/")
    if not all(re.fullmatch(r"[a-z0-9_.-]{1,32}", part) for part in parts) or "unknown" in parts:
        return None
    if parts[0] not in _OS_NAMES:
        parts.insert(0, "linux")
    if len(parts) == 1:
        return None
    parts[1:2] = _ARCHITECTURES.get(parts[1], parts[1]).split("/")
    if parts[1:] == ["arm"]:
        parts.append("v7")
    if len(parts) == 3 and (parts[1], parts[2]) in _IMPLIED_VARIANTS:  # noqa: PLR2004 - os/arch/variant
        parts.pop()
    return "/".join(parts)
