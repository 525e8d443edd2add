"""Input made to hurt: no crash, no hang, no wrong fix."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from basebump.core.cache_order import Context, check
from basebump.core.dockerfile import DockerfileError, parse
from basebump.core.rewrite import apply

HEAD = "FROM node:22\nWORKDIR /app\nCOPY . .\n"
CONTEXT = Context(
    "Dockerfile",
    frozenset({"Dockerfile", "package.json", "requirements.txt"}),
    {"package.json": b"{}", "requirements.txt": b"flask\n"},
)
MEGABYTE = 1_000_000


@pytest.mark.parametrize(
    "run",
    [
        pytest.param("npm ci && " + "a " * (MEGABYTE // 2), id="one long command"),
        pytest.param("npm ci && '" * (MEGABYTE // 11), id="quotes that do not close"),
        pytest.param("npm ci; " + "(" * MEGABYTE, id="brackets"),
        pytest.param("npm ci " + "$(" * (MEGABYTE // 2), id="substitutions"),
        pytest.param("npm ci " + "${A:-" * 12_000, id="defaults of defaults"),
        pytest.param("npm ci; " + "( " * 30_000 + ")" * 30_000, id="nested as deep as is let in"),
        pytest.param("if npm ci; then " * 4_000 + "x; fi " * 4_000, id="nested conditions"),
        pytest.param('sh -c "npm ci; ' * 4_000, id="scripts in scripts"),
        pytest.param("npm ci " + "\\\n" * 100_000, id="continuation lines"),
        pytest.param("npm ci " + "--prefix=" * 100_000, id="options"),
        pytest.param("npm ci && " * 6_000 + "true", id="very many installs"),
        pytest.param("cd a && " * 7_000 + "npm ci", id="very many folders"),
        pytest.param('["npm", ' * 100_000, id="JSON that does not end"),
        pytest.param("[" * 100_000 + '"npm"', id="JSON nested too deep"),
    ],
)
def test_a_long_run_does_not_hang(run: str) -> None:
    began = time.process_time()
    check(parse(f"{HEAD}RUN {run}\n".encode()), context=CONTEXT)
    assert time.process_time() - began < 5


def test_many_heredocs_do_not_hang() -> None:
    body = "npm ci " + "<<E " * 50_000
    began = time.process_time()
    check(parse(f"{HEAD}RUN <<OUTER\n{body}\nOUTER\n".encode()), context=CONTEXT)
    assert time.process_time() - began < 5


def test_many_copies_and_installs_do_not_hang() -> None:
    began = time.process_time()
    text = HEAD + "".join(f"COPY f{i} g{i}\nRUN pip install -r r{i}.txt\n" for i in range(300))
    check(parse(text.encode()), context=CONTEXT)
    assert time.process_time() - began < 5


PIECES = [
    "FROM node:22", "FROM a AS b", "WORKDIR /app", "WORKDIR x", "COPY . .", "COPY . /app",
    "COPY package.json ./", "ADD . /app/", "COPY --chown=1:1 . .", "copy . .", "RUN npm ci",
    "RUN npm ci && npm run build", "RUN pip install -r requirements.txt", "RUN apt-get update",
    "RUN chown -R a /app", "USER node", "ENV A=b", "ARG A", "# a comment", "", "  ",
    "RUN npm ci \\", "VOLUME /app", "ONBUILD COPY . .", "RUN 'npm ci", "RUN <<E",
    "E", "COPY $A .", 'COPY ["a"',
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=12),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
def test_a_fix_only_moves_and_adds_manifests(
    lines: list[str],
    ending: str,
    last: bool,  # noqa: FBT001 - drawn by hypothesis
) -> None:
    text = ending.join(lines) + (ending if last else "")
    try:
        dockerfile = parse(text.encode())
    except DockerfileError:
        return
    findings = check(dockerfile, context=CONTEXT)
    edits = {edit for finding in findings for edit in finding.fix or ()}
    after = apply(text, edits)
    kept = [line for line in after.splitlines() if line.rstrip() not in ADDED]
    before = [line for line in text.splitlines() if line.rstrip() not in ADDED]
    assert sorted(kept) == sorted(before)
    assert after.endswith(ending) == text.endswith(ending)
    assert not [f for f in check(parse(after.encode()), context=CONTEXT) if f.fix]


ADDED = {
    f"{keyword} {flags}{name} {target}"
    for keyword in ("COPY", "copy")
    for flags in ("", "--chown=1:1 ")
    for name in ("package.json", "requirements.txt")
    for target in ("./", "/app/")
}


def test_a_script_that_crashes_the_grammar_is_read() -> None:
    """tree-sitter-bash 0.25.1 ends the process on some of these characters."""
    script = "".join(map(chr, range(0x80, 0xD7FF, 7))) + "\U0010ffff"
    text = "".join(f"RUN npm ci {script[i : i + 40]}\n" for i in range(0, len(script), 40))
    check(parse((HEAD + text).encode()), context=CONTEXT)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_any_script_is_read_or_left(script: str) -> None:
    try:
        dockerfile = parse(f"{HEAD}RUN npm ci {script}\n".encode("utf-8", "replace"))
    except DockerfileError:
        return
    check(dockerfile, context=CONTEXT)
