"""The test server keeps GitHub's limits and fails on demand, as told and no other way."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import github
import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.github_server import KINDS, GitHubServer, ManualClock, Repo
from tests.github_server.testing import Client, publish, running

VIEWER = "{ viewer { login } }"
COMMENT = 'mutation($p: ID!) { addComment(input: {subjectId: $p, body: "b"}) { clientMutationId } }'


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def server(tmp_path: Path, clock: ManualClock) -> Iterator[GitHubServer]:
    with running(tmp_path, clock) as made:
        yield made


@pytest.fixture
def repo(server: GitHubServer) -> Repo:
    return server.add_repo("acme/web", {"Dockerfile": b"FROM node:8.9.1\n", "a/b": b"b"})


@pytest.fixture
def client(server: GitHubServer) -> Iterator[Client]:
    made = Client(server.url, server.token)
    yield made
    made.http.close()


# primary limits


def test_rest_is_403_over_its_hourly_limit(
    server: GitHubServer, client: Client, clock: ManualClock, repo: Repo
) -> None:
    server.limits.core = 3
    codes = [client.rest("GET", "/repos/acme/web") for _ in range(4)]
    assert [answer.status_code for answer in codes] == [200, 200, 200, 403]
    assert codes[3].headers["x-ratelimit-remaining"] == "0"
    assert "API rate limit exceeded" in codes[3].json()["message"]
    clock.advance(3601)
    assert client.rest("GET", f"/repos/{repo.full_name}").status_code == 200


def test_graphql_is_200_with_an_error_over_its_hourly_limit(
    server: GitHubServer, client: Client
) -> None:
    server.limits.graphql = 2
    answers = [client.graphql(VIEWER) for _ in range(3)]
    assert "data" in answers[1]
    assert answers[2]["errors"][0]["type"] == "RATE_LIMIT"
    assert "data" not in answers[2]


def test_looking_at_the_limits_costs_nothing(server: GitHubServer, client: Client) -> None:
    del server
    used = [client.get("/rate_limit")["resources"]["core"]["used"] for _ in range(2)]
    assert used == [0, 0]


@pytest.mark.parametrize(
    ("query", "cost"),
    [
        pytest.param("viewer { login }", 1, id="no connection"),
        pytest.param("viewer { repositories(first: 100) { totalCount } }", 1, id="one connection"),
        pytest.param(
            "viewer { repositories(first: 100) { nodes { pullRequests(first: 50) { nodes { "
            "labels(first: 60) { totalCount } } } } } }", 51, id="the example of the documentation",
        ),
        pytest.param(
            "viewer { a: repositories(first: 100) { nodes { object(oid: "
            f'"{"0" * 40}"' ") { ... on Tree { entries { name } } } } } }",
            1, id="objects are free",
        ),
    ],
)  # fmt: skip
def test_points_follow_the_formula(client: Client, query: str, cost: int) -> None:
    data = client.data(f"{{ {query} rateLimit {{ cost used }} }}")
    assert data["rateLimit"] == {"cost": cost, "used": cost}


def test_nodes_are_counted_as_the_documentation_does(client: Client) -> None:
    query = """{ viewer { repositories(first: 50) { nodes { pullRequests(first: 10) {
      nodes { title } } } } } rateLimit { nodeCount } }"""
    assert client.data(query)["rateLimit"]["nodeCount"] == 550


@pytest.mark.parametrize(
    ("args", "kind"),
    [
        ("", "MISSING_PAGINATION_BOUNDARIES"),
        ("(first: 101)", "EXCESSIVE_PAGINATION"),
        ("(first: 100) { nodes { pullRequests(first: 100) { nodes { comments(first: 100)",
         "MAX_NODE_LIMIT_EXCEEDED"),
    ],
)  # fmt: skip
def test_pages_have_a_size_and_queries_a_limit(client: Client, args: str, kind: str) -> None:
    deep = " } } } }" if "{" in args else ""
    query = f"{{ viewer {{ repositories{args} {{ totalCount }}{deep} }} }}"
    assert client.graphql(query)["errors"][0]["type"] == kind


def test_a_field_that_github_has_not_is_an_error(client: Client) -> None:
    answer = client.graphql("{ viewer { shoeSize } }")
    assert "shoeSize" in answer["errors"][0]["message"]


# secondary limits


def test_900_rest_points_a_minute(client: Client, clock: ManualClock, repo: Repo) -> None:
    path = f"/repos/{repo.full_name}/git/ref/heads/main"
    codes = {client.rest("GET", path).status_code for _ in range(900)}
    over = client.rest("GET", path)
    assert (codes, over.status_code) == ({200}, 403)
    assert "secondary rate limit" in over.json()["message"]
    clock.advance(int(over.headers["retry-after"]))
    assert client.rest("GET", path).status_code == 200


def test_2000_graphql_points_a_minute(server: GitHubServer, client: Client) -> None:
    server.limits.graphql_points = 20
    answers = [client.http.post("/graphql", json={"query": VIEWER}) for _ in range(21)]
    assert [answer.status_code for answer in answers] == [200] * 20 + [403]


def test_80_content_creating_requests_a_minute_and_500_an_hour(
    server: GitHubServer, client: Client, clock: ManualClock, repo: Repo
) -> None:
    publish(client, repo)
    pull = repo.pulls[1].node
    body = {"query": COMMENT, "variables": {"p": pull}}
    done, waits = 1, []
    while done < 500:
        answer = client.http.post("/graphql", json=body)
        if answer.status_code == 200:
            done += 1
        else:
            waits.append(done)
            clock.advance(int(answer.headers["retry-after"]))
    assert waits == [80, 160, 240, 320, 400, 480]
    over = client.http.post("/graphql", json=body)
    assert over.status_code == 403
    assert int(over.headers["retry-after"]) > 3000
    assert len(repo.pulls[1].comments) == 499
    assert server.ledger.account("user:basebump-bot").peak["content_minute"] == 80


def test_a_request_before_retry_after_is_noted(
    server: GitHubServer, client: Client, clock: ManualClock
) -> None:
    server.limits.graphql_points = 1
    for _ in range(3):
        client.http.post("/graphql", json={"query": VIEWER})
    assert [round(each.too_early) for each in server.requests.early] == [61]
    clock.advance(61)
    server.requests.mark()
    assert client.graphql(VIEWER)
    assert server.requests.early == []


def test_100_requests_at_once(server: GitHubServer, client: Client) -> None:
    server.limits.at_once = 2
    server.latency = 0.3
    codes: list[int] = []

    def ask() -> None:
        answer = httpx.get(f"{server.url}/user", headers=client.http.headers)
        codes.append(answer.status_code)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [200, 200, 403, 403]


def test_limits_are_each_accounts_own(server: GitHubServer, client: Client) -> None:
    server.limits.core = 1
    other = httpx.Client(
        base_url=server.url, headers={"authorization": f"token {server.add_token('octocat').value}"}
    )
    with other:
        assert client.rest("GET", "/user").status_code == 200
        assert other.get("/user").status_code == 200
        assert client.rest("GET", "/user").status_code == 403


# faults


def test_without_faults_nothing_fails(server: GitHubServer, client: Client, repo: Repo) -> None:
    assert "errors" not in publish(client, repo)
    assert [request.fault for request in server.requests] == [None]


def _ref(client: Client, repo: Repo) -> object:
    path = f"/repos/{repo.full_name}/git/refs"
    try:
        answer = client.rest("POST", path, ref="refs/heads/x", sha=repo.git.head_oid())
    except httpx.TransportError as error:
        return type(error).__name__
    return answer.status_code


@pytest.mark.parametrize(
    ("kind", "seen", "done"),
    [
        ("500", {500}, False),
        ("502", {502}, False),
        ("503", {503}, False),
        ("502-after", {502}, True),
        ("cut", {"RemoteProtocolError", "ReadError"}, False),
        ("cut-after", {"RemoteProtocolError", "ReadError"}, True),
        ("cut-half", {"RemoteProtocolError", "ReadError"}, True),
        ("forbidden", {403}, False),
        ("forbidden-retry-after", {403}, False),
        ("throttled", {429}, False),
        ("throttled-retry-after", {429}, False),
        ("too-quickly", {422}, False),
        ("banned", {403}, False),
        ("slow", {201}, True),
    ],
)
def test_a_fault_strikes_before_or_after_the_effect(
    server: GitHubServer, client: Client, repo: Repo, kind: str, seen: set[object], *, done: bool
) -> None:
    server.faults.add(kind, method="POST", path="/git/refs")
    assert _ref(client, repo) in seen
    assert ("refs/heads/x" in repo.git.refs) is done
    server.delete_branch("acme/web", "x") if done else None
    assert _ref(client, repo) == 201


@pytest.mark.parametrize("status", ["forbidden", "throttled"])
def test_retry_after_comes_when_it_is_asked_for(
    server: GitHubServer, client: Client, status: str
) -> None:
    server.faults.add(f"{status}-retry-after", retry_after=17)
    server.faults.add(status, nth=1)
    first, second = client.rest("GET", "/user"), client.rest("GET", "/user")
    assert (first.headers["retry-after"], "retry-after" in second.headers) == ("17", False)


def test_a_slow_answer_takes_its_time(
    server: GitHubServer, client: Client, clock: ManualClock
) -> None:
    server.faults.add("slow", seconds=90)
    before = clock.now()
    assert client.rest("GET", "/user").status_code == 200
    assert clock.now() - before == 90


def test_null_nodes_come_with_an_error(server: GitHubServer, client: Client, repo: Repo) -> None:
    query = "query Q($a: ID!) { a: node(id: $a) { id } b: node(id: $a) { id } }"
    server.faults.add("null-nodes", operation="Q")
    answer = client.graphql(query, a=repo.node)
    assert None in answer["data"].values()
    assert "Something went wrong" in answer["errors"][0]["message"]


def test_a_truncated_tree_says_so(server: GitHubServer, client: Client, repo: Repo) -> None:
    server.faults.add("truncated", path="/git/trees/")
    path = f"/repos/{repo.full_name}/git/trees/main?recursive=1"
    cut, whole = client.get(path), client.get(path)
    assert (cut["truncated"], whole["truncated"]) == (True, False)
    assert len(cut["tree"]) < len(whole["tree"]) == 3


def test_the_base_can_move_between_two_requests(
    server: GitHubServer, client: Client, repo: Repo
) -> None:
    server.faults.add(
        mutation="createCommitOnBranch",
        do=lambda: server.push_as_human("acme/web", "basebump/node", {"a": b"a"}),
    )
    answer = publish(client, repo)
    assert {error["type"] for error in answer["errors"]} >= {"STALE_DATA"}


def test_a_query_that_is_too_heavy_is_a_502(server: GitHubServer, client: Client) -> None:
    server.faults.heavy_aliases = 2
    query = "{ a: viewer { login } b: viewer { login } c: viewer { login } }"
    assert client.http.post("/graphql", json={"query": query}).status_code == 502
    assert client.graphql(VIEWER)["data"]


def test_faults_strike_the_nth_and_as_often_as_told(server: GitHubServer, client: Client) -> None:
    server.faults.add("503", path="/user", nth=2, times=2)
    codes = [client.rest("GET", "/user").status_code for _ in range(4)]
    assert codes == [200, 503, 503, 200]


def test_random_faults_repeat_with_their_seed(tmp_path: Path) -> None:
    def run(seed: int) -> list[str | None]:
        with running(tmp_path / str(seed), ManualClock(0)) as server:
            server.faults.at_random(seed, 0.3, ("500", "502", "forbidden"))
            client = Client(server.url, server.token)
            for number in range(40):
                client.rest("GET", f"/users/octocat?n={number}")
            client.http.close()
            server.violations.clear()
            return [request.fault for request in server.requests]

    first = run(1)
    assert first == run(1) != run(2)
    assert 4 < sum(fault is not None for fault in first) < 20


def test_every_kind_of_fault_is_known(server: GitHubServer) -> None:
    for kind in KINDS:
        server.faults.add(kind, path="/never")
    with pytest.raises(ValueError, match="no fault is called"):
        server.faults.add("meteor")


# the log and the contract


def test_every_request_is_logged(server: GitHubServer, client: Client, repo: Repo) -> None:
    publish(client, repo)
    client.get("/repos/acme/web/pulls/1")
    first, second = server.requests
    assert first.operation == "Publish"
    assert first.mutations == ("createRef", "createCommitOnBranch", "createPullRequest")
    assert (first.points, first.content, first.write, first.login) == (
        5,
        True,
        True,
        "basebump-bot",
    )
    assert (second.points, second.content, second.write, second.status) == (1, False, False, 200)
    assert len(server.requests.writes) == server.requests.count(mutation="createPullRequest") == 1


@pytest.mark.parametrize(
    ("method", "path", "body", "problem"),
    [
        ("GET", "/orgs/acme/repos?perpage=3", {}, "perpage"),
        ("POST", "/repos/acme/web/pulls", {"title": "t", "base": "main"}, "head"),
        ("GET", "/repos/acme/web/pulls?state=merged", {}, "state"),
    ],
)
def test_a_request_outside_githubs_description_is_noted(
    server: GitHubServer, repo: Repo, *, method: str, path: str, body: dict[str, Any], problem: str
) -> None:
    client = Client(server.url, server.token)
    repo.git.move("refs/heads/x", str(repo.git.head_oid()))
    client.rest(method, path, **body)
    client.http.close()
    noted = "\n".join(server.violations)
    server.violations.clear()
    assert problem in noted


# Apps and PyGithub


def _key() -> tuple[str, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private.decode(), public.decode()


def test_an_app_gets_a_token_that_expires(
    server: GitHubServer, clock: ManualClock, repo: Repo
) -> None:
    private, public = _key()
    server.add_app("12", 77, "acme", public)
    claims = {"iss": "12", "iat": int(clock.now()) - 60, "exp": int(clock.now()) + 540}
    headers = {"authorization": f"Bearer {jwt.encode(claims, private, algorithm='RS256')}"}
    made = httpx.post(f"{server.url}/app/installations/77/access_tokens", headers=headers)
    app = Client(server.url, made.json()["token"])
    assert app.get("/installation/repositories")["repositories"][0]["id"] == repo.id
    assert app.rest("GET", "/user").status_code == 403
    clock.advance(3601)
    assert app.rest("GET", "/installation/repositories").status_code == 401
    app.http.close()


@pytest.fixture
def hub(server: GitHubServer) -> Iterator[github.Github]:
    made = github.Github(
        auth=github.Auth.Token(server.token), base_url=server.url, retry=None,
        seconds_between_requests=0, seconds_between_writes=0,
    )  # fmt: skip
    yield made
    made.close()


def test_pygithub_reads_and_publishes(hub: github.Github, repo: Repo) -> None:
    web = hub.get_repo("acme/web")
    assert web.default_branch == "main"
    assert {item.path for item in web.get_git_tree("main", recursive=True).tree} >= {"a/b"}
    assert web.get_contents("a").__class__ is list
    web.create_git_ref("refs/heads/x", str(repo.git.head_oid()))
    web.update_file("a/b", "m", "c", web.get_contents("a/b", ref="x").sha, branch="x")  # type: ignore[union-attr]
    pull = web.create_pull(base="main", head="x", title="T", body="B")
    pull.add_to_labels("dependencies")
    pull.create_issue_comment("hello")
    assert [found.number for found in web.get_pulls(head="acme:x")] == [1]
    assert pull.merge(merge_method="squash").merged


def test_pygithub_lists_an_organisation(server: GitHubServer, hub: github.Github) -> None:
    for number in range(45):
        server.add_repo(f"acme/r{number:02}", {"a": b"a"})
    assert len({repo.name for repo in hub.get_organization("acme").get_repos()}) == 45


def test_pygithub_speaks_graphql(hub: github.Github) -> None:
    _, answer = hub.requester.graphql_query(VIEWER, {})
    assert answer["data"]["viewer"]["login"] == "basebump-bot"
