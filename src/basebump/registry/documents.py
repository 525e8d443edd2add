"""What the documents of a registry say: indexes, manifests and config blobs.

Source: OCI image-spec (image-index.md, manifest.md, config.md, annotations.md), and Docker's
"Image Manifest V 2, Schema 2". They come from outside: nothing is taken for granted about them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from basebump.core.facts import ImageDescription, Trouble, normal_platform
from basebump.registry.cache import is_digest
from basebump.registry.trouble import RegistryError

_CONFIG_TYPES = frozenset(
    {
        "application/vnd.oci.image.config.v1+json",
        "application/vnd.docker.container.image.v1+json",
    }
)
_PREFERRED_PLATFORM = "linux/amd64"
_FIRST_CONTAINER_YEAR = 2013  # earlier dates are those of reproducible builds: 1970, or the year 1


@dataclass(frozen=True, slots=True)
class Child:
    """One platform's entry in an index."""

    platform: str
    digest: str
    annotations: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Index:
    """Several platforms under one digest."""

    children: tuple[Child, ...]
    annotations: Mapping[str, str]

    def child(self, platform: str | None) -> Child | None:
        """Return the entry of a platform; for None that of `linux/amd64`, else the first one."""
        wanted = platform or _PREFERRED_PLATFORM
        fallback = self.children[0] if self.children and platform is None else None
        return next((child for child in self.children if child.platform == wanted), fallback)


@dataclass(frozen=True, slots=True)
class Single:
    """One image: `config` is its config's digest, None for an artifact that is no image."""

    config: str | None
    size: int
    annotations: Mapping[str, str]


def read_manifest(document: Mapping[str, Any]) -> Index | Single:
    """Return what an index or a manifest says.

    Raises RegistryError for a document that is neither, or could be read as both (image-spec
    forbids it, CVE-2021-41190).
    """
    index, single = "manifests" in document, "config" in document or "layers" in document
    if index == single:
        raise RegistryError(Trouble.INVALID_ANSWER, "the manifest is neither an index nor an image")
    annotations = _texts(document.get("annotations"))
    if index:
        return Index(tuple(_children(document["manifests"])), annotations)
    config = _mapping(document.get("config"))
    digest = config.get("digest")
    if config.get("mediaType") not in _CONFIG_TYPES or not isinstance(digest, str):
        return Single(None, 0, annotations)
    if not is_digest(digest):
        raise RegistryError(Trouble.INVALID_ANSWER, "the manifest names no valid config digest")
    sizes = (_mapping(layer).get("size") for layer in _list(document.get("layers")))
    return Single(digest, sum(s for s in sizes if isinstance(s, int)), annotations)


def config_platform(config: Mapping[str, Any]) -> str | None:
    """Return the platform that a config blob says it is for."""
    parts = [config.get(key) for key in ("os", "architecture", "variant")]
    return normal_platform("/".join(str(part) for part in parts if part))


def describe(
    config: Mapping[str, Any],
    *,
    digest: str,
    platforms: frozenset[str],
    size: int,
    annotations: Mapping[str, str],
) -> ImageDescription:
    """Return a config blob as a value."""
    run = _mapping(config.get("config"))
    return ImageDescription(
        digest=digest,
        platform=config_platform(config) or "",
        platforms=platforms,
        size=size,
        created=_date(config.get("created")),
        user=str(run.get("User") or ""),
        working_directory=str(run.get("WorkingDir") or ""),
        entrypoint=_words(run.get("Entrypoint")),
        command=_words(run.get("Cmd")),
        exposed_ports=frozenset(_mapping(run.get("ExposedPorts"))),
        environment=dict(_variables(run.get("Env"))),
        labels={**annotations, **_texts(run.get("Labels"))},
        os_version=str(config.get("os.version") or ""),
    )


def _children(entries: object) -> Iterator[Child]:
    for entry in map(_mapping, _list(entries)):
        platform = _mapping(entry.get("platform"))
        parts = [platform.get(key) for key in ("os", "architecture", "variant")]
        name = normal_platform("/".join(str(part) for part in parts if part))
        digest = entry.get("digest")
        if name and isinstance(digest, str) and is_digest(digest):
            yield Child(name, digest, _texts(entry.get("annotations")))


def _date(value: object) -> datetime | None:
    try:
        date = datetime.fromisoformat(str(value))
        date = date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return date if date.year >= _FIRST_CONTAINER_YEAR else None


def _variables(entries: object) -> Iterator[tuple[str, str]]:
    for entry in _list(entries):
        name, _, value = str(entry).partition("=")
        yield name, value


def _words(value: object) -> tuple[str, ...]:
    return tuple(str(word) for word in _list(value))


def _texts(value: object) -> dict[str, str]:
    return {k: v for k, v in _mapping(value).items() if isinstance(v, str)}


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
