"""One HTTP exchange with a registry, kept well: retries, redirects, limits of size and time.

Retried are 429, 5xx, and broken or slow connections; `Retry-After` (RFC 9110, section 10.2.3) is
obeyed up to `longest_wait`. A password never follows a redirect to another origin, and nothing
goes out over plain HTTP but to the hosts that the settings name.
"""

import random
import threading
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from basebump import __version__
from basebump.core.facts import Trouble
from basebump.registry.messages import Answer, Ask, split
from basebump.registry.settings import RegistrySettings
from basebump.registry.trouble import RegistryError, connection_trouble
from basebump.registry.trust import trust

if TYPE_CHECKING:
    import httpx

_RETRIED = frozenset({429, 500, 502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 5
_CONNECT_SECONDS = 10.0
_PATIENCE = 3  # questions in a row without an answer, or with a Retry-After that proves wrong


class _TooSlowError(Exception):
    """The answer as a whole took longer than the deadline."""


class Transport:
    """HTTP for many threads at once, over one pool of connections."""

    def __init__(self, settings: RegistrySettings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._client: httpx.Client | None = None
        self._failures: dict[str, int] = {}
        self._dead: dict[str, RegistryError] = {}

    def send(self, ask: Ask) -> Answer:
        """Return the answer, whatever its status, after the retries that it deserves.

        Raises RegistryError when none came, or when the server stays at 429 or 5xx.
        """
        if dead := self._dead.get(ask.host):
            raise RegistryError(dead.unknown.trouble, dead.unknown.reason)
        attempt = 0
        while True:
            attempt += 1
            answer, error = self._attempt(ask)
            if answer is not None and answer.status not in _RETRIED:
                self._failures.pop(ask.host, None)
                return answer
            last = attempt >= self._settings.attempts
            if error is not None and (last or not error.passing):
                self._remember(ask.host, error)
                raise error
            wait = self._wait(ask.host, attempt, answer)
            if answer is not None and last:
                refusal = _refusal(ask.host, answer)
                self._remember(ask.host, refusal)
                raise refusal
            time.sleep(wait)

    def close(self) -> None:
        """Give the connections back."""
        if self._client is not None:
            self._client.close()

    def _remember(self, host: str, error: RegistryError) -> None:
        """Give a host up that cannot be reached, or that never answers or keeps no promise."""
        failures = self._failures[host] = self._failures.get(host, 0) + error.passing
        if error.of_host or (error.passing and failures >= _PATIENCE):
            self._dead[host] = error

    def _attempt(self, ask: Ask) -> tuple[Answer | None, RegistryError | None]:
        import httpx  # noqa: PLC0415 - slow to import, and most runs ask no registry

        try:
            return self._follow(ask), None
        except _TooSlowError:
            reason = f"{ask.host} did not answer in time"
            return None, RegistryError(Trouble.UNREACHABLE, reason, passing=True)
        except (httpx.RequestError, httpx.InvalidURL) as error:
            host = _asked_host(error) or ask.host
            connecting = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
            return None, connection_trouble(host, error, of_host=connecting and host == ask.host)

    def _follow(self, ask: Ask) -> Answer:
        url, authorization = ask.url, ask.authorization
        for _ in range(_MOST_REDIRECTS + 1):
            answer = self._exchange(ask, url, authorization)
            location = answer.header("location")
            if answer.status not in _REDIRECTS or location is None:
                return answer
            if ask.form is not None:
                break
            target = _join(url, location)
            self._check_redirect(ask.host, target)
            if urlsplit(target)[:2] != urlsplit(url)[:2]:
                authorization = None
            url = target
        raise RegistryError(Trouble.INVALID_ANSWER, f"{ask.host} redirects without end")

    def _exchange(self, ask: Ask, url: str, authorization: str | None) -> Answer:
        headers = dict(ask.headers)
        if authorization is not None:
            headers["Authorization"] = authorization
        deadline = time.monotonic() + self._settings.deadline
        client = self._open()
        body = bytearray()
        with client.stream(ask.method, url, headers=headers, data=ask.form) as response:
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > ask.limit:
                    raise RegistryError(
                        Trouble.INVALID_ANSWER,
                        f"the answer of {ask.host} is larger than {ask.limit >> 20} MiB",
                    )
                if time.monotonic() > deadline:
                    raise _TooSlowError
            fields = tuple((k.lower(), v) for k, v in response.headers.multi_items())
            return Answer(response.status_code, fields, bytes(body))

    def _check_redirect(self, host: str, target: str) -> None:
        parts = split(target)
        if parts.scheme == "https":
            return
        if parts.scheme == "http" and parts.netloc in self._settings.plain_http:
            return
        raise RegistryError(
            Trouble.INVALID_ANSWER,
            f"{host} redirects to {parts.hostname} without TLS, which is not followed",
        )

    def _wait(self, host: str, attempt: int, answer: Answer | None) -> float:
        asked = None if answer is None else _retry_after(answer.header("retry-after"))
        if asked is not None and asked > self._settings.longest_wait:
            raise RegistryError(
                Trouble.RATE_LIMITED, f"{host} asks to be left alone for {asked:.0f} seconds"
            )
        if asked is not None:
            return asked
        # Jitter, so that parallel requests do not come back all at once.
        jitter = random.uniform(0.75, 1.25)  # noqa: S311 - no secret
        pause: float = self._settings.back_off * 2 ** (attempt - 1) * jitter
        return min(pause, self._settings.longest_wait)

    def _open(self) -> "httpx.Client":
        import httpx  # noqa: PLC0415 - see above

        with self._lock:
            if self._client is None:
                seconds = self._settings.timeout
                try:
                    self._client = httpx.Client(
                        verify=trust(),
                        headers={"User-Agent": f"basebump/{__version__}"},
                        timeout=httpx.Timeout(seconds, connect=min(_CONNECT_SECONDS, seconds)),
                        limits=httpx.Limits(max_connections=2 * self._settings.parallel),
                    )
                except (ValueError, ImportError):  # `HTTPS_PROXY=nonsense`, or one of SOCKS
                    raise RegistryError(
                        Trouble.UNREACHABLE, "the proxy variables name no usable HTTP proxy"
                    ) from None
            return self._client


def _asked_host(error: Exception) -> str | None:
    """Return the host of the request that failed, which after a redirect is another one."""
    try:
        return str(error.request.url.netloc.decode("ascii"))  # type: ignore[attr-defined]
    except (AttributeError, RuntimeError):
        return None


def _refusal(host: str, answer: Answer) -> RegistryError:
    if answer.status == 429:  # noqa: PLR2004 - Too Many Requests
        # Who names a wait and breaks its word would make each image wait anew.
        named = answer.header("retry-after") is not None
        reason = f"{host} limits the requests (429)"
        return RegistryError(Trouble.RATE_LIMITED, reason, passing=named)
    return RegistryError(Trouble.SERVER, f"{host} is in trouble of its own ({answer.status})")


def _retry_after(value: str | None) -> float | None:
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        when = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())


def _join(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        return ""
