"""The front end that a checkpoint was trained with, as the checkpoint itself records it.

PANNs and LAION's networks carry the matrices of their spectrogram as weights. They are not used
here; they say whether our front end is the one the network knows.
"""

from __future__ import annotations

from collections.abc import Mapping

from probe.errors import UsageError
from probe.score.embedders.melspec import MelSettings, mel_filters
from probe.score.embedders.torchfile import StoredTensor

_PARTS = ("spectrogram_extractor.stft.", "logmel_extractor.")
_WINDOW = "spectrogram_extractor.stft.conv_real.weight"
_FILTERS = "logmel_extractor.melW"
_TOLERANCE = 1e-5
"""They were made with float32 and another version of librosa."""


def is_front_end(name: str) -> bool:
    """Whether a weight, named without the prefix of its network, belongs to the front end."""
    return name.startswith(_PARTS)


def check_front_end(
    weights: Mapping[str, StoredTensor], settings: MelSettings, prefix: str = ""
) -> None:
    """Compare a checkpoint's own front end with ours.

    Parameters
    ----------
    weights : mapping of str to StoredTensor
        All weights. A checkpoint without a front end passes.
    settings : MelSettings
        Ours.
    prefix : str
        What its names begin with, such as ``audio_branch.``.

    Raises
    ------
    UsageError
        Window or filter bank differ.
    """
    import torch

    # Row 0 of the real part of the Fourier matrix is all ones: what is left is the window.
    ours = {
        _WINDOW: torch.hann_window(settings.window)[None, :],
        _FILTERS: mel_filters(settings).float(),
    }
    for name, expected in ours.items():
        if (stored := weights.get(prefix + name)) is None:
            continue
        found = stored.load().float()
        found = found[:1, 0] if name == _WINDOW else found
        if found.shape != expected.shape or not torch.allclose(found, expected, atol=_TOLERANCE):
            raise UsageError(
                f"the checkpoint was trained with another front end than {settings.sample_rate} Hz,"
                f" {settings.bands} bands {settings.low_hz:g}-{settings.high_hz:g} Hz: its"
                f" {prefix}{name} differs"
            )
