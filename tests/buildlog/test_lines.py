"""Bytes as CI systems write them, and what is left of them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from basebump.buildlog.lines import LONGEST, clean_lines


def cleaned(*pieces: bytes) -> list[str]:
    return [text for _, text in clean_lines(pieces)]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b"  12 | >>> RUN make", id="a snippet is no compose prefix"),
        pytest.param(b"[stage 2/3] something", id="a bracket that no builder follows"),
        pytest.param(b"name | version", id="a table that a program prints"),
        pytest.param(b" ---> Running in 0a1b2c3d4e5f", id="an indent stays"),
        pytest.param(b"2024 was a year", id="a year is no date"),
        pytest.param(b"[INFO] Scanning for projects...", id="maven's level"),
    ],
)
def test_a_line_without_a_prefix_stays(line: bytes) -> None:
    assert cleaned(line) == [line.decode()]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b"2024-03-11T08:02:31.1120412Z Step 1/2 : FROM a", id="GitHub Actions"),
        pytest.param(b"job\tstep\t2024-03-11T08:02:31.1Z Step 1/2 : FROM a", id="gh run view"),
        pytest.param(
            b"job\tstep\t\xef\xbb\xbf2024-03-11T08:02:31.1Z Step 1/2 : FROM a", id="gh, BOM"
        ),
        pytest.param(b"2024-03-11T08:02:31.112041Z 00O Step 1/2 : FROM a", id="GitLab timestamps"),
        pytest.param(b"[2024-03-11T08:02:31.112Z] Step 1/2 : FROM a", id="Jenkins pipeline"),
        pytest.param(b"08:02:31  Step 1/2 : FROM a", id="Jenkins timestamper"),
        pytest.param(b"[08:02:31] : Step 1/2 : FROM a", id="TeamCity"),
        pytest.param(b"[08:02:31]W: [Step 2/3] Step 1/2 : FROM a", id="TeamCity's own steps"),
        pytest.param(b"[Container] 2024/03/11 08:02:31 Step 1/2 : FROM a", id="CodeBuild"),
        pytest.param(b"2024-03-11T08:02:31.112041Z stdout F Step 1/2 : FROM a", id="Kubernetes"),
        pytest.param(b"web_1      | Step 1/2 : FROM a", id="Compose"),
        pytest.param(b"[build : build-and-push] Step 1/2 : FROM a", id="Tekton"),
        pytest.param(b"\x1b[36mStep 1/2 : FROM a\x1b[0m", id="colours"),
        pytest.param(b"\x1b]0;title\x07Step 1/2 : FROM a", id="a window title"),
        pytest.param(b"section_start:1679388876:x\r\x1b[0KStep 1/2 : FROM a", id="GitLab section"),
        pytest.param(b"Step 1/2 : FROM a\r\n", id="CRLF"),
        pytest.param("Step 1/2 : FROM a".encode("utf-16-le"), id="UTF-16 without a BOM"),
    ],
)
def test_a_prefix_goes(line: bytes) -> None:
    assert cleaned(line) == ["Step 1/2 : FROM a"]


def test_a_name_is_a_prefix_only_after_a_builder_spoke_behind_it() -> None:
    assert cleaned(b"web | hello\nweb | Step 1/2 : FROM a\nweb | hello\n") == [
        "web | hello",
        "Step 1/2 : FROM a",
        "hello",
    ]


def test_a_carriage_return_leaves_what_was_written_last() -> None:
    assert cleaned(b"#7 0.31 10%\r50%\rE: no\n") == ["#7 0.31 E: no"]


def test_numbers_are_those_of_the_file_whatever_the_pieces() -> None:
    whole = b"a\n\nb\r\n\xff\xfe\nc"
    pieces = [whole[at : at + 1] for at in range(len(whole))]
    assert list(clean_lines(pieces)) == list(clean_lines([whole]))
    assert [number for number, _ in clean_lines([whole])] == [1, 3, 4, 5]


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (b"Get:1 https://bot:s3cret@deb.example.com/x", "Get:1 https://***@deb.example.com/x"),
        (b"+ git clone https://ghp_" + b"a1" * 18 + b"@example.com/x", "+ git clone https://***@example.com/x"),
        (b"echo glpat-" + b"x" * 20, "echo ***"),
        (b"_authToken=npm_" + b"A" * 36, "_authToken=***"),
        (b"FROM node@sha256:00 at https://example.com/@scope/pkg", "FROM node@sha256:00 at https://example.com/@scope/pkg"),
    ],
)  # fmt: skip
def test_a_secret_that_the_log_leaks_goes_no_further(line: bytes, shown: str) -> None:
    assert cleaned(line) == [shown]


def test_a_line_of_a_megabyte_keeps_its_two_ends() -> None:
    (text,) = cleaned(b"start" + b"x" * 1_000_000 + b"end\n")
    assert text.startswith("start")
    assert text.endswith("end")
    assert len(text) < 3 * LONGEST


@settings(deadline=None)
@given(st.lists(st.binary(max_size=200), max_size=20))
def test_no_bytes_are_refused(pieces: list[bytes]) -> None:
    assert all("\n" not in text and "\x00" not in text for text in cleaned(*pieces))
