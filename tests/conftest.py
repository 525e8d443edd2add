"""What the tests stand on: the embedded fleet, small repositories, and basebump as a program."""

# ruff: noqa: ANN401 - options are handed on as they come

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests import world
from tests.world import ENVIRONMENT, HOME, Command, Result

CONFIG = """\
forge: {kind: local, root: fleet}
images:
  - {image: maichong/node, to: "8.9.3"}
"""


@pytest.fixture(autouse=True)
def _no_registry(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Ask no registry of the world, and keep nothing in anybody's home, unless a test says so."""
    monkeypatch.setenv("BASEBUMP_REGISTRY", "no")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg-cache"))


@pytest.fixture(scope="session")
def built_fleet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The embedded fleet as git repositories, built once; nobody writes into it."""
    destination = tmp_path_factory.mktemp("built") / "fleet"
    command = [sys.executable, str(HOME / "fixtures" / "build_fleet.py"), str(destination)]
    subprocess.run(command, env=ENVIRONMENT, stdout=subprocess.DEVNULL, check=True)
    (destination / ".built-by-build-fleet").unlink()
    return destination


@pytest.fixture
def fleet(built_fleet: Path, tmp_path: Path) -> Path:
    """A copy of the embedded fleet, and beside it the config.yaml that moves it to 8.9.3."""
    shutil.copytree(built_fleet, tmp_path / "fleet", symlinks=True)
    (tmp_path / "config.yaml").write_text(CONFIG)
    return tmp_path / "fleet"


@pytest.fixture
def few(built_fleet: Path, tmp_path: Path) -> Path:
    """As `fleet`, with some of its repositories only: it is quicker."""
    for name in ("web", "kiosk", "storefront", "scheduler", "mailer.git", "old-crm", "rollback"):
        shutil.copytree(built_fleet / name, tmp_path / "fleet" / name, symlinks=True)
    (tmp_path / "config.yaml").write_text(CONFIG)
    return tmp_path / "fleet"


@pytest.fixture
def repository(tmp_path: Path) -> Callable[..., Path]:
    """A maker of repositories below `tmp_path / "fleet"`, by name."""

    def make(name: str, files: Mapping[str, str | bytes] | None = None, **options: Any) -> Path:
        return world.make_repository(tmp_path / "fleet" / name, files, **options)

    return make


@pytest.fixture
def basebump(tmp_path: Path) -> Command:
    """Basebump as a program that no person watches."""

    def run(*arguments: object, cwd: Path = tmp_path, **options: Any) -> Result:
        return world.run(arguments, cwd, **options)

    return run


@pytest.fixture
def terminal(tmp_path: Path) -> Command:
    """Basebump as a person at a terminal sees it: `keys` are what they type when asked."""

    def run(*arguments: object, cwd: Path = tmp_path, **options: Any) -> Result:
        return world.run_on_a_terminal(arguments, cwd, **options)

    return run
