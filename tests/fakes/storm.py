"""A seeded script of everything that goes wrong between a person and a service, and its bill."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping
from typing import Any

from probe.models.usage import Tokens
from tests.fakes.providers import (
    Answer,
    Cut,
    Empty,
    ErrorEvent,
    Hang,
    Huge,
    Raw,
    Shortened,
    Slow,
    Status,
    Step,
)

BURST = 12
"""Requests in a row that one storm of 429 meets."""


def script(seed: int, requests: int, huge_bytes: int, *, hangs: int = 0) -> list[Step]:
    """What to do with this many requests: two thirds are answered, the rest fail in every way.

    Every kind of fault is met at least once; `hangs` requests are met with silence, which takes as
    long to notice as the client is patient.
    """
    draw = random.Random(seed)
    faults: list[Step] = [
        Status(408),
        Status(409),
        Status(500),
        Status(503, {"retry-after": "0"}),
        Status(529),
        Raw(b"<html>a page</html>", "text/html"),
        Raw(b"<html>bad gateway</html>", "text/html", status=502),
        Raw(b"", "application/json"),
        Raw(b"\xff\xfe"),
        Raw(b"[]"),
        Cut(),
        Shortened(),
        ErrorEvent(),
        Empty(),
    ]
    gusts: list[list[Step]] = [[Huge(huge_bytes)], *([fault] for fault in faults)]
    gusts += [[Hang()] for _ in range(hangs)]
    while sum(map(len, gusts)) < requests:
        chance = draw.random()
        if chance < 0.02:
            wait_ms = str(draw.randrange(1, 30))
            gusts.append([Status(429, {"retry-after-ms": wait_ms})] * BURST)
        elif chance < 0.12:
            gusts.append([draw.choice(faults)])
        elif chance < 0.17:
            gusts.append([Slow(pieces=draw.randrange(2, 20), pause_s=0.005)])
        else:
            gusts.append([Answer()])
    draw.shuffle(gusts)
    return [step for gust in gusts for step in gust]


def meter(body: Mapping[str, Any]) -> Tokens:
    """What an answer to this request takes: always the same, whenever and however often."""
    turns = body.get("messages") or body["input"]
    content = turns[-1]["content"]
    text = content if isinstance(content, str) else "".join(block["text"] for block in content)
    draw = random.Random(hashlib.sha256(text.encode()).digest())
    taken, wrote = len(text) // 4 + draw.randrange(5, 20), draw.randrange(100, 4000)
    cached = draw.randrange(taken)
    return Tokens(input=taken, cached=cached, output=wrote, reasoning=draw.randrange(wrote))
