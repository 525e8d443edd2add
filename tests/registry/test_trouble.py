"""What can go wrong on the way, and the one sentence that it ends in."""

import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from basebump.core.facts import Manifest, Missing, Trouble, Unknown
from basebump.registry.transport import _retry_after
from fixtures.registry.content import Image
from tests.registry.conftest import Open
from tests.registry.docker_registry import DockerRegistry, free_port
from tests.registry.proxy import Proxy, body, cut, drip, header, status


@pytest.fixture
def image(hub: DockerRegistry, proxy: Proxy, name: str) -> str:
    """Give an image behind the proxy, with one tag: 1."""
    hub.push(name, "1", Image())
    return f"{proxy.host}/{name}"


@pytest.mark.parametrize("code", [429, 500, 502, 503, 504])
def test_what_passes_by_itself_is_tried_again(
    code: int, image: str, proxy: Proxy, open_registry: Open
) -> None:
    proxy.fault("GET", status(code), times=2)
    assert open_registry(proxy.host).tags(image) == ("1",)
    assert len(proxy.seen) == 3


def test_a_retry_after_is_obeyed(image: str, proxy: Proxy, open_registry: Open) -> None:
    proxy.fault("GET", status(429, "TOOMANYREQUESTS", retry_after="1"), times=1)
    began = time.monotonic()
    assert open_registry(proxy.host).tags(image) == ("1",)
    assert time.monotonic() - began >= 1


def test_a_retry_after_beyond_patience_is_told(
    image: str, proxy: Proxy, open_registry: Open
) -> None:
    proxy.fault("GET", status(429, retry_after="3600"))
    assert open_registry(proxy.host).tags(image) == Unknown(
        Trouble.RATE_LIMITED, f"{proxy.host} asks to be left alone for 3600 seconds"
    )
    assert len(proxy.seen) == 1


def test_a_retry_after_may_be_a_date() -> None:
    later = datetime.now(UTC) + timedelta(seconds=30)
    assert 28 < (_retry_after(later.strftime("%a, %d %b %Y %H:%M:%S GMT")) or 0) <= 30
    assert _retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert _retry_after("soon") is None


@pytest.mark.parametrize(
    ("code", "trouble", "sentence"),
    [
        (429, Trouble.RATE_LIMITED, "{host} limits the requests (429)"),
        (503, Trouble.SERVER, "{host} is in trouble of its own (503)"),
        (403, Trouble.DENIED, "{host} does not let us read {name}"),
        (418, Trouble.INVALID_ANSWER, "{host} answered 418 for {name}"),
    ],
)
def test_what_stays_is_told(  # noqa: PLR0917 - fixtures
    code: int,
    trouble: Trouble,
    sentence: str,
    image: str,
    proxy: Proxy,
    name: str,
    open_registry: Open,
) -> None:
    proxy.fault("GET", status(code))
    expected = Unknown(trouble, sentence.format(host=proxy.host, name=name))
    assert open_registry(proxy.host).tags(image) == expected


def test_a_name_that_the_registry_refuses_is_told(
    image: str, proxy: Proxy, name: str, open_registry: Open
) -> None:
    proxy.fault("GET", status(400, "NAME_INVALID"))
    assert open_registry(proxy.host).manifest(image, "1") == Unknown(
        Trouble.NAME_REFUSED, f"{proxy.host} refuses the name {name}"
    )


def test_a_name_that_the_grammar_refuses_is_not_asked_for(
    proxy: Proxy, open_registry: Open
) -> None:
    answer = open_registry(proxy.host).manifest(f"{proxy.host}/../../etc", "1")
    assert isinstance(answer, Unknown)
    assert answer.trouble is Trouble.NAME_REFUSED
    assert proxy.seen == []


def test_a_cut_connection_is_tried_again(image: str, proxy: Proxy, open_registry: Open) -> None:
    proxy.fault("GET", cut(5), times=1)
    assert open_registry(proxy.host).tags(image) == ("1",)


def test_a_connection_that_is_always_cut_is_told(
    image: str, proxy: Proxy, open_registry: Open
) -> None:
    proxy.fault("GET", cut(5))
    assert open_registry(proxy.host).tags(image) == Unknown(
        Trouble.UNREACHABLE, f"the connection to {proxy.host} broke off"
    )


def test_a_slow_answer_has_a_deadline(image: str, proxy: Proxy, open_registry: Open) -> None:
    proxy.fault("GET", drip(0.05))
    registry = open_registry(proxy.host, deadline=0.2, attempts=2)
    began = time.monotonic()
    assert registry.tags(image) == Unknown(
        Trouble.UNREACHABLE, f"{proxy.host} did not answer in time"
    )
    assert time.monotonic() - began < 3


def test_a_host_that_never_answers_is_given_up(
    image: str, proxy: Proxy, open_registry: Open
) -> None:
    proxy.fault("GET", cut(0))
    registry = open_registry(proxy.host, attempts=1)
    for tag in range(50):
        assert isinstance(registry.manifest(image, str(tag)), Unknown)
    assert len(proxy.seen) == 3


def test_a_host_that_breaks_its_own_retry_after_is_given_up(
    image: str, proxy: Proxy, open_registry: Open
) -> None:
    proxy.fault("GET", status(429, Retry_After="0"))
    registry = open_registry(proxy.host, attempts=2)
    for tag in range(50):
        assert registry.manifest(image, str(tag)) == Unknown(
            Trouble.RATE_LIMITED, f"{proxy.host} limits the requests (429)"
        )
    assert len(proxy.seen) == 6


@pytest.mark.parametrize("length", ["20", "20000"], ids=["too short", "too long"])
def test_a_lying_content_length_is_not_believed(
    length: str, image: str, proxy: Proxy, open_registry: Open
) -> None:
    proxy.fault("GET", header("content-length", length))
    proxy.fault("GET", cut(10_000))
    answer = open_registry(proxy.host).manifest(image, "1")
    assert isinstance(answer, Unknown)
    assert answer.trouble in {Trouble.INVALID_ANSWER, Trouble.UNREACHABLE}


def test_a_lying_content_length_once_does_no_harm(
    image: str, proxy: Proxy, open_registry: Open
) -> None:
    proxy.fault("GET", header("content-length", "20000"), times=1)
    proxy.fault("GET", cut(10_000), times=1)
    assert isinstance(open_registry(proxy.host).manifest(image, "1"), Manifest)


def test_a_manifest_that_its_digest_does_not_fit_is_refused(
    image: str, proxy: Proxy, name: str, open_registry: Open
) -> None:
    proxy.fault("GET .*/manifests/", body(b'{"schemaVersion": 2, "manifests": []}'))
    assert open_registry(proxy.host).manifest(image, "1") == Unknown(
        Trouble.INVALID_ANSWER,
        f"{proxy.host} sent something else for {name} 1 than its digest says",
    )


def test_a_manifest_asked_for_by_digest_has_to_be_that_one(
    hub: DockerRegistry, image: str, proxy: Proxy, name: str, open_registry: Open
) -> None:
    other = hub.push(name, "2", Image("another")).top
    wanted = hub.push(name, "1", Image()).top.digest
    proxy.fault("GET .*/manifests/", body(other.body))
    proxy.fault("GET .*/manifests/", header("docker-content-digest", other.digest))
    answer = open_registry(proxy.host).manifest(image, wanted)
    assert isinstance(answer, Unknown)
    assert "than its digest says" in answer.reason


def test_a_config_that_its_digest_does_not_fit_is_refused(
    image: str, proxy: Proxy, open_registry: Open
) -> None:
    proxy.fault("GET .*/blobs/", body(b'{"os": "linux", "architecture": "amd64"}'))
    answer = open_registry(proxy.host).description(image, "1")
    assert isinstance(answer, Unknown)
    assert "than its digest says" in answer.reason


@pytest.mark.parametrize(
    "content",
    [b"<html>log in</html>", b"[]", b'"1"', b'{"tags": 5}', b"[" * 100_000, b"\xff\xfe"],
    ids=["a page", "a list", "a text", "a number of tags", "a deep hole", "no text"],
)
def test_what_is_no_registry_s_answer_is_told(
    content: bytes, image: str, proxy: Proxy, open_registry: Open
) -> None:
    proxy.fault("GET", body(content))
    answer = open_registry(proxy.host).tags(image)
    assert isinstance(answer, Unknown)
    assert answer.trouble is Trouble.INVALID_ANSWER


def test_tags_that_no_dockerfile_could_hold_are_left_out(
    image: str, proxy: Proxy, open_registry: Open
) -> None:
    proxy.fault("GET", body(b'{"tags": ["1", "2 AS x", "3\\nRUN evil", "", null, "-4", "5"]}'))
    assert open_registry(proxy.host).tags(image) == ("1", "5")


def test_an_answer_without_end_is_cut_off(image: str, proxy: Proxy, open_registry: Open) -> None:
    proxy.fault("GET", body(b" " * (5 << 20)))
    assert open_registry(proxy.host).manifest(image, "1") == Unknown(
        Trouble.INVALID_ANSWER, f"the answer of {proxy.host} is larger than 4 MiB"
    )


def test_pages_without_end_come_to_an_end(image: str, proxy: Proxy, open_registry: Open) -> None:
    proxy.fault("GET", header("link", '</v2/x/tags/list?n=1&last=1>; rel="next"'))
    assert open_registry(proxy.host).tags(image) == ("1",)
    assert len(proxy.seen) == 2


def test_a_redirect_to_plain_http_is_not_followed(
    image: str, proxy: Proxy, open_registry: Open
) -> None:
    proxy.fault("GET", status(307, location="http://elsewhere.example/manifest"))
    assert open_registry(proxy.host).manifest(image, "1") == Unknown(
        Trouble.INVALID_ANSWER,
        f"{proxy.host} redirects to elsewhere.example without TLS, which is not followed",
    )


def test_redirects_in_a_circle_come_to_an_end(
    image: str, proxy: Proxy, open_registry: Open
) -> None:
    proxy.fault("GET", status(307, location="/v2/again"))
    answer = open_registry(proxy.host).manifest(image, "1")
    assert answer == Unknown(Trouble.INVALID_ANSWER, f"{proxy.host} redirects without end")


def test_an_unknown_host_is_told_and_not_asked_twice(open_registry: Open) -> None:
    registry = open_registry()
    host = "registry.nowhere.invalid"
    assert registry.tags(f"{host}/a") == Unknown(Trouble.UNKNOWN_HOST, f"no host is named {host}")
    assert registry.tags(f"{host}/b") == Unknown(Trouble.UNKNOWN_HOST, f"no host is named {host}")


def test_a_host_that_refuses_is_told(open_registry: Open) -> None:
    host = f"127.0.0.1:{free_port()}"
    assert open_registry(host).exists(f"{host}/a", "1") is None
    assert open_registry(host).tags(f"{host}/a") == Unknown(
        Trouble.UNREACHABLE, f"{host} refused the connection"
    )


def test_plain_http_where_tls_is_due_is_told(hub: DockerRegistry, open_registry: Open) -> None:
    answer = open_registry().tags(f"{hub.host}/a")
    assert answer == Unknown(
        Trouble.CERTIFICATE,
        f"{hub.host} does not speak TLS (plain HTTP is for hosts named so)",
    )


class _Empty(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Answer with an empty list of tags."""
        body = b'{"tags": ["1"]}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Say nothing."""


@pytest.fixture
def self_signed(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Run a server with a certificate that nobody knows; give its host and the certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "server.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Empty)
    server.daemon_threads = True
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # refused handshakes
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"127.0.0.1:{server.server_address[1]}", path
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_certificate_that_nobody_knows_is_told(
    self_signed: tuple[str, Path], open_registry: Open
) -> None:
    host, _ = self_signed
    answer = open_registry().tags(f"{host}/a")
    assert isinstance(answer, Unknown)
    assert answer.trouble is Trouble.CERTIFICATE
    assert answer.reason == (
        f"the certificate of {host} is not trusted: self-signed certificate"
        " (SSL_CERT_FILE names a private authority)"
    )


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
def test_a_private_authority_is_trusted_when_a_variable_names_it(
    variable: str,
    self_signed: tuple[str, Path],
    open_registry: Open,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    host, certificate = self_signed
    for other in ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv(variable, str(certificate))
    assert open_registry().tags(f"{host}/a") == ("1",)


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("SSL_CERT_FILE", "/not/there.pem", "SSL_CERT_FILE names no file of certificates"),
        ("SSL_CERT_FILE", __file__, "SSL_CERT_FILE names no file of certificates"),
        ("HTTPS_PROXY", "nonsense://x", "the proxy variables name no usable HTTP proxy"),
        ("HTTPS_PROXY", "socks5://127.0.0.1:1", "the proxy variables name no usable HTTP proxy"),
    ],
)
def test_a_variable_that_is_wrong_is_told(
    variable: str,
    value: str,
    sentence: str,
    open_registry: Open,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(variable, value)
    answer = open_registry().tags("registry.example.com/a")
    assert isinstance(answer, Unknown)
    assert sentence in answer.reason


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("link", '<http://[>; rel="next"'),
        ("link", "<>; rel=next"),
        ("www-authenticate", 'Bearer realm="http://["'),
        ("location", "http://["),
        ("retry-after", "Mon, 99 Foo 99999 99:99:99 GMT"),
    ],
)
@pytest.mark.parametrize("code", [200, 307, 401, 429])
def test_a_header_of_nonsense_does_no_harm(  # noqa: PLR0917 - fixtures
    code: int, name: str, value: str, image: str, proxy: Proxy, open_registry: Open
) -> None:
    if code != 200:
        proxy.fault("GET", status(code))
    proxy.fault("GET", header(name, value))
    assert (open_registry(proxy.host).tags(image) == ("1",)) is (code == 200)


def test_a_registry_behind_a_dead_proxy_is_told(
    open_registry: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{free_port()}")
    answer = open_registry().tags("registry.example.com/a")
    assert isinstance(answer, Unknown)
    assert answer.trouble is Trouble.UNREACHABLE


def test_one_image_in_trouble_leaves_the_others_alone(
    hub: DockerRegistry, name: str, open_registry: Open
) -> None:
    hub.push(name, "1", Image())
    registry = open_registry(hub.host)
    registry.prefetch(
        tags=["registry.nowhere.invalid/a", f"{hub.host}/{name}", f"{hub.host}/not/there"]
    )
    assert isinstance(registry.tags("registry.nowhere.invalid/a"), Unknown)
    assert isinstance(registry.tags(f"{hub.host}/not/there"), Missing)
    assert registry.tags(f"{hub.host}/{name}") == ("1",)
