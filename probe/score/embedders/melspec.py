"""One log-mel front end for every embedder: batched, on the device its waveforms are on.

Three models, three spectrograms that differ in a dozen small ways; each preset here names one. A
filter bank that starts at 0 Hz where 50 Hz was trained on costs a CLAP embedding .001 of cosine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from probe.errors import UsageError
from probe.score.embedders.torchfile import StoredTensor

if TYPE_CHECKING:
    import torch

_FRAMES_AT_A_TIME = 256
"""On a CPU: as many frames as stay in its cache, three times faster than all of them at once."""


@dataclass(frozen=True)
class MelSettings:
    """How a waveform becomes log-mel bands; all that shapes the numbers, so it can be hashed."""

    sample_rate: int
    """Rate of the waveforms, in Hz."""
    n_fft: int
    """Length of the transform, in samples; a shorter window is followed by zeros."""
    window: int
    """Length of the periodic Hann window, in samples."""
    hop: int
    """From one frame to the next, in samples."""
    bands: int
    low_hz: float
    high_hz: float
    scale: Literal["htk", "slaney"]
    """Which mel scale the bands are evenly spaced on."""
    norm: Literal["slaney"] | None
    """Triangles of unit area (``slaney``) or of unit height."""
    triangles: Literal["hz", "mel"]
    """On which axis the sides of the triangles are straight."""
    power: Literal[1, 2]
    """Bands of the magnitude (1) or of the power (2) of a spectrum."""
    log: Literal["db", "ln"]
    """``10 log10(max(x, floor))``, or ``ln(x + floor)``."""
    floor: float
    centre: bool
    """Frames centred on multiples of `hop`, the ends mirrored by half a transform; otherwise the
    first frame begins with the waveform, and what does not fill a frame is dropped."""

    @property
    def shortest(self) -> int:
        """Samples a waveform needs at least: a frame, or enough to mirror its ends."""
        return self.n_fft // 2 + 1 if self.centre else self.window

    def frames(self, samples: int) -> int:
        """Count the frames that a waveform of `samples` samples gives."""
        return (samples if self.centre else samples - self.window) // self.hop + 1


CLAP = MelSettings(
    sample_rate=48000,
    n_fft=1024,
    window=1024,
    hop=480,
    bands=64,
    low_hz=50.0,
    high_hz=14000.0,
    scale="slaney",
    norm="slaney",
    triangles="hz",
    power=2,
    log="db",
    floor=1e-10,
    centre=True,
)
"""LAION-CLAP, unfused: transformers' ClapFeatureExtractor with ``frequency_min=50``."""

VGGISH = MelSettings(
    sample_rate=16000,
    n_fft=512,
    window=400,
    hop=160,
    bands=64,
    low_hz=125.0,
    high_hz=7500.0,
    scale="htk",
    norm=None,
    triangles="mel",
    power=1,
    log="ln",
    floor=0.01,
    centre=False,
)
"""VGGish: ``mel_features.py`` of Google's AudioSet models."""

PANNS_32K = MelSettings(
    sample_rate=32000,
    n_fft=1024,
    window=1024,
    hop=320,
    bands=64,
    low_hz=50.0,
    high_hz=14000.0,
    scale="slaney",
    norm="slaney",
    triangles="hz",
    power=2,
    log="db",
    floor=1e-10,
    centre=True,
)
"""PANNs CNN14 at 32 kHz: torchlibrosa's Spectrogram and LogmelFilterBank."""

PANNS_16K = MelSettings(
    sample_rate=16000,
    n_fft=512,
    window=512,
    hop=160,
    bands=64,
    low_hz=50.0,
    high_hz=8000.0,
    scale="slaney",
    norm="slaney",
    triangles="hz",
    power=2,
    log="db",
    floor=1e-10,
    centre=True,
)
"""PANNs CNN14 at 16 kHz."""


class LogMelSpectrogram:
    """Log-mel bands of a batch of waveforms, without state.

    The transform runs in float64: in float32 its rounding, relative to the loudest bin, is more
    than 1e-4 dB of the quiet bins of a pure tone. What follows adds positive numbers, for which
    float32 is exact to 1e-5 dB.

    Parameters
    ----------
    settings : MelSettings
        What to compute.
    """

    def __init__(self, settings: MelSettings) -> None:
        self.settings = settings

    def __call__(self, waveforms: torch.Tensor) -> torch.Tensor:
        """Compute the bands.

        Parameters
        ----------
        waveforms : Tensor of float, shape (b, n)
            On any device, at the settings' rate, `n` at least `settings.shortest`.

        Returns
        -------
        Tensor of float32, shape (b, settings.frames(n), settings.bands)
            On the same device; in dB or in natural logarithms, as the settings say.

        Raises
        ------
        ValueError
            The waveforms have another shape or are too short for one frame.
        """
        import torch

        if waveforms.ndim != 2 or waveforms.shape[1] < self.settings.shortest:
            raise ValueError(
                f"waveforms have shape {tuple(waveforms.shape)};"
                f" (b, n) with n ≥ {self.settings.shortest} is needed"
            )
        signal = waveforms.double()
        if self.settings.centre:
            half = self.settings.n_fft // 2
            signal = torch.nn.functional.pad(signal[:, None], (half, half), mode="reflect")[:, 0]
        frames = signal.unfold(1, self.settings.window, self.settings.hop)
        bands = torch.empty(
            (*frames.shape[:2], self.settings.bands), dtype=torch.float32, device=frames.device
        )
        with torch.autocast(frames.device.type, enabled=False):  # whatever the network runs in
            for rows, span in _blocks(frames):
                bands[rows, span] = self._bands(frames[rows, span])
        if self.settings.log == "db":
            return bands.clamp_(min=self.settings.floor).log10_().mul_(10)
        return bands.add_(self.settings.floor).log_()

    def _bands(self, frames: torch.Tensor) -> torch.Tensor:
        """Linear bands of frames (…, window)."""
        import torch

        bins, filters, window = _tables(self.settings, str(frames.device))
        spectrum = torch.fft.rfft(frames * window, self.settings.n_fft)[..., bins]
        parts = torch.view_as_real(spectrum.to(torch.complex64))
        power = (parts * parts).sum(-1)
        return (power.sqrt() if self.settings.power == 1 else power) @ filters


def _blocks(frames: torch.Tensor) -> Iterator[tuple[slice, slice]]:
    """Cut (b, frames, window) into (rows, frames) to do at once."""
    rows, count = frames.shape[:2]
    if frames.device.type != "cpu":
        yield slice(None), slice(None)
        return
    for row in range(rows):
        for start in range(0, count, _FRAMES_AT_A_TIME):
            yield slice(row, row + 1), slice(start, start + _FRAMES_AT_A_TIME)


def mel_filters(settings: MelSettings) -> torch.Tensor:
    """Triangles of the filter bank, float64, shape (n_fft // 2 + 1, bands)."""
    import torch
    from transformers.audio_utils import mel_filter_bank

    filters = mel_filter_bank(
        num_frequency_bins=settings.n_fft // 2 + 1,
        num_mel_filters=settings.bands,
        min_frequency=settings.low_hz,
        max_frequency=settings.high_hz,
        sampling_rate=settings.sample_rate,
        norm=settings.norm,
        mel_scale=settings.scale,
        triangularize_in_mel_space=settings.triangles == "mel",
    )
    return torch.from_numpy(filters)


@lru_cache(maxsize=16)
def _tables(settings: MelSettings, device: str) -> tuple[slice, torch.Tensor, torch.Tensor]:
    """Bins that matter, their triangles (bins, bands) in float32, the window in float64."""
    import torch

    filters = mel_filters(settings)
    heard = filters.any(dim=1).nonzero()
    bins = slice(int(heard[0]), int(heard[-1]) + 1)
    window = torch.hann_window(settings.window, dtype=torch.float64)
    return bins, filters[bins].float().contiguous().to(device), window.to(device)


# --- the front end that a checkpoint was trained with, as it records it itself -------------------
#
# PANNs and LAION's networks carry the matrices of their spectrogram as weights. They are not used
# here; they say whether our front end is the one the network knows.

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
