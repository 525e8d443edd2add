"""Which lines of the Dockerfile a step is; and where it is better to say nothing."""

# ruff: noqa: E501 - a step is quoted whole

import pytest

from basebump.buildlog import Instruction, Location, Step, diagnose
from basebump.buildlog.locate import locate

FILE = (
    Instruction("ARG", 1, 1, "VERSION=20"),
    Instruction("FROM", 2, 2, "node:${VERSION} AS build"),
    Instruction("RUN", 3, 5, "npm ci \\\n # a comment\n && npm test"),
    Instruction("COPY", 6, 6, "${SRC} /app"),
    Instruction("FROM", 8, 8, "nginx"),
    Instruction("RUN", 9, 9, "echo same"),
    Instruction("RUN", 10, 10, "echo same"),
)


@pytest.mark.parametrize(
    "step",
    [
        pytest.param(Step("buildkit", "RUN make", 2, 3, "build"), id="another Dockerfile's step"),
        pytest.param(Step("kaniko", "RUN echo same"), id="two instructions with that text"),
        pytest.param(
            Step("classic", "RUN echo other", 6, 7), id="the number fits, the text does not"
        ),
        pytest.param(Step("buildkit", "[internal] load build context"), id="a builder's own step"),
        pytest.param(Step("classic", ""), id="no text at all"),
        pytest.param(Step("buildah", "RUN npm", 1, 9, "7"), id="a stage that is not there"),
    ],
)
def test_no_line_is_better_than_a_wrong_one(step: Step) -> None:
    assert locate(step, FILE) is None


@pytest.mark.parametrize(
    ("step", "lines", "by"),
    [
        (Step("classic", "RUN npm ci  && npm test", 3, 7), (3, 5), "number"),
        (Step("classic", "RUN npm ci  && npm test", 4, 9), (3, 5), "text"),
        (Step("buildkit", "RUN npm ci && npm test", 2, 3, "build"), (3, 5), "number"),
        (Step("buildkit", "RUN echo same", 3, 3, "stage-1"), (10, 10), "number"),
        (Step("buildah", "RUN echo same", 2, 3, "1"), (9, 9), "number"),
        (Step("buildkit", "COPY dist /app", 3, 3, "build"), (6, 6), "number"),
        (Step("kaniko", "COPY some dir /app"), (6, 6), "text"),
        (Step("kaniko", "FROM nginx:latest"), (8, 8), "text"),
        (Step("buildkit", "[internal] load metadata for docker.io/library/nginx:latest"), (8, 8), "text"),
        (Step("buildkit", "[internal] load metadata for docker.io/library/node:20"), (2, 2), "text"),
        (Step("kaniko", "RUN npm ci && np..."), (3, 5), "text"),
    ],
)  # fmt: skip
def test_a_step_has_its_lines(step: Step, lines: tuple[int, int], by: str) -> None:
    assert locate(step, FILE) == Location(*lines, by)


@pytest.mark.parametrize(
    "word",
    [
        "The command '/bin/sh -c npm ci && npm test' returned a non-zero code: 1",
        'ERROR: failed to solve: process "/bin/sh -c npm ci && npm test" did not complete successfully: exit code: 1',
        'Error: building at STEP "RUN npm ci && npm test": while running runtime: exit status 1',
        "failed to solve: executor failed running [/bin/bash -o pipefail -c npm ci && npm test]: exit code: 1",
    ],
)
def test_a_commit_status_alone_is_enough_for_the_line(word: str) -> None:
    diagnosis = diagnose([word.encode()], FILE)
    assert diagnosis.location == Location(3, 5, "text")
    assert diagnosis.step is not None
    assert (diagnosis.step.text, diagnosis.step.exit_code) == ("RUN npm ci && npm test", 1)
