"""The commands by name, and what all of them share."""

from typing import Annotated

import typer

from basebump import __version__
from basebump.cli.apply import apply
from basebump.cli.check import check
from basebump.cli.close import close
from basebump.cli.diagnose import diagnose
from basebump.cli.guard import guarded
from basebump.cli.merge import merge
from basebump.cli.plan import plan
from basebump.cli.rollback import rollback
from basebump.cli.scan import scan
from basebump.cli.status import status
from basebump.cli.tags import tags

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    pretty_exceptions_show_locals=False,  # tokens live in locals
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help=(
        "Move a whole organisation to a new base-image release.\n\n"
        "scan shows what the fleet stands on, plan what would change and why, apply opens the "
        "pull requests, status follows them, merge and close end them, rollback takes a "
        "campaign back."
    ),
    epilog=(
        "Exit codes: 0 done; 1 findings, or changes pending under plan --check; 2 wrong usage or "
        "configuration; 3 some repositories failed; 4 authentication; 5 a bug; 130 interrupted."
    ),
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"basebump {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Hold the options that need no command."""


for _command in (scan, plan, apply, status, merge, close, rollback, tags, check, diagnose):
    app.command(help=_command.__doc__)(guarded(_command))
