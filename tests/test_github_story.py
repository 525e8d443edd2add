"""A platform engineer, a nightly bot and the people of sixty repositories, as they meet in life.

The whole of what is printed is kept in fixtures/stories/github.txt; BASEBUMP_STORIES=write renews
it, and the difference is then read like any other.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests import world
from tests.github_server import ContractsMissing, GitHubServer, ManualClock

STORY = world.HOME / "fixtures" / "stories" / "github.txt"
HOUR = 3600
FUTURE = 4_000_000_000  # 2096: whenever this runs, every pull request is of an age of 0 s
BRANCH = "basebump/maichong-node-{to}"
CONFIG = """\
forge: {{kind: github, org: acme, url: "{url}"}}
registries: {{check: false}}
images:
  - {{image: maichong/node, to: "{to}"}}
"""
TEAMS = ("cart", "mail", "pay", "search", "stock")
OLD = b"FROM maichong/node:8.9.1\nCOPY . .\n"
KINDS: dict[str, dict[str, bytes | tuple[str, bytes] | None]] = {
    "alpine": {"Dockerfile": OLD.replace(b"8.9.1", b"8.9.1-alpine")},
    "api": {"Dockerfile": OLD},
    "build": {"ci/build/docker/Dockerfile.build": OLD, "Dockerfile": b"FROM debian:9\n"},
    "crlf": {"Dockerfile": OLD.replace(b"\n", b"\r\n")},
    "docs": {"README.md": b"# no Dockerfile\n"},
    "edge": {"Dockerfile": OLD.replace(b"8.9.1", b"10.1.0")},
    "float": {"Dockerfile": OLD.replace(b"8.9.1", b"8")},
    "go": {"Dockerfile": b"FROM golang:1.9\n"},
    "new": {"Dockerfile": OLD.replace(b"8.9.1", b"8.9.3")},
    "odd": {"Dockerfile": b"FROM \xff\xfe\n"},
    "run": {"Dockerfile": ("100755", b'ARG V=8.9.1\nFROM maichong/node:${V}\nCMD ["node"]\n')},
}
"""Eleven kinds of repositories for each of five teams; five of them move."""
SPECIAL = ("archived", "fork", "mirror")


@dataclass(slots=True)
class Story:
    """What was done and printed so far, and the figures of each run by its title."""

    server: GitHubServer
    folder: Path
    text: str = ""
    writes: dict[str, int] = field(default_factory=dict)
    requests: dict[str, int] = field(default_factory=dict)

    def configure(self, to: str) -> None:
        text = CONFIG.format(url=self.server.url, to=to)
        (self.folder / "config.yaml").write_text(text)

    def tell(self, title: str, *arguments: str) -> None:
        """Run the command line, an hour after the last time."""
        self.server.clock.sleep(HOUR)
        self.server.requests.mark()
        env = {"GH_TOKEN": self.server.token, "NO_COLOR": "1", "COLUMNS": "160"}
        told = world.run([*arguments, "--config", "config.yaml"], self.folder, env)
        self.writes[title] = len(self.server.requests.writes)
        self.requests[title] = len(self.server.requests)
        self.text += (
            f"## {title}\n$ basebump {' '.join(arguments)}\n{told.stdout}"
            f"--- stderr\n{told.stderr}--- exit code {told.exit_code}, "
            f"{self.requests[title]} requests, {self.writes[title]} of them writes\n\n"
        )

    @property
    def normal(self) -> str:
        """The text without what differs from run to run: the server's port."""
        return self.text.replace(self.server.url, "https://github.test")


def people(server: GitHubServer) -> None:
    """What people do in one day."""
    first, second = BRANCH.format(to="8.9.3"), "refs/heads/main"
    server.close_pull("acme/cart-api", 1)
    server.push_as_human("acme/mail-api", first, {"notes": b"I take it from here\n"})
    server.merge_pull("acme/pay-api", 1)
    server.rename_repo("acme/search-api", "find-api")
    server.archive("acme/stock-api")
    assert second in server.repo("acme/pay-api").git.refs


def tell_all(story: Story) -> None:
    """The whole story."""
    server = story.server
    story.configure("8.9.3")
    story.tell("What a security release would change", "plan")
    story.tell("It goes out", "apply", "--yes")
    story.tell("A second run", "apply", "--yes")
    people(server)
    story.tell("The night after people did what people do", "apply", "--yes")
    story.tell("Where it stands", "status")
    story.configure("8.9.4")
    story.tell("The next release supersedes it", "apply", "--yes")
    story.tell("The night after that", "apply", "--yes")
    for pull in list(server.world.pulls()):
        if pull.state == "OPEN" and pull.head_ref == BRANCH.format(to="8.9.4"):
            server.merge_pull(pull.repo.full_name, pull.number)
    story.tell("The night after everything was merged", "apply", "--yes")
    story.tell("The end", "status")


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("story")
    try:
        server = GitHubServer(folder / "github", ManualClock(FUTURE))
    except ContractsMissing as missing:
        pytest.skip(str(missing))
    with server:
        server.add_org("acme")
        for team in TEAMS:
            for kind, files in KINDS.items():
                server.add_repo(f"acme/{team}-{kind}", files)
        for name in SPECIAL:
            setattr(server.add_repo(f"acme/old-{name}", {"Dockerfile": OLD}), name, True)
        server.add_repo("acme/empty")
        server.add_repo("acme/private", {"Dockerfile": OLD}, default_permission="READ")
        told = Story(server, folder)
        tell_all(told)
        yield told


def test_it_is_the_story_that_is_kept(story: Story) -> None:
    if os.environ.get("BASEBUMP_STORIES") == "write":
        STORY.parent.mkdir(exist_ok=True)
        STORY.write_text(story.normal)
    assert story.normal == STORY.read_text()


def test_there_are_sixty_repositories(story: Story) -> None:
    assert len(story.server.world.repos) == 60


@pytest.mark.parametrize(
    "title",
    ["What a security release would change", "A second run", "Where it stands",
     "The night after people did what people do", "The night after that",
     "The night after everything was merged", "The end"],
)  # fmt: skip
def test_writes_nothing_when_there_is_nothing_to_do(story: Story, title: str) -> None:
    assert story.writes[title] == 0


def test_reads_an_organisation_in_few_requests(story: Story) -> None:
    assert story.requests["What a security release would change"] <= 8


def test_opens_a_pull_request_in_hardly_more_than_one_write(story: Story) -> None:
    opened = len(re.findall(r"pull/\d+", story.text.split("## ")[2]))
    assert opened == 25
    assert story.writes["It goes out"] <= opened + 3 + 2 * len(TEAMS)


def test_a_persons_work_is_where_they_left_it(story: Story) -> None:
    git = story.server.repo("acme/mail-api").git
    head = git.refs[f"refs/heads/{BRANCH.format(to='8.9.3')}"]
    assert git.commit(head).message == "A commit by hand"
    assert story.server.pull("acme/mail-api", 1).state == "OPEN"
    assert story.server.pull("acme/cart-api", 1).state == "CLOSED"


def test_the_token_is_in_nothing_that_was_printed_or_published(story: Story) -> None:
    token = story.server.token
    assert token not in story.text
    assert token not in repr(story.server.state())
    assert [path for path in story.folder.glob("*.*") if token in path.read_text()] == []
