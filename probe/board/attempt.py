"""One attempt in the terminal: what was asked, what was written, what came of it."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.rule import Rule
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from probe.board.hearing import heard
from probe.errors import ProbeError, UsageError
from probe.records import Prompt, Rendering, Score
from probe.records.languages import language
from probe.records.metrics import about
from probe.records.references import References
from probe.records.replies import Extracted, extracted_from
from probe.records.run_folder import Attempt, RunFolder
from probe.render.again import Sound, sound_of, tier_of
from probe.text import printable

TEXT_SHOWN = 4000
"""Characters that are shown of what was said, and of a reply without a program."""

RANGE_DB = 60.0
"""Below the loudest: what a shade of nothing stands for."""
LOWEST_HZ = 40.0
_WINDOW = 2048

BLOCKS = " ░▒▓█"
PLAIN = " .:*#"
"""For terminals without block characters."""


@dataclass(frozen=True)
class Turn:
    """Something that was said and what was replied to it."""

    said: str
    """Empty where it was the tier's own words."""
    reply: str
    """Whole."""
    program: Extracted | None
    counts: bool
    """Whether it is the answer, or a part of it."""


@dataclass(frozen=True)
class Look:
    """All that is known of one attempt."""

    run: str
    attempt: Attempt
    prompt: Prompt | None
    """None where the tier is not here in the run's version."""
    turns: tuple[Turn, ...]
    programs: tuple[Extracted, ...]
    """Of the answer, in the order they sound in."""
    language: str
    reply: str
    """The last, whole."""
    error: str
    """Why there is none, in the words of who failed."""
    rendering: Rendering | None
    scores: tuple[Score, ...]
    sound: Sound | None
    silent: str
    """Why there is no sound."""


def look(
    folder: RunFolder,
    attempt: Attempt,
    *,
    tier: str | None = None,
    references: References | None = None,
) -> Look:
    """Gather all that is known of an attempt; its audio is made again where it is gone."""
    spec = folder.run.spec
    turns = _turns(folder, attempt)
    prompt, sound, silent = None, None, ""
    try:
        loaded = tier_of(folder, tier)
        prompt = next(p for p in loaded.prompts if p.id == attempt[0])
        sound = sound_of(folder, attempt, loaded, references=references)
    except ProbeError as error:
        silent = str(error)
    return Look(
        run=spec.row,
        attempt=attempt,
        prompt=prompt,
        turns=turns,
        programs=_programs(folder, attempt, turns),
        language="csound" if spec.language == "csound" else "python",
        reply=turns[-1].reply if turns else "",
        error=_error(folder, attempt),
        rendering=folder.latest_renderings.get(attempt),
        scores=tuple(
            row
            for (*about_it, _), row in folder.latest_scores.items()
            if tuple(about_it) == attempt
        ),
        sound=sound,
        silent=silent,
    )


def _error(folder: RunFolder, attempt: Attempt) -> str:
    """Why the last turn has no reply; empty where it has one."""
    replies = folder.turns(attempt)
    return (replies[-1].error or "") if replies else ""


def programs(folder: RunFolder, attempt: Attempt) -> list[str]:
    """The programs of an attempt's answer as they were written, in the order they sound in.

    Raises
    ------
    UsageError
        It has none.
    """
    found = _programs(folder, attempt, _turns(folder, attempt))
    if not found:
        raise UsageError(f"{attempt[0]}.{attempt[1]} of {folder.run.spec.row} has no program")
    return [text for text, _ in found]


def _turns(folder: RunFolder, attempt: Attempt) -> tuple[Turn, ...]:
    spoken, said = language(folder.run.spec.language), folder.messages.latest
    counting = {part.turn for part in folder.parts(attempt)}
    return tuple(
        Turn(
            said=said[row.sent].text if row.sent in said else "",
            reply=row.text,
            program=extracted_from(row, spoken),
            counts=number in counting,
        )
        for number, row in enumerate(folder.turns(attempt))
    )


def _programs(folder: RunFolder, attempt: Attempt, turns: Sequence[Turn]) -> tuple[Extracted, ...]:
    parts = (turns[part.turn] for part in folder.parts(attempt) if part.turn < len(turns))
    return tuple(turn.program for turn in parts if turn.program)


def picture(found: Look) -> bytes:
    """The log-mel spectrogram as a PNG.

    Raises
    ------
    UsageError
        There is no sound to draw.
    """
    from probe.render.pictures import log_mel_png

    if found.sound is None:
        raise UsageError(f"there is no sound to draw: {found.silent}")
    return log_mel_png(found.sound.pcm / np.float64(1 << 15), found.sound.sample_rate)


def facts(found: Look) -> dict[str, Any]:
    """All of it as data, without the audio."""
    prompt, row, sound = found.prompt, found.rendering, found.sound
    return {
        "run": found.run,
        "prompt": found.attempt[0],
        "sample": found.attempt[1],
        "asked": None if prompt is None else prompt.model_dump(mode="json"),
        "reply": found.reply,
        "programs": [
            {"text": program, "found": extraction.words} for program, extraction in found.programs
        ],
        "rendering": None if row is None else row.model_dump(mode="json"),
        "scores": {each.metric: {"value": each.value, **each.extras} for each in found.scores},
        "heard": heard(found.scores, prompt, sound),
        "same_audio": None if sound is None else sound.same,
        "no_audio": found.silent if sound is None else None,
    }


def show_on(console: Console, found: Look) -> None:
    """Print all of it; text of a model or program cannot act on the terminal."""
    name, sample = found.attempt
    console.print(Rule(Text(f"{printable(found.run)}  {name}.{sample}")))
    if found.prompt is not None:
        place = f"{found.prompt.group}, level {found.prompt.level}, {found.prompt.duration_s:g} s"
        console.print(Text(f"{printable(found.prompt.text)}\n({place})\n"))
    for number, turn in enumerate(found.turns, start=1):
        if len(found.turns) > 1:
            counts = ", the answer" if turn.counts else ""
            console.print(Text(f"--- turn {number} of {len(found.turns)}{counts} ---"))
            if turn.said:
                console.print(Text(f"said:\n{_cut(turn.said)}\n"))
        _show_reply(console, turn, found.language)
    if found.error:
        console.print(Text(f"no reply  {printable(found.error)}"))
    console.print(Text("\n".join(_outcome(found.rendering))))
    if found.scores:
        console.print(_scores(found.scores))
    if lines := heard(found.scores, found.prompt, found.sound):
        console.print(Text("\n".join(["heard", *(f"  {printable(line)}" for line in lines)])))
    if found.sound is None:
        console.print(Text(f"no spectrogram: {printable(found.silent)}"))
        return
    if not found.sound.same:
        console.print(Text("the audio was made anew and is not what was measured:"))
    shades = BLOCKS if console.encoding.lower().startswith("utf") else PLAIN
    samples = found.sound.pcm / np.float64(1 << 15)
    columns = max(10, min(72, console.width - 13))
    drawn = spectrogram(samples, found.sound.sample_rate, columns=columns, shades=shades)
    console.print(Text("\n".join(drawn)), soft_wrap=True)


def _show_reply(console: Console, turn: Turn, written_in: str) -> None:
    """The program, as long as its lines are, or the reply that has none."""
    if turn.program is not None:
        program, extraction = turn.program
        text = printable(program)
        drawn = Syntax(text, written_in, theme="ansi_dark", background_color="default")
        console.print(drawn.highlight(text), soft_wrap=True)
        console.print(Text(f"program  {extraction.words}"))
    elif turn.reply:
        console.print(Text(f"no program; the reply is:\n{_cut(turn.reply)}\n"))


def _cut(text: str) -> str:
    return printable(text[:TEXT_SHOWN]) + ("…" if len(text) > TEXT_SHOWN else "")


def _outcome(row: Rendering | None) -> list[str]:
    if row is None:
        return ["outcome  not rendered yet"]
    detail = f" ({printable(row.detail)})" if row.detail else ""
    said = [f"outcome  {row.outcome}{detail}"]
    if row.wall_s:
        said.append(f"time     {row.wall_s:.2f} s wall, {row.cpu_s:.2f} s CPU")
    if row.peak_memory_bytes:
        said.append(f"memory   {row.peak_memory_bytes / 2**20:.1f} MiB at most")
    said += [f"note     {printable(note)}" for note in row.notes]
    tail = printable(row.stderr_tail).rstrip()
    if tail:
        said += ["stderr:", *(f"  {line}" for line in tail.splitlines())]
    return said


def _scores(rows: tuple[Score, ...]) -> Table:
    table = Table("metric", "value", "", box=None, pad_edge=False)
    for row in rows:
        known = about(row.metric)
        better = "higher is better" if known.higher_is_better else "lower is better"
        unit = f"{known.unit}, " if known.unit else ""
        table.add_row(Text(row.metric), f"{row.value:.3f}", Text(f"{unit}{better}"))
    return table


# --- the spectrogram in characters ---------------------------------------------------------------


def _levels(
    samples: NDArray[np.float64], rate: int, bands: int, columns: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Levels of mel bands over time.

    Parameters
    ----------
    samples : ndarray of float64, shape (n,)
        Mono audio.
    rate : int
        In Hz.
    bands, columns : int
        Of the result.

    Returns
    -------
    level : ndarray of float64, shape (bands, columns)
        From 0, `RANGE_DB` below the loudest or silence, to 1, the loudest; low bands first.
    centres : ndarray of float64, shape (bands,)
        Of the bands, in Hz.
    """
    import librosa

    hop = max(1, -(-len(samples) // columns))
    padded = np.pad(samples, (0, hop * columns - len(samples)))
    power = librosa.feature.melspectrogram(
        y=padded, sr=rate, n_fft=_WINDOW, hop_length=max(1, hop // 4), n_mels=bands, fmin=LOWEST_HZ
    )
    parts = np.array_split(power, columns, axis=1)
    means = np.stack([part.mean(axis=1) for part in parts], axis=1)
    loudest = float(means.max(initial=0.0)) or 1.0
    decibels = 10 * np.log10(np.maximum(means / loudest, 10 ** (-RANGE_DB / 10)))
    edges = librosa.mel_frequencies(n_mels=bands + 2, fmin=LOWEST_HZ, fmax=rate / 2)
    return decibels / RANGE_DB + 1, edges[1:-1]


def spectrogram(
    samples: NDArray[np.float64],
    rate: int,
    *,
    bands: int = 16,
    columns: int = 60,
    shades: str = BLOCKS,
) -> list[str]:
    """The spectrogram of mono `samples`, shape (n,), with its axes; high bands first."""
    with warnings.catch_warnings():  # of clips shorter than a window
        warnings.simplefilter("ignore", UserWarning)
        level, centres = _levels(samples, rate, bands, columns)
    steps = np.minimum((level * len(shades)).astype(int), len(shades) - 1)
    rows = [
        f"{f'{centre:.0f} Hz' if band % 5 == 0 else '':>9} |{''.join(shades[s] for s in row)}|"
        for band, (centre, row) in enumerate(zip(centres, steps, strict=True))
    ]
    end = f"{len(samples) / rate:.1f} s"
    return [*reversed(rows), f"{'':>10} 0{end:>{columns - 1}}"]
