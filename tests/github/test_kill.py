"""A run that is killed at any instant is finished by the next one."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.github.bot import Bot
from tests.github.conftest import OLD
from tests.github_server import ContractsMissing, GitHubServer

NAMES = ("api", "cart", "run", "web")
INSTANTS = range(8)
_CONFIG = """
forge: {{kind: github, org: acme, url: "{url}"}}
images: [{{image: maichong/node, to: "8.9.3"}}]
"""


def organisation(folder: Path) -> GitHubServer:
    try:
        server = GitHubServer(folder)
    except ContractsMissing as missing:
        pytest.skip(str(missing))
    for name in NAMES:
        mode = "100755" if name == "run" else "100644"
        server.add_repo(f"acme/{name}", {"Dockerfile": (mode, OLD + f"# {name}\n".encode())})
    return server


def killed_after(server: GitHubServer, folder: Path, requests: int) -> None:
    """Start `apply` and kill it when that many requests have come in, wherever it is then."""
    (folder / "config.yaml").write_text(_CONFIG.format(url=server.url))
    command = [sys.executable, "-m", "basebump", "apply", "--yes", "--quiet"]
    source = str(Path(__file__).resolve().parents[2] / "src")
    env = os.environ | {"GH_TOKEN": server.token, "PYTHONPATH": source}
    with subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.DEVNULL) as run:
        while len(server.requests) < requests and run.poll() is None:
            time.sleep(0.001)
        run.kill()


@pytest.mark.parametrize("instant", INSTANTS)
def test_the_next_run_finishes_what_was_killed(tmp_path: Path, instant: int) -> None:
    with organisation(tmp_path / "whole") as whole, organisation(tmp_path / "cut") as cut:
        Bot(whole).apply()
        killed_after(cut, tmp_path, 6 + 2 * instant)
        Bot(cut).apply()
        assert cut.state() == whole.state()
        cut.requests.mark()
        assert set(Bot(cut).outcomes().values()) == {"already open"}
        assert cut.requests.writes == []
