"""`probe fad`, `probe clap` and `probe cache`, and the Python functions of the same names."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

import probe
from probe.cli.app import app
from probe.errors import UsageError
from probe.score import folders
from probe.score.embedders.logmel import LogMel
from tests.fakes.embedders import Ears, tone

RATE = Ears.sample_rate
PITCHES = [220.0, 330.0, 440.0, 660.0, 880.0, 1320.0]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "kept"
    monkeypatch.setenv("PROBE_CACHE", str(folder))
    return folder


def write(folder: Path, pitches: list[float], *, noise: float = 0.0) -> Path:
    rng = np.random.default_rng(0)
    for pitch in pitches:
        samples = tone(pitch, RATE)
        path = folder / f"{pitch:g}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, samples + noise * rng.standard_normal(len(samples)), RATE)
    return folder


def captions(folder: Path, pitches: list[float]) -> Path:
    table = folder / "captions.csv"
    rows = [f"{pitch:g}.wav,A tone of {pitch:g} Hz" for pitch in pitches]
    table.write_text("\n".join(["file,caption", *rows]))
    return table


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "probe", *map(str, arguments)],
        capture_output=True,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )


def test_fad_from_the_command_line(tmp_path: Path, cache: Path) -> None:
    a = write(tmp_path / "a", PITCHES, noise=0.01)
    b = write(tmp_path / "b", PITCHES)
    done = run("fad", a, b, "--embedder", "logmel", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["metric"] == "fd/logmel"
    assert found["low"] < found["value"] < found["high"]
    assert found["se"] > 0
    assert (found["n"], found["n_reference"], found["d"]) == (6, 6, LogMel.dimension)
    assert found["floor"]["n"] == 3
    assert found["value"] < found["ceiling"]
    assert found["kad"]["value"] < found["kad"]["ceiling"]
    assert found["unreadable"] == []
    assert "clips/s" in done.stderr
    assert "0 from the cache" in done.stderr

    again = run("fad", a, b, "--embedder", "logmel")
    assert "6 from the cache" in again.stderr
    assert f"fd/logmel {found['value']:17.4f}" in again.stdout
    assert "kad/logmel" in again.stdout
    assert found["kad_note"].startswith("kad is MMD² times 100, unbiased")
    assert found["kad_note"] in again.stdout
    assert "6 clips against 6, 128 dimensions" in again.stdout
    assert cache.exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("fad", "nowhere", ".", "--embedder", "logmel"), "nowhere is not a folder"),
        (("fad", ".", ".", "--embedder", "logmle"), "did you mean 'logmel'"),
        (("clap", ".", "--captions", "nowhere.csv"), "cannot read nowhere.csv"),
    ],
)
def test_wrong_use_is_one_line_and_two(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    message: str,
) -> None:
    monkeypatch.chdir(write(tmp_path / "here", PITCHES[:3]))
    done = run(*arguments)
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert message in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_a_file_that_cannot_be_read_is_named_and_the_rest_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a, b = write(tmp_path / "a", PITCHES), write(tmp_path / "b", PITCHES)
    (a / "bad.wav").write_text("no sound")
    found = probe.fad(a, b, embedder=Ears())
    assert found.n == 6
    assert len(found.unreadable) == 1
    assert found.unreadable[0].startswith("bad.wav")
    assert abs(found.value) < 1e-9
    assert capsys.readouterr() == ("", ""), "Python callers are told nothing they did not ask for"


def test_a_clip_too_short_to_hear_is_named_and_not_counted(tmp_path: Path) -> None:
    a, b = write(tmp_path / "a", PITCHES), write(tmp_path / "b", PITCHES)
    soundfile.write(a / "blink.wav", tone(440, RATE)[:3], RATE)
    soundfile.write(a / "none.wav", np.zeros(0), RATE)
    (a / "void.wav").write_bytes(b"")
    table = captions(a, PITCHES)
    named = "".join(f"\n{name}.wav,A tone of 9 Hz" for name in ("blink", "none", "void"))
    table.write_text(table.read_text() + named)
    for found in (probe.fad(a, b, embedder=Ears()), probe.clap(a, table, embedder=Ears())):
        assert found.n == 6
        blink, none, void = found.unreadable
        assert blink == "blink.wav is 0.4 ms long, at least 50 ms are needed"
        assert none.startswith("none.wav cannot be read as audio: it has no samples")
        assert void.startswith("void.wav cannot be read as audio")


def test_too_few_that_can_be_read_is_an_error_that_says_why(tmp_path: Path) -> None:
    a, b = write(tmp_path / "a", PITCHES[:2]), write(tmp_path / "b", PITCHES)
    (a / "bad.wav").write_text("no sound")
    with pytest.raises(UsageError, match=r"a has 2 readable clips, at least 3.*; bad\.wav cannot"):
        probe.fad(a, b, embedder=Ears())


def test_a_reference_of_one_sound_has_no_kernel_distance(tmp_path: Path) -> None:
    a, b = write(tmp_path / "a", PITCHES), tmp_path / "b"
    for name in "123":
        write(b / name, [440.0])
    found = probe.fad(a, b, embedder=Ears())
    assert found.value > 0
    assert found.kad is None


def test_per_clip_names_the_odd_one_first(tmp_path: Path) -> None:
    b = write(tmp_path / "b", PITCHES)
    a = write(tmp_path / "a", PITCHES)
    soundfile.write(a / "odd.wav", tone(3500, RATE), RATE)
    soundfile.write(a / "short.wav", tone(440, RATE)[: RATE // 20], RATE)
    found = probe.fad(a, b, embedder=Ears(), per_clip=True)
    assert found.per_clip is not None
    assert next(iter(found.per_clip)) == "odd.wav"
    assert list(found.per_clip.values()) == sorted(found.per_clip.values(), reverse=True)
    assert len(found.per_clip) == 7, "a clip of one frame has no spread to compare"


def test_per_clip_needs_frames(tmp_path: Path) -> None:
    a = write(tmp_path / "a", PITCHES)
    with pytest.raises(UsageError, match="logmel has no frames"):
        probe.fad(a, a, embedder="logmel", per_clip=True)


def test_without_cache_nothing_is_kept(tmp_path: Path, cache: Path) -> None:
    a = write(tmp_path / "a", PITCHES)
    probe.fad(a, a, embedder=Ears(), cache=False)
    assert not cache.exists()


def test_distance_grows_with_degradation(tmp_path: Path) -> None:
    b = write(tmp_path / "b", PITCHES)
    values = [
        probe.fad(write(tmp_path / f"{n}", PITCHES, noise=n), b, embedder="logmel").value
        for n in (0.0, 0.003, 0.03, 0.3)
    ]
    assert values == sorted(values)
    assert values[-1] > 2 * values[1]


def test_clap_scores_pairs_and_retrieves_both_ways(tmp_path: Path) -> None:
    a = write(tmp_path / "a", PITCHES)
    found = probe.clap(a, captions(a, PITCHES), embedder=Ears())
    assert found.metric == "clap/ears"
    assert found.value > 0.99
    assert found.low is not None
    assert found.high is not None
    assert found.low <= found.value <= found.high
    assert [pair.file for pair in found.pairs] == [f"{pitch:g}.wav" for pitch in PITCHES]
    assert found.retrieval.recall(1) == (1, 1)
    assert set(found.retrieval.chance) == {1, 5}, "recall at 10 of 6 says nothing"

    (a / "captions.csv").write_text(
        "file,caption\n"
        + "\n".join(f"{p:g}.wav,{q:g} Hz" for p, q in zip(PITCHES, PITCHES[::-1], strict=True))
    )
    wrong = probe.clap(a, a / "captions.csv", embedder=Ears())
    assert wrong.value < 0.3
    assert wrong.retrieval.recall(1) == (0, 0)


def test_several_captions_of_a_clip_are_averaged_and_all_of_them_count(tmp_path: Path) -> None:
    a = write(tmp_path / "a", [220.0, 880.0])
    table = tmp_path / "captions.jsonl"
    rows = [("220.wav", "220 Hz"), ("220.wav", "1500 Hz"), ("880.wav", "880 Hz")]
    table.write_text("\n".join(json.dumps({"file": f, "caption": c}) for f, c in rows))
    found = probe.clap(a, table, embedder=Ears())
    scores = [pair.score for pair in found.pairs]
    assert found.n == 2
    assert found.value == pytest.approx(((scores[0] + scores[1]) / 2 + scores[2]) / 2)
    assert found.retrieval.audio_to_text[1].tolist() == [1, 1]
    assert len(found.retrieval.text_to_audio[1]) == 3


def test_one_clip_has_a_score_and_no_interval(tmp_path: Path) -> None:
    a = write(tmp_path / "a", [440.0])
    found = probe.clap(a, captions(a, [440.0]), embedder=Ears())
    assert (found.n, found.low, found.high) == (1, None, None)


def test_captions_of_files_that_are_gone_are_named_and_left_out(tmp_path: Path) -> None:
    a = write(tmp_path / "a", PITCHES[:2])
    found = probe.clap(a, captions(a, PITCHES[:3]), embedder=Ears())
    assert found.n == 2
    assert found.unreadable == ("440.wav cannot be read: No such file or directory",)
    with pytest.raises(UsageError, match="none of the 1 files can be read; 440"):
        probe.clap(a, captions(a, [440.0]), embedder=Ears())


def test_an_embedder_without_text_has_no_clap_score(tmp_path: Path) -> None:
    a = write(tmp_path / "a", PITCHES)
    with pytest.raises(UsageError, match="logmel knows no text"):
        probe.clap(a, captions(a, PITCHES), embedder="logmel")


def test_clap_from_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def opened(name: str, *, device: str | None = None) -> Ears:
        asked.append((name, device))
        return Ears()

    monkeypatch.setattr(folders, "open_embedder", opened)
    a = write(tmp_path / "a", PITCHES)
    (a / "bad.wav").write_text("no sound")
    table = captions(a, PITCHES)
    table.write_text(f"{table.read_text()}\nbad.wav,A tone of 9 Hz")
    arguments = ["clap", str(a), "--captions", str(table), "--embedder", "ears", "--device", "cpu"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    assert asked == [("ears", "cpu")]
    assert done.stdout.startswith("clap/ears  1.0000   95 % ")
    assert "text to audio  R@1 1.000 (chance 0.167)" in done.stdout
    assert "6 clips, 6 captions" in done.stdout
    assert "bad.wav cannot be read" in done.stderr

    done = CliRunner().invoke(app, [*arguments, "--json"])
    found = json.loads(done.stdout)
    assert found["recall"]["audio_to_text"]["1"] == 1
    assert found["recall"]["chance_audio_to_text"]["5"] == pytest.approx(5 / 6)
    assert found["pairs"][0] == {
        "file": "220.wav",
        "caption": "A tone of 220 Hz",
        "score": found["pairs"][0]["score"],
    }
    assert found["n"] == 6


def test_the_package_offers_both_without_loading_numpy() -> None:
    code = (
        "import sys, probe\n"
        "assert 'numpy' not in sys.modules\n"
        "assert callable(probe.fad) and callable(probe.clap)\n"
        "assert 'torch' not in sys.modules\n"
        "try: probe.nothing\n"
        "except AttributeError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "module 'probe' has no attribute 'nothing'"


def test_a_clap_checkpoint_in_a_folder_is_scored_from_the_command_line(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from tests.fakes import checkpoints

    tiny = checkpoints.clap_folder(tmp_path / "tiny")
    a = write(tmp_path / "a", PITCHES[:3])
    table, embedder = captions(a, PITCHES[:3]), f"clap:{tiny}"
    done = run(
        *("clap", a, "--captions", table, "--embedder", embedder, "--device", "cpu", "--json")
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["metric"] == "clap/tiny"
    assert found["n"] == 3
    assert -1 <= found["low"] <= found["value"] <= found["high"] <= 1
