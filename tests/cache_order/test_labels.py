"""What a person makes of real Dockerfiles, against what the check says of them.

The files are other people's work and no part of the project: BASEBUMP_CORPUS names a folder that
holds `dockerfiles.tar.gz`, or what is in it (`owner+repo/path`).
"""

import os
import tarfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from basebump.core.cache_order import check
from basebump.core.dockerfile import parse

ROOT = Path(__file__).parents[2]
LABELS = yaml.load(
    (ROOT / "fixtures" / "cache-order-labels.yaml").read_text("utf-8"), yaml.CSafeLoader
)
CORPUS = Path(os.environ.get("BASEBUMP_CORPUS", ROOT.parent / "shared" / "corpus"))
needs_corpus = pytest.mark.skipif(
    not CORPUS.is_dir(),
    reason="no corpus: BASEBUMP_CORPUS must name the folder with dockerfiles.tar.gz",
)

Found = tuple[str, str, int, int]


def _contents() -> dict[str, bytes]:
    archive = CORPUS / "dockerfiles.tar.gz"
    if not archive.is_file():
        files = (path for path in CORPUS.rglob("*") if path.is_file())
        return {path.relative_to(CORPUS).as_posix(): path.read_bytes() for path in files}
    with tarfile.open(archive) as opened:
        files_in = [(member, opened.extractfile(member)) for member in opened if member.isfile()]
        return {m.name.removeprefix("./"): f.read() for m, f in files_in if f is not None}


@cache
def found() -> frozenset[Found]:
    """Every finding: `owner/repo/path`, rule, line of the copy and of the install."""
    return frozenset(
        (name.replace("+", "/", 1), f.rule, f.line, f.install_line)
        for name, content in _contents().items()
        for f in check(parse(content), context=None)
    )


def _name(label: dict[str, Any]) -> str:
    return f"{label['repo']}/{label['path']}"


@needs_corpus
def test_every_finding_has_been_read_by_a_person() -> None:
    read = {(_name(x), x["rule"], x["line"], x["install_line"]) for x in LABELS["precision"]}
    assert found() == read


@needs_corpus
def test_findings_are_right() -> None:
    right = {(_name(x), x["rule"], x["line"], x["install_line"])
             for x in LABELS["precision"] if x["verdict"] == "right"}  # fmt: skip
    assert len(found() & right) >= 0.97 * len(found())


@needs_corpus
def test_what_a_person_finds_is_found() -> None:
    wanted = {(_name(x), x["rule"], x["install_line"]) for x in LABELS["recall"] if x["rule"]}
    told = {(name, rule, install) for name, rule, _, install in found()}
    assert len(wanted & told) >= 0.9 * len(wanted)


@needs_corpus
def test_where_a_person_finds_nothing_nothing_is_said() -> None:
    silent = {_name(x) for x in LABELS["recall"] if not x["rule"]}
    assert not silent & {name for name, *_ in found()}


def test_enough_was_read() -> None:
    assert len({_name(x) for x in LABELS["precision"]}) >= 60
    assert len({_name(x) for x in LABELS["recall"]}) >= 60
    assert all(x["reason"] for part in LABELS.values() for x in part)
