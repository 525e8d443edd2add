"""What a user may say about registries, and where an image's name leads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from basebump.core.reference import DEFAULT_REGISTRY, split_registry

# Docker Hub's API does not live where its name says (moby, `registry/config.go`).
_HUB_HOST = "registry-1.docker.io"
_HUB_CREDENTIALS_KEY = "https://index.docker.io/v1/"


@dataclass(frozen=True, slots=True)
class RegistrySettings:
    """How registries are reached.

    `plain_http` names the `host[:port]`s that speak HTTP without TLS; no other one is ever asked
    without it. `mirrors` maps a registry to the `host[:port][/prefix]` that stands in for it.
    `docker_config` is Docker's own folder (None: DOCKER_CONFIG, or `~/.docker`). Without
    `cache_dir` nothing is kept between runs; a kept answer younger than `cache_age` is not asked
    for again, an older one is only revalidated. Times are in seconds: `timeout` is for each step of
    an exchange, `deadline` for the body of an answer as a whole.
    """

    plain_http: frozenset[str] = frozenset()
    mirrors: Mapping[str, str] = field(default_factory=dict)
    docker_config: Path | None = None
    cache_dir: Path | None = None
    cache_age: timedelta = timedelta(minutes=10)
    offline: bool = False
    parallel: int = 8
    attempts: int = 4
    back_off: float = 0.5
    longest_wait: float = 60.0
    timeout: float = 20.0
    deadline: float = 120.0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where one image is read: a server, the repository's name there, and whose password fits."""

    scheme: str
    host: str
    repository: str
    credentials_key: str

    @property
    def origin(self) -> str:
        """Scheme, host and port: what a password must not leave."""
        return f"{self.scheme}://{self.host}"

    def url(self, rest: str) -> str:
        """Return the address of `rest` (`tags/list`, `manifests/8.9`) under this repository."""
        return f"{self.origin}/v2/{self.repository}/{rest}"


def endpoint(image: str, settings: RegistrySettings) -> Endpoint:
    """Return where the image of this canonical name is read."""
    registry, repository = split_registry(image)
    registry = registry or DEFAULT_REGISTRY
    mirror = settings.mirrors.get(registry)
    if mirror is not None:
        host, _, prefix = mirror.partition("/")
        repository = f"{prefix.strip('/')}/{repository}" if prefix else repository
    else:
        host = registry
    key = host
    if host == DEFAULT_REGISTRY:
        host, key = _HUB_HOST, _HUB_CREDENTIALS_KEY
    scheme = "http" if host in settings.plain_http else "https"
    return Endpoint(scheme, host, repository, key)
