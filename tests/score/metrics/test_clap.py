from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.errors import UsageError
from probe.score.metrics.sets.clap import clap_scores, label_prompts, recognise, retrieval


def turned(degrees: float) -> list[float]:
    return [np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))]


def test_the_score_is_the_cosine_whatever_the_lengths() -> None:
    audio = np.array([turned(0), turned(10), turned(20)]) * [[1e-200], [3.0], [1e90]]
    text = [turned(0), turned(70), turned(200)]
    np.testing.assert_allclose(clap_scores(audio, text), [1, 0.5, -1], atol=1e-15)
    assert np.abs(clap_scores(audio, text)).max() <= 1


@pytest.mark.parametrize(
    ("audio", "text", "message"),
    [
        (np.ones((2, 3)), np.ones((3, 3)), "2 rows of audio and 3 of text"),
        (np.ones((2, 3)), np.ones((2, 4)), "audio has 3 columns, text has 4"),
        (np.zeros((2, 3)), np.ones((2, 3)), "audio has a vector of length zero"),
        (np.ones((2, 3)), np.full((2, 3), np.nan), "text contains NaN"),
        (np.ones(3), np.ones(3), r"audio has shape \(3,\)"),
    ],
)
def test_pairs_that_make_no_sense_are_refused(
    audio: np.ndarray, text: np.ndarray, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        clap_scores(audio, text)


def test_labels_become_sentences() -> None:
    assert label_prompts(["sea_waves"]) == ["This is a sound of sea waves"]
    assert label_prompts(["rain", "dog"], "I hear {}!") == ["I hear rain!", "I hear dog!"]


@pytest.mark.parametrize("template", ["a sound", "{} and {}", "{label}", "{0} {", "{{}}"])
def test_a_template_has_one_place_for_the_label(template: str) -> None:
    with pytest.raises(UsageError, match="where the label goes"):
        label_prompts(["rain"], template)


def test_recognition_counts_the_k_nearest_labels() -> None:
    labels = [turned(0), turned(30), turned(100)]
    clips = [turned(5), turned(20), turned(90), turned(40)]
    found = recognise(clips, labels, [0, 0, 1, 2], ks=(1, 2, 3))
    assert found.nearest.tolist() == [0, 1, 2, 1]
    assert found.hits[1].tolist() == [1, 0, 0, 0]
    assert found.hits[2].tolist() == [1, 1, 1, 0]
    assert (found.top(1), found.top(2), found.top(3)) == (0.25, 0.75, 1)
    assert found.chance == {1: 1 / 3, 2: 2 / 3, 3: 1}


@pytest.mark.parametrize(
    ("truth", "ks", "message"),
    [
        ([0], (1,), "one label for each of 2 clips needed"),
        ([0, 2], (1,), "not among the 2"),
        ([0, -1], (1,), "not among the 2"),
        ([0, 1], (3,), "k is 3"),
        ([0, 1], (0,), "k is 0"),
    ],
)
def test_a_truth_or_a_k_out_of_range_is_refused(
    truth: list[int], ks: tuple[int, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        recognise(np.eye(2), np.eye(2), truth, ks=ks)


def test_retrieval_counts_both_ways() -> None:
    clips = [turned(0), turned(50), turned(90)]
    texts = [turned(10), turned(85), turned(60)]
    found = retrieval(clips, texts, ks=(1, 2, 3))
    assert found.text_to_audio[1].tolist() == [1, 0, 0]
    assert found.audio_to_text[1].tolist() == [1, 0, 0]
    assert found.text_to_audio[2].tolist() == [1, 1, 1]
    assert found.audio_to_text[2].tolist() == [1, 1, 1]
    assert found.recall(1) == (pytest.approx(1 / 3), pytest.approx(1 / 3))
    assert found.chance[1] == (pytest.approx(1 / 3), pytest.approx(1 / 3))


def test_any_caption_of_a_clip_and_any_clip_of_a_caption_counts() -> None:
    clips = [turned(0), turned(40), turned(90)]
    texts = [turned(42), turned(95)]
    belongs = [[1, 0], [1, 0], [0, 1]]
    found = retrieval(clips, texts, belongs=belongs, ks=(1,))
    assert found.text_to_audio[1].tolist() == [1, 1]
    assert found.audio_to_text[1].tolist() == [1, 1, 1]
    assert found.chance[1] == (pytest.approx((2 / 3 + 1 / 3) / 2), pytest.approx(1 / 2))


@pytest.mark.parametrize(
    ("belongs", "message"),
    [(np.ones((2, 2)), "belongs has shape"), ([[1, 1, 0], [1, 1, 0]], "leaves a clip without")],
)
def test_what_belongs_to_nothing_is_refused(belongs: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        retrieval(np.eye(3)[:2], np.eye(3), belongs=np.asarray(belongs), ks=(1,))


@pytest.mark.parametrize("k", [1, 3, 7])
def test_one_vector_for_everything_gets_what_drawing_lots_gets(k: int) -> None:
    same = np.tile(np.random.default_rng(0).standard_normal(64), (7, 1))
    other = np.random.default_rng(1).standard_normal((7, 64))
    found = retrieval(same, other, ks=(k,))
    assert found.recall(k)[0] == pytest.approx(k / 7)
    named = recognise(other, same, [0] * 7, ks=(k,))
    assert named.top(k) == pytest.approx(k / 7)


@given(st.integers(0, 10_000), st.integers(1, 4), st.integers(1, 5))
def test_ties_are_settled_as_lots_would_settle_them(seed: int, levels: int, k: int) -> None:
    """Against drawing lots: orders of equal candidates at random, many times."""
    rng = np.random.default_rng(seed)
    # Cosines with the first axis take few values, so that there are ties.
    steps = rng.integers(0, levels, 5) / 4
    clips = np.stack([steps, np.sqrt(1 - steps**2)], axis=1)
    belongs = np.stack([rng.random(5) < 0.4, np.ones(5, bool)], axis=1)
    belongs[0, 0] = True
    texts = np.array([[1.0, 0.0], [0.0, 1.0]])
    found = retrieval(clips, texts, belongs=belongs, ks=(min(k, 2),))
    k = min(k, 2)
    lots = 0
    for _ in range(2000):
        order = np.lexsort((rng.random(5), -steps))
        lots += belongs[order[:k], 0].any()
    assert found.text_to_audio[k][0] == pytest.approx(lots / 2000, abs=0.06)


def test_better_audio_scores_better_on_every_metric() -> None:
    """Validity: the nearer clips come to their captions, the higher all three are."""
    rng = np.random.default_rng(3)
    texts = rng.standard_normal((40, 32))
    noise = rng.standard_normal((40, 32))
    rows = []
    for share in (0.0, 0.3, 0.6, 0.9):
        clips = share * texts + (1 - share) * noise
        found = retrieval(clips, texts, ks=(1,))
        named = recognise(clips, texts, range(40))
        rows.append([clap_scores(clips, texts).mean(), *found.recall(1), named.top(1)])
    assert (np.diff(np.array(rows), axis=0) >= 0).all()
    assert rows[0][0] < 0.1
    assert rows[-1][1:] == [1, 1, 1]
