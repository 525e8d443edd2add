"""The schema of SARIF 2.1.0, by OASIS, is not ours to carry: npm fetches it once, pinned."""

import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

PACKAGE = "@microsoft/sarif-multitool-linux@5.7.0"
MEMBER = "package/sarif-2.1.0.json"
CACHE = Path(__file__).parents[2] / ".cache/contracts/sarif-2.1.0.json"


class SchemaMissingError(Exception):
    """The schema cannot be had here; the message says why."""


def schema() -> Path:
    """The schema's file, from the cache or else from npm. Raises SchemaMissingError."""
    if CACHE.exists():
        return CACHE
    npm = shutil.which("npm")
    if npm is None:
        raise SchemaMissingError("npm is not installed, so the schema of SARIF cannot be fetched")
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [npm, "pack", "--silent", PACKAGE], cwd=folder, capture_output=True, check=False
        )
        archives = list(Path(folder).glob("*.tgz"))
        if done.returncode or not archives:
            raise SchemaMissingError(f"npm could not fetch {PACKAGE}")
        with tarfile.open(archives[0]) as packed:
            found = packed.extractfile(MEMBER)
            if found is None:
                raise SchemaMissingError(f"{PACKAGE} has no {MEMBER}")
            CACHE.parent.mkdir(parents=True, exist_ok=True)
            part = CACHE.with_name(f"{CACHE.name}.{os.getpid()}")
            part.write_bytes(found.read())
            part.replace(CACHE)
    return CACHE
