from __future__ import annotations

import hashlib
from collections import Counter

import pytest

from probe.errors import UsageError
from probe.score.metrics.notes.measure import score_all
from probe.tier.folder import load
from probe.tier.generate.notes import GROUPS, generate
from tests.fakes.players import play

PROMPTS = generate(3, 60)


def test_the_groups_are_those_of_the_tier() -> None:
    assert list(GROUPS) == list(load("notes").tier.groups)


def test_groups_and_levels_are_even() -> None:
    places = Counter((prompt.group, prompt.level) for prompt in PROMPTS)
    assert len(places) == 30
    assert set(places.values()) == {2}


def test_the_same_seed_gives_the_same_prompts() -> None:
    assert generate(3, 60) == PROMPTS
    assert generate(3, 7) == PROMPTS[:7]
    assert generate(4, 60) != PROMPTS


def test_prompts_are_the_same_on_every_machine() -> None:
    """The digest was taken once; another Python or another libm must not change it."""
    rows = "\n".join(prompt.model_dump_json() for prompt in generate(2026, 120))
    assert hashlib.sha256(rows.encode()).hexdigest()[:16] == "05360d1f3369731a"


def test_texts_and_ids_are_unique_and_truths_fit() -> None:
    many = generate(11, 600)
    assert len({prompt.text for prompt in many}) == len({prompt.id for prompt in many}) == 600
    for prompt in many:
        assert prompt.truth.misfit(prompt.duration_s) is None
        assert prompt.duration_s <= 20
        assert "  " not in prompt.text


def test_no_two_notes_of_a_chord_are_on_each_others_harmonics() -> None:
    """A program cannot be heard to play them apart, so they would not be scored fairly."""
    for prompt in generate(5, 300):
        notes = prompt.truth.notes
        for low in notes:
            for high in notes:
                if high.midi > low.midi and high.onset_s == low.onset_s:
                    ratio = 2 ** ((high.midi - low.midi) / 12)
                    assert abs(ratio / round(ratio) - 1) > 0.02, prompt.text


@pytest.mark.parametrize("prompt", PROMPTS[::2], ids=lambda prompt: prompt.id)
def test_a_clip_that_plays_the_truth_scores_nearly_all(prompt) -> None:  # type: ignore[no-untyped-def]
    found = score_all(prompt.truth, play(prompt.truth, prompt.duration_s), 44100)
    assert found["note_score"].value > 0.85


@pytest.mark.parametrize(("seed", "n"), [(-1, 5), (1, 0)])
def test_senseless_numbers_are_refused(seed: int, n: int) -> None:
    with pytest.raises(UsageError, match="one or more at a time"):
        generate(seed, n)


def test_more_than_the_grammar_can_say_is_refused() -> None:
    with pytest.raises(UsageError, match="ask for fewer"):
        generate(0, 60_000)
