"""Who we are: an App's installation, or a token from the environment or from `gh`."""

import os
import shutil
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from github import Auth, GithubException, GithubIntegration

from basebump.errors import AuthenticationError, ForgeError
from basebump.forge.github.budget import Clock
from basebump.forge.github.certificates import verify
from basebump.forge.github.endpoint import Endpoint
from basebump.forge.github.redact import redact, remember

TOKENS = ("GH_TOKEN", "GITHUB_TOKEN")
APP_ID, APP_INSTALLATION, APP_KEY, APP_KEY_FILE = (
    "BASEBUMP_APP_ID",
    "BASEBUMP_APP_INSTALLATION_ID",
    "BASEBUMP_APP_PRIVATE_KEY",
    "BASEBUMP_APP_PRIVATE_KEY_FILE",
)
_EARLY = 300.0  # seconds before its end at which an installation's token is replaced
_GH_TIMEOUT = 10
_TRIES = 5
_SERVER_ERROR = 500  # RFC 9110, 15.6


@dataclass(frozen=True, slots=True)
class Identity:
    """How requests are signed.

    `source` says in words where that came from, `app` whether it is an App's installation.
    """

    auth: Auth.Auth
    source: str
    app: bool = False


def identify(env: Mapping[str, str], endpoint: Endpoint, clock: Clock) -> Identity:
    """The first of: an App from the environment, GH_TOKEN, GITHUB_TOKEN, `gh auth token`.

    Raises AuthenticationError when there is none, or half of an App.
    """
    app = {name: env.get(name, "") for name in (APP_ID, APP_INSTALLATION, APP_KEY, APP_KEY_FILE)}
    if any(app.values()):
        return Identity(_installation(app, endpoint, clock), "the App's installation", app=True)
    for name in TOKENS:
        token = env.get(name, "").strip()
        if token:
            remember(token)
            return Identity(Auth.Token(token), name)
    token = _from_gh(endpoint.host)
    if token:
        remember(token)
        return Identity(Auth.Token(token), "`gh auth token`")
    raise AuthenticationError(
        "no token for GitHub: set GH_TOKEN, or log in with `gh auth login`; for an App set "
        f"{APP_ID}, {APP_INSTALLATION} and {APP_KEY} or {APP_KEY_FILE}"
    )


def _installation(app: Mapping[str, str], endpoint: Endpoint, clock: Clock) -> Auth.Auth:
    key = app[APP_KEY].replace("\\n", "\n")
    if not key and app[APP_KEY_FILE]:
        try:
            key = Path(app[APP_KEY_FILE]).read_text("ascii")
        except (OSError, UnicodeDecodeError) as error:
            raise AuthenticationError(f"{APP_KEY_FILE}: cannot be read: {error}") from error
    missing = [name for name in (APP_ID, APP_INSTALLATION) if not app[name].strip()]
    missing += [] if key else [f"{APP_KEY} or {APP_KEY_FILE}"]
    if missing:
        raise AuthenticationError(f"for an App the environment lacks {', '.join(missing)}")
    if not app[APP_INSTALLATION].strip().isdigit():
        raise AuthenticationError(f"{APP_INSTALLATION}: is no number")
    remember(key)
    return InstallationAuth(app[APP_ID].strip(), int(app[APP_INSTALLATION]), key, endpoint, clock)


class InstallationAuth(Auth.Auth):
    """An installation's token, shared by all threads and renewed before it ends."""

    def __init__(
        self, app_id: str, installation: int, key: str, endpoint: Endpoint, clock: Clock
    ) -> None:
        self._app, self._installation = app_id, installation
        self._signed = Auth.AppAuth.create_jwt_sign(key, "RS256")
        self._endpoint, self._clock = endpoint, clock
        self._lock = threading.Lock()
        self._token, self._ends = "", 0.0

    @property
    def token_type(self) -> str:
        """As in the `Authorization` header."""
        return "token"

    @property
    def token(self) -> str:
        """A token that is good for some minutes at least. Raises AuthenticationError."""
        with self._lock:
            if self._clock.now() > self._ends - _EARLY:
                self._renew()
            return self._token

    def _renew(self) -> None:
        for attempt in range(_TRIES):
            try:
                app = Auth.AppAuth(self._app, sign_func=self._sign)
                with GithubIntegration(
                    auth=app, base_url=self._endpoint.rest, verify=verify(),
                    seconds_between_requests=None, seconds_between_writes=None,
                ) as integration:  # fmt: skip
                    made = integration.get_access_token(self._installation)
            except GithubException as error:
                if error.status < _SERVER_ERROR:
                    raise AuthenticationError(
                        f"GitHub gave App {self._app} no token for installation "
                        f"{self._installation} ({error.status}); are {APP_ID}, {APP_INSTALLATION} "
                        "and the key of one App?"
                    ) from None
                said = error.status
                self._clock.sleep(2.0**attempt)
            else:
                self._token, self._ends = made.token, made.expires_at.timestamp()
                remember(made.token)
                return
        raise ForgeError(f"GitHub gives App {self._app} no token now ({said}); try again later")

    def _sign(self, claims: dict[str, Any]) -> str | bytes:
        """A JWT of at most ten minutes, by our own clock; GitHub's may be a minute behind."""
        now = int(self._clock.now())
        try:
            return self._signed({**claims, "iat": now - 60, "exp": now + 540})
        except Exception as error:  # noqa: BLE001 - whatever the signing raises, it is the key
            raise AuthenticationError(
                f"the App's private key cannot be used: {redact(str(error))}"
            ) from None


def _from_gh(host: str) -> str:
    """What `gh` has for this host; "" when it is not there or not logged in."""
    if shutil.which("gh") is None:
        return ""
    command = ["gh", "auth", "token", "--hostname", host]
    env = {**os.environ, "GH_PROMPT_DISABLED": "1"}
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_GH_TIMEOUT, check=False, env=env
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
