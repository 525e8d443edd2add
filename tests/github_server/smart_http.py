"""Git's smart HTTP, reading side: `git clone` and `git fetch` from the real bare repositories."""

import os
import subprocess

from tests.github_server.model import Refused, Repo
from tests.github_server.rest.call import Answer

SERVICE = "git-upload-pack"


def serve(
    repo: Repo, method: str, action: str, query: str, *, body: bytes, protocol: str
) -> Answer:
    """Answer `info/refs` and `git-upload-pack`; everything else is refused (403)."""
    advertise = method == "GET" and action == "info/refs" and query == f"service={SERVICE}"
    if not advertise and (method, action) != ("POST", SERVICE):
        raise Refused(403, "Only reading is served over HTTP")
    command = ["git", "-c", "safe.directory=*", "upload-pack", "--stateless-rpc"]
    command += ["--advertise-refs"] if advertise else []
    done = subprocess.run(
        [*command, str(repo.git.materialise())],
        input=body,
        capture_output=True,
        check=True,
        env={**os.environ, "GIT_PROTOCOL": protocol},
    )
    head = f"# service={SERVICE}\n"
    start = f"{len(head) + 4:04x}{head}0000".encode() if advertise else b""
    kind = f"application/x-{SERVICE}-{'advertisement' if advertise else 'result'}"
    return Answer(200, start + done.stdout, {"content-type": kind, "cache-control": "no-cache"})
