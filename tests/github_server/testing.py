"""For tests that use the server: a plain client, one way to publish, a skip without contracts."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.github_server.clock import Clock
from tests.github_server.contracts import ContractsMissing
from tests.github_server.limits import Limits
from tests.github_server.model import Repo
from tests.github_server.server import GitHubServer

Json = dict[str, Any]


@contextmanager
def running(
    root: Path, clock: Clock | None = None, *, limits: Limits | None = None, validate: bool = True
) -> Iterator[GitHubServer]:
    """Run a server; the test is skipped where GitHub's contracts cannot be had."""
    try:
        made = GitHubServer(root, clock, limits=limits, validate=validate)
    except ContractsMissing as missing:
        pytest.skip(str(missing))
    with made:
        yield made


class Client:
    """Plain HTTP with a token; `http.close()` ends it."""

    def __init__(self, url: str, token: str) -> None:
        headers = {"authorization": f"Bearer {token}"}
        self.http = httpx.Client(base_url=url, headers=headers, timeout=10)

    def rest(self, method: str, path: str, **body: Any) -> httpx.Response:  # noqa: ANN401 - JSON
        """Ask by REST, with a JSON body when there is one."""
        return self.http.request(method, path, json=body or None)

    def get(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """Give the JSON of a GET that must succeed."""
        return self.http.get(path).raise_for_status().json()

    def graphql(self, query: str, **variables: Any) -> Json:  # noqa: ANN401 - JSON
        """Give the whole answer of a GraphQL request."""
        body = {"query": query, "variables": variables}
        answer: Json = self.http.post("/graphql", json=body).raise_for_status().json()
        return answer

    def data(self, query: str, **variables: Any) -> Any:  # noqa: ANN401 - JSON
        """Give the data of a GraphQL request that must have no errors."""
        answer = self.graphql(query, **variables)
        assert "errors" not in answer, answer
        return answer["data"]


PUBLISH = """
mutation Publish($repo: ID!, $name: String!, $branch: String!, $ref: String!, $head: GitObjectID!) {
  createRef(input: {repositoryId: $repo, name: $ref, oid: $head}) { ref { id } }
  createCommitOnBranch(input: {
    branch: {repositoryNameWithOwner: $name, branchName: $branch}
    expectedHeadOid: $head
    message: {headline: "Upgrade node to 8.9.3"}
    fileChanges: {additions: [{path: "Dockerfile", contents: "RlJPTSBub2RlOjguOS4zCg=="}]}
  }) { commit { oid signature { isValid } } }
  createPullRequest(input: {
    repositoryId: $repo, baseRefName: "main", headRefName: $branch, title: "T", body: "B"
  }) { pullRequest { number mergeable url } }
}"""


def publish(client: Client, repo: Repo, branch: str = "basebump/node") -> Json:
    """Make a branch, a commit and a pull request in one request; give the whole answer."""
    head = repo.git.head_oid()
    ref = f"refs/heads/{branch}"
    return client.graphql(
        PUBLISH, repo=repo.node, name=repo.full_name, branch=branch, ref=ref, head=head
    )
