"""Every GraphQL document that is sent holds to GitHub's own schema."""

from functools import cache

import pytest
from graphql import GraphQLSchema, build_schema, parse, validate

from basebump.core.campaign import Change, FileChange, Marker
from basebump.forge.github import mutations, queries
from tests.github_server.contracts import ContractsMissing, contract

OID = "0" * 40
CHANGE = Change(
    "web", "main", OID, "basebump/x-1", "Upgrade", "body\n", Marker("c", "i", "t", "h"),
    (FileChange("Dockerfile", "100644", b"FROM a:1\n", b"FROM a:2\n", ()),),
)  # fmt: skip
WRITES = [
    mutations.create_label("R_1", "dependencies"),
    mutations.create_branch("R_1", CHANGE.branch, OID),
    mutations.move_branch("R_1", CHANGE.branch, OID, mutations.NOBODY),
    mutations.commit("acme/web", CHANGE, "headline\n\nbody"),
    mutations.create_pull("R_1", CHANGE, "body"),
    mutations.update_pull("PR_1", body="body", state="CLOSED"),
    mutations.reopen("PR_1"),
    mutations.comment("PR_1", "text"),
    mutations.add_labels("PR_1", ["LA_1"]),
    mutations.assign("PR_1", ["U_1"]),
    mutations.request_reviews("PR_1", ["U_1"], ["T_1"]),
    mutations.auto_merge("PR_1", "squash"),
]
DOCUMENTS = {**queries.samples(), "Writes": mutations.document("Writes", WRITES)}


@cache
def schema(name: str = "schema.graphql") -> GraphQLSchema:
    try:
        return build_schema(contract(name).read_text(), assume_valid=True)
    except ContractsMissing as missing:
        pytest.skip(str(missing))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_holds_to_the_schema(name: str) -> None:
    assert validate(schema(), parse(DOCUMENTS[name])) == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_holds_to_the_schema_that_enterprise_servers_were_cut_from(name: str) -> None:
    assert validate(schema("schema-2024.graphql"), parse(DOCUMENTS[name])) == []


@pytest.mark.parametrize("mutation", WRITES, ids=lambda each: each.field)
def test_inputs_hold_to_the_schema(mutation: mutations.Mutation) -> None:
    from graphql.utilities import coerce_input_value  # noqa: PLC0415 - only here

    kind = schema().type_map[mutation.type.rstrip("!")]
    problems: list[str] = []
    coerce_input_value(mutation.given, kind, lambda _p, _v, e: problems.append(e.message))  # type: ignore[arg-type]
    assert problems == []


def test_every_form_that_the_source_sends_is_among_them() -> None:
    named = {"Heads", "Trees", "Blobs", "Found", "Pulls"}
    assert named <= set(DOCUMENTS)
