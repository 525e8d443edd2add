"""What a pull request says and wears, and what is said when GitHub refuses one."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from basebump.core.campaign import PullRequestTemplate
from basebump.forge.github.dress import Dress
from tests.github.bot import Bot
from tests.github.conftest import BRANCH, OLD, Basebump
from tests.github_server import GitHubServer

FILES = {"Dockerfile": OLD}
REF = f"refs/heads/{BRANCH}"


@pytest.mark.parametrize(
    ("rule", "advice"),
    [
        pytest.param({"block_creation": True}, "a rule reserves this name", id="creation"),
        pytest.param({"block_update": True}, "a rule protects this branch", id="update"),
        pytest.param({"require_pull": True}, "a rule protects this branch", id="pull requests"),
    ],
)
def test_a_rule_on_the_branch_is_an_outcome_with_advice(
    github: GitHubServer, rule: dict[str, Any], advice: str
) -> None:
    repo = github.add_repo("acme/web", FILES)
    github.protect("acme/web", "basebump/*", **rule)
    (outcome,) = Bot(github).outcomes().values()
    assert outcome.startswith("failed: ")
    assert advice in outcome
    assert REF not in repo.git.refs


def test_a_required_signature_is_given(github: GitHubServer) -> None:
    github.add_repo("acme/web", FILES)
    github.protect("acme/web", "basebump/*", require_signatures=True)
    assert Bot(github).outcomes() == {"web": "opened"}


@pytest.mark.parametrize(
    ("fields", "advice"),
    [
        pytest.param({"pull_requests": False}, "switch them on", id="pull requests are disabled"),
        pytest.param({"archived": True}, "archived", id="archived since"),
        pytest.param({"locked": True}, "GitHub has closed the repository", id="locked since"),
    ],
)
def test_a_closed_repository_is_an_outcome_and_leaves_no_branch(
    github: GitHubServer, fields: dict[str, Any], advice: str
) -> None:
    repo = github.add_repo("acme/web", FILES)

    def change() -> None:
        for name, value in fields.items():
            setattr(repo, name, value)

    github.faults.add(mutation="createPullRequest", do=change)
    (outcome,) = Bot(github).outcomes().values()
    assert outcome.startswith("failed: ")
    assert advice in outcome
    assert REF not in repo.git.refs


@pytest.mark.parametrize("lacking", ["contents", "pull_requests"])
def test_a_missing_permission_is_an_outcome_and_leaves_no_branch(
    github: GitHubServer, lacking: str
) -> None:
    repo = github.add_repo("acme/web", FILES)
    given = {"contents": "write", "pull_requests": "write", "issues": "write", lacking: "read"}
    token = github.add_token(kind="fine-grained", permissions=given)
    (outcome,) = Bot(github, token=token.value).outcomes().values()
    assert "the token needs write access to contents and pull requests" in outcome
    assert REF not in repo.git.refs


def test_a_branch_in_the_way_is_an_outcome(github: GitHubServer) -> None:
    github.add_repo("acme/web", FILES)
    github.push_as_human("acme/web", "basebump", {"notes": b"x"})
    (outcome,) = Bot(github).outcomes().values()
    assert "another branch's name is in the way" in outcome


def test_one_refusal_does_not_stop_the_others(github: GitHubServer) -> None:
    for name in ("api", "mid", "web"):
        github.add_repo(f"acme/{name}", FILES)
    github.protect("acme/mid", "basebump/*", block_creation=True)
    outcomes = Bot(github).outcomes()
    assert (outcomes["api"], outcomes["web"]) == ("opened", "opened")


def test_plans_again_when_the_base_moved_before_publishing(github: GitHubServer) -> None:
    github.add_repo("acme/web", FILES)
    text = OLD + b"USER node\n"

    def push() -> None:
        github.push_as_human("acme/web", "main", {"Dockerfile": text})

    github.faults.add(operation="Found", do=push)
    assert Bot(github).outcomes() == {"web": "opened"}
    git = github.repo("acme/web").git
    entry = git.entry_at(git.tree_of(git.refs[REF]), "Dockerfile")
    assert entry is not None
    assert git.need(entry.oid).data == text.replace(b"8.9.1", b"8.9.3")


def test_is_stale_when_the_edit_is_no_longer_the_same(github: GitHubServer) -> None:
    github.add_repo("acme/web", FILES)

    def push() -> None:
        github.push_as_human("acme/web", "main", {"Dockerfile": b"FROM maichong/node:8.9.2\n"})

    github.faults.add(operation="Found", do=push)
    (outcome,) = Bot(github).outcomes().values()
    assert outcome.startswith("stale")
    assert github.requests.writes == []


def test_never_overwrites_a_commit_that_came_while_it_worked(github: GitHubServer) -> None:
    github.add_repo("acme/web", FILES)
    Bot(github).apply()
    github.push_as_human("acme/web", "main", {"Dockerfile": OLD + b"USER node\n"})
    oids: list[str] = []

    def push() -> None:
        oids.append(github.push_as_human("acme/web", BRANCH, {"notes": b"mine\n"}))

    github.faults.add(mutation="updateRefs", do=push)
    assert "taken over" in Bot(github).outcomes()["web"]
    assert github.repo("acme/web").git.refs[REF] == oids[0]


def test_wears_what_it_is_told(github: GitHubServer) -> None:
    for login in ("mona", "hubot"):
        github.add_user(login)
    github.add_repo("acme/web", FILES)
    github.protect("acme/web", "main", required_checks=("build",))
    dress = Dress(("mona", "basebump-bot"), ("core",), ("hubot",), "squash")
    template = PullRequestTemplate(labels=("dependencies", "bug"), draft=False)
    assert Bot(github, dress=dress, template=template).outcomes() == {"web": "opened"}
    pull = github.pull("acme/web", 1)
    assert sorted(pull.labels) == ["bug", "dependencies"]
    assert (list(pull.reviewers), list(pull.teams), list(pull.assignees)) == (
        ["mona"], ["core"], ["hubot"],
    )  # fmt: skip
    assert pull.auto_merge is not None
    assert Bot(github, dress=dress, template=template).outcomes() == {"web": "already open"}


def test_unknown_reviewers_are_an_outcome_before_anything_is_made(github: GitHubServer) -> None:
    github.add_repo("acme/web", FILES)
    (outcome,) = Bot(github, dress=Dress(reviewers=("nobody",))).outcomes().values()
    assert "GitHub knows no nobody" in outcome
    assert github.requests.writes == []


def test_words_come_from_the_templates(
    github: GitHubServer, basebump: Basebump, configure: Callable[..., None]
) -> None:
    github.add_repo("acme/web", FILES)
    configure(
        more="""pull_request:
  title: "{repository}: {image} {tag}"
  commit: "build: {image} {tag}"
  body: |
    Hello {repository}!

    {changes}
  labels: []
  draft: true
"""
    )
    assert basebump("apply", "--yes").exit_code == 0
    pull = github.pull("acme/web", 1)
    git = github.repo("acme/web").git
    assert pull.title == "web: maichong/node 8.9.3"
    assert pull.draft
    assert (pull.body or "").startswith("Hello web!\n\n| File | Line | Old | New |")
    assert git.commit(git.refs[REF]).message.startswith("build: maichong/node 8.9.3\n\n")
    assert len(github.requests.writes) == 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('title: "{imgae}"', "unknown name {imgae}"),
        ('body: "only words"', "it must say {changes}"),
        ("auto_merge: sqash", "expected off or merge or squash or rebase"),
    ],
)
def test_a_mistaken_template_is_a_usage_error(
    basebump: Basebump, configure: Callable[..., None], line: str, said: str
) -> None:
    configure(more=f"pull_request: {{{line}}}")
    ran = basebump("plan")
    assert ran.exit_code == 2
    assert said in ran.stderr


def test_the_body_shows_each_change_and_how_to_decline(github: GitHubServer) -> None:
    github.add_repo("acme/web", FILES)
    Bot(github).apply()
    body = github.pull("acme/web", 1).body or ""
    assert "| `Dockerfile` | 1 | `maichong/node:8.9.1` | `maichong/node:8.9.3` |" in body
    assert "close this pull request" in body
    assert '<!-- basebump: {"campaign": "basebump/maichong-node-8.9.3"' in body


def test_two_runs_at_once_come_to_the_same_as_one(github: GitHubServer) -> None:
    for number in range(6):
        github.add_repo(f"acme/r{number}", FILES)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: Bot(github).apply(), range(2)))
    pulls = list(github.world.pulls())
    assert sorted(pull.repo.name for pull in pulls) == [f"r{number}" for number in range(6)]
    assert {pull.state for pull in pulls} == {"OPEN"}
    Bot(github).apply()
    github.requests.mark()
    assert set(Bot(github).outcomes().values()) == {"already open"}
    assert github.requests.writes == []


def test_a_night_with_nothing_to_do_costs_nearly_nothing(
    github: GitHubServer, tmp_path: Path
) -> None:
    for number in range(100):
        github.add_repo(f"acme/r{number:03}", FILES)
    bot = Bot(github, cache=tmp_path / "cache")
    bot.apply()
    github.requests.mark()
    assert set(bot.outcomes().values()) == {"already open"}
    assert len(github.requests) <= 5
    assert github.requests.writes == []
