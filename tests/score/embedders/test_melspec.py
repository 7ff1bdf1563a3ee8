from __future__ import annotations

import dataclasses

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from probe.score.embedders.melspec import (  # noqa: E402
    CLAP,
    PANNS_16K,
    PANNS_32K,
    VGGISH,
    LogMelSpectrogram,
    MelSettings,
)

TOLERANCE_DB = 1e-4
PRESETS = {"clap": CLAP, "vggish": VGGISH, "panns 32k": PANNS_32K, "panns 16k": PANNS_16K}


def material(rate: int, seconds: float = 2.0) -> dict[str, np.ndarray]:
    """What spectra can look like: full, sparse with 140 dB between bins, moving, empty, clipped."""
    time = np.arange(round(seconds * rate)) / rate
    rng = np.random.default_rng(5)
    return {
        "noise": 0.1 * rng.standard_normal(len(time)),
        "tone": 0.9 * np.sin(2 * np.pi * 440 * time),
        "sweep": 0.5 * np.sin(2 * np.pi * 2000 * time**2),
        "decay": np.exp(-9 * time) * np.sign(np.sin(2 * np.pi * 220 * time)),
        "click": np.where(np.arange(len(time)) == rate // 3, 1.0, 0.0),
        "silence": np.zeros(len(time)),
    }


def batch(settings: MelSettings, seconds: float = 2.0) -> np.ndarray:
    return np.stack(list(material(settings.sample_rate, seconds).values()))


def ours(settings: MelSettings, waveforms: np.ndarray) -> np.ndarray:
    return LogMelSpectrogram(settings)(torch.from_numpy(waveforms)).numpy()


def test_clap_is_what_its_feature_extractor_makes() -> None:
    from transformers import ClapFeatureExtractor

    extractor = ClapFeatureExtractor(
        frequency_min=50, frequency_max=14000, truncation="rand_trunc", padding="repeatpad"
    )
    clips = batch(CLAP, seconds=10)
    theirs = extractor(list(clips), sampling_rate=CLAP.sample_rate, return_tensors="np")
    expected = theirs["input_features"][:, 0]
    got = ours(CLAP, clips)
    assert got.shape == expected.shape == (len(clips), 1001, 64)
    np.testing.assert_allclose(got, expected, rtol=0, atol=TOLERANCE_DB)


@pytest.mark.parametrize("settings", [PANNS_32K, PANNS_16K], ids=["32k", "16k"])
def test_panns_is_what_librosa_makes(settings: MelSettings) -> None:
    import librosa

    filters = librosa.filters.mel(
        sr=settings.sample_rate,
        n_fft=settings.n_fft,
        n_mels=64,
        fmin=settings.low_hz,
        fmax=settings.high_hz,
        dtype=np.float64,
    )
    clips = batch(settings)
    for clip, got in zip(clips, ours(settings, clips), strict=True):
        spectrum = librosa.stft(
            clip, n_fft=settings.n_fft, hop_length=settings.hop, pad_mode="reflect"
        )
        power = filters @ np.abs(spectrum) ** 2
        expected = librosa.power_to_db(power, ref=1.0, amin=1e-10, top_db=None).T
        np.testing.assert_allclose(got, expected, rtol=0, atol=TOLERANCE_DB)


def vggish_by_hand(clip: np.ndarray) -> np.ndarray:
    """The log-mel of the VGGish paper's code, one frame at a time."""

    def mel(frequency: np.ndarray | float) -> np.ndarray:
        return 1127.0 * np.log(1.0 + np.asarray(frequency) / 700.0)

    edges = np.linspace(mel(125.0), mel(7500.0), 66)
    bins = mel(np.arange(257) * 16000 / 512)
    filters = np.zeros((257, 64))
    for band in range(64):
        low, centre, high = edges[band : band + 3]
        rising, falling = (bins - low) / (centre - low), (high - bins) / (high - centre)
        filters[:, band] = np.maximum(0.0, np.minimum(rising, falling))
    filters[0] = 0.0
    window = 0.5 - 0.5 * np.cos(2 * np.pi / 400 * np.arange(400))
    frames = [clip[start : start + 400] for start in range(0, len(clip) - 399, 160)]
    return np.array([np.log(np.abs(np.fft.rfft(f * window, 512)) @ filters + 0.01) for f in frames])


def test_vggish_is_what_its_paper_s_code_makes() -> None:
    clips = batch(VGGISH)
    for clip, got in zip(clips, ours(VGGISH, clips), strict=True):
        expected = vggish_by_hand(clip)
        assert got.shape == expected.shape
        np.testing.assert_allclose(got, expected, rtol=0, atol=TOLERANCE_DB * np.log(10) / 10)


@pytest.mark.parametrize("settings", PRESETS.values(), ids=PRESETS.keys())
def test_a_clip_does_not_hear_its_neighbours_and_frames_are_counted(settings: MelSettings) -> None:
    clips = batch(settings, seconds=3.1)
    together = ours(settings, clips)
    assert together.shape[1] == settings.frames(clips.shape[1])
    for clip, got in zip(clips, together, strict=True):
        np.testing.assert_array_equal(ours(settings, clip[None])[0], got)


@pytest.mark.parametrize("settings", PRESETS.values(), ids=PRESETS.keys())
def test_the_shortest_clip_has_a_frame_and_a_shorter_one_is_refused(settings: MelSettings) -> None:
    clip = np.random.default_rng(0).standard_normal((1, settings.shortest))
    got = ours(settings, clip)
    assert got.shape == (1, settings.frames(settings.shortest), settings.bands)
    assert np.isfinite(got).all()
    with pytest.raises(ValueError, match=f"n ≥ {settings.shortest}"):
        ours(settings, clip[:, 1:])
    with pytest.raises(ValueError, match="shape"):
        ours(settings, clip[0])


def test_a_network_in_bfloat16_does_not_round_the_front_end() -> None:
    clips = batch(CLAP)
    with torch.autocast("cpu", torch.bfloat16):
        rounded = ours(CLAP, clips)
    np.testing.assert_array_equal(rounded, ours(CLAP, clips))


def test_settings_are_data() -> None:
    assert len({CLAP, VGGISH, PANNS_32K, PANNS_16K, dataclasses.replace(CLAP)}) == 4
    with pytest.raises(dataclasses.FrozenInstanceError):
        CLAP.hop = 1  # type: ignore[misc]
