"""No input takes more than linear time: four times the size is never sixteen times the work."""

import time
import tracemalloc
from collections.abc import Callable

import pytest

from basebump.core.dockerfile import parse
from basebump.core.facts import NoFacts
from basebump.core.images import global_arguments
from basebump.core.instruction import Traced
from basebump.core.plan import plan_file
from basebump.core.policy import Rule
from basebump.core.snapshot import SourceFile

RULES = (Rule("node", "20.1.0"),)
BASE = "FROM node:20.0.0\n"
LONG = f"ARG V={'x' * 4000}\n"

# Each takes its size; the second figure is one that takes up to a third of a second.
INPUTS: dict[str, tuple[Callable[[int], str], int]] = {
    "one long line": (lambda n: BASE + "RUN " + "x" * n, 250_000),
    "one long FROM": (lambda n: "FROM " + "x" * n, 250_000),
    "blanks": (lambda n: BASE + "RUN " + " " * n + "x", 250_000),
    "blank lines": (lambda n: BASE + "\n" * n, 100_000),
    "carriage returns": (lambda n: BASE + "\r" * n, 250_000),
    "backslashes": (lambda n: BASE + "RUN " + "\\" * n, 250_000),
    "continuations": (lambda n: BASE + "RUN a" + "\\\n b" * n, 25_000),
    "continuations in a FROM": (lambda n: "FROM node:20.0.0" + " \\\n" * n + " as b\n", 25_000),
    "comments in a continuation": (lambda n: BASE + "RUN a \\\n" + "# c\n" * n + "b", 50_000),
    "comments": (lambda n: "# c\n" * n + BASE, 50_000),
    "a long directive": (lambda n: "# syntax=" + " " * n + "\n" + BASE, 250_000),
    "a long opt-out": (lambda n: "# basebump: ignore" + " " * n + "x\n" + BASE, 250_000),
    "stages": (lambda n: "".join(f"FROM node:20.0.0 AS s{i}\n" for i in range(n)), 500),
    "stages from stages": (
        lambda n: BASE + "".join(f"FROM {(i and f's{i - 1}') or 'a'} AS s{i}\n" for i in range(n)),
        500,
    ),
    "copies from stages": (
        lambda n: "".join(f"FROM a AS s{i}\nCOPY --from=s{i // 2} a b\n" for i in range(n)),
        500,
    ),
    "copies from images": (lambda n: BASE + "COPY --from=node:20.0.0 a b\n" * n, 500),
    "mounts": (lambda n: BASE + "RUN " + "--mount=from=node:20.0.0 " * n + "a", 500),
    "fields of a mount": (lambda n: BASE + "RUN --mount=" + "from=node:20.0.0," * n, 500),
    "a shared argument": (lambda n: "ARG V=20.0.0\n" + "FROM node:$V\n" * n, 500),
    "an argument in dispute": (
        lambda n: "ARG V=20.0.0\n" + "FROM node:$V\nFROM other:$V\n" * n,
        250,
    ),
    "many arguments in dispute": (
        lambda n: (
            "".join(f"ARG V{i}=20.0.0\n" for i in range(n))
            + "".join(f"FROM node:$V{i}\nFROM other:$V{i}\n" for i in range(n))
        ),
        250,
    ),
    "a chain of arguments": (
        lambda n: (
            "ARG V0=20.0.0\n"
            + "".join(f"ARG V{i + 1}=$V{i}\n" for i in range(n))
            + f"FROM node:$V{n}"
        ),
        1000,
    ),
    "a bomb of arguments": (
        lambda n: (
            "ARG V0=20.0.0\n"
            + "".join(f"ARG V{i + 1}=$V{i}$V{i}\nFROM node:$V{i}\n" for i in range(n))
        ),
        300,
    ),
    "arguments on one line": (lambda n: "ARG " + "V=20.0.0 " * n + "\nFROM node:$V", 2000),
    "a long argument": (lambda n: "ARG V=" + "2" * n + "\nFROM node:$V", 250_000),
    "a quote left open": (lambda n: 'ARG V="' + "2\\" * n + "\nFROM node:$V", 100_000),
    "quotes": (lambda n: BASE + "RUN <<A " + "\"'" * n + "\nA\n", 100_000),
    "quotes in a flag": (lambda n: BASE + "COPY --x " + '"a b\\' * n, 50_000),
    "nested braces": (lambda n: "FROM node:" + "${A:-" * n + "1" + "}" * n, 50_000),
    "nested braces beside a heredoc": (lambda n: BASE + "RUN <<A " + "${A:-" * n, 50_000),
    "nested braces that fit": (
        lambda n: BASE + f"FROM node:{'${A:-' * 14}1{'}' * 14}\n" * n,
        200,
    ),
    "JSON arrays": (lambda n: BASE + "RUN " + "[" * n + "<<A\nA\n", 50_000),
    "heredocs": (lambda n: BASE + "RUN <<A\nA\n" * n, 2500),
    "heredocs on one line": (lambda n: BASE + "RUN " + "<<A " * n + "\n" + "A\n" * n, 5000),
    "heredocs without an end": (lambda n: BASE + "RUN " + "<<A " * n + "\nA" * (n - 1), 5000),
    "heredoc look-alikes": (lambda n: BASE + "RUN " + "<" * n, 250_000),
    "digits before a heredoc": (lambda n: BASE + "RUN <<A " + "1" * n + "\nA\n", 250_000),
    "triggers of triggers": (lambda n: BASE + "ONBUILD " * n, 50_000),
    "opt-outs": (lambda n: f"# basebump: ignore[x]\n{BASE}" * n, 500),
}  # fmt: skip


def seconds(content: bytes) -> float:
    start = time.process_time()
    plan_file(SourceFile("Dockerfile", "100644", content), RULES, NoFacts())
    return time.process_time() - start


@pytest.mark.parametrize("name", INPUTS)
def test_four_times_the_input_takes_about_four_times_the_time(name: str) -> None:
    made, size = INPUTS[name]
    # The best of three: only slowness is noise.
    once, four_times = (
        min(seconds(made(n).encode()) for _ in range(3)) for n in (size // 2, 2 * size)
    )
    # Quadratic is 16. What takes next to no time measures the clock: it is given a quarter second.
    assert four_times < max(10 * once, 0.25)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(BASE + "RUN " + "x" * 1_000_000, id="a line of a megabyte"),
        pytest.param(BASE + "RUN a" + "\\\n b" * 100_000, id="100,000 continuations"),
        pytest.param("ARG V=" + "2" * 1_000_000 + "\nFROM node:$V", id="an argument of a megabyte"),
        pytest.param("FROM node:" + "${A:-" * 200_000, id="200,000 braces"),
        pytest.param(BASE * 5000, id="5,000 stages"),
        pytest.param(LONG + "ARG W=$V.\n" * 30_000 + BASE, id="30,000 copies of a long argument"),
    ],
)
def test_takes_seconds_at_most(text: str) -> None:
    assert seconds(text.encode()) < 10


def test_arguments_that_copy_each_other_take_no_more_room_than_a_large_file() -> None:
    names = "".join(f"ARG V{i}=$V.\n" for i in range(2000))
    tracemalloc.start()
    arguments = global_arguments(parse(f"{LONG}{names}{BASE}".encode()))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(arguments["V1"], Traced)
    assert str(arguments["V1999"]) == "the build arguments are too long together"
    assert peak < 100 * 2**20
