"""`basebump status`."""

from basebump.cli.options import (
    ConfigPath,
    Exclude,
    Format,
    Include,
    Local,
    Output,
    OutputFormat,
    Quiet,
    Repository,
)


def status(
    config: ConfigPath = None,
    local: Local = None,
    repo: Repository = None,
    include: Include = None,
    exclude: Exclude = None,
    format_: OutputFormat = Format.TABLE,
    output: Output = None,
    quiet: Quiet = False,
) -> int:
    """Show where the pull requests stand: open, merged or closed.

    Example: basebump status --local ./checkouts
    """
    from basebump.cli import session  # noqa: PLC0415 - --help does not pay for it
    from basebump.forge import PullRequest, Unavailable  # noqa: PLC0415 - as above
    from basebump.report import status as report  # noqa: PLC0415 - as above

    settings = session.configuration(config, local=local, include=include, exclude=exclude)
    forge = session.open_forge(settings)
    answers = [a for a in forge.pull_requests() if not repo or a.repository in repo]
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
    if failed and not quiet:
        session.Talk().say(f"{len(failed)} repositories could not be read")
    return 3 if failed else 0
