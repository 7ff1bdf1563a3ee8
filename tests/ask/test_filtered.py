"""A prompt that the service's content filter refuses, through the real SDKs."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from probe.ask.prices import cost_of
from probe.ask.stage import CompleteStage
from probe.display import Display
from probe.errors import UsageError
from probe.models.base import DoorOptions
from probe.records import Completion, Outcome, Place
from probe.records.run_folder import RunFolder
from probe.records.store import Store
from tests.fakes.providers import Answer, ProviderServer, Raw, Step
from tests.fakes.runs import run
from tests.fakes.tiers import loaded_tier, prompt
from tests.models.asking import ANTHROPIC, FAST, KEY, OPENAI, Provider

IDS = tuple("abcde")
TIER = loaded_tier(*(prompt(p, text=f"The sound {p}.") for p in IDS), template="Please.\n$text")
PLACES = {p: Place(group="single", level=1) for p in IDS}
WORDS = "The response was filtered"


def error(status: int = 400, **fields: Any) -> Raw:
    said = {"type": "error", "error": {"message": WORDS, "type": "invalid_request_error"} | fields}
    return Raw(json.dumps(said).encode(), status=status)


FILTERS = [
    (OPENAI, error(code="content_filter")),
    (OPENAI, error(code="content_policy_violation")),
    (OPENAI, error(innererror={"code": "ResponsibleAIPolicyViolation"})),
    (OPENAI, error(403, code=403, metadata={"reasons": ["x"], "flagged_input": "a"})),
    (OPENAI, error(code="invalid_prompt", message="it was flagged as potentially violating ours")),
    (ANTHROPIC, error(message="Output blocked by content filtering policy")),
]


def fill(
    provider: Provider, folder: Path, filtered: str, step: Step, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Completion]:
    """Ask a server whose filter refuses these prompts."""
    monkeypatch.setenv(provider.key_variable, KEY)

    def reply(body: dict[str, Any]) -> Step:
        content = body["messages"][-1]["content"]
        if not isinstance(content, str):
            content = "".join(block["text"] for block in content)
        return step if any(content.endswith(f"sound {p}.") for p in filtered) else Answer()

    with ProviderServer(reply=reply) as server:
        path = "/v1" if provider is OPENAI else ""
        model = provider.door("small", FAST, DoorOptions(base_url=server.url + path))
        with Store.open(folder, run(prompts=PLACES)) as store:
            CompleteStage(model, TIER).fill(store, Display(Console(file=io.StringIO())))
    folder_now = RunFolder(folder)
    return {p: row for (p, _), row in folder_now.latest_completions.items()}


@pytest.mark.parametrize(("provider", "step"), FILTERS, ids=repr)
@pytest.mark.parametrize("filtered", ["a", "ab", "e", "abcd"])
def test_what_the_filter_refuses_is_refused_also_before_another_is_answered(
    filtered: str,
    provider: Provider,
    step: Raw,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = fill(provider, tmp_path, filtered, step, monkeypatch)
    assert {p for p, row in rows.items() if row.outcome is Outcome.REFUSED} == set(filtered)
    assert all(row.outcome is Outcome.OK for p, row in rows.items() if p not in filtered)
    said = json.loads(step.body)["error"]["message"]
    assert all(rows[p].error == f"HTTP {step.status}: {said}" for p in filtered)
    cost = cost_of(tmp_path)
    assert (cost.replies, cost.unmetered) == (len(IDS) - len(filtered), 0), "nothing was billed"


def test_a_filter_that_lets_nothing_pass_is_an_error_of_set_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match=f"refuses every prompt.*{WORDS}"):
        fill(OPENAI, tmp_path, "abcde", error(code="content_filter"), monkeypatch)
    assert {row.outcome for row in RunFolder(tmp_path).completions.latest.values()} == {
        Outcome.PROVIDER_ERROR
    }
    rows = fill(OPENAI, tmp_path, "", error(), monkeypatch)
    assert {row.outcome for row in rows.values()} == {Outcome.OK}, "all of it is asked again"


def test_another_400_stays_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = fill(OPENAI, tmp_path, "e", error(code="context_length_exceeded"), monkeypatch)
    assert rows["e"].outcome is Outcome.PROVIDER_ERROR
