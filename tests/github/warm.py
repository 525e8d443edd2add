"""Imports everything that a run of `apply` uses; see `process`, whose first process imports this."""

import io
import os
from contextlib import redirect_stderr, suppress

import basebump.cli.apply
import basebump.cli.planning
import basebump.cli.publishing
import basebump.cli.session
import basebump.forge.github.opening
import basebump.planfile
import tests.github.process  # noqa: F401 - what runs are made of
from basebump.cli.app import app

# Much is imported only when a command line is read, so one is: an empty configuration moves nothing.
with suppress(SystemExit), redirect_stderr(io.StringIO()):
    app(["apply", "--config", os.devnull], prog_name="basebump")
