"""The command line: argv in, exit code out. Each command is a module; none decides anything."""

import gc

from basebump.cli.app import app

_GC_THRESHOLD = 100_000  # a plan keeps nearly all it makes: looking for cycles often finds none


def main() -> None:
    """Run basebump on this process's arguments."""
    gc.set_threshold(_GC_THRESHOLD)
    app(prog_name="basebump")
