"""How a registry is told who asks: bearer tokens and basic auth.

Source: distribution's "Token Authentication Specification" and "OAuth2 Token Authentication".
"""

import json
import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from basebump.core.facts import Trouble
from basebump.registry.challenge import Challenge, parse_challenges
from basebump.registry.credentials import Credentials, find_credentials
from basebump.registry.messages import Answer, Ask, split
from basebump.registry.once import Once
from basebump.registry.settings import Endpoint, RegistrySettings
from basebump.registry.transport import Transport
from basebump.registry.trouble import RegistryError

_TOKEN_LIMIT = 1 << 20
_REFUSED = (400, 401, 403)  # some token servers answer a wrong password with 400 or 403


class Authenticator:
    """The Authorization header for each repository, fetched when a server asks for it."""

    def __init__(self, transport: Transport, settings: RegistrySettings) -> None:
        self._transport = transport
        self._settings = settings
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._headers: dict[str, str] = {}
        self._credentials: Once[str, Credentials | None] = Once()
        self._challenges: Once[str, tuple[str, ...]] = Once()

    def header(self, where: Endpoint) -> str | None:
        """Return the header to ask this repository with; None where its server wants none.

        The server is asked once for all of its repositories (`GET /v2/`), so that no question about
        an image is asked in vain. It never raises for want of credentials: the answer to the
        question itself says more.
        """
        key = where.url("")
        if key not in self._headers:
            challenges = self._challenges.get(where.origin, lambda: self._ping(where))
            with suppress(RegistryError):
                if challenges:
                    self.renew(where, challenges, None)
        return self._headers.get(key)

    def renew(self, where: Endpoint, challenges: Sequence[str], refused: str | None) -> str:
        """Return another header than the `refused` one, in answer to WWW-Authenticate.

        Raises RegistryError when there is none.
        """
        key = where.url("")
        with self._locks[key]:
            known = self._headers.get(key)
            if known is not None and known != refused:
                return known  # another thread has just been through this
            header = self._answer(where, parse_challenges(challenges))
            if header == refused:
                raise self.refusal(where)
            self._headers[key] = header
            return header

    def refusal(self, where: Endpoint) -> RegistryError:
        """Say why this repository cannot be read, as far as a client can tell."""
        if self._find(where) is None:
            return RegistryError(
                Trouble.DENIED,
                f"{where.host} shows {where.repository} to nobody without credentials, and Docker's"
                f" configuration has none for it (or the image does not exist)",
            )
        return RegistryError(
            Trouble.AUTHENTICATION,
            f"{where.host} refuses the credentials that Docker's configuration has for it",
        )

    def _ping(self, where: Endpoint) -> tuple[str, ...]:
        """Return the challenges of a server (distribution-spec, "Determining Support")."""
        try:
            answer = self._transport.send(Ask("GET", f"{where.origin}/v2/", _TOKEN_LIMIT))
        except RegistryError as error:
            if error.of_host:
                raise
            return ()
        return answer.all("www-authenticate") if answer.status == 401 else ()  # noqa: PLR2004

    def _answer(self, where: Endpoint, challenges: Sequence[Challenge]) -> str:
        credentials = self._find(where)
        if credentials is not None and credentials.registry_token:
            return f"Bearer {credentials.registry_token}"
        for challenge in challenges:
            if challenge.scheme == "bearer":
                return self._token(where, challenge.parameters, credentials)
        for challenge in challenges:
            if challenge.scheme == "basic" and credentials is not None and credentials.basic:
                return credentials.basic
        raise self.refusal(where)

    def _find(self, where: Endpoint) -> Credentials | None:
        key = where.credentials_key
        return self._credentials.get(
            key, lambda: find_credentials(key, self._settings.docker_config)
        )

    def _token(
        self, where: Endpoint, parameters: Mapping[str, str], credentials: Credentials | None
    ) -> str:
        realm = self._realm(where, parameters.get("realm", ""))
        query = {"scope": parameters.get("scope") or f"repository:{where.repository}:pull"}
        if service := parameters.get("service"):
            query["service"] = service
        answer = self._transport.send(_token_request(realm, query, credentials))
        if answer.status in _REFUSED:
            raise self.refusal(where)
        token = _read_token(answer)
        if token is None:
            host = urlsplit(realm).netloc
            raise RegistryError(
                Trouble.INVALID_ANSWER, f"{host} gives no token for {where.repository}"
            )
        return f"Bearer {token}"

    def _realm(self, where: Endpoint, realm: str) -> str:
        parts = split(realm)
        if parts.scheme == "http" and parts.netloc not in self._settings.plain_http:
            raise RegistryError(
                Trouble.AUTHENTICATION,
                f"{where.host} wants its credentials sent to {parts.hostname} without TLS, which is"
                " refused",
            )
        if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
            raise RegistryError(
                Trouble.INVALID_ANSWER, f"{where.host} names no usable token server"
            )
        return realm


def _token_request(realm: str, query: Mapping[str, str], credentials: Credentials | None) -> Ask:
    if credentials is not None and credentials.identity_token:
        form = {
            **query,
            "grant_type": "refresh_token",
            "client_id": "basebump",
            "refresh_token": credentials.identity_token,
        }
        return Ask("POST", realm, _TOKEN_LIMIT, form=form)
    parts = urlsplit(realm)
    merged = urlencode([*parse_qsl(parts.query), *query.items()])
    url = urlunsplit(parts._replace(query=merged, fragment=""))
    return Ask("GET", url, _TOKEN_LIMIT, authorization=credentials.basic if credentials else None)


def _read_token(answer: Answer) -> str | None:
    if answer.status != 200:  # noqa: PLR2004 - OK
        return None
    try:
        document = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    token = document.get("token") or document.get("access_token")
    if not isinstance(token, str) or not token.isascii() or not token.isprintable():
        return None  # what is no header value must not become one
    return token
