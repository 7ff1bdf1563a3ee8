from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.score.embedders.clap import clip_windows


def test_whole_windows_stand_side_by_side() -> None:
    np.testing.assert_array_equal(clip_windows(np.arange(6.0), 3), [[0, 1, 2], [3, 4, 5]])


def test_a_rest_is_covered_by_a_window_that_ends_with_the_clip() -> None:
    np.testing.assert_array_equal(clip_windows(np.arange(5.0), 4), [[0, 1, 2, 3], [1, 2, 3, 4]])


def test_a_short_clip_is_repeated_whole_and_followed_by_zeros() -> None:
    np.testing.assert_array_equal(clip_windows(np.array([1.0, 2.0]), 5), [[1, 2, 1, 2, 0]])


@given(st.integers(1, 400), st.integers(1, 50))
def test_windows_cover_every_sample_in_order(samples: int, length: int) -> None:
    clip = np.arange(1.0, samples + 1)
    windows = clip_windows(clip, length)
    assert windows.shape == (max(1, -(-samples // length)), length)
    assert set(windows.ravel()) - {0} == set(clip)
    assert (np.diff(windows[:, 0]) > 0).all()
    assert windows.dtype == clip.dtype
    assert clip_windows(clip.astype(np.float32), length).dtype == np.float32


@pytest.mark.parametrize("shape", [(0,), (2, 3)])
def test_what_is_no_clip_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="one channel"):
        clip_windows(np.zeros(shape), 4)


def test_a_window_has_a_length() -> None:
    with pytest.raises(ValueError, match="a window of 0 samples"):
        clip_windows(np.ones(3), 0)
