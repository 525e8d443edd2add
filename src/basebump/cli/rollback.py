"""`basebump rollback`."""

from dataclasses import replace
from typing import Annotated

import typer

from basebump.cli.options import (
    Campaign,
    ConfigPath,
    DryRun,
    Exclude,
    Format,
    Include,
    Limit,
    Local,
    Org,
    Output,
    OutputFormat,
    Quiet,
    Reopen,
    Repository,
    User,
    Yes,
)


def rollback(
    config: ConfigPath = None,
    local: Local = None,
    org: Org = None,
    user: User = None,
    repo: Repository = None,
    include: Include = None,
    exclude: Exclude = None,
    campaign: Campaign = None,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Why; it stands in the pull requests.")
    ] = "",
    yes: Yes = False,
    dry_run: DryRun = False,
    limit: Limit = None,
    reopen: Reopen = False,
    format_: OutputFormat = Format.TABLE,
    output: Output = None,
    quiet: Quiet = False,
) -> int:
    """Take a campaign back where it was merged.

    Opens the opposite pull requests: every reference that the campaign moved goes back to exactly
    what it was, where it still is what the campaign made of it. They go out at once, without waves
    and at any time of day. Until `apply --reopen`, the campaign leaves those repositories alone.

    Example: basebump rollback --reason "8.9.3 breaks our builders"
    """
    from basebump.cli import answering, consent, ending, publishing, session  # noqa: PLC0415 - only this pays
    from basebump.core.campaign import Change  # noqa: PLC0415 - as above
    from basebump.core.plan import Outcome, RepoPlan  # noqa: PLC0415 - as above
    from basebump.core.waves import Waves  # noqa: PLC0415 - as above
    from basebump.forge import DryRun as Dry  # noqa: PLC0415 - as above
    from basebump.report.text import count  # noqa: PLC0415 - as above
    from basebump.rollout import Published  # noqa: PLC0415 - as above
    from basebump.rollout.rollback import Rollback, merged  # noqa: PLC0415 - as above

    talk = session.Talk(quiet)
    settings = session.configuration(
        config, local=local, org=org, user=user, include=include, exclude=exclude
    )
    branches = ending.campaigns(settings, campaign)
    forge = session.open_forge(settings, branches)
    entries = session.chosen(forge, repo)
    chosen = {entry.name for entry in entries}
    found, failed = merged(forge, branches)
    back = Rollback(forge, settings.pull_request, reason)
    made = list(back.changes([entry for entry in found if entry.repository in chosen]))
    changes = [entry for entry in made if isinstance(entry, Change)]
    ended = [entry for entry in made if isinstance(entry, Published)]
    publishing.announce(settings, changes, talk)
    if changes and not (yes or dry_run):
        consent.confirm("Take back", f"{count(len(changes), 'merged pull request')}")
    pace = replace(settings.rollout, waves=Waves(), window=None, new=limit)
    results = publishing.run(
        Dry(forge) if dry_run else forge,
        changes,
        back.again,
        {change.branch for change in changes},
        pace,
        talk,
        reopen=reopen,
    )
    unread = [RepoPlan(f.repository, Outcome.FAILED, f.reason) for f in failed]
    unread = [plan for plan in unread if plan.name in chosen]
    unread += [RepoPlan(e.name, Outcome.SKIPPED, e.passed_over) for e in entries if e.passed_over]
    results = sorted([*results, *ended], key=lambda result: (result.branch, result.repository))
    text = publishing.answer(unread, results, format_, session.style(format_, output), dry=dry_run)
    answering.answer(text, output)
    publishing.tell_actions(unread, results, dry=dry_run)
    return publishing.exit_code(unread, results)
