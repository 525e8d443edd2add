"""`basebump merge`."""

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
    MergeMethod,
    Org,
    Output,
    OutputFormat,
    Repository,
    TakenOver,
    User,
    Yes,
)


def merge(
    config: ConfigPath = None,
    local: Local = None,
    org: Org = None,
    user: User = None,
    repo: Repository = None,
    include: Include = None,
    exclude: Exclude = None,
    campaign: Campaign = None,
    method: Annotated[
        MergeMethod, typer.Option("--method", help="How the commits get into the base branch.")
    ] = MergeMethod.MERGE,
    limit: Annotated[
        int | None, typer.Option("--limit", min=0, help="Merge at most so many in this run.")
    ] = None,
    auto: Annotated[
        bool,
        typer.Option(
            "--auto",
            help="Leave what has to wait for checks, a review or a queue to the forge.",
        ),
    ] = False,
    taken_over: TakenOver = False,
    yes: Yes = False,
    dry_run: DryRun = False,
    format_: OutputFormat = Format.TABLE,
    output: Output = None,
) -> int:
    """Merge a campaign's pull requests that are ready.

    Ready is what is green, approved where a review is asked for, without a conflict, no draft, and
    ours alone. Each is merged at exactly the commit that was looked at.

    Example: basebump merge --method squash --limit 20
    """
    from basebump.cli import consent, ending, session  # noqa: PLC0415 - --help does not pay for it
    from basebump.errors import UsageError  # noqa: PLC0415 - as above
    from basebump.forge import DryRun as Dry  # noqa: PLC0415 - as above
    from basebump.forge import Merging  # noqa: PLC0415 - as above
    from basebump.report.text import count  # noqa: PLC0415 - as above
    from basebump.rollout import ending as rollout  # noqa: PLC0415 - as above

    settings = session.configuration(
        config, local=local, org=org, user=user, include=include, exclude=exclude
    )
    branches = ending.campaigns(settings, campaign)
    forge = session.open_forge(settings)
    if not isinstance(forge, Merging):
        raise UsageError(
            "a folder of repositories merges nothing by itself: merge the branches with git, as in "
            f"`git merge {branches[0]}`"
        )
    requests, failed = ending.chosen(forge, branches, repo)
    how = rollout.How(method.value, limit, auto, taken_over)
    trial = list(rollout.merge(Dry(forge), requests, settings.rollout, how))
    due = sum(result.outcome in (rollout.MERGED, rollout.QUEUED) for result in trial)
    if dry_run or not due:
        return ending.answer(trial, failed, format_, output, dry=dry_run)
    if not yes:
        consent.confirm("Merge", count(due, "pull request"))
    results = ending.carried_out(
        lambda stop: rollout.merge(forge, requests, settings.rollout, how, stop=stop)
    )
    return ending.answer(results, failed, format_, output, dry=False)
