"""A server on loopback that speaks the providers' wire formats and fails as it is told.

``/v1/chat/completions`` answers as OpenAI does, ``/v1/messages`` as Anthropic does (a stream).
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

PROGRAM = "Here it is.\n\n```python\nprint('sound')\n```\n"


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
class Hang:
    """Silence until the server is closed."""


@dataclass(frozen=True)
class Drip:
    """An answer that trickles in, a blank at a time, and never begins in earnest."""

    interval_s: float = 0.02


Step = Answer | Status | Raw | Cut | Shortened | ErrorEvent | Hang | Drip


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
    """

    def __init__(self, *script: Step, then: Step | None = None) -> None:
        self.requests: list[Recorded] = []
        self.closing = threading.Event()
        self._script = list(script)
        self._then = then or Answer()
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
            self.requests.append(request)
            return len(self.requests), self._script.pop(0) if self._script else self._then


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
        headers = {name.lower(): value for name, value in self.headers.items()}
        number, step = self.server.owner.take(Recorded(self.path, headers, body))
        self._request_id = f"req-{number}"
        if self.path == "/v1/chat/completions":
            self._perform(step, _completion(step, body["model"]), "application/json")
        elif self.path == "/v1/messages":
            self._perform(step, _stream(step, body["model"]), "text/event-stream")
        else:
            self._perform(Status(404, message="no such page"), b"", "application/json")

    def _perform(self, step: Step, whole: bytes, content_type: str) -> None:
        match step:
            case Answer():
                self.server.owner.closing.wait(step.delay_s)
                self._send(200, whole, content_type)
            case Status():
                self._send(step.code, _error(step, self.path), "application/json", step.headers)
            case Raw():
                self._send(step.status, step.body, step.content_type)
            case Shortened():
                self._send(200, _half(whole), content_type)
            case ErrorEvent():
                error = {"type": "error", "error": {"type": step.kind, "message": "Overloaded"}}
                self._send(200, _half(whole) + _event(error), content_type)
            case Cut():
                self._head(200, len(whole), content_type)
                self.wfile.write(whole[: len(whole) // 2])
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


# --- the wire formats ----------------------------------------------------------------------------


def _completion(step: Step, model: str) -> bytes:
    answer = step if isinstance(step, Answer) else Answer()
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": f"{model}-2026-01-01",
        "choices": [
            {
                "index": 0,
                "finish_reason": answer.finish or "stop",
                "message": {
                    "role": "assistant",
                    "content": answer.text,
                    "refusal": answer.refusal,
                },
            }
        ],
        "usage": {
            "prompt_tokens": 20,
            "completion_tokens": 30,
            "total_tokens": 50,
            "completion_tokens_details": {"reasoning_tokens": 10},
        },
        "a_field_of_tomorrow": {"x": [1, None]},
    }
    return json.dumps(body).encode()


def _stream(step: Step, model: str) -> bytes:
    answer = step if isinstance(step, Answer) else Answer()
    text = answer.text or ""
    middle = len(text) // 2
    message = {
        "id": "msg-1",
        "type": "message",
        "role": "assistant",
        "model": f"{model}-20260101",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 20, "output_tokens": 1, "cache_read_input_tokens": 5},
    }
    events: list[dict[str, Any]] = [
        {"type": "message_start", "message": message},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "ping"},
        *(
            {
                "type": "content_block_delta",
                "index": 0,
                "delta": {"type": "text_delta", "text": part},
            }
            for part in (text[:middle], text[middle:])
        ),
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": answer.finish or "end_turn", "stop_sequence": None},
            "usage": {"output_tokens": 30},
        },
        {"type": "message_stop"},
    ]
    return b"".join(map(_event, events))


def _half(whole: bytes) -> bytes:
    """The first half, up to the end of an event where there are events."""
    middle = len(whole) // 2
    return whole[: whole.find(b"\n\n", middle) + 2] if b"\n\n" in whole else whole[:middle]


def _event(data: dict[str, Any]) -> bytes:
    return f"event: {data['type']}\ndata: {json.dumps(data)}\n\n".encode()


def _error(step: Status, path: str) -> bytes:
    error = {"type": step.kind or "some_error", "message": step.message, "code": step.kind}
    body = {"error": error}
    return json.dumps(body if "chat" in path else {"type": "error"} | body).encode()


def openai_environment(server: ProviderServer, key: str = "sk-a-secret-key") -> dict[str, str]:
    """Environment variables that lead the OpenAI SDK to `server`."""
    return {"OPENAI_BASE_URL": f"{server.url}/v1", "OPENAI_API_KEY": key}


def anthropic_environment(server: ProviderServer, key: str = "sk-a-secret-key") -> dict[str, str]:
    """Environment variables that lead the Anthropic SDK to `server`."""
    return {"ANTHROPIC_BASE_URL": server.url, "ANTHROPIC_API_KEY": key}
