"""fixtures/cases/rewrite: what stays, and what becomes of the rest, byte for byte."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from basebump.config import parse
from basebump.core.facts import NoFacts
from basebump.core.plan import FilePlan, plan_file
from basebump.core.policy import Rule
from basebump.core.snapshot import SourceFile
from basebump.core.verdict import Verdict

CASES = Path(__file__).parents[2] / "fixtures/cases/rewrite"
UNTOUCHED = sorted(p.name for p in CASES.glob("*/") if not (p / "after.Dockerfile").exists())
CHANGED = sorted(p.name for p in CASES.glob("*/") if (p / "after.Dockerfile").exists())


def read(case: str) -> tuple[dict[str, Any], FilePlan]:
    folder = CASES / case
    told: dict[str, Any] = yaml.safe_load((folder / "case.yaml").read_text("utf-8"))
    content = (folder / "before.Dockerfile").read_bytes()
    return told, plan_file(SourceFile("Dockerfile", "100644", content), rules(told), NoFacts())


def rules(told: dict[str, Any]) -> tuple[Rule, ...]:
    rule = told.get("rule", {"image": "maichong/node", "to": "8.9.3"})
    return parse(yaml.safe_dump({"images": [rule]}), "case.yaml", Path()).images


@pytest.mark.parametrize("case", UNTOUCHED)
def test_leaves_every_byte(case: str) -> None:
    _, plan = read(case)
    assert plan.after() == plan.text


@pytest.mark.parametrize("case", CHANGED)
def test_changes_the_tag_and_nothing_else(case: str) -> None:
    told, plan = read(case)
    wanted = (CASES / case / "after.Dockerfile").read_bytes()
    assert plan.after().encode() == wanted, told["what"]


@pytest.mark.parametrize("case", UNTOUCHED + CHANGED)
def test_gives_each_reference_its_verdict(case: str) -> None:
    told, plan = read(case)
    got = [
        (judged.use.line, wanted["written"] and judged.use.written, judged.verdict.value)
        for judged, wanted in zip(images(plan), told["verdicts"], strict=True)
    ]
    assert got == [(w["line"], w["written"], w["verdict"]) for w in told["verdicts"]], told["what"]


@pytest.mark.parametrize("case", CHANGED)
def test_a_second_plan_is_empty(case: str) -> None:
    told, plan = read(case)
    again = plan_file(
        SourceFile("Dockerfile", "100644", plan.after().encode()), rules(told), NoFacts()
    )
    assert [j.reason for j in again.references if j.verdict is Verdict.BUMP] == []


def images(plan: FilePlan) -> list[Any]:
    return [j for j in plan.references if j.verdict is not Verdict.NOT_AN_IMAGE]
