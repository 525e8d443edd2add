"""A saved plan: the JSON document that `plan` prints, and what `apply` needs besides.

It holds the rules it was made by, so that `apply` can make the same change again on each
repository's head and see whether it is still the same.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from basebump import __version__
from basebump.config import Config
from basebump.config.images import written
from basebump.core.campaign import Change
from basebump.core.follow import Follow
from basebump.core.inquiry import Answers
from basebump.core.policy import Pin, Rule
from basebump.errors import UsageError
from basebump.plananswers import as_document, from_document
from basebump.report.document import VERSION, Document, as_text

FORMAT = 1


@dataclass(frozen=True, slots=True)
class SavedChange:
    """A change as it was planned: what it was made on, and what it does."""

    repository: str
    branch: str
    base_commit: str
    content: str
    signature: tuple[tuple[str, str, str, str], ...]


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """A plan file that was read and is whole."""

    settings: dict[str, Any]
    changes: tuple[SavedChange, ...]
    answers: Answers


def settings_of(config: Config) -> dict[str, Any]:
    """The part of a configuration that a plan depends on, in the words of config.yaml."""
    forge, template = config.forge, config.pull_request
    where: dict[str, object] = {
        "kind": forge.kind,
        "root": str(forge.root.resolve()) if forge.root else None,
    }
    if forge.kind == "github":
        where |= {"org": forge.org, "user": forge.user, "url": forge.url}
        where |= {"installation": forge.installation or None, "list": list(forge.names) or None}
    return {
        "forge": {key: value for key, value in where.items() if value is not None},
        "repositories": {"respect_bots": config.repositories.respect_bots},
        "files": list(config.files),
        "images": [_rule(rule) for rule in config.images],
        "checks": dict(config.checks),
        "pull_request": {
            "branch": template.branch,
            "title": template.title,
            "labels": list(template.labels),
            "draft": template.draft,
            "commit": template.commit,
            "body": template.body,
            "reviewers": list(template.reviewers),
            "teams": list(template.teams),
            "assignees": list(template.assignees),
            "auto_merge": template.auto_merge or None,
        },
        "rollout": {
            "per_hour": config.rollout.per_hour,
            "max_open": config.rollout.max_open,
            "waves": list(config.rollout.waves.sizes),
            "gate": config.rollout.gate.value,
            "max_failures": config.rollout.max_failures,
            "no_checks": config.rollout.no_checks.value,
            **({"window": config.rollout.window.text} if config.rollout.window else {}),
        },
    }


def dump(
    document: Document, settings: dict[str, Any], changes: Sequence[Change], answers: Answers
) -> str:
    """The text of a plan file. `answers` are those of the registries, so that nobody asks again."""
    whole = document | {
        "plan": {
            "format": FORMAT,
            "basebump": __version__,
            "settings": settings,
            "answers": as_document(answers),
            "changes": [
                {
                    "repository": change.repository,
                    "branch": change.branch,
                    "base_commit": change.base_commit,
                    "content": change.marker.content,
                    "edits": [list(part) for part in change.signature],
                }
                for change in changes
            ],
        }
    }
    return as_text(whole | {"checksum": _checksum(whole)})


def load(path: Path) -> SavedPlan:
    """Read a plan file. Raises UsageError when it was edited or is of another version."""
    try:
        whole = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise UsageError(f"{path}: no such file") from None
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"{path}: cannot be read as a plan: {error}") from error
    if not isinstance(whole, dict) or not isinstance(whole.get("plan"), dict):
        raise UsageError(f"{path}: is no plan; `basebump plan -o {path}` makes one")
    plan = whole["plan"]
    made_by = (whole.get("version"), plan.get("format"), plan.get("basebump"))
    if made_by != (VERSION, FORMAT, __version__):
        raise UsageError(
            f"{path}: was made by basebump {plan.get('basebump')} and this is {__version__}; "
            "make the plan again"
        )
    if whole.pop("checksum", None) != _checksum(whole):
        raise UsageError(
            f"{path}: was changed after it was made; change config.yaml and make the plan again"
        )
    try:
        return _saved(plan)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(f"{path}: is not whole; make the plan again") from error


def _saved(plan: dict[str, Any]) -> SavedPlan:
    changes = tuple(
        SavedChange(
            entry["repository"],
            entry["branch"],
            entry["base_commit"],
            entry["content"],
            tuple((p, w, o, n) for p, w, o, n in entry["edits"]),
        )
        for entry in plan["changes"]
    )
    return SavedPlan(plan["settings"], changes, from_document(plan["answers"]))


def _checksum(whole: Document) -> str:
    text = json.dumps(whole, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _rule(rule: Rule) -> dict[str, Any]:
    entry: dict[str, Any] = {"image": rule.image, "floating": rule.floating.value}
    if rule.follow is None:
        entry["to"] = rule.to
    else:
        entry |= _follow(rule.follow)
    if rule.pin is not Pin.KEEP:
        entry["pin"] = rule.pin.value
    if rule.from_ is not None:
        entry["from"] = str(rule.from_)
    if rule.flavours is not None:
        entry["flavours"] = list(rule.flavours)
    if rule.downgrade:
        entry["downgrade"] = True
    if rule.fix:
        entry["fix"] = True
    if rule.id != rule.image:
        entry["id"] = rule.id
    return entry


def _follow(follow: Follow) -> dict[str, Any]:
    entry: dict[str, Any] = {"follow": str(follow), "prereleases": follow.prereleases}
    if follow.allow is not None:
        entry["allow"] = str(follow.allow)
    if follow.hold is not None:
        entry["hold"] = written(follow.hold)
    if follow.flavour:
        entry["flavour"] = "follow"
    return entry
