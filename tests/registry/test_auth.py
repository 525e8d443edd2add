"""Who asks: tokens, passwords, credential helpers, and where none of them may go."""

import base64
import json
import os
from pathlib import Path

import pytest

from basebump.core.facts import Manifest, Trouble, Unknown
from basebump.registry.challenge import Challenge, parse_challenges
from basebump.registry.credentials import Credentials, find_credentials
from basebump.registry.trouble import RegistryError
from fixtures.registry.content import Image
from tests.registry.conftest import PASSWORD, PRIVATE, USER, Open
from tests.registry.docker_registry import DockerRegistry
from tests.registry.proxy import Proxy, header, status
from tests.registry.token_server import TokenServer


@pytest.fixture
def docker(tmp_path: Path) -> Path:
    """Give Docker's folder, where DOCKER_CONFIG points to."""
    folder = tmp_path / "docker"
    folder.mkdir()
    return folder


def log_in(folder: Path, host: str, user: str = USER, password: str = PASSWORD) -> None:
    auth = base64.b64encode(f"{user}:{password}".encode()).decode()
    (folder / "config.json").write_text(json.dumps({"auths": {host: {"auth": auth}}}))


def helper(folder: Path, name: str, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = folder / f"docker-credential-{name}"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def test_a_public_image_needs_a_token_and_no_password(
    filled: DockerRegistry, tokens: TokenServer, open_registry: Open
) -> None:
    registry = open_registry(filled.host, tokens.host)
    assert isinstance(registry.manifest(f"{filled.host}/acme/public", "1"), Manifest)


def test_one_token_serves_all_questions_about_an_image(
    filled: DockerRegistry, tokens: TokenServer, open_registry: Open
) -> None:
    before = len(tokens.seen)
    registry = open_registry(filled.host, tokens.host)
    image = f"{filled.host}/acme/public"
    registry.tags(image)
    registry.manifest(image, "1")
    registry.digest(image, "2")
    assert len(tokens.seen) == before + 1


def test_no_question_about_an_image_is_asked_in_vain(
    filled: DockerRegistry, tokens: TokenServer, open_registry: Open
) -> None:
    before = len(filled.requests("acme/public"))
    registry = open_registry(filled.host, tokens.host)
    registry.tags(f"{filled.host}/acme/public")
    registry.manifest(f"{filled.host}/acme/public", "1")
    asked = filled.requests("acme/public")[before:]
    assert [(request.method, request.status) for request in asked] == [("GET", 200)] * 3


def test_a_private_image_is_read_with_docker_s_password(
    filled: DockerRegistry, tokens: TokenServer, docker: Path, open_registry: Open
) -> None:
    log_in(docker, filled.host)
    registry = open_registry(filled.host, tokens.host)
    assert registry.tags(f"{filled.host}/{PRIVATE}") == ("1",)


def test_a_private_image_without_credentials_is_told(
    filled: DockerRegistry, tokens: TokenServer, open_registry: Open
) -> None:
    answer = open_registry(filled.host, tokens.host).tags(f"{filled.host}/{PRIVATE}")
    assert answer == Unknown(
        Trouble.DENIED,
        f"{filled.host} shows {PRIVATE} to nobody without credentials, and Docker's configuration"
        " has none for it (or the image does not exist)",
    )


def test_a_wrong_password_is_told_without_the_password(
    filled: DockerRegistry, tokens: TokenServer, docker: Path, open_registry: Open
) -> None:
    log_in(docker, filled.host, password="a wrong one")  # noqa: S106 - a test's
    answer = open_registry(filled.host, tokens.host).tags(f"{filled.host}/{PRIVATE}")
    assert answer == Unknown(
        Trouble.AUTHENTICATION,
        f"{filled.host} refuses the credentials that Docker's configuration has for it",
    )


def test_a_token_that_has_run_out_is_replaced(
    filled: DockerRegistry, tokens: TokenServer, open_registry: Open
) -> None:
    with Proxy(filled.host) as proxy:
        registry = open_registry(proxy.host, tokens.host)
        image = f"{proxy.host}/acme/public"
        registry.tags(image)
        challenge = f'Bearer realm="http://{tokens.host}/token",service="registry.test"'
        proxy.fault("GET", status(401, "UNAUTHORIZED", www_authenticate=challenge), times=1)
        assert isinstance(registry.manifest(image, "1"), Manifest)


def test_a_refresh_token_stands_for_a_password(
    filled: DockerRegistry, tokens: TokenServer, docker: Path, open_registry: Open
) -> None:
    entry = {"auths": {filled.host: {"identitytoken": "refresh me"}}}
    (docker / "config.json").write_text(json.dumps(entry))
    registry = open_registry(filled.host, tokens.host)
    assert registry.tags(f"{filled.host}/{PRIVATE}") == ("1",)


def test_a_helper_gives_the_password(
    filled: DockerRegistry,
    tokens: TokenServer,
    docker: Path,
    open_registry: Open,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer = json.dumps({"Username": USER, "Secret": PASSWORD})
    helper(docker, "test", f"test \"$1\" = get && echo '{answer}'", monkeypatch)
    config = {"credHelpers": {filled.host: "test"}}
    (docker / "config.json").write_text(json.dumps(config))
    registry = open_registry(filled.host, tokens.host)
    assert registry.tags(f"{filled.host}/{PRIVATE}") == ("1",)


def test_a_store_is_asked_by_the_registry_s_name(
    docker: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = 'read -r key; printf \'{"Username": "<token>", "Secret": "for %s"}\' "$key"'
    helper(docker, "echo", script, monkeypatch)
    (docker / "config.json").write_text('{"credsStore": "echo"}')
    found = find_credentials("https://index.docker.io/v1/")
    assert found == Credentials(identity_token="for https://index.docker.io/v1/")  # noqa: S106


def test_a_store_that_has_nothing_is_no_trouble(
    docker: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    helper(docker, "empty", "echo 'credentials not found in native keychain'; exit 1", monkeypatch)
    (docker / "config.json").write_text('{"credsStore": "empty"}')
    assert find_credentials("registry.example.com") is None


def test_a_helper_that_fails_is_run_once(
    filled: DockerRegistry,
    tokens: TokenServer,
    docker: Path,
    open_registry: Open,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    helper(docker, "broken", f"echo run >> {docker}/runs; echo {PASSWORD}; exit 1", monkeypatch)
    (docker / "config.json").write_text('{"credsStore": "broken"}')
    registry = open_registry(filled.host, tokens.host)
    for image in (PRIVATE, "acme/public", "acme/other"):
        assert registry.tags(f"{filled.host}/{image}") == Unknown(
            Trouble.AUTHENTICATION,
            "the credential helper docker-credential-broken gave no credentials",
        )
    assert (docker / "runs").read_text() == "run\n"


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ("{", "config.json of Docker, which holds the passwords, is not valid JSON"),
        ('{"credsStore": "../../bin/sh"}', "is no valid name of a credential helper"),
        ('{"credsStore": "not-here"}', "docker-credential-not-here is not installed"),
        ('{"auths": {"registry.example.com": {"auth": "%"}}}', "is not valid base64"),
    ],
)
def test_credentials_that_cannot_be_read_are_told(config: str, reason: str, docker: Path) -> None:
    (docker / "config.json").write_text(config)
    with pytest.raises(RegistryError) as caught:
        find_credentials("registry.example.com")
    assert reason in caught.value.unknown.reason


def test_no_configuration_is_no_trouble() -> None:
    assert find_credentials("registry.example.com") is None


def test_docker_hub_s_old_address_is_docker_hub(docker: Path) -> None:
    log_in(docker, "https://index.docker.io/v1/")
    found = find_credentials("https://index.docker.io/v1/")
    assert found is not None
    assert found.basic == "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


def test_secrets_do_not_show_in_a_repr() -> None:
    shown = repr(Credentials("ada", "hidden", "hidden", "hidden"))
    assert "hidden" not in shown


def test_basic_auth_is_answered_with_the_password(
    hub: DockerRegistry, proxy: Proxy, name: str, docker: Path, open_registry: Open
) -> None:
    hub.push(name, "1", Image())
    log_in(docker, proxy.host)
    proxy.fault("GET", status(401, www_authenticate='Basic realm="here"'), times=1)
    registry = open_registry(proxy.host)
    assert registry.tags(f"{proxy.host}/{name}") == ("1",)
    assert [("authorization" in headers) for _, _, headers in proxy.seen] == [False, True]


def test_a_wrong_password_of_basic_auth_is_told(
    proxy: Proxy, name: str, docker: Path, open_registry: Open
) -> None:
    log_in(docker, proxy.host)
    proxy.fault("GET", status(401, www_authenticate='Basic realm="here"'))
    assert open_registry(proxy.host).tags(f"{proxy.host}/{name}") == Unknown(
        Trouble.AUTHENTICATION,
        f"{proxy.host} refuses the credentials that Docker's configuration has for it",
    )
    assert len(proxy.seen) == 2


def test_a_mirror_is_shown_its_own_password_and_not_docker_hub_s(
    hub: DockerRegistry, proxy: Proxy, docker: Path, open_registry: Open
) -> None:
    hub.push("library/node", "1", Image())
    log_in(docker, "https://index.docker.io/v1/")
    proxy.fault("GET", status(401, www_authenticate='Basic realm="here"'))
    registry = open_registry(proxy.host, mirrors={"docker.io": proxy.host})
    answer = registry.tags("docker.io/library/node")
    assert isinstance(answer, Unknown)
    assert answer.trouble is Trouble.DENIED
    assert all("authorization" not in headers for _, _, headers in proxy.seen)


def test_a_password_is_shown_only_to_who_asks_for_it(
    hub: DockerRegistry, proxy: Proxy, name: str, docker: Path, open_registry: Open
) -> None:
    hub.push(name, "1", Image())
    log_in(docker, proxy.host)
    open_registry(proxy.host).tags(f"{proxy.host}/{name}")
    assert "authorization" not in proxy.seen[0][2]


def test_no_password_follows_a_redirect_to_another_host(
    hub: DockerRegistry, proxy: Proxy, name: str, docker: Path, open_registry: Open
) -> None:
    hub.push(name, "1", Image())
    log_in(docker, proxy.host)
    proxy.fault("GET", status(401, www_authenticate='Basic realm="here"'), times=1)
    with Proxy(hub.host) as elsewhere:
        location = f"http://{elsewhere.host}/v2/{name}/manifests/1"
        proxy.fault("HEAD", status(307, location=location))
        registry = open_registry(proxy.host, elsewhere.host)
        registry.tags(f"{proxy.host}/{name}")  # now the password is known to be wanted
        assert registry.exists(f"{proxy.host}/{name}", "1") is True
    assert "authorization" in proxy.seen[-1][2]
    assert [headers.get("authorization") for _, _, headers in elsewhere.seen] == [None]


def test_no_password_goes_to_a_token_server_without_tls(
    hub: DockerRegistry, proxy: Proxy, name: str, docker: Path, open_registry: Open
) -> None:
    hub.push(name, "1", Image())
    log_in(docker, proxy.host)
    challenge = 'Bearer realm="http://thief.example/token",service="x"'
    proxy.fault("GET", status(401, www_authenticate=challenge))
    assert open_registry(proxy.host).tags(f"{proxy.host}/{name}") == Unknown(
        Trouble.AUTHENTICATION,
        f"{proxy.host} wants its credentials sent to thief.example without TLS, which is refused",
    )


def test_a_token_that_is_no_header_value_is_refused(
    filled: DockerRegistry, tokens: TokenServer, open_registry: Open
) -> None:
    with Proxy(tokens.host) as between, Proxy(filled.host) as proxy:
        body = json.dumps({"token": "a\r\nX-Evil: 1"}).encode()
        between.fault("GET", lambda reply: setattr(reply, "body", body))
        between.fault("GET", header("content-length", str(len(body))))
        challenge = f'Bearer realm="http://{between.host}/token",service="registry.test"'
        proxy.fault("GET", status(401, www_authenticate=challenge))
        answer = open_registry(proxy.host, between.host).tags(f"{proxy.host}/acme/public")
    assert isinstance(answer, Unknown)
    assert "gives no token" in answer.reason


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (['Basic realm="a b"'], [Challenge("basic", {"realm": "a b"})]),
        (["Negotiate"], [Challenge("negotiate", {})]),
        (
            ['Bearer realm="https://auth.example/t",service="s",scope="repository:a/b:pull,push"'],
            [
                Challenge(
                    "bearer",
                    {
                        "realm": "https://auth.example/t",
                        "service": "s",
                        "scope": "repository:a/b:pull,push",
                    },
                )
            ],
        ),
        (
            ['Basic realm="a", Bearer realm="b", service=c'],
            [
                Challenge("basic", {"realm": "a"}),
                Challenge("bearer", {"realm": "b", "service": "c"}),
            ],
        ),
        (['Bearer realm="say \\"hi\\""'], [Challenge("bearer", {"realm": 'say "hi"'})]),
        (["", "=,=", '"'], []),
    ],
)
def test_challenges_are_read(headers: list[str], expected: list[Challenge]) -> None:
    assert [*parse_challenges(headers)] == expected
