"""What the forge tells of builds: logs, annotations and statuses, of untrusted text."""

from collections.abc import Callable

import pytest

from basebump.forge import Checks
from basebump.forge.github.find import checks_of
from basebump.forge.github.hidden import without_hidden
from tests.github.conftest import OLD, Basebump
from tests.github_server import GitHubServer

APT = """#5 [2/3] RUN apt-get update && apt-get install -y git
#5 1.2 E: Unable to locate package git
#5 ERROR: process "/bin/sh -c apt-get update" did not complete successfully: exit code: 100
"""


@pytest.fixture
def opened(github: GitHubServer, basebump: Basebump) -> GitHubServer:
    """Two repositories with their pull requests open, `web`'s check green."""
    for name in ("api", "web"):
        github.add_repo(f"acme/{name}", {"Dockerfile": OLD}, topics=(f"team-{name}",))
    basebump("apply", "--yes")
    check(github, "web", "success", "#5 [2/3] RUN apt-get update\n#5 DONE 1.0s\n#6 DONE 0.1s\n")
    return github


def head(github: GitHubServer, name: str) -> str:
    return github.pull(f"acme/{name}", 1).head_oid


def check(github: GitHubServer, name: str, conclusion: str, log: str | None = None) -> None:
    github.set_check(f"acme/{name}", head(github, name), "build", conclusion, log=log)


def by_log(github: GitHubServer) -> None:
    check(github, "api", "failure", APT)


def by_annotation(github: GitHubServer) -> None:
    note = {"path": "Dockerfile", "start_line": 1, "end_line": 1, "message": APT}
    github.set_check(
        "acme/api", head(github, "api"), "build", "failure",
        annotations=[note | {"annotation_level": "failure"}],
    )  # fmt: skip


def by_status(github: GitHubServer) -> None:
    github.set_status("acme/api", head(github, "api"), "ci", "failure", description=APT)


def test_nothing_failed(opened: GitHubServer, basebump: Basebump) -> None:
    ran = basebump("diagnose")
    assert (ran.exit_code, opened.requests.select(operation="Builds")) == (0, [])
    assert ran.stdout == "No failed check in basebump/maichong-node-8.9.3\n"


@pytest.mark.parametrize("report", [by_log, by_annotation, by_status])
def test_reads_what_a_failed_check_says(
    opened: GitHubServer, basebump: Basebump, report: Callable[[GitHubServer], None]
) -> None:
    report(opened)
    ran = basebump("diagnose", "--format", "json")
    (log,) = ran.document["logs"]
    assert (ran.exit_code, log["outcome"]) == (1, "failed")
    assert log["root"]["text"].endswith("E: Unable to locate package git")
    (cluster,) = ran.document["clusters"]
    assert (cluster["failed"], cluster["greens"]) == (1, 1)


def test_a_check_without_a_log_is_a_failure_all_the_same(
    opened: GitHubServer, basebump: Basebump
) -> None:
    check(opened, "api", "timed_out")
    (cluster,) = basebump("diagnose", "--format", "json").document["clusters"]
    assert (cluster["cause"], cluster["builds"]) == ("unknown", ["api: build"])


def test_the_log_is_fetched_without_the_token(opened: GitHubServer, basebump: Basebump) -> None:
    by_log(opened)
    basebump("diagnose")
    fetched = [each for each in opened.requests if each.path.startswith("/_logs/")]
    assert [each.login for each in fetched] == [fetched[0].login] * 2
    assert not fetched[0].login


def test_a_terminal_obeys_nothing_of_a_log(opened: GitHubServer, basebump: Basebump) -> None:
    hostile = f"{APT}#5 2.0 \x1b]0;title\x07\x1b[2J\u202e\n"
    github = opened
    github.set_check("acme/api", head(github, "api"), "bu\x1b[2Jild", "failure", log=hostile)
    shown = basebump("diagnose").stdout
    assert not {"\x1b", "\x07", "\u202e"} & set(shown)


def test_checks_that_the_token_may_not_see_are_unknown() -> None:
    tip = {"statusCheckRollup": None}
    path = ["q0", "pullRequests", "nodes", 0, "headRef", "target", "statusCheckRollup"]
    data = {"q0": {"pullRequests": {"nodes": [{"headRef": {"target": tip}}]}}}
    error = {"type": "FORBIDDEN", "path": path, "message": "Resource not accessible"}
    other = {"type": "FORBIDDEN", "path": ["q0"], "message": "no"}
    assert checks_of(tip) is Checks.NONE
    assert without_hidden(data, (error, other)) == (other,)
    assert checks_of(tip) is Checks.UNKNOWN
