"""What the sounds tier's metrics make of real recordings, programs, noise: prints Markdown tables.

Run from the repository root: ``python -m benchmarks.sounds_recognition --recordings FOLDER``.
Programs are run as they are, without a sandbox: they are the tier's own.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from probe.audio import read_recording
from probe.models.controls import Noise
from probe.models.reference import Reference
from probe.records import Prompt, SoundsTruth
from probe.records.references import References
from probe.records.truths.sound_classes import class_named, sound_class, sound_classes
from probe.score.metrics.sounds.descriptors import describe, spectrogram
from probe.score.metrics.sounds.likeness import traits_met
from probe.score.metrics.sounds.measure import score_sounds
from probe.score.metrics.sounds.recognition import recogniser, recordings, source_of
from probe.tier.folder import load

RATE = 44_100
OTHERS = 4
"""Programs for other prompts that each prompt is scored with."""

Samples = NDArray[np.float64]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recordings", type=Path, required=True)
    references = References.open(parser.parse_args().recordings)
    print_recognition(references)
    print_likeness(references)
    print_order(references)


def print_recognition(references: References) -> None:
    found = recogniser(references)
    sources = len({source_of(clip) for clip, _ in recordings(references)})
    print("## Recognition\n")
    print(
        f"`recognition/mel-rf` on {len(recordings(references))} recordings of {sources} sources, "
        f"5 folds by source: {found.held_out:.1%} right among {len(found.classes)} classes.\n"
    )


def print_likeness(references: References) -> None:
    """Likeness of recordings to their own class, whose ranges they were seen for, and held out."""
    rows: dict[str, list[tuple[str, Mapping[str, float]]]] = {}
    for clip in references.clips:
        name = class_named(clip.label)
        if name is not None:
            found = describe(spectrogram(read_recording(clip.path, RATE), RATE))
            rows.setdefault(name, []).append((source_of(clip), found))
    print("## Likeness of recordings\n")
    print("| class | own | held out | other classes' recordings | classes more alike |")
    print("|---|---|---|---|---|")
    totals = []
    for name, clips in rows.items():
        own = [traits_met(found, sound_class(name)) for _, found in clips]
        others = [
            traits_met(found, sound_class(name))
            for other, theirs in rows.items()
            if other != name
            for _, found in theirs
        ]
        better = [
            sum(traits_met(found, known) > fit + 1e-9 for known in sound_classes().values())
            for fit, (_, found) in zip(own, clips, strict=True)
        ]
        row = [np.mean(own), np.mean(held_out(name, clips)), np.mean(others), np.median(better)]
        totals.append(row)
        print(f"| `{name}` | {row[0]:.2f} | {row[1]:.2f} | {row[2]:.2f} | {row[3]:.0f} |")
    mean = np.mean(totals, axis=0)
    print(f"| **mean** | {mean[0]:.2f} | {mean[1]:.2f} | {mean[2]:.2f} | {mean[3]:.0f} |\n")


def held_out(name: str, clips: list[tuple[str, Mapping[str, float]]]) -> list[float]:
    """Likeness by ranges that the other sources of the class give: their 5th to 95th percentile."""
    fits = []
    for source, found in clips:
        rest = [theirs for other, theirs in clips if other != source]
        like = {}
        for trait in sound_class(name).like:
            values = [theirs[trait] for theirs in rest if trait in theirs]
            low, high = np.quantile(values, (0.05, 0.95)) if values else (0.0, 1.0)
            widest = 1e-3 * abs(high) + 1e-6
            like[trait] = (float(low) - widest, float(high) + widest)
        known = sound_class(name).model_copy(update={"like": like})
        fits.append(traits_met(found, known))
    return fits


@dataclass(frozen=True)
class Row:
    """One prompt's scores."""

    prompt: Prompt
    program: float
    others: tuple[float, ...]
    noise: float
    silence: float
    real: float | None = None


def print_order(references: References) -> None:
    loaded = load("sounds")
    with tempfile.TemporaryDirectory() as folder:
        programs = {
            prompt.id: rendered(loaded.folder / "programs" / f"{prompt.id}.py", Path(folder))
            for prompt in loaded.prompts
            if (loaded.folder / "programs" / f"{prompt.id}.py").is_file()
        }
    draw = random.Random(0)
    door = Reference(references)
    rows = []
    for prompt in loaded.prompts:
        if prompt.id not in programs:
            continue
        wrong = draw.sample([name for name in programs if name != prompt.id], OTHERS)
        row = Row(
            prompt,
            program=score(prompt, programs[prompt.id]),
            others=tuple(score(prompt, programs[name]) for name in wrong),
            noise=score(prompt, Noise().audio(prompt, 0, RATE)),
            silence=score(prompt, np.zeros(RATE)),
        )
        if door.covers(prompt):
            row = replace(row, real=score(prompt, door.audio(prompt, 0, RATE)))
        rows.append(row)
    print("## `event_score`\n")
    print("| prompts | n | recordings (n) | program | another's program | noise | silence |")
    print("|---|---|---|---|---|---|---|")
    for group in loaded.tier.groups:
        print_means(f"`{group}`", rows, lambda row, group=group: row.prompt.group == group)
    for level in range(1, 6):
        print_means(f"level {level}", rows, lambda row, level=level: row.prompt.level == level)
    print_means("**all**", rows, lambda _row: True)
    print_shares(rows)


def print_means(name: str, rows: list[Row], which: Callable[[Row], bool]) -> None:
    ours = [row for row in rows if which(row)]
    real = [row.real for row in ours if row.real is not None]
    heard = f"{np.mean(real):.2f} ({len(real)})" if real else "–"
    means = (
        np.mean([row.program for row in ours]),
        np.mean([np.mean(row.others) for row in ours]),
        np.mean([row.noise for row in ours]),
        np.mean([row.silence for row in ours]),
    )
    print(f"| {name} | {len(ours)} | {heard} | " + " | ".join(f"{m:.2f}" for m in means) + " |")


def print_shares(rows: list[Row]) -> None:
    """Share of comparisons that come out in order; a tie counts half."""
    pairs: defaultdict[str, list[float]] = defaultdict(list)

    def compare(name: str, more: float, less: float) -> None:
        pairs[name].append(1.0 if more > less + 0.01 else 0.5 if more >= less - 0.01 else 0.0)

    for row in rows:
        if row.real is not None:
            compare("recording > program (ties within 0.01 count half)", row.real, row.program)
            compare("recording > another's program", row.real, float(np.mean(row.others)))
            compare("recording > noise", row.real, row.noise)
        for other in row.others:
            compare("program > another's program", row.program, other)
        compare("program > noise", row.program, row.noise)
        compare("another's program (mean) > noise", float(np.mean(row.others)), row.noise)
        compare("program > silence", row.program, row.silence)
        middle = float(np.mean(row.others))
        whole = row.program > middle > max(row.noise, row.silence)
        compare("program > another's (mean) > noise and silence", float(whole), 0.5)
    print("\n| comparison | n | share |\n|---|---|---|")
    for name, shares in pairs.items():
        print(f"| {name} | {len(shares)} | {np.mean(shares):.1%} |")


def rendered(program: Path, folder: Path) -> Samples:
    path = folder / f"{program.stem}.wav"
    source = program.read_text(encoding="utf-8").replace("/out/output.wav", str(path))
    exec(compile(source, program.name, "exec"), {})
    return read_recording(path, RATE)


def score(prompt: Prompt, clip: Samples) -> float:
    assert isinstance(prompt.truth, SoundsTruth)
    length = round(prompt.duration_s * RATE)
    fitted = np.pad(clip, (0, max(0, length - len(clip))))[:length]
    return score_sounds(prompt.truth, fitted, RATE)["event_score"].value


if __name__ == "__main__":
    main()
