"""`basebump status`."""

from basebump.cli.options import (
    ConfigPath,
    Exclude,
    Format,
    Include,
    Local,
    Org,
    Output,
    OutputFormat,
    Quiet,
    Repository,
    User,
)


def status(
    config: ConfigPath = None,
    local: Local = None,
    org: Org = None,
    user: User = None,
    repo: Repository = None,
    include: Include = None,
    exclude: Exclude = None,
    format_: OutputFormat = Format.TABLE,
    output: Output = None,
    quiet: Quiet = False,  # noqa: ARG001 - every command takes it, and this one has no remarks
) -> int:
    """Show where the pull requests stand.

    Open, merged or closed, campaign by campaign.

    Example: basebump status --local ./checkouts
    """
    from basebump.cli import session  # noqa: PLC0415 - --help does not pay for it
    from basebump.forge import PullRequest, Unavailable  # noqa: PLC0415 - as above
    from basebump.report import status as report  # noqa: PLC0415 - as above

    settings = session.configuration(
        config, local=local, org=org, user=user, include=include, exclude=exclude
    )
    forge = session.open_forge(settings)
    chosen = {entry.name for entry in session.chosen(forge, repo)}
    answers = [a for a in forge.pull_requests() if a.repository in chosen]
    requests = [answer for answer in answers if isinstance(answer, PullRequest)]
    failed = [answer for answer in answers if isinstance(answer, Unavailable)]
    requests.sort(key=lambda request: (request.branch, request.repository))
    if format_ is Format.JSON:
        text = report.as_json(requests, failed)
    elif format_ is Format.MARKDOWN:
        text = report.as_markdown(requests, failed)
    else:
        text = report.as_table(requests, failed, session.style(format_, output))
    session.answer(text, output)
    return 3 if failed else 0
