"""kaniko: `INFO[0003] RUN …`, in colour, with a date or in logfmt; `error building image: …`.

It numbers nothing. An instruction is named when it runs; a failed `COPY` often is not, because the
files of the context are looked up before. The words are those of kaniko's `pkg/executor`.
"""

from __future__ import annotations

import re

from basebump.buildlog.dialects.base import INSTRUCTION, Dialect
from basebump.buildlog.journal import Journal
from basebump.buildlog.steplog import StepLog
from basebump.buildlog.values import Step

_ENTRY = re.compile(r"(?:TRAC|DEBU|INFO|WARN|ERRO) ?\[[^\]]{1,40}\] (.*)")
_LOGFMT = re.compile(r"time=\"?[^\" ]{1,40}\"? level=\w{1,8} msg=(?:\"(.*)\"$|(\S+)$)")
_FAILED = re.compile(
    r"(?:Error: )?error (?:building image|pushing image|checking push permissions|"
    r"resolving (?:source context|dockerfile path)|getting (?:stage|source) )"
)
_INSTRUCTION = re.compile(INSTRUCTION)
_STAGE = re.compile(r"Building stage '[^']*' \[idx: '(\d{1,4})'")
_IMAGE = re.compile(r"(?:Retrieving image manifest|Downloading base image) (\S+)")
_WORDS = (
    "Retrieving image ", "Resolved base name ", "Unpacking rootfs ", "Downloading base image ",
    "Using dockerignore file", "Built cross stage deps", "Executing ", "Building stage ",
    "Using files from context", "Returning cached image manifest", "Checking for cached layer",
    "Found cached layer", "No cached layer", "Using caching version of cmd", "Taking snapshot of",
    "Cmd: ", "cmd: ", "Args: ", "args: ", "Running: ", "No files ", "Skipping ", "Initializing ",
    "Deleting filesystem", "Storing source image", "Saving file ", "Pushing ", "Pushed ", "GET ",
    "Changed working directory", "Creating directory", "Retrieving remote image", "Get file info",
    "No base image", "To simplify", "Resolving ",
)  # fmt: skip
_FINISHED = ("Pushed ", "Skipping push to container registry", "Pushing image to ")
_CONTEXT = ("failed to get files used from context", "parsing dockerfile", "resolving source")


class Kaniko(Dialect):
    """`/kaniko/executor`."""

    name = "kaniko"
    marks = re.compile(rf"{_ENTRY.pattern}|{_LOGFMT.pattern}|{_FAILED.pattern}")

    def __init__(self, journal: Journal) -> None:
        super().__init__(journal)
        self._stage: str | None = None

    def mark(self, number: int, line: str) -> bool:
        """Take in a line of the builder's own."""
        entry = _ENTRY.match(line) or _LOGFMT.match(line)
        if not entry:
            self.fail(number, line)
            return True
        message = (entry[1] or (entry[2] if entry.re is _LOGFMT else "") or "").strip()
        if _INSTRUCTION.match(message):
            if not self.seen:
                return False
            self.start(Step(self.name, message, stage=self._stage), first=False)
            return True
        return self._housekeeping(message)

    def _housekeeping(self, message: str) -> bool:
        if not message.startswith(_WORDS):
            return self.seen
        if image := _IMAGE.match(message):
            step = Step(self.name, f"FROM {image[1]}", stage=self._stage)
            self.start(step, first=bool(self.closing))
        elif stage := _STAGE.match(message):
            self._stage = stage[1]
        self.seen = True
        if message.startswith(_FINISHED):
            self.finish()
        return True

    def failed_log(self) -> StepLog:
        """Return the step that runs, unless the error is about one that kaniko did not name."""
        if self.closing and any(word in self.closing[0].text for word in _CONTEXT):
            return StepLog(Step(self.name, "", stage=self._stage))
        return super().failed_log()
