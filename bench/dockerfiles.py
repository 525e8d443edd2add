"""Dockerfiles planned per second, on one core: the corpus if it is there, else the fixtures."""

import os
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

from basebump.core.facts import NoFacts
from basebump.core.plan import plan_file
from basebump.core.policy import Rule
from basebump.core.snapshot import SourceFile

ROOT = Path(__file__).parents[1]
ROUNDS = 5
RULES = (
    Rule("maichong/node", "8.9.3"),
    Rule("node", "20.11.1"),
    Rule("python", "3.12.2"),
    Rule("golang", "1.22.1"),
)


def contents() -> tuple[str, list[bytes]]:
    """The Dockerfiles to plan, and where they are from."""
    corpus = Path(os.environ.get("BASEBUMP_CORPUS", ROOT.parent / "shared/corpus"))
    archive = corpus / "dockerfiles.tar.gz"
    if archive.is_file():
        return "real Dockerfiles", list(_members(archive))
    files = sorted((ROOT / "fixtures/cases/rewrite").glob("*/before.Dockerfile"))
    return "fixture Dockerfiles", [file.read_bytes() for file in files]


def _members(archive: Path) -> Iterator[bytes]:
    with tarfile.open(archive) as tar:
        for member in tar:
            stream = tar.extractfile(member) if member.isfile() else None
            if stream is not None:
                yield stream.read()


def measure() -> Iterator[tuple[str, str, str]]:
    """The best of some rounds: the machine is shared, and only slowness is noise."""
    what, files = contents()
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for content in files:
            plan_file(SourceFile("Dockerfile", "100644", content), RULES, NoFacts())
        best = min(best, time.perf_counter() - start)
    yield f"{len(files)} {what} planned, a second", f"{len(files) / best:,.0f}", "1,500"
