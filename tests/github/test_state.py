"""Each row of the design's state table, through the real command line."""

from collections.abc import Callable

import pytest

from tests.github.bot import Bot
from tests.github.conftest import BRANCH, NEW, OLD, Basebump
from tests.github_server import GitHubServer

APPLY = ("apply", "--yes", "--format", "json")


@pytest.fixture
def opened(github: GitHubServer, basebump: Basebump) -> GitHubServer:
    """An organisation of one repository with its pull request open."""
    github.add_repo("acme/web", {"Dockerfile": OLD, "README": b"web\n"})
    assert basebump(*APPLY).outcomes == {"web": "opened"}
    github.requests.mark()
    return github


def blob(github: GitHubServer, ref: str, path: str = "Dockerfile") -> tuple[str, bytes]:
    git = github.repo("acme/web").git
    entry = git.entry_at(git.tree_of(git.refs[ref]), path)
    assert entry is not None
    return entry.mode, git.need(entry.oid).data


def test_opens_the_pull_request_where_there_is_nothing(opened: GitHubServer) -> None:
    pull = opened.pull("acme/web", 1)
    assert (pull.head_ref, pull.base_ref, pull.state) == (BRANCH, "main", "OPEN")
    assert list(pull.labels) == ["dependencies"]
    assert blob(opened, f"refs/heads/{BRANCH}") == ("100644", NEW)
    assert blob(opened, "refs/heads/main") == ("100644", OLD)


def test_opens_a_pull_request_in_three_requests(github: GitHubServer, basebump: Basebump) -> None:
    github.add_repo("acme/web", {"Dockerfile": OLD})
    basebump("plan")
    read = len(github.requests)
    github.requests.mark()
    basebump(*APPLY)
    assert len(github.requests) - read <= 3
    assert len(github.requests.writes) == 2


def test_a_second_run_writes_nothing(opened: GitHubServer, basebump: Basebump) -> None:
    assert basebump(*APPLY).outcomes == {"web": "already open"}
    assert opened.requests.writes == []


def test_finishes_a_branch_without_a_pull_request(opened: GitHubServer, basebump: Basebump) -> None:
    del opened.repo("acme/web").pulls[1]
    assert basebump(*APPLY).outcomes == {"web": "finished"}
    assert blob(opened, f"refs/heads/{BRANCH}") == ("100644", NEW)
    assert len(opened.requests.select(mutation="createCommitOnBranch")) == 0


def test_finishes_a_branch_without_a_commit(github: GitHubServer, basebump: Basebump) -> None:
    repo = github.add_repo("acme/web", {"Dockerfile": OLD})
    head = repo.git.head_oid()
    assert head is not None
    github.actions.create_ref(repo, f"refs/heads/{BRANCH}", head)
    assert basebump(*APPLY).outcomes == {"web": "finished"}
    assert blob(github, f"refs/heads/{BRANCH}") == ("100644", NEW)


def test_finishes_an_old_branch_without_a_commit(github: GitHubServer, basebump: Basebump) -> None:
    repo = github.add_repo("acme/web", {"Dockerfile": OLD})
    head = repo.git.head_oid()
    assert head is not None
    github.actions.create_ref(repo, f"refs/heads/{BRANCH}", head)
    github.push_as_human("acme/web", "main", {"README": b"more\n"})
    assert basebump(*APPLY).outcomes == {"web": "finished"}
    assert blob(github, f"refs/heads/{BRANCH}", "README") == ("100644", b"more\n")


def test_finishes_a_pull_request_without_its_labels(github: GitHubServer) -> None:
    github.add_repo("acme/web", {"Dockerfile": OLD})
    github.faults.add("502", mutation="addLabelsToLabelable", times=5)
    assert Bot(github).outcomes() == {"web": "opened"}
    assert list(github.pull("acme/web", 1).labels) == []
    assert Bot(github).outcomes() == {"web": "updated"}
    pull = github.pull("acme/web", 1)
    assert list(pull.labels) == ["dependencies"]
    assert "unfinished" not in (pull.body or "")
    assert Bot(github).outcomes() == {"web": "already open"}


def test_does_not_put_a_label_back_that_a_person_took_off(
    opened: GitHubServer, basebump: Basebump
) -> None:
    opened.pull("acme/web", 1).labels.clear()
    assert basebump(*APPLY).outcomes == {"web": "already open"}
    assert opened.requests.writes == []


def test_updates_its_own_branch_in_place_when_the_content_changed(
    opened: GitHubServer, basebump: Basebump
) -> None:
    opened.push_as_human("acme/web", "main", {"Dockerfile": OLD + b"USER node\n"})
    assert basebump(*APPLY).outcomes == {"web": "updated"}
    assert blob(opened, f"refs/heads/{BRANCH}") == ("100644", NEW + b"USER node\n")
    assert opened.pull("acme/web", 1).state == "OPEN"
    opened.requests.mark()
    assert basebump(*APPLY).outcomes == {"web": "already open"}
    assert opened.requests.writes == []


def test_leaves_a_pull_request_with_a_persons_commits(
    opened: GitHubServer, basebump: Basebump
) -> None:
    oid = opened.push_as_human("acme/web", BRANCH, {"notes": b"mine\n"})
    opened.push_as_human("acme/web", "main", {"Dockerfile": OLD + b"USER node\n"})
    assert basebump(*APPLY).outcomes == {"web": "taken over"}
    assert opened.repo("acme/web").git.refs[f"refs/heads/{BRANCH}"] == oid
    assert opened.requests.writes == []


def test_leaves_a_branch_that_a_person_made(github: GitHubServer, basebump: Basebump) -> None:
    github.add_repo("acme/web", {"Dockerfile": OLD})
    oid = github.push_as_human("acme/web", BRANCH, {"notes": b"mine\n"})
    assert basebump(*APPLY).outcomes == {"web": "branch in use"}
    assert github.repo("acme/web").git.refs[f"refs/heads/{BRANCH}"] == oid
    assert github.requests.writes == []


def test_leaves_closed_what_a_person_closed(opened: GitHubServer, basebump: Basebump) -> None:
    opened.close_pull("acme/web", 1)
    assert basebump(*APPLY).outcomes == {"web": "declined"}
    assert opened.requests.writes == []


def test_leaves_closed_what_a_person_closed_by_deleting_its_branch(
    opened: GitHubServer, basebump: Basebump
) -> None:
    opened.delete_branch("acme/web", BRANCH)
    assert basebump(*APPLY).outcomes == {"web": "declined"}
    assert opened.requests.writes == []


def test_opens_it_again_when_told_so(opened: GitHubServer, basebump: Basebump) -> None:
    opened.close_pull("acme/web", 1)
    assert basebump(*APPLY, "--reopen").outcomes == {"web": "reopened"}
    assert opened.pull("acme/web", 1).state == "OPEN"


def test_opens_a_new_one_when_told_so_and_the_branch_is_gone(
    opened: GitHubServer, basebump: Basebump
) -> None:
    opened.delete_branch("acme/web", BRANCH)
    assert basebump(*APPLY, "--reopen").outcomes == {"web": "reopened"}
    assert opened.pull("acme/web", 2).state == "OPEN"


def test_opens_a_new_one_when_the_old_line_is_back_after_the_merge(
    opened: GitHubServer, basebump: Basebump
) -> None:
    opened.merge_pull("acme/web", 1)
    assert basebump(*APPLY).outcomes == {}
    opened.push_as_human("acme/web", "main", {"Dockerfile": OLD})
    assert set(basebump(*APPLY).outcomes.values()) <= {"opened", "finished"}
    assert opened.pull("acme/web", 2).state == "OPEN"


def test_closes_an_older_campaigns_pull_request(
    opened: GitHubServer, basebump: Basebump, configure: Callable[..., None]
) -> None:
    configure(to="8.9.4")
    assert basebump(*APPLY).outcomes == {"web": "opened"}
    older, newer = opened.pull("acme/web", 1), opened.pull("acme/web", 2)
    assert (older.state, newer.state) == ("CLOSED", "OPEN")
    assert (older.body or "").startswith(f"Superseded by {opened.url}/acme/web/pull/2.\n")
    assert f"refs/heads/{BRANCH}" not in opened.repo("acme/web").git.refs
    opened.requests.mark()
    assert basebump(*APPLY).outcomes == {"web": "already open"}
    assert opened.requests.writes == []


def test_keeps_the_mode_of_an_executable(github: GitHubServer, basebump: Basebump) -> None:
    github.add_repo("acme/web", {"Dockerfile": ("100755", OLD)})
    assert basebump(*APPLY).outcomes == {"web": "opened"}
    assert blob(github, f"refs/heads/{BRANCH}") == ("100755", NEW)


def test_status_follows_them(opened: GitHubServer, basebump: Basebump) -> None:
    opened.add_repo("acme/api", {"Dockerfile": OLD})
    basebump(*APPLY)
    opened.merge_pull("acme/api", 1)
    shown = basebump("status", "--format", "json").document["pull_requests"]
    assert [(each["repository"], each["state"]) for each in shown] == [
        ("api", "merged"),
        ("web", "open"),
    ]


def test_a_superseded_one_is_closed_although_github_is_busy(
    github: GitHubServer, basebump: Basebump, configure: Callable[..., None]
) -> None:
    github.add_repo("acme/web", {"Dockerfile": OLD})
    configure(to="8.9.2")
    basebump(*APPLY)
    configure(to="8.9.3")
    github.faults.add("too-quickly", operation="Supersede")
    assert basebump(*APPLY).outcomes == {"web": "opened"}
    assert [github.pull("acme/web", number).state for number in (1, 2)] == ["CLOSED", "OPEN"]


def test_one_that_was_taken_over_supersedes_the_older_all_the_same(
    github: GitHubServer, basebump: Basebump, configure: Callable[..., None]
) -> None:
    github.add_repo("acme/web", {"Dockerfile": OLD})
    configure(to="8.9.2")
    basebump(*APPLY)
    configure(to="8.9.3")
    github.faults.add("502", operation="Supersede", times=None)
    assert basebump(*APPLY).outcomes == {"web": "failed"}
    github.faults.clear()
    theirs = github.push_as_human("acme/web", BRANCH, {"notes": b"mine\n"})
    assert basebump(*APPLY).outcomes == {"web": "taken over"}
    assert [github.pull("acme/web", number).state for number in (1, 2)] == ["CLOSED", "OPEN"]
    assert github.repo("acme/web").git.refs[f"refs/heads/{BRANCH}"] == theirs
