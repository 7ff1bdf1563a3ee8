from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from probe.errors import UsageError
from probe.tier.folder import load, names, read

TIER: dict[str, Any] = {
    "name": "tones",
    "version": "1.0.0",
    "title": "Tones",
    "sample_rate": 44100,
    "duration_s": 2.0,
    "languages": ["python"],
    "metrics": ["note_f1", "fd/logmel"],
    "primary_metric": "note_f1",
    "truth": "notes",
}
NOTE = {"midi": 69, "onset_s": 0.0, "offset_s": 1.0}
PROMPT: dict[str, Any] = {
    "id": "a4",
    "group": "single",
    "level": 1,
    "text": "A tone.",
    "truth": {"notes": [NOTE]},
}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "level", "text", "truth", "notes", "kind", "duration_s", "x"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


def write(
    folder: Path,
    *prompts: dict[str, Any],
    template: str = "$text",
    limits: dict[str, Any] | None = None,
    **changes: Any,
) -> str:
    """Write a small tier; returns its path."""
    folder.mkdir(exist_ok=True)
    lines = [f"{key} = {json.dumps(value)}" for key, value in (TIER | changes).items()]
    lines += ["[groups]", 'single = "One note"', "[limits]"]
    lines += [f"{key} = {value}" for key, value in (limits or {}).items()]
    (folder / "tier.toml").write_text("\n".join(lines))
    (folder / "prompt.md").write_text(template)
    (folder / "prompts.jsonl").write_text("\n".join(json.dumps(p) for p in prompts or (PROMPT,)))
    return str(folder)


def test_a_folder_of_the_users_own_is_a_tier(tmp_path: Path) -> None:
    loaded = load(write(tmp_path / "tones", limits={"cpu_s": 3}))
    assert loaded.tier.name == "tones"
    assert loaded.tier.limits.cpu_s == 3
    assert [prompt.id for prompt in loaded.prompts] == ["a4"]
    assert loaded.prompts[0].duration_s == 2.0, "a prompt without a length takes the tier's"


def test_every_tier_that_comes_along_loads() -> None:
    assert "notes" in names()
    for name in names():
        assert load(name).tier.name == name


def test_digest_follows_what_is_asked_and_nothing_else(tmp_path: Path) -> None:
    before = load(write(tmp_path / "tones")).tier.digest
    (tmp_path / "tones" / "README.md").write_text("about")
    assert load(write(tmp_path / "tones")).tier.digest == before
    assert load(write(tmp_path / "tones", template="$text!")).tier.digest != before
    assert load(write(tmp_path / "tones", PROMPT | {"text": "B"})).tier.digest != before
    assert load(write(tmp_path / "tones", version="1.0.1")).tier.digest != before


def test_unknown_tier_names_the_closest() -> None:
    with pytest.raises(UsageError, match="unknown tier 'nots'; did you mean 'notes'"):
        load("nots")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"metrics": ["note_f"]},
            r"tier\.toml: unknown metric 'note_f'; did you mean 'note_f1'",
        ),
        ({"metrics": ["note_f1", "onset_ms", "fad/"]}, "unknown metric 'fad/'"),
        ({"primary_metric": "pitch_cents"}, r"tier\.toml: unknown primary metric 'pitch_cents'"),
        ({"primary_metric": "fd/logmel"}, "measured per clip"),
        (
            {"metrics": ["timbre_distance"], "primary_metric": "timbre_distance"},
            "must not need references",
        ),
        (
            {"metrics": ["contour_rpa"], "primary_metric": "contour_rpa"},
            r"prompts\.jsonl line 1: the primary metric 'contour_rpa' needs 'bends'",
        ),
        ({"truth": "sounds"}, "'note_f1' is for truths of kind 'notes', this tier's are 'sounds'"),
        ({"truth": "notse"}, r"tier\.toml: truth: "),
        ({"languages": ["pyhton"]}, "unknown language 'pyhton'; did you mean 'python'"),
        ({"sample_rte": 8000}, "unknown field 'sample_rte'; did you mean 'sample_rate'"),
        (
            {"limits": {"cpu": 1}},
            r"tier\.toml: unknown field 'cpu'; did you mean 'cpu_s'\? \(in limits\)",
        ),
        ({"limits": {"cpu_s": -1}}, "limits.cpu_s: "),
        ({"limits": {"cpu_s": "nan"}}, "limits.cpu_s: "),
        ({"sample_rate": 10}, r"tier\.toml: sample_rate: "),
        ({"digest": "0"}, "computed, not written"),
        ({"template": "$txt"}, "prompt.md: unknown placeholder 'txt'; did you mean 'text'"),
        ({"template": "hello"}, "prompt.md: the placeholder"),
    ],
)
def test_a_tier_file_that_makes_no_sense_does_not_load(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        load(write(tmp_path / "tones", **changes))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": "A 4"}, "line 2: id: "),
        ({"id": "a4"}, "line 2: the id 'a4' is taken"),
        ({"group": "singel"}, "line 2: unknown group 'singel'; did you mean 'single'"),
        ({"levle": 1}, "line 2: unknown field 'levle'; did you mean 'level'"),
        ({"level": 9}, "line 2: level: "),
        ({"truth": {"notes": []}}, "line 2: truth: one of notes"),
        ({"truth": None}, "line 2: truth: "),
        ({"truth": {"notes": [NOTE | {"midi": "high"}]}}, r"line 2: truth\.notes\.0\.midi: "),
        (
            {"truth": {"notes": [NOTE | {"onset": 1}]}},
            r"unknown field 'onset'; did you mean 'onset_s'\? \(in truth.notes.0\)",
        ),
        (
            {"truth": {"notes": [NOTE | {"offset_s": 2.5}]}},
            "a note ends at 2.5 s, the clip of 'b4'",
        ),
        ({"truth": {"notes": [NOTE | {"onset_s": 1.0}]}}, "before it begins"),
    ],
)
def test_a_prompt_that_makes_no_sense_does_not_load(
    tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        load(write(tmp_path / "tones", PROMPT, PROMPT | {"id": "b4"} | change))


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("prompts.jsonl", "", "holds no prompt"),
        ("prompts.jsonl", "{", "line 1: not JSON"),
        ("prompts.jsonl", "[]", "line 1: a prompt is a JSON object"),
        ("prompts.jsonl", '{"id": "a", "id": "b"}', "line 1: the field 'id' is there twice"),
        ("tier.toml", "name = ", r"tier\.toml: "),
    ],
)
def test_a_file_that_cannot_be_parsed_is_named(
    tmp_path: Path, name: str, text: str, message: str
) -> None:
    path = write(tmp_path / "tones")
    (tmp_path / "tones" / name).write_text(text)
    with pytest.raises(UsageError, match=message):
        load(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "tones")
    (tmp_path / "tones" / "prompt.md").unlink()
    with pytest.raises(UsageError, match=r"tones/prompt\.md cannot be read"):
        load(path)


def test_every_fault_is_found_in_one_go(tmp_path: Path) -> None:
    path = write(
        tmp_path / "tones",
        PROMPT,
        PROMPT | {"levle": 1, "group": "singel", "level": 9},
        PROMPT | {"id": "c4", "truth": {"notes": [NOTE | {"onset": 1, "midi": 200}]}},
        PROMPT,
        template="$txt",
        sample_rate=10,
        version=3,
        limits={"cpu": 1},
    )
    found = read(path)
    assert found.loaded is None
    assert [fault.replace("tones/", "") for fault in found.faults] == [
        "tier.toml: version: Input should be a valid string",
        "tier.toml: sample_rate: Input should be greater than or equal to 8000",
        "tier.toml: unknown field 'cpu'; did you mean 'cpu_s'? (in limits)",
        "prompt.md: unknown placeholder 'txt'; did you mean 'text'?",
        "prompts.jsonl line 2: level: Input should be less than or equal to 5",
        "prompts.jsonl line 2: unknown field 'levle'; did you mean 'level'?",
        "prompts.jsonl line 2: unknown group 'singel'; did you mean 'single'?",
        "prompts.jsonl line 2: the id 'a4' is taken by line 1",
        "prompts.jsonl line 3: truth.notes.0.midi: Input should be less than or equal to 127",
        "prompts.jsonl line 3: unknown field 'onset'; did you mean 'onset_s'? (in truth.notes.0)",
        "prompts.jsonl line 4: the id 'a4' is taken by line 1",
    ]
    with pytest.raises(UsageError, match=r"and 10 more; `probe tiers validate .*` tells all"):
        load(path)


def test_a_fault_hides_no_other_one(tmp_path: Path) -> None:
    path = write(
        tmp_path / "tones",
        PROMPT | {"level": 9},
        PROMPT | {"level": 9},
        metrics=["note_f", "onset_ms"],
        languages=["pyhton"],
        primary_metric="note_f",
        version=3,
    )
    assert [fault.replace("tones/", "") for fault in read(path).faults] == [
        "tier.toml: version: Input should be a valid string",
        "tier.toml: unknown metric 'note_f'; did you mean 'note_f1'?",
        "tier.toml: unknown language 'pyhton'; did you mean 'python'?",
        "prompts.jsonl line 1: level: Input should be less than or equal to 5",
        "prompts.jsonl line 2: level: Input should be less than or equal to 5",
        "prompts.jsonl line 2: the id 'a4' is taken by line 1",
    ]


def test_prompts_are_checked_as_far_as_a_broken_tier_file_allows(tmp_path: Path) -> None:
    path = write(tmp_path / "tones", PROMPT | {"level": 0})
    for text, more in (("name = ", 0), ("", 5)):
        (tmp_path / "tones" / "tier.toml").write_text(text)
        faults = read(path).faults
        assert any("prompts.jsonl line 1: level: " in fault for fault in faults)
        assert not any("duration_s" in f or "truth" in f for f in faults if "prompts" in f)
        assert len([f for f in faults if "tier.toml" in f]) > more


def test_texts_may_hold_line_separators_that_are_not_line_ends(tmp_path: Path) -> None:
    text = "A tone.\u2028Another."
    line = json.dumps(PROMPT | {"text": text}, ensure_ascii=False)
    path = write(tmp_path / "tones")
    (tmp_path / "tones" / "prompts.jsonl").write_text(line + "\r\n")
    assert load(path).prompts[0].text == text


@given(st.text(max_size=60), st.text(max_size=60))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_file_however_broken_ends_in_a_traceback(tmp_path: Path, toml: str, line: str) -> None:
    path = write(tmp_path / "tones")
    folder = tmp_path / "tones"
    (folder / "tier.toml").write_bytes((folder / "tier.toml").read_bytes() + toml.encode())
    (folder / "prompts.jsonl").write_bytes(line.encode())
    with pytest.raises(UsageError):
        load(path)


@given(json_values)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_prompt_however_odd_ends_in_a_traceback(tmp_path: Path, values: Any) -> None:
    path = write(tmp_path / "tones")
    odd = PROMPT | (values if isinstance(values, dict) else {"truth": values})
    (tmp_path / "tones" / "prompts.jsonl").write_text(json.dumps(odd) + "\n")
    found = read(path)
    assert (found.loaded is None) == bool(found.faults)
