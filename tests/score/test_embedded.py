"""Metrics of an embedder within a run."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from probe.board.entries import summarize
from probe.board.leaderboard import markdown
from probe.board.order import read
from probe.display import Display
from probe.errors import UsageError
from probe.records import Outcome, Place, Prompt, SoundsTruth
from probe.records.index import RunIndex
from probe.records.references import References
from probe.records.store import Store
from probe.render.stage import RenderStage
from probe.score import embedded
from probe.score.embedders.base import Embedder
from probe.score.embedders.logmel import LogMel
from probe.score.stage import Scorer
from probe.tier.folder import LoadedTier
from tests.fakes.doors import ToneSource
from tests.fakes.embedders import Array, Ears, tone
from tests.fakes.recordings import write_references
from tests.fakes.runs import rendering as failed
from tests.fakes.runs import run
from tests.fakes.tiers import loaded_tier, prompt

NAMES = tuple(f"p{number}" for number in range(12))
TIER = loaded_tier(*(prompt(name, text="A tone of 440 Hz.") for name in NAMES))
PROMPTS = {name: Place(group="single", level=1) for name in NAMES}


def quiet() -> Display:
    return Display(Console(file=io.StringIO()))


@pytest.fixture(autouse=True)
def embedders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[str]]:
    """Opens toys in place of models; the names that were asked for."""
    opened: list[str] = []

    def open_toy(name: str, **_: object) -> Embedder:
        opened.append(name)
        return LogMel() if name.endswith("logmel") else Ears()

    monkeypatch.setattr(embedded, "open_embedder", open_toy)
    monkeypatch.setenv("PROBE_CACHE", str(tmp_path / "cache"))
    return opened


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A run of which every clip is there but the last, which failed."""
    with Store.open(tmp_path / "results" / "notes" / "m", run(prompts=PROMPTS)) as opened:
        RenderStage(ToneSource(), TIER).fill(opened, quiet())
        crash = failed(NAMES[-1], outcome=Outcome.CRASHED, audio_sha256=None)
        opened.add_rendering(crash, sample_rate=44100)
        yield opened


def test_clap_scores_each_clip_with_its_own_prompt(store: Store) -> None:
    Scorer.of(TIER, None, ("clap/ears",)).fill(store, quiet())
    rows = {k: r for k, r in store.latest_scores.items() if k[2] == "clap/ears"}
    assert set(rows) == {(name, 0, "clap/ears") for name in NAMES}
    assert rows[NAMES[-1], 0, "clap/ears"].value == 0.0, "a failed clip takes the floor"
    assert all(-1 <= row.value <= 1 for row in rows.values())
    assert Ears().fingerprint in rows[NAMES[0], 0, "clap/ears"].version


def test_distances_bring_interval_floor_and_ceiling(store: Store, tmp_path: Path) -> None:
    references = write_references(tmp_path / "references", range(60, 72))
    Scorer.of(TIER, references, ("fad/clap-ears", "kad/clap-ears")).fill(store, quiet())
    for metric in ("fad/clap-ears", "kad/clap-ears"):
        found = store.latest_scores[None, 0, metric]
        assert found.extras["low"] <= found.value <= found.extras["high"]
        assert (found.extras["n"], found.extras["n_reference"]) == (12, 12)
        assert found.extras["valid_only"]["n"] == 11
        assert found.extras["floor"]["n"] == 6
        assert found.extras["reference"] == references.digest
        assert np.isfinite(found.extras["ceiling"])


def test_nothing_is_measured_twice_and_a_new_metric_needs_the_audio(store: Store) -> None:
    plain, more = Scorer.of(TIER), Scorer.of(TIER, None, ("is/clap-ears",))
    plain.fill(store, quiet())
    assert plain.wanted(store) == set()
    assert more.wanted(store) == set(store.attempts)
    more.fill(store, quiet())
    assert more.wanted(store) == set()
    before = store.scores.path.read_bytes()
    more.fill(store, quiet())
    assert store.scores.path.read_bytes() == before
    value = store.latest_scores[None, 0, "is/clap-ears"].value
    assert 1 <= value <= len(Ears().labels)


def test_a_measure_has_its_column_on_the_board(store: Store, tmp_path: Path) -> None:
    Scorer.of(TIER, None, ("clap/ears", "is/clap-ears")).fill(store, quiet())
    entry = summarize(RunIndex(store.folder))
    assert {"note_f1", "clap/ears", "is/clap-ears"} <= set(entry.scores)
    board = markdown(read(tmp_path / "results"))
    assert "clap/ears ↑" in board
    assert "is/clap-ears ↑" in board


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("fad/ears", "fad/.* needs recordings; give --references"),
        ("clap/logmel", "knows no text"),
        ("is/logmel", "knows no classes"),
        ("fat/ears", "unknown metric"),
        ("fad", "unknown metric"),
    ],
)
def test_a_measure_that_makes_no_sense_is_refused(name: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Scorer.of(TIER, None, (name,))


def test_references_are_opened_once_for_all_measures(embedders: list[str], tmp_path: Path) -> None:
    references: References = write_references(tmp_path / "references", range(60, 64))
    Scorer.of(TIER, references, ("fad/clap-ears", "kad/clap-ears", "clap/ears"))
    assert embedders == ["clap-ears"], "one model in memory, whatever is measured with it"


def sounds_tier() -> LoadedTier:
    """Prompts whose classes the toy ears tell apart by a number in their captions."""
    events = {
        "one": {"events": ({"label": "dog"},)},
        "two": {"events": ({"label": "dog"}, {"label": "cat"}), "ordered": True},
        "back": {"events": ({"label": "cat"}, {"label": "dog"}), "ordered": True},
    }
    asked = (
        prompt(name, truth=SoundsTruth.model_validate(truth), duration_s=6.0)
        for name, truth in events.items()
    )
    return loaded_tier(*asked)


class Barks:
    """A dog is a tone of 300 Hz, a cat one of 2,000 Hz; every prompt gets dog, then cat."""

    name = "engine/barks"
    kind = "engine"

    def audio(self, asked: Prompt, sample: int, rate: int) -> Array:
        dog, cat = tone(300, rate, 3.0), tone(2000, rate, 3.0)
        return np.concatenate([dog, dog if asked.id == "one" else cat])

    def settings(self) -> dict[str, object]:
        return {}

    def covers(self, asked: Prompt) -> bool:
        return True


class SortedEars(Ears):
    """Ears that know the captions of dogs and cats."""

    def embed_text(self, texts: Sequence[str]) -> Array:
        return super().embed_text(["300" if "dog" in text else "2000" for text in texts])


def test_order_presence_and_recognition_hear_what_when(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "open_embedder", lambda *_, **__: SortedEars())
    tier = sounds_tier()
    places = {p.id: Place(group="single", level=1) for p in tier.prompts}
    names = tuple(f"{family}/ears" for family in ("order", "presence", "recognition", "retrieval"))
    with Store.open(tmp_path / "run", run(prompts=places, metrics=())) as store:
        RenderStage(Barks(), tier).fill(store, quiet())
        Scorer.of(tier, None, names).fill(store, quiet())
        found = {(k[0], k[2].partition("/")[0]): r.value for k, r in store.latest_scores.items()}
        retrieved = store.latest_scores[None, 0, "retrieval/ears"]
    assert found["two", "order"] == 1.0
    assert found["back", "order"] == 0.0
    assert ("one", "order") not in found, "one event has no order"
    assert found["one", "recognition"] == 1.0
    assert ("two", "recognition") not in found
    assert {found[name, "presence"] for name in ("one", "two", "back")} == {1.0}
    assert retrieved.extras["chance"] == pytest.approx(1 / 3)
