"""Debian's docker-registry on a free loopback port: a real registry, started by the tests."""

import fcntl
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import httpx

from fixtures.registry.content import Document, Image, Stored

_PROGRAM = "docker-registry"
_ACCESS = re.compile(r'"(?P<method>[A-Z]+) (?P<path>/v2/\S*) HTTP/1.1" (?P<status>\d+)')


def find_program() -> str | None:
    """Return the program's path, installing it where that is possible."""
    if (found := shutil.which(_PROGRAM)) is None and os.geteuid() == 0 and shutil.which("apt-get"):
        # Of the test processes that start at once one installs; apt would refuse the others.
        with (Path(tempfile.gettempdir()) / "basebump-tests-apt.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if (found := shutil.which(_PROGRAM)) is None:
                _install()
                found = shutil.which(_PROGRAM)
    return found


def _install() -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "-y", "--no-install-recommends", _PROGRAM]):
        subprocess.run(
            ["apt-get", "-q", *command],
            check=False,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def free_port() -> int:
    """Return a port of the loopback interface that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Request:
    """One line of the registry's own access log."""

    method: str
    path: str
    status: int


@dataclass
class DockerRegistry:
    """A running registry; `auth` is the section of that name of its configuration."""

    program: str
    folder: Path
    auth: dict[str, dict[str, str]] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)

    def __enter__(self) -> Self:
        configuration = {
            "version": "0.1",
            "log": {"level": "error"},
            "storage": {"filesystem": {"rootdirectory": str(self.folder / "data")}},
            "http": {"addr": self.host},
        } | ({"auth": self.auth} if self.auth else {})
        path = self.folder / "config.yml"
        path.write_text(json.dumps(configuration))  # JSON is YAML
        self._log = self.folder / "log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [self.program, "serve", str(path)], stdout=log, stderr=subprocess.STDOUT
            )
        self._await()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(10)

    @property
    def host(self) -> str:
        """Host and port, as they stand in an image's name."""
        return f"127.0.0.1:{self.port}"

    def push(self, repository: str, tag: str, image: Image) -> Stored:
        """Store an image under a tag, as a client does: blobs, manifests, then the index."""
        stored = image.store()
        base = f"http://{self.host}/v2/{repository}"
        with httpx.Client(headers=self.headers, trust_env=False) as client:
            for blob in stored.blobs:
                place = client.post(f"{base}/blobs/uploads/").headers["location"]
                end = "&" if "?" in place else "?"
                url = f"{place}{end}digest={blob.digest}"
                client.put(url, content=blob.body).raise_for_status()
            for manifest in stored.manifests:
                _put(client, f"{base}/manifests/{manifest.digest}", manifest)
            _put(client, f"{base}/manifests/{tag}", stored.top)
        return stored

    def tag(self, repository: str, digest: str, tags: list[str]) -> None:
        """Give many more tags to a stored manifest, in the registry's own storage."""
        root = self.folder / "data/docker/registry/v2/repositories" / repository / "_manifests/tags"
        for tag in tags:
            (root / tag / "current").mkdir(parents=True)
            (root / tag / "current" / "link").write_text(digest)

    def requests(self, repository: str) -> list[Request]:
        """Return what the access log has about a repository; uploads are not counted."""
        found = [
            Request(m["method"], m["path"], int(m["status"]))
            for m in _ACCESS.finditer(self._log.read_text())
        ]
        return [
            request
            for request in found
            if request.method in {"GET", "HEAD"} and request.path.startswith(f"/v2/{repository}/")
        ]

    def _await(self) -> None:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise TimeoutError(self._log.read_text())


def _put(client: httpx.Client, url: str, document: Document) -> None:
    headers = {"Content-Type": document.media_type}
    client.put(url, content=document.body, headers=headers).raise_for_status()
