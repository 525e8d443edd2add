"""`status` on GitHub: checks, reviews, conflicts and waves, as the forge shows them."""

from collections.abc import Callable

import pytest

from tests.github.conftest import BRANCH, OLD, Basebump
from tests.github_server import GitHubServer

STAGED = "rollout: {waves: [1, 3, '100%']}"
NAMES = ("api", "shop", "web", "wiki")


@pytest.fixture
def campaign(
    github: GitHubServer, basebump: Basebump, configure: Callable[..., None]
) -> GitHubServer:
    """Four repositories, the first wave of the campaign open."""
    for name in NAMES:
        github.add_repo(f"acme/{name}", {"Dockerfile": OLD})
    configure(more=STAGED)
    basebump("apply", "--yes")
    return github


def finish(github: GitHubServer, name: str, conclusion: str | None) -> None:
    github.set_check(f"acme/{name}", github.pull(f"acme/{name}", 1).head_oid, "build", conclusion)


@pytest.mark.parametrize(
    ("conclusion", "checks"),
    [(None, "pending"), ("success", "green"), ("failure", "failing"), ("timed_out", "failing")],
)
def test_shows_the_checks(
    campaign: GitHubServer, basebump: Basebump, conclusion: str | None, checks: str
) -> None:
    finish(campaign, "api", conclusion)
    (shown,) = basebump("status", "--format", "json").document["pull_requests"]
    assert (shown["checks"], shown["review"], shown["mergeable"]) == (checks, "none", True)


def test_shows_review_conflict_and_who_took_over(
    campaign: GitHubServer, basebump: Basebump
) -> None:
    campaign.review("acme/api", 1, "CHANGES_REQUESTED")
    campaign.push_as_human("acme/api", BRANCH, {"notes": b"mine\n"})
    campaign.push_as_human("acme/api", "main", {"Dockerfile": b"FROM maichong/node:10.0.0\n"})
    (shown,) = basebump("status", "--format", "json").document["pull_requests"]
    assert (shown["review"], shown["mergeable"]) == ("changes requested", False)
    assert shown["taken_over"]


def test_the_table_fits_a_terminal(
    campaign: GitHubServer, basebump: Basebump, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    finish(campaign, "api", "failure")
    lines = basebump("status").stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[1].split()[-3:] == ["CONFLICT", "AGE", "REMARK"]
    assert lines[2].split()[:4] == ["api", "open", "failing", "no"]
    assert any(line.startswith("halted: the checks fail in api") for line in lines)


def test_shows_the_wave_and_the_gate(campaign: GitHubServer, basebump: Basebump) -> None:
    finish(campaign, "api", None)
    (shown,) = basebump("status", "--format", "json").document["campaigns"]
    assert (shown["branch"], shown["total"], shown["out"]) == (BRANCH, 4, 1)
    assert (shown["wave"], shown["waves"], shown["waiting"]) == (1, 3, ["api"])
    assert "wave 1 of 3 is out, 1 of 4; api must turn green first" in basebump("status").stdout


def test_a_check_that_has_not_begun_holds_the_next_wave_back(
    campaign: GitHubServer, basebump: Basebump
) -> None:
    outcomes = basebump("apply", "--yes", "--format", "json").outcomes
    assert outcomes == {"api": "already open"} | dict.fromkeys(NAMES[1:], "held back")
    campaign.pull("acme/api", 1).at -= 3600
    outcomes = basebump("apply", "--yes", "--format", "json").outcomes
    assert sorted(outcomes.values()) == ["already open", "held back", "opened", "opened"]


def test_watches_until_nothing_is_pending(campaign: GitHubServer, basebump: Basebump) -> None:
    finish(campaign, "api", None)
    campaign.faults.add(operation="Pulls", nth=3, do=lambda: finish(campaign, "api", "success"))
    ran = basebump("status", "--watch", "--interval", "0.1")
    assert ran.exit_code == 0
    assert ran.stdout.count("pending") > 1
    assert "1 green" in ran.stdout.splitlines()[-1]
