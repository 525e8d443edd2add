"""Run every benchmark and print one table: `make bench`.

Each benchmark is a module here with a `measure()` that gives rows of (what, figure, aim). Nothing
fails where a figure misses its aim: the machine may be busy.
"""

import importlib
import platform
import sys
from pathlib import Path

BENCHMARKS = (
    "startup",
    "dockerfiles",
    "local_plan",
    "github_org",
    "cache_fix",
    "simulate_waves",
)


def main() -> None:
    """Print the rows of all benchmarks, or of those named on the command line."""
    sys.path.insert(0, str(Path(__file__).parent))
    print(f"{platform.python_implementation()} {platform.python_version()}, {platform.machine()}")
    print(f"{'what':<58} {'figure':>18}  aim")
    for name in sys.argv[1:] or BENCHMARKS:
        for what, figure, aim in importlib.import_module(name).measure():
            print(f"{what:<58} {figure:>18}  {aim}", flush=True)


if __name__ == "__main__":
    main()
