"""One module a builder: how it names its steps and how it says that one failed."""

from __future__ import annotations

import re

from basebump.buildlog.dialects.base import Dialect
from basebump.buildlog.dialects.buildah import Buildah
from basebump.buildlog.dialects.buildkit import BuildKit
from basebump.buildlog.dialects.classic import Classic
from basebump.buildlog.dialects.kaniko import Kaniko

# BuildKit first: its lines carry their own mark, and other builders may run inside its steps.
DIALECTS: tuple[type[Dialect], ...] = (BuildKit, Classic, Buildah, Kaniko)

ANY_MARK = re.compile("|".join(f"(?:{dialect.marks.pattern})" for dialect in DIALECTS))

__all__ = ["ANY_MARK", "DIALECTS", "Dialect"]
