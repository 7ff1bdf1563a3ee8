"""`probe.load`: samples, scores as frames, comparison, and what a notebook displays of them."""

from __future__ import annotations

import base64
import builtins
import importlib
import io
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from markdown_it import MarkdownIt

import probe
from probe.errors import PrerequisiteError, UsageError
from probe.records import Outcome
from probe.records.store import Store
from tests.fakes.command import probe as command
from tests.fakes.runs import completion, rendering, run, score

DOCS = Path(__file__).parents[1] / "docs" / "notebook.md"
HOSTILE = (
    "</pre></td><script>alert(1)</script><img src=x onerror=alert(2)>"
    "\"'><svg onload=alert(3)>[x](javascript:alert(4)) ![y](http://evil.example/z) \x1b[2J\u202e"
)


class Reader(HTMLParser):
    """Collects every element with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))


def harmless(html: str) -> Reader:
    """Read a display; nothing in it acts, and nothing is fetched from anywhere."""
    read = Reader(html)
    for tag, attributes in read.elements:
        assert tag not in ("script", "svg", "iframe", "object", "link", "style", "a"), tag
        assert not any(name.startswith("on") for name in attributes)
        assert (attributes.get("src") or "data:").startswith("data:")
    assert not set(html) & set("\x1b\u202e")
    return read


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("notebook") / "results"
    for name in ("noise", "silence"):
        done = command(
            *("run", "--tier", "notes", "--model", f"builtin/{name}", "--limit", 6),
            *("--results", folder),
        )
        assert done.code == 0, done.err
    return folder


def hostile_run(folder: Path) -> Path:
    places = {name: {"group": HOSTILE, "level": 1} for name in ("a", "b")}
    with Store.open(folder, run(model=HOSTILE, prompts=places)) as store:
        store.add_completion(completion("a", text=f"```python\n{HOSTILE}\n```"))
        store.add_completion(completion("b", text=HOSTILE))
        for name in "ab":
            failed = {"outcome": Outcome.CRASHED, "detail": HOSTILE, "stderr_tail": HOSTILE}
            store.add_rendering(rendering(name, audio_sha256=None, **failed), sample_rate=8000)
            store.add_score(score(name, 0.0))
    return folder


def test_importing_probe_loads_nothing_heavy() -> None:
    code = "import sys, probe; print(sorted({'numpy', 'pandas', 'pydantic'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_samples_are_the_attempts_with_their_sound(results: Path) -> None:
    loaded = probe.load("notes/builtin/noise", results=results)
    assert len(loaded) == 6
    assert [sample.outcome for sample in loaded] == ["ok"] * 6
    first = loaded.samples[0]
    assert loaded[first.prompt] is loaded[first.prompt, 0]
    assert loaded[first.prompt] is first
    audio, rate = first.audio()
    assert (audio.ndim, rate) == (1, 44100)
    assert 0.05 < float(np.std(audio)) < 0.2
    assert "note_score" in first.scores
    assert repr(loaded) == "<run builtin/noise on notes: 6 ok>"
    assert repr(first) == f"<sample {first.prompt}.0 of builtin/noise: ok>"
    with pytest.raises(UsageError, match="did you mean"):
        loaded[first.prompt + "x"]
    with pytest.raises(UsageError, match="unknown run"):
        probe.load("notes/nobody", results=results)


def test_a_sample_is_shown_with_player_and_spectrogram(results: Path) -> None:
    sample = probe.load("notes/builtin/noise", results=results).samples[0]
    elements = harmless(sample._repr_html_()).elements
    ((_, player),) = (each for each in elements if each[0] == "audio")
    assert "controls" in player
    kind, _, content = (player["src"] or "").partition(";base64,")
    assert kind == "data:audio/flac"
    heard, rate = soundfile.read(io.BytesIO(base64.b64decode(content)))
    assert rate == 44100
    np.testing.assert_array_equal(heard, sample.audio()[0])
    ((_, picture),) = (each for each in elements if each[0] == "img")
    assert (picture["src"] or "").startswith("data:image/png;base64,")
    assert sample.prompt in (picture["alt"] or "")


def test_audio_that_is_gone_is_made_again(results: Path, tmp_path: Path) -> None:
    loaded = probe.load(results / "notes" / "builtin--silence")
    path = loaded.folder.audio_path(loaded.folder.attempts[0])
    kept = path.read_bytes()
    path.unlink()
    try:
        assert "<audio" in loaded.samples[0]._repr_html_()
    finally:
        path.write_bytes(kept)


def test_a_run_is_shown_as_tables(results: Path) -> None:
    html = probe.load("notes/builtin/noise", results=results)._repr_html_()
    tags = [tag for tag, _ in harmless(html).elements]
    assert tags.count("table") == 2
    assert "note_score" in html
    assert "6 samples" in html


def test_hostile_text_stays_text(tmp_path: Path, results: Path) -> None:
    loaded = probe.load(hostile_run(tmp_path / "m"))
    shown = [loaded._repr_html_(), *(sample._repr_html_() for sample in loaded)]
    for html in shown:
        harmless(html)
    for html in shown[1:]:
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
        assert "no sound" not in html, "a failed attempt has none to miss"
    assert not set(repr(loaded) + repr(loaded.samples[0])) & set("\x1b\u202e")


def test_scores_are_a_frame_of_pandas(results: Path) -> None:
    pytest.importorskip("pandas", reason="pandas is not installed")
    frame = probe.load("notes/builtin/noise", results=results).scores
    assert type(frame).__module__.startswith("pandas")
    assert list(frame.columns) == [
        *("prompt", "sample", "group", "level", "outcome", "metric", "value", "version")
    ]
    primary = frame[frame.metric == "note_score"]
    assert len(primary) == 6
    assert set(primary.outcome) == {"ok"}
    assert primary.value.between(0, 1).all()


def test_scores_are_a_frame_of_polars(results: Path) -> None:
    polars = pytest.importorskip("polars", reason="polars is not installed")
    loaded = probe.load("notes/builtin/noise", results=results)
    frame = loaded.scores_as("polars")
    assert isinstance(frame, polars.DataFrame)
    assert frame.filter(polars.col("metric") == "note_score").height == 6


def test_without_pandas_polars_serves_and_without_both_it_is_said(
    results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = probe.load("notes/builtin/noise", results=results)
    real = importlib.import_module
    missing = {"pandas"}

    def without(name: str, *rest: Any) -> Any:
        if name in missing:
            raise ModuleNotFoundError(name)
        return real(name, *rest)

    monkeypatch.setattr(importlib, "import_module", without)
    if importlib.util.find_spec("polars"):
        assert type(loaded.scores).__module__.startswith("polars")
    missing.add("polars")
    with pytest.raises(PrerequisiteError, match=r"probe\[notebook\]"):
        _ = loaded.scores


def test_runs_are_compared(results: Path) -> None:
    pytest.importorskip("pandas", reason="pandas is not installed")
    noise = probe.load("notes/builtin/noise", results=results)
    found = noise.compare("notes/builtin/silence")
    same = noise.compare(probe.load("notes/builtin/silence", results=results))
    assert repr(found) == repr(same)
    assert "note_score" in set(found.metrics.metric)
    assert set(found.groups.n) == {1}, "the first prompts are spread over groups"
    assert sum(found.groups.n) == 6
    assert next(iter(found.levels.part)).startswith("level ")
    html = found._repr_html_()
    assert [tag for tag, _ in harmless(html).elements].count("table") >= 4
    with pytest.raises(UsageError, match="named twice"):
        noise.compare(noise)


def test_a_comparison_shows_hostile_text_as_text(tmp_path: Path) -> None:
    places = {f"p{i}": {"group": HOSTILE, "level": 1} for i in range(3)}
    for name in ("one", "two"):
        folder = tmp_path / "notes" / name
        with Store.open(folder, run(model=f"{name} {HOSTILE}", prompts=places)) as store:
            for prompt in places:
                store.add_rendering(rendering(prompt), sample_rate=8000)
                store.add_score(score(prompt, 0.5))
    found = probe.load(tmp_path / "notes" / "one").compare(tmp_path / "notes" / "two")
    harmless(found._repr_html_())


def test_the_examples_of_the_page_run_as_written(
    results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pandas", reason="pandas is not installed")
    monkeypatch.chdir(results.parent)
    monkeypatch.setenv("PROBE_RESULTS", results.name)
    tokens = MarkdownIt("commonmark").parse(DOCS.read_text(encoding="utf-8"))
    blocks = [token.content for token in tokens if token.info == "python"]
    assert len(blocks) == 4
    names: dict[str, Any] = {}
    for block in blocks:
        builtins.exec(compile(block, str(DOCS), "exec"), names)
    assert names["failed"] == []
    assert len(names["wide"]) == 6
    assert re.search(r"probe\[notebook\]", DOCS.read_text(encoding="utf-8"))
    assert list(results.parent.iterdir()) == [results], "nothing is written"
