"""What a program of another maker left in a file, as a clip; or why it is none."""

from __future__ import annotations

from pathlib import Path

from probe.audio import Clip, InvalidAudio, bring_down, decode_unlimited, refuse_silence
from probe.errors import UsageError
from probe.models.base import NoAudioError
from probe.records import Outcome

SUFFIXES = (".wav", ".flac", ".mp3", ".ogg")
"""Of the files that are read as audio."""


def native_rate(path: Path) -> int:
    """Sample rate of an audio file, in Hz.

    Raises
    ------
    NoAudioError
        It cannot be read.
    """
    import soundfile

    try:
        return int(soundfile.info(path).samplerate)
    except (OSError, soundfile.SoundFileError) as error:
        reason = getattr(error, "error_string", error)
        raise NoAudioError(
            Outcome.INVALID_AUDIO, f"{path.name} cannot be read as audio: {reason}"
        ) from None


def clip_left(path: Path, sample_rate: int) -> Clip:
    """Read a file of any length and format that libsndfile knows.

    Parameters
    ----------
    path : Path
        The file.
    sample_rate : int
        Rate of the result in Hz; another rate is converted (soxr HQ) and noted.

    Returns
    -------
    Clip
        Mono, at its own length and level; beyond full scale it is brought down as a whole.

    Raises
    ------
    NoAudioError
        It is not there (`Outcome.NO_OUTPUT`), cannot be read, or nothing in it could be heard
        (`Outcome.INVALID_AUDIO`).
    """
    if not path.is_file():
        raise NoAudioError(Outcome.NO_OUTPUT, f"no file {path.name}")
    rate = native_rate(path)
    try:
        samples, louder = bring_down(
            decode_unlimited(path.read_bytes(), sample_rate, name=path.name)
        )
        refuse_silence(samples)
    except (UsageError, InvalidAudio, OSError) as error:
        raise NoAudioError(Outcome.INVALID_AUDIO, str(error)) from None
    notes = () if rate == sample_rate else (f"resampled from {rate} Hz",)
    return Clip(samples, sample_rate, (*notes, *louder))
