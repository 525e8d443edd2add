"""A Dockerfile as what happens in each stage, in order, with what was inherited first."""

import json
from dataclasses import dataclass, field, replace

from basebump.core.cache_order import copies
from basebump.core.cache_order.copies import Copy
from basebump.core.cache_order.places import UNKNOWN, join
from basebump.core.cache_order.shell import (
    SHELLS,
    Command,
    ShellError,
    commands,
    fill,
    unwrapped,
)
from basebump.core.dockerfile import Dockerfile
from basebump.core.expand import UnresolvedError
from basebump.core.instruction import Instruction, Traced, shell_words


@dataclass(frozen=True, slots=True)
class Event:
    """An instruction that matters, with the folder it works in.

    A COPY or ADD has `copy`. A RUN has `commands`, or None when it was not understood; `flags`
    are its `--mount=…`. `onbuild` marks what runs in the builds of other Dockerfiles.
    """

    instruction: Instruction
    cwd: str
    copy: Copy | None = None
    commands: tuple[Command, ...] | None = ()
    flags: tuple[str, ...] = ()
    onbuild: bool = False

    @property
    def is_run(self) -> bool:
        """Whether this is a RUN."""
        return self.instruction.name == "RUN"

    def line_of(self, command: Command, dockerfile: Dockerfile) -> int:
        """The 1-based line on which a command of this RUN begins."""
        heredocs = self.instruction.heredocs
        if heredocs:
            return heredocs[0].line + heredocs[0].body.count("\n", 0, command.offset)
        return dockerfile.line_of(self.instruction.position(command.offset))


@dataclass(slots=True)
class Stage:
    """What happens in a stage: `events[own:]` are its own, those before are its parent's."""

    cwd: str = UNKNOWN
    environment: dict[str, "Traced | UnresolvedError | None"] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    own: int = 0
    posix: bool = True
    triggers: list[Instruction] = field(default_factory=list)

    def child(self) -> "Stage":
        """A stage built on this one."""
        events = list(self.events)
        return Stage(self.cwd, dict(self.environment), events, len(events), self.posix)


def stages(dockerfile: Dockerfile) -> list[Stage]:
    """Every stage in file order; what ONBUILD leaves behind follows its stage as one of its own."""
    return _Reader(dockerfile).read()


class _Reader:
    def __init__(self, dockerfile: Dockerfile) -> None:
        self.dockerfile = dockerfile
        self.escape = dockerfile.escape
        self.globals: dict[str, Traced | UnresolvedError | None] = {}
        self.named: dict[str, Stage] = {}

    def read(self) -> list[Stage]:
        found: list[Stage] = []
        stage: Stage | None = None
        for instruction in self.dockerfile.instructions:
            if instruction.name == "FROM":
                stage = self._from(instruction)
                found.append(stage)
            elif stage is None:
                self._set_argument(instruction, self.globals)
            else:
                self._step(stage, instruction, onbuild=False)
        return [part for stage in found for part in (stage, *self._triggered(stage))]

    def _triggered(self, stage: Stage) -> list[Stage]:
        if not stage.triggers:
            return []
        after = stage.child()
        for instruction in stage.triggers:
            self._step(after, instruction, onbuild=True)
        return [after]

    def _from(self, instruction: Instruction) -> Stage:
        words = [w.text for w in instruction.words() if not w.text.startswith("--")]
        parent = self.named.get(fill(words[0], self.globals).lower()) if words else None
        stage = parent.child() if parent else Stage()
        if len(words) > 2 and words[1].lower() == "as":  # noqa: PLR2004 - image AS name
            self.named[words[2].lower()] = stage
        return stage

    def _step(self, stage: Stage, instruction: Instruction, *, onbuild: bool) -> None:
        match instruction.name:
            case "WORKDIR":
                stage.cwd = join(stage.cwd, self._fill(instruction.value.strip(), stage))
            case "ARG" | "ENV":
                self._set_argument(instruction, stage.environment)
            case "SHELL":
                stage.posix = any(f'{name}"' in instruction.value for name in SHELLS)
            case "ONBUILD":
                if (trigger := instruction.triggered()) is not None:
                    stage.triggers.append(trigger)
            case "COPY" | "ADD":
                copy = copies.read(instruction, self.dockerfile, stage.cwd, stage.environment)
                stage.events.append(Event(instruction, stage.cwd, copy, onbuild=onbuild))
            case "RUN":
                stage.events.append(replace(self._run(stage, instruction), onbuild=onbuild))
            case _:
                pass

    def _fill(self, text: str, stage: Stage) -> str:
        return fill(text, stage.environment, self.escape)

    def _set_argument(
        self,
        instruction: Instruction,
        environment: dict[str, Traced | UnresolvedError | None],
    ) -> None:
        if instruction.name not in ("ARG", "ENV"):
            return
        words = [word.text for word in shell_words(instruction.value, self.escape)]
        if instruction.name == "ENV" and words and "=" not in words[0]:
            words = [f"{words[0]}={instruction.value.strip()[len(words[0]) :].strip()}"]
        for word in words:
            name, equals, value = word.partition("=")
            if not equals:
                environment[name] = self.globals.get(name) if name in self.globals else None
                continue
            text = fill(value, environment, self.escape)
            known = "$" not in text
            environment[name] = (
                Traced(text, (-1,) * len(text)) if known else UnresolvedError("its value varies")
            )

    def _run(self, stage: Stage, instruction: Instruction) -> Event:
        flags, start = _flags(instruction.value)
        event = Event(instruction, stage.cwd, flags=flags, commands=None)
        script = _script(instruction, start)
        if script is None or not stage.posix or self.escape != "\\":
            return event
        if isinstance(script, list):
            return replace(event, commands=_exec_form(script, stage))
        try:
            found = commands(script, stage.cwd, stage.environment)
        except ShellError:
            return event
        return replace(event, commands=tuple(found))


def _flags(value: str) -> tuple[tuple[str, ...], int]:
    flags: list[str] = []
    start = 0
    for word in shell_words(value, "\\"):
        start = word.start
        if not word.text.startswith("--"):
            break
        flags.append(word.text)
    return tuple(flags), start


def _script(instruction: Instruction, start: int) -> str | list[str] | None:
    """The script of a RUN with its offsets kept, the words of the JSON form, None if neither."""
    text = instruction.value[start:]
    if instruction.heredocs:
        return _heredoc(instruction, text)
    if text.startswith("["):
        try:
            words = json.loads(text)
        except (ValueError, RecursionError):
            words = None
        if isinstance(words, list) and all(isinstance(word, str) for word in words):
            return words
    return " " * start + text


def _heredoc(instruction: Instruction, text: str) -> str | None:
    """The body, when the shell runs it; not when it is written to a file or run by Python."""
    words = [word.text for word in shell_words(text, "\\") if "<<" not in word.text]
    heredoc, *others = instruction.heredocs
    shell = all(word.rsplit("/", 1)[-1] in SHELLS or word.startswith("-") for word in words)
    first = heredoc.body.split("\n", 1)[0]
    if others or not shell or (first.startswith("#!") and not first.rstrip().endswith("sh")):
        return None
    return heredoc.body


def _exec_form(words: list[str], stage: Stage) -> tuple[Command, ...] | None:
    words = unwrapped(words)
    if not words:
        return ()
    if words[0].rsplit("/", 1)[-1] in SHELLS and "-c" in words[:-1]:
        try:
            script = words[words.index("-c") + 1]
            return tuple(
                replace(command, offset=0)
                for command in commands(script, stage.cwd, stage.environment)
            )
        except ShellError:
            return None
    return (Command(tuple(words), stage.cwd, 0),)
