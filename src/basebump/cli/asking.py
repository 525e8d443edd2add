"""Whether registries are asked, and how: from the configuration and two flags to an inquiry."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from basebump.cli.session import checks_of
from basebump.config import Config
from basebump.core.facts import NoFacts
from basebump.core.inquiry import Answers, Inquiry
from basebump.core.policy import Pin
from basebump.errors import UsageError
from basebump.fleet import Policy

if TYPE_CHECKING:
    from basebump.registry import RegistrySettings

_UNSAID = "the saved plan says nothing of it; plan again"


def with_flags(config: Config, *, registry: bool | None, offline: bool) -> Config:
    """The configuration with the command line's words about registries in place of the file's."""
    if registry is False and offline:
        raise UsageError("--offline asks the cache and --no-registry asks nobody: one of them")
    check = True if offline else registry
    words = config.registries
    return replace(
        config,
        registries=replace(
            words,
            check=words.check if check is None else check,
            offline=words.offline or offline,
        ),
    )


def asks(config: Config) -> bool:
    """Whether registries are asked.

    The configuration says it, or the flags. Where neither does: those of a fleet on GitHub are,
    since a network is there; a folder of repositories is read without one, unless a rule needs the
    registry to do anything at all.
    """
    if config.registries.check is not None:
        return config.registries.check
    needed = any(rule.follow is not None or rule.pin is Pin.ADD for rule in config.images)
    return needed or config.forge.kind == "github"


@contextmanager
def policy(config: Config, answers: Answers | None = None) -> Iterator[Policy]:
    """What plans are made by; with a saved plan's answers, nobody is asked again."""
    now = datetime.now(UTC)
    if answers is not None:
        yield _policy(config, Inquiry(NoFacts(_UNSAID), now, config.lts, answers))
    elif not asks(config):
        yield _policy(config, Inquiry(NoFacts(), now, config.lts))
    else:
        from basebump.registry import Registry  # noqa: PLC0415 - only who asks pays for it

        with Registry(settings(config)) as registry:
            yield _policy(config, Inquiry(registry, now, config.lts))


def settings(config: Config) -> "RegistrySettings":
    """How the registries are reached."""
    from basebump.registry import RegistrySettings  # noqa: PLC0415 - as above

    words = config.registries
    folder = words.cache or _user_cache()
    return RegistrySettings(
        plain_http=frozenset(words.plain_http),
        mirrors=words.mirrors,
        cache_dir=folder if isinstance(folder, Path) else None,
        cache_age=words.cache_age,
        offline=words.offline,
    )


def _policy(config: Config, inquiry: Inquiry) -> Policy:
    return Policy(
        config.images,
        config.pull_request,
        inquiry,
        checks_of(config),
        respect_bots=config.repositories.respect_bots,
    )


def _user_cache() -> Path | None:
    """The user's own cache folder (XDG Base Directory Specification); None without a home."""
    said = os.environ.get("XDG_CACHE_HOME", "")
    if Path(said).is_absolute():
        return Path(said) / "basebump" / "registry"
    try:
        return Path.home() / ".cache" / "basebump" / "registry"
    except RuntimeError:
        return None
