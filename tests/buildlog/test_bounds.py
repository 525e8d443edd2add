"""Logs of a hundred megabytes, of noise, of one endless line: no crash, bounded memory."""

# ruff: noqa: E501 - a line of a log is quoted whole

from __future__ import annotations

import random
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from basebump.buildlog import Outcome, diagnose

MEGABYTE = 1 << 20


def a_long_build(size: int) -> Iterator[bytes]:
    """Yield a BuildKit log of `size` bytes with its error in the middle and its end at the end."""
    yield b"#7 [build 2/3] RUN make\n#7 0.1 E: Unable to locate package libfoo\n"
    block = b"".join(
        b"#7 %d.25 [ 42%%] Building CXX object renderer.cpp.o\n" % at for at in range(20_000)
    )
    for _ in range(size // len(block)):
        yield block
    yield b'#7 ERROR: process "/bin/sh -c make" did not complete successfully: exit code: 100\n'


def noise(size: int) -> Iterator[bytes]:
    """Yield bytes of all values."""
    source = random.Random(8)  # noqa: S311 - noise, not a secret
    for _ in range(size // 65536):
        yield source.randbytes(65536)


def one_line(size: int) -> Iterator[bytes]:
    """Yield one line without an end."""
    yield b"Step 1/1 : RUN make\n"
    for _ in range(size // 65536):
        yield b"progress 12%\r" * 5041


@pytest.mark.parametrize(
    ("log", "outcome"),
    [
        pytest.param(a_long_build(4 * MEGABYTE), Outcome.FAILED, id="a build"),
        pytest.param(noise(2 * MEGABYTE), Outcome.NO_BUILD, id="noise"),
        pytest.param(one_line(20 * MEGABYTE), Outcome.UNFINISHED, id="one line"),
    ],
)
def test_memory_is_bounded(log: Iterator[bytes], outcome: Outcome) -> None:
    tracemalloc.start()
    diagnosis = diagnose(log)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert diagnosis.outcome is outcome
    assert peak < 8 * MEGABYTE


READER = """
import re, sys
from pathlib import Path
from basebump.buildlog import diagnose
found = diagnose(sys.stdin.buffer)
# Not getrusage: its peak is that of the process that started this one, too.
peak = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]
print(found.cause.id, found.root.number, peak)
"""


def test_a_hundred_megabytes_fit_into_a_process_of_sixty() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", READER], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.writelines(a_long_build(100 * MEGABYTE))
        process.stdin.close()
        cause, root, kilobytes = process.stdout.read().split()
    assert (cause, root) == (b"package-removed", b"2")
    assert int(kilobytes) < 60 * 1024


WORDS = st.sampled_from(
    [b"Step 1/2 : RUN a\n", b"Step 2/2 : RUN b\n", b"#1 [2/3] RUN c\n", b"#1 0.2 text\n", b"#1 DONE 0.1s\n",
     b'#1 ERROR: process "a" did not complete successfully: exit code: 1\n', b"------\n", b" > [2/3] RUN c:\n",
     b"ERROR: failed to solve: x\n", b"Dockerfile:3\n", b"   3 | >>> RUN c\n", b"STEP 1/2: FROM a\n",
     b'Error: building at STEP "RUN b": while running runtime: exit status 1\n', b"--> 0a1b2c3d4e5\n",
     b"INFO[0001] Retrieving image manifest a\n", b"INFO[0001] RUN b\n", b"error building image: x\n",
     b"The command '/bin/sh -c a' returned a non-zero code: 1\n", b"Successfully built 0a1b2c3d4e5f\n",
     b"COMMIT a\n", b"[Pipeline] sh\n", b"\n", b"\x1b[0m\n", b"#1 [3/3] RUN d\n", b"#\n", b"#x y\n", b"::\n"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(WORDS, max_size=30))
def test_no_order_of_builders_words_is_too_much(lines: list[bytes]) -> None:
    diagnosis = diagnose(lines)
    assert (diagnosis.cause is None) or diagnosis.outcome in {Outcome.FAILED, Outcome.UNFINISHED}
    assert (diagnosis.outcome is not Outcome.FAILED) or diagnosis.cause is not None
