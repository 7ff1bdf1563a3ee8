"""The bytes of an answer in each provider's format, with fields that no SDK knows yet."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from probe.models.usage import Tokens

PROGRAM = "Here it is.\n\n```python\nprint('sound')\n```\n"

Writer = Callable[[str, str | None, str | None, str | None, Tokens], bytes]
"""Model, text, reason to stop (None: a whole answer without a reply), refusal, what it took."""


@dataclass(frozen=True)
class Form:
    """One wire format."""

    content_type: str
    stop: str
    """How it spells that a reply is complete."""
    usual: Tokens
    """What an answer takes where no test says otherwise."""
    write: Writer


def _chat(
    model: str, text: str | None, finish: str | None, refusal: str | None, took: Tokens
) -> bytes:
    message = {"role": "assistant", "content": text, "refusal": refusal}
    choice = {"index": 0, "finish_reason": finish, "message": message}
    usage: dict[str, Any] = {
        "prompt_tokens": took.input,
        "completion_tokens": took.output,
        "total_tokens": took.input + took.output,
        "completion_tokens_details": {"reasoning_tokens": took.reasoning},
    }
    if took.cached:
        usage["prompt_tokens_details"] = {"cached_tokens": took.cached}
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": f"{model}-2026-01-01",
        "choices": [choice] if finish else [],
        "usage": usage,
        "a_field_of_tomorrow": {"x": [1, None]},
    }
    return json.dumps(body).encode()


def _responses(
    model: str, text: str | None, finish: str | None, refusal: str | None, took: Tokens
) -> bytes:
    said: dict[str, Any] = {"type": "output_text", "text": text or "", "annotations": []}
    if refusal:
        said = {"type": "refusal", "refusal": refusal}
    reasoning = {"type": "reasoning", "id": "rs-1", "summary": []}
    message = {
        "type": "message",
        "id": "msg-1",
        "role": "assistant",
        "status": "completed",
        "content": [said],
    }
    cut = finish not in (None, "completed")
    body = {
        "id": "resp-1",
        "object": "response",
        "created_at": 1_700_000_000,
        "model": f"{model}-2026-01-01",
        "status": "incomplete" if cut else "completed",
        "incomplete_details": {"reason": finish} if cut else None,
        "error": None,
        "output": [reasoning, message] if finish else [],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": {
            "input_tokens": took.input,
            "input_tokens_details": {"cached_tokens": took.cached, "cache_write_tokens": 0},
            "output_tokens": took.output,
            "output_tokens_details": {"reasoning_tokens": took.reasoning},
            "total_tokens": took.input + took.output,
        },
        "a_field_of_tomorrow": {"x": [1, None]},
    }
    return json.dumps(body).encode()


def _messages(
    model: str, text: str | None, finish: str | None, refusal: str | None, took: Tokens
) -> bytes:
    text = text or ""
    middle = len(text) // 2
    usage = {
        "input_tokens": took.input - took.cached - took.written,
        "output_tokens": 1,
        "cache_read_input_tokens": took.cached,
    }
    if took.written:
        usage["cache_creation_input_tokens"] = took.written
    wrote: dict[str, Any] = {"output_tokens": took.output}
    if took.reasoning:
        wrote["output_tokens_details"] = {"thinking_tokens": took.reasoning}
    message = {
        "id": "msg-1",
        "type": "message",
        "role": "assistant",
        "model": f"{model}-20260101",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": usage,
        "a_field_of_tomorrow": {"x": [1, None]},
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
            "delta": {"stop_reason": finish, "stop_sequence": None},
            "usage": wrote,
        },
        {"type": "message_stop"},
    ]
    return b"".join(map(event, events))


def event(data: dict[str, Any]) -> bytes:
    """One event of a stream."""
    return f"event: {data['type']}\ndata: {json.dumps(data)}\n\n".encode()


FORMS = {
    "/v1/chat/completions": Form(
        "application/json", "stop", Tokens(input=20, output=30, reasoning=10), _chat
    ),
    "/v1/responses": Form(
        "application/json", "completed", Tokens(input=20, output=30, reasoning=10), _responses
    ),
    "/v1/messages": Form(
        "text/event-stream", "end_turn", Tokens(input=25, cached=5, output=30), _messages
    ),
}
