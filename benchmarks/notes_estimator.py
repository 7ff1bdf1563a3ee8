"""How well the note estimator hears known truth, and how fast: prints a Markdown table.

Run from the repository root: ``python -m benchmarks.notes_estimator --recordings FOLDER``.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import soundfile

from probe.records import NoteEvent
from probe.score.metrics.notes.notes import compare_notes
from probe.score.metrics.notes.transcription import transcribe
from tests.fakes.more_sounds import HELD_OUT
from tests.fakes.sounds import TIMBRES, Timbre, chord, line, render

RATE = 44100
REGISTERS = {"A1": 33, "A2": 45, "C4": 60, "E5": 76, "A6": 93}
MAJOR = (0, 2, 4, 5, 7, 9, 11, 12)
ARPEGGIO = (0, 4, 7, 12, 7, 4, 0)
LOUDNESS = (30, 127, 50, 100, 25, 80, 40)
DECAYING = ("piano", "marimba", "pluck", "epiano", "karplus_strong", "kalimba")
WAVERING = ("vibrato", "bowed", "tremulant")
ENSEMBLES = ("string-section", "tremolo-strings")
CHORDS = {
    "dyads": ((0, 7), (0, 4), (0, 3), (0, 5), (0, 6), (0, 9), (0, 10), (0, 2), (0, 16)),
    "octaves": ((0, 12),),
    "triads": ((0, 4, 7), (0, 3, 7), (0, 3, 8), (0, 5, 7), (0, 3, 6), (0, 7, 16)),
    "four notes": ((0, 4, 7, 10), (0, 4, 7, 11), (0, 3, 7, 10)),
}
ROOTS = (43, 52, 60, 67, 74)

METRICS = ("note_f1", "pitch_cents", "onset_ms", "duration_error")

Case = tuple[str, list[NoteEvent], dict[str, float]]


def one_voice(root: int) -> Iterator[Case]:
    yield "single", line([root], start_s=0.3, step_s=1.7), {}
    yield "slow attack", line([root + 1], start_s=0.3, step_s=1.7), {"attack_s": 0.08}
    yield "legato scale", line([root + n for n in MAJOR], step_s=0.25), {}
    yield "fast scale", line([root + n for n in MAJOR], step_s=0.125), {}
    yield "chromatic", line([root + n for n in range(8)], step_s=0.2), {}
    yield "staccato", line([root + n for n in ARPEGGIO], step_s=0.25, sounding=0.4), {}
    yield "60 ms notes", line([root + n for n in ARPEGGIO], step_s=0.3, sounding=0.2), {}
    yield "repeated", line([root] * 6, sounding=0.8), {}
    yield "repeated, no gap", line([root] * 6), {}
    yield "left ringing", line([root + n for n in ARPEGGIO]), {"ring": True}
    loud = zip(line([root + n for n in ARPEGGIO], sounding=0.9), LOUDNESS, strict=True)
    yield "uneven loudness", [n.model_copy(update={"velocity": v}) for n, v in loud], {}


def cases(
    timbres: Mapping[str, Timbre], registers: tuple[int, ...], roots: tuple[int, ...]
) -> Iterator[tuple[str, str, list[NoteEvent], dict[str, float]]]:
    """Kind of material, timbre, truth, and how to render it."""
    for root in registers:
        for name, notes, how in one_voice(root):
            ringing = [t for t in timbres if t in DECAYING]
            for timbre in ringing if name == "left ringing" else timbres:
                yield name, timbre, notes, how
    for name, shapes in CHORDS.items():
        for shape in shapes:
            for root in roots:
                for timbre in timbres:
                    if timbre not in WAVERING:
                        yield name, timbre, chord([root + n for n in shape]), {}


def synthesized(
    title: str, timbres: Mapping[str, Timbre], registers: tuple[int, ...], roots: tuple[int, ...]
) -> None:
    """Print a table of the estimator on everything that `timbres` can play."""
    rows: dict[str, list[list[float]]] = {}
    for name, timbre, notes, how in cases(timbres, registers, roots):
        seconds = max(note.offset_s for note in notes) + 0.4
        samples = render(notes, timbres[timbre], duration_s=seconds, **how)
        start = time.process_time()
        heard = transcribe(samples, RATE)
        took = 4 * (time.process_time() - start) / seconds
        found = compare_notes(notes, heard)
        rows.setdefault(name, []).append([*(found[metric].value for metric in METRICS), took])
    chords = [row for name in CHORDS for row in rows[name]]
    voices = [row for name, group in rows.items() if name not in CHORDS for row in group]
    rows["**all one voice**"], rows["**all chords**"] = voices, chords
    print(f"\n## {title}\n")
    print("| material | clips | note_f1 | pitch, cents | onset, ms | duration error | s per 4 s |")
    print("|---|---|---|---|---|---|---|")
    for name, group in rows.items():
        f1, cents, onset, length, took = np.mean(group, axis=0)
        print(
            f"| {name} | {len(group)} | {f1:.3f} | {cents:.1f} | {onset:.1f} | {length:.2f}"
            f" | {took:.2f} |"
        )


def recorded(folder: Path) -> None:
    """Print a table of the estimator on single recorded notes, by half and by bowed ensembles."""
    with (folder / "clips.csv").open(newline="") as lines:
        clips = list(csv.DictReader(lines))
    rows: dict[str, list[tuple[float, float]]] = {}
    for number, clip in enumerate(clips, start=2):
        samples, rate = soundfile.read(folder / clip["file"], always_2d=True)
        heard, asked = transcribe(samples.mean(axis=1), rate), float(clip["midi"])
        loudest = max(heard, key=lambda note: note.velocity, default=None)
        right = any(abs(note.midi - asked) <= 0.5 for note in heard)
        found = (
            float(loudest is not None and abs(loudest.midi - asked) <= 0.5),
            2 * right / (1 + len(heard)),
        )
        half = "held out (odd lines)" if number % 2 else "development (even lines)"
        rows.setdefault(half, []).append(found)
        kind = "sections and tremolo" if clip["label"] in ENSEMBLES else "all other instruments"
        rows.setdefault(f"{half}, {kind}", []).append(found)
    print("\n## Recorded single notes\n")
    print("| half | clips | loudest note within 50 cents | single-note F1 |\n|---|---|---|---|")
    for half, group in sorted(rows.items()):
        loudest_right, f1 = np.mean(group, axis=0)
        print(f"| {half} | {len(group)} | {loudest_right:.3f} | {f1:.3f} |")


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--recordings", type=Path, help="folder with clips.csv of single notes")
    recordings = parser.parse_args().recordings
    transcribe(np.sin(np.arange(RATE) / 10), RATE)
    synthesized("Development timbres", TIMBRES, tuple(REGISTERS.values()), ROOTS)
    synthesized("Held-out timbres, never tuned on", HELD_OUT, (38, 49, 62, 73, 86), (46, 57, 65))
    if recordings:
        recorded(recordings)


if __name__ == "__main__":
    main()
