from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.errors import UsageError
from probe.tier.choice import Choice, described, first, spread
from probe.tier.folder import LoadedTier, load, names


@pytest.fixture(scope="module", params=names())
def loaded(request: pytest.FixtureRequest) -> LoadedTier:
    return load(request.param)


def test_the_first_prompts_cover_groups_and_levels(loaded: LoadedTier) -> None:
    groups = len(loaded.tier.groups)
    few = first(loaded.prompts, groups)
    assert {prompt.group for prompt in few} == set(loaded.tier.groups)
    assert len({prompt.level for prompt in few}) >= 3
    more = first(loaded.prompts, 5 * groups)
    assert {prompt.level for prompt in more} == {1, 2, 3, 4, 5}
    ids = [prompt.id for prompt in loaded.prompts]
    assert [ids.index(p.id) for p in more] == sorted(ids.index(p.id) for p in more)


def test_fewer_are_among_more(loaded: LoadedTier) -> None:
    assert sorted(spread(loaded.prompts), key=loaded.prompts.index) == list(loaded.prompts)
    before: set[str] = set()
    for limit in range(1, len(loaded.prompts) + 1):
        now = {prompt.id for prompt in first(loaded.prompts, limit)}
        assert len(now) == limit
        assert before < now
        before = now
    assert first(loaded.prompts, None) == first(loaded.prompts, 999) == list(loaded.prompts)


def test_prompts_groups_and_levels_narrow_each_other() -> None:
    loaded = load("notes")
    chosen = Choice(groups=("melodies", "timbre"), levels=(1, 5)).of(loaded.tier, loaded.prompts)
    assert {(p.group, p.level) for p in chosen} == {
        (group, level) for group in ("melodies", "timbre") for level in (1, 5)
    }
    one = Choice(prompts=("202-decrescendo", "101-a4-sine")).of(loaded.tier, loaded.prompts)
    assert [p.id for p in one] == ["101-a4-sine", "202-decrescendo"]


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        (Choice(prompts=("101-a4-sin",)), "prompt of notes '101-a4-sin'; did you mean '101-a4-"),
        (Choice(groups=("melody",)), "group of notes 'melody'; did you mean 'melodies'"),
        (Choice(levels=(9,)), "level of notes '9'; known: 1, 2, 3, 4, 5"),
        (Choice(prompts=("101-a4-sine",), levels=(5,)), "no prompt of notes has such an id"),
    ],
)
def test_what_the_tier_has_not_is_said(choice: Choice, said: str) -> None:
    loaded = load("notes")
    with pytest.raises(UsageError, match=said):
        choice.of(loaded.tier, loaded.prompts)


@given(st.data())
def test_the_flags_choose_the_same_prompts_again(data: st.DataObject) -> None:
    loaded = load("speech")
    ids = [prompt.id for prompt in loaded.prompts]
    groups = data.draw(st.sets(st.sampled_from(list(loaded.tier.groups)), min_size=1))
    asked = data.draw(
        st.one_of(
            st.sets(st.sampled_from(ids), min_size=1),
            st.integers(1, len(ids)).map(lambda n: {p.id for p in first(loaded.prompts, n)}),
            st.just({p.id for p in loaded.prompts if p.group in groups}),
        )
    )
    flags = described(asked, loaded.prompts)
    assert len(flags) <= 1
    again = Choice(
        prompts=tuple(flags.get("prompt", ())),
        groups=tuple(flags.get("group", ())),
        levels=tuple(flags.get("level", ())),
    ).of(loaded.tier, loaded.prompts)
    assert {p.id for p in first(again, flags.get("limit"))} == asked
