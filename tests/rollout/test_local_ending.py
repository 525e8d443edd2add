"""`close`, `merge` and `rollback` in a folder of git repositories, by the real command line."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from basebump.cli import main

BRANCH = "basebump/maichong-node-8.9.3"
IMAGE = ("--image", "maichong/node", "--to", "8.9.3")
CLOSE = ("close", "--campaign", BRANCH, "--yes")
ROLLBACK = ("rollback", "--campaign", BRANCH, "--yes")
Run = Callable[..., tuple[int, str]]


def git(repo: Path, *arguments: str) -> str:
    who = ("-c", "user.name=Mona", "-c", "user.email=mona@example.com")
    done = subprocess.run(
        ["git", *who, *arguments], cwd=repo, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture
def web(tmp_path: Path) -> Path:
    """A repository of the fleet."""
    repo = tmp_path / "fleet" / "web"
    repo.mkdir(parents=True)
    git(repo, "init", "-q", "-b", "main")
    (repo / "Dockerfile").write_text("FROM maichong/node:8.9.1\n")
    git(repo, "add", ".")
    git(repo, "commit", "-qm", "First commit")
    return repo


@pytest.fixture
def basebump(web: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command line on the fleet."""
    monkeypatch.chdir(web.parents[1])

    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["basebump", *arguments, "--local", "fleet"])
        with pytest.raises(SystemExit) as ended:
            main()
        shown = capsys.readouterr()
        return int(ended.value.code or 0), shown.out + shown.err

    return run


@pytest.fixture
def opened(web: Path, basebump: Run) -> Path:
    """The repository with its pull request open."""
    code, shown = basebump("apply", *IMAGE, "--yes")
    assert code == 0, shown
    return web


def test_a_dry_run_closes_nothing(opened: Path, basebump: Run) -> None:
    before = git(opened, "show-ref")
    code, shown = basebump(*CLOSE, "--dry-run")
    assert (code, git(opened, "show-ref")) == (0, before)
    assert "would be closed" in shown


def test_leaves_what_someone_else_works_on(opened: Path, basebump: Run) -> None:
    git(opened, "checkout", "-q", BRANCH)
    git(opened, "commit", "-q", "--allow-empty", "-m", "mine")
    git(opened, "checkout", "-q", "main")
    before = git(opened, "show-ref")
    code, shown = basebump(*CLOSE)
    assert (code, git(opened, "show-ref")) == (0, before)
    assert "taken over" in shown


def test_leaves_a_branch_that_is_checked_out(opened: Path, basebump: Run) -> None:
    git(opened, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    git(opened, "checkout", "-q", BRANCH)
    before = git(opened, "show-ref")
    code, shown = basebump(*CLOSE)
    assert (code, git(opened, "show-ref")) == (3, before)
    assert "is checked out; check out another branch" in " ".join(shown.split())


def test_closes_says_why_and_deletes_the_branch(opened: Path, basebump: Run) -> None:
    assert basebump(*CLOSE, "--reason", "it breaks our builders")[0] == 0
    assert git(opened, "branch", "--list", BRANCH) == ""
    record = git(opened, "cat-file", "tag", f"refs/basebump/pull/{BRANCH}")
    assert "The campaign is called off: it breaks our builders" in record
    (shown,) = json.loads(basebump("status", "--format", "json")[1])["pull_requests"]
    assert shown["state"] == "closed"
    assert "1 declined" in basebump("apply", *IMAGE, "--yes")[1]


def test_merging_is_gits_own_business(opened: Path, basebump: Run) -> None:
    before = git(opened, "show-ref")
    code, shown = basebump("merge", "--campaign", BRANCH, "--yes")
    assert (code, git(opened, "show-ref")) == (2, before)
    assert f"git merge {BRANCH}" in shown


def test_a_rollback_leaves_what_is_not_merged(opened: Path, basebump: Run) -> None:
    before = git(opened, "show-ref")
    code, shown = basebump(*ROLLBACK)
    assert (code, git(opened, "show-ref")) == (0, before)
    assert "0 opened" in shown


def test_a_rollback_takes_back_what_was_merged(opened: Path, basebump: Run) -> None:
    git(opened, "merge", "-q", "--no-edit", BRANCH)
    assert "1 opened" in basebump(*ROLLBACK)[1]
    assert "0 opened, 1 already open" in basebump(*ROLLBACK)[1]
    git(opened, "merge", "-q", "--no-edit", f"{BRANCH}-rollback")
    assert (opened / "Dockerfile").read_text() == "FROM maichong/node:8.9.1\n"


def test_what_was_rolled_back_stays_so_until_a_person_says_otherwise(
    opened: Path, basebump: Run
) -> None:
    git(opened, "merge", "-q", "--no-edit", BRANCH)
    basebump(*ROLLBACK)
    git(opened, "merge", "-q", "--no-edit", f"{BRANCH}-rollback")
    assert "0 opened, 1 rolled back" in basebump("apply", *IMAGE, "--yes")[1]
    assert "1 opened" in basebump("apply", *IMAGE, "--yes", "--reopen")[1]


def test_a_rollback_asks_first(opened: Path, basebump: Run) -> None:
    git(opened, "merge", "-q", "--no-edit", BRANCH)
    before = git(opened, "show-ref")
    code, shown = basebump("rollback", "--campaign", BRANCH)
    assert (code, git(opened, "show-ref")) == (2, before)
    assert "nobody is there to be asked" in shown
