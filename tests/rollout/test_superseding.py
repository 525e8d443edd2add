from dataclasses import replace

import pytest

from basebump.core.campaign import Change, Marker, PullRequestTemplate, changes_of
from basebump.core.facts import NoFacts
from basebump.core.plan import plan_repository
from basebump.core.policy import Rule
from basebump.core.snapshot import Snapshot, SourceFile
from basebump.forge import Found, PullRequest, State
from basebump.rollout.superseding import outdated


def change(before: str, to: str) -> Change:
    file = SourceFile("Dockerfile", "100644", f"FROM maichong/node:{before}\n".encode())
    rules = (Rule("maichong/node", to),)
    plan = plan_repository(Snapshot("web", "main", "0" * 40, (file,)), rules, NoFacts())
    return changes_of(plan, rules, PullRequestTemplate())[0]


def older(tag: str) -> PullRequest:
    marker = Marker(f"basebump/maichong-node-{tag}", "docker.io/maichong/node", tag, "x")
    return PullRequest(
        "web", marker.campaign, "main", "t", str(marker), State.OPEN, "1" * 40, ours=True, url=""
    )


@pytest.mark.parametrize(
    ("before", "to", "tag"),
    [
        pytest.param("8.9.1", "8.9.3", "8.9.4", id="a newer release's stays"),
        pytest.param("8.9.1", "8.9.4", "6.17.1", id="another line's stays"),
        pytest.param("6.9.1", "6.17.1", "8.9.4", id="another, newer line's stays"),
        pytest.param("8.9.1", "8.9.4", "20171113", id="what does not compare stays"),
    ],
)
def test_leaves_what_it_does_not_replace(before: str, to: str, tag: str) -> None:
    assert outdated(Found(change(before, to), older=(older(tag),)), frozenset()) == []


def test_leaves_what_is_still_wanted_or_no_longer_ours() -> None:
    wanted = older("8.9.3")
    found = Found(change("8.9.1", "8.9.4"), older=(wanted,))
    assert outdated(found, frozenset({wanted.branch})) == []
    taken = Found(change("8.9.1", "8.9.4"), older=(replace(wanted, ours=False),))
    assert outdated(taken, frozenset()) == []


def test_closes_an_older_release_of_the_same_line() -> None:
    found = Found(change("8.9.1", "8.9.4"), older=(older("8.9.3"),))
    assert outdated(found, frozenset()) == [older("8.9.3")]
