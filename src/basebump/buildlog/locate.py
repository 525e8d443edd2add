"""Which lines of the Dockerfile a step is."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from basebump.buildlog.values import Instruction, Line, Location, Step

# BuildKit numbers what makes a vertex of its own; the rest only changes the image's config.
# https://github.com/moby/buildkit, frontend/dockerfile/dockerfile2llb
_NUMBERED = frozenset({"FROM", "RUN", "COPY", "ADD", "WORKDIR"})
_CONTINUATION = re.compile(r"\\\s*\n(?:[ \t]*#[^\n]*\n)*")
_METADATA = re.compile(r"\[[^\]]*internal\] load metadata for (\S+)")
_MISSING_FILE = re.compile(
    r"(?:lstat|stat:?|file not found in build context or excluded by \.dockerignore: stat|"
    r"failed to compute cache key:(?: failed to calculate checksum of ref \S+)?:?)"
    r" \"?(?:/kaniko/buildcontext|/workspace)?/?([^\s\":]+)"
)


def locate(
    step: Step, instructions: Sequence[Instruction], evidence: Sequence[Line] = ()
) -> Location | None:
    """Return where `step` stands among `instructions`; None when it cannot be told.

    The builder's own count is believed only where the instruction there has the same name and
    can have that text; then the text alone decides, and only when one instruction has it.
    """
    for by, find in (("number", _by_number), ("text", _by_text)):
        found = find(step, instructions)
        if found:
            return Location(found.start, found.end, by)
    found = _by_missing_file(instructions, evidence) if not step.text else None
    return Location(found.start, found.end, "text") if found else None


def instruction_at(line: int, instructions: Sequence[Instruction]) -> Instruction | None:
    """Return the instruction that covers a line."""
    return next((one for one in instructions if one.start <= line <= one.end), None)


def _by_number(step: Step, instructions: Sequence[Instruction]) -> Instruction | None:
    counted = _COUNTED.get(step.dialect)
    if step.number is None or counted is None:
        return None
    candidates = counted(step, instructions)
    if len(candidates) < step.number:
        return None
    found = candidates[step.number - 1]
    return found if _can_be(found, step.text) else None


def _by_text(step: Step, instructions: Sequence[Instruction]) -> Instruction | None:
    if metadata := _METADATA.match(step.text):
        return _only(_from_image(metadata[1], instructions))
    if step.instruction == "FROM":
        image = next((word for word in step.text.split()[1:] if not word.startswith("--")), "")
        return _only(_from_image(image, instructions))
    stages = _stage_instructions(step, instructions) if step.stage else ()
    for part in (stages, instructions):
        if found := _only([one for one in part if _can_be(one, step.text)]):
            return found
    return None


def _by_missing_file(
    instructions: Sequence[Instruction], evidence: Sequence[Line]
) -> Instruction | None:
    for line in evidence:
        missing = _MISSING_FILE.search(line.text)
        name = missing[1].rstrip("/").rpartition("/")[2] if missing else ""
        copies = [one for one in instructions if one.name in {"COPY", "ADD"}]
        if name and (found := _only([one for one in copies if name in one.text])):
            return found
    return None


def _whole_file(step: Step, instructions: Sequence[Instruction]) -> Sequence[Instruction]:
    return instructions if step.total == len(instructions) else ()


def _buildkit_stage(step: Step, instructions: Sequence[Instruction]) -> Sequence[Instruction]:
    return [one for one in _stage_instructions(step, instructions) if one.name in _NUMBERED]


def _stage_instructions(step: Step, instructions: Sequence[Instruction]) -> Sequence[Instruction]:
    """Return the instructions of the step's stage; of the last one when the step names none."""
    stages: list[list[Instruction]] = []
    for one in instructions:
        if one.name == "FROM":
            stages.append([])
        if stages:
            stages[-1].append(one)
    if not stages:
        return ()
    if step.stage is None:
        return stages[-1] if len(stages) == 1 or step.dialect == "buildkit" else ()
    for index, stage in enumerate(stages):
        words = stage[0].text.split()
        name = words[-1] if len(words) > 2 and words[-2].upper() == "AS" else None  # noqa: PLR2004 - image AS name
        if (
            step.stage in {str(index), f"stage-{index}"}
            or (name or "").lower() == step.stage.lower()
        ):
            return stage
    return ()


def _from_image(image: str, instructions: Sequence[Instruction]) -> list[Instruction]:
    wanted = _familiar(image)
    froms = [one for one in instructions if one.name == "FROM"]
    exact = [one for one in froms if wanted in map(_familiar, one.text.split())]
    return exact or [one for one in froms if "$" in one.text]


def _familiar(image: str) -> str:
    """Return docker.io/library/node:18@sha256:… as node:18."""
    short = image.partition("@")[0].removeprefix("docker.io/").removeprefix("library/")
    return short if ":" in short.rpartition("/")[2] else f"{short}:latest"


def _can_be(instruction: Instruction, text: str) -> bool:
    """Tell whether a builder can have printed `instruction` as `text`.

    Builders join continuations, fold white space, drop comments, fill in variables, resolve an
    image to its full name and digest, and cut long text.
    """
    name, _, rest = text.partition(" ")
    if name.upper() != instruction.name.upper():
        return False
    if instruction.name == "FROM":
        image = next((word for word in rest.split() if not word.startswith("--")), "")
        return bool(_from_image(image, [instruction]))
    written, printed = _CONTINUATION.sub(" ", instruction.text).split(), rest.split()
    if printed and printed[-1].endswith("..."):
        printed[-1] = printed[-1].removesuffix("...")
        cut = len(printed) - 1
        return written[:cut] == printed[:cut] and " ".join(written[cut:]).startswith(printed[cut])
    if len(written) != len(printed):
        return _around_variables(written, printed)
    return all("$" in a or a == b for a, b in zip(written, printed, strict=True))


def _around_variables(written: Sequence[str], printed: Sequence[str]) -> bool:
    """Compare what stands before and after the variables: a value may have white space in it."""
    variables = [at for at, word in enumerate(written) if "$" in word]
    if not variables:
        return False
    before, after = variables[0], len(written) - variables[-1] - 1
    return (
        0 < before + after <= len(printed)
        and written[:before] == printed[:before]
        and written[len(written) - after :] == printed[len(printed) - after :]
    )


def _only(found: Sequence[Instruction]) -> Instruction | None:
    return found[0] if len(found) == 1 else None


_COUNTED: dict[str, Callable[[Step, Sequence[Instruction]], Sequence[Instruction]]] = {
    "classic": _whole_file,
    "buildkit": _buildkit_stage,
    "buildah": _stage_instructions,
}
