"""`basebump apply`."""

import time
from dataclasses import replace
from functools import partial
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
    Interval,
    Limit,
    Local,
    Offline,
    Org,
    Output,
    OutputFormat,
    Quiet,
    Registry,
    Repository,
    To,
    User,
    Watch,
    Yes,
)
from basebump.cli.options import DryRun as Dry

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
    registry: Registry = None,
    offline: Offline = False,
    yes: Yes = False,
    dry_run: Dry = False,
    limit: Limit = None,
    reopen: Annotated[
        bool,
        typer.Option(
            "--reopen",
            help="Also where a person closed the pull request, or a rollback took it back.",
        ),
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on although checks of earlier waves fail.")
    ] = False,
    watch: Watch = False,
    interval: Interval = 60,
    format_: OutputFormat = Format.TABLE,
    output: Output = None,
    quiet: Quiet = False,
) -> int:
    """Open the pull requests.

    Those of a saved plan, or of a plan made now. Running it again is always safe: what is open
    already stays as it is. With --watch it carries on by itself, wave after wave, until all is out
    or the campaign halts.

    Example: basebump apply plan.json --yes
    """
    from basebump.cli import answering, asking, planning, publishing, session  # noqa: PLC0415 - only this pays
    from basebump.fleet import plan_again  # noqa: PLC0415 - as above
    from basebump.forge import DryRun  # noqa: PLC0415 - as above
    from basebump.planfile import load  # noqa: PLC0415 - as above
    from basebump.rollout import Published  # noqa: PLC0415 - as above

    talk = session.Talk(quiet)
    if watch:
        publishing.refuse_to_watch({"PLAN": plan, "--limit": limit, "--dry-run": dry_run or None})
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
                "--offline": offline or None,
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
        settings = asking.with_flags(settings, registry=registry, offline=offline)
        planning.require_rules(settings)
    real: Forge = session.open_forge(settings)
    forge = DryRun(real) if dry_run else real
    pace = replace(settings.rollout, new=limit, resume=resume)
    results: list[Published] = []
    asked = yes or dry_run
    while True:
        with asking.policy(settings, saved.answers if saved is not None else None) as policy:
            if saved is None:
                plans = session.plans_of(forge, policy, repo, talk)
                planning.refuse_backward_targets(plans, policy.rules)
                changes, stale = publishing.changes_now(plans, policy), list[Published]()
            else:
                names, missing = publishing.repositories_of(
                    saved, session.chosen(forge, repo), repo
                )
                plans = session.plans_of(forge, policy, names, talk) if names else []
                changes, stale = publishing.changes_of_saved(saved, plans, missing, policy)
            if not results:
                publishing.announce(settings, changes, talk)
            if changes and not asked:
                publishing.ask(plans, changes)
            asked = True
            again = partial(plan_again, forge, policy=policy)
            active = publishing.active(changes, policy)
            done = publishing.run(forge, changes, again, active, pace, talk, reopen=reopen)
            now = [*done, *stale]
        results = publishing.together(results, now)
        if not watch or not publishing.goes_on(results):
            break
        talk.say(publishing.progress(results))
        time.sleep(interval)
    why = publishing.why_halted(real, results)
    text = publishing.answer(
        plans, results, format_, session.style(format_, output), dry=dry_run, why=why
    )
    answering.answer(text, output)
    publishing.tell_actions(plans, results, dry=dry_run)
    return publishing.exit_code(plans, results)
