"""Who we are, what is said when that is not enough, and that no secret is ever shown."""

import logging
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from basebump.errors import AuthenticationError, ForgeError, UsageError
from basebump.forge.github.auth import identify
from basebump.forge.github.budget import WallClock
from basebump.forge.github.endpoint import Endpoint
from basebump.forge.github.forge import Source
from basebump.forge.github.redact import RedactingFilter, redact, remember
from tests.github.bot import Bot
from tests.github.conftest import OLD, Basebump
from tests.github_server import GitHubServer

FILES = {"Dockerfile": OLD}
PUBLIC = ("https://api.github.com", "https://api.github.com/graphql")
SERVER = ("https://ghe.example.com/api/v3", "https://ghe.example.com/api/graphql")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://api.github.com", PUBLIC),
        ("https://github.com/", PUBLIC),
        ("github.com", PUBLIC),
        ("https://ghe.example.com", SERVER),
        ("https://ghe.example.com/", SERVER),
        ("https://ghe.example.com/api/v3", SERVER),
        ("https://ghe.example.com/api/v3/", SERVER),
        ("https://ghe.example.com/api", SERVER),
        ("https://ghe.example.com/api/graphql", SERVER),
        ("https://acme.ghe.com", ("https://api.acme.ghe.com", "https://api.acme.ghe.com/graphql")),
        (
            "https://api.acme.ghe.com",
            ("https://api.acme.ghe.com", "https://api.acme.ghe.com/graphql"),
        ),
    ],
)
def test_derives_both_addresses(url: str, expected: tuple[str, str]) -> None:
    endpoint = Endpoint.parse(url)
    assert (endpoint.rest, endpoint.graphql) == expected


@pytest.mark.parametrize(
    "url", ["", "ftp://x", "https://", "https://[::1", "https://ghe.example.com:port"]
)
def test_refuses_what_is_no_address(url: str) -> None:
    with pytest.raises(UsageError, match="is no address of a GitHub"):
        Endpoint.parse(url)


@pytest.mark.parametrize("before", ["hunter2", "me:hunter2", ":hunter2"])
@pytest.mark.parametrize("scheme", ["https", "ftp"])
def test_refuses_a_password_in_the_address_and_does_not_repeat_it(scheme: str, before: str) -> None:
    with pytest.raises(UsageError) as refused:
        Endpoint.parse(f"{scheme}://{before}@ghe.example.com")
    assert "hunter2" not in str(refused.value)


def test_a_file_of_certificates_that_is_not_there_is_exit_code_2(
    basebump: Basebump, monkeypatch: pytest.MonkeyPatch
) -> None:
    for other in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", "/not/there.pem")
    ran = basebump("scan")
    assert ran.exit_code == 2
    assert "SSL_CERT_FILE: there is no /not/there.pem" in ran.stderr


@pytest.mark.parametrize(
    ("env", "source"),
    [
        ({"GH_TOKEN": "a", "GITHUB_TOKEN": "b"}, "GH_TOKEN"),
        ({"GITHUB_TOKEN": "b"}, "GITHUB_TOKEN"),
        ({"GH_TOKEN": " ", "GITHUB_TOKEN": "b"}, "GITHUB_TOKEN"),
    ],
)
def test_takes_the_first_token(env: dict[str, str], source: str) -> None:
    assert identify(env, Endpoint.parse("github.com"), WallClock()).source == source


def test_asks_gh_when_there_is_no_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "gh"
    script.write_text('#!/bin/sh\n[ "$*" = "auth token --hostname github.com" ] && echo gho_told\n')
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    identity = identify({}, Endpoint.parse("github.com"), WallClock())
    assert (identity.source, identity.auth.token) == ("`gh auth token`", "gho_told")


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({}, "no token for GitHub: set GH_TOKEN"),
        ({"BASEBUMP_APP_ID": "1"}, "lacks BASEBUMP_APP_INSTALLATION_ID"),
        (
            {"BASEBUMP_APP_ID": "1", "BASEBUMP_APP_INSTALLATION_ID": "x",
             "BASEBUMP_APP_PRIVATE_KEY": "k"},
            "is no number",
        ),
    ],
)  # fmt: skip
def test_says_what_is_missing(
    env: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(AuthenticationError, match=said):
        identify(env, Endpoint.parse("github.com"), WallClock())


def test_no_token_is_exit_code_4(basebump: Basebump, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GH_TOKEN")
    monkeypatch.setenv("PATH", "/nowhere")
    assert basebump("scan").exit_code == 4


def test_a_wrong_token_is_exit_code_4(basebump: Basebump, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GH_TOKEN", "ghp_0123456789abcdef0123456789abcdef")
    ran = basebump("scan")
    assert ran.exit_code == 4
    assert "refused the token of GH_TOKEN (Bad credentials)" in ran.stderr
    assert "ghp_" not in ran.stdout + ran.stderr


class Elsewhere(BaseHTTPRequestHandler):
    """Sends everybody to another host, and keeps what it was asked there."""

    asked: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        """Redirect, for good."""
        port = self.headers["Host"].rpartition(":")[2]
        self.asked.append(self.headers["Host"])
        self.send_response(301)
        self.send_header("Location", f"http://localhost:{port}{self.path}")
        self.send_header("Content-Length", "0")
        self.end_headers()


def test_a_token_does_not_follow_a_redirect_to_another_host(
    basebump: Basebump, tmp_path: Path
) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        host = f"127.0.0.1:{server.server_address[1]}"
        text = f"forge: {{kind: github, org: acme, url: 'http://{host}'}}\n"
        (tmp_path / "config.yaml").write_text(text)
        ran = basebump("scan")
        server.shutdown()
    assert ran.exit_code == 3
    assert "put the address where GitHub really is into forge.url" in ran.stdout + ran.stderr
    assert set(Elsewhere.asked) == {host}


def test_single_sign_on_names_the_page(
    github: GitHubServer, basebump: Basebump, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = github.add_token(sso_pending=frozenset({"acme"}))
    monkeypatch.setenv("GH_TOKEN", token.value)
    ran = basebump("scan")
    assert ran.exit_code == 4
    assert "single sign-on has not authorised this token" in ran.stderr


@pytest.mark.parametrize("visibility", ["PRIVATE", "PUBLIC"])
def test_names_the_scope_that_a_token_lacks(
    github: GitHubServer, basebump: Basebump, monkeypatch: pytest.MonkeyPatch, visibility: str
) -> None:
    github.add_repo("acme/web", FILES, visibility=visibility)
    token = github.add_token(scopes=frozenset({"read:org"}))
    monkeypatch.setenv("GH_TOKEN", token.value)
    ran = basebump("apply", "--yes")
    assert ran.exit_code in (3, 4)
    assert "the token of GH_TOKEN lacks the scope `repo` (it has read:org)" in (
        ran.stderr + ran.stdout
    )
    assert github.requests.writes == []


def test_a_token_that_may_only_read_says_so(github: GitHubServer) -> None:
    github.add_repo("acme/web", FILES, default_permission="READ")
    (outcome,) = Bot(github).outcomes().values()
    assert "the token may read but not push" in outcome
    assert github.requests.writes == []


def test_the_workflows_own_token_is_warned_of_once(
    github: GitHubServer, basebump: Basebump, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("api", "web"):
        github.add_repo(f"acme/{name}", FILES)
    token = github.add_token(
        "github-actions[bot]", kind="actions",
        permissions={"contents": "write", "pull_requests": "write", "issues": "write"},
    )  # fmt: skip
    monkeypatch.setenv("GH_TOKEN", token.value)
    ran = basebump("apply", "--yes")
    assert ran.exit_code == 0
    assert ran.stderr.count("start no checks") == 1


def key_pair() -> tuple[str, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )  # fmt: skip
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private.decode(), public.decode()


def test_an_app_renews_its_token_during_a_long_run(github: GitHubServer) -> None:
    private, public = key_pair()
    github.add_app("77", 5, "acme", public)
    github.add_repo("acme/web", FILES)
    bot = Bot(github, source=Source())
    bot.env = {
        "BASEBUMP_APP_ID": "77",
        "BASEBUMP_APP_INSTALLATION_ID": "5",
        "BASEBUMP_APP_PRIVATE_KEY": private,
    }
    forge = bot.forge()
    assert [repo.name for repo in forge.repos()] == ["acme/web"]
    github.clock.sleep(3500)
    assert [repo.name for repo in forge.repos()] == ["acme/web"]
    assert github.requests.count(path="/access_tokens") == 2
    assert bot.outcomes() == {"acme/web": "opened"}


def test_a_github_that_fails_says_nothing_against_the_app(github: GitHubServer) -> None:
    private, public = key_pair()
    github.add_app("77", 5, "acme", public)
    bot = Bot(github, source=Source())
    bot.env = {
        "BASEBUMP_APP_ID": "77",
        "BASEBUMP_APP_INSTALLATION_ID": "5",
        "BASEBUMP_APP_PRIVATE_KEY": private,
    }
    github.faults.add("502", path="/access_tokens", times=None)
    with pytest.raises(ForgeError, match=r"no token now \(502\); try again later"):
        bot.forge().repos()
    github.faults.clear()
    github.faults.add("502", path="/access_tokens")
    github.add_repo("acme/web", FILES)
    assert [repo.name for repo in bot.forge().repos()] == ["acme/web"]


def test_a_key_that_is_none_is_exit_code_4(
    basebump: Basebump, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BASEBUMP_APP_ID", "77")
    monkeypatch.setenv("BASEBUMP_APP_INSTALLATION_ID", "5")
    monkeypatch.setenv("BASEBUMP_APP_PRIVATE_KEY", "not a key at all")
    ran = basebump("scan")
    assert ran.exit_code == 4
    assert "the App's private key cannot be used" in ran.stderr
    assert "not a key at all" not in ran.stderr


SECRETS = (
    "ghp_0123456789abcdefghijABCDEFGHIJ012345",
    "ghs_0123456789abcdefghijABCDEFGHIJ012345",
    "github_pat_11ABCDEFG0123456789_abcdefghijklmnop",
    "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiI3NyIsImlhdCI6MX0.c2lnbmF0dXJl",
)


@pytest.mark.parametrize("secret", SECRETS)
def test_no_secret_survives_redaction(secret: str) -> None:
    assert secret not in redact(f"before {secret} after")
    assert redact(f"https://x-access-token:{secret}@github.com/a").endswith("@github.com/a")


def test_a_secret_of_any_form_is_hidden_once_it_was_used() -> None:
    remember("hunter2-hunter2")
    assert redact("token hunter2-hunter2!") == "token [hidden]!"


def test_the_filter_hides_arguments_and_tracebacks() -> None:
    secret = SECRETS[0]
    try:
        int(secret)
    except ValueError as error:
        record = logging.LogRecord(
            "basebump", logging.ERROR, "x.py", 1, "told %s", (secret,),
            (ValueError, error, error.__traceback__),
        )  # fmt: skip
    assert RedactingFilter().filter(record)
    assert secret not in logging.Formatter().format(record)


def test_a_saved_plan_holds_no_token(
    github: GitHubServer, basebump: Basebump, tmp_path: Path
) -> None:
    github.add_repo("acme/web", FILES)
    assert basebump("plan", "-o", "plan.json").exit_code == 0
    assert github.token not in (tmp_path / "plan.json").read_text()
    assert basebump("apply", "plan.json", "--yes").stdout.endswith("1 opened\n")
