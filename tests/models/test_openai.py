from __future__ import annotations

import json
from typing import Any

import pytest

from probe.errors import PrerequisiteError, UsageError
from probe.models.base import DoorOptions, ProviderError, Reply
from probe.models.openai import OpenAIModel
from probe.models.usage import Tokens, tokens
from tests.fakes.providers import PROGRAM, Answer, Empty, ProviderServer, Raw, Status, Step
from tests.models.asking import FAST, KEY, OPENAI, ask


def reply_to(step: Step, monkeypatch: pytest.MonkeyPatch) -> Reply:
    with ProviderServer(then=step) as server:
        (reply,) = ask(OPENAI.open(server, monkeypatch))
    return reply


def body(message: dict[str, Any], finish: str | None = "stop", **fields: Any) -> Raw:
    choice = {"message": message, "finish_reason": finish}
    return Raw(json.dumps({"choices": [choice], **fields}).encode())


@pytest.mark.parametrize(
    ("answer", "finish_reason", "text"),
    [
        (Answer(finish="stop"), "stop", PROGRAM),
        (Answer(finish="length", text="```python\nimp"), "length", "```python\nimp"),
        (Answer(finish="length", text=None), "length", ""),
        (Answer(finish="content_filter", text=None), "refusal", ""),
        (Answer(text=None, refusal="I can't."), "refusal", "I can't."),
        (Answer(text=""), "stop", ""),
        (Answer(finish="eos_token"), "stop", PROGRAM),
    ],
)
def test_how_a_reply_ended(
    answer: Answer, finish_reason: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reply = reply_to(answer, monkeypatch)
    assert (reply.finish_reason, reply.text) == (finish_reason, text)


def test_usage_is_kept_as_it_came(monkeypatch: pytest.MonkeyPatch) -> None:
    assert reply_to(Answer(), monkeypatch).usage == {
        "prompt_tokens": 20,
        "completion_tokens": 30,
        "total_tokens": 50,
        "completion_tokens_details": {"reasoning_tokens": 10},
    }


def test_a_bare_compatible_server_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    reply = reply_to(Raw(body({"content": "hi"}, None).body, "text/plain"), monkeypatch)
    assert reply == Reply(
        text="hi", finish_reason="stop", latency_s=reply.latency_s, request_id="req-1"
    )


@pytest.mark.parametrize(
    "step",
    [
        Raw(b'{"choices": []}'),
        Raw(b'{"choices": null}'),
        Raw(b'{"choices": [null]}'),
        Raw(b'{"choices": [{"finish_reason": "stop"}]}'),
        Raw(b"[" * 100_000),
        body({"content": None}),
        body({"content": 7}),
        body({"content": "hi"}, usage="much"),
    ],
    ids=lambda step: repr(step)[:60],
)
def test_an_answer_without_a_reply_is_malformed(
    step: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ProviderError, match=r"after 5 tries.*malformed answer"):
        reply_to(step, monkeypatch)


def test_an_error_in_an_answers_clothes_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    overloaded = Raw(b'{"error": {"code": 502, "message": "upstream is down"}}')
    with pytest.raises(ProviderError, match="after 5 tries: HTTP 502: upstream is down"):
        reply_to(overloaded, monkeypatch)
    with pytest.raises(PrerequisiteError, match="cannot pay"):
        reply_to(Raw(b'{"error": {"code": 402, "message": "no credit"}}'), monkeypatch)


def test_an_empty_account_stops_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(PrerequisiteError, match="cannot pay"):
        reply_to(Status(429, kind="insufficient_quota"), monkeypatch)


def test_text_that_utf8_cannot_hold_is_made_to_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    reply = reply_to(body({"content": "a \ud83d b \U0001f600"}), monkeypatch)
    assert reply.text == "a � b \U0001f600"


def test_openai_itself_is_asked_for_completion_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    # No request may leave for the real host, so it is answered by way of a proxy on loopback.
    with ProviderServer() as server:
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        monkeypatch.setenv("OPENAI_BASE_URL", "http://api.openai.com/v1")
        monkeypatch.setenv("HTTP_PROXY", server.url)
        model = OpenAIModel("small", FAST)
        assert model.settings() == {}
        with pytest.raises(PrerequisiteError, match=r"api\.openai\.com has no model 'small'"):
            ask(model)
        (sent,) = server.requests
    assert sent.path == "http://api.openai.com/v1/chat/completions"
    assert sent.body["max_completion_tokens"] == 1000
    assert "max_tokens" not in sent.body


def test_the_organization_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-1")
    with ProviderServer() as server:
        ask(OPENAI.open(server, monkeypatch))
        assert server.requests[0].headers["openai-organization"] == "org-1"


def test_an_administrators_key_asks_no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_ADMIN_KEY", KEY)
    with pytest.raises(PrerequisiteError, match="OPENAI_API_KEY"):
        OpenAIModel("small")


# --- options and the responses interface ---------------------------------------------------------


def sent_with(*settings: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The body of a request that was asked with these options."""
    with ProviderServer() as server:
        ask(OPENAI.open(server, monkeypatch, how=DoorOptions(settings=settings)))
        (sent,) = server.requests
    return {"path": sent.path, **sent.body}


def test_chat_is_asked_with_what_was_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sent_with(
        *("temperature=0.7", "top_p=0.9", "seed=-7", "reasoning_effort=high"),
        *("max_tokens=55", "system=Be brief."),
        monkeypatch=monkeypatch,
    ) == {
        "path": "/v1/chat/completions",
        "model": "small",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Question 0?"},
        ],
        "max_tokens": 55,
        "temperature": 0.7,
        "top_p": 0.9,
        "seed": -7,
        "reasoning_effort": "high",
    }


def test_responses_are_asked_with_what_was_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sent_with(
        *("api=responses", "temperature=0.7", "top_p=0.9", "reasoning_effort=low"),
        *("max_tokens=55", "system=Be brief."),
        monkeypatch=monkeypatch,
    ) == {
        "path": "/v1/responses",
        "model": "small",
        "input": [{"role": "user", "content": "Question 0?"}],
        "instructions": "Be brief.",
        "max_output_tokens": 55,
        "reasoning": {"effort": "low"},
        "store": False,
        "temperature": 0.7,
        "top_p": 0.9,
    }


RESPONSES = DoorOptions(settings=("api=responses",))


def response_to(step: Step, monkeypatch: pytest.MonkeyPatch) -> Reply:
    with ProviderServer(then=step) as server:
        (reply,) = ask(OPENAI.open(server, monkeypatch, how=RESPONSES))
    return reply


@pytest.mark.parametrize(
    ("answer", "finish_reason", "text"),
    [
        (Answer(), "stop", PROGRAM),
        (Answer(text=""), "stop", ""),
        (Answer(finish="max_output_tokens", text="```python\nimp"), "length", "```python\nimp"),
        (Answer(finish="content_filter", text=""), "refusal", ""),
        (Answer(refusal="I can't."), "refusal", "I can't."),
    ],
)
def test_how_a_response_ended(
    answer: Answer, finish_reason: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reply = response_to(answer, monkeypatch)
    assert (reply.finish_reason, reply.text) == (finish_reason, text)
    assert reply.tokens == Tokens(input=20, output=30, reasoning=10)


@pytest.mark.parametrize(
    "body",
    [
        {"output": []},
        {"output": [{"type": "reasoning"}], "status": "completed"},
        {"output": [{"type": "message", "content": []}], "status": "completed"},
        {"output": [], "status": "in_progress"},
        {"output": [], "status": "incomplete"},
        {"output": [], "status": "incomplete", "incomplete_details": {"reason": "steered"}},
        {"output": None},
        {"status": "completed"},
        [],
    ],
    ids=str,
)
def test_a_response_without_a_message_is_malformed(
    body: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ProviderError, match=r"after 5 tries.*malformed answer"):
        response_to(Raw(json.dumps(body).encode()), monkeypatch)


def test_a_response_that_failed_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def failed(code: str) -> Raw:
        return Raw(json.dumps({"error": {"code": code, "message": "sorry"}}).encode())

    with pytest.raises(ProviderError, match="after 5 tries: HTTP 429: sorry"):
        response_to(failed("rate_limit_exceeded"), monkeypatch)
    with pytest.raises(UsageError, match="HTTP 400: sorry"):
        response_to(failed("invalid_prompt"), monkeypatch)


@pytest.mark.parametrize(
    ("model", "setting", "complaint"),
    [
        ("o3", "temperature=1", "takes no temperature"),
        ("o4-mini-2025-04-16", "top_p=0.5", "takes no top_p"),
        ("gpt-5", "temperature=0", "takes no temperature"),
        ("gpt-4o", "reasoning_effort=low", "takes no reasoning_effort"),
        ("gpt-4.1-mini", "reasoning_effort=low", "takes no reasoning_effort"),
        ("gpt-4o", "temperature=3", "from 0 to 2"),
        ("gpt-4o", "reasoning_effort=hi", "did you mean 'high'"),
        ("gpt-4o", "temprature=1", "did you mean 'temperature'"),
        ("gpt-4o", "top_k=1", "did you mean 'top_p'"),
    ],
)
def test_an_option_the_model_does_not_take_is_refused(
    model: str, setting: str, complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with pytest.raises(UsageError, match=complaint):
        OpenAIModel(model, FAST, DoorOptions(settings=(setting,)))


@pytest.mark.parametrize(
    ("model", "setting"),
    [("o3", "reasoning_effort=low"), ("gpt-4o", "temperature=0"), ("gpt-9", "temperature=0")],
)
def test_an_option_the_model_takes_is_not(
    model: str, setting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    key, _, value = setting.partition("=")
    found = OpenAIModel(model, FAST, DoorOptions(settings=(setting,))).settings()
    assert str(found[key]).startswith(value)


def test_responses_take_no_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with pytest.raises(UsageError, match="no seed"):
        OpenAIModel("gpt-4o", FAST, DoorOptions(settings=("api=responses", "seed=1")))


def test_a_server_of_ones_own_needs_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    with ProviderServer() as server:
        how = DoorOptions(base_url=f"{server.url}/v1", name="lab/llama")
        ask(OpenAIModel("llama", FAST, how))
        assert server.requests[0].body["model"] == "llama"


def test_what_was_billed_for_no_reply_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    with ProviderServer(Empty(), Status(500), Empty()) as server:
        (reply,) = ask(OPENAI.open(server, monkeypatch))
        assert reply.tries == 4
        taken = [tokens(usage) for usage in (reply.usage, *reply.discarded)]
        assert taken == [Tokens(input=20, output=30, reasoning=10)] * 3
        assert server.billed == Tokens(input=60, output=90, reasoning=30)


def test_what_was_billed_in_vain_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with ProviderServer(then=Empty()) as server:
        with pytest.raises(ProviderError, match="after 5 tries") as caught:
            ask(OPENAI.open(server, monkeypatch))
        assert (caught.value.tries, len(caught.value.discarded)) == (5, 5)
        assert server.billed.output == 150
