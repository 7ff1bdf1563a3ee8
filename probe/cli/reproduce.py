"""``probe verify``, ``probe show`` and ``probe play``: a run looked at, and made anew."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from probe.cli import RESULTS, AsJson, Results, TierFolder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PLAYERS: tuple[tuple[str, ...], ...] = (
    ("pw-play",),
    ("paplay",),
    ("aplay", "-q"),
    ("afplay",),
    ("play", "-q"),
    ("ffplay", "-nodisp", "-autoexit", "-loglevel", "error"),
)
"""Command lines that play the WAV named after them: of PipeWire, PulseAudio, ALSA, macOS, SoX and
FFmpeg.
"""

RunName = Annotated[
    str, typer.Argument(metavar="RUN", help="A run's folder, or TIER/NAME below --results.")
]
PromptName = Annotated[str, typer.Argument(metavar="PROMPT", help="The prompt's id.")]
Sample = Annotated[int, typer.Option(min=0, help="Which attempt at the prompt, from 0.")]
Recordings = Annotated[
    Path | None, typer.Option("--references", help="Folder of the recordings the run used.")
]
Anyway = Annotated[
    bool, typer.Option("--anyway", help="Exit code 0, not 4, where it reproduces by score alone.")
]


def verify(
    run: RunName,
    prompt: Annotated[
        list[str] | None, typer.Option(help="Only this prompt; repeatable. Nothing is recorded.")
    ] = None,
    results: Results = RESULTS,
    tier: TierFolder = None,
    references: Recordings = None,
    anyway: Anyway = False,
    as_json: AsJson = False,
) -> None:
    """Make a run's audio anew, compare samples and scores, and record whether it reproduces.

    Where image or engine are not those of the run, that is said, and clips with other samples are
    compared by score. Exit code 1 when anything came out otherwise; 4 when it reproduces by score
    alone.
    """
    from probe.board.verify import as_json as json_of
    from probe.board.verify import record, reproduce, words
    from probe.errors import OtherSourceError
    from probe.records.references import References
    from probe.records.run_folder import find_attempt, find_run

    folder = find_run(run, results)
    chosen = [find_attempt(folder, name)[0] for name in prompt or ()]
    report = reproduce(
        folder,
        prompts=chosen,
        tier=tier,
        references=References.open(references) if references else None,
    )
    print(json.dumps(json_of(report), indent=1) if as_json else words(report))
    if not chosen:
        record(folder, report)
        print(f"recorded in {folder.folder}; `probe leaderboard` shows it", file=sys.stderr)
    if not report.reproduces:
        raise typer.Exit(1)
    if report.by_score and not anyway:
        raise OtherSourceError(
            f"it reproduces by score alone: {report.other_source}; --anyway takes that for a yes"
        )


def show(
    run: RunName,
    prompt: PromptName,
    sample: Sample = 0,
    image: Annotated[
        Path | None, typer.Option(help="Write the log-mel spectrogram to this file, a PNG.")
    ] = None,
    program: Annotated[
        bool, typer.Option("--program", help="The program alone, as it was written.")
    ] = False,
    results: Results = RESULTS,
    tier: TierFolder = None,
    references: Recordings = None,
    as_json: AsJson = False,
) -> None:
    """Show one attempt: prompt, every turn, outcome, scores and a log-mel spectrogram.

    Audio that is not in the run's folder is made again. With --program only the program is printed,
    for a file or another command; several that sound together follow one another.
    """
    from rich.console import Console

    from probe.board.attempt import facts, look, picture, programs, show_on
    from probe.paths import writing
    from probe.records.references import References
    from probe.records.run_folder import find_attempt, find_run
    from probe.text import printable

    folder = find_run(run, results)
    attempt = find_attempt(folder, prompt, sample)
    if program:
        for text in programs(folder, attempt):
            typer.echo(printable(text) if sys.stdout.isatty() else text, nl=text[-1:] != "\n")
        return
    given = References.open(references) if references else None
    looked = look(folder, attempt, tier=tier, references=given)
    if as_json:
        print(json.dumps(facts(looked), indent=2))
    else:
        show_on(Console(), looked)
    if image is not None:
        with writing(image):
            image.write_bytes(picture(looked))
        print(f"spectrogram in {image}", file=sys.stderr)


def play(
    run: RunName,
    prompt: PromptName,
    sample: Sample = 0,
    results: Results = RESULTS,
    tier: TierFolder = None,
    references: Recordings = None,
) -> None:
    """Play one attempt with a player of this machine; audio that is gone is made again."""
    from probe.records.references import References
    from probe.records.run_folder import find_attempt, find_run
    from probe.render.again import sound_of, tier_of

    players = _players()
    folder = find_run(run, results)
    attempt = find_attempt(folder, prompt, sample)
    given = References.open(references) if references else None
    sound = sound_of(folder, attempt, tier_of(folder, tier), references=given)
    if not sound.same:
        print("made anew, and not the samples that were measured", file=sys.stderr)
    _play(sound.pcm, sound.sample_rate, players)


def _players() -> list[tuple[str, ...]]:
    """Players that are installed.

    Raises
    ------
    PrerequisiteError
        There is none.
    """
    from probe.errors import PrerequisiteError

    found = [command for command in PLAYERS if shutil.which(command[0])]
    if not found:
        raise PrerequisiteError(
            "no program that plays sound was found; install one, such as alsa-utils (aplay) or"
            " pulseaudio-utils (paplay)"
        )
    return found


def _play(pcm: NDArray[np.int16], sample_rate: int, players: Sequence[tuple[str, ...]]) -> None:
    """Play 16-bit mono samples, shape (n,), with the first player that can.

    Raises
    ------
    ProbeError
        None of them could: there is no sound device, most often.
    """
    from probe.errors import ProbeError
    from probe.text import decoded
    from probe.wav import pcm16_wav_bytes

    last = ""
    with tempfile.TemporaryDirectory(prefix="probe-") as folder:
        path = Path(folder) / "clip.wav"
        path.write_bytes(pcm16_wav_bytes(pcm, sample_rate))
        for command in players:
            done = subprocess.run(
                [*command, str(path)], stdin=subprocess.DEVNULL, capture_output=True
            )
            if done.returncode == 0:
                return
            said = decoded(done.stderr).strip().rpartition("\n")[2][:200]
            last = f"{command[0]}: {said or f'exit code {done.returncode}'}"
    raise ProbeError(f"nothing could be played, is there a sound device? ({last})")
