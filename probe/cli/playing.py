"""Play audio with a program of this machine."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from probe.errors import PrerequisiteError, ProbeError
from probe.text import decoded
from probe.wav import pcm16_wav_bytes

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


def find_players() -> list[tuple[str, ...]]:
    """Players that are installed.

    Raises
    ------
    PrerequisiteError
        There is none.
    """
    found = [command for command in PLAYERS if shutil.which(command[0])]
    if not found:
        raise PrerequisiteError(
            "no program that plays sound was found; install one, such as alsa-utils (aplay) or"
            " pulseaudio-utils (paplay)"
        )
    return found


def play_pcm(pcm: NDArray[np.int16], sample_rate: int, players: Sequence[tuple[str, ...]]) -> None:
    """Play 16-bit mono samples, shape (n,), with the first player that can.

    Raises
    ------
    ProbeError
        None of them could: there is no sound device, most often.
    """
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
