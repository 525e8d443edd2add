"""A token server as the distribution project specifies it: basic auth in, a signed token out."""

import base64
import json
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

SERVICE, ISSUER = "registry.test", "token.test"


@dataclass
class TokenServer:
    """Gives `users` (name to password) what is in `private`, and everyone the rest."""

    users: dict[str, str]
    private: set[str]
    refresh_tokens: set[str] = field(default_factory=set)
    seen: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    def __enter__(self) -> Self:
        handler = type("Handler", (_Handler,), {"owner": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def host(self) -> str:
        """Host and port of the server."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    @cached_property
    def _key(self) -> ec.EllipticCurvePrivateKey:
        return ec.generate_private_key(ec.SECP256R1())

    @cached_property
    def _certificate(self) -> x509.Certificate:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, ISSUER)])
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self._key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(hours=1))
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(self._key, hashes.SHA256())
        )

    def configuration(self, folder: Path) -> dict[str, dict[str, str]]:
        """Return the `auth` section for a registry that trusts this server."""
        bundle = folder / "token.pem"
        bundle.write_bytes(self._certificate.public_bytes(Encoding.PEM))
        return {
            "token": {
                "realm": f"http://{self.host}/token",
                "service": SERVICE,
                "issuer": ISSUER,
                "rootcertbundle": str(bundle),
            }
        }

    def token(self, scope: str, *, actions: tuple[str, ...] = ("pull",)) -> str:
        """Return a token for `repository:NAME:...`, good for the given actions."""
        now = int(time.time())
        kind, name, _ = scope.split(":", 2)
        granted = {"type": kind, "name": name, "actions": list(actions)}
        claims = {
            "iss": ISSUER,
            "sub": "test",
            "aud": SERVICE,
            "iat": now,
            "nbf": now - 10,
            "exp": now + 300,
            "jti": "1",
            "access": [granted],
        }
        der = base64.b64encode(self._certificate.public_bytes(Encoding.DER)).decode()
        return jwt.encode(claims, self._key, "ES256", headers={"x5c": [der]})

    def grant(self, scope: str, header: str, refresh: str | None) -> str | None:
        """Return the token that someone may have; None for a password that is wrong."""
        user = self._user(header) if header else None
        known = user is not None or refresh in self.refresh_tokens
        if (header and user is None) or (refresh is not None and not known):
            return None
        name = scope.split(":")[1]
        allowed = known or name not in self.private
        return self.token(scope, actions=("pull",) if allowed else ())

    def _user(self, header: str) -> str | None:
        decoded = base64.b64decode(header.removeprefix("Basic ")).decode()
        name, _, password = decoded.partition(":")
        return name if self.users.get(name) == password else None


class _Handler(BaseHTTPRequestHandler):
    owner: TokenServer

    def do_GET(self) -> None:
        """Give a token for a user name and a password, or for nobody."""
        self._answer(parse_qs(urlsplit(self.path).query))

    def do_POST(self) -> None:
        """Give a token for a refresh token."""
        length = int(self.headers["content-length"])
        self._answer(parse_qs(self.rfile.read(length).decode()))

    def _answer(self, query: dict[str, list[str]]) -> None:
        headers = {key.lower(): value for key, value in self.headers.items()}
        self.owner.seen.append((self.command, self.path, headers))
        refresh = query.get("refresh_token", [None])[0]
        header = headers.get("authorization", "")
        token = self.owner.grant(query["scope"][0], header, refresh)
        answer: dict[str, Any] = {"token": token} if token else {"details": "unauthorized"}
        body = json.dumps(answer).encode()
        self.send_response(200 if token else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Say nothing."""
