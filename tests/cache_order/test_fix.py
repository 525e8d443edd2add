"""The fix: what is left alone and why, what is changed and how."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from basebump.core.cache_order import RULE, Context, Finding, check
from basebump.core.dockerfile import parse
from basebump.core.rewrite import apply

PATH = Path(__file__).parents[2] / "fixtures" / "cases" / "cache-order" / "fix" / "cases.yaml"
CASES = yaml.safe_load(PATH.read_text("utf-8"))
LEFT = [pytest.param(case, id=case["name"]) for case in CASES if "reason" in case]
FIXED = [pytest.param(case, id=case["name"]) for case in CASES if "fixed" in case]
ENDINGS = [pytest.param("\n", id="LF"), pytest.param("\r\n", id="CRLF")]


def context(case: dict[str, Any]) -> Context:
    files = {path: text.encode() for path, text in case["files"].items()}
    return Context("Dockerfile", frozenset({"Dockerfile", *files}), files)


def found(text: str, case: dict[str, Any]) -> list[Finding]:
    findings = check(parse(text.encode()), context=context(case))
    return [finding for finding in findings if finding.rule == RULE]


def fixed(text: str, case: dict[str, Any]) -> str:
    edits = {edit for finding in found(text, case) for edit in finding.fix or ()}
    return apply(text, edits)


@pytest.mark.parametrize("case", LEFT)
def test_says_why_it_is_not_fixed(case: dict[str, Any]) -> None:
    findings = found(case["dockerfile"], case)
    assert [(f.fix, f.not_fixed) for f in findings] == [(None, case["reason"])]


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("case", FIXED)
def test_moves_the_copy_and_nothing_else(case: dict[str, Any], ending: str) -> None:
    before = case["dockerfile"].replace("\n", ending)
    assert fixed(before, case) == case["fixed"].replace("\n", ending)


@pytest.mark.parametrize("case", FIXED)
def test_a_fixed_file_is_clean_and_stays_so(case: dict[str, Any]) -> None:
    assert found(case["fixed"], case) == []


@pytest.mark.parametrize("case", FIXED)
def test_keeps_a_missing_last_newline_missing(case: dict[str, Any]) -> None:
    bare = case["dockerfile"].removesuffix("\n")
    assert fixed(bare, case) == case["fixed"].removesuffix("\n")


@pytest.mark.parametrize("case", FIXED)
def test_keeps_a_byte_order_mark(case: dict[str, Any]) -> None:
    assert fixed("\ufeff" + case["dockerfile"], case) == "\ufeff" + case["fixed"]


def test_every_install_behind_a_copy_carries_the_same_fix() -> None:
    case = next(case for case in CASES if case["name"] == "two installs behind one copy")
    first, second = found(case["dockerfile"], case)
    assert first.fix == second.fix
