from __future__ import annotations

import io
from collections.abc import Collection
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from probe.ask.stage import CompleteStage
from probe.audio import to_pcm16
from probe.board.entries import extractions, summarize
from probe.display import Display
from probe.errors import PrerequisiteError
from probe.models.base import ProviderError, Reply
from probe.records import Extraction, Outcome, Place, Run
from probe.records.index import RunIndex
from probe.records.metrics import METRICS, Clip, Value
from probe.records.references import References
from probe.records.run_folder import RunFolder
from probe.records.store import Store
from probe.render.stage import RenderStage, RepeatStage
from probe.sandbox import Execution
from probe.score import stage as scoring
from probe.score.stage import Scorer
from probe.tier.folder import LoadedTier
from probe.wav import pcm16_wav_bytes
from tests.fakes.doors import ScriptedModel, ToneSource
from tests.fakes.recordings import write_references
from tests.fakes.runs import run
from tests.fakes.sandbox import FakeSandbox
from tests.fakes.tiers import loaded_tier, prompt

RATE = 44100
TIER = loaded_tier(prompt("a"), prompt("b"), prompt("c"))
COMPARED = loaded_tier(*TIER.prompts, metrics=("note_f1", "fd/logmel"))
PROMPTS = {name: Place(group="single", level=1) for name in "abc"}


def quiet() -> Display:
    return Display(Console(file=io.StringIO()))


def open_store(folder: Path, *, samples: int = 1) -> Store:
    return Store.open(folder, run(prompts=PROMPTS, metrics=("note_f1",), samples=samples))


def wav(loaded: LoadedTier = TIER, prompt_id: str = "a") -> bytes:
    """What a program that does as it is asked leaves."""
    asked = next(p for p in loaded.prompts if p.id == prompt_id)
    return pcm16_wav_bytes(to_pcm16(ToneSource().audio(asked, 0, RATE)), RATE)


def unrendered(store: Store, scorer: Scorer) -> list[tuple[str, int]]:
    """Attempts that a source would be asked for."""
    return RenderStage(ToneSource(), scorer.clips.loaded, scorer.wanted).missing(store)


def program(name: str) -> str:
    return f"```python\nprint({name!r})\n```"


def execution(outcome: Outcome = Outcome.OK, **fields: object) -> Execution:
    audio = wav() if outcome is Outcome.OK else None
    return Execution.model_validate({"outcome": outcome, "audio": audio} | fields)


def sandbox(execute: object) -> FakeSandbox:
    return FakeSandbox(execute)  # type: ignore[arg-type]


def test_a_whole_run_from_reply_to_score(tmp_path: Path) -> None:
    model = ScriptedModel({p: program(p) for p in PROMPTS})
    with open_store(tmp_path) as store:
        CompleteStage(model, TIER).fill(store, quiet())
        RenderStage(sandbox(lambda *_: execution()), TIER).fill(store, quiet())
        Scorer.of(TIER, None).fill(store, quiet())
    there = RunFolder(tmp_path)
    assert {a: c.text for a, c in there.latest_completions.items()} == {
        (p, 0): program(p) for p in PROMPTS
    }
    assert {r.outcome for r in there.latest_renderings.values()} == {Outcome.OK}
    assert all(s.value == 1.0 for s in there.latest_scores.values())
    assert len(there.latest_scores) == 3
    assert there.program_path(("a", 0)).read_text() == "print('a')\n"
    assert model.closed == 1
    assert {r.text for r in model.requests} == {"The tone a.", "The tone b.", "The tone c."}


def test_how_a_program_was_found_is_kept_with_its_reply(tmp_path: Path) -> None:
    write = "open('/out/output.wav', 'wb').write(b'')\n"
    helper = "```python\ndef tone(): ...\n```\n```python\ntone()\n"
    replies = {"a": program("a"), "b": f"{helper}{write}```", "c": write}
    with open_store(tmp_path) as store:
        CompleteStage(ScriptedModel(replies), TIER).fill(store, quiet())
        RenderStage(sandbox(lambda *_: execution()), TIER).fill(store, quiet())
    there = RunFolder(tmp_path)
    assert {p: c.extraction for (p, _), c in there.latest_completions.items()} == {
        "a": Extraction(how="fenced"),
        "b": Extraction(how="joined", block=2, blocks=2),
        "c": Extraction(how="bare"),
    }
    found = extractions(there.completions.latest.values())
    assert found == {"fenced": 1, "joined": 1, "bare": 1}
    assert '"extraction":{"how":"fenced"}' in (tmp_path / "completions.jsonl").read_text()
    assert there.program_path(("b", 0)).read_text() == f"def tone(): ...\n\ntone()\n{write}"


def test_of_a_larger_run_only_what_is_asked_for_is_done(tmp_path: Path) -> None:
    def run_of(prompts: Collection[str], samples: int) -> Run:
        places = {p: place for p, place in PROMPTS.items() if p in prompts}
        return run(prompts=places, metrics=("note_f1",), samples=samples)

    open_store(tmp_path).__exit__(None, None, None)
    model = ScriptedModel({p: program(p) for p in PROMPTS})
    for prompts in ("b", "abc"):
        with Store.open(tmp_path, run_of(prompts, 1), run_of=run_of) as store:
            CompleteStage(model, TIER).fill(store, quiet())
            RenderStage(sandbox(lambda *_: execution()), TIER).fill(store, quiet())
            Scorer.of(TIER, None).fill(store, quiet())
            assert {p for p, _ in store.latest_renderings} == set(prompts)
            assert {p for p, _, _ in store.latest_scores} == set(prompts)
    assert [request.prompt.id for request in model.requests] == ["b", "a", "c"]


def test_every_sample_is_asked_for_and_nothing_twice(tmp_path: Path) -> None:
    model = ScriptedModel({p: program(p) for p in PROMPTS})
    for _ in range(2):
        with open_store(tmp_path, samples=2) as store:
            CompleteStage(model, TIER).fill(store, quiet())
    assert sorted((r.prompt.id, r.sample) for r in model.requests) == [
        (p, s) for p in PROMPTS for s in range(2)
    ]


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        ("no code here", Outcome.NO_CODE),
        ("I'm sorry, but I can't help with that.", Outcome.REFUSED),
        (Reply(text="", finish_reason="refusal", latency_s=0), Outcome.REFUSED),
        (Reply(text="```python\nx = 1", finish_reason="length", latency_s=0), Outcome.NO_CODE),
        (Reply(text="```python\nx = 1", finish_reason="stop", latency_s=0), Outcome.OK),
    ],
)
def test_a_reply_without_a_program_counts_and_is_not_run(
    tmp_path: Path, reply: str | Reply, outcome: Outcome
) -> None:
    model = ScriptedModel({"a": reply, "b": program("b"), "c": program("c")})
    ran: list[str] = []

    def execute(text: str, *_: object) -> Execution:
        ran.append(text)
        return execution()

    with open_store(tmp_path) as store:
        CompleteStage(model, TIER).fill(store, quiet())
        RenderStage(sandbox(execute), TIER).fill(store, quiet())
        Scorer.of(TIER, None).fill(store, quiet())
        assert store.latest_completions["a", 0].outcome is outcome
        assert store.latest_renderings["a", 0].outcome is outcome
        value = store.latest_scores["a", 0, "note_f1"].value
    assert (len(ran), value) == ((3, 1.0) if outcome is Outcome.OK else (2, 0.0))


def test_a_reply_that_was_cut_off_is_recorded_as_such(tmp_path: Path) -> None:
    cut = Reply(text="```python\nx =", finish_reason="length", latency_s=0)
    with open_store(tmp_path) as store:
        CompleteStage(ScriptedModel(dict.fromkeys(PROMPTS, cut)), TIER).fill(store, quiet())
        RenderStage(sandbox(lambda *_: execution()), TIER).fill(store, quiet())
        assert store.latest_completions["a", 0].finish_reason == "length"
        assert store.latest_renderings["a", 0].detail == "the reply was cut off by the token limit"


def test_a_services_failure_is_kept_apart_and_refilled(tmp_path: Path) -> None:
    model = ScriptedModel(
        {"a": [ProviderError("HTTP 503"), program("a")], "b": program("b"), "c": program("c")}
    )
    with open_store(tmp_path) as store:
        CompleteStage(model, TIER).fill(store, quiet())
        RenderStage(sandbox(lambda *_: execution()), TIER).fill(store, quiet())
        Scorer.of(TIER, None).fill(store, quiet())
        assert store.latest_completions["a", 0].outcome is Outcome.PROVIDER_ERROR
        assert store.latest_completions["a", 0].error == "HTTP 503"
        assert ("a", 0) not in store.latest_renderings
        assert len(store.latest_scores) == 2
    with open_store(tmp_path) as store:
        CompleteStage(model, TIER).fill(store, quiet())
        RenderStage(sandbox(lambda *_: execution()), TIER).fill(store, quiet())
        Scorer.of(TIER, None).fill(store, quiet())
        assert store.latest_completions["a", 0].outcome is Outcome.OK
        assert len(store.latest_scores) == 3
    assert len(model.requests) == 4


def test_what_no_request_can_get_past_stops_the_run_and_keeps_what_is_there(tmp_path: Path) -> None:
    model = ScriptedModel(
        {"a": program("a"), "b": PrerequisiteError("bad key"), "c": program("c")}, concurrency=1
    )
    with open_store(tmp_path) as store:
        with pytest.raises(PrerequisiteError, match="bad key"):
            CompleteStage(model, TIER).fill(store, quiet())
        assert list(store.latest_completions) == [("a", 0)]
    assert (len(model.requests), model.closed) == (2, 1)


@pytest.mark.parametrize(
    "outcome",
    [Outcome.RUNTIME_ERROR, Outcome.TIMEOUT, Outcome.MEMORY_LIMIT, Outcome.NO_OUTPUT],
)
def test_a_program_that_fails_takes_the_floor(tmp_path: Path, outcome: Outcome) -> None:
    failed = execution(
        outcome, detail="why", exit_code=1, cpu_s=0.5, wall_s=0.7, stderr_tail="Traceback"
    )
    with open_store(tmp_path) as store:
        CompleteStage(ScriptedModel({p: program(p) for p in PROMPTS}), TIER).fill(store, quiet())
        RenderStage(sandbox(lambda *_: failed), TIER).fill(store, quiet())
        Scorer.of(TIER, None).fill(store, quiet())
        row = store.latest_renderings["b", 0]
        assert (row.outcome, row.detail, row.exit_code, row.cpu_s) == (outcome, "why", 1, 0.5)
        assert row.stderr_tail == "Traceback"
        found = store.latest_scores["b", 0, "note_f1"]
        assert (found.value, found.extras) == (0.0, {"outcome": outcome})


@pytest.mark.parametrize(
    ("audio", "reason"),
    [
        (b"hello", "RIFF"),
        (pcm16_wav_bytes(np.zeros(2 * RATE, np.int16), RATE), "silent"),
        (wav()[:1000], ""),
    ],
)
def test_audio_that_makes_no_sense_is_the_models_failure(
    tmp_path: Path, audio: bytes, reason: str
) -> None:
    with open_store(tmp_path) as store:
        CompleteStage(ScriptedModel({p: program(p) for p in PROMPTS}), TIER).fill(store, quiet())
        RenderStage(sandbox(lambda *_: execution(audio=audio)), TIER).fill(store, quiet())
        row = store.latest_renderings["a", 0]
    assert row.outcome is Outcome.INVALID_AUDIO
    assert row.detail
    assert reason in row.detail
    assert row.audio_sha256 is None


def test_a_fault_of_the_sandbox_is_never_scored_and_refilled(tmp_path: Path) -> None:
    model = ScriptedModel({p: program(p) for p in PROMPTS})
    with open_store(tmp_path) as store:
        CompleteStage(model, TIER).fill(store, quiet())
        broken = execution(Outcome.SANDBOX_ERROR, detail="engine gone")
        RenderStage(sandbox(lambda *_: broken), TIER).fill(store, quiet())
        Scorer.of(TIER, None).fill(store, quiet())
        assert not store.latest_scores
        RenderStage(sandbox(lambda *_: execution()), TIER).fill(store, quiet())
        Scorer.of(TIER, None).fill(store, quiet())
        assert len(store.latest_scores) == 3


def test_a_fault_of_a_metric_costs_that_clip_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = scoring.score_clip

    def faulty(names: list[str], clip: Clip) -> dict[str, Value]:
        if clip.prompt.id == "b":
            raise ZeroDivisionError("in the metric")
        return real(names, clip)

    out = io.StringIO()
    with open_store(tmp_path) as store:
        RenderStage(ToneSource(), TIER).fill(store, quiet())
        monkeypatch.setattr(scoring, "score_clip", faulty)
        Scorer.of(TIER, None).fill(store, Display(Console(file=out)))
        assert {key[0] for key in store.latest_scores} == {"a", "c"}
        assert "b: ZeroDivisionError: in the metric" in out.getvalue()
        assert "1 scorer_error" in out.getvalue()
        monkeypatch.setattr(scoring, "score_clip", real)
        Scorer.of(TIER, None).fill(store, quiet())
        assert {key[0] for key in store.latest_scores} == {"a", "b", "c"}


def test_audio_that_is_gone_is_made_again_only_while_it_is_needed(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        RenderStage(ToneSource(), TIER).fill(store, quiet())
        store.audio_path(("a", 0)).unlink()
        assert unrendered(store, Scorer.of(TIER)) == [("a", 0)]
        RenderStage(ToneSource(), TIER, Scorer.of(TIER).wanted).fill(store, quiet())
        Scorer.of(TIER, None).fill(store, quiet())
        store.audio_path(("a", 0)).unlink()
        assert unrendered(store, Scorer.of(TIER)) == []


def test_a_second_rendering_tells_whether_programs_repeat_themselves(tmp_path: Path) -> None:
    other = pcm16_wav_bytes(to_pcm16(ToneSource().audio(prompt("a"), 0, RATE) / 2), RATE)
    runs: list[str] = []

    def execute(text: str, *_: object) -> Execution:
        runs.append(text)
        changed = "'b'" in text and runs.count(text) > 1
        return execution(audio=other if changed else wav())

    with open_store(tmp_path) as store:
        CompleteStage(ScriptedModel({p: program(p) for p in PROMPTS}), TIER).fill(store, quiet())
        RenderStage(sandbox(execute), TIER).fill(store, quiet())
        first = dict(store.latest_renderings)
        RepeatStage(sandbox(execute), TIER).fill(store, quiet())
        RepeatStage(sandbox(execute), TIER).fill(store, quiet())
        found = {key[0]: row.repeatable for key, row in store.latest_renderings.items()}
        assert found == {"a": True, "b": False, "c": True}
        assert store.latest_renderings["b", 0].audio_sha256 == first["b", 0].audio_sha256
        assert summarize(RunIndex(store.folder)).repeatable == pytest.approx(2 / 3, abs=1e-6)
    assert len(runs) == 6, "what was tried is not tried again"


def test_an_audio_source_needs_no_program(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        RenderStage(ToneSource(), TIER).fill(store, quiet())
        Scorer.of(TIER, None).fill(store, quiet())
        assert not store.latest_completions
        assert [s.value for s in store.latest_scores.values()] == [1.0, 1.0, 1.0]


def test_a_metric_of_another_version_is_scored_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    with open_store(tmp_path) as store:
        RenderStage(ToneSource(), TIER).fill(store, quiet())
        Scorer.of(TIER, None).fill(store, quiet())
        newer = replace(METRICS["note_f1"], version="next")
        monkeypatch.setitem(METRICS, "note_f1", newer)
        assert len(Scorer.of(TIER).clips.missing(store)) == 3
        Scorer.of(TIER, None).fill(store, quiet())
        assert {s.version for s in store.latest_scores.values()} == {"next"}


def test_the_set_is_compared_with_references_when_they_are_given(tmp_path: Path) -> None:
    references = write_references(tmp_path / "references", (60, 64, 67, 72))
    metrics = ("note_f1", "fd/logmel")
    with Store.open(tmp_path / "run", run(prompts=PROMPTS, metrics=metrics)) as store:
        RenderStage(ToneSource(), COMPARED).fill(store, quiet())
        Scorer.of(COMPARED, None).fill(store, quiet())
        assert (None, 0, "fd/logmel") not in store.latest_scores
        Scorer.of(COMPARED, references).fill(store, quiet())
        found = store.latest_scores[None, 0, "fd/logmel"]
        assert found.extras["reference"] == references.digest
        assert (found.extras["n"], found.extras["n_reference"]) == (3, 4)
        assert found.extras["low"] <= found.value <= found.extras["high"]
        assert found.extras["valid_only"]["value"] == found.value
        store.audio_path(("a", 0)).unlink()
        assert unrendered(store, Scorer.of(COMPARED, references)) == []
        with (tmp_path / "references" / "clips.csv").open("a") as table:
            table.write("\n")
        others = References.open(tmp_path / "references")
        assert unrendered(store, Scorer.of(COMPARED, others)) == [("a", 0)], (
            "its audio is needed once more"
        )


def test_silence_stands_in_for_a_failed_clip_in_a_set(tmp_path: Path) -> None:
    references = write_references(tmp_path / "references", (60, 64, 67, 72))
    metrics = ("note_f1", "fd/logmel")
    crash = execution(Outcome.CRASHED, signal=11)

    def execute(text: str, *_: object) -> Execution:
        return crash if "'a'" in text else execution()

    asked = {**PROMPTS, "d": Place(group="single", level=2)}
    tier = loaded_tier(*(prompt(p) for p in asked), metrics=metrics)
    with Store.open(tmp_path / "run", run(prompts=asked, metrics=metrics)) as store:
        CompleteStage(ScriptedModel({p: program(p) for p in asked}), tier).fill(store, quiet())
        RenderStage(sandbox(execute), tier).fill(store, quiet())
        Scorer.of(tier, references).fill(store, quiet())
        found = store.latest_scores[None, 0, "fd/logmel"]
    assert (found.extras["n"], found.extras["valid_only"]["n"]) == (4, 3)
    assert found.extras["plain"] > found.extras["valid_only"]["value"]
