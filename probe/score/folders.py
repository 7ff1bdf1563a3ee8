"""Folders of audio, measured: what ``probe fad`` and ``probe clap`` do, for Python.

>>> import probe
>>> probe.fad("generated", "recorded", embedder="vggish").value
>>> probe.clap("generated", "captions.csv").value
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from probe.errors import UsageError
from probe.score.captions import read_captions
from probe.score.embedders import open_embedder
from probe.score.embedders.base import Embedder, FrameEmbedder, TextEmbedder
from probe.score.embedders.batches import Embedded, What, collect, embed_clips, embed_files
from probe.score.embedders.cache import Cache
from probe.score.embedders.reading import audio_files
from probe.score.metrics.sets.clap import Retrieval, clap_scores, retrieval
from probe.score.metrics.sets.distance import (
    FEWEST,
    KAD_NOTE,
    Distance,
    SetValue,
    framewise,
    metric_name,
    noise_ceiling,
    noise_clips,
    set_value,
)
from probe.score.metrics.sets.frechet import frechet_per_clip
from probe.score.metrics.sets.kernel import median_distance
from probe.stats import interval

if TYPE_CHECKING:
    from probe.display import Display

NOISE_CLIPS, NOISE_S = 30, 10.0
"""Noise that the ceiling is measured on; embedded once, then in the cache."""
RECALL_AT = (1, 5, 10)


@dataclass(frozen=True, kw_only=True)
class FolderDistance(SetValue):
    """How far the clips of one folder lie from those of another; the value is the Fréchet one."""

    metric: str
    """As on the board: ``fad/<embedder>``, or ``fd/logmel``."""
    kad: SetValue | None
    """Kernel distance of the same embeddings; None where the reference's are all alike."""
    kad_note: str = KAD_NOTE
    """How `kad` is to be read."""
    per_clip: dict[str, float] | None
    """Distance of each clip's own frames to the second folder, largest first; when asked for."""
    unreadable: tuple[str, ...]
    """One line for each file that cannot be read."""


@dataclass(frozen=True)
class PairScore:
    """CLAP score of one clip with one of its captions."""

    file: str
    caption: str
    score: float


@dataclass(frozen=True)
class FolderClap:
    """How well the clips of a folder fit their captions."""

    metric: str
    """``clap/<checkpoint>``."""
    value: float
    """Mean over clips of the cosine with their captions."""
    low: float | None
    high: float | None
    """Ends of its 95 % interval, clips resampled; None for a single clip."""
    n: int
    """Clips."""
    fingerprint: str
    """Of the embedder."""
    pairs: tuple[PairScore, ...]
    retrieval: Retrieval
    """Of the clips by their captions and the reverse."""
    unreadable: tuple[str, ...]
    """One line for each file that cannot be read; their captions are left out."""


def fad(
    dir_a: str | Path,
    dir_b: str | Path,
    *,
    embedder: str | Embedder = "vggish",
    device: str | None = None,
    cache: bool = True,
    per_clip: bool = False,
    display: Display | None = None,
) -> FolderDistance:
    """Fréchet audio distance between the clips of two folders.

    Parameters
    ----------
    dir_a : str or Path
        Folder of the clips to be judged; folders in it are searched too.
    dir_b : str or Path
        Folder of the reference, which floor, ceiling and the kernel's bandwidth come from.
    embedder : str or Embedder
        A name that `probe.score.embedders.open_embedder` knows, or an open one.
    device : str, optional
        As torch names it; the GPU where there is one.
    cache : bool
        Keep embeddings for the next time.
    per_clip : bool
        Also the distance of every clip's own frames to the reference.
    display : Display, optional
        Where progress is shown.

    Raises
    ------
    UsageError
        A folder is missing or has fewer than three readable clips, or the embedder is unknown or
        has no frames although `per_clip` is asked for.
    PrerequisiteError
        The embedder's weights are not there.
    """
    a, b = _Folder(dir_a), _Folder(dir_b)
    door = _Door(_opened(embedder, device), cache, display)
    if per_clip and not isinstance(door.embedder, FrameEmbedder):
        raise UsageError(f"{door.embedder.name} has no frames, which a distance per clip needs")
    what: What = "frames" if framewise(door.embedder.name) else "clip"
    x, y = door.embed_folder(a, what), door.embed_folder(b, what)
    for folder, found in ((a, x), (b, y)):
        if len(found.names) < FEWEST:
            why = f"; {found.problems[0]}" if found.problems else ""
            raise UsageError(
                f"{folder.path} has {len(found.names)} readable clips,"
                f" at least {FEWEST} are needed{why}"
            )
    noise = door.embed_noise(what)
    return FolderDistance(
        **vars(_set_value("fad", door.embedder, x, y, noise)),
        metric=metric_name("fad", door.embedder.name),
        kad=_set_value("kad", door.embedder, x, y, noise) if median_distance(y.rows) else None,
        per_clip=_per_clip(door, a, b) if per_clip else None,
        unreadable=x.problems + y.problems,
    )


def clap(
    folder: str | Path,
    captions: str | Path,
    *,
    embedder: str | Embedder = "clap-630k-audioset-best",
    device: str | None = None,
    cache: bool = True,
    display: Display | None = None,
) -> FolderClap:
    """CLAP score of the clips of a folder with their captions.

    Parameters
    ----------
    folder : str or Path
        Folder of the clips.
    captions : str or Path
        CSV or JSON lines with ``file``, relative to the folder, and ``caption``.
    embedder : str or Embedder
        A name that `probe.score.embedders.open_embedder` knows, or an open one; it must know text.
    device : str, optional
        As torch names it; the GPU where there is one.
    cache : bool
        Keep embeddings of clips for the next time.
    display : Display, optional
        Where progress is shown.

    Raises
    ------
    UsageError
        The folder or the table is missing or makes no sense, no captioned clip can be read, or the
        embedder is unknown or knows no text.
    PrerequisiteError
        The embedder's weights are not there.
    """
    root, listed = Path(folder), read_captions(Path(captions))
    if not root.is_dir():
        raise UsageError(f"{root} is not a folder")
    opened = _opened(embedder, device)
    if not isinstance(opened, TextEmbedder):
        raise UsageError(f"{opened.name} knows no text; a CLAP score needs an embedder that does")
    door = _Door(opened, cache, display)
    names = dict.fromkeys(pair.file for pair in listed)
    clips = door.embed(str(root), [(name, root / name) for name in names], "clip")
    if not clips.names:
        raise UsageError(f"none of the {len(names)} files can be read; {clips.problems[0]}")
    row = {name: number for number, name in enumerate(clips.names)}
    kept = [pair for pair in listed if pair.file in row]
    texts = {text: number for number, text in enumerate(dict.fromkeys(p.caption for p in kept))}
    text = opened.embed_text(list(texts))
    of_clip = np.array([row[pair.file] for pair in kept])
    of_text = np.array([texts[pair.caption] for pair in kept])
    scores = clap_scores(clips.rows[of_clip], text[of_text])
    belongs = np.zeros((len(row), len(texts)), bool)
    belongs[of_clip, of_text] = True
    ks = [k for k in RECALL_AT if k <= min(belongs.shape)]
    means = np.bincount(of_clip, scores) / np.bincount(of_clip)
    sure = interval(means) if len(means) > 1 else None
    return FolderClap(
        metric=f"clap/{opened.name.removeprefix('clap-')}",
        value=float(means.mean()),
        low=sure.low if sure else None,
        high=sure.high if sure else None,
        n=len(row),
        fingerprint=opened.fingerprint,
        pairs=tuple(
            PairScore(pair.file, pair.caption, float(score))
            for pair, score in zip(kept, scores, strict=True)
        ),
        retrieval=retrieval(clips.rows, text, belongs=belongs, ks=ks),
        unreadable=clips.problems,
    )


class _Folder:
    """A folder and the audio files in it, by their names relative to it."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.files = [(str(file.relative_to(path)), file) for file in audio_files(self.path)]


@dataclass(frozen=True)
class _Door:
    """One embedder, with its cache and with progress shown."""

    embedder: Embedder
    cached: bool
    display: Display | None

    def embed_folder(self, folder: _Folder, what: What) -> Embedded:
        return self.embed(str(folder.path), folder.files, what)

    def embed(self, name: str, files: Sequence[tuple[str, Path]], what: What) -> Embedded:
        rows = embed_files(files, self.embedder, what=what, cache=self._cache(what))
        if self.display is None:
            return collect(rows)
        with self.display.stage("embed", len(files)) as stage:
            found = collect(rows, done=stage.advance)
        for problem in found.problems:
            self.display.say(problem)
        self.display.say(
            f"{name}: {len(found.names)} clips in {found.seconds:.1f} s,"
            f" {found.clips_per_s:.1f} clips/s, {found.cached} from the cache"
        )
        return found

    def embed_noise(self, what: What) -> Embedded:
        clips = noise_clips(NOISE_CLIPS, NOISE_S, self.embedder.sample_rate)
        return collect(embed_clips(clips, self.embedder, what=what, cache=self._cache(what)))

    def _cache(self, what: What) -> Cache | None:
        return Cache(self.embedder, what) if self.cached else None


def _opened(embedder: str | Embedder, device: str | None) -> Embedder:
    return open_embedder(embedder, device=device) if isinstance(embedder, str) else embedder


def _set_value(
    distance: Distance, embedder: Embedder, x: Embedded, y: Embedded, noise: Embedded
) -> SetValue:
    ceiling = noise_ceiling(distance, noise.rows, y.rows, clips_x=noise.clips, clips_y=y.clips)
    return set_value(
        *(distance, x.rows, y.rows),
        fingerprint=embedder.fingerprint,
        clips_x=x.clips,
        clips_y=y.clips,
        ceiling=ceiling,
    )


def _per_clip(door: _Door, a: _Folder, b: _Folder) -> dict[str, float]:
    """Distance of each clip of `a` that has two frames or more to the frames of `b`."""
    x, y = door.embed_folder(a, "frames"), door.embed_folder(b, "frames")
    frames = {name: x.rows[x.clips == number] for number, name in enumerate(x.names)}
    enough = {name: rows for name, rows in frames.items() if len(rows) > 1}
    found = zip(enough, frechet_per_clip(list(enough.values()), y.rows), strict=True)
    return dict(sorted(((n, float(v)) for n, v in found), key=lambda pair: -pair[1]))
