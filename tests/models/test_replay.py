from __future__ import annotations

import asyncio
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from probe.errors import UsageError
from probe.models.base import LanguageModel, ProviderError, Reply, Request
from probe.models.replay import Replay
from probe.records import Outcome
from probe.records.replies import extract
from tests.fakes.runs import completion
from tests.fakes.tiers import loaded_tier, prompt

TIER = loaded_tier(prompt("a4"), prompt("c5"))
SHARED = Path(__file__).parents[3] / "shared" / "completions" / "replies.jsonl"


def write(path: Path, *rows: Any) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def say(model: LanguageModel, prompt_id: str, sample: int = 0) -> Reply:
    asked = Request(prompt=prompt(prompt_id), sample=sample, text="", max_tokens=1)
    return asyncio.run(model.complete(asked))


def test_a_runs_own_log_is_replayed(tmp_path: Path) -> None:
    rows = [
        completion("a4", text="old"),
        completion("a4", text="new", finish_reason="length", usage={"tokens": 3}),
        completion("a4", outcome=Outcome.PROVIDER_ERROR, text="", error="no"),
        completion("a4", 1, outcome=Outcome.REFUSED, text="I won't.", finish_reason="refusal"),
        completion("c5", outcome=Outcome.PROVIDER_ERROR, text="", error="no"),
    ]
    path = write(tmp_path / "small" / "completions.jsonl", *(r.model_dump() for r in rows))
    model = Replay(path, TIER)
    assert isinstance(model, LanguageModel)
    assert model.name == "replay/small"
    assert model.settings() == {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    assert [model.covers(p) for p in TIER.prompts] == [True, False]
    assert say(model, "a4") == Reply(
        text="new", finish_reason="length", usage={"tokens": 3}, latency_s=0.5
    )
    assert say(model, "a4", 1).finish_reason == "refusal"
    with pytest.raises(ProviderError, match="sample 2"):
        say(model, "a4", 2)


def test_plain_rows_are_replayed(tmp_path: Path) -> None:
    rows = [
        {"id": "a4", "prompt": "A tone.", "reply": "one", "recorded": "2026-11-21"},
        {"prompt": "c5", "text": "two \ud83d", "sample": 3, "finish_reason": "length"},
        {"id": "of-another-tier", "reply": "three"},
    ]
    model = Replay(write(tmp_path / "replies.jsonl", *rows), TIER)
    assert model.name == "replay/replies"
    assert say(model, "a4") == Reply(text="one", finish_reason="stop", latency_s=0)
    assert say(model, "c5", 3) == Reply(text="two �", finish_reason="length", latency_s=0)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "cannot be read"),
        ("", "holds no reply"),
        ('{"id": "a4", "reply": "x"}\n\n{"id": "a4", "re', "line 3: not JSON"),
        ("[1]\n", "line 1: not a JSON object"),
        ('{"id": "a4"}\n', r"line 1: neither .* \(reply:"),
        ('{"reply": "x"}\n', r"line 1: neither .* \(id:"),
        ('{"id": "a4", "reply": "x", "sample": -1}\n', r"\(sample:"),
        ('{"prompt": "a4", "outcome": "splendid", "sample": 0}\n', r"\(outcome:"),
        ('{"id": "a44", "reply": "x"}\n', "no prompt of the tier tones; .*did you mean 'a4'"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused(
    content: str | None, complaint: str, tmp_path: Path
) -> None:
    path = tmp_path / "replies.jsonl"
    if content is not None:
        path.write_text(content)
    with pytest.raises(UsageError, match=complaint):
        Replay(path, TIER)


def test_real_replies_are_replayed() -> None:
    if not SHARED.is_file():
        pytest.skip("the recorded replies are not beside the checkout")
    tier = loaded_tier(*(prompt(f"notes-{n:02}") for n in range(1, 13)))
    model = Replay(SHARED, tier)
    for asked in tier.prompts:
        assert model.covers(asked)
        assert extract(say(model, asked.id).text, truncated=False)
