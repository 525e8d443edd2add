"""Every repository is in the list, and each that is passed over has its reason."""

from dataclasses import replace
from typing import Any

import pytest

from basebump.core.glob import Globs
from basebump.forge import Unavailable
from basebump.forge.github.discover import Filter
from basebump.forge.github.forge import Source
from tests.github.bot import ALL, Bot, skipped
from tests.github.conftest import OLD, Basebump
from tests.github_server import GitHubServer

FILES = {"Dockerfile": OLD}


def test_lists_every_repository_in_the_order_of_names(github: GitHubServer) -> None:
    for number in range(230):
        github.add_repo(f"acme/r{(number * 7) % 230:03}", FILES)
    assert [repo.name for repo in Bot(github).repos()] == [f"r{n:03}" for n in range(230)]
    assert github.requests.count(operation="Repositories") == 3
    assert github.requests.count(path="/search/") == 0


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        pytest.param({"archived": True}, "archived", id="archived"),
        pytest.param({"fork": True}, "a fork", id="a fork"),
        pytest.param({"disabled": True}, "disabled by GitHub", id="disabled"),
        pytest.param({"locked": True}, "locked: it is being moved", id="locked"),
        pytest.param({"mirror": True}, "a mirror of another repository", id="a mirror"),
    ],
)
def test_says_why_a_repository_is_passed_over(
    github: GitHubServer, fields: dict[str, Any], reason: str
) -> None:
    github.add_repo("acme/web", FILES)
    github.add_repo("acme/other", FILES, **fields)
    assert skipped(Bot(github).repos()) == {"other": reason}


@pytest.mark.parametrize(
    ("chosen", "reasons"),
    [
        pytest.param(replace(ALL, archived=True, forks=True), {}, id="all of them"),
        pytest.param(
            replace(ALL, archived=True, forks=True, templates=False),
            {"kit": "a template"},
            id="no templates",
        ),
        pytest.param(
            replace(ALL, archived=True, forks=True, topics=frozenset({"node"})),
            dict.fromkeys(("fork", "kit", "old", "open"), "it has none of repositories.topics"),
            id="a topic",
        ),
        pytest.param(
            replace(ALL, archived=True, forks=True, visibility=frozenset({"public"})),
            dict.fromkeys(("fork", "kit", "old", "web"), "private: not in repositories.visibility"),
            id="public ones",
        ),
        pytest.param(
            Filter(Globs(("web", "acme/open")), Globs(("o*n",))),
            {
                **dict.fromkeys(("fork", "kit", "old"), "not in repositories.include"),
                "open": "excluded by repositories.exclude",
            },
            id="by name",
        ),
    ],
)
def test_filters_choose(github: GitHubServer, chosen: Filter, reasons: dict[str, str]) -> None:
    github.add_repo("acme/web", FILES, topics=("node", "team-a"))
    github.add_repo("acme/open", FILES, visibility="PUBLIC")
    github.add_repo("acme/kit", FILES, template=True)
    github.add_repo("acme/old", FILES, archived=True)
    github.add_repo("acme/fork", FILES, fork=True)
    assert skipped(Bot(github, chosen=chosen).repos()) == reasons


def test_passes_over_what_it_may_not_push_to_when_told_so(github: GitHubServer) -> None:
    github.add_repo("acme/web", FILES, default_permission="READ")
    chosen = replace(ALL, pushable=True)
    assert skipped(Bot(github, chosen=chosen).repos()) == {"web": "no permission to push (read)"}


def test_says_what_the_token_is_not_shown(github: GitHubServer) -> None:
    github.add_repo("acme/web", FILES)
    github.add_repo("acme/secret", FILES, default_permission="NONE")
    (reason,) = skipped(Bot(github).repos()).values()
    assert reason.startswith("acme has 2 repositories and this token is shown 1")


def test_a_null_in_a_page_is_asked_for_again(github: GitHubServer) -> None:
    for number in range(9):
        github.add_repo(f"acme/r{number}", FILES)
    github.faults.add("null-nodes", operation="Repositories", nth=1, times=2)
    assert len(Bot(github).repos()) == 9


def test_a_null_that_stays_is_a_failure_and_not_forgotten(github: GitHubServer) -> None:
    github.add_repo("acme/api", FILES)
    github.add_repo("acme/web", FILES)
    github.faults.add("null-nodes", operation="Repositories", times=40)
    forge = Bot(github).forge()
    answers = list(forge.read(forge.repos()))
    failed = [each.reason for each in answers if isinstance(each, Unavailable)]
    assert failed == ["GitHub counts 2 repositories of acme and did not show 1"]


def test_an_unknown_owner_is_a_usage_error(github: GitHubServer, basebump: Basebump) -> None:
    del github
    ran = basebump("scan", "--org", "acmee")
    assert ran.exit_code == 2
    assert "acmee: GitHub knows no such organisation or user" in ran.stderr


def test_a_persons_repositories(github: GitHubServer) -> None:
    github.add_user("mona")
    github.add_repo("mona/dots", FILES)
    assert [repo.name for repo in Bot(github, source=Source("mona")).repos()] == ["dots"]


def test_a_list_of_repositories(github: GitHubServer) -> None:
    github.add_repo("acme/web", FILES)
    github.add_repo("mona/dots", FILES)
    forge = Bot(github, source=Source(names=("mona/dots", "acme/web", "acme/gone"))).forge()
    repos = forge.repos()
    assert [repo.name for repo in repos] == ["acme/web", "mona/dots", "acme/gone"]
    *_, gone = forge.read(repos)
    assert isinstance(gone, Unavailable)
    assert "GitHub shows no such repository" in gone.reason


def test_a_renamed_repository_is_found_by_its_old_name(github: GitHubServer) -> None:
    github.add_repo("acme/web", FILES)
    github.rename_repo("acme/web", "site")
    assert [r.name for r in Bot(github, source=Source(names=("acme/web",))).repos()] == [
        "acme/site"
    ]
