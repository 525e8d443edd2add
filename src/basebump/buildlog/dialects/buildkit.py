"""BuildKit's plain progress: `#12 [build 5/9] RUN …`, `#12 0.533 text`, `#12 ERROR: …`.

Steps run in parallel and their lines are interleaved, so each vertex keeps its own state. The
words are those of BuildKit's `util/progress/progressui`, of `solver/errdefs` (the snippet of the
Dockerfile) and of buildx around them.
"""

from __future__ import annotations

import re

from basebump.buildlog.dialects.base import Dialect
from basebump.buildlog.journal import Journal
from basebump.buildlog.steplog import StepLog
from basebump.buildlog.values import Line, Location, Step

_OPENINGS = ("[", "building with", "resolve image")
_TIME = re.compile(r"\d{1,7}\.\d{1,6}(?: |$)")
_TIMED = re.compile(r"(?:#\d{1,6} )?\d{1,7}\.\d{1,6} ?(.*)")
_NAME = re.compile(
    r"\[(?:(?P<platform>[a-z]+/[a-z0-9]+(?:/v\d)?)(?:->\S+)? )?(?:(?P<stage>[^\]]{1,200}) )?"
    r"(?P<number>\d{1,4})/(?P<total>\d{1,4})\] (?P<text>.*)"
)
_STATE = re.compile(r"(DONE|CACHED|CANCELED|ERROR:|ERROR$|\.\.\.$|     error: )")
_EXIT = re.compile(r"exit code: (\d{1,3})\b")
_FANCY = re.compile(r" ?=> (ERROR |CACHED )?(\[.*?) {2,}\d+\.\d+s\s*$")
_FANCY_HEADER = re.compile(r"\[\+\] Building \d+\.\d+s ")
_BLOCK = re.compile(r" ?> (.*?):?$")
_RULE = re.compile(r"-{6,}$")
_SNIPPET_FILE = re.compile(r"\s{0,4}([^\s:|][^:|]{0,200}):(\d{1,6})$")
_SNIPPET_LINE = re.compile(r"\s{0,8}(\d{1,6}) \| (>>>)?")
_FAILED = re.compile(
    r"(?:(?:ERROR|error|Error): )?(?:failed to build: )?(?:target \S+: )?(?:"
    r"failed to (?:solve|receive status)|executor failed running|"
    r"(?:failed to read dockerfile|unable to prepare context|resolve : lstat ))|"
    r"ERROR: (?:failed to build|process \"|target |Cannot connect to the Docker daemon|"
    r"multiple platforms feature|no builder |failed to (?:push|export|compute))"
)
# A cache that cannot be read costs time, not the build.
_HARMLESS = ("importing cache manifest", "[auth]")
_MOST_VERTICES = 2000


class _Vertex(StepLog):
    """A step with its state: None while it runs, then one of BuildKit's words."""

    __slots__ = ("exit_code", "name", "state")

    def __init__(self, step: Step, name: str) -> None:
        super().__init__(step)
        self.name = name
        self.state: str | None = None
        self.exit_code: int | None = None


class BuildKit(Dialect):
    """`docker buildx build --progress=plain`, bake and Compose around it."""

    name = "buildkit"
    marks = re.compile(
        rf"#\d{{1,6}} |{_FANCY.pattern}|{_FANCY_HEADER.pattern}|{_RULE.pattern}|"
        rf" > (?:\[|[a-z]+:)|{_FAILED.pattern}"
    )

    def __init__(self, journal: Journal) -> None:
        super().__init__(journal)
        self._vertices: dict[str, _Vertex] = {}
        self._block: _Vertex | None = None
        self._in_block = False
        self._block_line: Line | None = None
        self._snippet: list[int] = []
        self._file: str | None = None

    def mark(self, number: int, line: str) -> bool:
        """Take in a line of the builder's own."""
        if line[0] == "#" and not self._in_block:
            key, _, rest = line[1:].partition(" ")
            return key.isdigit() and self._of_vertex(number, key, rest)
        if not self.seen and not (_FANCY_HEADER.match(line) or _FAILED.match(line)):
            return False
        if line[0] == "#":
            self.output(number, line)
        elif _FANCY_HEADER.match(line):
            self.seen = True
        elif fancy := _FANCY.match(line):
            vertex_log = self._named(f"fancy:{fancy[2]}", fancy[2])
            vertex_log.state = (fancy[1] or "DONE").strip().rstrip(":")
        elif _RULE.match(line):
            self._in_block = self._in_block and not (self._block and self._block.lines)
        elif _FAILED.match(line):
            self.fail(number, line)
            self._in_block = False
        elif block := _BLOCK.match(line):
            self._open_block(number, block[1])
        return True

    def output(self, number: int, line: str) -> None:
        """Take in a line without a vertex: the blocks at the end, or a CI system's talk."""
        self.journal.environment.read(line)
        if self._in_block and self._block:
            timed = _TIMED.match(line)
            self._block.add(number, timed[1] if timed else line)
        if not (self._in_block or self.closing or self._error()):
            return
        if found := _SNIPPET_LINE.match(line):
            if found[2] and self._file:
                self._snippet.append(int(found[1]))
        elif (found := _SNIPPET_FILE.match(line)) and not self._snippet:
            self._file = found[1]
        elif self.closing:
            super().output(number, line)

    def _of_vertex(self, number: int, key: str, rest: str) -> bool:
        vertex = self._vertices.get(key)
        if vertex is None:
            if not self.seen and not rest.startswith(_OPENINGS):
                return False
            self._begin(key, rest)
        elif rest[:1].isdigit() and (timed := _TIME.match(rest)):
            text = rest[timed.end() :]
            vertex.add(number, text)
            self.journal.said(vertex.step, text)
        elif state := _STATE.match(rest):
            self._change(vertex, state[1], number, rest)
        elif rest.startswith("[") and (rest != vertex.name or self.closing):
            self._begin(key, rest)
        return True

    def _begin(self, key: str, name: str) -> None:
        if self.closing or key in self._vertices or len(self._vertices) >= _MOST_VERTICES:
            # After the last word, or when a number comes back under another name, it is another
            # build in the same log.
            self.end()
        self.seen, self.done = True, False
        self.journal.environment.read(f"#{key} {name}")
        if key != "0":
            self._named(key, name)

    def _named(self, key: str, name: str) -> _Vertex:
        vertex = self._vertices.get(key)
        if vertex is None:
            self.seen = True
            vertex = self._vertices[key] = _Vertex(step_of(name), name)
            self.journal.began(vertex.step)
        return vertex

    def _change(self, vertex: _Vertex, state: str, number: int, rest: str) -> None:
        if state == "...":
            return
        if state.startswith(("ERROR", "     error")):
            vertex.state = "ERROR"
            vertex.add(number, rest.partition(": ")[2].strip("\"'"))
            code = _EXIT.search(rest)
            vertex.exit_code = int(code[1]) if code else None
            return
        vertex.state = state
        self.journal.passed(vertex.step)
        if state in {"DONE", "CACHED"}:
            # A finished step's lines are of no more use; a build may have hundreds of steps.
            vertex.forget()

    def _open_block(self, number: int, name: str) -> None:
        if self._block is not None:
            self._in_block = False
            return
        known = [vertex for vertex in self._vertices.values() if vertex.name == name]
        # The block repeats the vertex's last lines: they are new only where no vertex had any.
        self._in_block = not (known and known[0].lines)
        self._block = _Vertex(step_of(name), name) if self._in_block else known[0]
        self._block_line = Line(number, f"> {name}")

    def _error(self) -> _Vertex | None:
        for vertex in self._vertices.values():
            if vertex.state == "ERROR" and not vertex.name.startswith(_HARMLESS):
                return vertex
        return None

    def failed_log(self) -> StepLog:
        """Return the vertex that the last block names, else the first that ended in an error."""
        log = self._block or self._error()
        if log is None:
            return super().failed_log()
        if log.exit_code is not None:
            self.exit_code = log.exit_code
        return log

    def location(self) -> Location | None:
        """Return the lines of the snippet that BuildKit marks with `>>>`."""
        if self._snippet:
            return Location(min(self._snippet), max(self._snippet), "log", self._file)
        return super().location()

    def end(self) -> None:
        """Take stock of the build that ended here: it failed, ran to its end or was cut off."""
        error = self._error()
        if not self.closing and error:
            self.closing = error.evidence()[-1:]
        if not self.closing and self._block_line:
            self.closing = [self._block_line]
        running = [vertex for vertex in self._vertices.values() if not vertex.state]
        self.done = self.seen and not running
        self.current = running[-1] if running else None
        super().end()
        self._vertices.clear()
        self._block, self._in_block, self._block_line = None, False, None
        self._snippet, self._file = [], None


def step_of(name: str) -> Step:
    """Return the step that a vertex's name tells: `[linux/arm64 build 5/9] RUN …`."""
    found = _NAME.match(name)
    if not found:
        return Step(BuildKit.name, name.strip())
    return Step(
        BuildKit.name,
        found["text"].strip(),
        int(found["number"]),
        int(found["total"]),
        found["stage"].split()[-1] if found["stage"] else None,
        found["platform"],
    )
