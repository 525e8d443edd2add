"""Troubles on the way to a registry, as one exception inside this package and a value outside."""

import socket
import ssl
from collections.abc import Iterator

from basebump.core.facts import Trouble, Unknown


class RegistryError(Exception):
    """A question that stays unanswered; `unknown` is what the core gets to see.

    `of_host` marks the trouble of a whole host: the next image there need not wait for it again.
    `passing` marks what may be over in a moment.
    """

    def __init__(
        self, trouble: Trouble, reason: str, *, of_host: bool = False, passing: bool = False
    ) -> None:
        super().__init__(reason)
        self.unknown = Unknown(trouble, reason)
        self.of_host = of_host
        self.passing = passing


class NotFoundError(Exception):
    """The registry answered that it does not have it; the message says what."""


def connection_trouble(host: str, error: BaseException, *, of_host: bool) -> RegistryError:
    """Say in one sentence why no answer came from `host`."""
    trouble, reason = _explain(host, error)
    # A resolver that is busy speaks of unknown names, too.
    busy = any(
        isinstance(c, socket.gaierror) and c.errno == socket.EAI_AGAIN for c in _causes(error)
    )
    passing = busy or trouble is Trouble.UNREACHABLE
    return RegistryError(trouble, reason, of_host=of_host, passing=passing)


def _explain(host: str, error: BaseException) -> tuple[Trouble, str]:
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            why = cause.verify_message or "it cannot be verified"
            hint = "SSL_CERT_FILE names a private authority"
            return (
                Trouble.CERTIFICATE,
                f"the certificate of {host} is not trusted: {why} ({hint})",
            )
        for kind, trouble, sentence in _BY_CAUSE:
            if isinstance(cause, kind):
                return trouble, sentence.format(host=host)
    for word, sentence in _BY_NAME:
        if word in type(error).__name__:
            return Trouble.UNREACHABLE, sentence.format(host=host)
    return Trouble.UNREACHABLE, f"the connection to {host} broke off"


_BY_CAUSE: tuple[tuple[type[BaseException], Trouble, str], ...] = (
    (
        ssl.SSLError,
        Trouble.CERTIFICATE,
        "{host} does not speak TLS (plain HTTP is for hosts named so)",
    ),
    (socket.gaierror, Trouble.UNKNOWN_HOST, "no host is named {host}"),
    (ConnectionRefusedError, Trouble.UNREACHABLE, "{host} refused the connection"),
)
_BY_NAME = (
    ("Timeout", "{host} did not answer in time"),
    ("Proxy", "the proxy did not connect to {host}"),
    ("Decoding", "the answer of {host} is damaged"),
    ("UnsupportedProtocol", "{host} cannot be asked: its address is not one of HTTP"),
)


def _causes(error: BaseException) -> Iterator[BaseException]:
    current: BaseException | None = error
    while current is not None:
        yield current
        current = current.__cause__ or current.__context__
