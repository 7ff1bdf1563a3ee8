from __future__ import annotations

import json
import struct
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.records import Limits
from probe.sandbox.protocol import (
    READY,
    Demultiplexer,
    ProtocolError,
    Receiver,
    Result,
    encode_job,
    encode_program,
)

LIMITS = Limits(text_bytes=1 << 10, audio_bytes=1 << 18)
NONCE = bytes(range(16))
VERDICT: dict[str, Any] = {
    "reason": "exit",
    "status": 0,
    "wall_s": 0.5,
    "cpu_s": 0.4,
    "peak_memory_bytes": 1,
    "oom_kills": 0,
    "memory_hits": 0,
    "process_hits": 0,
    "strays": 0,
    "stdout_bytes": 3,
    "stderr_bytes": 0,
    "audio": "ok",
    "audio_bytes": 5,
    "files": [],
    "full": [],
}


def frame(kind: bytes, payload: bytes, nonce: bytes = NONCE) -> bytes:
    return struct.pack(">16scI", nonce, kind, len(payload)) + payload


def verdict(**changes: Any) -> bytes:
    return frame(b"v", json.dumps(VERDICT | changes).encode())


def receive(*pieces: bytes) -> Result | None:
    receiver, result = Receiver(NONCE, LIMITS), None
    for piece in pieces:
        result = receiver.feed(piece)
    return result


def pieces_of(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[a:b] for a, b in pairwise(edges)]


def multiplexed(stream: int, data: bytes) -> bytes:
    return struct.pack(">B3xI", stream, len(data)) + data


@given(st.lists(st.integers(0, 1 << 16), max_size=30))
def test_a_result_arrives_in_any_pieces(cuts: list[int]) -> None:
    sent = frame(b"o", b"out") + frame(b"e", b"") + frame(b"a", b"RI") + frame(b"a", b"FF")
    result = receive(*pieces_of(sent + verdict(), cuts))
    assert result is not None
    assert (result.stdout, result.stderr, result.audio) == (b"out", b"", b"RIFF")
    assert result.evidence.cpu_s == 0.4


def test_from_its_first_word_on_the_program_may_have_run() -> None:
    receiver = Receiver(NONCE, LIMITS)
    assert receiver.feed(frame(b"b", b"")[:-1]) is None
    assert not receiver.began
    assert receiver.feed(frame(b"b", b"")[-1:]) is None
    assert receiver.began


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_garbage_is_refused_or_waited_for(pieces: list[bytes]) -> None:
    receiver = Receiver(NONCE, LIMITS)
    try:
        for piece in pieces:
            assert receiver.feed(piece) is None
    except ProtocolError:
        pass
    else:
        assert sum(map(len, pieces)) < 21


@given(st.sampled_from([b"b", b"o", b"e", b"a", b"v", b"x"]), st.binary(max_size=2000))
def test_frames_with_any_payload_are_refused_or_taken(kind: bytes, payload: bytes) -> None:
    receiver = Receiver(NONCE, LIMITS)
    try:
        assert receiver.feed(frame(kind, payload)) is None
    except ProtocolError:
        assert kind in {b"b", b"v", b"x"} or len(payload) > LIMITS.text_bytes


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (frame(b"o", b"out", nonce=b"\0" * 16), "no frame of this job"),
        (frame(b"q", b""), "no frame of this job"),
        (READY, "no frame of this job"),
        (frame(b"b", b"x"), "more than was agreed"),
        (struct.pack(">16scI", NONCE, b"a", 0xFFFFFFFF), "no frame of this job"),
        (frame(b"o", b"x" * 1025), "more than was agreed"),
        (frame(b"a", b"x" * (1 << 16)) * 5, "more than was agreed"),
        (frame(b"v", b"{}"), "makes no sense"),
        (frame(b"v", b"\xff"), "makes no sense"),
        (verdict(cpu_s=-1), "makes no sense"),
        (verdict(cpu_s=float("nan")), "makes no sense"),
        (verdict(reason="because"), "makes no sense"),
        (verdict(files=["x"] * 9), "makes no sense"),
        (verdict(surprise=1), "makes no sense"),
    ],
)
def test_what_the_supervisor_never_says_is_refused(sent: bytes, why: str) -> None:
    with pytest.raises(ProtocolError, match=why):
        receive(sent)


@given(
    st.lists(st.tuples(st.integers(0, 3), st.binary(max_size=100)), max_size=10),
    st.lists(st.integers(0, 1 << 16), max_size=20),
)
def test_streams_are_taken_apart_in_any_pieces(
    parts: list[tuple[int, bytes]], cuts: list[int]
) -> None:
    demultiplexer = Demultiplexer()
    sent = b"".join(multiplexed(stream, data) for stream, data in parts)
    stdout = b"".join(demultiplexer.feed(piece) for piece in pieces_of(sent, cuts))
    assert stdout == b"".join(data for stream, data in parts if stream == 1)
    assert demultiplexer.diagnosis == b"".join(data for stream, data in parts if stream != 1)


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_any_bytes_can_be_taken_apart(pieces: list[bytes]) -> None:
    demultiplexer = Demultiplexer()
    for piece in pieces:
        assert len(demultiplexer.feed(piece)) <= len(piece)


def test_little_is_kept_of_what_nobody_asked_for() -> None:
    demultiplexer = Demultiplexer()
    for _ in range(100):
        assert demultiplexer.feed(multiplexed(2, b"x" * 10_000)) == b""
    assert len(demultiplexer.diagnosis) == 4096


def test_a_job_is_a_header_and_the_program() -> None:
    limits = Limits(wall_s=1.5, cpu_s=2.5, text_bytes=1024, audio_bytes=2048)
    job = encode_job(NONCE, b"print()", limits)
    header = struct.unpack(">16sddIII", job[:-7])
    assert header == (NONCE, 1.5, 2.5, 1024, 2048, 7)
    assert job.endswith(b"print()")


def test_a_program_that_is_no_text_can_be_sent() -> None:
    assert encode_program("é\ud800") == b"\xc3\xa9\xed\xa0\x80"
