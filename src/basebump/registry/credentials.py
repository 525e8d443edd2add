"""Passwords, from where Docker keeps them.

Source: docker/cli, `cli/config/configfile`, and docker/docker-credential-helpers (the protocol:
the server's name on stdin, `{"Username", "Secret"}` on stdout).
"""

import base64
import binascii
import json
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from basebump.core.facts import Trouble
from basebump.registry.trouble import RegistryError

_HELPER_NAME = re.compile(r"[A-Za-z0-9._-]+")
_HELPER_SECONDS = 30
_IDENTITY_TOKEN_USER = "<token>"  # noqa: S105 - the helpers' marker, no secret
_NOT_FOUND = "credentials not found"


@dataclass(frozen=True, slots=True)
class Credentials:
    """One registry's credentials; the secrets never show in a repr."""

    username: str = ""
    password: str = field(default="", repr=False)
    identity_token: str = field(default="", repr=False)
    registry_token: str = field(default="", repr=False)

    @property
    def basic(self) -> str | None:
        """The value of an Authorization header for basic auth."""
        if not self.username:
            return None
        pair = f"{self.username}:{self.password}".encode()
        return "Basic " + base64.b64encode(pair).decode("ascii")


def find_credentials(key: str, folder: Path | None = None) -> Credentials | None:
    """Return what Docker's `config.json` holds for the registry `key`, None for nothing.

    A helper for that very registry comes before the general one, and both before `auths`, as in
    Docker. Raises RegistryError when the file or a helper cannot be used.
    """
    path = (folder or _docker_folder()) / "config.json"
    config = _read(path)
    helper = _mapping(config.get("credHelpers")).get(_host(key)) or config.get("credsStore")
    if helper and (found := _ask_helper(str(helper), key)):
        return found
    for name, entry in _mapping(config.get("auths")).items():
        if _host(name) == _host(key) and (found := _from_entry(_mapping(entry), path)):
            return found
    return None


def _docker_folder() -> Path:
    configured = os.environ.get("DOCKER_CONFIG")
    return Path(configured) if configured else Path.home() / ".docker"


def _read(path: Path) -> Mapping[str, Any]:
    try:
        return _mapping(json.loads(path.read_bytes()))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        why = "is not valid JSON" if isinstance(error, ValueError) else "cannot be read"
        raise RegistryError(
            Trouble.AUTHENTICATION, f"{path.name} of Docker, which holds the passwords, {why}"
        ) from None


def _host(key: str) -> str:
    """Old entries are addresses: `https://index.docker.io/v1/` and `index.docker.io` are one."""
    return key.removeprefix("https://").removeprefix("http://").partition("/")[0]


def _from_entry(entry: Mapping[str, Any], path: Path) -> Credentials | None:
    username, password = str(entry.get("username") or ""), str(entry.get("password") or "")
    if auth := entry.get("auth"):
        try:
            decoded = base64.b64decode(str(auth), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise RegistryError(
                Trouble.AUTHENTICATION, f"an 'auth' in Docker's {path.name} is not valid base64"
            ) from None
        username, _, password = decoded.partition(":")
        password = password.rstrip("\x00")
    found = Credentials(
        username,
        password,
        str(entry.get("identitytoken") or ""),
        str(entry.get("registrytoken") or ""),
    )
    return None if found == Credentials() else found


def _ask_helper(name: str, key: str) -> Credentials | None:
    if not _HELPER_NAME.fullmatch(name):
        raise RegistryError(
            Trouble.AUTHENTICATION, f"{name!r} is no valid name of a credential helper"
        )
    program = f"docker-credential-{name}"
    try:
        done = subprocess.run(
            [program, "get"],
            input=key.encode(),
            capture_output=True,
            timeout=_HELPER_SECONDS,
            check=False,
        )
    except FileNotFoundError:
        why = "is not installed"
    except (OSError, subprocess.TimeoutExpired):
        why = "does not run"
    else:
        if done.returncode != 0 and _NOT_FOUND in (done.stdout + done.stderr).decode(
            errors="replace"
        ):
            return None
        if found := _from_helper(done.stdout):
            return found
        why = "gave no credentials"
    raise RegistryError(Trouble.AUTHENTICATION, f"the credential helper {program} {why}")


def _from_helper(output: bytes) -> Credentials | None:
    try:
        answer = _mapping(json.loads(output))
    except ValueError:
        return None
    username, secret = str(answer.get("Username") or ""), str(answer.get("Secret") or "")
    if not secret:
        return None
    if username == _IDENTITY_TOKEN_USER:
        return Credentials(identity_token=secret)
    return Credentials(username, secret)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
