"""The table of cases: what the check says of a Dockerfile, and where it keeps silent."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from basebump.core.cache_order import check
from basebump.core.cache_order.table import ECOSYSTEMS
from basebump.core.dockerfile import parse

FOLDER = Path(__file__).parents[2] / "fixtures" / "cases" / "cache-order"
TABLES = {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in FOLDER.glob("*.yaml")}
AT_LEAST_SIX = (
    "npm",
    "yarn",
    "pnpm",
    "pip",
    "poetry",
    "uv",
    "bundler",
    "composer",
    "go",
    "dotnet",
    "cargo",
)


def _cases(*, silent: bool) -> list[Any]:
    return [
        pytest.param(case, id=f"{table}: {case['name']}")
        for table, cases in sorted(TABLES.items())
        for case in cases
        if bool(case["finds"]) is not silent
    ]


@pytest.mark.parametrize("case", _cases(silent=True))
def test_stays_silent(case: dict[str, Any]) -> None:
    assert check(parse(case["dockerfile"].encode()), context=None) == []


@pytest.mark.parametrize("case", _cases(silent=False))
def test_finds(case: dict[str, Any]) -> None:
    findings = check(parse(case["dockerfile"].encode()), context=None)
    told = [
        {"rule": f.rule, "severity": f.severity, "line": f.line, "install_line": f.install_line}
        for f in findings
    ]
    assert told == case["finds"]


def test_what_is_suggested_for_composer_keeps_the_installs_own_flags() -> None:
    install = "composer install --no-dev --optimize-autoloader --classmap-authoritative"
    text = f"FROM php:8.3\nWORKDIR /app\nCOPY . .\nRUN {install}\n"
    (finding,) = check(parse(text.encode()), context=None)
    assert finding.suggestion[1:] == (
        f"RUN {install} --no-scripts --no-autoloader",
        "COPY . .",
        "RUN composer dump-autoload --optimize --no-dev --classmap-authoritative",
    )


def test_every_ecosystem_has_its_table() -> None:
    assert len(TABLES) == len(ECOSYSTEMS)
    assert all(len(cases) >= 3 for cases in TABLES.values())
    assert all(len(TABLES[name]) >= 6 for name in AT_LEAST_SIX)


def test_silence_comes_first() -> None:
    for cases in TABLES.values():
        silent = [not case["finds"] for case in cases]
        assert silent == sorted(silent, reverse=True)


def test_every_row_says_where_it_comes_from() -> None:
    assert all(row.docs.startswith("https://") for row in ECOSYSTEMS)
