"""A server on loopback that speaks the providers' wire formats and fails as it is told.

``/v1/chat/completions`` and ``/v1/responses`` answer as OpenAI does, ``/v1/messages`` as Anthropic
does (a stream). The bytes of each format are in `tests.fakes.wire`.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from probe.models.usage import Tokens
from tests.fakes import wire
from tests.fakes.wire import PROGRAM

# --- what the server does with one request -------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """A whole answer; `finish` is a reason as the wire format spells it, `delay_s` comes first."""

    text: str | None = PROGRAM
    finish: str | None = None
    refusal: str | None = None
    delay_s: float = 0.0


@dataclass(frozen=True)
class Status:
    """An error status with a message in the wire format's own shape."""

    code: int
    headers: Mapping[str, str] = field(default_factory=dict)
    message: str = "out of order"
    kind: str | None = None


@dataclass(frozen=True)
class Raw:
    """Any body at all."""

    body: bytes
    content_type: str = "application/json"
    status: int = 200


@dataclass(frozen=True)
class Cut:
    """An answer whose connection breaks off halfway through the body."""


@dataclass(frozen=True)
class Shortened:
    """Half an answer that ends politely: half the JSON, or a stream without its end."""


@dataclass(frozen=True)
class ErrorEvent:
    """A stream that reports an error halfway; the other wire format has none."""

    kind: str = "overloaded_error"


@dataclass(frozen=True)
class Empty:
    """A whole, billed answer that holds no reply: no choices, no output, no reason to stop."""


@dataclass(frozen=True)
class Slow:
    """A whole answer in pieces with pauses between them."""

    pieces: int = 10
    pause_s: float = 0.01


@dataclass(frozen=True)
class Huge:
    """A body of blanks that is longer than anybody should read."""

    size: int


@dataclass(frozen=True)
class Hang:
    """Silence until the server is closed."""


@dataclass(frozen=True)
class Drip:
    """An answer that trickles in, a blank at a time, and never begins in earnest."""

    interval_s: float = 0.02


Step = Answer | Status | Raw | Cut | Shortened | ErrorEvent | Empty | Slow | Huge | Hang | Drip

Meter = Callable[[Mapping[str, Any]], Tokens]
"""What an answer to a request's body takes."""


_BLANKS = b" " * (1 << 16)

# --- the server ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Recorded:
    """A request as it came in; header names are in lower case."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


class ProviderServer:
    """A context in which the server runs.

    Parameters
    ----------
    script : iterable of Step
        What to do with the requests in the order in which they arrive.
    then : Step
        What to do with all further requests.
    meter : Meter, optional
        What an answer takes, where it matters.
    reply : callable, optional
        What to do with further requests by their bodies, in place of `then`.
    keep : bool
        Whether to keep the requests, for a test to look at.
    """

    def __init__(
        self,
        *script: Step,
        then: Step | None = None,
        meter: Meter | None = None,
        reply: Callable[[dict[str, Any]], Step] | None = None,
        keep: bool = True,
    ) -> None:
        self.requests: list[Recorded] = []
        self.received = 0
        self.billed = Tokens()
        self.busy = 0
        self.busiest = 0
        self.meter = meter
        self._keep = keep
        self.closing = threading.Event()
        self._script = list(script)
        self._then = then or Answer()
        self._reply = reply
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.owner = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def url(self) -> str:
        """The address, without a slash at the end."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def take(self, request: Recorded) -> tuple[int, Step]:
        """Note a request; returns its number and what to do with it."""
        with self._lock:
            self.received += 1
            self.busy += 1
            self.busiest = max(self.busiest, self.busy)
            if self._keep:
                self.requests.append(request)
            if self._script:
                return self.received, self._script.pop(0)
            return self.received, self._reply(request.body) if self._reply else self._then

    def done(self, billed: Tokens | None) -> None:
        """Note that a request is over, and what it was billed."""
        with self._lock:
            self.busy -= 1
            if billed is not None:
                self.billed += billed


class _Server(ThreadingHTTPServer):
    owner: ProviderServer
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client that has given up is what some tests are about.
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if not body:  # somebody looks whether this path is one
            found = urlsplit(self.path).path in wire.FORMS  # a proxy is given the whole address
            self._request_id = "req-0"
            self._perform(Status(400 if found else 404), b"", "application/json")
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        number, step = self.server.owner.take(Recorded(self.path, headers, body))
        self._request_id = f"req-{number}"
        billed = None
        try:
            billed = self._answer(step, body)
        finally:
            self.server.owner.done(billed)

    def _answer(self, step: Step, body: dict[str, Any]) -> Tokens | None:
        """Act out a step; returns what it is billed."""
        form = wire.FORMS.get(self.path)
        if form is None:
            self._perform(Status(404, message="no such page"), b"", "application/json")
            return None
        meter = self.server.owner.meter
        took = meter(body) if meter else form.usual
        said = step if isinstance(step, Answer) else Answer()
        text, finish = said.text, None if isinstance(step, Empty) else said.finish or form.stop
        whole = form.write(body["model"], text, finish, said.refusal, took)
        self._perform(step, whole, form.content_type)
        return took if isinstance(step, Answer | Empty | Slow) else None

    def _perform(self, step: Step, whole: bytes, content_type: str) -> None:
        match step:
            case Answer():
                self.server.owner.closing.wait(step.delay_s)
                self._send(200, whole, content_type)
            case Empty():
                self._send(200, whole, content_type)
            case Status():
                self._send(step.code, _error(step, self.path), "application/json", step.headers)
            case Raw():
                self._send(step.status, step.body, step.content_type)
            case Shortened():
                self._send(200, _half(whole), content_type)
            case ErrorEvent():
                error = {"type": "error", "error": {"type": step.kind, "message": "Overloaded"}}
                self._send(200, _half(whole) + wire.event(error), content_type)
            case Cut():
                self._head(200, len(whole), content_type)
                self.wfile.write(whole[: len(whole) // 2])
                self.close_connection = True
            case Slow():
                self._head(200, len(whole), content_type)
                size = -(-len(whole) // step.pieces)
                for start in range(0, len(whole), size):
                    self.server.owner.closing.wait(step.pause_s)
                    self.wfile.write(whole[start : start + size])
            case Huge():
                self._head(200, step.size, content_type)
                for _ in range(step.size >> 16):
                    self.wfile.write(_BLANKS)
                self.close_connection = True
            case Hang():
                self.server.owner.closing.wait()
                self.close_connection = True
            case Drip():
                self._head(200, 1 << 20, content_type)
                while not self.server.owner.closing.wait(step.interval_s):
                    self.wfile.write(b"\n")
                self.close_connection = True

    def _send(
        self, status: int, body: bytes, content_type: str, headers: Mapping[str, str] | None = None
    ) -> None:
        self._head(status, len(body), content_type, headers)
        self.wfile.write(body)

    def _head(
        self, status: int, length: int, content_type: str, headers: Mapping[str, str] | None = None
    ) -> None:
        self.send_response(status)
        self.send_header("content-type", content_type)
        self.send_header("content-length", str(length))
        self.send_header("x-request-id", self._request_id)
        self.send_header("request-id", self._request_id)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()


def _half(whole: bytes) -> bytes:
    """The first half, up to the end of an event where there are events."""
    middle = len(whole) // 2
    return whole[: whole.find(b"\n\n", middle) + 2] if b"\n\n" in whole else whole[:middle]


def _error(step: Status, path: str) -> bytes:
    error = {"type": step.kind or "some_error", "message": step.message, "code": step.kind}
    body = {"error": error}
    return json.dumps({"type": "error"} | body if "messages" in path else body).encode()


def openai_environment(server: ProviderServer, key: str = "sk-a-secret-key") -> dict[str, str]:
    """Environment variables that lead the OpenAI SDK to `server`."""
    return {"OPENAI_BASE_URL": f"{server.url}/v1", "OPENAI_API_KEY": key}


def anthropic_environment(server: ProviderServer, key: str = "sk-a-secret-key") -> dict[str, str]:
    """Environment variables that lead the Anthropic SDK to `server`."""
    return {"ANTHROPIC_BASE_URL": server.url, "ANTHROPIC_API_KEY": key}
