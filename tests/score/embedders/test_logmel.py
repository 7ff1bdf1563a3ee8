from __future__ import annotations

import numpy as np
import pytest

from probe.score.embedders.logmel import LogMel
from probe.score.metrics.sets.frechet import frechet_distance

RATE = LogMel.sample_rate
BANDS = LogMel.dimension // 2


def tone(frequency: float, seconds: float = 2.0, level: float = 0.5) -> np.ndarray:
    return level * np.sin(2 * np.pi * frequency * np.arange(round(seconds * RATE)) / RATE)


def noise(seed: int, seconds: float = 2.0) -> np.ndarray:
    return 0.1 * np.random.default_rng(seed).standard_normal(round(seconds * RATE))


@pytest.mark.parametrize("samples", [1, 500, 1024, RATE])
def test_a_clip_of_any_length_is_one_finite_vector(samples: int) -> None:
    rows = LogMel().embed([noise(0)[:samples], np.zeros(samples)])
    assert rows.shape == (2, LogMel.dimension)
    assert np.isfinite(rows).all()


def test_a_tone_lights_the_band_it_is_in() -> None:
    low, high = LogMel().embed([tone(200.0), tone(4000.0)])[:, :BANDS]
    assert low.argmax() < high.argmax()
    assert low.max() - np.median(low) > 40 / 20


def test_what_moves_has_spread_and_what_does_not_has_none() -> None:
    clip = tone(440.0)
    steady, beating = LogMel().embed([clip, clip * (np.arange(len(clip)) % 9000 < 4500)])
    band = steady[:BANDS].argmax()
    assert steady[BANDS + band] < 0.1 < beating[BANDS + band]


def test_level_does_not_matter_and_silence_is_one_flat_floor() -> None:
    loud, soft = LogMel().embed([tone(440.0), tone(440.0, level=0.005)])
    np.testing.assert_allclose(loud, soft, atol=1e-9)
    (silent,) = LogMel().embed([np.zeros(RATE)])
    assert len(set(silent[:BANDS])) == 1
    assert set(silent[BANDS:]) == {0.0}


def test_distance_orders_what_is_alike_and_what_is_not() -> None:
    pitches = 220 * 2 ** (np.arange(24) / 12)
    near, far, nothing = (
        LogMel().embed(clips)
        for clips in (
            [tone(f * 1.02) for f in pitches],
            [noise(seed) for seed in range(24)],
            [np.zeros(2 * RATE)] * 24,
        )
    )
    tones = LogMel().embed([tone(f) for f in pitches])
    distance = frechet_distance(near, tones)
    assert distance < frechet_distance(far, tones)
    assert distance < frechet_distance(nothing, tones)
