"""An organisation on the test server, and the real command line pointed at it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from basebump.cli import main
from tests.github_server import ContractsMissing, GitHubServer, ManualClock

OLD = b"FROM maichong/node:8.9.1\nCOPY . .\n"
NEW = b"FROM maichong/node:8.9.3\nCOPY . .\n"
BRANCH = "basebump/maichong-node-8.9.3"
CONFIG = """
forge: {{kind: github, org: acme, url: "{url}"}}
images:
  - {{image: maichong/node, to: "{to}"}}
{more}
"""


@dataclass(frozen=True, slots=True)
class Ran:
    """How a run of the command line ended."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def document(self) -> Any:  # noqa: ANN401 - JSON
        """The answer as JSON."""
        return json.loads(self.stdout)

    @property
    def outcomes(self) -> dict[str, str]:
        """Each repository's outcome under `apply --format json`."""
        return {each["repository"]: each["outcome"] for each in self.document["pull_requests"]}


Basebump = Callable[..., Ran]


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHubServer]:
    """A GitHub with an empty organisation."""
    try:
        server = GitHubServer(tmp_path / "github", ManualClock())
    except ContractsMissing as missing:
        pytest.skip(str(missing))
    with server:
        server.add_org("acme", teams=("core",))
        yield server


@pytest.fixture
def configure(github: GitHubServer, tmp_path: Path) -> Callable[..., None]:
    """Write config.yaml: the target, and more lines."""

    def write(to: str = "8.9.3", more: str = "") -> None:
        text = CONFIG.format(url=github.url, to=to, more=more)
        (tmp_path / "config.yaml").write_text(text)

    write()
    return write


@pytest.fixture
def basebump(
    github: GitHubServer,
    configure: Callable[..., None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Basebump:
    """Run the command line in a folder of its own, with the bot's token."""
    del configure
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GH_TOKEN", github.token)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str) -> Ran:
        monkeypatch.setattr("sys.argv", ["basebump", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        shown = capsys.readouterr()
        assert github.token not in shown.out + shown.err
        return Ran(int(ended.value.code or 0), shown.out, shown.err)

    return run
