"""`python -m tests.github_server --fleet FOLDER`: try things by hand, or be measured."""

import argparse
import sys
import time
from pathlib import Path

from tests.github_server import ContractsMissing, GitHubServer, Limits


def main() -> int:
    """Serve until interrupted; the first two lines say the URL and a usable token."""
    parser = argparse.ArgumentParser(prog="python -m tests.github_server")
    parser.add_argument("--fleet", type=Path, required=True, help="a folder of repositories")
    parser.add_argument("--org", default="acme", help="the organisation that owns them")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency-ms", type=float, default=0.0, help="added to each answer")
    parser.add_argument("--validate", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--limits", action=argparse.BooleanOptionalAction, default=True)
    given = parser.parse_args()
    try:
        server = GitHubServer(
            limits=Limits(enforced=given.limits),
            validate=given.validate,
            latency=given.latency_ms / 1000,
            port=given.port,
        )
    except ContractsMissing as missing:
        print(missing, file=sys.stderr)  # noqa: T201 - a program's last words
        return 3
    repos = server.from_fleet(given.fleet, given.org)
    server.start()
    print(f"url: {server.url}\ntoken: {server.token}", flush=True)  # noqa: T201 - its answer
    print(f"{given.org}: {len(repos)} repositories; Ctrl-C ends", flush=True)  # noqa: T201 - as above
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        server.stop()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
