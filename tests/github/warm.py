"""Imports everything that a run of `apply` uses: the first process of `process` imports this."""

import importlib
import io
import os
from contextlib import redirect_stderr, suppress

from basebump.cli.app import app

# The command line imports these when a command runs.
LATE = (
    "basebump.cli.planning", "basebump.cli.publishing", "basebump.cli.session",
    "basebump.forge.github.opening", "basebump.planfile", "tests.github.process",
)  # fmt: skip

for name in LATE:
    importlib.import_module(name)

# Its own library imports much when it reads a command line, so it reads one: with an empty
# configuration nothing moves.
with suppress(SystemExit), redirect_stderr(io.StringIO()):
    app(["apply", "--config", os.devnull], prog_name="basebump")
