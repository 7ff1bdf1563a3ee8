"""Whether distances make sense on real recordings: halves of a class, other classes, noise.

Run from the repository root: ``python -m benchmarks.recordings FOLDER``, with a folder of
recordings that has a clips.csv with the columns file, label and source. Every set compared has the
same number of clips, so the plain distance is comparable too. Halves share no original recording.
Exit code 1 when an embedder does not order the three.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from probe.errors import PrerequisiteError
from probe.score.embedders import embedder_names, open_embedder
from probe.score.embedders.base import Embedder
from probe.score.embedders.batches import Embedded, What, collect, embed_clips, embed_files
from probe.score.metrics.sets.distance import framewise, metric_name, noise_clips
from probe.score.metrics.sets.frechet import frechet_jackknife
from probe.score.metrics.sets.kernel import KADTK_SCALE, kernel_jackknife, median_distance

SPLITS = 20
NOISE_S = 5.0

Rows = list[np.ndarray]
"""One array a clip: its vector, or its frames."""
Distance = Callable[[Rows, Rows], tuple[float, float]]


def halves(sources: Sequence[str], splits: int) -> Iterator[tuple[list[int], list[int]]]:
    """Places of clips in two halves that share no source, as even as sources allow."""
    rng = np.random.default_rng(10)
    names = sorted(set(sources))
    for _ in range(splits):
        sides: tuple[list[int], list[int]] = ([], [])
        for name in rng.permutation(names):
            clips = [place for place, source in enumerate(sources) if source == name]
            min(sides, key=len).extend(clips)
        yield sides


def jackknifed(estimate: Callable[..., Any], scale: float = 1, **settings: float) -> Distance:
    """A distance as (bias removed, plain), times `scale`; rows of a clip stay together."""

    def distance(x: Rows, y: Rows) -> tuple[float, float]:
        of_x, of_y = ([n for n, rows in enumerate(s) for _ in rows] for s in (x, y))
        found = estimate(
            np.concatenate(x), np.concatenate(y), clips_x=of_x, clips_y=of_y, **settings
        )
        return scale * found.value, scale * found.plain

    return distance


def by_clip(found: Embedded) -> Rows:
    return [found.rows[found.clips == number] for number in range(len(found.names))]


def compared(
    classes: dict[str, tuple[Rows, list[str]]], noise: Rows, distance: Distance
) -> dict[str, np.ndarray]:
    """Mean (bias removed, plain) of each kind of comparison, for each class."""
    rows: dict[str, list[np.ndarray]] = {"same class": [], "other class": [], "white noise": []}
    splits = {name: list(halves(sources, SPLITS)) for name, (_, sources) in classes.items()}
    count = min(len(side) for pairs in splits.values() for pair in pairs for side in pair)
    chosen = {
        name: [[[clips[i] for i in side[:count]] for side in pair] for pair in splits[name]]
        for name, (clips, _) in classes.items()
    }
    for name, pairs in chosen.items():
        rows["same class"].append(np.mean([distance(*pair) for pair in pairs], axis=0))
        others = [
            distance(pairs[split][0], chosen[other][split][1])
            for split, other in enumerate([o for o in classes if o != name])
        ]
        rows["other class"].append(np.mean(others, axis=0))
        far = [distance(noise[:count], pair[1]) for pair in pairs[:5]]
        rows["white noise"].append(np.mean(far, axis=0))
    print(f"{count} clips a side, {len(classes)} classes, {SPLITS} splits of each.\n")
    return {kind: np.array(found) for kind, found in rows.items()}


def measured(folder: Path, embedder: Embedder) -> bool:
    with (folder / "clips.csv").open(newline="") as lines:
        clips = list(csv.DictReader(lines))
    what: What = "frames" if framewise(embedder.name) else "clip"
    files = [(clip["file"], folder / clip["file"]) for clip in clips]
    found = collect(embed_files(files, embedder, what=what))
    assert not found.problems, found.problems
    heard = by_clip(found)
    noise = by_clip(
        collect(embed_clips(noise_clips(20, NOISE_S, embedder.sample_rate), embedder, what=what))
    )
    classes: dict[str, tuple[Rows, list[str]]] = {}
    for clip, rows in zip(clips, heard, strict=True):
        members, sources = classes.setdefault(clip["label"], ([], []))
        members.append(rows)
        sources.append(clip["source"])
    kad = jackknifed(kernel_jackknife, KADTK_SCALE, bandwidth=median_distance(found.rows))
    fine = True
    for kind, distance in (("fad", jackknifed(frechet_jackknife)), ("kad", kad)):
        name = metric_name(kind, embedder.name)
        print(f"\n## {name}\n")
        table = compared(classes, noise, distance)
        print("| to | bias removed | plain | classes for which it is below the row before |")
        print("|---|---|---|---|")
        before = None
        for to, values in table.items():
            below = ""
            if before is not None:
                nearer = np.array([*classes])[values[:, 0] <= before[:, 0]]
                below = ", ".join(sorted(nearer))
            print(f"| {to} | {values[:, 0].mean():.4g} | {values[:, 1].mean():.4g} | {below} |")
            fine &= before is None or bool((values.mean(axis=0) > before.mean(axis=0)).all())
            before = values
    return fine


def main() -> int:
    """Print a table for each embedder that has weights or needs none."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    fine, absent = True, []
    for name in embedder_names():
        try:
            embedder = open_embedder(name)
        except PrerequisiteError:
            absent.append(name)
            continue
        fine &= measured(folder, embedder)
    if absent:
        print(f"\nNot measured, for their weights were not there: {', '.join(absent)}.")
    return 0 if fine else 1


if __name__ == "__main__":
    raise SystemExit(main())
