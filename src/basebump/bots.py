"""Whether another bot keeps a repository's Dockerfiles up to date already.

Sources: https://docs.renovatebot.com/configuration-options/ (where its configuration stands,
`enabledManagers`, `enabled`, the `docker:disable` preset) and
https://docs.github.com/en/code-security/dependabot/working-with-dependabot/dependabot-options-reference
(`package-ecosystem: docker`).
"""

import json
from collections.abc import Mapping
from typing import Any

import yaml

RENOVATE_FILES = (
    "renovate.json",
    "renovate.json5",
    ".github/renovate.json",
    ".github/renovate.json5",
    ".gitlab/renovate.json",
    ".gitlab/renovate.json5",
    ".renovaterc",
    ".renovaterc.json",
    ".renovaterc.json5",
)
DEPENDABOT_FILES = (".github/dependabot.yml", ".github/dependabot.yaml")
FILES = (*RENOVATE_FILES, *DEPENDABOT_FILES)
"""Every file whose content `managed_by` looks at, as paths from the repository's root."""

_RENOVATE_OFF = frozenset({"docker:disable", "default:docker:disable", ":disableDocker"})


def managed_by(contents: Mapping[str, bytes]) -> str | None:
    """The path of the configuration by which another bot manages the Dockerfiles, or None.

    `contents` holds those of FILES that the repository has. A configuration that cannot be read
    counts as managing: whoever wrote it is to be asked, not overruled.
    """
    for path in FILES:
        content = contents.get(path)
        if content is None:
            continue
        manages = _dependabot if path in DEPENDABOT_FILES else _renovate
        if manages(content):
            return path
    return None


def _renovate(content: bytes) -> bool:
    try:
        config = json.loads(content)
    except (ValueError, RecursionError):
        return True  # JSON5, or broken
    if not isinstance(config, dict):
        return True
    if config.get("enabled") is False or _switched_off(config.get("dockerfile")):
        return False
    if not _RENOVATE_OFF.isdisjoint(_strings(config.get("extends"))):
        return False
    if _switched_off(config.get("docker")):
        return False
    managers = config.get("enabledManagers")
    return not isinstance(managers, list) or "dockerfile" in managers


def _switched_off(section: object) -> bool:
    return isinstance(section, dict) and section.get("enabled") is False


def _strings(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _dependabot(content: bytes) -> bool:
    try:
        config: Any = yaml.safe_load(content)
    except (yaml.YAMLError, RecursionError, UnicodeDecodeError):
        return True
    updates = config.get("updates") if isinstance(config, dict) else None
    if not isinstance(updates, list):
        return False
    return any(isinstance(u, dict) and u.get("package-ecosystem") == "docker" for u in updates)
