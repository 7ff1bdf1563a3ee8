"""Clips of the site: audio at one loudness, its pictures and figures, kept between builds.

::

    clips/<key>.mp3     the audio
          <key>.png     its log-mel picture
          <key>.json    what the page knows of it; written last, so that it says the rest is there
"""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Literal

import numpy as np
import soundfile
from numpy.typing import NDArray

from probe.audio import resample
from probe.paths import writing
from probe.records.record import Record
from probe.render import pictures
from probe.site.schema import Clip

TARGET_LUFS = -23.0
"""What every clip is brought to (EBU R 128)."""
CEILING_DB = -1.0
"""No gain brings a peak above this; such a clip stays softer, and the page turns others down."""
_MOST_GAIN_DB = 40.0
_BLOCK_S = 0.4
"""Of BS.1770; a shorter clip is one block."""

_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
"""What MP3 has, in Hz."""
_QUALITY = 0.3
"""libsndfile's compression level: variable bit rate, about 90 kbit/s for noise at 44.1 kHz."""


class _Kept(Record):
    """The file beside a clip."""

    format: Literal[2] = 2
    """Of what is kept; other clips are made anew."""
    clip: Clip


def loudness(samples: NDArray[np.float64], rate: int) -> float | None:
    """Integrated loudness in LUFS (ITU-R BS.1770-4); None for what is too soft to have one."""
    from pyloudnorm import Meter

    if not len(samples):
        return None
    meter = Meter(rate, block_size=min(_BLOCK_S, len(samples) / rate))
    with warnings.catch_warnings():  # of blocks that are silent
        warnings.simplefilter("ignore")
        found = float(meter.integrated_loudness(samples))
    return found if np.isfinite(found) else None


def matching_gain(samples: NDArray[np.float64], lufs: float | None) -> float:
    """The gain in dB that brings `samples` to `TARGET_LUFS`, or as near as their peak lets it."""
    if lufs is None:
        return 0.0
    room = CEILING_DB - 20 * float(np.log10(np.abs(samples).max()))
    return min(TARGET_LUFS - lufs, room, _MOST_GAIN_DB)


def kept(folder: Path, key: str) -> Clip | None:
    """What an earlier build left of a clip; None where it left none, or another format's."""
    try:
        text = (folder / f"{key}.json").read_text(encoding="utf-8")
        found = _Kept.model_validate_json(text).clip
    except (OSError, ValueError):
        return None
    there = all((folder / f"{key}.{suffix}").is_file() for suffix in ("mp3", "png"))
    return found if there else None


def make(folder: Path, key: str, pcm: NDArray[np.int16], rate: int, *, same: bool) -> Clip:
    """Write the files of a clip.

    Parameters
    ----------
    folder : Path
        ``clips/`` of the site.
    key : str
        What the files are called.
    pcm : ndarray of int16, shape (n,)
        The audio.
    rate : int
        In Hz.
    same : bool
        Whether these are the samples that were measured.

    Returns
    -------
    Clip
        What the page knows of it.
    """
    samples = pcm / 32768.0
    lufs = loudness(samples, rate)
    gain = matching_gain(samples, lufs)
    about = Clip(
        key=key,
        seconds=round(len(samples) / rate, 3),
        rate=rate,
        lufs=None if lufs is None else round(lufs, 1),
        gain_db=round(gain, 1),
        outline=tuple(pictures.outline(samples)),
        same=same,
        **pictures.figures(samples, rate),
    )
    files = {
        "png": pictures.log_mel_png(samples, rate),
        "mp3": _mp3(samples * 10 ** (gain / 20), rate),
        "json": _Kept(clip=about).model_dump_json().encode(),
    }
    for suffix, data in files.items():
        path = folder / f"{key}.{suffix}"
        with writing(path):
            path.write_bytes(data)
    return about


def _mp3(samples: NDArray[np.float64], rate: int) -> bytes:
    there = next((r for r in _RATES if r >= rate), _RATES[-1])
    samples = np.clip(resample(samples, rate, there), -1, 1)
    file = io.BytesIO()
    soundfile.write(
        file,
        samples,
        there,
        format="MP3",
        subtype="MPEG_LAYER_III",
        compression_level=_QUALITY,
        bitrate_mode="VARIABLE",
    )
    return file.getvalue()


def sweep(folder: Path, used: set[str]) -> None:
    """Delete the clips of earlier builds that nothing shows any more."""
    for path in folder.glob("*.*"):
        if path.stem not in used and path.suffix in (".mp3", ".png", ".json"):
            path.unlink()
