"""What `plan` and `apply` share: checks before planning, and the plan file."""

import json
from collections.abc import Sequence
from pathlib import Path

from basebump.config import Config, parse
from basebump.core.campaign import Change
from basebump.core.inquiry import Answers
from basebump.core.plan import RepoPlan
from basebump.core.policy import Rule
from basebump.core.tag import Tag, TagKind
from basebump.core.verdict import Verdict
from basebump.errors import UsageError
from basebump.planfile import SavedPlan, dump, settings_of
from basebump.report.document import Document


def require_rules(config: Config) -> None:
    """Raise UsageError when nothing says which image moves."""
    if not config.images:
        raise UsageError(
            "nothing says which image moves: give --image IMAGE --to TAG, or `images:` in "
            "config.yaml"
        )


def refuse_backward_targets(plans: Sequence[RepoPlan], rules: Sequence[Rule]) -> None:
    """Raise UsageError when a rule's target is older than every tag that the fleet uses.

    That is a slip of the fingers; who means it says `downgrade: true`.
    """
    references = [j for plan in plans for file in plan.files for j in file.references]
    if any(judged.verdict is Verdict.BUMP for judged in references):
        return
    for rule in rules:
        if rule.follow is not None or rule.downgrade or rule.target.kind is not TagKind.VERSION:
            continue
        used = [
            tag
            for judged in references
            if (reference := judged.use.reference) is not None
            and rule.names(reference)
            and reference.tag is not None
            and (tag := Tag.parse(reference.tag)).kind is TagKind.VERSION
        ]
        if used and all(t.order > rule.target.order and not t.covers(rule.target) for t in used):
            oldest = min(used, key=lambda tag: tag.order)
            raise UsageError(
                f"{rule.image}: the target {rule.to} is older than every tag in the fleet; the "
                f"oldest is {oldest}. Is it mistyped? (downgrade: true moves back on purpose)"
            )


def saved(document: Document, config: Config, changes: Sequence[Change], answers: Answers) -> str:
    """The text of a plan file for this configuration."""
    return dump(document, settings_of(config), changes, answers)


def config_of(plan: SavedPlan, path: Path) -> Config:
    """The configuration that a saved plan was made by."""
    return parse(json.dumps(plan.settings), str(path), Path())
