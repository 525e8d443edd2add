"""The documented JSON is what the program prints: src/basebump/report/schema.json, version 1."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.world import HOME, Command

SCHEMA: dict[str, Any] = json.loads((HOME / "src/basebump/report/schema.json").read_text("utf-8"))
Document = dict[str, Any]


def faults(document: Document, schema: Document = SCHEMA) -> list[str]:
    return [
        f"{error.json_path}: {error.message}"
        for error in Draft202012Validator(schema).iter_errors(document)
    ]


def closed(schema: Any) -> Any:  # noqa: ANN401 - any part of a JSON document
    """The schema with every object closed: no key may be printed that it does not describe."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    tight = {key: closed(part) for key, part in schema.items()}
    if "required" in tight and "properties" in tight:
        tight["additionalProperties"] = False
    return tight


@pytest.fixture
def plan(few: Path, basebump: Command) -> Document:
    assert few.is_dir()
    document: Document = json.loads(basebump("plan", "--format", "json").stdout)
    return document


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("scan",), id="scan"),
        pytest.param(("scan", "--all"), id="scan --all"),
        pytest.param(("plan",), id="plan"),
        pytest.param(("plan", "--all"), id="plan --all"),
    ],
)
def test_what_is_printed_is_described(
    fleet: Path, basebump: Command, arguments: tuple[str, ...]
) -> None:
    document = json.loads(basebump(*arguments, "--format", "json").stdout)
    assert len(document["repositories"]) == sum(path.is_dir() for path in fleet.iterdir())
    assert faults(document) == []
    assert faults(document, closed(SCHEMA)) == []


def test_a_saved_plan_is_described(fleet: Path, basebump: Command) -> None:
    basebump("plan", "-o", "plan.json")
    document = json.loads((fleet.parent / "plan.json").read_text("utf-8"))
    assert len(document["plan"]["changes"]) == 39
    assert faults(document) == []
    assert faults(document, closed(SCHEMA)) == []


def test_a_saved_plan_is_the_printed_one_and_what_apply_needs(
    few: Path, basebump: Command, plan: Document
) -> None:
    basebump("plan", "-o", "plan.json")
    saved = json.loads((few.parent / "plan.json").read_text("utf-8"))
    assert {key: saved[key] for key in plan} == plan
    assert set(saved) - set(plan) == {"plan", "checksum"}


def test_a_key_of_a_later_version_is_let_pass(plan: Document) -> None:
    plan["repositories"][0]["invented later"] = True
    assert faults(plan) == []


def drop_a_key(document: Document) -> None:
    del document["repositories"][0]["files"][0]["references"][0]["platform"]


def invent_a_verdict(document: Document) -> None:
    document["repositories"][0]["files"][0]["references"][0]["verdict"] = "maybe"


def bump_to_nothing(document: Document) -> None:
    document["repositories"][0]["files"][0]["references"][0]["new"] = None


def count_from_zero(document: Document) -> None:
    document["repositories"][0]["files"][0]["references"][0]["line"] = 0


def fail_without_a_reason(document: Document) -> None:
    document["repositories"][0] |= {"outcome": "failed", "files": []}


def claim_version_2(document: Document) -> None:
    document["version"] = 2


@pytest.mark.parametrize(
    "spoil",
    [drop_a_key, invent_a_verdict, bump_to_nothing, count_from_zero, fail_without_a_reason,
     claim_version_2],
)  # fmt: skip
def test_the_schema_finds_a_document_that_is_wrong(
    plan: Document, spoil: Callable[[Document], None]
) -> None:
    spoiled = copy.deepcopy(plan)
    spoil(spoiled)
    assert faults(spoiled) != []
