"""What an answer of GitHub means for the one who asked: go on, wait, try again, or give up.

Sources: "Rate limits for the REST API" (secondary limits, Retry-After), "Rate limits and query
limits for the GraphQL API" (200 with an error body), "Authorizing … for SAML single sign-on".
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from http import HTTPStatus
from typing import Any

from basebump.forge.github.budget import Api
from basebump.forge.github.redact import redact

Json = Any
Headers = Mapping[str, Any]


class Meaning(Enum):
    """The kinds of answers; each has one way to go on."""

    FINE = auto()
    WAIT = auto()  # refused without effect: the same request again, later
    PRIMARY = auto()  # as WAIT, until the hour's limit is renewed
    BUSY = auto()  # the server failed; a write may have taken place
    LOGIN = auto()
    BANNED = auto()
    REFUSED = auto()


@dataclass(frozen=True, slots=True)
class Verdict:
    """A meaning, GitHub's own words, and the seconds or the time that it named."""

    meaning: Meaning
    said: str = ""
    seconds: float | None = None
    until: float | None = None
    status: int = 200
    body: Json = field(default=None, repr=False)


_BAN = re.compile(
    r"account (?:was|is|has been) (?:suspended|flagged|blocked)|flagged as spam|"
    r"abuse detection mechanism has been permanently",
    re.IGNORECASE,
)
_LIMIT = re.compile(r"rate limit|abuse detection|submitted too quickly", re.IGNORECASE)
_SSO = re.compile(r"SAML|single sign-on", re.IGNORECASE)
_TOO_QUICKLY = "submitted too quickly"
_URL = re.compile(r"url=(\S+)")


def judge(api: Api, status: int, headers: Headers, text: str) -> Verdict:
    """What an answer means. A GraphQL answer with partial data is FINE; its reader looks."""
    if status == HTTPStatus.FOUND:
        return Verdict(Meaning.FINE, status=status, body={"location": headers.get("location")})
    body = _parsed(text)
    if body is None and text and status < HTTPStatus.BAD_REQUEST:
        return Verdict(Meaning.BUSY, "the answer is no JSON", status=status)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        return Verdict(Meaning.BUSY, f"GitHub answered {status}", status=status)
    if status == HTTPStatus.UNAUTHORIZED:
        return Verdict(Meaning.LOGIN, _message(body), status=status)
    if status in (HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS):
        return _forbidden(status, headers, body)
    if status >= HTTPStatus.BAD_REQUEST:
        said = _message(body)
        meaning = Meaning.WAIT if _TOO_QUICKLY in said else Meaning.REFUSED
        return Verdict(meaning, said, status=status)
    if api is Api.GRAPHQL:
        return _graphql(status, headers, body)
    return Verdict(Meaning.FINE, status=status, body=body)


def _forbidden(status: int, headers: Headers, body: Json) -> Verdict:
    said = _message(body)
    if _BAN.search(said):
        return Verdict(Meaning.BANNED, said, status=status)
    sso = str(headers.get("x-github-sso", ""))
    if sso.startswith("required") or (_SSO.search(said) and not _LIMIT.search(said)):
        return Verdict(Meaning.LOGIN, _sso(sso, said), status=status)
    seconds = _number(headers.get("retry-after"))
    if seconds is not None:
        return Verdict(Meaning.WAIT, said, seconds=seconds, status=status)
    if headers.get("x-ratelimit-remaining") == "0" and "secondary" not in said:
        until = _number(headers.get("x-ratelimit-reset"))
        return Verdict(Meaning.PRIMARY, said, until=until, status=status)
    if status == HTTPStatus.TOO_MANY_REQUESTS or _LIMIT.search(said):
        return Verdict(Meaning.WAIT, said, status=status)
    return Verdict(Meaning.REFUSED, said, status=status)


def _graphql(status: int, headers: Headers, body: Json) -> Verdict:
    if not isinstance(body, dict):
        return Verdict(Meaning.BUSY, "the answer is no GraphQL", status=status)
    errors = [each for each in body.get("errors") or () if isinstance(each, dict)]
    for error in errors:
        kind, said = error.get("type"), redact(str(error.get("message", "")))
        if kind in ("RATE_LIMIT", "RATE_LIMITED"):
            if "secondary" in said:
                seconds = _number(headers.get("retry-after"))
                return Verdict(Meaning.WAIT, said, seconds=seconds, status=status)
            until = _number(headers.get("x-ratelimit-reset"))
            return Verdict(Meaning.PRIMARY, said, until=until, status=status)
        if kind == "INSUFFICIENT_SCOPES":
            return Verdict(Meaning.LOGIN, said, status=status)
        if kind == "FORBIDDEN" and _SSO.search(said):
            return Verdict(Meaning.LOGIN, _sso(headers.get("x-github-sso", ""), said))
    if errors and body.get("data") is None:
        heavy = any("timeout" in str(e) or e.get("type") in _HEAVY for e in errors)
        said = redact("; ".join(str(e.get("message", "")) for e in errors))
        return Verdict(Meaning.BUSY if heavy else Meaning.REFUSED, said, status=status, body=body)
    return Verdict(Meaning.FINE, status=status, body=body)


_HEAVY = ("MAX_NODE_LIMIT_EXCEEDED", "RESOURCE_LIMITS_EXCEEDED", "TIMEOUT")


def _sso(header: object, said: str) -> str:
    found = _URL.search(str(header))
    where = f"; authorise the token at {found[1]}" if found else ""
    return f"the organisation's single sign-on has not authorised this token{where} ({said})"


def _parsed(text: str) -> Json:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _message(body: Json) -> str:
    """GitHub's sentence, with what it says about each field."""
    if not isinstance(body, dict):
        return "no reason given"
    parts = [str(body.get("message", "no reason given"))]
    for error in body.get("errors") or ():
        if isinstance(error, dict):
            words = error.get("message") or f"{error.get('field', '')} {error.get('code', '')}"
            parts.append(str(words).strip())
    return redact(": ".join(part.strip().rstrip(".") for part in parts if part.strip()))


def _number(value: object) -> float | None:
    try:
        return float(str(value))
    except ValueError:
        return None
