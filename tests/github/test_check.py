"""`check owner/repo` through the real command line: it reads GitHub, and writes nothing."""

import json

import pytest

from tests.github.conftest import Basebump
from tests.github_server import GitHubServer

BROAD = b"FROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm ci\nCMD node .\n"
GOOD = b"FROM node:20\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci\nCOPY . .\nCMD node .\n"
PACKAGE = {"package.json": b"{}\n", "package-lock.json": b"{}\n"}


@pytest.fixture(autouse=True)
def _at_the_server(github: GitHubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_API_URL", github.url)


def test_a_clean_repository_is_clean(github: GitHubServer, basebump: Basebump) -> None:
    github.add_repo("acme/web", {"Dockerfile": GOOD, **PACKAGE})
    ran = basebump("check", "acme/web")
    assert (ran.exit_code, ran.stdout) == (0, "1 file: 0 findings\n")


def test_a_repository_is_checked_with_its_own_files(
    github: GitHubServer, basebump: Basebump
) -> None:
    github.add_repo("acme/web", {"deploy/api/Dockerfile": BROAD, **PACKAGE})
    ran = basebump("check", "acme/web", "--format", "json")
    (file,) = json.loads(ran.stdout)["files"]
    assert (ran.exit_code, file["path"]) == (1, "acme/web/deploy/api/Dockerfile")
    assert [(each["line"], each["install_line"]) for each in file["findings"]] == [(3, 4)]
    assert github.requests.writes == []


def test_what_the_fix_would_be_is_shown(github: GitHubServer, basebump: Basebump) -> None:
    github.add_repo("acme/web", {"Dockerfile": BROAD, **PACKAGE})
    shown = basebump("check", "acme/web", "--diff").stdout
    assert "+COPY package.json package-lock.json ./" in shown


def test_nothing_is_mended_on_github(github: GitHubServer, basebump: Basebump) -> None:
    github.add_repo("acme/web", {"Dockerfile": BROAD, **PACKAGE})
    ran = basebump("check", "--fix", "acme/web")
    assert (ran.exit_code, len(github.requests)) == (2, 0)
    assert "a rule with `fix: true` does it" in ran.stderr


def test_a_path_that_was_mistyped_is_told_as_one(basebump: Basebump) -> None:
    ran = basebump("check", "services/Dockerfile")
    assert ran.exit_code == 2
    assert ran.stderr.startswith("basebump: error: services/Dockerfile: no such file or folder;")


def test_without_a_token_a_mistyped_path_is_told_as_one(
    basebump: Basebump, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GH_TOKEN")
    ran = basebump("check", "services/Dockerfile")
    assert ran.exit_code == 4
    assert "services/Dockerfile: no such file or folder; as on GitHub: no token" in ran.stderr
