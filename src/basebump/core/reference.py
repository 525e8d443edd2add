"""Image references, after the grammar of the distribution project.

Source: https://pkg.go.dev/github.com/distribution/reference (the EBNF in its overview).
"""

import re
from dataclasses import dataclass, replace

DEFAULT_REGISTRY = "docker.io"
_DEFAULT_NAMESPACE = "library"
_LEGACY_REGISTRY = "index.docker.io"

_MAX_NAME = 255
_MAX_REFERENCE = (
    1024  # name + the longest tag + a sha512 digest fit; anything longer is no reference
)

_DOMAIN_COMPONENT = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_DOMAIN = re.compile(
    rf"(?:{_DOMAIN_COMPONENT}(?:\.{_DOMAIN_COMPONENT})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?"
)
_PATH = re.compile(
    r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*)*"
)
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_DIGEST = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}")
_REGISTERED_DIGESTS = {"sha256": 64, "sha384": 96, "sha512": 128}  # OCI image-spec, descriptor.md
_IMAGE_ID = re.compile(r"[0-9a-f]{64}")


class InvalidReferenceError(ValueError):
    """The text is no image reference; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class ImageReference:
    """An image reference exactly as written: `str(ImageReference.parse(s)) == s`."""

    registry: str | None
    repository: str
    tag: str | None = None
    digest: str | None = None

    @classmethod
    def parse(cls, text: str) -> "ImageReference":
        """Return the parts of `text` as they are written, with nothing filled in.

        Raises InvalidReferenceError where the distribution grammar refuses the text.
        """
        if len(text) > _MAX_REFERENCE:
            raise InvalidReferenceError(f"longer than {_MAX_REFERENCE} characters")
        rest, at, digest = text.partition("@")
        name, tag = _split_tag(rest)
        registry, repository = split_registry(name)
        _check_name(registry, repository)
        if tag is not None and not _TAG.fullmatch(tag):
            raise InvalidReferenceError(f"{tag!r} is no valid tag")
        if at:
            _check_digest(digest)
        return cls(registry, repository, tag, digest if at else None)

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag is not None else ""
        digest = f"@{self.digest}" if self.digest is not None else ""
        return f"{self.name}{tag}{digest}"

    @property
    def name(self) -> str:
        """The image's name as written, its registry included."""
        return f"{self.registry}/{self.repository}" if self.registry else self.repository

    @property
    def canonical_name(self) -> str:
        """The one full name of the image: `node` gives `docker.io/library/node`."""
        return canonical_name(self.registry, self.repository)

    def with_tag(self, tag: str, digest: str | None = None) -> "ImageReference":
        """The same image at another tag, and at `digest` where one is given."""
        return replace(self, tag=tag, digest=digest)


def split_registry(name: str) -> tuple[str | None, str]:
    """Split a name into its registry, None where Docker Hub is implied, and the repository.

    The first component is a registry when it has a dot, a port or an upper-case letter, or is
    `localhost` (`splitDockerDomain` of the distribution project).
    """
    first, slash, rest = name.partition("/")
    if slash and (any(c in first for c in ".:") or first == "localhost" or first.lower() != first):
        return first, rest
    return None, name


def canonical_name(registry: str | None, repository: str) -> str:
    """Join a registry and a repository into the image's one full name."""
    if registry in (None, _LEGACY_REGISTRY, DEFAULT_REGISTRY):
        registry = DEFAULT_REGISTRY
        if "/" not in repository:
            repository = f"{_DEFAULT_NAMESPACE}/{repository}"
    return f"{registry}/{repository}"


def familiar_name(canonical: str) -> str:
    """The short form of a canonical name, as people write it: `node`, `maichong/node`."""
    short = canonical.removeprefix(f"{DEFAULT_REGISTRY}/")
    return short.removeprefix(f"{_DEFAULT_NAMESPACE}/") if short != canonical else canonical


def _split_tag(text: str) -> tuple[str, str | None]:
    name, colon, tag = text.rpartition(":")
    if not colon or "/" in tag:  # the colon of `registry:5000/image` belongs to a port
        return text, None
    return name, tag


def _check_name(registry: str | None, repository: str) -> None:
    name = f"{registry}/{repository}" if registry else repository
    if not repository:
        raise InvalidReferenceError("the image has no name")
    if registry is not None and not _DOMAIN.fullmatch(registry):
        raise InvalidReferenceError(f"{registry!r} is no valid registry")
    if repository != repository.lower():
        raise InvalidReferenceError(f"{repository!r} must be lower case")
    if not _PATH.fullmatch(repository):
        raise InvalidReferenceError(f"{name!r} is no valid image name")
    if len(repository) > _MAX_NAME:
        raise InvalidReferenceError(f"the name is longer than {_MAX_NAME} characters")
    if registry is None and _IMAGE_ID.fullmatch(repository):
        raise InvalidReferenceError("64 hexadecimal digits are an image id, not a name")


def _check_digest(digest: str) -> None:
    if not _DIGEST.fullmatch(digest):
        raise InvalidReferenceError(f"{digest!r} is no valid digest")
    algorithm, _, encoded = digest.partition(":")
    length = _REGISTERED_DIGESTS.get(algorithm)
    if length is not None and (len(encoded) != length or encoded != encoded.lower()):
        raise InvalidReferenceError(
            f"{digest!r} is no valid digest: {algorithm} takes {length} lower-case hex digits"
        )
