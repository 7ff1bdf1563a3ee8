"""Damages do what they are called, by degrees; changes of the file leave the sound as it is."""

from __future__ import annotations

import numpy as np
import pytest

from probe.validity.damage import DAMAGES, LEVELS, PIECES, VARIANTS
from tests.validity.trial import RATE, tone

TONE = tone(440.0, 0.2, 0.8)
SEED = 11


def damaged(name: str, grade: float, samples: np.ndarray = TONE) -> np.ndarray:
    return DAMAGES[name].apply(samples, RATE, grade, SEED)


def frequency(samples: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 1 << 18))
    return float(np.argmax(spectrum)) * RATE / (1 << 18)


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_every_damage_has_four_grades_and_leaves_a_valid_clip(damage: object) -> None:
    assert len(damage.grades) >= 4
    for grade in damage.grades:
        for sound in (TONE, np.zeros(RATE), np.ones(3) * 0.1, np.sign(TONE)):
            found = damage.apply(sound, RATE, grade, SEED)
            assert found.shape == sound.shape
            assert found.dtype == np.float64
            assert np.isfinite(found).all()
            assert np.abs(found).max() <= 1
            assert np.array_equal(found, damage.apply(sound, RATE, grade, SEED))


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_nothing_done_to_silence_makes_a_sound(damage: object) -> None:
    for grade in damage.grades:
        assert not damage.apply(np.zeros(RATE), RATE, grade, SEED).any()


def test_pitch_shift_is_what_its_grade_says() -> None:
    for cents in DAMAGES["pitch shift"].grades:
        wanted = 440 * 2 ** (cents / 1200)
        assert frequency(damaged("pitch shift", cents)) == pytest.approx(wanted, rel=0.003)


def test_time_shift_is_what_its_grade_says() -> None:
    for ms in DAMAGES["time shift"].grades:
        late = round(ms / 1000 * RATE)
        assert np.array_equal(damaged("time shift", ms)[late:], TONE[: len(TONE) - late])
        assert not damaged("time shift", ms)[:late].any()


def test_dropping_silences_the_share_and_keeps_to_the_same_pieces() -> None:
    before = np.sum(TONE**2)
    silent: set[int] = set()
    for share in DAMAGES["dropped events"].grades:
        spoilt = damaged("dropped events", share)
        assert np.sum(spoilt**2) / before == pytest.approx(1 - share / 100, abs=0.08)
        now = set(np.flatnonzero((spoilt == 0) & (np.abs(TONE) > 0.01)).tolist())
        assert silent <= now
        silent = now


def test_shuffling_exchanges_the_share_of_the_pieces() -> None:
    rising = np.linspace(0.1, 0.9, RATE)
    for share in DAMAGES["shuffled order"].grades:
        moved = np.abs(damaged("shuffled order", share, rising) - rising) > 0.01
        assert moved.mean() == pytest.approx(share / 100, abs=0.06)
    spoilt = damaged("shuffled order", 100, rising)
    means = [piece.mean() for piece in np.split(spoilt, PIECES)]
    assert sorted(means) == pytest.approx([p.mean() for p in np.split(rising, PIECES)], rel=0.2)
    assert means != sorted(means)


def test_low_pass_takes_what_lies_above() -> None:
    for hertz in DAMAGES["low-pass"].grades:
        if hertz < RATE / 4:
            high = damaged("low-pass", hertz, tone(2 * hertz, 0.2, 0.8))
            low = damaged("low-pass", hertz, tone(hertz / 2, 0.2, 0.8))
            assert np.abs(high).max() < 0.05
            assert np.abs(low).max() == pytest.approx(0.5, rel=0.1)
    assert np.array_equal(damaged("low-pass", RATE), TONE)


def test_noise_has_the_stated_ratio_to_the_sound() -> None:
    for snr_db in DAMAGES["added noise"].grades:
        noisy = damaged("added noise", snr_db)
        scale = np.dot(noisy, TONE) / np.dot(TONE, TONE)
        noise = noisy / scale - TONE
        sounding = TONE[np.abs(TONE) > 0].size
        ratio = 10 * np.log10((np.sum(TONE**2) / sounding) / np.mean(noise**2))
        assert ratio == pytest.approx(snr_db, abs=0.3)


# --- the same audio, another file ----------------------------------------------------------------


@pytest.mark.parametrize("name", ["24-bit WAV", "float WAV", "FLAC"])
def test_formats_keep_every_sample(name: str) -> None:
    pcm = np.rint(TONE * 32768) / 32768
    assert np.array_equal(VARIANTS[name](pcm, RATE), pcm)


@pytest.mark.parametrize("name", ["22.05 kHz", "48 kHz"])
def test_other_rates_come_back_the_same(name: str) -> None:
    back = VARIANTS[name](TONE, RATE)
    assert back.shape == TONE.shape
    assert np.abs(back - TONE).max() < 0.01


@pytest.mark.parametrize(("name", "gain"), [("-6 dB", 0.501), ("-20 dB", 0.1)])
def test_levels_are_what_they_say(name: str, gain: float) -> None:
    assert name in LEVELS
    assert np.abs(VARIANTS[name](TONE, RATE)).max() == pytest.approx(0.5 * gain, rel=0.01)
