"""`basebump status`."""

import sys
import time
from typing import TYPE_CHECKING

from basebump.cli.options import (
    ConfigPath,
    Exclude,
    Format,
    Include,
    Interval,
    Local,
    Org,
    Output,
    OutputFormat,
    Quiet,
    Repository,
    User,
    Watch,
)

if TYPE_CHECKING:
    from basebump.report.status import StatusReport

_CLEAR = "\x1b[H\x1b[2J"


def status(
    config: ConfigPath = None,
    local: Local = None,
    org: Org = None,
    user: User = None,
    repo: Repository = None,
    include: Include = None,
    exclude: Exclude = None,
    watch: Watch = False,
    interval: Interval = 60,
    format_: OutputFormat = Format.TABLE,
    output: Output = None,
    quiet: Quiet = False,
) -> int:
    """Show where the pull requests stand.

    Campaign by campaign: open, merged or closed, checks, reviews, conflicts and age, and how the
    campaign stands against its gate. --watch looks again until nothing is pending; JSON and
    Markdown then show the last look.

    Example: basebump status --local ./checkouts
    """
    from basebump.cli import answering, session, standing  # noqa: PLC0415 - only this pays
    from basebump.report import status as report  # noqa: PLC0415 - --help does not pay for it

    settings = session.configuration(
        config, local=local, org=org, user=user, include=include, exclude=exclude
    )
    forge, talk = session.open_forge(settings), session.Talk(quiet)
    seen: StatusReport | None = None
    try:
        while seen is None or (watch and standing.pending(seen)):
            if seen is not None:
                time.sleep(interval)
            seen = standing.look(forge, settings, repo, talk)
            if format_ is Format.TABLE:
                if watch and output is None and sys.stdout.isatty():
                    sys.stdout.write(_CLEAR)
                answering.answer(report.as_table(seen, session.style(format_, output)), output)
    except KeyboardInterrupt:
        if not watch or seen is None:
            raise
    if format_ is not Format.TABLE:
        json = format_ is Format.JSON
        answering.answer(report.as_json(seen) if json else report.as_markdown(seen), output)
    return 3 if seen.failed else 0
