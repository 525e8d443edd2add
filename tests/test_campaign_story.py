"""The story that basebump began with: the bump is right, and one of the builders is broken.

40 repositories, four waves, two builders; runner02 has the old kernel, on which `apt-get` wants 40
packages instead of 3. Everything goes through the real command line.
"""

import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import basebump
from tests.github_server import GitHubServer, Limits, ManualClock
from tests.github_server.testing import running

LOGS = Path(__file__).parents[1] / "fixtures" / "logs" / "story"
BAD, GOOD = ((LOGS / name).read_text() for name in ("bad.log", "good.log"))
SOURCE = Path(basebump.__file__).parents[1]
FLAVOURS = ("", "-alpine", "-slim")
REPOSITORIES = 40
CONFIG = """
forge: {{kind: github, org: acme, url: "{url}"}}
images:
  - {{image: maichong/node, to: "8.9.3"}}
pull_request: {{labels: []}}
rollout: {{waves: [1, 5, "25%", "100%"]}}
"""


class Builders:
    """The CI system: builds every new pull request, and the failed ones again once repaired."""

    def __init__(self, github: GitHubServer) -> None:
        self.github, self.broken = github, True

    def work(self) -> None:
        """Build what there is to be built."""
        for number in range(REPOSITORIES):
            repo = self.github.repo(f"acme/r{number:02}")
            done = {check.oid: check.conclusion for check in repo.checks}
            bad = self.broken and number % 2 == 1
            for pull in list(repo.pulls.values()):
                last = done.get(pull.head_oid)
                if pull.state == "OPEN" and (last is None or (last == "failure" and not bad)):
                    result, log = ("failure", BAD) if bad else ("success", GOOD)
                    self.github.set_check(repo.full_name, pull.head_oid, "image", result, log=log)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Build all the time."""
        done = threading.Event()

        def keep_on() -> None:
            while not done.wait(0.1):
                self.work()

        thread = threading.Thread(target=keep_on)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


class Story:
    """The organisation, its builders, and a person at the command line."""

    def __init__(self, github: GitHubServer, folder: Path) -> None:
        self.github, self.folder, self.builders = github, folder, Builders(github)
        github.add_org("acme")
        for number in range(REPOSITORIES):
            tag = f"8.9.1{FLAVOURS[number % 3]}"
            github.add_repo(
                f"acme/r{number:02}", {"Dockerfile": f"FROM maichong/node:{tag}\n".encode()}
            )
        (folder / "config.yaml").write_text(CONFIG.format(url=github.url))

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start the command line."""
        env = os.environ | {"PYTHONPATH": str(SOURCE), "GH_TOKEN": self.github.token}
        return subprocess.Popen(
            [sys.executable, "-m", "basebump", *arguments],
            cwd=self.folder,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str) -> tuple[int, Any]:
        """Run it to its end; gives the exit code and the answer."""
        process = self.start(*arguments, "--format", "json")
        out, err = process.communicate(timeout=120)
        assert process.returncode in (0, 1, 3), err
        return process.returncode, json.loads(out)

    def apply_until(self, count: int) -> None:
        """Run apply, each time after the builders, until so many pull requests are open."""
        for _ in range(2 * REPOSITORIES):
            if self.open == count:
                return
            self.builders.work()
            self.run("apply", "--yes")
        raise AssertionError(f"{self.open} pull requests are open, not {count}")

    @property
    def open(self) -> int:
        """How many pull requests there are."""
        repos = (self.github.repo(f"acme/r{number:02}") for number in range(REPOSITORIES))
        return sum(len(repo.pulls) for repo in repos)

    @property
    def red(self) -> int:
        """How many of them have failed."""
        repos = [self.github.repo(f"acme/r{number:02}") for number in range(REPOSITORIES)]
        return sum(repo.checks[-1].conclusion == "failure" for repo in repos if repo.checks)


@contextmanager
def beginning(folder: Path, clock: ManualClock) -> Iterator[Story]:
    """The story at its beginning; at the same time of the clock every commit is the same one."""
    folder.mkdir()
    limits = Limits(enforced=False)
    with running(folder / "github", clock, limits=limits, validate=False) as github:
        yield Story(github, folder)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def story(tmp_path: Path, clock: ManualClock) -> Iterator[Story]:
    with beginning(tmp_path / "story", clock) as made:
        yield made


def test_a_broken_builder_halts_the_campaign_in_its_second_wave(story: Story) -> None:
    story.apply_until(5)
    story.builders.work()
    code, document = story.run("apply", "--yes")
    assert (code, story.open, document["summary"]) == (3, 5, {"already open": 5, "halted": 35})
    assert 1 <= story.red <= 3
    (cluster,) = document["diagnosis"]["clusters"]
    assert cluster["cause"] == "dpkg-pre-dependency"
    assert ("host", "runner02") in cluster["shared"][0]["attributes"].items()
    assert "ran on runner02" in cluster["sentence"]
    assert "kernel 4.4.0-98-generic" in cluster["sentence"]

    assert story.run("diagnose")[1]["clusters"] == [cluster]
    assert story.run("status")[1]["campaigns"][0]["halted"].startswith("halted: the checks fail in")

    story.builders.broken = False
    story.apply_until(REPOSITORIES)
    story.builders.work()
    code, document = story.run("apply", "--yes")
    assert (code, document["summary"]) == (0, {"already open": REPOSITORIES})


def test_a_person_can_decide_to_go_on(story: Story) -> None:
    story.apply_until(5)
    story.builders.work()
    code, document = story.run("apply", "--yes", "--resume")
    assert (code, document["summary"]) == (0, {"already open": 5, "held back": 30, "opened": 5})


def test_watching_it_carries_on_until_all_is_out(story: Story) -> None:
    story.builders.broken = False
    with story.builders.at_work():
        code, document = story.run("apply", "--yes", "--watch", "--interval", "0.1")
    assert (code, document["summary"]) == (0, {"opened": REPOSITORIES})


def test_watching_it_stops_when_it_halts(story: Story) -> None:
    with story.builders.at_work():
        code, document = story.run("apply", "--yes", "--watch", "--interval", "0.1")
    assert (code, story.open) == (3, 5)
    assert document["summary"]["halted"] == 35
    assert 1 <= story.red <= 3


def test_killed_at_any_moment_it_ends_in_the_same_state(
    story: Story, clock: ManualClock, tmp_path: Path
) -> None:
    moments = random.Random(6)  # noqa: S311 - moments, no secrets
    for kill in range(9):
        story.builders.broken = kill < 6
        process = story.start("apply", "--yes")
        time.sleep(moments.uniform(0.4, 2.5))
        process.kill()
        process.communicate()
        story.builders.work()
        assert story.red <= 3
    story.apply_until(REPOSITORIES)
    with beginning(tmp_path / "undisturbed", clock) as undisturbed:
        undisturbed.builders.broken = False
        undisturbed.apply_until(REPOSITORIES)
        assert story.github.state() == undisturbed.github.state()
