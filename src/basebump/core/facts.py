"""What a registry knows, as the core asks for it. The core never looks anything up by itself."""

from typing import Protocol


class Facts(Protocol):
    """Answers about images; None means that nobody knows. `image` is a canonical name."""

    def exists(self, image: str, tag: str) -> bool | None:
        """Whether the registry has the tag."""

    def digest(self, image: str, tag: str) -> str | None:
        """The digest that the tag points to now."""


class NoFacts:
    """Nothing is known: what a run without a registry goes by."""

    def exists(self, image: str, tag: str) -> bool | None:  # noqa: ARG002 - knows nothing of any
        """Nobody knows."""
        return None

    def digest(self, image: str, tag: str) -> str | None:  # noqa: ARG002 - as above
        """Nobody knows."""
        return None
