"""A Docker engine that only says who it is."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

ANSWERS = {
    "/version": {"Version": "99.1.2+dfsg", "ApiVersion": "1.41", "MinAPIVersion": "1.24"},
    "/info": {"DefaultRuntime": "crun"},
    "/images/json": [],
}


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        path = path.removeprefix("/v1.41")
        body = json.dumps(ANSWERS.get(path, {"message": "not here"})).encode()
        self.send_response(200 if path in ANSWERS else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self) -> str:
        return "unix"

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def fake_engine(socket: Path) -> Iterator[None]:
    """Answer on `socket` as an engine of version 99.1.2 with no images."""
    with socketserver.ThreadingUnixStreamServer(str(socket), _Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
            socket.unlink()
