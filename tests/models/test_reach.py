"""What is said when a service cannot be reached, through the real SDKs."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.errors import PrerequisiteError
from probe.models.base import DoorOptions, ProviderError, Reply, StoppedError
from probe.models.reach import is_local, page_title
from tests.fakes.providers import Answer, ProviderServer, Raw, Status, Step
from tests.models.asking import ANTHROPIC, FAST, KEY, OPENAI, Provider, ask, attempt, request

both = pytest.mark.parametrize("provider", [OPENAI, ANTHROPIC], ids=lambda p: p.name)


def dead_port() -> int:
    """A port on loopback at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def saying(words: bytes) -> Iterator[int]:
    """A server that meets every connection with these words; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(1 << 16)
                    connection.sendall(words)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield int(listener.getsockname()[1])
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def door(provider: Provider, address: str, monkeypatch: pytest.MonkeyPatch, **how: object):  # type: ignore[no-untyped-def]
    monkeypatch.setenv(provider.key_variable, KEY)
    monkeypatch.setenv(f"{provider.name.upper()}_BASE_URL", address)
    return provider.door("small", FAST, DoorOptions(**how))  # type: ignore[arg-type]


@both
def test_a_dead_port_ends_the_run_after_three_tries(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = dead_port()
    model = door(provider, f"http://127.0.0.1:{port}", monkeypatch)
    waits: list[str] = []

    @contextmanager
    def waiting(why: str, seconds: float) -> Iterator[None]:
        waits.append(why)
        yield

    model.listen(waiting)
    outcomes = attempt(model, 25)
    assert waits == [f"no answer from 127.0.0.1:{port} (connection refused)"] * 2
    (end,) = (o for o in outcomes if not isinstance(o, StoppedError))
    assert isinstance(end, PrerequisiteError)
    assert str(end).startswith(f"no answer from 127.0.0.1:{port} (connection refused); ")
    assert "--retries" in str(end)


@both
def test_more_tries_are_made_for_one_who_asks(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ProviderServer(*[Status(500)] * 9) as server:
        model = provider.open(server, monkeypatch, how=DoorOptions(retries=float("inf")))
        (reply,) = ask(model)
    assert reply.tries == 10
    with ProviderServer(Answer(), then=Status(500)) as server:
        model = provider.open(server, monkeypatch, how=DoorOptions(retries=0))
        replied, failed = attempt(model, 2)
    assert isinstance(replied, Reply)
    assert isinstance(failed, ProviderError)
    assert "gave up after 1 try: HTTP 500" in str(failed)


@both
def test_a_server_that_only_fails_is_given_up_with_the_second_prompt(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ProviderServer(then=Status(500, message="sorry")) as server:
        outcomes = attempt(provider.open(server, monkeypatch), 20)
        assert len(server.requests) == 6
    kinds = sorted(type(o).__name__ for o in outcomes)
    assert kinds == ["GaveUpError", "PrerequisiteError", *["StoppedError"] * 18]
    (end,) = (o for o in outcomes if isinstance(o, PrerequisiteError))
    assert "gave no reply to 2 prompts" in str(end)
    assert "HTTP 500: sorry" in str(end)


@both
def test_a_server_that_answered_once_is_not_given_up(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ProviderServer(Answer(), then=Status(500)) as server:
        model = provider.open(server, monkeypatch)

        async def in_turn() -> list[object]:
            found: list[object] = []
            for number in range(4):
                found += await asyncio.gather(
                    model.complete(request(number)), return_exceptions=True
                )
            await model.aclose()
            return found

        assert [type(o).__name__ for o in asyncio.run(in_turn())] == [
            "Reply",
            *["GaveUpError"] * 3,
        ]


@both
@pytest.mark.parametrize(
    ("step", "words"),
    [
        (Raw(b"<html><title>Sign in</title></html>", "text/html", status=503), "HTTP 503: a web"),
        (Raw(b"<html><title>Sign in</title></html>", "text/html"), "a web page"),
    ],
)
def test_a_proxys_page_is_called_one(
    step: Step, words: str, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        ProviderServer(then=step) as server,
        pytest.raises(ProviderError, match=words),
    ):
        ask(provider.open(server, monkeypatch))


@both
def test_other_ways_not_to_arrive(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    def said(address: str) -> str:
        with pytest.raises((PrerequisiteError, ProviderError)) as caught:
            ask(door(provider, address, monkeypatch))
        return str(caught.value)

    assert "(no such host)" in said("http://no.such.host.invalid")
    with saying(b"220 mail ready\r\n") as port:
        assert f"no answer from 127.0.0.1:{port} (" in said(f"http://127.0.0.1:{port}")
        assert "(no TLS, " in said(f"https://127.0.0.1:{port}")
    with saying(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{") as port:
        assert "(the answer broke off)" in said(f"http://127.0.0.1:{port}")


@both
def test_a_proxy_that_fails_is_named_without_its_password(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = dead_port()
    monkeypatch.setenv("HTTP_PROXY", f"http://me:hunter2@127.0.0.1:{port}")
    with pytest.raises(PrerequisiteError) as caught:
        ask(door(provider, "http://models.example", monkeypatch))
    assert f"models.example by the proxy 127.0.0.1:{port} (connection refused)" in str(caught.value)
    assert "hunter2" not in str(caught.value)

    refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n"
    with saying(refusal) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy}")
        with pytest.raises(PrerequisiteError, match="the proxy says 407"):
            ask(door(provider, "https://models.example", monkeypatch))


@both
@pytest.mark.parametrize(
    ("proxy", "words"),
    [
        ("socks5://127.0.0.1:9", "ALL_PROXY speaks SOCKS.*pip install socksio"),
        ("foo://bar", "ALL_PROXY names no proxy"),
        ("http://:::", "ALL_PROXY names no proxy"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_said_before_anything_runs(
    proxy: str, words: str, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    with pytest.raises(PrerequisiteError, match=words):
        door(provider, "http://models.example", monkeypatch)


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("::1", True),
        ("192.168.1.7", True),
        ("gpu-box", True),
        ("gpu.local", True),
        ("api.openai.com", False),
        ("8.8.8.8", False),
    ],
)
def test_which_hosts_are_local(host: str, local: bool) -> None:
    assert is_local(host) is local


@given(st.text() | st.binary())
def test_any_body_is_a_page_or_none(body: str | bytes) -> None:
    title = page_title(body)
    assert title is None or 0 < len(title) <= 100
