"""The socket: HTTP/1.1 with connections that stay open."""

import gzip
import json
import socket
import sys
import traceback
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from tests.github_server.rest.call import Answer
from tests.github_server.service import Cut, Incoming, Service


class HttpServer(ThreadingHTTPServer):
    """One thread a connection."""

    daemon_threads = True
    request_queue_size = 256
    service: Service

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - its signature
        """Say nothing of a client that went away; keep every other failure for the test to see."""
        error = sys.exc_info()[1]
        if not isinstance(error, ConnectionError | TimeoutError):
            self.service.violations.append("".join(traceback.format_exception(error)))
        del request, client_address


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 120
    server: HttpServer

    def handle_one_request(self) -> None:
        """Serve one request of the connection."""
        try:
            super().handle_one_request()
        except ConnectionError:
            self.close_connection = True

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        host = headers.get("host", "127.0.0.1")
        body = b"".join(self._body(headers))
        if headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        incoming = Incoming(self.command, parts.path, parts.query, headers, body, host)
        try:
            answer = self.server.service.handle(incoming)
        except Cut as cut:
            self._cut(cut.answer)
            return
        self.wfile.write(self._encoded(answer))

    # http.server finds a method by the name of the verb.
    do_GET = do_HEAD = do_POST = do_PUT = _serve  # noqa: N815
    do_PATCH = do_DELETE = do_OPTIONS = _serve  # noqa: N815

    def _body(self, headers: dict[str, str]) -> Iterator[bytes]:
        if headers.get("transfer-encoding", "").lower() == "chunked":
            while size := int(self.rfile.readline().split(b";")[0] or b"-1", 16):
                yield self._whole(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            yield self._whole(int(headers.get("content-length") or 0))

    def _whole(self, size: int) -> bytes:
        """So many bytes of the body; a client that is killed while it sends has said nothing."""
        data = self.rfile.read(size) if size >= 0 else b""
        if len(data) != size:
            raise ConnectionResetError("the client went away in the middle of a request")
        return data

    def _encoded(self, answer: Answer) -> bytes:
        body, kind = answer.body, "application/json; charset=utf-8"
        if isinstance(body, bytes):
            kind = "application/octet-stream"
        elif body is not None:
            body = json.dumps(body).encode()
        data = body if isinstance(body, bytes) else b""
        headers = {"content-type": kind, **answer.headers, "content-length": str(len(data))}
        phrase = self.responses.get(answer.status, ("", ""))[0]
        lines = [f"HTTP/1.1 {answer.status} {phrase}", f"date: {self.date_time_string()}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        return head if self.command == "HEAD" else head + data

    def _cut(self, answer: Answer | None) -> None:
        if answer is not None:
            data = self._encoded(answer)
            self.wfile.write(data[: len(data) - max(1, len(data) // 4)])
            self.wfile.flush()
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 - its signature
        """Say nothing: the request log is `GitHubServer.requests`."""
