from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.text import decoded, printable

ANY_TEXT = st.text(st.characters())  # lone surrogates too


@given(ANY_TEXT)
def test_nothing_is_left_that_a_terminal_could_act_on(text: str) -> None:
    safe = printable(text)
    assert all(character in "\n\t" or character.isprintable() for character in safe)
    assert printable(safe) == safe
    safe.encode("utf-8")


@given(ANY_TEXT)
def test_text_without_anything_dangerous_stays_as_it_is(text: str) -> None:
    harmless = "".join(c for c in text if c.isprintable() or c in "\n\t")
    assert printable(harmless) == harmless


@pytest.mark.parametrize(
    ("hostile", "safe"),
    [
        ("\x1b[2Jgone", "\\x1b[2Jgone"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("50%\r100%", "50%\\r100%"),
        ("evil\u202egpj.exe", "evil\\u202egpj.exe"),
        ("a\u2066b", "a\\u2066b"),
        ("line\u2028break", "line\\u2028break"),
        ("\x9b31m", "\\x9b31m"),
        ("\ud800", "\\ud800"),
        ("\U000e0041tag", "\\U000e0041tag"),
        ("naïve ♪ 音\tok\n", "naïve ♪ 音\tok\n"),
    ],
)
def test_hostile_text_by_example(hostile: str, safe: str) -> None:
    assert printable(hostile) == safe


@given(st.binary())
def test_any_bytes_can_be_shown(data: bytes) -> None:
    assert printable(decoded(data)) == decoded(data)


def test_bytes_that_are_no_text_show_as_bytes() -> None:
    assert decoded(b"caf\xe9 \x1b[0m") == "caf\\xe9 \\x1b[0m"
