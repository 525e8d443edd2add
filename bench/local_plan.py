"""`basebump plan` over 1,000 bare repositories with three Dockerfiles each."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from process import measure_run

REPOSITORIES = 1000
DIFFERENT = 10  # distinct repositories; the rest are copies of them
_ENVIRONMENT = os.environ | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
_DOCKERFILE = """FROM maichong/node:8.9.{patch}
WORKDIR /app
COPY package.json /app/
RUN npm install --production
COPY . /app
CMD node index.js
"""
_PATHS = ("Dockerfile", "services/api/Dockerfile", "services/worker/docker/worker.Dockerfile")


def build(root: Path) -> None:
    """Make the bare repositories below `root`."""
    originals = []
    for number in range(DIFFERENT):
        repository = root / f"service-{number:04}.git"
        command = ["git", "init", "-q", "--bare", "--template=", "-b", "main", str(repository)]
        subprocess.run(command, check=True, env=_ENVIRONMENT)
        subprocess.run(
            ["git", f"--git-dir={repository}", "fast-import", "--quiet"],
            input=_stream(number).encode(),
            check=True,
            env=_ENVIRONMENT,
        )
        originals.append(repository)
    for number in range(DIFFERENT, REPOSITORIES):
        shutil.copytree(originals[number % DIFFERENT], root / f"service-{number:04}.git")


def _stream(number: int) -> str:
    lines = ["commit refs/heads/main", "committer Ada <ada@example.com> 1700000000 +0000"]
    lines += ["data 5", "First"]
    for path in (*_PATHS, *(f"src/module{i}/file{j}.js" for i in range(5) for j in range(8))):
        text = _DOCKERFILE.format(patch=number % 3) if "ocker" in path else f"// {number} {path}\n"
        lines += [f"M 100644 inline {path}", f"data {len(text)}", text]
    return "\n".join(lines) + "\n"


def measure() -> Iterator[tuple[str, str, str]]:
    """Time and memory of the whole process."""
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder))
        command = [sys.executable, "-m", "basebump", "plan", "--local", folder, "--quiet"]
        command += ["--image", "maichong/node", "--to", "8.9.3", "-o", os.devnull]
        seconds, memory = measure_run(command)
    what = f"plan of {REPOSITORIES:,} bare repositories"
    yield f"{what}, 3 Dockerfiles each", f"{seconds:.1f} s", "under 10 s"
    yield f"{what}, peak memory", f"{memory:.0f} MB", "under 200 MB"
