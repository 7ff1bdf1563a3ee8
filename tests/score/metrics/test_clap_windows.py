from __future__ import annotations

import numpy as np
import pytest

from probe.score.metrics.sets.clap_windows import order_accuracy, presence, similarities, windows

RATE = 100


def test_windows_cover_a_clip_to_its_end() -> None:
    clip = np.arange(7.3 * RATE)
    cut = windows(clip, RATE)
    assert {len(window) for window in cut} == {2 * RATE}
    assert cut[0][0] == 0
    assert cut[-1][-1] == clip[-1]
    assert sorted({sample for window in cut for sample in window}) == list(clip)


@pytest.mark.parametrize("length", [1, 199, 200])
def test_a_short_clip_is_its_own_window(length: int) -> None:
    (window,) = windows(np.ones(length), RATE)
    assert len(window) == length


def test_events_are_where_they_stand_out() -> None:
    forward = np.array([[0.9, 0.2, 0.1], [0.3, 0.8, 0.1], [0.3, 0.2, 0.7]])
    assert order_accuracy(forward) == 1.0
    assert order_accuracy(forward[::-1]) == 0.0
    assert order_accuracy(forward[[1, 0, 2]]) == pytest.approx(2 / 3)


def test_a_caption_that_fits_everything_decides_nothing() -> None:
    similar = np.array([[0.9, 0.5, 0.2], [0.9, 0.2, 0.5]])
    assert order_accuracy(similar[:, 1:]) == 1.0
    assert order_accuracy(similar[:, ::-1][:, :2]) == 0.0


def test_a_clip_without_change_is_in_half_order() -> None:
    assert order_accuracy(np.tile([0.4, 0.6, 0.1], (5, 1))) == 0.5


def test_one_event_has_no_order() -> None:
    with pytest.raises(ValueError, match="two events"):
        order_accuracy(np.ones((3, 1)))


def test_presence_counts_classes_near_enough_somewhere() -> None:
    similar = np.array([[0.9, 0.1, 0.2, 0.3], [0.1, 0.2, 0.9, 0.3]])
    assert presence(similar, [0, 2], nearest=1) == 1.0
    assert presence(similar, [0, 1], nearest=1) == 0.5
    assert presence(np.full((3, 9), 0.4), [2, 5], nearest=3) == 0.0, "like all is like none"


def test_similarities_are_cosines() -> None:
    found = similarities(np.array([[2.0, 0.0], [1.0, 1.0]]), np.array([[0.0, 5.0], [3.0, 0.0]]))
    assert found == pytest.approx(np.array([[0, 1], [0.5**0.5, 0.5**0.5]]))
