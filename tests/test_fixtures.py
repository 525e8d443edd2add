"""The fixtures keep their own promises, so that the tests which stand on them can trust them."""

import difflib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
CASES = sorted(path for path in (FIXTURES / "cases" / "rewrite").iterdir() if path.is_dir())
VERDICTS = {
    "bump",
    "up-to-date",
    "newer",
    "floating",
    "other-line",
    "no-such-target",
    "pinned",
    "variable",
    "ignored",
    "not-selected",
    "unreadable",
}
HOSTILE_CONFIGURATION = """
[core]
    autocrlf = true
    hooksPath = /nonexistent
[init]
    defaultBranch = surprise
[user]
    name = Someone Else
    email = else@example.com
[commit]
    gpgSign = true
"""


def read_yaml(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return content


FLEET: dict[str, dict[str, Any]] = read_yaml(FIXTURES / "fleet.yaml")["repositories"]
EXPECTED: dict[str, dict[str, Any]] = read_yaml(FIXTURES / "fleet.expected.yaml")["repositories"]
REFERENCES = [
    pytest.param(name, reference, id=f"{name}-{reference['path']}-{reference['line']}")
    for name, repository in EXPECTED.items()
    for reference in repository["references"]
]


def build(destination: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(FIXTURES / "build_fleet.py"), str(destination)]
    return subprocess.run(
        command, env=os.environ | environment, capture_output=True, text=True, check=False
    )


def git(repository: Path, *arguments: str) -> str:
    command = ["git", "-C", str(repository), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def repositories(fleet: Path) -> dict[str, Path]:
    return {path.name.removesuffix(".git"): path for path in fleet.iterdir() if path.is_dir()}


def refs(fleet: Path) -> dict[str, str]:
    """Every ref of every repository, and what HEAD says."""
    return {
        name: (path / ".git" / "HEAD" if (path / ".git").exists() else path / "HEAD").read_text()
        + git(path, "for-each-ref")
        for name, path in repositories(fleet).items()
    }


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    destination = tmp_path_factory.mktemp("fixtures") / "fleet"
    assert build(destination).returncode == 0
    return destination


def test_leaves_a_folder_alone_that_it_did_not_build(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("irreplaceable")
    result = build(tmp_path)
    assert result.returncode == 2
    assert "not built by this script" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_builds_the_same_commits_whatever_the_user_has_configured(
    fleet: Path, tmp_path: Path
) -> None:
    (tmp_path / ".gitconfig").write_text(HOSTILE_CONFIGURATION)
    hostile = {
        "HOME": str(tmp_path),
        "GIT_CONFIG_GLOBAL": str(tmp_path / ".gitconfig"),
        "GIT_AUTHOR_DATE": "2001-01-01T00:00:00Z",
        "GIT_DIR": str(tmp_path / "elsewhere"),
        "TZ": "Asia/Tokyo",
    }
    assert build(tmp_path / "again", **hostile).stderr == ""
    assert refs(tmp_path / "again") == refs(fleet)


def test_builds_again_over_its_own_folder(tmp_path: Path) -> None:
    build(tmp_path / "fleet")
    (tmp_path / "fleet" / "web" / "Dockerfile").unlink()
    result = build(tmp_path / "fleet")
    assert result.stdout == f"built {len(FLEET)} repositories in {tmp_path / 'fleet'}\n"
    assert (tmp_path / "fleet" / "web" / "Dockerfile").exists()


def test_every_repository_of_the_list_is_built_and_expected(fleet: Path) -> None:
    assert len(FLEET) >= 28
    assert set(repositories(fleet)) == set(FLEET) == set(EXPECTED)
    filled = {name for name, facts in FLEET.items() if not facts.get("empty")}
    assert {path.name for path in (FIXTURES / "fleet").iterdir()} == filled


def test_git_finds_no_fault(fleet: Path) -> None:
    reports = {name: git(path, "fsck", "--strict") for name, path in repositories(fleet).items()}
    assert {report for name, report in reports.items() if not FLEET[name].get("empty")} == {""}


def test_work_trees_are_checked_out_and_clean(fleet: Path) -> None:
    trees = [path for path in repositories(fleet).values() if (path / ".git").exists()]
    assert {git(path, "status", "--porcelain") for path in trees} == {""}


def test_the_special_ones_are_what_the_list_says(fleet: Path) -> None:
    assert git(fleet / "ledger", "symbolic-ref", "HEAD") == "refs/heads/trunk"
    assert git(fleet / "greenfield", "for-each-ref") == ""
    assert git(fleet / "mailer.git", "rev-parse", "--is-bare-repository") == "true"
    assert git(fleet / "rollback", "branch", "--show-current") == ""
    assert git(fleet / "kiosk", "ls-tree", "HEAD", "Dockerfile").startswith("100755 blob")
    assert git(fleet / "scheduler", "ls-tree", "HEAD", "Dockerfile").startswith("120000 blob")
    assert git(fleet / "storefront", "ls-tree", "HEAD", "vendor/").startswith("160000 commit")


def test_bytes_reach_git_as_they_are(fleet: Path) -> None:
    assert b"8.9.1\r\n" in (fleet / "legacy-portal" / "Dockerfile").read_bytes()
    assert (fleet / "partner-portal" / "Dockerfile").read_bytes().startswith(b"\xef\xbb\xbf")
    assert b"\xe9quipe" in (fleet / "comptoir" / "Dockerfile").read_bytes()
    assert not (fleet / "tracking-pixel" / "Dockerfile").read_bytes().endswith(b"\n")


@pytest.mark.parametrize(("name", "reference"), REFERENCES)
def test_every_expected_reference_stands_in_its_file(name: str, reference: dict[str, Any]) -> None:
    root, path = FIXTURES / "fleet" / name, reference["path"]
    source = (root / FLEET[name].get("symlinks", {}).get(path, path)).read_bytes()
    line = source.split(b"\n")[reference["line"] - 1]
    assert (reference["written"] or "").encode() in line
    assert reference["verdict"] in VERDICTS
    assert (reference["new"] is not None) == (reference["verdict"] == "bump")
    assert (reference["written"] is None) == (reference["verdict"] == "unreadable")


def test_every_kind_of_reference_and_outcome_is_in_the_fleet() -> None:
    references = [r for repository in EXPECTED.values() for r in repository["references"]]
    assert {r["kind"] for r in references} == {"from", "copy", "mount", "syntax", None}
    # `no-such-target` needs a registry.
    assert {r["verdict"] for r in references} == VERDICTS - {"no-such-target"}
    assert {repository["outcome"] for repository in EXPECTED.values()} == {"ok", "skipped"}


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 50


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_is_complete(case: Path) -> None:
    facts = read_yaml(case / "case.yaml")
    lines = (case / "before.Dockerfile").read_bytes().split(b"\n")
    verdicts = facts.pop("verdicts")
    assert facts.pop("what").endswith(".")
    assert set(facts) <= {"rule"}
    assert {tuple(verdict) for verdict in verdicts} <= {("line", "written", "verdict")}
    assert {verdict["verdict"] for verdict in verdicts} <= VERDICTS
    assert all((v["written"] or "").encode() in lines[v["line"] - 1] for v in verdicts)
    assert verdicts == sorted(verdicts, key=lambda verdict: int(verdict["line"]))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_has_an_after_where_a_reference_moves(case: Path) -> None:
    moved = [v for v in read_yaml(case / "case.yaml")["verdicts"] if v["verdict"] == "bump"]
    assert (case / "after.Dockerfile").exists() == bool(moved)
    assert case.name.startswith("noop-") == (not moved)


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if (case / "after.Dockerfile").exists()],
    ids=lambda case: case.name,
)
def test_before_and_after_differ_in_tag_bytes_only(case: Path) -> None:
    before = (case / "before.Dockerfile").read_bytes()
    after = (case / "after.Dockerfile").read_bytes()
    assert before != after
    assert before.count(b"\n") == after.count(b"\n")
    assert [
        piece
        for piece in differences(before, after)
        if not re.fullmatch(rb"[\w.-]*:?[\w.-]*", piece)
    ] == []


def differences(before: bytes, after: bytes) -> Iterator[bytes]:
    """Yield what stands between the common parts of two texts, on either side."""
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    ends = [(0, 0, 0), *matcher.get_matching_blocks()]
    for last, block in pairwise(ends):
        yield before[last[0] + last[2] : block[0]]
        yield after[last[1] + last[2] : block[1]]
