"""What a real registry says, as values."""

from datetime import UTC, datetime

from basebump.core.facts import ImageDescription, Manifest, Missing, Unknown
from basebump.registry import RegistrySettings
from basebump.registry.settings import endpoint
from fixtures.registry.content import Image
from tests.registry.conftest import Open
from tests.registry.docker_registry import DockerRegistry
from tests.registry.proxy import Proxy

PLATFORMS = ("linux/amd64", "linux/arm64/v8", "linux/arm/v7")


def test_a_tag_that_is_there_exists(hub: DockerRegistry, name: str, open_registry: Open) -> None:
    hub.push(name, "8.9.3", Image())
    assert open_registry(hub.host).exists(f"{hub.host}/{name}", "8.9.3") is True


def test_a_flavour_that_is_not_there_is_missing(
    hub: DockerRegistry, name: str, open_registry: Open
) -> None:
    hub.push(name, "8.9.3", Image())
    registry = open_registry(hub.host)
    assert registry.exists(f"{hub.host}/{name}", "8.9.3-alpine") is False
    assert registry.manifest(f"{hub.host}/{name}", "8.9.3-alpine") == Missing(
        f"{hub.host} has no {name}:8.9.3-alpine"
    )


def test_an_image_that_is_not_there_is_missing(hub: DockerRegistry, open_registry: Open) -> None:
    answer = open_registry(hub.host).tags(f"{hub.host}/nobody/pushed-this")
    assert answer == Missing(f"{hub.host} has no image nobody/pushed-this")


def test_an_index_gives_its_own_digest_and_its_platforms(
    hub: DockerRegistry, name: str, open_registry: Open
) -> None:
    stored = hub.push(name, "8.9.3", Image(platforms=PLATFORMS))
    assert open_registry(hub.host).manifest(f"{hub.host}/{name}", "8.9.3") == Manifest(
        stored.top.digest, frozenset({"linux/amd64", "linux/arm64", "linux/arm/v7"})
    )


def test_a_head_gives_the_index_s_digest_too(
    hub: DockerRegistry, name: str, open_registry: Open
) -> None:
    stored = hub.push(name, "8.9.3", Image(platforms=PLATFORMS))
    assert open_registry(hub.host).digest(f"{hub.host}/{name}", "8.9.3") == stored.top.digest
    assert [r.method for r in hub.requests(name)] == ["HEAD"]


def test_a_single_manifest_has_the_platform_of_its_config(
    hub: DockerRegistry, name: str, open_registry: Open
) -> None:
    stored = hub.push(name, "8.9.3", Image(platforms=("linux/arm64",)))
    assert open_registry(hub.host).manifest(f"{hub.host}/{name}", "8.9.3") == Manifest(
        stored.top.digest, frozenset({"linux/arm64"})
    )


def test_a_digest_is_read_like_a_tag(hub: DockerRegistry, name: str, open_registry: Open) -> None:
    stored = hub.push(name, "8.9.3", Image(platforms=PLATFORMS))
    answer = open_registry(hub.host).manifest(f"{hub.host}/{name}", stored.top.digest)
    assert isinstance(answer, Manifest)
    assert answer.digest == stored.top.digest


def test_an_image_is_described_for_a_platform(
    hub: DockerRegistry, name: str, open_registry: Open
) -> None:
    config = {
        "User": "node",
        "WorkingDir": "/app",
        "Entrypoint": ["docker-entrypoint.sh"],
        "Cmd": ["node"],
        "ExposedPorts": {"8080/tcp": {}},
        "Env": ["NODE_VERSION=8.9.3", "EMPTY="],
        "Labels": {"org.opencontainers.image.revision": "abc"},
    }
    note = {"org.opencontainers.image.source": "https://github.com/acme/node"}
    image = Image("node", PLATFORMS, "2024-01-10T12:00:00.123456789Z", config, note)
    stored = hub.push(name, "8.9.3", image)
    answer = open_registry(hub.host).description(f"{hub.host}/{name}", "8.9.3", "linux/arm64")
    assert answer == ImageDescription(
        digest=stored.top.digest,
        platform="linux/arm64",
        platforms=frozenset({"linux/amd64", "linux/arm64", "linux/arm/v7"}),
        size=len("node for linux/arm64/v8"),
        created=datetime(2024, 1, 10, 12, 0, 0, 123456, UTC),
        user="node",
        working_directory="/app",
        entrypoint=("docker-entrypoint.sh",),
        command=("node",),
        exposed_ports=frozenset({"8080/tcp"}),
        environment={"NODE_VERSION": "8.9.3", "EMPTY": ""},
        labels={**note, "org.opencontainers.image.revision": "abc"},
    )


def test_a_date_of_a_reproducible_build_is_no_date(
    hub: DockerRegistry, name: str, open_registry: Open
) -> None:
    hub.push(name, "1", Image(created="1970-01-01T00:00:00Z"))
    answer = open_registry(hub.host).description(f"{hub.host}/{name}", "1")
    assert isinstance(answer, ImageDescription)
    assert answer.created is None


def test_five_thousand_tags_come_in_pages(
    hub: DockerRegistry, proxy: Proxy, name: str, open_registry: Open
) -> None:
    stored = hub.push(name, "0.0.0", Image())
    expected = [f"{n // 100}.{n % 100}.{n % 7}" for n in range(1, 5001)]
    hub.tag(name, stored.top.digest, expected)
    proxy.page = 700
    answer = open_registry(proxy.host).tags(f"{proxy.host}/{name}")
    assert not isinstance(answer, Missing | Unknown)
    assert set(answer) == {"0.0.0", *expected}
    assert len(answer) == 5001
    assert len(proxy.seen) == 8


def test_a_link_to_elsewhere_is_followed_here(
    hub: DockerRegistry, proxy: Proxy, name: str, open_registry: Open
) -> None:
    stored = hub.push(name, "1", Image())
    hub.tag(name, stored.top.digest, ["2", "3"])
    proxy.page = 2
    link = f'<http://inside.example/v2/{name}/tags/list?last=2&n=2>; rel="next"'
    proxy.fault(r"tags/list\?n=1000$", lambda reply: reply.headers.update(link=link))
    assert open_registry(proxy.host).tags(f"{proxy.host}/{name}") == ("1", "2", "3")


def test_a_mirror_stands_in_for_docker_hub(hub: DockerRegistry, open_registry: Open) -> None:
    hub.push("mirror/library/node", "8.9.3", Image())
    registry = open_registry(hub.host, mirrors={"docker.io": f"{hub.host}/mirror"})
    assert registry.exists("docker.io/library/node", "8.9.3") is True


def test_docker_hub_lives_at_another_address() -> None:
    where = endpoint("docker.io/library/node", RegistrySettings())
    assert where.url("tags/list") == "https://registry-1.docker.io/v2/library/node/tags/list"
    assert where.credentials_key == "https://index.docker.io/v1/"


def test_no_host_is_asked_without_tls_unless_it_is_named() -> None:
    settings = RegistrySettings(plain_http=frozenset({"registry.example:5000"}))
    assert endpoint("registry.example:5000/a", settings).scheme == "http"
    assert endpoint("registry.example/a", settings).scheme == "https"
    assert endpoint("localhost:5000/a", settings).scheme == "https"
