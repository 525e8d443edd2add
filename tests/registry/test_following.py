"""Following by what a real registry says: its tags, its digests, its configs' dates."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from basebump.core.facts import NoFacts
from basebump.core.follow import Follow, Pick, Reach
from basebump.core.following import Following
from basebump.core.tag import Tag
from fixtures.registry.content import Image
from tests.registry.conftest import Open
from tests.registry.docker_registry import DockerRegistry

NOW = datetime(2024, 2, 20, tzinfo=UTC)
PLATFORMS = ("linux/amd64", "linux/arm64")
HOLD = timedelta(days=3)


def image(age: int) -> Image:
    created = (NOW - timedelta(days=age)).isoformat()
    return Image(f"{age} days old", PLATFORMS, created)


@pytest.fixture
def following(hub: DockerRegistry, name: str, open_registry: Open) -> Following:
    hub.push(name, "8.9.1", image(90))
    hub.push(name, "8.9.2", image(30))
    hub.push(name, "8.9.3", image(1))
    hub.push(name, "9.0.0", image(5))
    hub.push(name, "latest", image(30))
    return Following(open_registry(hub.host), NOW)


def test_a_young_release_is_held_back(following: Following, hub: DockerRegistry, name: str) -> None:
    pick = following.pick(f"{hub.host}/{name}", "8.9.1", Follow(Reach.PATCH, hold=HOLD))
    reason = "8.9.2 is the newest that is 3 days old, unlike 8.9.3"
    assert pick == Pick(Tag.parse("8.9.2"), reason)


def test_no_config_is_read_where_nothing_is_held_back(
    following: Following, hub: DockerRegistry, name: str
) -> None:
    assert str(following.pick(f"{hub.host}/{name}", "8.9.1", Follow(Reach.MAJOR)).tag) == "9.0.0"
    assert [request.path for request in hub.requests(name)] == [f"/v2/{name}/tags/list?n=1000"]


def test_latest_leads_to_the_release_of_the_same_digest(
    following: Following, hub: DockerRegistry, name: str
) -> None:
    pick = following.pick(f"{hub.host}/{name}", "8.9.1", Follow(Reach.TAG, "latest"))
    assert pick == Pick(Tag.parse("8.9.2"), "8.9.2 is what latest points at")
    assert not any(
        request.method == "GET" and "/manifests/" in request.path for request in hub.requests(name)
    )


def test_a_thousand_references_cost_one_list(
    following: Following, hub: DockerRegistry, name: str
) -> None:
    picks = {
        following.pick(f"{hub.host}/{name}", "8.9.1", Follow(Reach.PATCH)) for _ in range(1000)
    }
    assert len(picks) == 1
    assert len(hub.requests(name)) == 1


def test_without_a_registry_nothing_moves_and_the_reason_is_told() -> None:
    pick = Following(NoFacts(), NOW).pick("docker.io/library/node", "8", Follow(Reach.MAJOR))
    assert pick == Pick(None, "no registry was asked", "no registry was asked")


def test_httpx_is_not_imported_before_a_registry_is_asked() -> None:
    code = (
        "import sys, basebump.registry as r; r.Registry(); import basebump.cli.tags;"
        "sys.exit('httpx' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
