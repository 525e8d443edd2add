"""The command line: argv in, exit code out. Each command is a module; none decides anything."""

import gc
import signal
import sys

_GC_THRESHOLD = 100_000  # a plan keeps nearly all it makes: looking for cycles often finds none


def main() -> None:
    """Run basebump on this process's arguments."""
    # From here until a command takes over, which says more. Typer would make it an exit code of 1.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, lambda *_: sys.exit(130))
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show an arrow or an umlaut gets its escape, not an error.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    gc.set_threshold(_GC_THRESHOLD)
    from basebump.cli.app import app  # noqa: PLC0415 - Ctrl-C may come while it is imported

    app(prog_name="basebump")
