"""The two promises: nothing but the tag changes, and each reference ends with one verdict."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from basebump.core.dockerfile import DockerfileError, parse
from basebump.core.facts import NoFacts
from basebump.core.images import image_uses
from basebump.core.plan import FilePlan, Judged, plan_file
from basebump.core.policy import Floating, Rule
from basebump.core.snapshot import SourceFile
from basebump.core.verdict import Verdict

RULES = (
    Rule("maichong/node", "8.9.3", id="node"),
    Rule("php", "8.2.1-fpm", floating=Floating.PIN),
    Rule("docker/dockerfile", "1.9.0"),
)

IMAGES = [
    "maichong/node:8.9.1", "maichong/node:8.9.1-alpine", "maichong/node:8.9.3", "maichong/node:8",
    "docker.io/maichong/node:v8.9.0", "evil/maichong/node:8.9.1", "maichong/node", "scratch",
    "a", "A", "0", "php:8.1.0-fpm", "php:latest", "node:8.9.1", "Node:1", "maichong/node:8.10.0",
    "maichong/node:8.9.1@sha256:" + "a" * 64,
    "maichong/node:$V", "maichong/node:${V}", "maichong/node:${V}-alpine", "maichong/node:8.${M}",
    "maichong/node:${M}.${V}", "php:${V}", "${I}", "${I}:8.9.1", "${I}:${V}",
    "${R}maichong/node:8.9.1",
    "maichong/node:${W:-8.9.1}", "maichong/node:${V:+8.9.1}", "maichong/${N:-node}:${V:-8.9.2}",
    '"maichong/node:8.9.1"', "maichong/node:'8.9'.1", "maichong/no\\\nde:8.9.1",
    "maichong/node:8.\\\n9.1",
]  # fmt: skip
ARGUMENTS = [
    "V=8.9.1", "V", 'V="8.9.1"', "V=8.9.1 M=9.1", "V=8.9.2", "M=8.9", "V=${M}.1", "V=8", "W=$V",
    "I=maichong/node", "I=maichong/node:8.9.1", "I=maichong/node:$V", "R=docker.io/",
    "R=", "N=node",
    "V=${V}", "V=${V}.1", "V=9.1", "TARGETARCH=8.9.1",
]  # fmt: skip
COMMENTS = ["# basebump: ignore", "# basebump: ignore[node] why", "# c", ""]
image = st.sampled_from(IMAGES)
line = st.one_of(
    st.builds("FROM {}".format, image),
    st.builds("FROM --platform=$BUILDPLATFORM {} AS a".format, image),
    st.builds("  from \\\n# c\n  {}  as  B".format, image),
    st.builds("ARG {}".format, st.sampled_from(ARGUMENTS)),
    st.builds("COPY --chown=1 --from={} a b".format, image),
    st.builds("RUN --mount=type=bind,from={},source=/a --mount=from=a,target=/ b".format, image),
    st.builds("ONBUILD COPY --from={} a b".format, image),
    st.builds("RUN cat <<E {0}\nFROM {0}\nE".format, image),
    st.builds("LABEL from={0}\nRUN docker pull {0} # FROM {0}".format, image),
    st.sampled_from(COMMENTS),
)
head = st.sampled_from(["", "\ufeff", "# syntax=docker/dockerfile:1.7.0\n", "# escape=`\n"])
ends = st.sampled_from(["\n", "\r\n"])


@st.composite
def dockerfiles(draw: st.DrawFn) -> bytes:
    arguments = draw(st.lists(st.builds("ARG {}".format, st.sampled_from(ARGUMENTS)), max_size=4))
    lines = [*arguments, f"FROM {draw(image)}", *draw(st.lists(line, max_size=8))]
    text = draw(head) + "\n".join(lines) + draw(st.sampled_from(["", "\n"]))
    return text.replace("\n", draw(ends)).encode()


def plan(content: bytes) -> FilePlan:
    return plan_file(SourceFile("Dockerfile", "100644", content), RULES, NoFacts())


def bumps(found: FilePlan) -> list[str]:
    return [f"{j.use.line} {j.new}" for j in found.references if j.verdict is Verdict.BUMP]


@given(st.binary(max_size=300))
@example(b"FROM node:1\n\\\n")
@example(b"\xef\xbb\xbf")
@example(b"FROM a\nCOPY --from=")
@example(b"FROM a\nRUN --mount=from=,from")
@example(b"# syntax=\nFROM a\nFROM --x\nFROM")
def test_any_bytes_have_a_verdict(content: bytes) -> None:
    found = plan(content)
    assert len(found.references) >= 1
    assert all(judged.reason for judged in found.references)


@given(st.text(alphabet="FROMmaichng/de:8.9.1-${}V=ARG '\"\\\n#@,_<E", max_size=120))
@example("ARG V\nFROM $V")
def test_any_text_has_a_verdict(text: str) -> None:
    content = b"FROM maichong/node:8.9.1\n" + text.encode()
    assert len(plan(content).references) >= 1


@given(dockerfiles())
def test_each_reference_has_one_verdict(content: bytes) -> None:
    found = plan(content)
    uses = image_uses(parse(content))
    assert [judged.use.line for judged in found.references] == [use.line for use in uses]


@given(dockerfiles())
def test_a_bump_and_nothing_else_has_edits(content: bytes) -> None:
    for judged in plan(content).references:
        bump = judged.verdict is Verdict.BUMP
        assert (bool(judged.edits), judged.new is not None) == (bump, bump)


@given(dockerfiles())
@example(b"ARG V=8.9.1\nFROM maichong/node:$V\nFROM php:$V\n")
@example(b"ARG V=8.9.1\nFROM maichong/node:$V\n# basebump: ignore\nFROM maichong/node:${V}\n")
@example(b"ARG V=8.9.1\nARG W=$V\nFROM maichong/node:$V\nFROM maichong/node:$W-alpine\n")
def test_the_references_come_out_as_their_verdicts_say(content: bytes) -> None:
    found = plan(content)
    after = image_uses(parse(found.after().encode()))
    meant = [j.new or j.use.reference for j in found.references]
    assert [use.reference for use in after] == meant


@given(dockerfiles())
def test_the_plan_of_an_applied_plan_is_empty(content: bytes) -> None:
    assert bumps(plan(plan(content).after().encode())) == []


@given(dockerfiles())
def test_only_characters_of_tags_change(content: bytes) -> None:
    for judged in plan(content).references:
        edited = {place for edit in judged.edits for place in range(edit.start, edit.end)}
        assert edited <= tag_places(judged)


@given(dockerfiles())
def test_what_no_edit_names_stays(content: bytes) -> None:
    found = plan(content)
    places = sorted((e.start, e.end) for e in {e for j in found.references for e in j.edits})
    bounds = [0, *(place for pair in places for place in pair), len(found.text)]
    kept = [found.text[start:end] for start, end in zip(bounds[::2], bounds[1::2], strict=True)]
    pattern = "(?s:.*)".join(re.escape(text) for text in kept)
    assert re.fullmatch(pattern, found.after())
    assert found.text.encode() == content


def tag_places(judged: Judged) -> set[int]:
    """Where the characters of the tag stand; a tag that is new stands behind the name's last."""
    reference, value = judged.use.reference, judged.use.value
    if reference is None or value is None:
        return set()
    start = len(reference.name) + (1 if reference.tag else -1)
    return set(value.origins[start:])


@given(dockerfiles())
def test_without_a_rule_every_byte_stays(content: bytes) -> None:
    found = plan_file(SourceFile("Dockerfile", "100644", content), (), NoFacts())
    assert found.after().encode() == content
    assert bumps(found) == []


@pytest.mark.parametrize(
    ("content", "verdicts"),
    [
        pytest.param(b"FROM maichong/node:8.9.1\n\\\n", ["unreadable"], id="a lone backslash"),
        pytest.param(
            b"FROM maichong/node:${TARGETARCH:-8.9.1}\n", ["variable"], id="the builder's own"
        ),
        pytest.param(
            b"# other=x\n# escape=`\nFROM maichong/node:8.9.1 \\\n AS a\n",
            ["bump"],
            id="a directive behind an unknown one is a comment",
        ),
        pytest.param(
            b"FROM a AS b\nRUN echo <<E it's\nFROM maichong/node:8.9.1\nE\n",
            ["unreadable", "unreadable"],
            id="an open quote opens no heredoc",
        ),
    ],
)
def test_gives_the_verdict(content: bytes, verdicts: list[str]) -> None:
    found = plan(content)
    assert [judged.verdict.value for judged in found.references][: len(verdicts)] == verdicts


def test_the_text_of_a_file_that_is_no_dockerfile_stays() -> None:
    with pytest.raises(DockerfileError):
        parse(b"# nothing\n")
    assert plan(b"# nothing\n").after() == "# nothing\n"
