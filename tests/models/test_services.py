"""What holds for every door to a service, through the real SDK against a server on loopback."""

from __future__ import annotations

import asyncio
import time
import traceback
from pathlib import Path

import pytest

from probe.errors import PrerequisiteError, ProbeError, UsageError
from probe.models import service
from probe.models.base import DoorOptions, LanguageModel, ProviderError, Reply, StoppedError, Turn
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
from tests.models.asking import ANTHROPIC, FAST, KEY, OPENAI, Provider, ask, attempt, request

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
    assert reply.latency_s >= 0.1
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
    ],
    ids=repr,
)
def test_what_may_pass_is_tried_again(
    provider: Provider, fault: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ProviderServer(fault, fault) as server:
        (reply,) = ask(provider.open(server, monkeypatch))
        assert reply.text == PROGRAM
        assert (reply.request_id, reply.tries) == ("req-3", 3)
        assert len(server.requests) == 3


@pytest.mark.parametrize("fault", [Hang(), Drip()], ids=repr)
def test_a_try_takes_only_so_long(
    provider: Provider, fault: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ProviderServer(fault) as server:
        how = DoorOptions(settings=("timeout=1",))
        (reply,) = ask(provider.open(server, monkeypatch, how=how))
    assert reply.text == PROGRAM
    assert reply.tries >= 2
    assert reply.latency_s <= 1, "the time of the try that answered"


@pytest.mark.parametrize("fault", [Status(500), Cut(), Shortened(), Raw(b"{")], ids=repr)
def test_what_does_not_pass_is_given_up_after_five_tries(
    provider: Provider, fault: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ProviderServer(then=fault) as server:
        with pytest.raises(ProviderError, match="after 5 tries"):
            ask(provider.open(server, monkeypatch))
        assert len(server.requests) == 5


def test_a_request_that_is_too_large_is_not_repeated(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ProviderServer(then=Status(413, message="too large")) as server:
        with pytest.raises(ProviderError, match="HTTP 413: too large"):
            ask(provider.open(server, monkeypatch))
        assert len(server.requests) == 1


@pytest.mark.parametrize("code", [400, 422])
def test_what_the_first_request_is_refused_for_stops_the_run(
    provider: Provider, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ProviderServer(then=Status(code, message="no such option")) as server:
        outcomes = attempt(provider.open(server, monkeypatch), 20)
        assert len(server.requests) == 1, "the second request is never sent"
    (why,) = (o for o in outcomes if not isinstance(o, StoppedError))
    assert isinstance(why, UsageError)
    assert f"refuses what it is asked for {provider.name}/small" in str(why)
    assert "no such option" in str(why)


@pytest.mark.parametrize("code", [401, 403, 404])
def test_the_first_request_goes_alone(
    provider: Provider, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ProviderServer(then=Status(code)) as server:
        outcomes = attempt(provider.open(server, monkeypatch), 20)
        assert len(server.requests) == 1
    assert sorted(type(o).__name__ for o in outcomes) == [
        "PrerequisiteError",
        *["StoppedError"] * 19,
    ]


def test_one_prompt_that_is_refused_among_others_is_its_own_failure(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = Status(400, message="flagged")
    script: list[Step] = [Answer(), refused, Answer(), refused, Answer(), *[refused] * 9]
    with ProviderServer(*script) as server:
        model = provider.open(server, monkeypatch)

        async def in_turn() -> list[object]:
            outcomes = []
            for number in range(12):
                outcomes += await asyncio.gather(
                    model.complete(request(number)), return_exceptions=True
                )
            await model.aclose()
            return outcomes

        outcomes = asyncio.run(in_turn())
        assert len(server.requests) == 8
    kinds = [type(outcome).__name__ for outcome in outcomes]
    assert kinds[:5] == ["Reply", "ProviderError", "Reply", "ProviderError", "Reply"]
    assert kinds[5:] == ["ProviderError", "ProviderError", "UsageError", *["StoppedError"] * 4]


def test_after_halt_nothing_is_asked_and_nothing_tried_again(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = RetryPolicy(tries=5, base_s=600, ceiling_s=600, timeout_s=30)
    with ProviderServer(then=Status(500)) as server:
        model = provider.open(server, monkeypatch, policy=policy)

        async def asking() -> list[BaseException | Reply]:
            waiting = asyncio.create_task(model.complete(request(0)))
            while not server.requests:
                await asyncio.sleep(0.001)
            model.halt()
            found = await asyncio.gather(
                waiting, model.complete(request(1)), return_exceptions=True
            )
            await model.aclose()
            return found

        found = asyncio.run(asking())
        assert len(server.requests) == 1
    assert [type(one) for one in found] == [StoppedError, StoppedError]


def test_a_body_without_end_is_not_read_to_the_end(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "_BODY_BYTES", 1 << 20)
    big = Raw(b" " * (2 << 20))
    with ProviderServer(big) as server:
        (reply,) = ask(provider.open(server, monkeypatch))
        assert reply.text == PROGRAM
        assert reply.tries == 2
        assert server.requests[0].headers["accept-encoding"] == "identity"


def test_options_are_recorded_and_a_namesake_keeps_its_door(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ProviderServer() as server:
        address = provider.environment(server, KEY)[f"{provider.name.upper()}_BASE_URL"]
        monkeypatch.setenv(provider.key_variable, KEY)
        how = DoorOptions(
            settings=("max_tokens=77", "system=Be brief.", "timeout=30"),
            base_url=address,
            name="my/own",
            concurrency=3,
        )
        model = provider.door("small", FAST, how)
        assert (model.name, model.concurrency) == ("my/own", 3)
        assert model.settings() == {
            "max_tokens": 77,
            "system": "Be brief.",
            "timeout": 30.0,
            "host": server.url.removeprefix("http://"),
            "door": f"{provider.name}/small",
        }
        ask(model)
        (sent,) = server.requests
    assert sent.body["max_tokens"] == 77
    assert "Be brief." in str(sent.body)


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        (("max_token=7",), "did you mean 'max_tokens'"),
        (("max_tokens",), "key=value"),
        (("max_tokens=0",), "whole number of at least 1"),
        (("max_tokens=" + "9" * 5000,), "whole number"),
        (("max_tokens=1.5",), "whole number"),
        (("timeout=nan",), "must be a number"),
        (("timeout=inf",), "must be a number"),
        (("system=",), "empty"),
        (("system=@nowhere",), "cannot be read"),
        (("max_tokens=1", "max_tokens=2"), "twice"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused(
    provider: Provider,
    settings: tuple[str, ...],
    complaint: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(provider.key_variable, KEY)
    with pytest.raises(UsageError, match=complaint):
        provider.door("small", FAST, DoorOptions(settings=settings))


def test_a_system_prompt_may_come_from_a_file(
    provider: Provider, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(provider.key_variable, KEY)
    (tmp_path / "system.txt").write_text("Lots of\nwords")
    how = DoorOptions(settings=(f"system=@{tmp_path / 'system.txt'}",))
    assert provider.door("small", FAST, how).settings()["system"] == "Lots of\nwords"


def test_earlier_turns_are_sent_before_the_message(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = (Turn(role="user", text="First?"), Turn(role="assistant", text="Second."))
    asked = request().model_copy(update={"history": history, "text": "Third?"})
    with ProviderServer() as server:
        ask(provider.open(server, monkeypatch), requests=[asked])
        (sent,) = server.requests
    assert sent.body["messages"] == [
        {"role": "user", "content": "First?"},
        {"role": "assistant", "content": "Second."},
        {"role": "user", "content": "Third?"},
    ]


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
    assert time.monotonic() - began >= 0.3

    began = time.monotonic()
    with ProviderServer(Status(429, {"retry-after": "86400"})) as server:
        ask(provider.open(server, monkeypatch))
    assert FAST.ceiling_s <= time.monotonic() - began < 86400


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
        with pytest.raises(UsageError, match=r"not \[secret\]"):
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
        replies = ask(model, 20)
        assert server.busiest > 1
        asked = sorted(sent.body["messages"][0]["content"] for sent in server.requests)
    assert len({reply.request_id for reply in replies}) == 20
    assert asked == sorted(f"Question {n}?" for n in range(20))


def test_a_storm_of_faults_loses_nothing(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    storm: list[Step] = [Status(429, {"retry-after-ms": "20"}), Cut(), Status(500), Shortened()]
    policy = RetryPolicy(tries=30, base_s=0.01, ceiling_s=0.05, timeout_s=5)
    with ProviderServer(Answer(), *storm * 10) as server:
        replies = ask(provider.open(server, monkeypatch, policy=policy), 40)
        assert len(server.requests) == 80, "one request for each fault and each answer"
    assert sum(reply.tries for reply in replies) == 80
    assert [reply.text for reply in replies] == [PROGRAM] * 40
