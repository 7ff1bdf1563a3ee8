from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.site.chunks import key, script, write
from probe.site.schema import TierIndex
from tests.fakes.hostile import INJECTIONS

TEXT = st.text(st.characters(codec=None)) | st.sampled_from(INJECTIONS)
DATA = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


def read_back(text: str) -> Any:
    """What JavaScript makes of a chunk: one call with a string literal, parsed as JSON."""
    call = re.fullmatch(r"probe\.add\(\"a/b\", '((?:[^'\\\n]|\\\\)*)'\);\n", text)
    assert call is not None
    return json.loads(call[1].replace("\\\\", "\\"))


@given(DATA)
def test_a_chunk_says_what_it_was_given_and_nothing_else(data: Any) -> None:
    text = script("a/b", data)
    assert text.isascii()
    assert not set("<>&") & set(text)
    assert read_back(text) == data


def test_a_number_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        script("a/b", float("nan"))


@given(TEXT)
def test_a_key_is_one_plain_name(text: str) -> None:
    found = key(text)
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", found)
    assert ".." not in found
    assert key(found) == found


@pytest.mark.parametrize("text", ["../up", "a/b", "__proto__", "", ".hidden", "a..b", "a" * 101])
def test_what_is_no_plain_name_gets_a_digest(text: str) -> None:
    assert re.fullmatch(r"[0-9a-f]{16}", key(text))


def test_plain_names_stay(tmp_path: Path) -> None:
    assert key("101-a4-sine") == "101-a4-sine"
    write(tmp_path, "notes/101-a4-sine", TierIndex(prompts=(), scores={}, outcomes={}))
    assert (tmp_path / "data" / "notes" / "101-a4-sine.js").read_text() == (
        'probe.add("notes/101-a4-sine", \'{"prompts":[],"scores":{},"outcomes":{}}\');\n'
    )
