"""`probe verify`: what comes out again is told from what does not, recorded, and on the board."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import soundfile

from probe.audio import pcm_sha256
from probe.records.index import RunIndex
from probe.records.run_folder import RunFolder
from tests.fakes import beeps
from tests.fakes.command import probe
from tests.fakes.recordings import write_references
from tests.fakes.talkers import fenced

Change = Callable[[dict[str, Any]], object]


def control(results: Path, name: str = "noise") -> Path:
    """A run of a control on three prompts."""
    done = probe(
        *("run", "--tier", "notes", "--model", f"builtin/{name}", "--limit", 3),
        *("--results", results),
    )
    assert done.code == 0, done.err
    return results / "notes" / f"builtin--{name}"


def rewrite(path: Path, change: Change, line: int | None = 0) -> None:
    """Change one line of a log, or a whole file of JSON."""
    if line is None:
        whole = json.loads(path.read_text())
        change(whole)
        path.write_text(json.dumps(whole))
        return
    lines = path.read_text().splitlines()
    row = json.loads(lines[line])
    change(row)
    lines[line] = json.dumps(row)
    path.write_text("".join(f"{text}\n" for text in lines))


def board(results: Path) -> tuple[str, dict[str, Any]]:
    """The leaderboard's text, and the one run of it."""
    assert probe("leaderboard", "--results", results).code == 0
    (tier,) = json.loads((results / "leaderboard.json").read_text())["tiers"]
    return (results / "LEADERBOARD.md").read_text(), tier["runs"][0]


def test_what_comes_out_again_is_recorded_and_on_the_board(tmp_path: Path) -> None:
    folder = control(tmp_path)
    text, run = board(tmp_path)
    assert run["verification"] is None
    assert "reproduces" not in text.partition("## notes")[2]
    done = probe("verify", "notes/builtin/noise", "--results", tmp_path, "--json")
    assert done.code == 0, done.err
    report = json.loads(done.out)
    assert report["reproduces"] is True
    assert [each["state"] for each in report["attempts"]] == ["identical"] * 3
    assert report["scores"] >= 3
    assert report["scores_differ"] == {}
    kept = RunIndex(folder).verification
    assert kept is not None
    assert kept.reproduces
    assert (kept.clips, kept.close, kept.other_source) == (3, 0, None)
    text, run = board(tmp_path)
    assert run["verification"]["clips"] == 3
    assert "| reproduces |" in text
    assert "| yes |" in text


def test_other_samples_are_a_difference_and_mark_the_run(tmp_path: Path) -> None:
    folder = control(tmp_path)
    rewrite(folder / "renderings.jsonl", lambda row: row.update(audio_sha256="0" * 64), 1)
    done = probe("verify", folder)
    assert done.code == 1
    assert "2 of 3 clips are identical" in done.out
    assert "the run's own audio is not here" in done.out
    text, run = board(tmp_path)
    assert len(run["verification"]["differ"]) == 1
    assert "| **no** |" in text
    assert "`builtin/noise` does not reproduce: made anew, 1 of 3 clips" in text


def test_an_outcome_that_is_another_is_a_difference(tmp_path: Path) -> None:
    folder = control(tmp_path)
    rewrite(folder / "renderings.jsonl", lambda row: row.update(outcome="timeout"))
    done = probe("verify", folder)
    assert done.code == 1
    assert "timeout in the log, ok now" in done.out


@pytest.mark.parametrize(("step", "state", "code"), [(1, "close", 0), (7, "differs", 1)])
def test_where_the_audio_is_here_it_is_said_by_how_much(
    tmp_path: Path, step: int, state: str, code: int
) -> None:
    folder = control(tmp_path)
    row = RunFolder(folder).latest_renderings[next(iter(RunFolder(folder).attempts))]
    path = folder / "audio" / f"{row.prompt}.0.wav"
    pcm, rate = soundfile.read(path, dtype="int16")
    pcm[100] += step
    soundfile.write(path, pcm, rate, subtype="PCM_16")
    lines = (folder / "renderings.jsonl").read_text()
    assert row.audio_sha256
    (folder / "renderings.jsonl").write_text(lines.replace(row.audio_sha256, pcm_sha256(pcm)))
    done = probe("verify", folder, "--json")
    assert done.code == code
    (found,) = (e for e in json.loads(done.out)["attempts"] if e["prompt"] == row.prompt)
    assert found["state"] == state
    assert ("within 1 LSB" if step == 1 else "up to 7 LSB") in found["detail"]


def test_a_score_that_comes_out_otherwise_is_a_difference(tmp_path: Path) -> None:
    folder = control(tmp_path)
    first = json.loads((folder / "scores.jsonl").read_text().splitlines()[0])
    rewrite(folder / "scores.jsonl", lambda row: row.update(value=row["value"] + 0.5))
    done = probe("verify", folder)
    assert done.code == 1
    assert f" {first['metric']} was {first['value'] + 0.5:g}, is {first['value']:g}" in done.out
    assert len(board(tmp_path)[1]["verification"]["scores_differ"]) == 1


def test_a_metric_in_another_version_is_not_compared(tmp_path: Path) -> None:
    folder = control(tmp_path)
    rewrite(folder / "scores.jsonl", lambda row: row.update(value=0.77, version="0"))
    done = probe("verify", folder)
    assert done.code == 0
    assert "not measured again: " in done.out


def test_distances_to_recordings_are_measured_again_where_they_are_given(tmp_path: Path) -> None:
    recordings = tmp_path / "recordings"
    write_references(recordings, range(57, 69))
    common = ("--tier", "notes", "--model", "builtin/noise", "--results", tmp_path / "results")
    done = probe("run", *common, "--limit", 6, "--references", recordings)
    assert done.code == 0, done.err
    folder = tmp_path / "results" / "notes" / "builtin--noise"
    without = probe("verify", folder)
    assert without.code == 0
    assert "not measured again: fd/logmel" in without.out
    assert probe("verify", folder, "--references", recordings).out.count("not measured") == 0
    last = (folder / "scores.jsonl").read_text().count("\n") - 1
    rewrite(folder / "scores.jsonl", lambda row: row.update(value=row["value"] * 1.01), last)
    done = probe("verify", folder, "--references", recordings, "--json")
    assert done.code == 1
    assert list(json.loads(done.out)["scores_differ"]) == ["fd/logmel"]


def test_some_prompts_say_nothing_about_the_run(tmp_path: Path) -> None:
    folder = control(tmp_path)
    one, *_ = RunFolder(folder).run.spec.prompts
    done = probe("verify", folder, "--prompt", one)
    assert (done.code, "1 of 1 clips" in done.out) == (0, True)
    assert not (folder / "verification.json").exists()
    assert "did you mean" in probe("verify", folder, "--prompt", one + "x").err


def test_a_verification_is_void_once_the_audio_is_another(tmp_path: Path) -> None:
    folder = control(tmp_path)
    assert probe("verify", folder).code == 0
    rewrite(folder / "renderings.jsonl", lambda row: row.update(audio_sha256="0" * 64))
    assert RunIndex(folder).verification is None


def other_source(folder: Path) -> None:
    """Let another version of the source have made the run."""
    rewrite(folder / "run.json", lambda run: run["spec"]["settings"].update(rms_dbfs=-3.0), None)


def test_the_same_samples_of_another_version_reproduce(tmp_path: Path) -> None:
    folder = control(tmp_path)
    other_source(folder)
    done = probe("verify", folder)
    assert done.code == 0
    assert "rms_dbfs is -20.0, the run's was -3.0" in done.err
    kept = RunIndex(folder).verification
    assert kept is not None
    assert kept.other_source == "rms_dbfs is -20.0, the run's was -3.0"
    assert not kept.by_score


def test_other_samples_of_another_version_count_by_their_scores(tmp_path: Path) -> None:
    folder = control(tmp_path)
    other_source(folder)
    rewrite(folder / "renderings.jsonl", lambda row: row.update(audio_sha256="0" * 64), 1)
    done = probe("verify", folder)
    assert done.code == 4
    assert "clips with other samples are compared by score" in done.err
    assert "reproduces by score alone" in done.err
    assert "2 of 3 clips are identical, 1 compared by score" in done.out
    text, run = board(tmp_path)
    assert run["verification"]["by_score"] is True
    assert "| yes, by score |" in text
    assert probe("verify", folder, "--anyway").code == 0

    about = json.loads((folder / "renderings.jsonl").read_text().splitlines()[1])["prompt"]
    scores = [json.loads(line) for line in (folder / "scores.jsonl").read_text().splitlines()]
    line = next(n for n, row in enumerate(scores) if row["prompt"] == about)
    rewrite(folder / "scores.jsonl", lambda row: row.update(value=row["value"] + 0.005), line)
    assert probe("verify", folder).code == 4, "it is the same sound still"
    rewrite(folder / "scores.jsonl", lambda row: row.update(value=row["value"] + 0.5), line)
    assert probe("verify", folder, "--anyway").code == 1
    assert "| **no**, by score |" in board(tmp_path)[0]


def test_other_samples_without_a_score_to_compare_are_a_difference(tmp_path: Path) -> None:
    folder = control(tmp_path)
    other_source(folder)
    rewrite(folder / "renderings.jsonl", lambda row: row.update(audio_sha256="0" * 64), 1)
    log = folder / "scores.jsonl"
    log.write_text(log.read_text().replace('"version":"', '"version":"of long ago '))
    done = probe("verify", folder)
    assert done.code == 1
    assert "no score could be measured again" in done.out


def test_what_cannot_be_made_again_is_said(tmp_path: Path) -> None:
    folder = control(tmp_path)
    rewrite(folder / "run.json", lambda run: run["spec"].update(model="lab/diffuser"), None)
    done = probe("verify", folder)
    assert (done.code, done.out) == (2, "")
    assert "left audio without programs" in done.err
    rewrite(folder / "run.json", lambda run: run["spec"].update(tier_digest="0" * 64), None)
    done = probe("verify", folder)
    assert done.code == 2
    assert "ran on notes 000000000000" in done.err
    assert probe("verify", tmp_path / "nothing").code == 2


@pytest.mark.docker
def test_programs_run_again_in_the_image_they_ran_in(tmp_path: Path) -> None:
    tier = beeps.write_tier(tmp_path / "beeps", "one", "two", "three")
    replies = {
        "one": fenced(beeps.program(beeps.A4)),
        "two": fenced(
            "import os, numpy, soundfile\n"
            "x = numpy.frombuffer(os.urandom(2 * 88200), '<i2')\n"
            "soundfile.write('/out/output.wav', x, 44100)\n"
        ),
        "three": fenced("1 / 0"),
    }
    log = tmp_path / "replies.jsonl"
    rows = [{"prompt": name, "text": text} for name, text in replies.items()]
    log.write_text("".join(json.dumps(row) + "\n" for row in rows))
    run = probe(
        *("run", "--tier", tier, "--model", f"replay/{log}", "--name", "lab/replies"),
        *("--results", tmp_path / "results"),
    )
    assert run.code == 0, run.err
    folder = tmp_path / "results" / "beeps" / "lab--replies"
    done = probe("verify", folder, "--tier", tier, "--json")
    assert done.code == 1, done.err
    report = json.loads(done.out)
    states = {each["prompt"]: each["state"] for each in report["attempts"]}
    assert states == {"one": "identical", "two": "differs", "three": "identical"}
    assert report["image"] == RunFolder(folder).run.spec.image
    one = ("verify", folder, "--tier", tier, "--prompt", "one")
    rewrite(folder / "run.json", lambda run: run["spec"].update(image="sha256:" + "0" * 64), None)
    other = probe(*one)
    assert other.code == 0, "its samples are the same"
    assert "the sandbox image is another" in other.err
    assert "not what made the run: the sandbox image is another" in other.out
