"""What `merge` and `close` share: which campaigns, asking, and the answer."""

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

from basebump.cli import answering, session
from basebump.cli.options import Format
from basebump.cli.publishing import stopped_by_ctrl_c
from basebump.config import Config
from basebump.core.campaign import branch_of
from basebump.errors import UsageError
from basebump.forge import Forge, PullRequest, Unavailable
from basebump.report import ended as report
from basebump.rollout.ending import FAILED, Ended, open_requests

Stop = Callable[[], bool]


def campaigns(settings: Config, named: Sequence[str] | None) -> list[str]:
    """The branches of the chosen campaigns. Raises UsageError when nothing says which."""
    of_rules = (branch_of(rule, settings.pull_request) for rule in settings.images)
    branches = named or [branch for branch in of_rules if branch is not None]
    if not branches and settings.images:
        raise UsageError(
            "a rule that follows has a campaign for each release that is picked: give its "
            "--campaign BRANCH, as `basebump status` shows it"
        )
    if not branches:
        raise UsageError(
            "nothing says which campaign: give --campaign BRANCH, or `images:` in config.yaml"
        )
    return list(dict.fromkeys(branches))


def chosen(
    forge: Forge, branches: Collection[str], repos: Sequence[str] | None
) -> tuple[list[PullRequest], list[Unavailable]]:
    """The campaigns' open pull requests, of these repositories where some are named."""
    requests, failed = open_requests(forge, branches)
    return (
        [request for request in requests if not repos or request.repository in repos],
        [each for each in failed if not repos or each.repository in repos],
    )


def carried_out(run: Callable[[Stop], Iterator[Ended]]) -> list[Ended]:
    """The outcomes. A first Ctrl-C lets the write under way finish, and stops there."""
    results: list[Ended] = []
    with stopped_by_ctrl_c() as stopped:
        results.extend(run(lambda: bool(stopped)))
    if stopped:
        session.Talk().say(report.sentence(results, []))
        raise KeyboardInterrupt
    return results


def answer(
    results: Sequence[Ended],
    failed: Sequence[Unavailable],
    format_: Format,
    output: Path | None,
    *,
    dry: bool,
) -> int:
    """Give the report, and the exit code: 3 when something failed."""
    if format_ is Format.JSON:
        text = report.as_json(results, failed, dry=dry)
    elif format_ is Format.MARKDOWN:
        text = report.as_markdown(results, failed, dry=dry)
    else:
        text = report.as_table(results, failed, session.style(format_, output), dry=dry)
    answering.answer(text, output)
    return 3 if failed or any(result.outcome == FAILED for result in results) else 0
