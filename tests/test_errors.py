"""The name that was meant."""

from __future__ import annotations

import pytest

from probe.errors import near, unknown

RUNS = ("notes/builtin/noise", "notes/openai/gpt-4o", "sounds/openai/gpt-4o")


@pytest.mark.parametrize(
    ("name", "known", "meant"),
    [
        ("note", ("notes", "sounds", "speech"), "notes"),
        ("NOTES", ("notes", "sounds"), "notes"),
        ("gpt-4o", RUNS, "notes/openai/gpt-4o"),
        ("nois", RUNS, "notes/builtin/noise"),
        ("sound/openai/gpt-4o", RUNS, "sounds/openai/gpt-4o"),
        ("zzzz", RUNS, None),
        ("x", (), None),
    ],
)
def test_a_near_name_is_found_by_the_whole_or_its_last_part(
    name: str, known: tuple[str, ...], meant: str | None
) -> None:
    assert near(name, known) == meant


def test_without_a_near_name_all_are_told() -> None:
    assert unknown("tier", "zzz", ["b", "a"]) == "unknown tier 'zzz'; known: a, b"
    assert unknown("tier", "zzz", []) == "unknown tier 'zzz'; known: none"
