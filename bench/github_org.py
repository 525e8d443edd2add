"""An organisation on the GitHub test server, 100 ms away: requests, time and memory.

The server is a process of its own (`serve`), started by `measure`; it counts the requests. Beside
our figures stand those of a client that reads by REST: one tree a repository, one blob a file.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from process import measure_run

ROOT = Path(__file__).resolve().parent.parent
FILES = 3  # Dockerfiles in a repository, one of them nested
LATENCY = 0.1
_OPENED = 60
_NESTED = (
    "deploy/Dockerfile",
    "services/api/Dockerfile",
    "platform/services/api/build/Dockerfile",
    "a/b/c/d/e/Dockerfile",
)
_OTHERS = (
    "README.md", "package.json", "src/index.js", "src/lib/util.js", "docs/guide/intro.md",
    ".github/workflows/ci.yml", "test/unit/index.js",
)  # fmt: skip
_CONFIG = """
forge: {{kind: github, org: acme, url: "{url}", cache: cache}}
rollout: {{max_open: 100000}}
images: [{{image: maichong/node, to: "8.9.3"}}]
"""


def measure() -> Iterator[tuple[str, str, str]]:
    """Plans of 1,000 and 10,000 repositories, pull requests, and a night with nothing to do."""
    for repositories, aims in ((1000, ("100", "30 s", "")), (10_000, ("1,000", "300 s", "400 MB"))):
        with _serving(repositories) as server:
            took, requests, memory = server.run("plan", "--format", "json", "-o", os.devnull)
            naive = -(-repositories // 100) + repositories * (1 + FILES)
            what = f"plan {repositories:,} repositories"
            aim = f"<= {aims[0]}; by REST {naive:,}"
            yield f"{what}: requests", f"{requests:,}", aim
            yield f"{what}: time", f"{took:.1f} s", f"<= {aims[1]}"
            yield f"{what}: memory", f"{memory:.0f} MB", f"< {aims[2]}" if aims[2] else ""
            if not aims[2]:
                yield from _opening(server)
    yield from _nightly()


def _opening(server: "_Server") -> Iterator[tuple[str, str, str]]:
    _, reading, _ = server.run("plan", "--format", "json", "-o", os.devnull)
    apply = ("apply", "--yes", "--limit", str(_OPENED), "-o", os.devnull)
    took, requests, _ = server.run(*apply)
    each = (requests - reading) / _OPENED
    yield "open a pull request: requests", f"{each:.2f}", "<= 3; by REST 7 or more"
    yield "open a pull request: time", f"{took / _OPENED:.2f} s", ""


def _nightly() -> Iterator[tuple[str, str, str]]:
    repositories = 300
    with _serving(repositories, "--opened") as server:
        server.run("plan", "--format", "json", "-o", os.devnull)
        took, requests, _ = server.run("apply", "--yes", "-o", os.devnull)
        each = requests / repositories
        by_rest = (-(-repositories // 100) + repositories * 2) / repositories
        aim = f"<= 0.05; by REST {by_rest:.2f}"
        yield "a night with nothing to do: requests a repository", f"{each:.3f}", aim
        yield "a night with nothing to do: time", f"{took:.1f} s", ""


class _Server:
    """A running server, and the command line pointed at it."""

    def __init__(self, process: "subprocess.Popen[str]", folder: Path) -> None:
        self._process, self._folder = process, folder
        ready = self._told()
        (folder / "config.yaml").write_text(_CONFIG.format(url=ready["url"]))
        self._env = os.environ | {"GH_TOKEN": ready["token"], "PYTHONPATH": str(ROOT / "src")}

    def run(self, *arguments: str) -> tuple[float, int, float]:
        """Seconds, requests, and the process's largest memory in MB."""
        self._ask()
        command = [sys.executable, "-m", "basebump", *arguments]
        took, memory = measure_run(command, cwd=self._folder, env=self._env)
        return took, self._ask()["requests"], memory

    def _ask(self) -> dict[str, Any]:
        if self._process.stdin is not None:
            self._process.stdin.write("count\n")
            self._process.stdin.flush()
        return self._told()

    def _told(self) -> dict[str, Any]:
        line = self._process.stdout.readline() if self._process.stdout else ""
        told: dict[str, Any] = json.loads(line)
        return told


@contextmanager
def _serving(repositories: int, *options: str) -> Iterator[_Server]:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, __file__, "serve", str(repositories), *options]
        env = os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"}
        with subprocess.Popen(
            command, env=env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as process:
            try:
                yield _Server(process, Path(folder))
            finally:
                process.terminate()


def serve(repositories: int, *, opened: bool) -> None:
    """Say where it is, then the number of requests since the last line read, until the end."""
    from tests.github.bot import Bot  # noqa: PLC0415 - only the server's process has them
    from tests.github_server import GitHubServer, ManualClock  # noqa: PLC0415 - as above

    clock = ManualClock() if opened else None
    server = GitHubServer(clock=clock, validate=False)
    server.add_org("acme")
    for number in range(repositories):
        server.add_repo(f"acme/service-{number:05}", _files(number))
    server.start()
    if opened:
        Bot(server).apply()
        server.clock.sleep(4000)
    server.latency = LATENCY
    print(json.dumps({"url": server.url, "token": server.token}), flush=True)
    for _ in sys.stdin:
        print(json.dumps({"requests": len(server.requests)}), flush=True)
        server.requests.mark()


def _files(number: int) -> dict[str, bytes | tuple[str, bytes] | None]:
    text = f"FROM maichong/node:8.9.1\nLABEL service={number}\nCOPY . .\n"
    nested = _NESTED[number % len(_NESTED)]
    paths = {"Dockerfile": "", "Dockerfile.dev": "# dev\n", nested: "# nested\n"}
    files: dict[str, bytes | tuple[str, bytes] | None] = {
        path: (text + more).encode() for path, more in paths.items()
    }
    return files | dict.fromkeys(_OTHERS, b"x\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(int(sys.argv[2]), opened="--opened" in sys.argv)
    else:
        for row in measure():
            print("  ".join(row), flush=True)
