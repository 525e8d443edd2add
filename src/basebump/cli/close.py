"""`basebump close`."""

from typing import Annotated

import typer

from basebump.cli.options import (
    Campaign,
    ConfigPath,
    DryRun,
    Exclude,
    Format,
    Include,
    Local,
    Org,
    Output,
    OutputFormat,
    Repository,
    TakenOver,
    User,
    Yes,
)


def close(
    config: ConfigPath = None,
    local: Local = None,
    org: Org = None,
    user: User = None,
    repo: Repository = None,
    include: Include = None,
    exclude: Exclude = None,
    campaign: Campaign = None,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Why; it stands in the comment.")
    ] = "",
    taken_over: TakenOver = False,
    yes: Yes = False,
    dry_run: DryRun = False,
    format_: OutputFormat = Format.TABLE,
    output: Output = None,
) -> int:
    """Close a campaign's pull requests and say why.

    Those that are open; their branches are deleted. A pull request to which someone else has added
    commits is left as it is. What was closed stays closed for this release; `apply --reopen`
    overrides.

    Example: basebump close --reason "8.9.3 breaks our builders"
    """
    from basebump.cli import consent, ending, session  # noqa: PLC0415 - --help does not pay for it
    from basebump.errors import UsageError  # noqa: PLC0415 - as above
    from basebump.forge import Closing  # noqa: PLC0415 - as above
    from basebump.forge import DryRun as Dry  # noqa: PLC0415 - as above
    from basebump.report.text import count  # noqa: PLC0415 - as above
    from basebump.rollout import ending as rollout  # noqa: PLC0415 - as above

    settings = session.configuration(
        config, local=local, org=org, user=user, include=include, exclude=exclude
    )
    branches = ending.campaigns(settings, campaign)
    forge = session.open_forge(settings)
    if not isinstance(forge, Closing):
        raise UsageError("this forge closes no pull requests")
    requests, failed = ending.chosen(forge, branches, repo)
    comment = f"The campaign is called off: {reason}" if reason else "The campaign is called off."
    trial = list(rollout.close(Dry(forge), requests, comment, taken_over=taken_over))
    due = sum(result.outcome == rollout.CLOSED for result in trial)
    if dry_run or not due:
        return ending.answer(trial, failed, format_, output, dry=dry_run)
    if not yes:
        consent.confirm("Close", count(due, "pull request"))
    results = ending.carried_out(
        lambda stop: rollout.close(forge, requests, comment, taken_over=taken_over, stop=stop)
    )
    return ending.answer(results, failed, format_, output, dry=False)
