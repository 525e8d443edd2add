"""Does the cache-order fix pay? Build, change one source file, build again; before and after it.

With buildah (Debian: `apt-get install buildah busybox-static`) the builds are real: chroot
isolation, vfs storage, a base image made of busybox with an `npm` that takes its time. Where
buildah cannot run, the cache is modelled by the rules that Docker documents, and the output says
so: https://docs.docker.com/build/cache/invalidation/
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from basebump.core.cache_order import Context, check
from basebump.core.dockerfile import parse
from basebump.core.rewrite import apply

BASE = "localhost/basebump-bench-base"
APPLETS = ("sh", "sleep", "cat", "mkdir", "cp", "echo", "env")
INSTALL_SECONDS = 3
NPM = f"""#!/bin/sh
case "$1" in
  ci) cat package.json > /dev/null && sleep {INSTALL_SECONDS} && mkdir -p node_modules/express ;;
  run) cat index.js > dist.js ;;
esac
"""
DOCKERFILE = f"""FROM {BASE}
WORKDIR /app
COPY . .
RUN npm ci
RUN npm run build
CMD ["node", "dist.js"]
"""
PROJECT = {
    "package.json": '{"dependencies": {"express": "4.19.2"}}\n',
    "package-lock.json": "{}\n",
    "index.js": "console.log(1)\n",
}


@dataclass(frozen=True, slots=True)
class Build:
    """A build: each step with whether it came from the cache, and the seconds it took."""

    steps: tuple[tuple[str, bool], ...]
    seconds: float | None

    @property
    def hits(self) -> int:
        """How many steps came from the cache."""
        return sum(cached for _, cached in self.steps)


Builder = Callable[[Path], Build]


def fixed(text: str) -> str:
    """The Dockerfile as `basebump check --fix` leaves it."""
    files = {path: content.encode() for path, content in PROJECT.items()}
    context = Context("Dockerfile", frozenset({"Dockerfile", *files}), files)
    findings = check(parse(text.encode()), context=context)
    return apply(text, {edit for finding in findings for edit in finding.fix or ()})


def rebuild(dockerfile: str, build: Builder, folder: Path) -> Build:
    """The second build, after one line of the source was changed."""
    for name, content in {**PROJECT, "Dockerfile": dockerfile}.items():
        (folder / name).write_text(content)
    build(folder)
    (folder / "index.js").write_text("console.log(2)\n")
    return build(folder)


class Buildah:
    """buildah with its storage in a folder of its own, which goes away with it."""

    def __init__(self, storage: Path) -> None:
        self.storage = storage
        root = storage / "base" / "rootfs"
        (root / "bin").mkdir(parents=True)
        (root / "tmp").mkdir()
        busybox = shutil.which("busybox")
        if busybox is None:
            raise FileNotFoundError("busybox is not installed")
        shutil.copy(busybox, root / "bin" / "busybox")
        for applet in APPLETS:
            (root / "bin" / applet).symlink_to("busybox")
        (root / "bin" / "npm").write_text(NPM)
        (root / "bin" / "npm").chmod(0o755)
        (root.parent / "Dockerfile").write_text("FROM scratch\nCOPY rootfs/ /\nENV PATH=/bin\n")
        self._run("build", "--tag", BASE, str(root.parent))

    def __call__(self, folder: Path) -> Build:
        """Build a folder with the layers of earlier builds at hand."""
        began = time.monotonic()
        output = self._run("build", "--pull-never", str(folder))
        seconds = time.monotonic() - began
        parts = re.split(r"^STEP \d+/\d+: ", output, flags=re.MULTILINE)[1:]
        steps = tuple((part.splitlines()[0], "Using cache" in part) for part in parts)
        return Build(steps, seconds)

    def _run(self, verb: str, *arguments: str) -> str:
        places = ("--root", str(self.storage / "root"), "--runroot", str(self.storage / "run"))
        command = ["buildah", *places, "--storage-driver", "vfs", verb]
        command += ["--isolation", "chroot", "--layers", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
        return done.stdout + done.stderr


class Model:
    """A step is cached while it, the steps before it and the files it copies are the same ones."""

    def __init__(self) -> None:
        self.known: set[str] = set()

    def __call__(self, folder: Path) -> Build:
        """Tell which steps a builder would take from its cache."""
        steps: list[tuple[str, bool]] = []
        chain = ""
        for instruction in parse((folder / "Dockerfile").read_bytes()).instructions:
            written = f"{instruction.name} {instruction.value}"
            files = _copied(instruction.value.split(), folder) if instruction.name == "COPY" else ()
            contents = [(folder / name).read_text() for name in files]
            chain = hashlib.sha256("\0".join((chain, written, *contents)).encode()).hexdigest()
            steps.append((written, chain in self.known))
            self.known.add(chain)
        return Build(tuple(steps), None)


def _copied(words: list[str], folder: Path) -> Iterable[str]:
    names = sorted(path.name for path in folder.iterdir())
    return names if words[0] == "." else words[:-1]


def builder(storage: Path) -> tuple[str, Builder]:
    """Buildah where it can run, else the model, with a name that tells which."""
    try:
        return "built with buildah", Buildah(storage)
    except (OSError, subprocess.SubprocessError) as error:
        sys.stderr.write(f"buildah cannot build here ({error}): the cache is modelled\n")
        return "modelled by Docker's documented rules, not built", Model()


def compare() -> tuple[str, list[tuple[str, str, Build]]]:
    """How it was built, and for each order its title, its Dockerfile and the second build."""
    orders = (("before the fix", DOCKERFILE), ("after the fix", fixed(DOCKERFILE)))
    with tempfile.TemporaryDirectory(prefix="basebump-bench-") as name:
        how, build = builder(Path(name))
        found = []
        for title, text in orders:
            folder = Path(name) / title.replace(" ", "-")
            folder.mkdir()
            found.append((title, text, rebuild(text, build, folder)))
    return how, found


def measure() -> list[tuple[str, str, str]]:
    """The rows for `make bench`."""
    how, found = compare()
    return [
        (f"rebuild after a source edit, {title} ({how})", told(second), "more from the cache")
        for title, _, second in found
    ]


def told(second: Build) -> str:
    """`3 of 7 cached, 3.0 s`."""
    took = "" if second.seconds is None else f", {second.seconds:.1f} s"
    return f"{second.hits} of {len(second.steps)} cached{took}"


def main() -> None:
    """Print each step of the second builds and whether it was cached."""
    how, found = compare()
    print(f"A rebuild after one source file changed; {how}; an install takes {INSTALL_SECONDS} s")
    for title, text, second in found:
        print(f"\n{title}: {told(second)}")
        width = max(len(line) for line in text.splitlines()) + 2
        for step, cached in second.steps:
            print(f"  {step:<{width}} {'cached' if cached else 'ran'}")
    if found[1][2].hits <= found[0][2].hits:
        sys.exit("the fix did not pay")


if __name__ == "__main__":
    os.environ.setdefault("TMPDIR", "/var/tmp")  # noqa: S108 - buildah wants room, not memory
    main()
