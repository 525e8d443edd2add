"""`fix: true` on GitHub: a file that moves is mended too, where the repository proves it safe."""

from pathlib import Path

import pytest

from tests.github.conftest import BRANCH, Basebump
from tests.github_server import GitHubServer

BAD = b"FROM maichong/node:8.9.1\nWORKDIR /app\nCOPY . /app\nRUN npm install --production\n"
GOOD = (
    b"FROM maichong/node:8.9.3\nWORKDIR /app\nCOPY package.json /app/\n"
    b"RUN npm install --production\nCOPY . /app\n"
)
CONFIG = """
forge: {{kind: github, org: acme, url: "{url}"}}
images: [{{image: maichong/node, to: "8.9.3", fix: true}}]
"""
PACKAGE = b'{"dependencies": {"express": "4"}}\n'


@pytest.fixture
def fixing(github: GitHubServer, tmp_path: Path) -> GitHubServer:
    """A GitHub whose campaign mends what it moves."""
    (tmp_path / "fixing.yaml").write_text(CONFIG.format(url=github.url))
    return github


def published(github: GitHubServer) -> bytes:
    git = github.repo("acme/web").git
    entry = git.entry_at(git.tree_of(git.refs[f"refs/heads/{BRANCH}"]), "Dockerfile")
    assert entry is not None
    return git.need(entry.oid).data


@pytest.mark.parametrize(
    "manifest",
    [
        pytest.param({}, id="no manifest"),
        pytest.param({"package.json": ("120000", b"../package.json")}, id="a link as manifest"),
        pytest.param({"package.json": b'{"scripts": {"postinstall": "make"}}'}, id="a script"),
    ],
)
def test_what_is_not_provably_safe_is_not_mended(
    fixing: GitHubServer, basebump: Basebump, manifest: dict[str, bytes | tuple[str, bytes] | None]
) -> None:
    fixing.add_repo("acme/web", {"Dockerfile": BAD, **manifest})
    basebump("apply", "--yes", "--config", "fixing.yaml")
    assert published(fixing) == BAD.replace(b"8.9.1", b"8.9.3")


def test_mends_what_moves(fixing: GitHubServer, basebump: Basebump) -> None:
    fixing.add_repo("acme/web", {"Dockerfile": BAD, "package.json": PACKAGE, "index.js": b"1\n"})
    basebump("apply", "--yes", "--config", "fixing.yaml")
    assert published(fixing) == GOOD
    assert "mended where that is provably safe" in (fixing.pull("acme/web", 1).body or "")
