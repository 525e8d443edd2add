"""What happens to one request: who asks, faults, limits, the work itself, the headers."""

import hashlib
import json
import re
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from tests.github_server import smart_http
from tests.github_server.actions import Actions
from tests.github_server.answers import (
    as_bytes,
    bearer,
    failure,
    read_json,
    refusal,
    too_quickly,
    with_null,
)
from tests.github_server.clock import Clock
from tests.github_server.faults import AFTER, STATUSES, Fault, Faults
from tests.github_server.graphql.execute import Engine, Prepared
from tests.github_server.limits import SECONDARY, Ledger, Limits
from tests.github_server.log import Request, RequestLog
from tests.github_server.model import Account, Refused, Token
from tests.github_server.openapi import Description
from tests.github_server.rest import accounts, router
from tests.github_server.rest.call import Answer, Call
from tests.github_server.session import Session
from tests.github_server.world import World

GIT_PATH = re.compile(r"/([^/]+)/([^/]+)\.git/(.+)")
BY_ID = re.compile(r"/repositories/(\d+)(/.*)?")
CONTENT_METHODS = {"POST", "PUT", "PATCH"}


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request as it came over the wire; header names are in lower case."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    host: str


class Cut(Exception):  # noqa: N818 - wanted, not a failure
    """The connection is to be cut, after half of the answer when there is one."""

    def __init__(self, answer: Answer | None = None) -> None:
        super().__init__("cut")
        self.answer = answer


@cache
def description() -> Description:
    """Read GitHub's OpenAPI description of the served routes; raises ContractsMissing."""
    return Description(router.ROUTES)


class Service:
    """The server without its socket."""

    def __init__(self, world: World, clock: Clock, *, limits: Limits, validate: bool) -> None:
        self.world, self.clock = world, clock
        self.actions = Actions(world)
        self.ledger = Ledger(clock, limits)
        self.faults, self.log = Faults(), RequestLog()
        self.latency = 0.0
        self.violations: list[str] = []
        self._engine = Engine(check=validate)
        self._description = description() if validate else None

    def handle(self, incoming: Incoming) -> Answer:
        """Answer a request; raises Cut when the connection is to be cut."""
        request = self.log.add(
            self.clock.now(), incoming.method, incoming.path, incoming.query, incoming.body
        )
        try:
            answer = self._answered(incoming, request)
        except Refused as refused:
            answer = refusal(refused)
        except Cut as cut:
            request.status = 0
            raise cut from None
        request.status = answer.status
        return answer

    def _answered(self, incoming: Incoming, request: Request) -> Answer:
        if incoming.path.startswith("/_logs/"):
            return self._log_text(incoming.path)
        found = GIT_PATH.fullmatch(incoming.path)
        if found:
            return self._git(incoming, request, found)
        token = self._authenticate(incoming)
        request.login = token.account.login
        session = self._session(incoming, request, token)
        work, resource = self._work(incoming, session)
        key = token.budget_key
        request.too_early = self.ledger.too_early(key)
        try:
            self.ledger.enter(key)
            answer = self._faulty(session, work)
        except Refused as refused:
            answer = refusal(refused)
        finally:
            self.ledger.leave(key)
        return self._finish(incoming, session, resource, answer)

    def _session(self, incoming: Incoming, request: Request, token: Token) -> Session:
        html = f"http://{incoming.host}"
        prefix = "/api/v3" if incoming.path.startswith("/api/v3") else ""
        return Session(
            self.world, self.actions, self.ledger, token, request, html, f"{html}{prefix}"
        )

    # who asks

    def _authenticate(self, incoming: Incoming) -> Token:
        value = bearer(incoming.headers.get("authorization", ""))
        if not value:
            raise Refused(401, "Requires authentication")
        if value.count(".") == 2:
            keys = {app: key for key, app, _ in self.world.apps.values()}
            issuer = accounts.app_of(value, keys, self.clock.now())
            return Token(issuer, Account(0, f"app/{issuer}", "Bot"), "jwt")
        token = self.world.tokens.get(value)
        expired = token and token.expires_at is not None and token.expires_at <= self.clock.now()
        if token is None or expired:
            raise Refused(401, "Bad credentials")
        return token

    # what is asked

    def _work(self, incoming: Incoming, session: Session) -> tuple[Callable[[], Answer], str]:
        if incoming.path in {"/graphql", "/api/graphql"}:
            return self._graphql_work(incoming, session), "graphql"
        path = incoming.path.removeprefix("/api/v3")
        by_id = BY_ID.fullmatch(path)
        if by_id:
            path = self._by_id(by_id)
        resource = "core"
        if path.startswith("/search/"):
            resource = "code_search" if path.endswith("/code") else "search"
        request = session.request
        request.points = 1 if request.method in {"GET", "HEAD", "OPTIONS"} else 5
        request.cost = 0 if path == "/rate_limit" else 1
        request.content = request.method in CONTENT_METHODS and path.startswith("/repos/")
        return (lambda: self._rest(incoming, session, path, resource)), resource

    def _by_id(self, found: re.Match[str]) -> str:
        repo = self.world.by_id.get(int(found.group(1)))
        if repo is None:
            raise Refused(404, "Not Found")
        return f"/repos/{repo.full_name}{found.group(2) or ''}"

    def _graphql_work(self, incoming: Incoming, session: Session) -> Callable[[], Answer]:
        try:
            body = json.loads(incoming.body)
        except ValueError as error:
            raise Refused(400, "Problems parsing JSON") from error
        prepared = self._engine.prepare(body)
        request = session.request
        request.operation, request.mutations = prepared.name, prepared.mutations
        request.points = 5 if prepared.mutations else 1
        request.content = bool(prepared.mutations)
        if prepared.operation:
            request.aliases = len(prepared.operation.selection_set.selections)
        return lambda: self._graphql(body, prepared, session)

    # faults

    def _faulty(self, session: Session, work: Callable[[], Answer]) -> Answer:
        if self.latency:
            self._wait()
        fault = self.faults.pick(session.request)
        if fault is None:
            return work()
        session.request.fault = fault.kind or "do"
        if fault.do:
            fault.do()
        early = self._refused_by(fault, session)
        if early is not None:
            session.request.effect = False
            return early
        session.truncate_trees = fault.kind == "truncated"
        answer = work()
        if fault.kind in AFTER:
            if fault.kind.startswith("cut"):
                raise Cut(answer if fault.kind == "cut-half" else None)
            return failure(502)
        if fault.kind == "null-nodes":
            return with_null(answer, session.request)
        return answer

    def _wait(self) -> None:
        """Wait as long as the network would take; always by the wall's clock."""
        time.sleep(self.latency)

    def _refused_by(self, fault: Fault, session: Session) -> Answer | None:
        kind, key = fault.kind or "", session.token.budget_key
        if kind in STATUSES:
            return failure(STATUSES[kind])
        if kind == "cut":
            session.request.effect = False
            raise Cut
        if kind == "slow":
            self.clock.sleep(fault.seconds)
        if kind == "banned":
            return refusal(Refused(403, "Sorry. Your account was suspended."))
        if kind == "too-quickly":
            return too_quickly(session.request)
        if kind.startswith(("forbidden", "throttled")):
            headers = {}
            if kind.endswith("retry-after"):
                self.ledger.told_to_wait(key, fault.retry_after)
                headers["retry-after"] = str(fault.retry_after)
            status = 403 if kind.startswith("forbidden") else 429
            return refusal(Refused(status, SECONDARY, headers=headers))
        return None

    # the work

    def _rest(self, incoming: Incoming, session: Session, path: str, resource: str) -> Answer:
        request, key = session.request, session.token.budget_key
        if not self.ledger.charge(key, resource, request.cost):
            request.limited = "primary"
            login = session.viewer.login
            message = f"API rate limit exceeded for user ID {session.viewer.id} ({login})."
            raise Refused(403, message, kind="RATE_LIMIT")
        self._spend(session, "rest")
        found = router.find(incoming.method, path)
        if found is None:
            raise Refused(404, "Not Found")
        route, values, run = found
        query = dict(parse_qsl(incoming.query, keep_blank_values=True))
        body = read_json(incoming.body)
        wrong = self._check(
            request, route, lambda d: d.request(incoming.method, route, query, body)
        )
        call = Call(session, values, query, body, route, incoming.headers.get("accept", ""))
        try:
            with self.world.lock if request.write else nullcontext():
                answer = run(call)
        except Refused as refused:
            answer = refusal(refused)
        except (KeyError, TypeError) as error:
            if not wrong:
                raise
            answer = refusal(Refused(422, f"Invalid request.\n\n{error} wasn't supplied."))
        if not isinstance(answer.body, bytes):
            seen = json.loads(json.dumps(answer.body))
            self._check(
                request, route, lambda d: d.answer(incoming.method, route, answer.status, seen)
            )
        return answer

    def _check(
        self, request: Request, route: str, find: Callable[[Description], list[str]]
    ) -> list[str]:
        problems = find(self._description) if self._description else []
        self.violations += [f"{request.method} {route}: {problem}" for problem in problems]
        return problems

    def _graphql(self, body: dict[str, Any], prepared: Prepared, session: Session) -> Answer:
        request, key = session.request, session.token.budget_key
        variables = body.get("variables") or {}
        limit = self.ledger.limits.node_limit
        try:
            cost = self._engine.price(prepared, variables, limit)
        except Refused as refused:
            shown = {"type": refused.kind, "message": refused.message}
            return Answer(200, {"data": None, "errors": [shown]})
        request.cost, request.nodes = cost.points, cost.nodes
        self._spend(session, "graphql")
        if not self.ledger.charge(key, "graphql", cost.points):
            request.limited = "primary"
            message = f"API rate limit already exceeded for user ID {session.viewer.id}."
            shown = {"type": "RATE_LIMIT", "code": "graphql_rate_limit", "message": message}
            return Answer(200, {"errors": [shown]})
        done = self._engine.run(prepared, variables, body.get("operationName"), session)
        return Answer(200, done)

    def _spend(self, session: Session, api: str) -> None:
        request = session.request
        try:
            key = session.token.budget_key
            self.ledger.spend(key, api, request.points, content=request.content)
        except Refused:
            request.limited, request.effect = "secondary", False
            raise

    # the answer

    def _finish(
        self, incoming: Incoming, session: Session, resource: str, answer: Answer
    ) -> Answer:
        key = session.token.budget_key
        headers = dict(answer.headers)
        if incoming.method == "GET" and answer.status == HTTPStatus.OK:
            tag = hashlib.sha256(as_bytes(answer.body)).hexdigest()
            headers["etag"] = f'"{tag}"'
            if tag in incoming.headers.get("if-none-match", ""):
                self.ledger.refund(key, resource, session.request.cost)
                answer = Answer(304, None)
        standing = self.ledger.standing(key, resource)
        headers |= {f"x-ratelimit-{name}": str(value) for name, value in standing.items()}
        headers["x-ratelimit-resource"] = resource
        headers["x-github-request-id"] = f"TEST:{session.request.number:X}"
        if self.world.enterprise_version:
            headers["x-github-enterprise-version"] = self.world.enterprise_version
        if session.token.kind == "classic":
            headers["x-accepted-oauth-scopes"] = "repo"
            headers["x-oauth-scopes"] = ", ".join(sorted(session.token.scopes))
        return replace(answer, headers=headers)

    # git and logs

    def _git(self, incoming: Incoming, request: Request, found: re.Match[str]) -> Answer:
        name = f"{found.group(1)}/{found.group(2)}"
        repo = self.world.repos.get(name.lower()) or self.world.moved.get(name.lower())
        if repo is None:
            raise Refused(404, "Not Found")
        if repo.visibility != "PUBLIC":
            try:
                token = self._authenticate(incoming)
            except Refused as refused:
                refused.headers["www-authenticate"] = 'Basic realm="GitHub"'
                raise
            request.login = token.account.login
            repo = self.world.find(token, name)
        protocol = incoming.headers.get("git-protocol", "")
        return smart_http.serve(
            repo,
            incoming.method,
            found.group(3),
            incoming.query,
            body=incoming.body,
            protocol=protocol,
        )

    def _log_text(self, path: str) -> Answer:
        number = path.rpartition("/")[2]
        for repo in list(self.world.repos.values()):
            for check in list(repo.checks):
                if str(check.id) == number and check.log is not None:
                    return Answer(200, check.log.encode(), {"content-type": "text/plain"})
        raise Refused(404, "Not Found")
