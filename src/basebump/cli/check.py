"""`basebump check`."""

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from basebump import __version__
from basebump.cli.answering import answer
from basebump.cli.options import Output
from basebump.errors import UsageError

if TYPE_CHECKING:
    from basebump.report.check import Checked


class CheckFormat(StrEnum):
    """How the findings are written."""

    TABLE = "table"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"
    MARKDOWN = "markdown"


def check(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATH|OWNER/REPO]...",
            help="Dockerfiles or folders, this one if none; or repositories on GitHub.",
        ),
    ] = None,
    format_: Annotated[
        CheckFormat, typer.Option("--format", envvar="BASEBUMP_FORMAT", help="How to answer.")
    ] = CheckFormat.TABLE,
    fix: Annotated[
        bool, typer.Option("--fix", help="Mend the files where that is provably safe.")
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Show what --fix would change; with it, what it did.")
    ] = False,
    select: Annotated[
        list[str] | None, typer.Option(metavar="RULE", help="Only this rule; may be repeated.")
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option(metavar="RULE", help="Not this rule; may be repeated.")
    ] = None,
    exit_zero: Annotated[
        bool, typer.Option("--exit-zero", help="Exit with 0 in spite of findings.")
    ] = False,
    output: Output = None,
) -> int:
    """Check that manifests are copied before the source.

    A build that copies package.json, installs, and copies the source last skips the install
    whenever only the source changed.

    Files on disk need no network and no forge; what is no path and reads OWNER/REPO is read from
    GitHub, without a clone. Exit code 1 when there are findings; advice alone does not count. A
    comment `# basebump: ignore[cache-order] reason` above the copy or the install opts out.

    Example: basebump check --format sarif services/
    """
    from basebump.cli import checking  # noqa: PLC0415 - --help does not pay for it
    from basebump.report.check import Checked, summary_line  # noqa: PLC0415 - as above
    from basebump.report.check import diff as diff_of  # noqa: PLC0415 - as above

    rules = _rules(select, ignore)

    def chosen(file: Checked) -> Checked:
        return replace(file, findings=tuple(f for f in file.findings if f.rule in rules))

    here, remote = _sorted_out(paths or ["."], fix=fix)
    files = [chosen(checking.checked(path)) for path in checking.dockerfiles(here)]
    if remote:
        from basebump.cli import remote_checking  # noqa: PLC0415 - a forge is slow to import

        files += map(chosen, remote_checking.checked(remote))
    for file in files:
        if file.problem:
            _say(f"{file.path}: not checked: {file.problem}")
    shown = [line for file in files for line in diff_of(file)] if diff else []
    if fix:
        mended = [file for file in files if file.after() != file.text]
        for file in mended:
            _say(f"{file.path}: fixed")
        files = [chosen(checking.write(file)) if file in mended else file for file in files]
    text = "".join(f"{line}\n" for line in shown)
    if not diff or format_ is not CheckFormat.TABLE:
        colour = output is None and sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        text += _rendered(files, format_, colour=colour)
    else:
        _say(summary_line(files))  # a diff says nothing of what cannot be mended
    answer(text, output)
    counts = any(f.severity != "info" for file in files for f in file.findings)
    return 1 if counts and not exit_zero else 0


def _sorted_out(arguments: Sequence[str], *, fix: bool) -> tuple[list[Path], list[str]]:
    """The paths among the arguments, and the repositories.

    Raises UsageError for what is neither, and for repositories where files are to be mended.
    """
    here = [argument for argument in arguments if os.path.lexists(argument)]
    others = [argument for argument in arguments if argument not in here]
    if others:
        from basebump.cli.remote_checking import is_repository  # noqa: PLC0415 - seldom needed

        for argument in others:
            if not is_repository(argument):
                raise UsageError(f"{argument}: there is no such file or folder")
            if fix:
                raise UsageError(
                    f"{argument}: --fix mends files on disk; in a campaign, a rule with "
                    "`fix: true` does it"
                )
    return [Path(argument) for argument in here], others


def _rules(select: Sequence[str] | None, ignore: Sequence[str] | None) -> frozenset[str]:
    """The rules that are on. Raises UsageError for a rule that does not exist."""
    from basebump.core.cache_order import RULES  # noqa: PLC0415 - --help does not pay for it

    for rule in (*(select or ()), *(ignore or ())):
        if rule not in RULES:
            raise UsageError(f"there is no rule {rule!r}; the rules are {', '.join(RULES)}")
    return frozenset(select or RULES) - frozenset(ignore or ())


def _rendered(files: "Sequence[Checked]", format_: CheckFormat, *, colour: bool) -> str:
    match format_:
        case CheckFormat.JSON:
            from basebump.report.check import as_json  # noqa: PLC0415 - only what is asked for

            return as_json(files)
        case CheckFormat.SARIF:
            from basebump.report.sarif import as_sarif  # noqa: PLC0415 - as above

            return as_sarif(files, __version__)
        case CheckFormat.GITHUB:
            from basebump.report.annotations import as_annotations  # noqa: PLC0415 - as above

            return as_annotations(files)
        case CheckFormat.MARKDOWN:
            from basebump.report.check import as_markdown  # noqa: PLC0415 - as above

            return as_markdown(files)
        case CheckFormat.TABLE:
            from basebump.report.check import as_table  # noqa: PLC0415 - as above

            return as_table(files, colour=colour)


def _say(text: str) -> None:
    from basebump.core.text import clean  # noqa: PLC0415 - as above

    sys.stderr.write(f"basebump: {clean(text)}\n")
