"""One run of a command as a whole process: its time and its own memory."""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path


def measure_run(
    command: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> tuple[float, float]:
    """Seconds, and the largest memory in MB. Raises SystemExit when the command fails.

    It asks for this one process: `getrusage(RUSAGE_CHILDREN)` would give the largest of all that
    were ever waited for, of an earlier benchmark too.
    """
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=cwd, env=env, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return seconds, usage.ru_maxrss / 1000
