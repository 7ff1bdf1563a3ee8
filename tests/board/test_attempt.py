"""`probe show` and `probe play`: one attempt, in a terminal that hostile text cannot act on."""

from __future__ import annotations

import stat
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.board.attempt import BLOCKS, spectrogram
from probe.records import Answer, Outcome, Part
from probe.records.run_folder import RunFolder
from probe.records.store import Store
from probe.text import printable
from tests.fakes.command import probe
from tests.fakes.runs import completion, rendering, run, score

RATE = 44100


def written(folder: Path, text: str, **changes: object) -> Path:
    """A run of a tier that is not here, with one reply."""
    places = {"a": {"group": "one", "level": 1}}
    with Store.open(folder, run(prompts=places)) as store:
        store.add_completion(completion("a", text=text))
        store.add_rendering(rendering("a", **changes), sample_rate=8000)
        store.add_score(score("a", 0.25))
    return folder


@pytest.fixture
def noise(tmp_path: Path) -> Path:
    done = probe(
        *("run", "--tier", "notes", "--model", "builtin/noise", "--limit", 1),
        *("--results", tmp_path),
    )
    assert done.code == 0, done.err
    return tmp_path / "notes" / "builtin--noise"


def test_prompt_outcome_scores_and_spectrogram_are_shown(noise: Path, tmp_path: Path) -> None:
    (prompt,) = RunFolder(noise).run.spec.prompts
    picture = tmp_path / "a.png"
    done = probe("show", "notes/builtin/noise", prompt, "--results", tmp_path, "--image", picture)
    assert done.code == 0, done.err
    assert f"builtin/noise  {prompt}.0" in done.out
    assert "outcome  ok" in done.out
    assert "note_score" in done.out
    assert "Hz |" in done.out
    assert "█" in done.out
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_audio_that_is_gone_is_made_again(noise: Path) -> None:
    (prompt,) = RunFolder(noise).run.spec.prompts
    before = probe("show", noise, prompt).out
    (noise / "audio" / f"{prompt}.0.wav").unlink()
    assert probe("show", noise, prompt).out == before


def test_program_failure_and_stderr_are_shown(tmp_path: Path) -> None:
    folder = written(
        tmp_path / "m",
        "Here:\n```python\nprint('hum')\n```\n",
        outcome=Outcome.RUNTIME_ERROR,
        audio_sha256=None,
        detail="ValueError",
        stderr_tail="Traceback: no\n",
    )
    done = probe("show", folder, "a")
    assert done.code == 0, done.err
    for said in (
        "print('hum')",
        "program  fenced",
        "runtime_error (ValueError)",
        "Traceback: no",
        "no spectrogram",
    ):
        assert said in done.out
    assert "0.250" in done.out
    picture = tmp_path / "no.png"
    refused = probe("show", folder, "a", "--image", picture)
    assert refused.code == 2
    assert "no sound to draw" in refused.err
    assert not picture.exists()


@pytest.mark.parametrize("fence", ["", "```python\n"])
def test_hostile_text_cannot_act_on_the_terminal(tmp_path: Path, fence: str) -> None:
    hostile = "\x1b]0;owned\x07\x1b[2J\u202e[bold red]x[/] [link=file:///etc/passwd]y[/link]\x9b5n"
    folder = written(
        tmp_path / "m",
        f"{fence}{hostile}\n{'```' if fence else ''}",
        outcome=Outcome.NO_CODE,
        audio_sha256=None,
        detail=hostile,
        stderr_tail=hostile,
    )
    out = probe("show", folder, "a").out
    assert not set(out) & set("\x1b\x07\u202e\x9b")
    assert "[bold red]x[/]" in out, "text is no markup of the terminal's"
    assert printable(out) == out


def test_a_program_is_shown_unwrapped_and_alone_as_it_was_written(tmp_path: Path) -> None:
    line = f"x = [{', '.join(map(str, range(90)))}]"
    folder = written(tmp_path / "m", f"Here:\n```python\n{line}\n\tprint('é\x07')\n```\n")
    assert line in probe("show", folder, "a").out.splitlines()
    alone = probe("show", folder, "a", "--program")
    assert (alone.code, alone.err) == (0, "")
    assert alone.out == f"{line}\n\tprint('é\x07')\n"


def test_without_a_program_there_is_none_to_print(tmp_path: Path) -> None:
    folder = written(tmp_path / "m", "I can't.", outcome=Outcome.NO_CODE, audio_sha256=None)
    none = probe("show", folder, "a", "--program")
    assert (none.code, none.out) == (2, "")
    assert "a.0 of openai/small has no program" in none.err


def test_every_turn_of_a_talk_is_shown(tmp_path: Path) -> None:
    places = {"a": {"group": "one", "level": 1}}
    with Store.open(tmp_path / "m", run(prompts=places, strategy="repair:2")) as store:
        fault = store.add_message("It failed: ZeroDivisionError. Try again.")
        store.add_completion(completion("a", text="Let me think first.", open=True))
        for turn, program in enumerate(("1 / 0", "print('hum')"), start=1):
            text = f"```python\n{program}\n```"
            store.add_completion(completion("a", turn=turn, text=text, sent=fault, open=True))
        store.add_answer(Answer(prompt="a", sample=0, parts=(Part(turn=2),)))
        store.add_rendering(rendering("a"), sample_rate=8000)
    out = probe("show", tmp_path / "m", "a").out
    said = [
        "turn 1 of 3 ---",
        "Let me think first.",
        "turn 2 of 3 ---",
        "It failed: ZeroDivisionError",
        "1 / 0",
        "turn 3 of 3, the answer",
        "print('hum')",
        "outcome  ok",
    ]
    places_found = [out.index(words) for words in said]
    assert places_found == sorted(places_found)
    assert probe("show", tmp_path / "m", "a", "--program").out == "print('hum')\n"


def test_unknown_runs_prompts_and_samples_are_named(noise: Path, tmp_path: Path) -> None:
    (prompt,) = RunFolder(noise).run.spec.prompts
    for arguments, said in (
        (("noise", prompt), "did you mean 'notes/builtin/noise'?"),
        (("notes/builtin/nois", prompt), "did you mean 'notes/builtin/noise'?"),
        (("notes/builtin/noise", prompt + "x"), f"did you mean {prompt!r}?"),
        (
            ("notes/builtin/noise", prompt, "--sample", 3),
            "has 1 sample a prompt, counted from 0",
        ),
    ):
        done = probe("show", *arguments, "--results", tmp_path)
        assert (done.code, done.out) == (2, "")
        assert said in done.err


def player(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def test_play_takes_the_first_player_that_can(
    noise: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (prompt,) = RunFolder(noise).run.spec.prompts
    tools, heard = tmp_path / "bin", tmp_path / "heard.wav"
    tools.mkdir()
    monkeypatch.setenv("PATH", str(tools))
    nothing = probe("play", noise, prompt)
    assert nothing.code == 3
    assert "alsa-utils" in nothing.err
    player(tools, "paplay", "echo 'Connection refused' >&2; exit 1")
    deaf = probe("play", noise, prompt)
    assert deaf.code == 1
    assert "paplay: Connection refused" in deaf.err
    player(tools, "aplay", f'[ "$1" = -q ] && /bin/cat "$2" > {heard}')
    assert probe("play", noise, prompt).code == 0
    assert heard.read_bytes() == (noise / "audio" / f"{prompt}.0.wav").read_bytes()


@given(
    seconds=st.floats(0.001, 1.5),
    hertz=st.floats(50, 15_000),
    gain=st.floats(0, 1),
    columns=st.integers(4, 80),
)
def test_a_spectrogram_has_its_size_whatever_sounds(
    seconds: float, hertz: float, gain: float, columns: int
) -> None:
    t = np.arange(max(1, round(seconds * RATE))) / RATE
    drawn = spectrogram(gain * np.sin(2 * np.pi * hertz * t), RATE, bands=12, columns=columns)
    assert len(drawn) == 13
    assert {len(line) for line in drawn[:-1]} == {10 + columns + 2}
    assert set("".join(line[11:-1] for line in drawn[:-1])) <= set(BLOCKS)


def test_a_tone_is_where_it_sounds() -> None:
    t = np.arange(2 * RATE) / RATE
    tone = np.where(t < 1, np.sin(2 * np.pi * 1570 * t), 0)
    drawn = spectrogram(tone, RATE, columns=40)[:-1]
    loud = [line for line in drawn if "█" in line]
    assert any("1570 Hz" in line for line in loud)
    assert len(loud) <= 3
    assert all("█" not in line[11 + 22 :] for line in loud)
