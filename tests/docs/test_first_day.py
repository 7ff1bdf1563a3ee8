"""docs/first-day.md is what its commands say, against a server on loopback and the real sandbox."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from tests.fakes.providers import Answer, ProviderServer

ROOT = Path(__file__).parents[2]


@pytest.mark.docker
@pytest.mark.timeout(900)
def test_the_page_is_what_its_commands_say(tmp_path: Path) -> None:
    script = runpy.run_path(str(ROOT / "docs" / "first_day.py"))
    with ProviderServer(reply=lambda body: Answer(script["reply"](body))) as server:
        page = script["transcript"](f"{server.url}/v1", tmp_path)
    masked = script["masked"]
    there = (ROOT / "docs" / "first-day.md").read_text(encoding="utf-8")
    assert masked(page) == masked(there), "write it anew with `python docs/first_day.py`"
