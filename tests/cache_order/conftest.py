from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from basebump.cli.check import check
from basebump.cli.guard import guarded

Check = Callable[..., Result]

IN_ORDER = b"FROM node:22\nWORKDIR /app\nCOPY package.json ./\nRUN npm ci\nCOPY . .\n"
OUT_OF_ORDER = b"FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci\n"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small repository, in which the command runs."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "package.json").write_text('{"dependencies": {"express": "4"}}')
    (tmp_path / "Dockerfile").write_bytes(OUT_OF_ORDER)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run() -> Check:
    """Run `basebump check` in this process."""
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(guarded(check))

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(app, list(arguments), catch_exceptions=False)

    return invoke
