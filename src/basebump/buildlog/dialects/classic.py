"""The classic builder: `Step 5/12 : RUN …`, ` ---> Running in 0a1b2c3d4e5f`.

The words are those of moby's `builder/dockerfile` and of `docker build` around it.
"""

from __future__ import annotations

import re

from basebump.buildlog.dialects.base import INSTRUCTION, Dialect
from basebump.buildlog.journal import Journal
from basebump.buildlog.values import Step

_STEP = re.compile(rf"\s?Step (\d{{1,4}})/(\d{{1,4}}) : ({INSTRUCTION}.*)")
_HOUSEKEEPING = re.compile(
    r"\s{0,2}---> |Removing intermediate container |Sending build context to Docker daemon"
)
_FINISHED = re.compile(r"Successfully (?:built [0-9a-f]{8,64}|tagged \S)")
_FAILED = re.compile(
    r"(?:ERROR: Service '[^']*' failed to build ?: )?(?:"
    r"The command '|(?:COPY|ADD) failed: |Error response from daemon: |"
    r"[Dd]ockerfile parse error|unable to prepare context: |error checking context: |"
    r"pull access denied for |manifest for \S+ not found|no matching manifest for |"
    r"toomanyrequests: |unauthorized: |error pulling image configuration: |"
    r"[Ee]rror parsing reference: |invalid reference format|failed to build: |"
    r"OCI runtime create failed|failed to create shim|Cannot connect to the Docker daemon|"
    r"Get \"?https?://\S+/v[12]/|write \S+: no space left on device|"
    r"Error processing tar file\(|failed to register layer: |failed to copy files: |"
    r"failed to (?:export image|start shim|get destination image)|"
    r"max depth exceeded|docker: command not found)"
)


class Classic(Dialect):
    """`docker build` before BuildKit, and docker-compose 1 around it."""

    name = "classic"
    marks = re.compile(
        rf"{_STEP.pattern}|{_HOUSEKEEPING.pattern}|{_FINISHED.pattern}|{_FAILED.pattern}"
    )

    def __init__(self, journal: Journal) -> None:
        super().__init__(journal)
        self._stages = 0

    def mark(self, number: int, line: str) -> bool:
        """Take in a line of the builder's own."""
        if step := _STEP.match(line):
            self._start(step)
        elif _FINISHED.match(line):
            if not self.seen:
                return False
            self.finish()
        elif _HOUSEKEEPING.match(line):
            self.seen, self.closing = True, []
        else:
            self.fail(number, line)
        return True

    def _start(self, found: re.Match[str]) -> None:
        number, total, text = int(found[1]), int(found[2]), found[3].strip()
        if number == 1:
            self._stages = 0
        self._stages += text[:5].upper() == "FROM "
        stage = str(self._stages - 1) if self._stages else None
        self.start(Step(self.name, text, number, total, stage), first=number == 1)
