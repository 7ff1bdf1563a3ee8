from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.models.usage import Tokens, tokens


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (None, None),
        ({}, None),
        (
            {
                "prompt_tokens": 100,
                "completion_tokens": 50,
                "prompt_tokens_details": {"cached_tokens": 60, "cache_write_tokens": 20},
                "completion_tokens_details": {"reasoning_tokens": 30},
            },
            Tokens(input=100, cached=60, written=20, output=50, reasoning=30),
        ),
        (
            {"prompt_tokens": 7, "completion_tokens": 5, "prompt_tokens_details": None},
            Tokens(input=7, output=5),
        ),
        (
            {
                "input_tokens": 100,
                "output_tokens": 50,
                "input_tokens_details": {"cached_tokens": 60},
                "output_tokens_details": {"reasoning_tokens": 30},
            },
            Tokens(input=100, cached=60, output=50, reasoning=30),
        ),
        (
            {
                "input_tokens": 100,
                "cache_read_input_tokens": 60,
                "cache_creation_input_tokens": 20,
                "output_tokens": 50,
                "output_tokens_details": {"thinking_tokens": 30},
            },
            Tokens(input=180, cached=60, written=20, output=50, reasoning=30),
        ),
        (
            {
                "input_tokens": 100,
                "cache_read_input_tokens": None,
                "cache_creation_input_tokens": None,
                "output_tokens": 50,
            },
            Tokens(input=100, output=50),
        ),
        ({"input_tokens": 3, "output_tokens": 4.0}, Tokens(input=3, output=4)),
        ({"input_tokens": 3}, None),
        ({"prompt_tokens": 3, "completion_tokens": None}, None),
        ({"prompt_tokens": True, "completion_tokens": 1}, None),
        ({"prompt_tokens": -1, "completion_tokens": 1}, None),
        ({"prompt_tokens": "3", "completion_tokens": 1}, None),
        ({"tokens": 3}, None),
    ],
)
def test_every_form_is_read_alike(usage: dict[str, Any] | None, expected: Tokens | None) -> None:
    assert tokens(usage) == expected


def test_tokens_add_up() -> None:
    one = Tokens(input=5, cached=4, written=1, output=3, reasoning=2)
    assert one + one == Tokens(input=10, cached=8, written=2, output=6, reasoning=4)


NAMES = st.sampled_from(
    [
        *("prompt_tokens", "completion_tokens", "input_tokens", "output_tokens"),
        *("prompt_tokens_details", "completion_tokens_details", "input_tokens_details"),
        *("output_tokens_details", "cached_tokens", "cache_write_tokens", "reasoning_tokens"),
        *("cache_read_input_tokens", "cache_creation_input_tokens"),
    ]
)
VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.none())


@given(st.dictionaries(NAMES, VALUES | st.dictionaries(NAMES, VALUES)))
def test_whatever_a_service_reports_is_counts_that_fit_or_nothing(usage: dict[str, Any]) -> None:
    found = tokens(usage)
    if found is not None:
        assert found.cached + found.written <= found.input
        assert found.reasoning <= found.output
