"""`rollback` through the real command line: what it leaves alone, then what it takes back."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.github.conftest import BRANCH, NEW, OLD, Basebump
from tests.github_server import GitHubServer

JSON = ("--format", "json")
ROLLBACK = ("rollback", "--yes", "--reason", "8.9.3 breaks our builders", *JSON)
APPLY = ("apply", "--yes", *JSON)
BACK = f"{BRANCH}-rollback"
NAMES = ("api", "web")


@pytest.fixture
def merged(github: GitHubServer, basebump: Basebump) -> GitHubServer:
    """Two repositories; `web` has merged its pull request, and that of `api` is open."""
    for name in NAMES:
        github.add_repo(f"acme/{name}", {"Dockerfile": OLD})
    basebump("apply", "--yes")
    github.merge_pull("acme/web", 1)
    github.clock.sleep(60)
    github.requests.mark()
    return github


def content(github: GitHubServer, branch: str = "main") -> bytes:
    git = github.repo("acme/web").git
    entry = git.entry_at(git.tree_of(git.refs[f"refs/heads/{branch}"]), "Dockerfile")
    assert entry is not None
    return git.need(entry.oid).data


def test_a_dry_run_writes_nothing(merged: GitHubServer, basebump: Basebump) -> None:
    assert basebump(*ROLLBACK, "--dry-run").outcomes == {"web": "opened"}
    assert merged.requests.writes == []


def test_asks_first(merged: GitHubServer, basebump: Basebump) -> None:
    ran = basebump("rollback")
    assert (ran.exit_code, merged.requests.writes) == (2, [])
    assert "1 merged pull request: nobody is there to be asked" in ran.stderr


def test_a_line_that_has_moved_on_is_left_alone(merged: GitHubServer, basebump: Basebump) -> None:
    merged.push_as_human("acme/web", "main", {"Dockerfile": NEW.replace(b"8.9.3", b"8.9.4")})
    ran = basebump(*ROLLBACK)
    assert (ran.exit_code, ran.outcomes) == (0, {"web": "nothing to take back"})
    assert merged.requests.writes == []


def test_what_is_not_sure_is_left_alone_and_fails(merged: GitHubServer, basebump: Basebump) -> None:
    merged.push_as_human("acme/web", "main", {"Dockerfile": NEW + NEW})
    ran = basebump(*ROLLBACK)
    assert (ran.exit_code, ran.outcomes) == (3, {"web": "stale"})
    assert "which line was what" in ran.document["pull_requests"][0]["reason"]


def test_an_archived_repository_is_passed_over_and_said(
    merged: GitHubServer, basebump: Basebump
) -> None:
    merged.archive("acme/web")
    ran = basebump("rollback", "--yes")
    assert (ran.exit_code, merged.requests.writes) == (0, [])
    assert "archived" in ran.stdout.partition("Passed over:")[2]


def test_a_rule_that_follows_needs_its_campaign_named(
    merged: GitHubServer, basebump: Basebump, tmp_path: Path
) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(path.read_text().replace('to: "8.9.3"', "follow: patch"))
    ran = basebump(*ROLLBACK)
    assert (ran.exit_code, merged.requests.writes) == (2, [])
    assert "has a campaign for each release" in ran.stderr


def test_takes_back_what_was_merged_and_nothing_else(
    merged: GitHubServer, basebump: Basebump
) -> None:
    ran = basebump(*ROLLBACK)
    assert (ran.exit_code, ran.outcomes) == (0, {"web": "opened"})
    pull = merged.pull("acme/web", 2)
    assert (pull.head_ref, pull.base_ref, pull.state) == (BACK, "main", "OPEN")
    assert content(merged, BACK) == OLD
    assert "8.9.3 breaks our builders" in (pull.body or "")
    assert content(merged) == NEW
    assert len(merged.repo("acme/api").pulls) == 1


def test_a_second_run_writes_nothing(merged: GitHubServer, basebump: Basebump) -> None:
    basebump(*ROLLBACK)
    merged.requests.mark()
    assert basebump(*ROLLBACK).outcomes == {"web": "already open"}
    assert merged.requests.writes == []


def test_an_answer_that_is_lost_makes_no_second_one(
    merged: GitHubServer, basebump: Basebump
) -> None:
    merged.faults.add("502-after", mutation="createPullRequest")
    basebump(*ROLLBACK)
    assert basebump(*ROLLBACK).outcomes == {"web": "already open"}
    assert len(merged.repo("acme/web").pulls) == 2


def test_a_base_that_moves_meanwhile_is_looked_at_again(
    merged: GitHubServer, basebump: Basebump
) -> None:
    later = b"# ours\n" + NEW
    push = merged.push_as_human
    merged.faults.add(operation="Found", do=lambda: push("acme/web", "main", {"Dockerfile": later}))
    assert basebump(*ROLLBACK).outcomes == {"web": "opened"}
    assert content(merged, BACK) == b"# ours\n" + OLD


def test_the_nightly_run_leaves_it_rolled_back(merged: GitHubServer, basebump: Basebump) -> None:
    basebump(*ROLLBACK)
    merged.merge_pull("acme/web", 2)
    merged.requests.mark()
    ran = basebump(*APPLY)
    assert (ran.exit_code, ran.outcomes) == (0, {"api": "already open", "web": "rolled back"})
    assert merged.requests.writes == []
    assert content(merged) == OLD


def test_an_open_pull_request_of_before_proposes_it_no_more(
    merged: GitHubServer, basebump: Basebump
) -> None:
    merged.push_as_human("acme/web", "main", {"b/Dockerfile": OLD})
    assert basebump(*APPLY).outcomes["web"] == "opened"
    merged.clock.sleep(60)
    basebump(*ROLLBACK)
    merged.merge_pull("acme/web", 3)
    before = merged.repo("acme/web").git.refs[f"refs/heads/{BRANCH}"]
    assert basebump(*APPLY).outcomes["web"] == "rolled back"
    assert merged.repo("acme/web").git.refs[f"refs/heads/{BRANCH}"] == before


def test_within_one_second_it_is_taken_back_too(merged: GitHubServer, basebump: Basebump) -> None:
    basebump(*ROLLBACK)
    merged.merge_pull("acme/web", 2)
    merged.pull("acme/web", 2).at = merged.pull("acme/web", 1).at
    assert basebump(*APPLY).outcomes["web"] == "rolled back"


def test_a_rollback_can_be_rolled_back(merged: GitHubServer, basebump: Basebump) -> None:
    basebump(*ROLLBACK)
    merged.merge_pull("acme/web", 2)
    merged.clock.sleep(60)
    assert basebump(*ROLLBACK, "--campaign", BACK).outcomes == {"web": "opened"}
    merged.merge_pull("acme/web", 3)
    assert content(merged) == NEW
    assert basebump(*APPLY).outcomes == {"api": "already open"}
    assert basebump(*ROLLBACK).outcomes == {"web": "rolled back"}


def test_a_closed_rollback_stays_closed(merged: GitHubServer, basebump: Basebump) -> None:
    basebump(*ROLLBACK)
    merged.close_pull("acme/web", 2)
    assert basebump(*ROLLBACK).outcomes == {"web": "declined"}
    assert basebump(*ROLLBACK, "--reopen").outcomes == {"web": "reopened"}


def test_reopen_goes_forward_again(merged: GitHubServer, basebump: Basebump) -> None:
    basebump(*ROLLBACK)
    merged.merge_pull("acme/web", 2)
    merged.clock.sleep(60)
    assert basebump(*APPLY, "--reopen").outcomes["web"] == "opened"
    assert basebump(*APPLY).outcomes["web"] == "already open"
    merged.merge_pull("acme/web", 3)
    assert content(merged) == NEW
    assert basebump(*ROLLBACK).outcomes == {"web": "opened"}


def test_the_next_release_leaves_the_rollback_open(
    merged: GitHubServer, basebump: Basebump, configure: Callable[..., None]
) -> None:
    basebump(*ROLLBACK)
    configure(to="8.9.4")
    assert basebump(*APPLY).outcomes == {"api": "opened", "web": "opened"}
    assert merged.pull("acme/web", 2).state == "OPEN"


def test_a_rolled_back_repository_holds_no_wave_back(
    merged: GitHubServer, basebump: Basebump, configure: Callable[..., None]
) -> None:
    basebump(*ROLLBACK)
    merged.merge_pull("acme/web", 2)
    merged.add_repo("acme/zoo", {"Dockerfile": OLD})
    configure(more="rollout: {waves: [2, '100%'], no_checks: green}")
    merged.pull("acme/api", 1).at -= 3600
    outcomes = {"api": "already open", "web": "rolled back", "zoo": "opened"}
    assert basebump(*APPLY).outcomes == outcomes


def test_a_campaign_of_no_rule_is_named_by_its_branch(
    merged: GitHubServer, basebump: Basebump, configure: Callable[..., None]
) -> None:
    configure(to="8.9.4")
    assert basebump(*ROLLBACK).outcomes == {}
    assert basebump(*ROLLBACK, "--campaign", BRANCH).outcomes == {"web": "opened"}
    assert content(merged, BACK) == OLD


def test_status_shows_the_rollback_beside_the_campaign(
    merged: GitHubServer, basebump: Basebump
) -> None:
    basebump(*ROLLBACK)
    merged.merge_pull("acme/web", 2)
    shown = basebump("status", *JSON).document["pull_requests"]
    states = {(each["repository"], each["branch"]): each["state"] for each in shown}
    assert states["web", BACK] == "merged"
