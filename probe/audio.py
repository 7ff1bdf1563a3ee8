"""From bytes to samples: one length, one rate, one channel, whatever came in.

`parse_wav` is for what a program left behind and trusts nothing (see `probe.wav`);
`read_recording` is for the user's own files.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from probe.errors import UsageError
from probe.wav import (
    InvalidAudio,
    decode,
    describe_wav,
    open_wav,
    pcm16_wav_bytes,
    refuse_silence,
)

__all__ = [
    "Clip",
    "InvalidAudio",
    "decode_recording",
    "describe_wav",
    "fit",
    "parse_wav",
    "pcm16_wav_bytes",
    "pcm_sha256",
    "read_recording",
    "refuse_silence",
    "resample",
    "to_pcm16",
]

_FULL_SCALE = 1 - 2.0**-7
"""From here up a sample of any width counts as at full scale; 8-bit PCM reaches no further."""

_BLOCK = 1 << 14
"""Frames that are decoded at a time where channels are averaged; they stay in the cache."""


@dataclass(frozen=True)
class Clip:
    """Audio that can be measured."""

    samples: NDArray[np.float64]
    """Mono, shape (n,), within [-1, 1]."""
    sample_rate: int
    """In Hz."""
    notes: tuple[str, ...] = ()
    """The conversions that were applied, in order."""


def parse_wav(data: bytes, *, sample_rate: int, duration_s: float, tolerance_s: float) -> Clip:
    """Read a WAV file that nobody vouches for.

    Parameters
    ----------
    data : bytes
        The file, whole.
    sample_rate : int
        Rate of the result in Hz; another rate is converted (soxr HQ) and noted.
    duration_s : float
        Length of the result in s.
    tolerance_s : float
        A file that is longer or shorter by no more than this is cut or padded with silence to
        `duration_s` exactly.

    Returns
    -------
    Clip
        Exactly ``round(duration_s * sample_rate)`` samples.

    Raises
    ------
    InvalidAudio
        The file is malformed or of another length, or nothing in it could be heard.
    """
    wav = open_wav(data)
    fmt = wav.format
    if abs(wav.seconds - duration_s) > tolerance_s:
        raise InvalidAudio(f"{wav.seconds:.3f} s long, {duration_s:g} s were asked for")
    samples = decode(wav)
    refuse_silence(samples, fmt.channels)
    notes = []
    if wav.trailing > 1:
        notes.append(f"{wav.trailing} bytes after the end of the WAV ignored")
    if fmt.floating or fmt.bits != 16:
        notes.append(f"{fmt.encoding} converted")
    if fmt.channels > 1:
        notes.append(f"{fmt.channels} channels averaged")
    over = float(np.mean(np.abs(samples) > 1))
    full = float(np.mean(np.abs(samples) >= _FULL_SCALE))
    if over:
        notes.append(f"clipped: {over:.2%} of the samples were beyond full scale")
    elif full > 0.001:
        notes.append(f"{full:.1%} of the samples at full scale")
    np.clip(samples, -1, 1, out=samples)
    if fmt.sample_rate != sample_rate:
        notes.append(f"resampled from {fmt.sample_rate} Hz")
        samples = np.clip(resample(samples, fmt.sample_rate, sample_rate), -1, 1)
    if excess := wav.frames - round(duration_s * fmt.sample_rate):
        change = "cut off" if excess > 0 else "of silence added"
        notes.append(f"{abs(excess) / fmt.sample_rate:.4f} s {change} at the end")
    return Clip(fit(samples, sample_rate, duration_s), sample_rate, tuple(notes))


def fit(samples: NDArray[np.float64], sample_rate: int, duration_s: float) -> NDArray[np.float64]:
    """Cut `samples`, shape (n,), or pad them, to ``round(duration_s * sample_rate)``."""
    wanted = round(duration_s * sample_rate)
    return np.pad(samples[:wanted], (0, max(0, wanted - len(samples))))


def bring_down(samples: NDArray[np.float64]) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Bring samples beyond full scale, shape (n,), down to it as a whole; says by how much."""
    peak = float(np.abs(samples).max(initial=0.0))
    if peak <= 1:
        return samples, ()
    return samples / peak, (f"brought down by {20 * np.log10(peak):.1f} dB",)


def resample(samples: NDArray[np.float64], from_rate: int, to_rate: int) -> NDArray[np.float64]:
    """Change the rate of `samples`, shape (n,), with soxr HQ; rates in Hz."""
    if from_rate == to_rate:
        return samples
    import soxr

    return np.asarray(soxr.resample(samples, from_rate, to_rate, quality="HQ"), np.float64)


def read_recording(path: Path, sample_rate: int) -> NDArray[np.float64]:
    """Read one of the user's own recordings, of any format libsndfile knows.

    Parameters
    ----------
    path : Path
        The file.
    sample_rate : int
        Rate of the result in Hz.

    Returns
    -------
    ndarray of float64, shape (n,)
        Mono (the mean of the channels); what is beyond [-1, 1] is clipped.

    Raises
    ------
    UsageError
        The file cannot be read.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read as audio: {error}") from error
    return decode_recording(data, sample_rate, name=str(path))


def decode_recording(data: bytes, sample_rate: int, *, name: str) -> NDArray[np.float64]:
    """Do what `read_recording` does for a file called `name` that has been read already."""
    mono = decode_unlimited(data, sample_rate, name=name)
    return np.clip(mono, -1, 1, out=mono)


def decode_unlimited(data: bytes, sample_rate: int, *, name: str) -> NDArray[np.float64]:
    """Do what `decode_recording` does, and leave what is beyond [-1, 1]."""
    import soundfile

    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            mono, rate = _mean_of_channels(file), file.samplerate
    except soundfile.SoundFileError as error:
        reason = getattr(error, "error_string", error)
        raise UsageError(f"{name} cannot be read as audio: {reason}") from error
    with np.errstate(invalid="ignore", over="ignore"):  # what comes of it is refused below
        mono = resample(mono, rate, sample_rate)
    if not len(mono) or not np.isfinite((mono.min(), mono.max())).all():
        raise UsageError(f"{name} cannot be read as audio: it has no samples, or NaN among them")
    return mono


def _mean_of_channels(file: Any) -> NDArray[np.float64]:
    """Read a SoundFile, shape (n,).

    Block by block into one array: a fresh page of memory costs more than the arithmetic on it.
    """
    if file.channels == 1:
        return np.asarray(file.read(dtype="float64"))
    mono, at = np.empty(file.frames), 0
    for block in file.blocks(_BLOCK, dtype="float64", always_2d=True):
        part = mono[at : at + len(block)]
        with np.errstate(invalid="ignore", over="ignore"):  # infinity is refused by the caller
            np.add(block[:, 0], block[:, 1], out=part)
            for channel in range(2, file.channels):
                part += block[:, channel]
            part /= file.channels
        at += len(block)
    return mono[:at]


def to_pcm16(samples: NDArray[np.float64]) -> NDArray[np.int16]:
    """Round `samples`, shape (n,), to 16-bit PCM; what came from it comes back unchanged."""
    scaled = np.rint(np.asarray(samples) * 32768)
    return np.clip(scaled, -32768, 32767).astype(np.int16)


def pcm_sha256(pcm: NDArray[np.int16]) -> str:
    """SHA-256 over 16-bit little-endian samples, the identity of a clip's audio."""
    return hashlib.sha256(np.ascontiguousarray(pcm, "<i2").tobytes()).hexdigest()
