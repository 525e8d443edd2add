"""The registry that the demo serves from fixtures/ says the same as a real one with its images."""

import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from basebump.core.facts import ImageDescription, Missing, Unknown
from basebump.core.target import Standing, check_target
from basebump.registry import Registry
from fixtures.registry.content import Image
from fixtures.registry.serve import IMAGES, serve
from tests.registry.conftest import Open
from tests.registry.docker_registry import DockerRegistry

NODE = "docker.io/maichong/node"


@pytest.fixture
def demo(open_registry: Open) -> Iterator[Registry]:
    """Read the demo's registry as the mirror of Docker Hub."""
    with serve() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        host = f"127.0.0.1:{server.server_address[1]}"
        yield open_registry(host, mirrors={"docker.io": host})
        server.shutdown()
        thread.join()


@pytest.fixture
def real(hub: DockerRegistry, open_registry: Open) -> Registry:
    """Read the same images from a real registry."""
    for image in tomllib.loads(IMAGES.read_text())["image"]:
        parts = {k: v for k, v in image.items() if k not in {"name", "tags", "platforms"}}
        for tag in image["tags"]:
            stored = Image(platforms=tuple(image["platforms"]), **parts)
            hub.push(f"demo/{image['name']}", tag, stored)
    return open_registry(hub.host, mirrors={"docker.io": f"{hub.host}/demo"})


def test_the_demo_s_registry_answers_like_a_real_one(demo: Registry, real: Registry) -> None:
    tags = real.tags(NODE)
    assert not isinstance(tags, Missing | Unknown)
    assert set(tags) == {*(demo.tags(NODE))}  # type: ignore[misc]
    for tag in [*tags, "8.9.3-slim"]:
        assert isinstance(demo.exists(NODE, tag), bool)
        assert demo.digest(NODE, tag) == real.digest(NODE, tag)
    assert demo.manifest(NODE, "8.9.3") == real.manifest(NODE, "8.9.3")
    assert isinstance(demo.description(NODE, "8.9.3"), ImageDescription)
    assert demo.description(NODE, "8.9.3") == real.description(NODE, "8.9.3")


def test_the_demo_has_a_target_that_does_not_exist(demo: Registry) -> None:
    target = check_target(demo, NODE, "8.9.1-slim", "8.9.3-slim")
    assert target.standing is Standing.NO_SUCH_TARGET
    assert target.reason.endswith("the nearest is 8.9.2-slim")


def test_the_script_says_where_it_listens(tmp_path: Path, open_registry: Open) -> None:
    script = Path(__file__).parents[2] / "fixtures" / "registry" / "serve.py"
    process = subprocess.Popen(
        [sys.executable, str(script), "--port-file", str(tmp_path / "port")],
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        host = process.stdout.readline().strip()
        registry = open_registry(host, mirrors={"docker.io": host})
        assert registry.exists(NODE, "8.9.3") is True
        assert (tmp_path / "port").read_text().strip() == host
        process.terminate()
        assert process.wait(5) == 0
