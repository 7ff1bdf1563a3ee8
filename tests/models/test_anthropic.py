from __future__ import annotations

import json
from typing import Any

import pytest

from probe.errors import PrerequisiteError, UsageError
from probe.models.anthropic import AnthropicModel
from probe.models.base import DoorOptions, ProviderError, Reply, Request, Turn
from tests.fakes.providers import PROGRAM, Answer, ErrorEvent, ProviderServer, Raw, Step
from tests.models.asking import ANTHROPIC, FAST, KEY, ask, request


def reply_to(step: Step, monkeypatch: pytest.MonkeyPatch) -> Reply:
    with ProviderServer(then=step) as server:
        (reply,) = ask(ANTHROPIC.open(server, monkeypatch))
    return reply


def stream(*events: dict[str, object]) -> Raw:
    """A stream of events between the start and the end of a message."""
    start = {
        "type": "message_start",
        "message": {"role": "assistant", "model": "m", "content": [], "usage": {}},
    }
    lines = (f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in (start, *events))
    return Raw("".join(lines).encode(), "text/event-stream")


DELTA: dict[str, object] = {
    "type": "message_delta",
    "delta": {"stop_reason": "end_turn"},
    "usage": {"output_tokens": 1},
}
STOP: dict[str, object] = {"type": "message_stop"}


def block(index: int, content: dict[str, str], **delta: str) -> list[dict[str, object]]:
    return [
        {"type": "content_block_start", "index": index, "content_block": content},
        {"type": "content_block_delta", "index": index, "delta": delta},
        {"type": "content_block_stop", "index": index},
    ]


@pytest.mark.parametrize(
    ("wire", "finish_reason"),
    [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("refusal", "refusal"),
        ("a_reason_of_tomorrow", "stop"),
    ],
)
def test_how_a_reply_ended(wire: str, finish_reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert reply_to(Answer(finish=wire), monkeypatch).finish_reason == finish_reason


def test_usage_is_kept_as_it_came(monkeypatch: pytest.MonkeyPatch) -> None:
    assert reply_to(Answer(), monkeypatch).usage == {
        "input_tokens": 20,
        "output_tokens": 30,
        "cache_read_input_tokens": 5,
    }


def test_text_blocks_are_joined_and_thinking_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    thinking = block(
        0,
        {"type": "thinking", "thinking": "", "signature": ""},
        type="thinking_delta",
        thinking="?",
    )
    first = block(1, {"type": "text", "text": ""}, type="text_delta", text="one \ud83d")
    second = block(2, {"type": "text", "text": ""}, type="text_delta", text="\ude00 two \ud83d")
    reply = reply_to(stream(*thinking, *first, *second, DELTA, STOP), monkeypatch)
    assert reply.text == "one \U0001f600 two �"


def test_a_message_without_text_is_a_reply(monkeypatch: pytest.MonkeyPatch) -> None:
    assert reply_to(stream(DELTA, STOP), monkeypatch).text == ""


@pytest.mark.parametrize("kind", ["overloaded_error", "api_error", "rate_limit_error", "news"])
def test_an_error_amid_the_stream_is_tried_again(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ProviderServer(ErrorEvent(kind), ErrorEvent(kind)) as server:
        (reply,) = ask(ANTHROPIC.open(server, monkeypatch))
        assert len(server.requests) == 3
    assert reply.text == PROGRAM


def test_an_error_amid_the_stream_may_be_final(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ProviderError, match="HTTP 413: Overloaded"):
        reply_to(ErrorEvent("request_too_large"), monkeypatch)
    with pytest.raises(UsageError, match=r"refuses what it is asked.*HTTP 400: Overloaded"):
        reply_to(ErrorEvent("invalid_request_error"), monkeypatch)
    with pytest.raises(PrerequisiteError, match="refuses the key"):
        reply_to(ErrorEvent("authentication_error"), monkeypatch)


@pytest.mark.parametrize(
    "broken",
    [
        stream(DELTA),
        stream(STOP),
        stream(block(0, {"type": "text", "text": ""}, type="text_delta", text="x")[1], DELTA, STOP),
        Raw(b'event: message_stop\ndata: {"type": "message_stop"}\n\n', "text/event-stream"),
        Raw(b"event: message_start\ndata: \xff\n\n", "text/event-stream"),
        Raw(b'event: message_start\ndata: {"type": "message_start"}\n\n', "text/event-stream"),
    ],
    ids=lambda step: repr(step)[-60:],
)
def test_a_stream_that_is_no_message_is_never_a_short_reply(
    broken: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ProviderError, match=r"after 5 tries.*malformed answer"):
        reply_to(broken, monkeypatch)


def test_a_token_serves_as_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    with ProviderServer() as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", KEY)
        ask(AnthropicModel("small", FAST))
        assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_the_services_own_host_is_not_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    assert AnthropicModel("small").settings() == {}


# --- options -------------------------------------------------------------------------------------


def sent_with(
    *settings: str, asked: Request | None = None, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    """The body of a request that was asked with these options, without what is always in it."""
    with ProviderServer() as server:
        model = ANTHROPIC.open(server, monkeypatch, how=DoorOptions(settings=settings))
        ask(model, requests=[asked or request()])
        (sent,) = server.requests
    return {k: v for k, v in sent.body.items() if k not in ("model", "stream", "max_tokens")}


PLAIN = [{"role": "user", "content": "Question 0?"}]
CACHED = {"type": "ephemeral"}


def test_thinking_and_effort_are_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sent_with("thinking_budget=2048", "effort=low", monkeypatch=monkeypatch) == {
        "messages": PLAIN,
        "thinking": {"type": "enabled", "budget_tokens": 2048},
        "output_config": {"effort": "low"},
    }
    assert sent_with("thinking=adaptive", monkeypatch=monkeypatch) == {
        "messages": PLAIN,
        "thinking": {"type": "adaptive"},
    }


def test_what_all_requests_share_is_marked_for_the_prompt_cache(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    later = (Turn(role="user", text="Question 7?"), Turn(role="assistant", text="Yes."))
    first = request().model_copy(update={"shared": len("Question ")})
    marked = [
        {"type": "text", "text": "Question ", "cache_control": CACHED},
        {"type": "text", "text": "0?"},
    ]
    assert sent_with("system=Be brief.", asked=first, monkeypatch=monkeypatch) == {
        "system": "Be brief.",
        "messages": [{"role": "user", "content": marked}],
    }
    again = first.model_copy(update={"history": later})
    (opening, *rest) = sent_with(asked=again, monkeypatch=monkeypatch)["messages"]
    assert opening["content"][0] == marked[0]
    assert rest == [{"role": "assistant", "content": "Yes."}, *PLAIN]


@pytest.mark.parametrize(
    ("text", "shared", "blocks"), [("same", 4, 1), ("  x", 2, 0), ("x  ", 1, 0), ("x", 0, 0)]
)
def test_no_block_of_blanks_is_sent(
    text: str, shared: int, blocks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = request().model_copy(update={"text": text, "shared": shared})
    (message,) = sent_with(asked=asked, monkeypatch=monkeypatch)["messages"]
    content = message["content"]
    assert content == text if blocks == 0 else len(content) == blocks


def test_a_system_prompt_is_marked_where_nothing_else_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sent_with("system=Be brief.", monkeypatch=monkeypatch) == {
        "system": [{"type": "text", "text": "Be brief.", "cache_control": CACHED}],
        "messages": PLAIN,
    }
    asked = request().model_copy(update={"shared": 8})
    off = ("system=Be brief.", "prompt_cache=off")
    assert sent_with(*off, asked=asked, monkeypatch=monkeypatch) == {
        "system": "Be brief.",
        "messages": PLAIN,
    }


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        (("temperature=1",), "unknown option of anthropic/small"),
        (("thinking_budget=1000",), "at least 1024"),
        (("thinking_budget=2048", "max_tokens=2048"), "less than max_tokens"),
        (("thinking_budget=2048", "thinking=adaptive"), "give one"),
        (("efort=low",), "did you mean 'effort'"),
    ],
)
def test_an_option_that_makes_no_sense_here_is_refused(
    settings: tuple[str, ...], complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    with pytest.raises(UsageError, match=complaint):
        AnthropicModel("small", FAST, DoorOptions(settings=settings))
