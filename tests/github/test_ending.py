"""`merge` and `close` through the real command line: what they leave alone, then what they do."""

from collections.abc import Callable

import pytest

from tests.github.conftest import BRANCH, NEW, OLD, Basebump
from tests.github_server import GitHubServer

JSON = ("--format", "json")
MERGE = ("merge", "--yes", *JSON)
CLOSE = ("close", "--yes", "--reason", "8.9.3 breaks our builders", *JSON)
NAMES = ("api", "web")
HEAD_REF = f"refs/heads/{BRANCH}"


@pytest.fixture
def opened(github: GitHubServer, basebump: Basebump) -> GitHubServer:
    """Two repositories with their pull requests open, `web`'s checks green."""
    for name in NAMES:
        github.add_repo(f"acme/{name}", {"Dockerfile": OLD})
    basebump("apply", "--yes")
    for name in NAMES:
        github.pull(f"acme/{name}", 1).at -= 3600
    check(github, "web", "success")
    github.requests.mark()
    return github


def check(github: GitHubServer, name: str, conclusion: str | None) -> None:
    github.set_check(f"acme/{name}", github.pull(f"acme/{name}", 1).head_oid, "build", conclusion)


def states(github: GitHubServer) -> list[str]:
    return [github.pull(f"acme/{name}", 1).state for name in NAMES]


def failing(github: GitHubServer) -> None:
    check(github, "api", "failure")


def running(github: GitHubServer) -> None:
    check(github, "api", None)


def just_opened(github: GitHubServer) -> None:
    github.pull("acme/api", 1).at += 3600


def a_draft(github: GitHubServer) -> None:
    github.pull("acme/api", 1).draft = True


def taken_over(github: GitHubServer) -> None:
    github.push_as_human("acme/api", BRANCH, {"notes": b"mine\n"})


def changes_requested(github: GitHubServer) -> None:
    github.review("acme/api", 1, "CHANGES_REQUESTED")


def unreviewed(github: GitHubServer) -> None:
    github.protect("acme/api", "main", required_reviews=1)


def in_conflict(github: GitHubServer) -> None:
    github.push_as_human("acme/api", "main", {"Dockerfile": b"FROM maichong/node:10.0.0\n"})


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        pytest.param(failing, "its checks fail", id="failing"),
        pytest.param(running, "its checks are still running", id="running"),
        pytest.param(just_opened, "its checks have not begun yet", id="just opened"),
        pytest.param(a_draft, "it is a draft", id="draft"),
        pytest.param(taken_over, "someone else has added commits to it", id="taken over"),
        pytest.param(changes_requested, "a reviewer asks for changes", id="changes requested"),
        pytest.param(unreviewed, "it waits for a review", id="review required"),
        pytest.param(in_conflict, "it conflicts with its base branch", id="conflict"),
    ],
)
def test_leaves_what_is_not_ready(
    opened: GitHubServer, basebump: Basebump, spoil: Callable[[GitHubServer], None], reason: str
) -> None:
    spoil(opened)
    ran = basebump(*MERGE)
    assert states(opened) == ["OPEN", "MERGED"]
    assert ran.document["pull_requests"][0]["reason"] == reason
    assert ran.exit_code == 0


@pytest.mark.usefixtures("opened")
def test_does_not_merge_unchecked_ones_where_checks_are_asked_for(
    basebump: Basebump, configure: Callable[..., None]
) -> None:
    configure(more="rollout: {no_checks: wait}")
    assert basebump(*MERGE).outcomes == {"api": "not ready", "web": "merged"}


def test_a_dry_run_merges_nothing(opened: GitHubServer, basebump: Basebump) -> None:
    assert basebump(*MERGE, "--dry-run").outcomes == {"api": "merged", "web": "merged"}
    assert opened.requests.writes == []


def test_asks_first(opened: GitHubServer, basebump: Basebump) -> None:
    ran = basebump("merge")
    assert (ran.exit_code, opened.requests.writes) == (2, [])
    assert "2 pull requests: nobody is there to be asked" in ran.stderr


def test_merges_what_is_ready(opened: GitHubServer, basebump: Basebump) -> None:
    assert basebump(*MERGE).outcomes == {"api": "merged", "web": "merged"}
    git = opened.repo("acme/api").git
    entry = git.entry_at(git.tree_of(git.refs["refs/heads/main"]), "Dockerfile")
    assert entry is not None
    assert git.need(entry.oid).data == NEW


@pytest.mark.usefixtures("opened")
def test_merges_at_most_the_limit(basebump: Basebump) -> None:
    assert basebump(*MERGE, "--limit", "1").outcomes == {"api": "merged", "web": "held back"}


def test_merges_only_the_commit_that_was_looked_at(
    opened: GitHubServer, basebump: Basebump
) -> None:
    opened.faults.add(mutation="mergePullRequest", do=lambda: taken_over(opened))
    ran = basebump(*MERGE)
    assert ran.outcomes == {"api": "failed", "web": "merged"}
    assert ran.exit_code == 3
    assert "somebody pushed to it" in ran.document["pull_requests"][0]["reason"]


def test_a_merge_whose_answer_is_lost_is_a_merge(opened: GitHubServer, basebump: Basebump) -> None:
    opened.faults.add("502-after", mutation="mergePullRequest")
    assert basebump(*MERGE).outcomes == {"api": "merged", "web": "merged"}


def test_says_which_rule_forbids_the_merge(opened: GitHubServer, basebump: Basebump) -> None:
    opened.protect("acme/web", "main", required_checks=("audit",))
    ran = basebump(*MERGE)
    assert ran.outcomes == {"api": "merged", "web": "failed"}
    assert 'Required status check "audit" is expected' in ran.stdout.replace('\\"', '"')


def test_leaves_to_github_what_a_rule_forbids_to_merge_now(
    opened: GitHubServer, basebump: Basebump
) -> None:
    opened.protect("acme/web", "main", required_checks=("audit",))
    running(opened)
    opened.protect("acme/api", "main", required_checks=("build",))
    assert set(basebump(*MERGE, "--auto").outcomes.values()) == {"left to the forge"}
    check(opened, "api", "success")
    assert states(opened) == ["MERGED", "OPEN"]


def test_close_leaves_what_someone_else_works_on(opened: GitHubServer, basebump: Basebump) -> None:
    taken_over(opened)
    assert basebump(*CLOSE).outcomes == {"api": "taken over", "web": "closed"}
    assert states(opened) == ["OPEN", "CLOSED"]


def test_close_leaves_a_branch_with_someone_elses_commits(
    opened: GitHubServer, basebump: Basebump
) -> None:
    taken_over(opened)
    assert basebump(*CLOSE, "--taken-over").outcomes == {"api": "closed", "web": "closed"}
    assert HEAD_REF in opened.repo("acme/api").git.refs
    assert HEAD_REF not in opened.repo("acme/web").git.refs


def test_closes_says_why_and_deletes_the_branches(opened: GitHubServer, basebump: Basebump) -> None:
    assert basebump(*CLOSE).outcomes == {"api": "closed", "web": "closed"}
    assert HEAD_REF not in opened.repo("acme/web").git.refs
    said = [comment.body for comment in opened.pull("acme/web", 1).comments]
    assert said == ["The campaign is called off: 8.9.3 breaks our builders"]
    assert len(opened.requests.writes) == 2


@pytest.mark.usefixtures("opened")
def test_what_was_closed_stays_closed(basebump: Basebump) -> None:
    basebump(*CLOSE)
    assert set(basebump("apply", "--yes", *JSON).outcomes.values()) == {"declined"}
    assert basebump(*CLOSE).outcomes == {}


def test_close_says_it_once_although_an_answer_is_lost(
    opened: GitHubServer, basebump: Basebump
) -> None:
    opened.faults.add("502-after", mutation="addComment")
    assert basebump(*CLOSE).outcomes == {"api": "closed", "web": "closed"}
    assert [len(opened.pull(f"acme/{name}", 1).comments) for name in NAMES] == [1, 1]
    assert HEAD_REF not in opened.repo("acme/api").git.refs
