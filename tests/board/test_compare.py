"""Runs on the same prompts: what is printed can be worked out by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from probe.board.comparison import compare, markdown
from probe.cli.app import app
from probe.errors import UsageError
from probe.records.folder_names import slug
from probe.records.store import Store
from tests.fakes.runs import rendering, run, score

RESULTS = Path(__file__).parents[2] / "results"

Values = Mapping[str, Sequence[float] | float]


def write(
    results: Path,
    model: str,
    values: Values,
    *,
    groups: Mapping[str, str] = {},
    versions: Mapping[str, str] = {},
    notes: Sequence[str] = (),
    beside: Mapping[str, Values] = {},
    distance: float | None = None,
    **spec: Any,
) -> Path:
    """A run with these values of note_f1 by prompt (a list: by sample) and of metrics beside."""
    samples = max(len(v) if isinstance(v, Sequence) else 1 for v in values.values())
    places = {
        prompt: {"group": groups.get(prompt, "one"), "level": 1 + number % 2}
        for number, prompt in enumerate(values)
    }
    made = run(model=model, prompts=places, samples=samples, **spec)
    folder = results / "notes" / slug(model)
    with Store.open(folder, made) as store:
        for metric, table in {"note_f1": values, **beside}.items():
            for prompt, found in table.items():
                for sample, value in enumerate(found if isinstance(found, Sequence) else [found]):
                    at = {"metric": metric, "version": versions.get(metric, "1")}
                    store.add_score(score(prompt, value, sample=sample, **at))
        for prompt, sample in store.attempts:
            store.add_rendering(rendering(prompt, sample, notes=tuple(notes)), sample_rate=44100)
        if distance is not None:
            said = {"low": distance - 1, "high": distance + 1, "n": len(values)}
            extras = {**said, "valid_only": None, "reference": "4" * 64, "floor": None}
            version = versions.get("fd/logmel", "1/aa/bb")
            store.add_score(
                score(None, distance, metric="fd/logmel", version=version, extras=extras)
            )
    return folder


def invoke(*words: object) -> Result:
    return CliRunner().invoke(app, ["compare", *map(str, words)])


# --- the arithmetic ------------------------------------------------------------------------------


def test_four_prompts_by_hand(tmp_path: Path) -> None:
    # Differences .5, 0, .25, -.25: their mean is .125. Of the eight patterns of signs of the three
    # that are not 0, six have a sum of at least .5 or at most -.5: p = 6 / 8.
    write(tmp_path, "x/code", {"a": 1.0, "b": 0.5, "c": 0.5, "d": 0.0}, distance=10.0)
    write(tmp_path, "x/noise", {"a": 0.5, "b": 0.5, "c": 0.25, "d": 0.25}, distance=12.5)
    found = compare(["x/code", "x/noise"], "notes", tmp_path)
    (pair,) = found.pairs
    (row,) = pair.metrics
    assert (row.metric, row.n, row.first, row.second) == ("note_f1", 4, 0.5, 0.375)
    assert (row.difference, row.p, row.better) == (0.125, 0.75, -1)
    assert (row.wins, row.ties, row.losses) == (2, 1, 1)
    assert row.low < 0 < row.high
    # Levels take turns: .5 and .25 on the first, 0 and -.25 on the second; p = 2 / 4 for .5 ± .25
    # and 4 / 4 for a single difference, and Holm doubles the smaller.
    one, two = pair.levels
    assert (one.part, one.difference, one.p) == ("level 1", 0.375, 1.0)
    assert (two.part, two.difference, two.p) == ("level 2", -0.125, 1.0)
    (distance,) = pair.sets
    assert (distance.metric, distance.difference) == ("fd/logmel", -2.5)
    text = markdown(found)
    assert "| note_f1 ↑ | 4 | 0.500 | 0.375 | +0.125 [" in text
    assert "| 0.750 | – | 2 / 1 / 1 |" in text
    assert "| fd/logmel ↓ | 10.0 [9.000, 11.0] | 12.5 [11.5, 13.5] | -2.500 |" in text


def test_where_one_beats_the_other_and_where_not(tmp_path: Path) -> None:
    # On each of eight prompts of one group the first is better by .5: p = 2 / 2^8, which Holm
    # doubles; on the other eight neither is.
    first = {f"p{n}": 0.75 for n in range(16)}
    second = {f"p{n}": 0.25 if n < 8 else (0.5 if n % 2 else 1.0) for n in range(16)}
    groups = {f"p{n}": "scales" if n < 8 else "chords" for n in range(16)}
    # Cents: the smaller is the better.
    cents = {"pitch_cents": {f"p{n}": 30.0 for n in range(8)}}
    less = {"pitch_cents": {f"p{n}": 10.0 for n in range(8)}}
    write(tmp_path, "code", first, groups=groups, beside=cents)
    write(tmp_path, "diffusion", second, groups=groups, beside=less)
    (pair,) = compare(["code", "diffusion"], "notes", tmp_path).pairs
    scales, chords = pair.groups
    assert (scales.part, scales.difference, scales.low, scales.high) == ("scales", 0.5, 0.5, 0.5)
    assert (scales.p, scales.better) == (2 * 2 / 2**8, 0)
    assert (chords.difference, chords.p, chords.better) == (0.0, 1.0, -1)
    assert (chords.wins, chords.losses) == (4, 4)
    pitch = next(row for row in pair.metrics if row.metric == "pitch_cents")
    assert (pitch.n, pitch.difference, pitch.better) == (8, 20.0, 1)
    assert (pitch.wins, pitch.ties, pitch.losses) == (0, 0, 8)
    text = markdown(compare(["code", "diffusion"], "notes", tmp_path))
    assert "`code` is better on scales. No difference is shown on chords." in text
    back = markdown(compare(["diffusion", "code"], "notes", tmp_path))
    assert "`code` is better on scales." in back


def test_samples_of_a_prompt_are_one_value(tmp_path: Path) -> None:
    write(tmp_path, "one", {"a": [1.0, 0.0], "b": [0.5, 0.5]})
    write(tmp_path, "two", {"a": [0.5, 0.5], "b": [0.0, 0.5]})
    (pair,) = compare(["one", "two"], "notes", tmp_path).pairs
    (row,) = pair.metrics
    assert (row.n, row.wins, row.ties, row.losses) == (2, 1, 1, 0)
    assert row.difference == 0.125


def test_three_runs_are_three_pairs_and_corrected_together(tmp_path: Path) -> None:
    prompts = [f"p{n}" for n in range(8)]
    for name, value in (("one", 0.75), ("two", 0.5), ("three", 0.25)):
        write(tmp_path, name, dict.fromkeys(prompts, value))
    found = compare(["one", "two", "three"], "notes", tmp_path)
    assert [(pair.first, pair.second) for pair in found.pairs] == [(0, 1), (0, 2), (1, 2)]
    assert [pair.metrics[0].p for pair in found.pairs] == [3 * 2 / 2**8] * 3


def test_a_first_run_with_fewer_prompts_is_compared_with_the_others(tmp_path: Path) -> None:
    write(tmp_path, "few", {"a": 1.0})
    for name in ("one", "two"):
        write(tmp_path, name, {"a": 0.5, "b": 0.5})
    found = compare(["few", "one", "two"], "notes", tmp_path)
    assert [pair.metrics[0].n for pair in found.pairs] == [1, 1, 2]
    assert [sum(row.n for row in pair.groups) for pair in found.pairs] == [1, 1, 2]


def test_the_same_as_json_and_by_group(tmp_path: Path) -> None:
    """Each run has a prompt and a group that the first has not."""
    groups = {"a": "one", "b": "two", "c": "three"}
    write(tmp_path, "few", {"a": 1.0}, groups=groups)
    write(tmp_path, "one", {"a": 0.5, "b": 0.5}, groups=groups)
    write(tmp_path, "two", {"a": 0.5, "b": 0.25, "c": 0.5}, groups=groups)
    words = ["compare", "few", "one", "two", "--tier", "notes", "--results", str(tmp_path)]
    done = CliRunner().invoke(app, [*words, "--json"])
    assert done.exit_code == 0, done.output
    pairs = json.loads(done.stdout)["pairs"]
    assert [(pair["first"], pair["second"]) for pair in pairs] == [
        ("few", "one"),
        ("few", "two"),
        ("one", "two"),
    ]
    assert [[row["part"] for row in pair["groups"]] for pair in pairs] == [
        ["one"],
        ["one"],
        ["one", "two"],
    ]
    assert CliRunner().invoke(app, words).exit_code == 0


def test_no_prompt_need_be_in_all_of_three_runs(tmp_path: Path) -> None:
    for name, prompts in (("one", "ab"), ("two", "bc"), ("three", "ca")):
        write(tmp_path, name, dict.fromkeys(prompts, 0.5))
    found = compare(["one", "two", "three"], "notes", tmp_path)
    assert [pair.metrics[0].n for pair in found.pairs] == [1, 1, 1]


def test_only_prompts_that_both_have_count(tmp_path: Path) -> None:
    write(tmp_path, "one", {"a": 1.0, "b": 0.0})
    write(tmp_path, "two", {"b": 0.5, "c": 1.0})
    (pair,) = compare(["one", "two"], "notes", tmp_path).pairs
    assert [(row.n, row.difference) for row in pair.metrics] == [(1, -0.5)]
    write(tmp_path, "three", {"z": 1.0})
    with pytest.raises(UsageError, match="one and three share no prompt"):
        compare(["one", "three"], "notes", tmp_path)


@pytest.mark.parametrize(("tier", "names"), [("speech", ("engine/espeak-ng", "engine/flite"))])
def test_published_runs_say_what_their_logs_say(tier: str, names: tuple[str, str]) -> None:
    logs = []
    for name in names:
        rows = RESULTS / tier / slug(name) / "scores.jsonl"
        lines = map(json.loads, rows.read_text().splitlines())
        logs.append({(row["metric"], row["prompt"]): row["value"] for row in lines})
    done = invoke(*names, "--tier", tier, "--results", RESULTS, "--json")
    assert done.exit_code == 0, done.output
    (pair,) = json.loads(done.stdout)["pairs"]
    assert len(pair["metrics"]) > 3
    for row in pair["metrics"]:
        both = [p for m, p in logs[0] if m == row["metric"] and p and (m, p) in logs[1]]
        gains = [logs[0][row["metric"], p] - logs[1][row["metric"], p] for p in both]
        assert row["n"] == len(gains)
        assert row["difference"] == pytest.approx(sum(gains) / len(gains), abs=2e-6)
        assert row["wins"] + row["ties"] + row["losses"] == len(gains)


# --- what is said beside the numbers -------------------------------------------------------------


def test_what_was_done_to_the_clips_is_on_the_row(tmp_path: Path) -> None:
    write(tmp_path, "code", {"a": 1.0, "b": 0.5}, distance=1.0)
    notes = ("resampled from 16000 Hz", "cropped by 0.41 s", "brought down by 1.0 dB")
    write(tmp_path, "gen", {"a": 1.0, "b": 0.5}, notes=notes, kind="generator", distance=1.0)
    found = compare(["code", "gen"], "notes", tmp_path)
    text = markdown(found)
    assert (
        "| `code` | language model | 2026-01-02 | 2 × 1 | 100% | the tier's rate | 0 | 0 | 0 |"
        in text
    )
    assert "| `gen` | generator | 2026-01-02 | 2 × 1 | 100% | 16000 Hz (2) | 2 | 0 | 2 |" in text
    assert "code has nothing above 22.05 kHz; gen has nothing above 8 kHz" in text
    write(tmp_path, "high", {"a": 1.0, "b": 0.5}, notes=("resampled from 48000 Hz",))
    assert "same band" not in markdown(compare(["code", "high"], "notes", tmp_path))
    write(tmp_path, "other", {"a": 1.0, "b": 0.5}, notes=notes)
    assert "same band" not in markdown(compare(["gen", "other"], "notes", tmp_path))


def test_json_says_the_same(tmp_path: Path) -> None:
    write(tmp_path, "one", {"a": 1.0, "b": 0.5}, distance=1.0)
    folder = write(tmp_path / "elsewhere", "one", {"a": 0.5, "b": 0.0})
    done = invoke("one", folder, "--tier", "notes", "--results", tmp_path, "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert [each["label"] for each in found["runs"]] == [
        f"one ({tmp_path / 'notes' / 'one'})",
        f"one ({folder})",
    ]
    (row,) = found["pairs"][0]["metrics"]
    assert (row["difference"], row["wins"], row["better"]) == (0.5, 2, None)
    assert list(found["unshared"]) == ["fd/logmel"]


def test_a_hostile_name_stays_in_its_cell(tmp_path: Path) -> None:
    write(tmp_path, "a|`b`", {"a": 1.0})
    write(tmp_path, "c", {"a": 1.0})
    assert "`a¦'b'`" in invoke("a|`b`", "c", "--tier", "notes", "--results", tmp_path).stdout


# --- what cannot be compared ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        (
            {"tier_digest": "9" * 64},
            "tier digests differ: 000000000000 in one, 999999999999 in two",
        ),
        ({"versions": {"note_f1": "2"}}, "the version of note_f1 (1 in one, 2 in two)"),
        (
            {"versions": {"fd/logmel": "1/aa/cc"}},
            "the recordings of fd/logmel (1/aa/bb in one, 1/aa/cc in two)",
        ),
        ({"versions": {"fd/logmel": "1/zz/bb"}}, "the embedder of fd/logmel"),
        ({"versions": {"fd/logmel": "1/zz/yy/bb"}}, "the way of measuring of fd/logmel"),
        ({"tier": "sounds"}, "two is a run on sounds, not on notes"),
    ],
)
def test_what_was_not_measured_alike_is_refused(
    changes: dict[str, Any], complaint: str, tmp_path: Path
) -> None:
    write(tmp_path, "one", {"a": 1.0, "b": 0.5}, distance=1.0)
    write(tmp_path, "two", {"a": 1.0, "b": 0.5}, distance=1.0, **changes)
    done = invoke("one", "two", "--tier", "notes", "--results", tmp_path)
    assert isinstance(done.exception, UsageError)
    assert complaint in str(done.exception)


def test_other_numbers_of_samples_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "one", {"a": [1.0, 1.0]})
    write(tmp_path, "two", {"a": [1.0]})
    with pytest.raises(UsageError, match="sample counts differ: 2 in one, 1 in two"):
        compare(["one", "two"], "notes", tmp_path)


def test_an_incomplete_run_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "one", {"a": 1.0, "b": 1.0})
    folder = write(tmp_path, "two", {"a": 1.0, "b": 1.0})
    log = folder / "scores.jsonl"
    log.write_text(log.read_text().splitlines(keepends=True)[0])
    with pytest.raises(UsageError, match="two is incomplete, 1 attempts are missing"):
        compare(["one", "two"], "notes", tmp_path)


def test_scores_of_two_versions_in_one_run_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "one", {"a": 1.0, "b": 1.0})
    folder = write(tmp_path, "two", {"a": 1.0, "b": 1.0})
    log = folder / "scores.jsonl"
    log.write_text(log.read_text().replace('"version":"1"', '"version":"2"', 1))
    with pytest.raises(UsageError, match="two has note_f1 in the versions 1 and 2"):
        compare(["one", "two"], "notes", tmp_path)


@pytest.mark.parametrize(
    ("names", "complaint"),
    [
        (["one"], "name two runs or more"),
        (["one", "one"], "named twice"),
        (["one", "tow"], "did you mean 'two'"),
    ],
)
def test_runs_that_are_not_there(names: list[str], complaint: str, tmp_path: Path) -> None:
    write(tmp_path, "one", {"a": 1.0})
    write(tmp_path, "two", {"a": 1.0})
    with pytest.raises(UsageError, match=complaint):
        compare(names, "notes", tmp_path)
