"""How little is asked: once for each question, and less with a cache."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from basebump.core.facts import Manifest, Trouble, Unknown
from basebump.registry.once import Once
from fixtures.registry.content import Image
from tests.registry.conftest import Open
from tests.registry.docker_registry import DockerRegistry
from tests.registry.proxy import Proxy, header, status

FIVE = [f"fleet/image-{number}" for number in range(5)]
PLATFORMS = ("linux/amd64", "linux/arm64")


@pytest.fixture(scope="module")
def five(hub: DockerRegistry) -> DockerRegistry:
    for name in FIVE:
        hub.push(name, "8.9.1", Image("old", PLATFORMS))
        hub.push(name, "8.9.3", Image("new", PLATFORMS))
    return hub


def test_a_thousand_repositories_cost_five_lists_and_ten_manifests(
    five: DockerRegistry, open_registry: Open
) -> None:
    before = sum(len(five.requests(name)) for name in FIVE)
    registry = open_registry(five.host)

    def repository(_: int) -> list[object]:
        images = [f"{five.host}/{name}" for name in FIVE]
        return [
            fact
            for image in images
            for fact in (
                registry.tags(image),
                registry.manifest(image, "8.9.1"),
                registry.manifest(image, "8.9.3"),
                registry.exists(image, "8.9.3"),
                registry.digest(image, "8.9.3"),
            )
        ]

    with ThreadPoolExecutor(8) as pool:
        answers = [*pool.map(repository, range(1000))]
    requests = [request for name in FIVE for request in five.requests(name)]
    assert all(answer == answers[0] for answer in answers)
    assert sum("/tags/" in request.path for request in requests) <= 5
    assert sum("/manifests/" in request.path for request in requests) <= 10
    assert len(requests) - before <= 15


def test_what_was_prefetched_is_not_asked_for_again(
    hub: DockerRegistry, name: str, open_registry: Open
) -> None:
    hub.push(name, "1", Image(platforms=PLATFORMS))
    registry = open_registry(hub.host)
    image = f"{hub.host}/{name}"
    registry.prefetch(tags=[image] * 50, manifests=[(image, "1")] * 50)
    assert registry.exists(image, "1") is True
    assert isinstance(registry.manifest(image, "1"), Manifest)
    assert registry.tags(image) == ("1",)
    assert len(hub.requests(name)) == 2


def test_a_missing_target_is_asked_for_once(
    hub: DockerRegistry, name: str, open_registry: Open
) -> None:
    hub.push(name, "1", Image())
    registry = open_registry(hub.host)
    for _ in range(100):
        registry.manifest(f"{hub.host}/{name}", "1-alpine")
    assert len(hub.requests(name)) == 1


def test_a_second_run_asks_for_a_manifest_by_head_only(
    hub: DockerRegistry, name: str, tmp_path: Path, open_registry: Open
) -> None:
    hub.push(name, "1", Image(platforms=PLATFORMS))
    kept = {"cache_dir": tmp_path / "cache", "cache_age": timedelta(0)}
    first = open_registry(hub.host, **kept).manifest(f"{hub.host}/{name}", "1")
    second = open_registry(hub.host, **kept).manifest(f"{hub.host}/{name}", "1")
    assert first == second
    assert [request.method for request in hub.requests(name)] == ["GET", "HEAD"]


def test_a_tag_that_moved_meanwhile_is_seen_to_have_moved(
    hub: DockerRegistry, name: str, tmp_path: Path, open_registry: Open
) -> None:
    hub.push(name, "1", Image("before", PLATFORMS))
    kept = {"cache_dir": tmp_path / "cache", "cache_age": timedelta(0)}
    open_registry(hub.host, **kept).manifest(f"{hub.host}/{name}", "1")
    after = hub.push(name, "1", Image("after", PLATFORMS))
    answer = open_registry(hub.host, **kept).manifest(f"{hub.host}/{name}", "1")
    assert isinstance(answer, Manifest)
    assert answer.digest == after.top.digest


def test_a_young_answer_is_not_asked_for_again(
    hub: DockerRegistry, name: str, tmp_path: Path, open_registry: Open
) -> None:
    hub.push(name, "1", Image())
    for _ in range(2):
        registry = open_registry(hub.host, cache_dir=tmp_path / "cache")
        registry.tags(f"{hub.host}/{name}")
        registry.manifest(f"{hub.host}/{name}", "1")
    assert len(hub.requests(name)) == 3


def test_an_etag_saves_the_list(
    hub: DockerRegistry, proxy: Proxy, name: str, tmp_path: Path, open_registry: Open
) -> None:
    hub.push(name, "1", Image())
    kept = {"cache_dir": tmp_path / "cache", "cache_age": timedelta(0)}
    proxy.fault("GET", header("etag", '"v1"'), times=1)
    open_registry(proxy.host, **kept).tags(f"{proxy.host}/{name}")
    proxy.fault("GET", status(304))
    assert open_registry(proxy.host, **kept).tags(f"{proxy.host}/{name}") == ("1",)
    assert proxy.seen[-1][2]["if-none-match"] == '"v1"'


def test_an_answer_from_the_future_is_not_believed(
    hub: DockerRegistry, name: str, tmp_path: Path, open_registry: Open
) -> None:
    hub.push(name, "1", Image())
    cache = tmp_path / "cache"
    open_registry(hub.host, cache_dir=cache).tags(f"{hub.host}/{name}")
    (kept,) = (cache / "answers").iterdir()
    stored = json.loads(kept.read_text())
    kept.write_text(json.dumps(stored | {"seen": stored["seen"] + 86_400}))
    hub.push(name, "2", Image())
    again = open_registry(hub.host, cache_dir=cache).tags(f"{hub.host}/{name}")
    assert isinstance(again, tuple)
    assert sorted(again) == ["1", "2"]


def test_a_damaged_cache_only_costs_time(
    hub: DockerRegistry, name: str, tmp_path: Path, open_registry: Open
) -> None:
    hub.push(name, "1", Image())
    cache = tmp_path / "cache"
    first = open_registry(hub.host, cache_dir=cache).manifest(f"{hub.host}/{name}", "1")
    for path in [path for path in cache.rglob("*") if path.is_file()]:
        path.write_bytes(b"{}")
    again = open_registry(hub.host, cache_dir=cache).manifest(f"{hub.host}/{name}", "1")
    assert first == again


def test_a_cache_that_cannot_be_written_only_costs_time(
    hub: DockerRegistry, name: str, tmp_path: Path, open_registry: Open
) -> None:
    hub.push(name, "1", Image())
    (tmp_path / "cache").write_text("a file where a folder should be")
    registry = open_registry(hub.host, cache_dir=tmp_path / "cache")
    assert registry.tags(f"{hub.host}/{name}") == ("1",)


def test_offline_knows_what_is_in_the_cache_however_old(
    hub: DockerRegistry, name: str, tmp_path: Path, open_registry: Open
) -> None:
    stored = hub.push(name, "1", Image(platforms=PLATFORMS))
    image = f"{hub.host}/{name}"
    kept = {"cache_dir": tmp_path / "cache", "cache_age": timedelta(0)}
    first = open_registry(hub.host, **kept)
    known = (first.tags(image), first.manifest(image, "1"))
    offline = open_registry(hub.host, offline=True, **kept)
    assert (offline.tags(image), offline.manifest(image, "1")) == known
    assert offline.digest(image, "1") == stored.top.digest
    assert len(hub.requests(name)) == 2


def test_offline_says_what_it_could_not_know(open_registry: Open) -> None:
    registry = open_registry(offline=True)
    assert registry.tags("docker.io/library/node") == Unknown(
        Trouble.OFFLINE, "offline: the cache has nothing about the tags of library/node"
    )
    assert registry.exists("docker.io/library/node", "8.9.3") is None


def test_whoever_asks_meanwhile_waits_for_the_same_answer() -> None:
    once: Once[str, float] = Once()
    calls: list[int] = []

    def compute() -> float:
        calls.append(threading.get_ident())
        time.sleep(0.05)
        return time.monotonic()

    with ThreadPoolExecutor(8) as pool:
        answers = {*pool.map(lambda _: once.get("key", compute), range(8))}
    assert len(answers) == len(calls) == 1
