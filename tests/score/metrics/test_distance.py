from __future__ import annotations

import numpy as np
import pytest

from probe.errors import UsageError
from probe.score.embedders.logmel import LogMel
from probe.score.metrics.sets.distance import (
    FEWEST,
    SPLITS,
    Distance,
    metric_name,
    noise_ceiling,
    noise_clips,
    real_floor,
    set_value,
)
from probe.score.metrics.sets.frechet import frechet_jackknife
from probe.score.metrics.sets.kernel import kernel_jackknife

BOTH: tuple[Distance, ...] = ("fad", "kad")


def draw(seed: int, n: int = 80, d: int = 8, shift: float = 0.0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((n, d)) + shift


def test_names_say_what_was_measured() -> None:
    assert metric_name("fad", "vggish") == "fad/vggish"
    assert metric_name("fad", "logmel") == "fd/logmel", "no borrowed name without weights"
    assert metric_name("kad", "logmel") == "kad/logmel"


def test_the_value_is_the_jackknifes_and_kernel_distance_is_times_100() -> None:
    x, y = draw(0, shift=0.5), draw(1)
    fad = set_value("fad", x, y, fingerprint="f")
    want = frechet_jackknife(x, y)
    assert (fad.value, fad.low, fad.high, fad.plain, fad.se) == (
        *(want.value, want.low, want.high, want.plain, want.se),
    )
    assert (fad.n, fad.n_reference, fad.d, fad.fingerprint) == (80, 80, 8, "f")
    kad = set_value("kad", x, y, fingerprint="f")
    assert kad.value == pytest.approx(100 * kernel_jackknife(x, y).value)
    assert kad.low < kad.value < kad.high


@pytest.mark.parametrize("distance", BOTH)
def test_the_same_is_near_the_floor_and_further_is_above_it(distance: Distance) -> None:
    y = draw(1, 200)
    floor = real_floor(distance, y)
    assert floor is not None
    assert floor.low <= floor.value <= floor.high
    assert floor.low < 0 < floor.high, "recordings are at no distance from each other"
    values = [
        set_value(distance, draw(2, 100, shift=shift), y, fingerprint="f").value
        for shift in (0.0, 0.3, 0.6, 1.2)
    ]
    assert values == sorted(values)
    assert floor.low - 0.5 < values[0] < floor.high + 0.5
    assert values[-1] > 5 * floor.high


def test_the_plain_floor_depends_on_n_and_says_which() -> None:
    y = draw(1, 200)
    large, small = real_floor("fad", y), real_floor("fad", y, n=20)
    assert large is not None
    assert small is not None
    assert (large.n, small.n, small.splits) == (100, 20, SPLITS)
    assert small.plain > 3 * large.plain, "the bias of twenty clips"
    assert abs(small.value) < small.plain / 2, "and what is left of it"
    asked = real_floor("fad", y, n=1000)
    assert asked == large, "no half has more than half of the recordings"


def test_the_floor_is_the_same_every_time() -> None:
    assert real_floor("fad", draw(1)) == real_floor("fad", draw(1))


def test_frames_of_a_clip_stay_in_one_half() -> None:
    centres = 3 * draw(5, 20)
    frames = np.repeat(centres, 10, axis=0) + 0.01 * draw(6, 200)
    together = real_floor("fad", frames, clips=np.repeat(np.arange(20), 10))
    apart = real_floor("fad", frames)
    assert together is not None
    assert apart is not None
    assert together.n == 10
    assert together.plain > 3 * apart.plain, "halves that share clips look alike"


def test_a_set_value_counts_clips_and_not_frames() -> None:
    clips = np.repeat(np.arange(20), 4)
    found = set_value("fad", draw(0), draw(1), fingerprint="f", clips_x=clips, clips_y=clips)
    assert (found.n, found.n_reference) == (20, 20)
    assert found.floor is not None
    assert found.floor.n == 10


def test_a_set_has_a_plain_kernel_distance_below_zero_to_itself() -> None:
    plain = [set_value("kad", x, x, fingerprint="f").plain for x in (draw(0, 12), draw(0, 100))]
    assert plain == pytest.approx([-7, -0.8], rel=0.2), "as docs/metrics.md says"


@pytest.mark.parametrize("distance", BOTH)
def test_too_few_clips_have_no_distance_and_no_floor(distance: Distance) -> None:
    few = draw(0, FEWEST - 1)
    with pytest.raises(UsageError, match="at least 3 rendered clips, there are 2"):
        set_value(distance, few, draw(1), fingerprint="f")
    with pytest.raises(UsageError, match="at least 3 references, there are 2"):
        set_value(distance, draw(1), few, fingerprint="f")
    found = set_value(distance, draw(0), draw(1, 5), fingerprint="f")
    assert found.floor is None, "two and two recordings are no halves"


def test_recordings_that_are_all_alike_have_no_kernel() -> None:
    same = np.ones((10, 4))
    with pytest.raises(UsageError, match="recordings that differ"):
        set_value("kad", draw(0, 10, 4), same, fingerprint="f")
    assert set_value("fad", draw(0, 10, 4), same, fingerprint="f").value > 0


def test_noise_is_the_same_on_every_machine_and_each_clip_another() -> None:
    (_, one, rate), (_, other, _) = noise_clips(2, 0.01, 8000)
    assert rate == 8000
    assert len(one) == 80
    assert not np.array_equal(one, other)
    first = [-0.2028218745339665, -0.13377964572133189, 0.34031387670728047]
    np.testing.assert_allclose(one[:3], first, rtol=1e-12)


@pytest.mark.parametrize("distance", BOTH)
def test_noise_is_further_from_tones_than_other_tones_are(distance: Distance) -> None:
    ears, rate = LogMel(), LogMel.sample_rate
    t = np.arange(rate // 2) / rate
    one, other = (
        ears.embed([0.5 * np.sin(2 * np.pi * f * t) for f in 220 * 2 ** (np.arange(12) / step)])
        for step in (12, 11)
    )
    noise = ears.embed([samples for _, samples, _ in noise_clips(12, 0.5, rate)])
    ceiling = noise_ceiling(distance, noise, other)
    assert set_value(distance, one, other, fingerprint="f").value < ceiling / 2
