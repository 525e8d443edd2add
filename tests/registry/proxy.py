"""A thin proxy before the registry: it pages tag lists, and it does wrong what a network can do."""

import json
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qs, urlsplit

import httpx

_HOP_BY_HOP = {"connection", "transfer-encoding", "content-encoding", "date", "server"}


@dataclass
class Reply:
    """What the proxy is about to send; a fault may change any of it."""

    status: int
    headers: dict[str, str]
    body: bytes
    cut_after: int | None = None
    pause: float = 0.0


@dataclass
class Fault:
    """Change the replies to requests whose `METHOD path` matches, `times` times."""

    pattern: str
    change: Callable[[Reply], None]
    times: int = 1_000_000


@dataclass
class Proxy:
    """`page` is the most tags that one answer has; None leaves the list whole."""

    upstream: str
    page: int | None = None
    faults: list[Fault] = field(default_factory=list)
    seen: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> Self:
        handler = type("Handler", (_Handler,), {"owner": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        self._client = httpx.Client(trust_env=False, base_url=f"http://{self.upstream}")
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._client.close()

    @property
    def host(self) -> str:
        """Host and port, as they stand in an image's name."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    def fault(self, pattern: str, change: Callable[[Reply], None], times: int = 1_000_000) -> None:
        """Do something wrong from now on."""
        self.faults.append(Fault(pattern, change, times))

    def reply(self, method: str, path: str, headers: dict[str, str]) -> Reply:
        """Return the registry's reply, paged and with the faults that are due."""
        asked_for_support = path == "/v2/"  # about the server, not about an image
        if not asked_for_support:
            with self._lock:
                self.seen.append((method, path, headers))
        passed = {
            key: value
            for key, value in headers.items()
            if key in {"accept", "authorization", "if-none-match"}
        }
        answer = self._client.request(method, path, headers=passed)
        kept = {k: v for k, v in answer.headers.items() if k not in _HOP_BY_HOP}
        reply = Reply(answer.status_code, kept, answer.content)
        if self.page and urlsplit(path).path.endswith("/tags/list"):
            self._cut_page(path, reply, self.page)
        for fault in [] if asked_for_support else self._due(f"{method} {path}"):
            fault.change(reply)
        return reply

    def _due(self, request: str) -> list[Fault]:
        with self._lock:
            due = [f for f in self.faults if f.times > 0 and re.search(f.pattern, request)]
            for fault in due:
                fault.times -= 1
        return due

    def _cut_page(self, path: str, reply: Reply, most: int) -> None:
        parts = urlsplit(path)
        query = parse_qs(parts.query)
        document = json.loads(reply.body)
        last, size = query.get("last", [""])[0], min(most, int(query.get("n", [str(most)])[0]))
        tags = sorted(tag for tag in document["tags"] if tag > last)
        document["tags"] = tags[:size]
        if tags[size:]:
            target = f"{parts.path}?last={tags[size - 1]}&n={size}"
            reply.headers["link"] = f'<{target}>; rel="next"'
        reply.body = json.dumps(document).encode()
        reply.headers["content-length"] = str(len(reply.body))


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients that hang up are what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    owner: Proxy
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Pass a GET on."""
        headers = {key.lower(): value for key, value in self.headers.items()}
        reply = self.owner.reply(self.command, self.path, headers)
        self.send_response(reply.status)
        for key, value in reply.headers.items():
            self.send_header(key, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        try:
            self._send(reply)
        except OSError:  # the client had enough, which is what some tests are about
            self.close_connection = True

    do_HEAD = do_GET  # noqa: N815 - http.server's name

    def _send(self, reply: Reply) -> None:
        body = reply.body if reply.cut_after is None else reply.body[: reply.cut_after]
        if reply.pause:
            for position in range(len(body)):
                self.wfile.write(body[position : position + 1])
                time.sleep(reply.pause)
        else:
            self.wfile.write(body)
        if reply.cut_after is not None:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Say nothing."""


def status(code: int, error: str = "", **headers: str) -> Callable[[Reply], None]:
    """Answer with a status, and with an error code of the distribution API where one is given."""

    def change(reply: Reply) -> None:
        reply.status = code
        reply.body = json.dumps({"errors": [{"code": error}]}).encode() if error else b""
        extra = {key.replace("_", "-"): value for key, value in headers.items()}
        reply.headers = {"content-length": str(len(reply.body)), **extra}

    return change


def cut(after: int) -> Callable[[Reply], None]:
    """Close the connection after so many bytes of the body."""

    def change(reply: Reply) -> None:
        reply.cut_after = after

    return change


def drip(pause: float) -> Callable[[Reply], None]:
    """Send one byte at a time."""

    def change(reply: Reply) -> None:
        reply.pause = pause

    return change


def header(name: str, value: str) -> Callable[[Reply], None]:
    """Send another value of a header."""

    def change(reply: Reply) -> None:
        reply.headers[name] = value

    return change


def body(content: bytes) -> Callable[[Reply], None]:
    """Send another body, with its own length."""

    def change(reply: Reply) -> None:
        reply.body = content
        reply.headers["content-length"] = str(len(content))

    return change
