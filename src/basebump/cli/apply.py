"""`basebump apply`."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from basebump.cli.options import (
    ConfigPath,
    Exclude,
    Format,
    From,
    Image,
    Include,
    Local,
    Org,
    Output,
    OutputFormat,
    Quiet,
    Repository,
    To,
    User,
)

if TYPE_CHECKING:
    from basebump.forge import Forge


def apply(
    plan: Annotated[
        Path | None, typer.Argument(metavar="[PLAN]", help="A plan saved by `plan -o`.")
    ] = None,
    config: ConfigPath = None,
    local: Local = None,
    org: Org = None,
    user: User = None,
    image: Image = None,
    to: To = None,
    from_: From = None,
    repo: Repository = None,
    include: Include = None,
    exclude: Exclude = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Go the whole way and write nothing.")
    ] = False,
    limit: Annotated[
        int | None, typer.Option("--limit", min=0, help="Open at most so many in this run.")
    ] = None,
    reopen: Annotated[
        bool, typer.Option("--reopen", help="Also where a person closed the pull request.")
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on although checks of earlier waves fail.")
    ] = False,
    format_: OutputFormat = Format.TABLE,
    output: Output = None,
    quiet: Quiet = False,
) -> int:
    """Open the pull requests.

    Those of a saved plan, or of a plan made now. Running it again is always safe: what is open
    already stays as it is.

    Example: basebump apply plan.json --yes
    """
    from basebump.cli import planning, publishing, session  # noqa: PLC0415 - only this pays
    from basebump.forge import DryRun  # noqa: PLC0415 - as above
    from basebump.planfile import load  # noqa: PLC0415 - as above
    from basebump.rollout import Published  # noqa: PLC0415 - as above

    talk = session.Talk(quiet)
    saved = load(plan) if plan is not None else None
    if plan is not None and saved is not None:
        publishing.refuse_with_plan(
            {
                "--config": config,
                "--local": local,
                "--org": org,
                "--user": user,
                "--image": image,
                "--to": to,
                "--from": from_,
            }
        )
        settings = session.narrowed(planning.config_of(saved, plan), include, exclude)
    else:
        settings = session.configuration(
            config,
            local=local,
            org=org,
            user=user,
            image=image,
            to=to,
            from_=from_,
            include=include,
            exclude=exclude,
        )
        planning.require_rules(settings)
    policy = session.policy_of(settings)
    forge: Forge = session.open_forge(settings)
    if saved is None:
        plans = session.plans_of(forge, policy, repo, talk)
        planning.refuse_backward_targets(plans, policy.rules)
        changes, stale = publishing.changes_now(plans, policy), list[Published]()
    else:
        names, missing = publishing.repositories_of(saved, session.chosen(forge, repo), repo)
        plans = session.plans_of(forge, policy, names, talk) if names else []
        changes, stale = publishing.changes_of_saved(saved, plans, missing, policy)
    publishing.announce(settings, changes, talk)
    if changes and not (yes or dry_run):
        publishing.ask(plans, changes)
    if dry_run:
        forge = DryRun(forge)
    pace = replace(settings.rollout, new=limit, resume=resume)
    results = [*publishing.run(forge, changes, policy, pace, talk, reopen=reopen), *stale]
    text = publishing.answer(plans, results, format_, session.style(format_, output), dry=dry_run)
    session.answer(text, output)
    publishing.tell_actions(plans, results, dry=dry_run)
    return publishing.exit_code(plans, results)
