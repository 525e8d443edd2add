"""buildah and podman: `STEP 5/12: RUN …`, `[2/2] STEP 3/4: COPY …`.

Also their older words: `STEP 5: RUN …`, `error building at STEP "…": …` (before 1.24).
"""

from __future__ import annotations

import re

from basebump.buildlog.dialects.base import INSTRUCTION, Dialect
from basebump.buildlog.values import Step

# With a total any word in capitals is a step, also one that turns out to be no instruction.
_STEP = re.compile(
    rf"(?:\[(\d{{1,4}})/(?:\d{{1,4}})\] )?STEP (\d{{1,4}})"
    rf"(?:/(\d{{1,4}}): ([A-Z]{{2,20}}(?= |$).*)|: ({INSTRUCTION}.*))"
)
_HOUSEKEEPING = re.compile(r"--> (?:Using cache |Pushing cache |Cache pulled |[0-9a-f]{10,64}$)")
_COMMIT = re.compile(r"(?:\[\d{1,4}/\d{1,4}\] )?COMMIT(?: \S+)?$|Successfully tagged localhost/")
_FAILED = re.compile(
    r"(?:Error: )?(?:error )?building at STEP \"|Error: (?:error )?creating build container|"
    r"Error: (?:determining starting point|initializing source |short-name |resolving )|"
    r"Error: (?:open|stat) \S{0,400}(?:Dockerfile|Containerfile)\S{0,80}: "
)
# Anybody may print these; after a step they are buildah's.
_FAILED_AFTER_A_STEP = re.compile(r"Error: [a-z]")
_LOGGED = re.compile(r"ERRO\[\d{4}\] ")


class Buildah(Dialect):
    """`buildah build` and `podman build`."""

    name = "buildah"
    marks = re.compile(
        rf"{_STEP.pattern}|{_HOUSEKEEPING.pattern}|{_COMMIT.pattern}|{_FAILED.pattern}|"
        rf"{_FAILED_AFTER_A_STEP.pattern}"
    )

    def mark(self, number: int, line: str) -> bool:
        """Take in a line of the builder's own."""
        if step := _STEP.match(line):
            self._start(step)
        elif not self.seen and not _FAILED.match(line):
            return False
        elif _COMMIT.match(line):
            self.finish()
        elif not _HOUSEKEEPING.match(line):
            self.fail(number, line)
        return True

    def _start(self, found: re.Match[str]) -> None:
        stage = str(int(found[1]) - 1) if found[1] else None
        number, total = int(found[2]), int(found[3]) if found[3] else None
        step = Step(self.name, (found[4] or found[5]).strip(), number, total, stage)
        self.start(step, first=number == 1 and stage in {None, "0"})

    def output(self, number: int, line: str) -> None:
        """Take in a line that no builder marked; the log package's errors only repeat."""
        if not _LOGGED.match(line):
            super().output(number, line)
