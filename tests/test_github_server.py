"""The test server keeps GitHub's promises: reading, publishing, git, permissions."""

import base64
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.github_server import GitHubServer, ManualClock, Repo
from tests.github_server.testing import Client, publish, running

FILES: dict[str, bytes | tuple[str, bytes]] = {
    "Dockerfile": b"FROM node:8.9.1\r\n",
    "api/docker/Dockerfile": b"\xef\xbb\xbfFROM node:8.9.1\n",
    "run.sh": ("100755", b"#!/bin/sh\n"),
    "link": ("120000", b"Dockerfile"),
    "logo.png": b"\x89PNG\0\0",
}
ZERO = "0" * 40
Json = dict[str, Any]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitHubServer]:
    with running(tmp_path, ManualClock()) as made:
        yield made


@pytest.fixture
def repo(server: GitHubServer) -> Repo:
    return server.add_repo("acme/web", FILES)


@pytest.fixture
def connect(server: GitHubServer) -> Iterator[Callable[..., Client]]:
    with ExitStack() as stack:

        def make(**token: Any) -> Client:  # noqa: ANN401 - the fields of Token
            made = Client(server.url, server.add_token(**token).value if token else server.token)
            stack.callback(made.http.close)
            return made

        yield make


@pytest.fixture
def client(connect: Callable[..., Client]) -> Client:
    return connect()


# what must stay untouched


def test_a_folder_of_repositories_is_only_read(server: GitHubServer, tmp_path: Path) -> None:
    source = tmp_path / "fleet" / "web"
    subprocess.run(["git", "init", "-q", "-b", "trunk", str(source)], check=True)
    (source / "Dockerfile").write_bytes(b"FROM node:8.9.1\n")
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run(["git", "-C", str(source), "add", "."], check=True)
    subprocess.run(["git", *identity, "-C", str(source), "commit", "-qm", "one"], check=True)
    before = _tree_of(source)
    server.from_fleet(tmp_path / "fleet")
    server.push_as_human("acme/web", "trunk", {"Dockerfile": b"FROM node:8.9.3\n"})
    server.git_dir("acme/web")
    assert _tree_of(source) == before


def _tree_of(folder: Path) -> dict[str, bytes]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {str(path): path.read_bytes() for path in paths}


def test_a_stale_head_changes_nothing(server: GitHubServer, client: Client, repo: Repo) -> None:
    old = repo.git.head_oid()
    server.push_as_human("acme/web", "main", {"a": b"a"})
    before = server.state()
    query = """mutation($head: GitObjectID!) { createCommitOnBranch(input: {
      branch: {repositoryNameWithOwner: "acme/web", branchName: "main"}, expectedHeadOid: $head,
      message: {headline: "x"}, fileChanges: {deletions: [{path: "Dockerfile"}]}
    }) { commit { oid } } }"""
    answer = client.graphql(query, head=old)
    assert answer["data"] == {"createCommitOnBranch": None}
    assert answer["errors"][0]["type"] == "STALE_DATA"
    assert server.state() == before


def test_refs_are_swapped_together_or_not_at_all(
    server: GitHubServer, client: Client, repo: Repo
) -> None:
    head = str(repo.git.head_oid())
    server.push_as_human("acme/web", "other", {"a": b"a"})
    before = server.state()
    query = "mutation($i: UpdateRefsInput!) { updateRefs(input: $i) { clientMutationId } }"
    updates = [
        {"name": "refs/heads/new", "beforeOid": ZERO, "afterOid": head},
        {"name": "refs/heads/other", "beforeOid": head, "afterOid": ZERO},
    ]
    answer = client.graphql(query, i={"repositoryId": repo.node, "refUpdates": updates})
    assert answer["errors"]
    assert server.state() == before


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        pytest.param({"archived": True}, 403, "archived", id="archived"),
        pytest.param({"default_permission": "READ"}, 403, "permissions", id="read only"),
        pytest.param({"default_permission": "NONE"}, 404, "Not Found", id="invisible"),
        pytest.param({"disabled": True}, 403, "blocked", id="disabled"),
    ],
)
def test_a_write_without_the_right_is_refused(
    server: GitHubServer, client: Client, fields: Json, status: int, words: str
) -> None:
    repo = server.add_repo("acme/closed", FILES, **fields)
    before = server.state()
    path, head = "/repos/acme/closed/git/refs", repo.git.head_oid()
    answer = client.rest("POST", path, ref="refs/heads/x", sha=head)
    assert (answer.status_code, words in answer.json()["message"]) == (status, True)
    assert server.state() == before


def test_a_branch_rule_refuses_the_creation_of_a_branch(
    server: GitHubServer, client: Client, repo: Repo
) -> None:
    server.protect("acme/web", "basebump/*", block_creation=True)
    errors = publish(client, repo)["errors"]
    assert "creations being restricted" in errors[0]["message"]
    assert not repo.pulls


def test_disabled_pull_requests_are_refused(server: GitHubServer, client: Client) -> None:
    repo = server.add_repo("acme/quiet", FILES, pull_requests=False)
    assert publish(client, repo)["data"]["createPullRequest"] is None


# tokens


@pytest.mark.parametrize(
    ("token", "status", "message"),
    [
        pytest.param({"expires_at": 1.0}, 401, "Bad credentials", id="expired"),
        pytest.param({"sso_pending": frozenset({"acme"})}, 403, "SAML", id="no single sign-on"),
        pytest.param({"scopes": frozenset()}, 404, "Not Found", id="no scope, private"),
        pytest.param(
            {"kind": "fine-grained", "repositories": frozenset({"acme/x"})}, 404, "Not Found",
            id="another repository's",
        ),
    ],
)  # fmt: skip
def test_a_token_opens_only_what_it_may(
    connect: Callable[..., Client], repo: Repo, token: Json, status: int, message: str
) -> None:
    answer = connect(**token).rest("GET", f"/repos/{repo.full_name}")
    assert (answer.status_code, message in answer.json()["message"]) == (status, True)


def test_no_token_is_401(server: GitHubServer, repo: Repo) -> None:
    answer = httpx.get(f"{server.url}/repos/{repo.full_name}")
    assert (answer.status_code, answer.json()["message"]) == (401, "Requires authentication")


def test_single_sign_on_names_the_place_to_authorise(
    connect: Callable[..., Client], repo: Repo
) -> None:
    answer = connect(sso_pending=frozenset({"acme"})).rest("GET", f"/repos/{repo.full_name}")
    assert answer.headers["x-github-sso"].startswith("required; url=")


def test_a_fine_grained_token_writes_only_what_it_was_given(
    connect: Callable[..., Client], repo: Repo
) -> None:
    client = connect(kind="fine-grained", permissions={"contents": "read"})
    body = {"ref": "refs/heads/x", "sha": repo.git.head_oid()}
    answer = client.rest("POST", "/repos/acme/web/git/refs", **body)
    assert answer.status_code == 403
    assert answer.json()["message"] == "Resource not accessible by personal access token"


# reading


LIST = """query List($org: String!, $after: String) {
  organization(login: $org) { repositories(first: 2, after: $after) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes { nameWithOwner isArchived isEmpty visibility viewerPermission diskUsage pushedAt
      repositoryTopics(first: 10) { nodes { topic { name } } }
      defaultBranchRef { name target { oid ... on Commit { tree { oid } } } } } } }
  rateLimit { cost limit remaining used resetAt }
}"""


def test_an_organisation_is_listed_page_by_page(server: GitHubServer, client: Client) -> None:
    names = [f"acme/r{number}" for number in range(5)]
    for name in names:
        server.add_repo(name, {"a": b"a"}, topics=("base",))
    found, after = [], None
    for _ in range(3):
        page = client.data(LIST, org="acme", after=after)["organization"]["repositories"]
        found += [node["nameWithOwner"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert (found, page["totalCount"], page["pageInfo"]["hasNextPage"]) == (names, 5, False)


def test_rest_pages_carry_links(server: GitHubServer, client: Client) -> None:
    for number in range(5):
        server.add_repo(f"acme/r{number}", {"a": b"a"})
    answer = client.rest("GET", "/orgs/acme/repos?per_page=2&sort=full_name")
    assert [repo["name"] for repo in answer.json()] == ["r0", "r1"]
    assert set(answer.links) == {"next", "last"}
    last = client.http.get(answer.links["last"]["url"])
    assert len(last.json()) == 1
    assert set(last.links) == {"first", "prev"}


def test_a_tree_shows_modes_and_kinds(client: Client, repo: Repo) -> None:
    query = """query($o: String!, $n: String!) { repository(owner: $o, name: $n) {
      object(expression: "HEAD:") { ... on Tree { entries { name type mode oid } } } } }"""
    entries = client.data(query, o="acme", n=repo.name)["repository"]["object"]["entries"]
    shown = {entry["name"]: (entry["type"], oct(entry["mode"])) for entry in entries}
    assert shown["link"] == ("blob", "0o120000")
    assert shown["run.sh"] == ("blob", "0o100755")
    assert shown["api"] == ("tree", "0o40000")


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("Dockerfile", {"text": "FROM node:8.9.1\r\n", "isBinary": False, "byteSize": 17}),
        ("logo.png", {"text": None, "isBinary": True, "byteSize": 6}),
        ("api/docker/Dockerfile", {"text": "FROM node:8.9.1\n", "isBinary": False, "byteSize": 19}),
    ],
)
def test_a_blobs_text_is_not_its_bytes(client: Client, repo: Repo, path: str, shown: Json) -> None:
    query = """query($r: ID!, $e: String!) { node(id: $r) { ... on Repository {
      object(expression: $e) { ... on Blob { text isBinary byteSize } } } } }"""
    assert client.data(query, r=repo.node, e=f"HEAD:{path}")["node"]["object"] == shown
    oid = repo.git.resolve(f"HEAD:{path}")
    blob = client.get(f"/repos/acme/web/git/blobs/{oid}")
    content = FILES[path]
    assert base64.b64decode(blob["content"]) == content


def test_a_recursive_tree_lists_every_path(client: Client, repo: Repo) -> None:
    answer = client.get(f"/repos/{repo.full_name}/git/trees/main?recursive=1")
    paths = {entry["path"] for entry in answer["tree"]}
    assert (paths, answer["truncated"]) == ({*FILES, "api", "api/docker"}, False)


def test_unknown_things_are_null_with_github_words(client: Client, repo: Repo) -> None:
    answer = client.graphql('{ repository(owner: "acme", name: "nope") { id } }')
    assert answer["data"] == {"repository": None}
    assert answer["errors"][0]["type"] == "NOT_FOUND"
    query = 'query($r: ID!) { node(id: $r) { ... on Repository { object(oid: "%s") { id } } } }'
    assert client.data(query % ("1" * 40), r=repo.node) == {"node": {"object": None}}


def test_an_etag_saves_the_answer_and_the_limit(client: Client, repo: Repo) -> None:
    path = f"/repos/{repo.full_name}"
    first = client.http.get(path)
    again = client.http.get(path, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    left = [int(answer.headers["x-ratelimit-remaining"]) for answer in (first, again)]
    assert left[0] == left[1]


def test_a_renamed_repository_leads_on(server: GitHubServer, client: Client, repo: Repo) -> None:
    server.rename_repo("acme/web", "site")
    moved = client.http.get("/repos/acme/web")
    assert moved.status_code == 301
    followed = client.http.get(moved.headers["location"]).json()
    assert followed["full_name"] == repo.full_name == "acme/site"
    assert client.rest("POST", "/repos/acme/web/labels", name="x").status_code == 307
    query = """{ a: repository(owner: "acme", name: "web") { nameWithOwner }
      b: repository(owner: "acme", name: "web", followRenames: false) { id } }"""
    data = client.graphql(query)["data"]
    assert data == {"a": {"nameWithOwner": "acme/site"}, "b": None}


@pytest.mark.parametrize("prefix", ["", "/api/v3"])
def test_an_enterprise_server_has_prefixes(client: Client, repo: Repo, prefix: str) -> None:
    shown = client.get(f"{prefix}/repos/{repo.full_name}")
    assert shown["url"].endswith(f"{prefix}/repos/acme/web")
    endpoint = "/api/graphql" if prefix else "/graphql"
    answer = client.http.post(endpoint, json={"query": "{ viewer { login } }"}).json()
    assert answer == {"data": {"viewer": {"login": "basebump-bot"}}}


def test_code_search_stops_at_a_thousand(server: GitHubServer, client: Client) -> None:
    files = {f"d{number}/Dockerfile": b"FROM a\n" for number in range(1010)}
    server.add_repo("acme/many", files)
    path = "/search/code?q=filename:Dockerfile+org:acme&per_page=100&page="
    assert client.get(f"{path}1")["total_count"] == 1010
    assert client.rest("GET", f"{path}11").status_code == 422


# publishing


def test_one_request_opens_a_pull_request(client: Client, repo: Repo) -> None:
    data = publish(client, repo)["data"]
    assert data["createPullRequest"]["pullRequest"]["mergeable"] == "MERGEABLE"
    assert data["createCommitOnBranch"]["commit"]["signature"] == {"isValid": True}
    shown = client.get("/repos/acme/web/pulls/1")
    assert (shown["state"], shown["commits"], shown["changed_files"]) == ("open", 1, 1)


def test_a_failing_mutation_does_not_stop_the_others(client: Client, repo: Repo) -> None:
    publish(client, repo)
    answer = publish(client, repo)
    assert list(answer["data"].values()) == [None, None, None]
    assert [error["message"] for error in answer["errors"]][2] == (
        "A pull request already exists for acme:basebump/node."
    )


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ("same", "No commits between main and same"),
        ("basebump/node", "A pull request already exists for acme:basebump/node."),
    ],
)
def test_rest_refuses_what_github_refuses(
    client: Client, repo: Repo, head: str, message: str
) -> None:
    publish(client, repo)
    sha = repo.git.head_oid()
    client.rest("POST", "/repos/acme/web/git/refs", ref="refs/heads/same", sha=sha)
    answer = client.rest("POST", "/repos/acme/web/pulls", title="t", head=head, base="main")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["message"] == message


def test_a_second_reference_is_refused(client: Client, repo: Repo) -> None:
    body = {"ref": "refs/heads/x", "sha": repo.git.head_oid()}
    codes = [client.rest("POST", "/repos/acme/web/git/refs", **body) for _ in range(2)]
    assert [answer.status_code for answer in codes] == [201, 422]
    assert codes[1].json()["message"] == "Reference already exists"


def test_a_ref_only_moves_forward(server: GitHubServer, client: Client, repo: Repo) -> None:
    old = repo.git.head_oid()
    server.push_as_human("acme/web", "main", {"a": b"a"})
    path = "/repos/acme/web/git/refs/heads/main"
    answer = client.rest("PATCH", path, sha=old)
    assert (answer.status_code, answer.json()["message"]) == (422, "Update is not a fast forward")
    assert client.rest("PATCH", path, sha=old, force=True).status_code == 200


def test_trees_and_commits_keep_modes(client: Client, repo: Repo) -> None:
    base, head = "/repos/acme/web/git", repo.git.head_oid()
    entry = {"path": "run.sh", "mode": "100755", "type": "blob", "content": "#!/bin/bash\n"}
    tree = client.rest("POST", f"{base}/trees", base_tree=head, tree=[entry]).json()
    body = {"message": "m", "tree": tree["sha"], "parents": [head]}
    commit = client.rest("POST", f"{base}/commits", **body).json()
    done = client.rest("PATCH", f"{base}/refs/heads/main", sha=commit["sha"])
    assert done.status_code == 200
    found = repo.git.entry_at(repo.git.tree_of(commit["sha"]), "run.sh")
    assert found is not None
    assert (found.mode, repo.git.need(found.oid).data) == ("100755", b"#!/bin/bash\n")


def test_resetting_a_branch_to_its_base_closes_its_pull_request(client: Client, repo: Repo) -> None:
    publish(client, repo)
    path = "/repos/acme/web/git/refs/heads/basebump/node"
    client.rest("PATCH", path, sha=repo.git.head_oid(), force=True)
    assert repo.pulls[1].state == "CLOSED"


def test_deleting_a_branch_closes_its_pull_request(client: Client, repo: Repo) -> None:
    publish(client, repo)
    path = "/repos/acme/web/git/refs/heads/basebump/node"
    assert client.rest("DELETE", path).status_code == 204
    assert repo.pulls[1].state == "CLOSED"


def test_labels_reviewers_and_assignees_come_in_a_second_request(
    server: GitHubServer, client: Client, repo: Repo
) -> None:
    server.add_org("acme", teams=("platform",))
    publish(client, repo)
    ids = client.data(
        """query($r: ID!) { node(id: $r) { ... on Repository {
        label(name: "bug") { id } pullRequest(number: 1) { id } } }
        user(login: "octocat") { id }
        organization(login: "acme") { team(slug: "platform") { id } } }""",
        r=repo.node,
    )
    client.data(
        """mutation($p: ID!, $l: ID!, $u: ID!, $t: ID!) {
        addLabelsToLabelable(input: {labelableId: $p, labelIds: [$l]}) { clientMutationId }
        addAssigneesToAssignable(input: {assignableId: $p, assigneeIds: [$u]}) {
          assignable { assignees(first: 1) { nodes { login } } } }
        requestReviews(input: {pullRequestId: $p, userIds: [$u], teamIds: [$t]}) {
          pullRequest { reviewRequests(first: 5) { nodes { requestedReviewer {
            ... on User { login } ... on Team { slug } } } } } }
        addComment(input: {subjectId: $p, body: "why"}) { commentEdge { node { body } } } }""",
        p=ids["node"]["pullRequest"]["id"],
        l=ids["node"]["label"]["id"],
        u=ids["user"]["id"],
        t=ids["organization"]["team"]["id"],
    )
    shown = server.state()["acme/web"]["pulls"]
    assert isinstance(shown, list)
    assert shown[0]["labels"] == ["bug"]
    assert shown[0]["reviewers"] == ["octocat", "platform"]
    assert (shown[0]["assignees"], shown[0]["comments"]) == (["octocat"], ["why"])


# following


STATUS = """query($r: ID!) { node(id: $r) { ... on Repository { pullRequest(number: 1) {
  state merged mergeable mergeStateStatus reviewDecision headRefOid
  commits(last: 1) { nodes { commit { statusCheckRollup { state
    contexts(first: 10) { nodes { __typename ... on CheckRun { name conclusion }
      ... on StatusContext { context state } } } } } } } } } } }"""


def test_checks_and_statuses_roll_up(server: GitHubServer, client: Client, repo: Repo) -> None:
    publish(client, repo)
    oid = repo.pulls[1].head_oid
    server.set_status("acme/web", oid, "ci/old", "success")
    check = server.set_check("acme/web", oid, "build", "failure", log="npm ERR!\n")
    shown = client.data(STATUS, r=repo.node)["node"]["pullRequest"]
    rollup = shown["commits"]["nodes"][0]["commit"]["statusCheckRollup"]
    assert (rollup["state"], shown["mergeStateStatus"]) == ("FAILURE", "UNSTABLE")
    assert len(rollup["contexts"]["nodes"]) == 2
    answer = client.http.get(f"/repos/acme/web/actions/jobs/{check.id}/logs")
    assert answer.status_code == 302
    assert httpx.get(answer.headers["location"]).text == "npm ERR!\n"


def test_a_merge_waits_for_required_checks(
    server: GitHubServer, client: Client, repo: Repo
) -> None:
    server.protect("acme/web", "main", required_checks=("build",))
    publish(client, repo)
    path = "/repos/acme/web/pulls/1/merge"
    blocked = client.rest("PUT", path, merge_method="squash")
    assert (blocked.status_code, "build" in blocked.json()["message"]) == (405, True)
    server.set_check("acme/web", repo.pulls[1].head_oid, "build", "success")
    assert client.rest("PUT", path, merge_method="squash").json()["merged"] is True
    assert repo.git.resolve("HEAD:Dockerfile") == repo.git.blob(b"FROM node:8.9.3\n")


def test_auto_merge_merges_when_the_checks_are_green(
    server: GitHubServer, client: Client, repo: Repo
) -> None:
    server.protect("acme/web", "main", required_checks=("build",))
    publish(client, repo)
    query = """mutation($p: ID!) { enablePullRequestAutoMerge(input: {pullRequestId: $p}) {
      pullRequest { autoMergeRequest { mergeMethod } } } }"""
    client.data(query, p=repo.pulls[1].node)
    assert repo.pulls[1].state == "OPEN"
    server.set_check("acme/web", repo.pulls[1].head_oid, "build", "success")
    assert repo.pulls[1].state == "MERGED"


def test_both_sides_changing_a_line_conflict(
    server: GitHubServer, client: Client, repo: Repo
) -> None:
    publish(client, repo)
    server.push_as_human("acme/web", "main", {"Dockerfile": b"FROM node:9\n"})
    shown = client.data(STATUS, r=repo.node)["node"]["pullRequest"]
    assert (shown["mergeable"], shown["mergeStateStatus"]) == ("CONFLICTING", "DIRTY")
    assert client.rest("PUT", "/repos/acme/web/pulls/1/merge").status_code == 405


def test_other_work_on_the_base_merges(server: GitHubServer, client: Client, repo: Repo) -> None:
    publish(client, repo)
    server.push_as_human("acme/web", "main", {"other": b"x"})
    server.merge_pull("acme/web", 1)
    paths = repo.git.leaves(repo.git.tree_of(str(repo.git.head_oid())))
    assert "other" in paths
    assert client.get("/repos/acme/web/pulls/1")["merged"] is True


# git


def test_git_clones_what_the_api_made(
    server: GitHubServer, client: Client, repo: Repo, tmp_path: Path
) -> None:
    publish(client, repo)
    url = server.url.replace("//", f"//x-access-token:{server.token}@")
    target = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", f"{url}/acme/web.git", str(target)], check=True)
    git = ["git", "-C", str(target)]
    subprocess.run([*git, "checkout", "-q", "basebump/node"], check=True)
    assert (target / "Dockerfile").read_bytes() == b"FROM node:8.9.3\n"
    assert (target / "link").is_symlink()
    checked = subprocess.run([*git, "fsck", "--strict"], check=False, capture_output=True)
    assert checked.returncode == 0, checked.stderr


def test_git_sees_later_commits(server: GitHubServer, repo: Repo) -> None:
    folder = server.git_dir("acme/web")
    oid = server.push_as_human("acme/web", "main", {"a": b"a"})
    command = ["git", "-C", str(folder), "rev-parse", "HEAD"]
    shown = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    assert shown == oid == repo.git.head_oid()


def test_mergeability_may_be_unknown_at_first(
    server: GitHubServer, client: Client, repo: Repo
) -> None:
    server.world.lazy_mergeability = True
    client.rest(
        "PUT", "/repos/acme/web/contents/a", message="m", content="YQ==", branch="main"
    ).raise_for_status()
    publish(client, repo)
    repo.mergeability.clear()
    seen = [client.get("/repos/acme/web/pulls/1")["mergeable"] for _ in range(2)]
    assert seen == [None, True]


def test_a_rule_may_demand_signed_commits(server: GitHubServer, client: Client, repo: Repo) -> None:
    server.protect("acme/web", "*", require_signatures=True)
    base, head = "/repos/acme/web/git", repo.git.head_oid()
    body = {"message": "m", "tree": repo.git.tree_of(str(head)), "parents": [head]}
    commit = client.rest("POST", f"{base}/commits", **body).json()
    assert commit["verification"]["verified"] is False
    refused = client.rest("POST", f"{base}/refs", ref="refs/heads/x", sha=commit["sha"])
    assert "verified signatures" in refused.json()["message"]
    assert "errors" not in publish(client, repo)


def test_it_serves_a_folder_from_the_command_line(tmp_path: Path, server: GitHubServer) -> None:
    del server  # it says whether the contracts are there
    (tmp_path / "fleet" / "web").mkdir(parents=True)
    (tmp_path / "fleet" / "web" / "Dockerfile").write_bytes(b"FROM node:8.9.1\n")
    arguments = ["--fleet", str(tmp_path / "fleet"), "--org", "acme", "--no-validate"]
    command = [sys.executable, "-m", "tests.github_server", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url, token = (process.stdout.readline().split()[1] for _ in range(2))
        client = Client(url, token)
        shown = client.get("/repos/acme/web/contents/Dockerfile")
        client.http.close()
        process.terminate()
    assert base64.b64decode(shown["content"]) == b"FROM node:8.9.1\n"


CLOSED = """query($r: ID!) { node(id: $r) { ... on Repository { pullRequest(number: 1) { state
  timelineItems(last: 1, itemTypes: [CLOSED_EVENT]) { nodes {
    ... on ClosedEvent { actor { login } } } } } } } }"""


def test_it_says_who_closed_a_pull_request(
    server: GitHubServer, client: Client, repo: Repo
) -> None:
    publish(client, repo)
    server.close_pull("acme/web", 1)
    shown = client.data(CLOSED, r=repo.node)["node"]["pullRequest"]
    assert shown["timelineItems"]["nodes"] == [{"actor": {"login": "octocat"}}]
    assert client.get("/repos/acme/web/issues/1")["closed_by"]["login"] == "octocat"
    client.rest("PATCH", "/repos/acme/web/pulls/1", state="open")
    client.rest("PATCH", "/repos/acme/web/pulls/1", state="closed")
    shown = client.data(CLOSED, r=repo.node)["node"]["pullRequest"]
    assert shown["timelineItems"]["nodes"] == [{"actor": {"login": "basebump-bot"}}]


def test_two_branches_are_compared(server: GitHubServer, client: Client, repo: Repo) -> None:
    publish(client, repo)
    server.push_as_human("acme/web", "main", {"a": b"a"})
    shown = client.get(f"/repos/{repo.full_name}/compare/main...basebump/node")
    assert (shown["status"], shown["ahead_by"], shown["behind_by"]) == ("diverged", 1, 1)


def test_an_enterprise_server_says_its_version(server: GitHubServer, client: Client) -> None:
    server.world.enterprise_version = "3.17.0"
    answer = client.rest("GET", "/api/v3/meta")
    assert answer.headers["x-github-enterprise-version"] == "3.17.0"
    assert answer.json()["installed_version"] == "3.17.0"


def test_a_missing_scope_is_named(connect: Callable[..., Client], server: GitHubServer) -> None:
    repo = server.add_repo("acme/open", FILES, visibility="PUBLIC")
    answer = publish(connect(scopes=frozenset({"read:org"})), repo)
    assert {error["type"] for error in answer["errors"]} == {"INSUFFICIENT_SCOPES"}
    assert "['public_repo', 'repo']" in answer["errors"][0]["message"]
    assert list(repo.git.refs) == ["refs/heads/main"]


def test_actions_may_be_kept_from_opening_pull_requests(
    connect: Callable[..., Client], server: GitHubServer
) -> None:
    repo = server.add_repo("acme/strict", FILES, actions_may_open=False)
    allowed = {"contents": "write", "pull_requests": "write"}
    client = connect(login="github-actions[bot]", kind="actions", permissions=allowed)
    answer = publish(client, repo)
    assert answer["errors"][0]["path"] == ["createPullRequest"]
    assert "not permitted" in answer["errors"][0]["message"]


@pytest.mark.parametrize("path", ["contents", "contents/", "contents/api"])
def test_a_folder_lists_its_files(client: Client, repo: Repo, path: str) -> None:
    names = [each["name"] for each in client.get(f"/repos/{repo.full_name}/{path}")]
    assert names == (
        ["docker"] if path.endswith("api") else sorted({"api", *FILES} - {"api/docker/Dockerfile"})
    )
