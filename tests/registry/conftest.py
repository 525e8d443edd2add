"""The registries that the tests talk to, and how a test asks them."""

import itertools
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from basebump.registry import Registry, RegistrySettings
from fixtures.registry.content import Image
from tests.registry.docker_registry import DockerRegistry, find_program
from tests.registry.proxy import Proxy
from tests.registry.token_server import TokenServer

Open = Callable[..., Registry]
PRIVATE = "acme/private"
USER, PASSWORD = "ada", "analytical engine"


@pytest.fixture(scope="session")
def program() -> str:
    found = find_program()
    if found is None:
        pytest.skip("docker-registry is not installed (Debian: apt-get install docker-registry)")
    return found


@contextmanager
def storage() -> Iterator[Path]:
    """Give a folder in memory where there is one: 5,000 tags are 15,000 files."""
    memory = "/dev/shm"  # noqa: S108 - the folder made in it is private
    place = memory if os.access(memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="basebump-", dir=place) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def hub(program: str) -> Iterator[DockerRegistry]:
    """Run a registry that is open to everyone."""
    with storage() as folder, DockerRegistry(program, folder) as registry:
        yield registry


@pytest.fixture(scope="session")
def tokens() -> Iterator[TokenServer]:
    with TokenServer({USER: PASSWORD}, {PRIVATE}, {"refresh me"}) as server:
        yield server


@pytest.fixture(scope="session")
def vault(program: str, tokens: TokenServer) -> Iterator[DockerRegistry]:
    """Run a registry that wants a bearer token for everything."""
    with (
        storage() as folder,
        DockerRegistry(program, folder, tokens.configuration(folder)) as registry,
    ):
        yield registry


@pytest.fixture(scope="session")
def filled(vault: DockerRegistry, tokens: TokenServer) -> DockerRegistry:
    """Put a public and a private image into the registry that wants tokens."""
    for name in (PRIVATE, "acme/public"):
        token = tokens.token(f"repository:{name}:pull,push", actions=("pull", "push"))
        vault.headers = {"Authorization": f"Bearer {token}"}
        vault.push(name, "1", Image())
    return vault


@pytest.fixture
def proxy(hub: DockerRegistry) -> Iterator[Proxy]:
    """Put something that can go wrong before the open registry."""
    with Proxy(hub.host) as running:
        yield running


_numbers = itertools.count()


@pytest.fixture
def name() -> str:
    """Name a repository that no other test uses."""
    return f"team/image-{next(_numbers)}"


@pytest.fixture(autouse=True)
def _no_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Know neither the proxies nor the passwords of whoever runs the tests."""
    for variable in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(variable, raising=False)
        monkeypatch.delenv(variable.lower(), raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))


@pytest.fixture
def open_registry() -> Iterator[Open]:
    """Open a registry reader for some hosts without TLS; it does not wait long for anything."""
    opened: list[Registry] = []

    def open_one(*hosts: str, **changes: object) -> Registry:
        quick = RegistrySettings(
            plain_http=frozenset(hosts), back_off=0.01, attempts=3, timeout=5.0, deadline=10.0
        )
        registry = Registry(replace(quick, **changes))  # type: ignore[arg-type]
        opened.append(registry)
        return registry

    yield open_one
    for registry in opened:
        registry.close()
