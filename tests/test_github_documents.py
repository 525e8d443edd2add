"""What is really sent, at every step of a campaign's life, holds to what GitHub publishes.

`tests/github/test_documents.py` holds every document of the source to GitHub's schema; here it is
the bodies that arrive. GitHub publishes no schema of an Enterprise Server's GraphQL as a package:
the documents are held to the one of the time when they were cut, and the REST half to the
description of the oldest server that is supported.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLSchema, build_schema, parse, validate
from graphql.execution.values import get_variable_values
from graphql.language import OperationDefinitionNode

from tests.github.bot import Bot
from tests.github.organisation import FILES, OLD
from tests.github_server import ContractsMissing, GitHubServer, ManualClock
from tests.github_server.contracts import contract
from tests.github_server.log import Request

OLDEST = "ghes-3.17.json"
WIDE = {f"a/b/c/{number}/d/Dockerfile": OLD for number in range(65)}


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Request]]:
    """Every request of a campaign: opened, moved, closed by a person, opened again."""
    folder: Path = tmp_path_factory.mktemp("documents")
    try:
        server = GitHubServer(folder, ManualClock(1_800_000_000))
    except ContractsMissing as missing:
        pytest.skip(str(missing))
    with server:
        for name, files in FILES.items():
            server.add_repo(f"acme/{name}", files)
        server.add_repo("acme/wide", WIDE)
        Bot(server).apply()
        server.push_as_human("acme/web", "main", {"Dockerfile": OLD + b"USER node\n"})
        server.close_pull("acme/crlf", 1)
        Bot(server).apply(reopen=True)
        list(Bot(server).forge().pull_requests())
        yield list(server.requests)


@pytest.fixture(scope="module", params=["schema.graphql", "schema-2024.graphql"])
def schema(request: pytest.FixtureRequest) -> GraphQLSchema:
    return build_schema(contract(request.param).read_text(), assume_valid=True)


def test_every_document_and_its_values_hold_to_the_schema(
    sent: list[Request], schema: GraphQLSchema
) -> None:
    bodies = [json.loads(request.body) for request in sent if request.is_graphql]
    assert len(bodies) > 20
    assert [problem for body in bodies for problem in problems(schema, body)] == []


def problems(schema: GraphQLSchema, body: dict[str, Any]) -> list[object]:
    """What is wrong with a document or with the values that came with it."""
    document = parse(body["query"])
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    wrong: list[object] = list(validate(schema, document))
    values = get_variable_values(schema, operation.variable_definitions, body["variables"])
    return wrong + (values if isinstance(values, list) else [])


def test_every_rest_request_is_known_to_the_oldest_server_that_is_supported(
    sent: list[Request],
) -> None:
    paths = json.loads(contract(OLDEST).read_text())["paths"]
    known = [
        (verb.upper(), re.compile(re.sub(r"\{[^}]*\}", "[^/]+", path)))
        for path, verbs in paths.items()
        for verb in verbs
    ]
    asked = {(r.method, r.path.removeprefix("/api/v3")) for r in sent if not r.is_graphql}
    assert {method for method, _ in asked} == {"GET", "POST"}
    strangers = {
        (method, path)
        for method, path in asked
        if not any(verb == method and shape.fullmatch(path) for verb, shape in known)
    }
    assert strangers == set()
