"""Nothing of a prompt's truth, nor of a score, is ever said to a model."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from probe.models.base import Request
from probe.records import NotesTruth, Prompt, SoundsTruth, SpeechTruth, Truth
from probe.records.metrics import METRICS
from probe.records.store import Store
from probe.score.stage import Scorer
from probe.tier.folder import LoadedTier, load, names
from tests.ask.strategies.bench import Bench, quiet
from tests.fakes.talkers import CRASH, Says, fenced, tone
from tests.fakes.tiers import loaded_tier

LENGTH_S = 0.5
STRATEGIES = ("direct", "reason", "repair:2", "refine:2", "plan:1", "best-of:2")

TRUTHS: dict[str, tuple[Truth, Truth]] = {
    "notes": (
        NotesTruth.model_validate(
            {
                "notes": [{"midi": 61, "onset_s": 0.7313, "offset_s": 1.3771}],
                "instrument": "sackbut",
            }
        ),
        NotesTruth.model_validate({"notes": [{"midi": 80, "onset_s": 0.1, "offset_s": 0.2}]}),
    ),
    "sounds": (
        SoundsTruth.model_validate({"events": [{"label": "dog", "onset_s": 0.7313}]}),
        SoundsTruth.model_validate({"events": [{"label": "rain"}]}),
    ),
    "speech": (
        SpeechTruth.model_validate(
            {"said": [{"text": "zebra", "vocabulary": ["zebra", "quartz"], "f0_hz": 131.7}]}
        ),
        SpeechTruth.model_validate(
            {"vowels": [{"start_s": 0, "end_s": 1, "f1_hz": 300, "f2_hz": 870}]}
        ),
    ),
}


def answer(request: Request) -> Says:
    """Every kind of turn: crashes, tones, bad plans and good ones, judgements."""
    text = request.text
    if "Candidate" in text:
        return "[3, 7]"
    if "Make the plan" in text:
        return "no plan"
    if "JSON" in text:
        moved = 0.1 if "were run and mixed" in text else 0.0
        events = [{"description": "a tone", "start": moved, "end": 0.4}]
        return fenced(json.dumps(events), "json")
    if "a tone" in text:
        length_s = float(text.rpartition("|")[2])
        return fenced(tone(777, length_s))
    crashes = not request.history and not request.draw
    return fenced(
        CRASH if crashes else tone(777 + len(request.history) + request.draw, LENGTH_S, 0.1)
    )


def talk(folder: Path, strategy: str, prompt: Prompt) -> tuple[Bench, str]:
    """One attempt from question to rendering; everything that was said in it."""
    loaded = loaded_tier(prompt, template="$text|$duration")
    bench = Bench(folder, strategy, answer, loaded=loaded)
    bench.all()
    asked = [r.text for r in bench.model.requests]
    asked += [turn.text for r in bench.model.requests for turn in r.history]
    kept = (folder / "messages.jsonl").read_text() if (folder / "messages.jsonl").exists() else ""
    return bench, "\n".join([*asked, kept])


def prompt(truth: Truth) -> Prompt:
    return Prompt(
        id="a", group="single", level=1, text="Some sound.", duration_s=LENGTH_S, truth=truth
    )


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("kind", TRUTHS)
def test_what_is_said_is_the_same_whatever_is_true(
    tmp_path: Path, kind: str, strategy: str
) -> None:
    said = [
        talk(tmp_path / str(number), strategy, prompt(truth))
        for number, truth in enumerate(TRUTHS[kind])
    ]
    (one, first), (two, second) = said
    assert first == second
    assert [r.text for r in one.model.requests] == [r.text for r in two.model.requests]
    assert "Some sound." in first


def leaves(value: Any) -> Iterator[tuple[str, Any]]:
    """Names and values of a record, however deep."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key, None
            yield from leaves(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from leaves(inner)
    else:
        yield "", value


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("kind", TRUTHS)
def test_no_value_of_the_truth_is_said(tmp_path: Path, kind: str, strategy: str) -> None:
    truth = TRUTHS[kind][0]
    _, said = talk(tmp_path, strategy, prompt(truth))
    words = set(re.findall(r"[\w.]+", said))
    values = [value for _, value in leaves(truth.model_dump()) if value not in (None, "", kind)]
    for value in values:
        if isinstance(value, str):
            assert value not in said
        elif not isinstance(value, bool) and value:
            assert {f"{value}", f"{value:g}", f"{value:.3f}"}.isdisjoint(words), value
    for name, _ in leaves(truth.model_dump()):
        assert "_" not in name or name not in said
    assert not re.search(r"\b(truth|score|midi|metric)", said, re.IGNORECASE)
    assert not any(metric in said for metric in METRICS)


def test_no_score_is_said(tmp_path: Path) -> None:
    truth = TRUTHS["notes"][0]
    bench, said = talk(tmp_path, "refine:2", prompt(truth))
    with Store.open(bench.folder, bench.spec) as store:
        Scorer.of(bench.loaded).fill(store, quiet())
        scores = [row.value for row in store.latest_scores.values()]
    assert scores
    bench.ask()
    assert all(f"{value:.3f}" not in said for value in scores)


def some(loaded: LoadedTier) -> list[Prompt]:
    """A prompt of each group."""
    by_group = {p.group: p for p in loaded.prompts}
    return list(by_group.values())


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize("strategy", ["refine:1", "best-of:2"])
def test_what_is_said_of_real_prompts_is_the_same_with_anothers_truth(
    tmp_path: Path, name: str, strategy: str
) -> None:
    prompts = some(load(name))
    for real, other in zip(prompts, [*prompts[1:], prompts[0]], strict=True):
        asked = real.model_copy(update={"id": "a", "group": "single", "duration_s": LENGTH_S})
        _, said = talk(tmp_path / real.id, strategy, asked)
        swapped = asked.model_copy(update={"truth": other.truth})
        assert talk(tmp_path / f"{real.id}-swapped", strategy, swapped)[1] == said
        assert real.text in said
