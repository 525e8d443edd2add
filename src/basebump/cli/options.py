"""The options that several commands share, each declared once."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    """How an answer is written."""

    TABLE = "table"
    JSON = "json"
    MARKDOWN = "markdown"


class MergeMethod(StrEnum):
    """How a pull request's commits get into its base branch."""

    MERGE = "merge"
    SQUASH = "squash"
    REBASE = "rebase"


ConfigPath = Annotated[
    Path | None,
    typer.Option(
        "--config",
        envvar="BASEBUMP_CONFIG",
        help="The configuration; config.yaml in this folder if there is one.",
    ),
]
Local = Annotated[
    Path | None,
    typer.Option(
        "--local",
        envvar="BASEBUMP_LOCAL",
        metavar="DIR",
        help="A folder of git repositories, in place of the configured forge.",
    ),
]
Org = Annotated[
    str | None,
    typer.Option(
        "--org",
        metavar="NAME",
        help="An organisation on GitHub, in place of the configured forge.",
    ),
]
User = Annotated[
    str | None,
    typer.Option(
        "--user",
        metavar="NAME",
        help="A person's repositories on GitHub, in place of the configured forge.",
    ),
]
Repository = Annotated[
    list[str] | None,
    typer.Option("--repo", metavar="NAME", help="Only this repository; may be repeated."),
]
Include = Annotated[
    list[str] | None,
    typer.Option("--include", metavar="GLOB", help="Only repositories of such a name."),
]
Exclude = Annotated[
    list[str] | None,
    typer.Option("--exclude", metavar="GLOB", help="No repositories of such a name."),
]
Image = Annotated[
    str | None,
    typer.Option("--image", help="The image to move, in place of the configured images."),
]
To = Annotated[str | None, typer.Option("--to", metavar="TAG", help="The tag it moves to.")]
From = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="RANGE",
        help='Which versions move, as ">=8,<9"; without it those of the target\'s major.',
    ),
]
Registry = Annotated[
    bool | None,
    typer.Option(
        "--registry/--no-registry",
        envvar="BASEBUMP_REGISTRY",
        help="Ask the registries, or ask none; without it as configured.",
        show_default=False,
    ),
]
Offline = Annotated[
    bool, typer.Option("--offline", help="Of registries, ask only what the cache has.")
]
OutputFormat = Annotated[
    Format, typer.Option("--format", envvar="BASEBUMP_FORMAT", help="How the answer is written.")
]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write the answer there.")
]
Verbose = Annotated[
    bool, typer.Option("--verbose", "-v", help="Say more: which rule decided, and why.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no remarks.")]
Campaign = Annotated[
    list[str] | None,
    typer.Option(
        "--campaign",
        metavar="BRANCH",
        help="The campaign of this branch, in place of the configured rules'; may be repeated.",
    ),
]
TakenOver = Annotated[
    bool, typer.Option("--taken-over", help="Also where someone else has added commits.")
]
Watch = Annotated[
    bool, typer.Option("--watch", help="Look again and again, as long as something is pending.")
]
Interval = Annotated[
    float,
    typer.Option(
        "--interval", metavar="SECONDS", min=0.1, help="How long to wait between two looks."
    ),
]
Limit = Annotated[
    int | None, typer.Option("--limit", min=0, help="Open at most so many in this run.")
]
Reopen = Annotated[
    bool, typer.Option("--reopen", help="Also where a person closed the pull request.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Go the whole way and write nothing.")]
Everything = Annotated[
    bool, typer.Option("--all", help="Also show stage names, stage indexes and scratch.")
]
