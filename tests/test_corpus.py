"""627 real Dockerfiles: their FROM lines, and what a bump changes, against BuildKit's own parser.

The files are other people's work and no part of the project. BASEBUMP_CORPUS names the folder that
holds `dockerfiles.tar.gz` and `oracle.jsonl`.
"""

import json
import os
import tarfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from packaging.specifiers import SpecifierSet

from basebump.core.dockerfile import parse
from basebump.core.facts import NoFacts
from basebump.core.images import UseKind
from basebump.core.plan import FilePlan, Judged, plan_file
from basebump.core.policy import Rule
from basebump.core.reference import ImageReference
from basebump.core.snapshot import SourceFile
from basebump.core.tag import Tag, TagKind
from basebump.core.verdict import Verdict

dockerfile = pytest.importorskip("dockerfile", reason="BuildKit's parser (PyPI: dockerfile)")

FOLDER = Path(os.environ.get("BASEBUMP_CORPUS", Path(__file__).parents[2] / "shared/corpus"))
pytestmark = pytest.mark.skipif(
    not (FOLDER / "oracle.jsonl").is_file(),
    reason="no corpus: BASEBUMP_CORPUS must name the folder with dockerfiles.tar.gz",
)

DISAGREEMENTS: dict[str, str] = {}
"""Files on whose FROM lines basebump and BuildKit disagree, each with its reason: none."""

NOT_BUILDABLE = {
    "GoogleContainerTools+skaffold/docs-v1/content/en/samples/builders/artifact-dependencies/"
    "Dockerfile.app": "documentation with `...` in place of instructions",
}
"""Files that BuildKit's parser takes and its builder refuses: everything in them is unreadable."""

ORACLE_KEYS = ("value", "flags", "start", "end")

Row = tuple[str, bytes, dict[str, Any]]


@cache
def corpus() -> list[Row]:
    lines = (FOLDER / "oracle.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    contents: dict[str, bytes] = {}
    with tarfile.open(FOLDER / "dockerfiles.tar.gz") as archive:
        for member in archive:
            file = archive.extractfile(member) if member.isfile() else None
            if file is not None:
                contents[member.name.removeprefix("./")] = file.read()
    names = [f"{row['repo']}/{row['path']}" for row in rows]
    return [(name, contents[name], row) for name, row in zip(names, rows, strict=True)]


def test_every_file_is_there() -> None:
    assert len(corpus()) == 627


def test_the_from_instructions_are_those_of_buildkit() -> None:
    differing = {
        name
        for name, content, row in corpus()
        if froms_of(content) != [tuple(f[key] for key in ORACLE_KEYS) for f in row["froms"]]
    }
    assert differing == set(DISAGREEMENTS)


def test_the_number_of_instructions_is_that_of_buildkit() -> None:
    differing = [name for name, content, row in corpus() if instructions_of(content) != row["n"]]
    assert differing == []


def test_every_image_of_every_file_gets_a_verdict() -> None:
    unreadable = {
        name
        for name, content, _ in corpus()
        for judged in planned(content, ()).references
        if judged.verdict is Verdict.UNREADABLE
    }
    assert unreadable == set(NOT_BUILDABLE)


def test_a_bump_changes_the_tag_and_nothing_else_that_buildkit_sees() -> None:
    bumped = 0
    for name, content, _ in corpus():
        plan = planned(content, rules_for(content))
        bumps = [judged for judged in plan.references if judged.verdict is Verdict.BUMP]
        bumped += len(bumps)
        assert_only_tags_changed(name, plan, bumps)
    assert bumped > 500


def assert_only_tags_changed(name: str, plan: FilePlan, bumps: list[Judged]) -> None:
    after = plan.after()
    edits = sorted({edit for judged in bumps for edit in judged.edits})
    kept_before = cut_out(plan.text, [(edit.start, len(edit.old)) for edit in edits])
    shift = 0
    places = []
    for edit in edits:
        places.append((edit.start + shift, len(edit.new)))
        shift += len(edit.new) - len(edit.old)
    assert cut_out(after, places) == kept_before, name
    assert all(set(edit.old) <= TAG_CHARACTERS for edit in edits), name
    old_seen, new_seen = seen_by_buildkit(plan.text), seen_by_buildkit(after)
    assert len(old_seen) == len(new_seen), name
    changed = [(o, n) for o, n in zip(old_seen, new_seen, strict=True) if o != n]
    assert all(
        o.cmd == n.cmd and (o.start_line, o.end_line) == (n.start_line, n.end_line)
        for o, n in changed
    ), name
    assert {o.cmd.lower() for o, _ in changed} <= {"from", "arg", "copy", "run", "onbuild"}, name
    again = plan_file(
        SourceFile("Dockerfile", "100644", after.encode()), rules_for(plan.text.encode()), NoFacts()
    )
    wanted = [str(j.new or j.use.reference) for j in plan.references]
    assert [str(j.use.reference) for j in again.references] == wanted, name


TAG_CHARACTERS = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")


def cut_out(text: str, places: list[tuple[int, int]]) -> str:
    parts, end = [], 0
    for start, length in places:
        parts.append(text[end:start])
        end = start + length
    return "\0".join([*parts, text[end:]])


def rules_for(content: bytes) -> tuple[Rule, ...]:
    """A rule for every versioned image of the file: the same line, its last number plus one."""
    rules: dict[tuple[str, str], Rule] = {}
    for judged in planned(content, ()).references:
        reference = judged.use.reference
        if reference is None or reference.tag is None or reference.digest is not None:
            continue
        tag = Tag.parse(reference.tag)
        if tag.kind is TagKind.VERSION:
            *first, last = tag.components
            target = f"{'.'.join([*first, str(int(last) + 1)])}{tag.build}{tag.pre}"
            rule = Rule(reference.canonical_name, target, SpecifierSet(">=0"))
            rules.setdefault((reference.canonical_name, target), rule)
    return tuple(rules.values())


def planned(content: bytes, rules: tuple[Rule, ...]) -> FilePlan:
    return plan_file(SourceFile("Dockerfile", "100644", content), rules, NoFacts())


def froms_of(content: bytes) -> list[tuple[list[str], list[str], int, int]]:
    found = []
    for instruction in parse(content).instructions:
        if instruction.name == "FROM":
            words = [word.text for word in instruction.words()]
            flags = [word for word in words if word.startswith("--")]
            value = words[len(flags) :]
            found.append((value, flags, instruction.line, instruction.end_line))
    return found


def instructions_of(content: bytes) -> int:
    return len(parse(content).instructions)


def seen_by_buildkit(text: str) -> list[Any]:
    return list(dockerfile.parse_string(text))


def test_the_uses_of_a_file_name_their_lines() -> None:
    for name, content, row in corpus():
        if name in NOT_BUILDABLE:
            continue
        lines = [j.use.line for j in planned(content, ()).references if j.use.kind is UseKind.FROM]
        starts = [(f["start"], f["end"]) for f in row["froms"]]
        assert all(s <= line <= e for line, (s, e) in zip(lines, starts, strict=True)), name


def test_references_print_back_what_was_parsed() -> None:
    for _, content, _ in corpus():
        for judged in planned(content, ()).references:
            if judged.use.value is not None:
                text = judged.use.value.text
                assert str(ImageReference.parse(text)) == text
