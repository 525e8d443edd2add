"""The parser against BuildKit's own, and the place of every character."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from basebump.core.dockerfile import Dockerfile, DockerfileError, parse

oracle = pytest.importorskip("dockerfile", reason="BuildKit's parser is there on Linux only")

# What a Dockerfile is made of where parsers go wrong. ENV and LABEL are left out: BuildKit looks
# into their arguments and may refuse them, which says nothing about where images stand.
PIECES = [
    "FROM", "from", "RUN", "COPY", "ARG", "ONBUILD", "ADD", "CMD", "HEALTHCHECK", "a", "node:1",
    "AS", "b", "=", "--from=x", "--platform=y", "[", "]", '["a"]', '["a", "b"]', "é", "{", "}",
    " ", "  ", "\t", "\n", "\n", "\n", "\r\n", "\r", "\v", "\f", "\xa0", "\u2028", "\x85", "\x1c",
    "\\\n", "\\ \n", "\\\r\n", "\\", "`", "`\n", "\ufeff",
    "# c\n", "#", "# escape=`\n", "# syntax=a/b:1\n", "# check=skip=all\n", "# other=x\n",
    "<<EOF", "<<-EOF", '<<"EOF"', "<<'E F'", "3<<EOF", "<<EOF>x", "<<<", "EOF\n", "\nEOF\n",
    "E F\n", "\tEOF\n",
    '"', "'", '\\"', "$", "$X", "${X}", "${X:-a b}", '${X:-"a <<EOF"}', "${X:-<<EOF}", "${X:+",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES), max_size=16).map("".join)


def told_by_the_oracle(text: str) -> list[Any] | str:
    try:
        commands = oracle.parse_string(text)
    except oracle.GoParseError as error:
        return str(error)
    return [
        (
            (c.cmd or "").upper(),
            c.start_line,
            c.end_line,
            [(h.name, h.content) for h in c.heredocs],
        )
        for c in commands
    ]


def told_by_us(text: str) -> list[Any] | str:
    try:
        dockerfile = parse(text.encode())
    except DockerfileError as error:
        return str(error)
    return [
        (
            i.name.upper(),
            i.line,
            i.end_line,
            [(h.name, h.body and h.body + "\n") for h in i.heredocs],
        )
        for i in dockerfile.instructions
    ]


@given(st.builds(str.__add__, st.sampled_from(["", "FROM a\n"]), TEXTS))
@example("\\\n")
@example("\\\n FROM a\n")
@example("\n\\")
@example("]\x85")
@example("\x1c")
@example("# other=x\n# escape=`\nRUN a`\nb\n")
@example("# escape=`\n# escape=`\nFROM a\n")
@example("# syntax=a\n# escape=`\nRUN a `\n b\n")
@example("RUN cat <<EOF 'x\nEOF\n")
@example("RUN ${ <<EOF\nEOF\n")
@example('RUN ${X:-"a <<EOF b"}\nEOF\n')
@example('RUN <<"E\\OF"\nE\\OF\n')
@example("RUN <<$X\n$X\n")
@example("RUN $(( 1<<EOF ))\nEOF\n")
@example('RUN ["a",\\\n "b <<EOF"]\n')
@example("# escape=`\nRUN a` <<EOF\nEOF\n")
@example("RUN cat <<A <<\"B\" <<-'C'\na\nA\nb\nB\n\tc\n\tC\nRUN d\n")
def test_agrees_with_the_parser_of_buildkit(text: str) -> None:
    ours, theirs = told_by_us(text), told_by_the_oracle(text)
    assert isinstance(ours, str) == isinstance(theirs, str), (ours, theirs)
    assert isinstance(ours, str) or ours == theirs


@given(TEXTS)
@example("FROM \\\n# c\n\n  node:\\\n1\r\n")
@example("\ufeffFROM a\r\nONBUILD COPY \\\r\n --from=b c d\r\n")
def test_every_character_of_a_value_has_its_place(text: str) -> None:
    assert misplaced(parsed("FROM a\n" + text)) == []


@given(TEXTS)
def test_a_trigger_keeps_its_places(text: str) -> None:
    dockerfile = parsed("FROM a\nONBUILD " + text)
    assert misplaced(dockerfile, triggers=True) == []


def parsed(text: str) -> Dockerfile | None:
    try:
        return parse(text.encode())
    except DockerfileError:
        return None


def misplaced(dockerfile: Dockerfile | None, *, triggers: bool = False) -> list[str]:
    found = []
    for instruction in dockerfile.instructions if dockerfile else ():
        chosen = instruction.triggered() if triggers else instruction
        if dockerfile is None or chosen is None:
            continue
        value = chosen.trace(0, len(chosen.value))
        there = "".join(dockerfile.text[origin] for origin in value.origins)
        rising = list(value.origins) == sorted(set(value.origins))
        if there != chosen.value or not rising:
            found.append(chosen.value)
    return found


@given(st.binary(max_size=200))
def test_any_bytes_are_a_dockerfile_or_an_error_with_a_line(content: bytes) -> None:
    line = 1
    try:
        assert parse(content).text.encode() == content
    except DockerfileError as error:
        line = error.line
    assert 1 <= line <= content.count(b"\n") + 1


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("FROM a\n", "a", id="plain"),
        pytest.param("FROM a\xa0\n", "a", id="a trailing blank that only Unicode knows"),
        pytest.param("FROM \xa0a\n", "a", id="a leading blank that only Unicode knows"),
        pytest.param("FROM \\\n a\n", "a", id="a continuation"),
        pytest.param("FROM a\\\nb\n", "ab", id="a continuation inside a word"),
        pytest.param("FROM a \\\n# c\n\n b\n", "a  b", id="comments and blank lines inside"),
        pytest.param("\ufeffFROM a\r\n", "a", id="BOM and CRLF"),
        pytest.param("FROM\n", "", id="nothing behind the name"),
        pytest.param("\\\n\tFROM a\n", "a", id="the name on the second line"),
    ],
)
def test_reads_the_value(text: str, value: str) -> None:
    assert parse(text.encode()).instructions[0].value == value


@pytest.mark.parametrize(
    ("content", "line", "problem"),
    [
        pytest.param(b"", 1, "no instructions", id="empty"),
        pytest.param(b"# c\n\n", 1, "no instructions", id="comments only"),
        pytest.param(b"FROM a\nRUN \xff\n", 2, "0xff", id="not UTF-8"),
        pytest.param(b"FROM a\nRUN <<E\n\n", 2, "has no end", id="unfinished heredoc"),
        pytest.param(b"# escape=x\nFROM a\n", 1, "escape", id="escape directive"),
        pytest.param(b'FROM a\nRUN ${X:-"a <<E"}\n', 2, "too early", id="a name with half a quote"),
    ],
)
def test_refuses(content: bytes, line: int, problem: str) -> None:
    with pytest.raises(DockerfileError, match=problem) as caught:
        parse(content)
    assert caught.value.line == line
