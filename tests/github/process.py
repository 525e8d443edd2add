"""Runs of the command line in processes of their own, which can be killed at any instant.

Each is forked from one process that has imported everything and has no threads, so that a run costs
what it does and not what Python's start does.
"""

import json
import multiprocessing
import os
import sys
from multiprocessing.context import ForkServerProcess
from pathlib import Path

CONFIG = """\
forge: {{kind: github, org: {org}, url: "{url}"}}
registries: {{check: false}}
images:
  - {{image: maichong/node, to: "{to}"}}
{more}
"""

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.github.warm"])


class Run:
    """`basebump apply` with some arguments, under way from the start; `pid` is its process."""

    def __init__(self, folder: Path, token: str, config: str) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.yaml").write_text(config)
        self._process: ForkServerProcess = _context.Process(target=_apply, args=(folder, token))
        self._process.start()

    def kill(self) -> None:
        """End it without any warning (SIGKILL)."""
        self._process.kill()

    def end(self, seconds: float | None = None) -> int | None:
        """Wait for its end; the exit code, negative after a signal, None when it still runs."""
        self._process.join(seconds)
        return self._process.exitcode

    @property
    def shown(self) -> str:
        """What it printed so far."""
        return (self.folder / "printed").read_text()

    @property
    def outcomes(self) -> dict[str, str]:
        """Each repository's outcome, as the answer says."""
        answer = json.loads((self.folder / "answer").read_text())
        return {each["repository"]: each["outcome"] for each in answer["pull_requests"]}


def _apply(folder: Path, token: str) -> None:
    """Be the command line."""
    from basebump.cli import main  # noqa: PLC0415 - imported already, by the first process

    os.chdir(folder)
    os.environ["GH_TOKEN"] = token
    printed = os.open(folder / "printed", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(printed, 1)
    os.dup2(printed, 2)
    sys.argv = ["basebump", "apply", "--yes", "--format", "json", "-o", "answer"]
    main()
