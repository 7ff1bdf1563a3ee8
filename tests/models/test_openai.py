from __future__ import annotations

import json
from typing import Any

import pytest

from probe.errors import PrerequisiteError
from probe.models.base import ProviderError, Reply
from probe.models.openai import OpenAIModel
from tests.fakes.providers import PROGRAM, Answer, ProviderServer, Raw, Status, Step
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
