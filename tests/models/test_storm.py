"""The real SDKs in a storm: nothing lost, nothing twice, and the bill right to the token.

The same with 2,000 requests a format is ``benchmarks/doors.py``.
"""

from __future__ import annotations

import io
from collections import Counter
from pathlib import Path

import pytest
from rich.console import Console

from probe.ask.prices import cost_of
from probe.ask.stage import CompleteStage
from probe.display import Display
from probe.models import service
from probe.models.anthropic import AnthropicModel
from probe.models.base import DoorOptions, LanguageModel
from probe.models.openai import OpenAIModel
from probe.models.retry import RetryPolicy
from probe.models.usage import Tokens, tokens
from probe.records import Outcome, Place
from probe.records.run_folder import RunFolder, read_completions
from probe.records.store import Store
from tests.fakes import storm
from tests.fakes.providers import (
    PROGRAM,
    ProviderServer,
    anthropic_environment,
    openai_environment,
)
from tests.fakes.runs import run
from tests.fakes.tiers import loaded_tier, prompt

IDS = [f"p{n}" for n in range(50)]
TIER = loaded_tier(*(prompt(p, text=f"The sound {p}.") for p in IDS), template="Please.\n$text")
PLACES = {p: Place(group="single", level=1) for p in IDS}
POLICY = RetryPolicy(base_s=0.002, ceiling_s=0.05, timeout_s=60)


def door(kind: str, server: ProviderServer, monkeypatch: pytest.MonkeyPatch) -> LanguageModel:
    for name, value in (openai_environment(server) | anthropic_environment(server)).items():
        monkeypatch.setenv(name, value)
    if kind == "messages":
        return AnthropicModel("small", POLICY)
    return OpenAIModel("small", POLICY, DoorOptions(settings=(f"api={kind}",)))


@pytest.mark.parametrize("seed", [1])
@pytest.mark.parametrize("kind", ["chat", "responses", "messages"])
def test_a_storm_loses_nothing_doubles_nothing_and_is_billed_exactly(
    kind: str, seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "_BODY_BYTES", 1 << 20)
    steps = storm.script(seed, 75, huge_bytes=2 << 20)
    with ProviderServer(*steps, meter=storm.meter) as server:
        for _ in range(4):
            model = door(kind, server, monkeypatch)
            with Store.open(tmp_path, run(prompts=PLACES, settings=model.settings())) as store:
                if not CompleteStage(model, TIER).missing(store):
                    break
                CompleteStage(model, TIER).fill(store, Display(Console(file=io.StringIO())))
        received, billed = server.received, server.billed
    folder = RunFolder(tmp_path)
    assert CompleteStage(model, TIER).missing(folder) == []
    rows = list(read_completions(tmp_path))
    answered = Counter(row.prompt for row in rows if row.outcome is Outcome.OK)
    assert answered == dict.fromkeys(IDS, 1)
    assert all(row.text == PROGRAM for row in rows if row.outcome is Outcome.OK)
    assert sum(row.tries for row in rows) == received, "every request is accounted for"
    assert received > 75, "the storm is over"
    usages = [u for row in rows for u in (row.usage, *row.discarded) if u is not None]
    assert sum(filter(None, map(tokens, usages)), Tokens()) == billed
    assert cost_of(tmp_path).tokens == billed
    assert len({row.request_id for row in rows if row.request_id}) == len(IDS)
