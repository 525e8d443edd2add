"""Requests to GitHub, each through the one budget; what an answer means is in `answers`.

PyGithub signs and sends (one `Github` object a thread, since it must not be shared); its own
pacing and retries are switched off, for they know of one object each.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import requests
from github import Github, GithubException

from basebump.errors import AuthenticationError, ForgeError
from basebump.forge.github.answers import Headers, Json, Meaning, Verdict, judge
from basebump.forge.github.auth import Identity
from basebump.forge.github.budget import Api, Budget, Need
from basebump.forge.github.certificates import verify
from basebump.forge.github.endpoint import Endpoint
from basebump.forge.github.hidden import without_hidden
from basebump.forge.github.redact import redact

TRIES = 6
_TIMEOUT = 60
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
_LIMIT_PAUSE = 60.0  # "wait for at least one minute", then longer each time
_WRITE_POINTS = 5


class TooHeavyError(Exception):
    """GitHub could not answer a query in time; a smaller one may do."""


class LostAnswerError(Exception):
    """A write may or may not have taken place; look before doing anything else."""


class RefusedError(ForgeError):
    """GitHub said no to this request; `status` is HTTP's."""

    def __init__(self, said: str, status: int) -> None:
        super().__init__(said)
        self.status = status


LEFT_OUT = "GitHub left the answer out"


@dataclass(frozen=True, slots=True)
class Answer:
    """A GraphQL answer: what there is of the data, and the errors beside it."""

    data: dict[str, Any]
    errors: tuple[dict[str, Any], ...] = ()

    def error_at(self, alias: str) -> dict[str, Any] | None:
        """The error that speaks of a field at the top, if there is one."""
        return next((e for e in self.errors if (e.get("path") or [None])[0] == alias), None)

    def refusal_of(self, alias: str) -> str:
        """Why a mutation at the top did not take place, in GitHub's words; empty when it did.

        An error that does not say what it is about is about everything that has no answer.
        """
        error = self.error_at(alias)
        if error is None and self.data.get(alias):
            return ""
        loose = next((each for each in self.errors if not each.get("path")), None)
        return str((error or loose or {}).get("message") or LEFT_OUT)

    @property
    def loose_errors(self) -> bool:
        """Whether there are errors that do not say what they are about."""
        return any(not error.get("path") for error in self.errors)


class Client:
    """One GitHub, one identity, one budget; safe to share between threads."""

    def __init__(self, endpoint: Endpoint, identity: Identity, budget: Budget) -> None:
        self.endpoint, self.identity, self.budget = endpoint, identity, budget
        self.scopes: frozenset[str] | None = None
        self.viewer = ""
        self._mine = threading.local()

    def graphql(
        self, document: str, variables: Mapping[str, Any], *, write: bool = False
    ) -> Answer:
        """Execute a document; partial data is no error.

        Raises TooHeavyError (a query), LostAnswerError (a write), ForgeError, AuthenticationError.
        """
        need = Need(Api.GRAPHQL, _WRITE_POINTS if write else 1, content=write)
        payload = {"query": document, "variables": dict(variables)}
        body = self._send(need, "POST", None, payload, write=write)
        errors = tuple(e for e in body.get("errors") or () if isinstance(e, dict))
        data = body.get("data") or {}
        self.viewer = (data.get("viewer") or {}).get("login", self.viewer)
        self._note_rate(data.get("rateLimit"))
        return Answer(data, without_hidden(data, errors))

    def whole(self, document: str, variables: Mapping[str, Any]) -> Answer:
        """The answer to a query that cannot be split, with nothing left out.

        Raises ForgeError when GitHub fails every time, AuthenticationError.
        """
        said = ""
        for attempt in range(TRIES):
            try:
                answer = self.graphql(document, variables)
            except TooHeavyError as error:
                said = str(error)
            else:
                if not answer.loose_errors:
                    return answer
                said = "it leaves things out"
            self.pause(attempt)
        raise ForgeError(f"GitHub does not answer after {TRIES} tries: {said}")

    def rest(self, verb: str, path: str, payload: Mapping[str, Any] | None = None) -> Json:
        """The parsed answer to a REST request. Raises RefusedError, LostAnswerError (a write)."""
        write = verb not in ("GET", "HEAD")
        need = Need(Api.REST, _WRITE_POINTS if write else 1, content=write)
        return self._send(need, verb, path, payload, write=write)

    def pause(self, attempt: int) -> None:
        """Back off before another try, longer each time."""
        self.budget.clock.sleep(min(_FIRST_PAUSE * 2.0**attempt, _LONGEST_PAUSE))

    @property
    def lacks_scope(self) -> str:
        """Says that a classic token has no `repo` scope; "" when it has, or is of another kind."""
        if self.scopes is None or "repo" in self.scopes:
            return ""
        given = ", ".join(sorted(self.scopes)) or "none"
        return f"the token of {self.identity.source} lacks the scope `repo` (it has {given})"

    @property
    def _github(self) -> Github:
        made: Github | None = getattr(self._mine, "github", None)
        if made is None:
            made = self._mine.github = Github(
                auth=self.identity.auth, base_url=self.endpoint.rest, timeout=_TIMEOUT,
                per_page=100, retry=None, lazy=True, verify=verify(), user_agent="basebump",
                seconds_between_requests=None, seconds_between_writes=None,
            )  # fmt: skip
        return made

    def _send(
        self,
        need: Need,
        verb: str,
        path: str | None,
        payload: Mapping[str, Any] | None,
        *,
        write: bool,
    ) -> Json:
        for attempt in range(TRIES):
            verdict = self._once(need, verb, path, payload)
            if verdict.meaning is Meaning.FINE:
                return verdict.body
            self._give_up_on(verdict, need, write=write)
            if verdict.meaning is Meaning.PRIMARY:
                soon = self.budget.clock.now() + 1
                self.budget.exhausted(need.api, max(soon, verdict.until or soon + _LIMIT_PAUSE))
            elif verdict.meaning is Meaning.WAIT:
                seconds = verdict.seconds
                if seconds is None:
                    seconds = _LIMIT_PAUSE * 2**attempt
                self.budget.hold(seconds, verdict.said)
            else:
                self.pause(attempt)
        raise ForgeError(f"GitHub does not answer after {TRIES} tries: {verdict.said}")

    def _give_up_on(self, verdict: Verdict, need: Need, *, write: bool) -> None:
        """Raise for what another try of the same request cannot change."""
        if verdict.meaning is Meaning.LOGIN:
            raise AuthenticationError(self._login_advice(verdict))
        if verdict.meaning is Meaning.BANNED:
            self.budget.ban(verdict.said)
            raise ForgeError(verdict.said)
        if verdict.meaning is Meaning.REFUSED:
            raise RefusedError(verdict.said, verdict.status)
        if verdict.meaning is Meaning.BUSY:
            if write:
                raise LostAnswerError(verdict.said)
            if need.api is Api.GRAPHQL:
                raise TooHeavyError(verdict.said)

    def _once(
        self, need: Need, verb: str, path: str | None, payload: Mapping[str, Any] | None
    ) -> Verdict:
        with self.budget.spend(need):
            requester = self._github.requester
            url = path if path is not None else requester.graphql_url
            try:
                status, headers, text = requester.requestJson(verb, url, input=payload)
            except (requests.RequestException, ValueError) as error:
                return _broken(error)
            except GithubException as error:
                return Verdict(Meaning.REFUSED, redact(str(error)), status=error.status)
            except RuntimeError as error:  # PyGithub's, for a redirect that it does not follow
                return _elsewhere(error)
        self._note_headers(need.api, headers)
        return judge(need.api, status, headers, text)

    def _note_headers(self, api: Api, headers: Headers) -> None:
        if "x-oauth-scopes" in headers:
            words = str(headers["x-oauth-scopes"]).split(",")
            self.scopes = frozenset(word.strip() for word in words if word.strip())
        if headers.get("x-ratelimit-remaining") == "0" and headers.get("x-ratelimit-reset"):
            self.budget.exhausted(api, float(headers["x-ratelimit-reset"]))

    def _note_rate(self, rate: Json) -> None:
        """`rateLimit` of an answer, for a GHES that sends no headers with GraphQL."""
        if isinstance(rate, dict) and rate.get("remaining") == 0:
            self.budget.exhausted(Api.GRAPHQL, _epoch(rate["resetAt"]))

    def _login_advice(self, verdict: Verdict) -> str:
        source = self.identity.source
        if verdict.status == requests.codes.unauthorized:
            return (
                f"GitHub refused the token of {source} ({verdict.said}): it is mistyped, expired, "
                f"revoked, or not for {self.endpoint.rest}; make a new one"
            )
        return f"the token of {source} is not enough: {verdict.said}"


def _broken(error: Exception) -> Verdict:
    if isinstance(error, requests.exceptions.ProxyError):
        return Verdict(Meaning.BUSY, f"the proxy refused: {redact(str(error))}")
    if isinstance(error, requests.exceptions.SSLError):
        text = f"{redact(str(error))}; a private CA goes into SSL_CERT_FILE"
        return Verdict(Meaning.REFUSED, text, status=0)
    return Verdict(Meaning.BUSY, redact(f"the connection broke: {type(error).__name__}"))


def _elsewhere(error: RuntimeError) -> Verdict:
    """A redirect to another host or scheme, where the token must not go."""
    said = redact(str(error)).partition(", ")[0]
    text = f"{said}; put the address where GitHub really is into forge.url"
    return Verdict(Meaning.REFUSED, text, status=HTTPStatus.MOVED_PERMANENTLY)


def _epoch(stamp: str) -> float:
    from datetime import datetime  # noqa: PLC0415 - rarely needed

    return datetime.fromisoformat(stamp).timestamp()
