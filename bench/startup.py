"""How long the program takes to start."""

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

ROUNDS = 11


def measure() -> Iterator[tuple[str, str, str]]:
    """The median of some runs after one that is not counted."""
    for arguments, aim in ((["--version"], "under 0.25 s"), (["plan", "--help"], "")):
        command = [sys.executable, "-m", "basebump", *arguments]
        seconds = []
        for _ in range(ROUNDS + 1):
            start = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            seconds.append(time.perf_counter() - start)
        figure = f"{statistics.median(seconds[1:]):.2f} s"
        yield f"basebump {' '.join(arguments)}", figure, aim
