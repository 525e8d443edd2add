"""The contracts: fetched once, cut down, and their absence said clearly."""

import time
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

from tests.github_server import ContractsMissing
from tests.github_server.contracts import contract, reduced_openapi, reduced_sdl
from tests.github_server.graphql.execute import schema, served
from tests.github_server.rest.router import ROUTES
from tests.github_server.testing import PUBLISH


@pytest.fixture(autouse=True)
def _contracts() -> None:
    try:
        contract("schema.graphql")
        contract("api.github.com.json")
    except ContractsMissing as missing:
        pytest.skip(str(missing))


def test_without_npm_the_contracts_are_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ContractsMissing, match="npm is not installed"):
        contract("schema.graphql", tmp_path)


def test_what_github_has_not_cannot_be_served() -> None:
    with pytest.raises(KeyError, match="shoeSize"):
        reduced_sdl({"User": ["login", "shoeSize"]})


def test_what_is_served_is_what_github_describes() -> None:
    full = build_schema(contract("schema.graphql").read_text(), assume_valid=True)
    document = parse(PUBLISH)
    assert validate(full, document) == validate(schema(), document) == []
    for name, table in served().items():
        assert table.keys() <= getattr(full.type_map[name], "fields", {}).keys()


def test_every_rest_route_is_in_githubs_description() -> None:
    paths = reduced_openapi(ROUTES)["paths"]
    assert {(m.upper(), path) for path, verbs in paths.items() for m in verbs} == ROUTES.keys()


def test_a_warm_schema_takes_less_than_a_second() -> None:
    schema()
    schema.cache_clear()
    before = time.perf_counter()
    schema()
    assert time.perf_counter() - before < 1
