"""What holds for every door to a service, through the real SDK against a server on loopback."""

from __future__ import annotations

import socket
import time
import traceback

import pytest

from probe.errors import PrerequisiteError, ProbeError
from probe.models.base import LanguageModel, ProviderError
from probe.models.retry import RetryPolicy
from tests.fakes.providers import (
    PROGRAM,
    Answer,
    Cut,
    Drip,
    Hang,
    ProviderServer,
    Raw,
    Shortened,
    Status,
    Step,
)
from tests.models.asking import ANTHROPIC, FAST, KEY, OPENAI, Provider, ask

pytestmark = pytest.mark.parametrize("provider", [OPENAI, ANTHROPIC], ids=lambda p: p.name)


def test_a_reply_comes_with_everything_known_about_it(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ProviderServer(Answer(delay_s=0.1)) as server:
        model = provider.open(server, monkeypatch)
        assert isinstance(model, LanguageModel)
        assert model.name == f"{provider.name}/small"
        (reply,) = ask(model)
    assert reply.text == PROGRAM
    assert reply.finish_reason == "stop"
    assert reply.model_returned is not None
    assert reply.model_returned.startswith("small-2026")
    assert reply.request_id == "req-1"
    assert 0.1 <= reply.latency_s < 5
    assert model.settings() == {"host": server.url.removeprefix("http://")}
    (sent,) = server.requests
    assert sent.body["model"] == "small"
    assert sent.body["messages"] == [{"role": "user", "content": "Question 0?"}]
    assert sent.body["max_tokens"] == 1000


@pytest.mark.parametrize(
    "fault",
    [
        Status(408),
        Status(409),
        Status(429, {"retry-after": "0"}),
        Status(500),
        Status(503),
        Status(529),
        Raw(b"<html>bad gateway</html>", "text/html", status=502),
        Raw(b"<html>a page</html>", "text/html"),
        Raw(b"{ this is no JSON"),
        Raw(b""),
        Raw(b"[]"),
        Raw(b"event: message_start\ndata: {broken\n\n", "text/event-stream"),
        Raw(b'event: message_start\ndata: ["odd"]\n\n', "text/event-stream"),
        Raw(b"\xff\xfe\xfd"),
        Cut(),
        Shortened(),
        Hang(),
        Drip(),
    ],
    ids=repr,
)
def test_what_may_pass_is_tried_again(
    provider: Provider, fault: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = RetryPolicy(tries=5, base_s=0.002, timeout_s=0.4)
    with ProviderServer(fault, fault) as server:
        (reply,) = ask(provider.open(server, monkeypatch, policy=policy))
        assert reply.text == PROGRAM
        assert reply.request_id == "req-3"
        assert len(server.requests) == 3
        assert reply.latency_s < 0.4, "the time of the try that answered"


@pytest.mark.parametrize("fault", [Status(500), Cut(), Shortened(), Raw(b"{")], ids=repr)
def test_what_does_not_pass_is_given_up_after_five_tries(
    provider: Provider, fault: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ProviderServer(then=fault) as server:
        with pytest.raises(ProviderError, match="after 5 tries"):
            ask(provider.open(server, monkeypatch))
        assert len(server.requests) == 5


@pytest.mark.parametrize("code", [400, 413, 422])
def test_a_request_that_is_refused_is_not_repeated(
    provider: Provider, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ProviderServer(then=Status(code, message="max_tokens is too large")) as server:
        with pytest.raises(ProviderError, match=f"HTTP {code}: max_tokens is too large"):
            ask(provider.open(server, monkeypatch))
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (401, "refuses the key"),
        (402, "cannot pay"),
        (403, "does not let this key"),
        (404, "has no model 'small'"),
    ],
)
def test_what_no_other_request_would_survive_stops_the_run(
    provider: Provider, code: int, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ProviderServer(then=Status(code)) as server:
        with pytest.raises(PrerequisiteError, match=words) as caught:
            ask(provider.open(server, monkeypatch))
        assert len(server.requests) == 1
    assert "\n" not in str(caught.value)


def test_a_service_that_asks_for_time_gets_it_up_to_the_ceiling(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = time.monotonic()
    with ProviderServer(Status(429, {"retry-after": "0.3"})) as server:
        ask(provider.open(server, monkeypatch))
    assert 0.3 <= time.monotonic() - began < 30

    began = time.monotonic()
    with ProviderServer(Status(429, {"retry-after": "86400"})) as server:
        ask(provider.open(server, monkeypatch))
    assert FAST.ceiling_s <= time.monotonic() - began < 30


def test_nobody_listening_is_a_failure_of_the_service(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with ProviderServer() as server:
        model = provider.open(server, monkeypatch)
    for name in ("OPENAI_BASE_URL", "ANTHROPIC_BASE_URL"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
    model = provider.door("small", FAST)
    with pytest.raises(ProviderError, match=f"no answer from 127.0.0.1:{port}"):
        ask(model)


def test_the_key_is_sent_and_never_shown(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    loud = f"the key {KEY} is\nno \x1b[31mgood" + "!" * 1000
    faults: list[Step] = [
        *(Status(code, message=loud) for code in (400, 401, 403, 404, 500)),
        Raw(loud.encode(), "text/plain", status=418),
        Raw(loud.encode()),
    ]
    for fault in faults:
        with ProviderServer(then=fault) as server:
            with pytest.raises(ProbeError) as caught:
                ask(provider.open(server, monkeypatch))
            assert KEY in str(server.requests[0].headers), "the server did get it"
        shown = "".join(traceback.format_exception(caught.value))
        assert KEY not in shown
        assert str(caught.value).isprintable()
        assert len(str(caught.value)) < 500


def test_credentials_in_the_address_are_not_recorded(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ProviderServer(then=Status(400, message="not hunter2hunter2")) as server:
        for name, value in provider.environment(server, KEY).items():
            monkeypatch.setenv(name, value.replace("http://", "http://me:hunter2hunter2@"))
        model = provider.door("small", FAST)
        assert "hunter2" not in str(model.settings())
        with pytest.raises(ProviderError, match=r"not \[secret\]"):
            ask(model)


@pytest.mark.parametrize("key", ["", None])
def test_no_key_is_said_before_anything_runs(
    provider: Provider, key: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if key is not None:
        monkeypatch.setenv(provider.key_variable, key)
    with pytest.raises(PrerequisiteError, match=f"set {provider.key_variable}.*local server"):
        provider.door("small", FAST)


@pytest.mark.parametrize("key", ["sk-with-newline\n", "sk-with space", "sk-schlüssel"])
def test_a_key_that_cannot_be_sent_is_said_before_anything_runs(
    provider: Provider, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ProviderServer() as server:
        with pytest.raises(PrerequisiteError, match=provider.key_variable) as caught:
            provider.open(server, monkeypatch, key=key)
        assert not server.requests
    assert key.strip() not in str(caught.value)


@pytest.mark.parametrize("address", ["localhost:8000", "nonsense", "ftp://x"])
def test_an_address_that_is_none_is_said_before_anything_runs(
    provider: Provider, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(provider.key_variable, KEY)
    monkeypatch.setenv(f"{provider.name.upper()}_BASE_URL", address)
    with pytest.raises(PrerequisiteError, match=f"{provider.name.upper()}_BASE_URL"):
        provider.door("small", FAST)


def test_requests_run_side_by_side(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    with ProviderServer(then=Answer(delay_s=0.6)) as server:
        model = provider.open(server, monkeypatch)
        began = time.monotonic()
        replies = ask(model, 20)
        took_s = time.monotonic() - began
        asked = sorted(sent.body["messages"][0]["content"] for sent in server.requests)
    assert took_s < 11, "twenty in a row would take twelve seconds"
    assert len({reply.request_id for reply in replies}) == 20
    assert asked == sorted(f"Question {n}?" for n in range(20))


def test_a_storm_of_faults_loses_nothing(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    storm: list[Step] = [Status(429, {"retry-after-ms": "20"}), Cut(), Status(500), Shortened()]
    policy = RetryPolicy(tries=30, base_s=0.01, ceiling_s=0.05, timeout_s=5)
    with ProviderServer(*storm * 10) as server:
        replies = ask(provider.open(server, monkeypatch, policy=policy), 40)
        assert len(server.requests) == 80, "one request for each fault and each answer"
    assert [reply.text for reply in replies] == [PROGRAM] * 40
