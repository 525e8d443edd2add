"""The command line: argv in, exit code out. Each command is a module; none decides anything."""

from basebump.cli.app import app


def main() -> None:
    """Run basebump on this process's arguments."""
    app(prog_name="basebump")
