"""Where images stand in a Dockerfile: every use, with the characters that carry its value.

Sources: https://docs.docker.com/reference/dockerfile/ (FROM, COPY --from, RUN --mount, syntax,
ONBUILD, scope of ARG) and BuildKit's `dockerfile2llb/convert.go` where the page is silent.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import dropwhile
from typing import Self

from basebump.core.dockerfile import Dockerfile
from basebump.core.expand import UnresolvedError, expand
from basebump.core.instruction import INSTRUCTIONS, Instruction, Traced, Word, shell_words
from basebump.core.reference import ImageReference, InvalidReferenceError
from basebump.core.verdict import Verdict

_IGNORE = re.compile(r"\s*#\s*basebump:\s*ignore(?:\[([^\]]*)\])?(?:\s+(.*?)\s*|\s*)", re.ASCII)
_MAX_COMMENT = 1000
_MAX_SHOWN = 200
_NAMED_STAGE = 3  # image AS name
_MAX_ARGUMENTS = 1 << 22  # characters; more than a file holds, if its arguments do not multiply


class UseKind(StrEnum):
    """Which part of the Dockerfile names the image."""

    FROM = "from"
    COPY = "copy"
    MOUNT = "mount"
    SYNTAX = "syntax"


@dataclass(frozen=True, slots=True)
class Ignore:
    """A `# basebump: ignore[rule, …] reason` comment; no rules means all of them."""

    rules: tuple[str, ...]
    reason: str

    @classmethod
    def parse(cls, line: str) -> Self | None:
        """The opt-out that a line of the file holds, or None."""
        match = _IGNORE.fullmatch(line[:_MAX_COMMENT])
        if match is None:
            return None
        rules = tuple(r.strip() for r in (match[1] or "").split(",") if r.strip())
        return cls(rules, match[2] or "")

    def covers(self, rule: str) -> bool:
        """Whether the rule of that id is opted out of."""
        return not self.rules or rule in self.rules


@dataclass(frozen=True, slots=True)
class ImageUse:
    """One mention of an image.

    `written` is the text in the file and `value` the same after build arguments; `reference` is
    None exactly when `problem` says why: a verdict and a sentence. `line` is 1-based.
    """

    kind: UseKind
    line: int
    stage: str | None
    written: str
    value: Traced | None = None
    reference: ImageReference | None = None
    platform: str | None = None
    ignore: Ignore | None = None
    problem: tuple[Verdict, str] | None = None


def image_uses(dockerfile: Dockerfile) -> list[ImageUse]:
    """Every image reference of the file, in file order; stages and `scratch` among them."""
    uses = list(_Finder(dockerfile).find())
    reason = _invalid(dockerfile)
    return [_unreadable(use, reason) for use in uses] if reason else uses


def _invalid(dockerfile: Dockerfile) -> str | None:
    """Why no builder would take the file, although it parses: templates look like that."""
    for instruction in dockerfile.instructions:
        if instruction.name not in INSTRUCTIONS:
            name = shown(instruction.name)
            return f"line {instruction.line}: {name!r} is no Dockerfile instruction"
        if instruction.name == "FROM":
            words = [w.text for w in _arguments(instruction)]
            named = len(words) == _NAMED_STAGE and words[1].lower() == "as"
            if len(words) != 1 and not named:
                line = instruction.line
                return f"line {line}: FROM takes an image and, if wanted, AS and a stage's name"
    return None


def global_arguments(dockerfile: Dockerfile) -> dict[str, Traced | UnresolvedError | None]:
    """What each ARG before the first FROM stands for; the last default given wins."""
    values: dict[str, Traced | UnresolvedError | None] = {}
    room = _MAX_ARGUMENTS
    for instruction in dockerfile.instructions:
        if instruction.name == "FROM":
            break
        if instruction.name != "ARG":
            continue
        for word in shell_words(instruction.value, dockerfile.escape):
            name, equals, _ = word.text.partition("=")
            if not equals:
                values.setdefault(name, None)
                continue
            try:
                default = _trace(instruction, word.start + len(name) + 1, word.end)
                values[name] = value = _expanded(default, values, dockerfile.escape, room)
                room -= len(value.text)
            except UnresolvedError as error:
                values[name] = error
    return values


def _expanded(
    default: Traced, values: dict[str, Traced | UnresolvedError | None], escape: str, room: int
) -> Traced:
    if room <= 0:
        raise UnresolvedError("the build arguments are too long together")
    return expand(default, values, escape)


def shown(text: str) -> str:
    """The text cut to a length that a sentence can bear."""
    return text if len(text) <= _MAX_SHOWN else text[:_MAX_SHOWN] + "…"


class _Finder:
    def __init__(self, dockerfile: Dockerfile) -> None:
        self.dockerfile = dockerfile
        self.arguments = global_arguments(dockerfile)
        froms = [i for i in dockerfile.instructions if i.name == "FROM"]
        self.stages = [_stage_name(instruction) for instruction in froms]
        self.first: dict[str, int] = {}  # the first stage of each name
        for index, stage in enumerate(self.stages):
            if stage:
                self.first.setdefault(stage.lower(), index)
        self.begun = 0  # how many stages have begun where the search stands

    def find(self) -> Iterator[ImageUse]:
        yield from self._syntax()
        for instruction in self.dockerfile.instructions:
            if instruction.name == "FROM":
                yield self._from(instruction)
            else:
                yield from self._other(instruction.triggered() or instruction)

    def _syntax(self) -> Iterator[ImageUse]:
        for directive in self.dockerfile.directives:
            if directive.name == "syntax":
                written = directive.value.split(" ", 1)[0]
                origins = tuple(range(directive.start, directive.start + len(written)))
                use = ImageUse(UseKind.SYNTAX, directive.line, None, written)
                yield _resolved(use, Traced(written, origins))

    def _from(self, instruction: Instruction) -> ImageUse:
        words = instruction.words()
        rest = _arguments(instruction)
        flags = words[: len(words) - len(rest)]
        index, self.begun = self.begun, self.begun + 1
        stage = self.stages[index] or str(index)
        word = _unquoted(rest[0]) if rest else Word(instruction.value, 0)
        use = ImageUse(UseKind.FROM, self._line(instruction, word), stage, word.text)
        if not rest:
            return use
        platform = next((f.text[11:] for f in flags if f.text.startswith("--platform=")), None)
        use = replace(use, platform=platform, ignore=self._ignore(instruction, use.line))
        try:
            value = expand(
                _trace(instruction, rest[0].start, rest[0].end),
                self.arguments,
                self.dockerfile.escape,
            )
        except UnresolvedError as error:
            return replace(use, problem=(Verdict.VARIABLE, str(error)))
        use = replace(use, ignore=use.ignore or self._ignore_at(value))
        if self.first.get(value.text.lower(), index) < index:
            return replace(use, problem=(Verdict.NOT_AN_IMAGE, f"{value.text} is a stage"))
        return _resolved(use, value)

    def _other(self, instruction: Instruction) -> Iterator[ImageUse]:
        if not instruction.value.startswith("--"):
            return
        if instruction.name == "COPY":
            for flag in self._flags(instruction, "--from="):
                yield self._foreign(UseKind.COPY, instruction, flag)
        elif instruction.name == "RUN":
            for flag in self._flags(instruction, "--mount="):
                for field in _mount_fields(flag):
                    yield self._foreign(UseKind.MOUNT, instruction, field)

    def _flags(self, instruction: Instruction, prefix: str) -> Iterator[Word]:
        for word in shell_words(instruction.value, self.dockerfile.escape):
            if not word.text.startswith("--"):
                return
            if word.text.startswith(prefix):
                yield Word(word.text[len(prefix) :], word.start + len(prefix))

    def _foreign(self, kind: UseKind, instruction: Instruction, word: Word) -> ImageUse:
        """A `from=` of COPY or of a mount, which may name a stage by its name or its index."""
        whole, word = word, _unquoted(word)
        line = self._line(instruction, word)
        stage = self.stages[self.begun - 1] or str(self.begun - 1) if self.begun else None
        use = ImageUse(kind, line, stage, word.text, ignore=self._ignore(instruction, line))
        if "$" in word.text:
            reason = "the builder fills in no build argument here"
            return replace(use, problem=(Verdict.VARIABLE, reason))
        try:
            value = expand(_trace(instruction, whole.start, whole.end), {}, self.dockerfile.escape)
        except UnresolvedError as error:
            return _unreadable(use, str(error))
        if value.text.isdecimal() or value.text.lower() in self.first:
            return replace(use, problem=(Verdict.NOT_AN_IMAGE, f"{value.text} is a stage"))
        return _resolved(use, value)

    def _line(self, instruction: Instruction, word: Word) -> int:
        return self.dockerfile.line_of(instruction.position(word.start))

    def _ignore(self, instruction: Instruction, line: int) -> Ignore | None:
        """The opt-out above the instruction, or above the reference's own line within it."""
        above = (instruction.line - 1, line - 1)
        return next(filter(None, map(self._ignore_on, above)), None)

    def _ignore_at(self, value: Traced) -> Ignore | None:
        """The opt-out above the ARG that carries the value."""
        lines = {self.dockerfile.line_of(origin) - 1 for origin in value.origins if origin >= 0}
        return next(filter(None, map(self._ignore_on, sorted(lines))), None)

    def _ignore_on(self, line: int) -> Ignore | None:
        return Ignore.parse(self.dockerfile.line_text(line))


def _trace(instruction: Instruction, start: int, end: int) -> Traced:
    """Like `Instruction.trace`, but no longer than a reference can be."""
    if end - start > _MAX_TRACED:
        raise UnresolvedError("the text is too long to be a reference")
    return instruction.trace(start, end)


_MAX_TRACED = 4096


def _arguments(instruction: Instruction) -> list[Word]:
    """The words behind the leading flags."""
    return list(dropwhile(lambda word: word.text.startswith("--"), instruction.words()))


def _unquoted(word: Word) -> Word:
    """The word within its quotes, if it stands in a pair of them."""
    text = word.text
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        return Word(text[1:-1], word.start + 1)
    return word


def _stage_name(instruction: Instruction) -> str | None:
    words = [w.text for w in _arguments(instruction)]
    return words[2] if len(words) == _NAMED_STAGE and words[1].lower() == "as" else None


def _mount_fields(flag: Word) -> Iterator[Word]:
    start = flag.start
    for field in flag.text.split(","):
        key, _, value = field.partition("=")
        if key.lower().strip("\"'") == "from" and value:
            yield Word(value.rstrip('"'), start + len(key) + 1)
        start += len(field) + 1


def _resolved(use: ImageUse, value: Traced) -> ImageUse:
    if value.text.lower() == "scratch" and use.kind is not UseKind.SYNTAX:
        return replace(use, problem=(Verdict.NOT_AN_IMAGE, "scratch is the empty image"))
    if not value.text:
        return replace(use, problem=(Verdict.VARIABLE, "the image's name comes out empty"))
    try:
        return replace(use, value=value, reference=ImageReference.parse(value.text))
    except InvalidReferenceError as error:
        reason = f"{shown(value.text)!r} is no image reference: {shown(str(error))}"
        return _unreadable(use, reason)


def _unreadable(use: ImageUse, reason: str) -> ImageUse:
    return replace(use, value=None, reference=None, problem=(Verdict.UNREADABLE, reason))
