from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from probe.ask.prices import find_price
from probe.board.entries import summarize
from probe.board.leaderboard import markdown, stale, write
from probe.board.order import out_of_order, read
from probe.errors import ProbeError, UsageError
from probe.models.usage import Tokens
from probe.records import SCHEMA, Outcome
from probe.records.folder_names import slug
from probe.records.index import RunIndex
from probe.records.run_folder import RunFolder
from probe.records.store import Store
from tests.fakes.runs import completion, rendering, run, score

PROMPTS = {f"p{i}": {"group": "low" if i < 4 else "high", "level": 1} for i in range(8)}


def add_run(
    results: Path,
    model: str,
    values: dict[str, float | Outcome],
    *,
    tier: str = "notes",
    **changes: Any,
) -> Path:
    """Write a run whose prompts score `values`; an outcome in their place is a failure."""
    folder = results / tier / slug(model)
    changes = {"prompts": {p: PROMPTS[p] for p in values}, "tier": tier} | changes
    with Store.open(folder, run(model=model, **changes)) as store:
        for prompt, value in values.items():
            store.add_completion(completion(prompt))
            outcome = value if isinstance(value, Outcome) else Outcome.OK
            store.add_rendering(rendering(prompt, outcome=outcome), sample_rate=8000)
            if not outcome.ours:
                store.add_score(score(prompt, 0.0 if isinstance(value, Outcome) else value))
    return folder


def steady(value: float) -> dict[str, float | Outcome]:
    return dict.fromkeys(PROMPTS, value)


def rows(text: str, heading: str) -> list[list[str]]:
    """Cells of the table below a heading, without its header."""
    section = text.split(f"### {heading}\n")[1].split("\n#")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_models_are_ranked_and_controls_are_not(tmp_path: Path) -> None:
    add_run(tmp_path, "openai/good", steady(0.75))
    add_run(tmp_path, "openai/better", steady(0.9))
    add_run(tmp_path, "builtin/programs", steady(1.0), kind="programs")
    add_run(tmp_path, "builtin/noise", steady(0.0), kind="control", image=None)
    write(tmp_path)
    text = (tmp_path / "LEADERBOARD.md").read_text()
    assert [row[:2] for row in rows(text, "Models")] == [
        ["1", "`openai/better`"],
        ["2", "`openai/good`"],
    ]
    assert [row[0] for row in rows(text, "Controls")] == ["`builtin/programs`", "`builtin/noise`"]
    assert rows(text, "Models")[1][2:9] == [
        "–",
        "2026-01-02",
        "8",
        "100%",
        "0.750 [0.750, 0.750]",
        "0.750 [0.750, 0.750]",
        "-0.250 [-0.250, -0.250]",
    ]


def test_failures_count_and_are_told_apart(tmp_path: Path) -> None:
    values = steady(1.0) | {"p0": Outcome.TIMEOUT, "p5": Outcome.NO_CODE}
    entry = summarize(RunIndex(add_run(tmp_path, "openai/m", values)))
    found = entry.scores["note_f1"]
    assert found.valid_only is not None
    assert (found.all_attempts.value, found.all_attempts.n) == (0.75, 8)
    assert (found.valid_only.value, found.valid_only.n) == (1.0, 6)
    assert entry.rendered == 0.75
    assert entry.outcomes == {"no_code": 1, "ok": 6, "timeout": 1}
    assert entry.complete
    assert {g: e.value for g, e in entry.groups.items()} == {"low": 0.75, "high": 0.75}


def test_samples_of_a_prompt_are_averaged_and_prompts_resampled(tmp_path: Path) -> None:
    folder = tmp_path / "notes" / "m"
    with Store.open(folder, run(samples=2)) as store:
        for prompt, sample, value in (("a", 0, 1.0), ("a", 1, 0.0), ("b", 0, 0.5), ("b", 1, 0.5)):
            store.add_rendering(rendering(prompt, sample), sample_rate=8000)
            store.add_score(score(prompt, value, sample=sample))
    found = summarize(RunIndex(folder)).scores["note_f1"].all_attempts
    assert (found.value, found.low, found.high, found.n) == (0.5, 0.5, 0.5, 2)


@pytest.mark.parametrize("fault", [Outcome.PROVIDER_ERROR, Outcome.SANDBOX_ERROR])
def test_a_run_with_a_failure_of_ours_is_incomplete_and_not_ranked(
    tmp_path: Path, fault: Outcome
) -> None:
    add_run(tmp_path, "openai/m", steady(1.0) | {"p3": fault})
    (board,) = read(tmp_path)
    assert not board.entries
    assert [(e.model, e.missing, e.outcomes[fault]) for e in board.incomplete] == [
        ("openai/m", 1, 1)
    ]
    write(tmp_path)
    text = (tmp_path / "LEADERBOARD.md").read_text()
    assert rows(text, "Incomplete, not ranked") == [["`openai/m`", "8", "1"]]


def test_a_run_of_fewer_prompts_is_shown_and_not_ranked(tmp_path: Path) -> None:
    add_run(tmp_path, "openai/whole", steady(0.5))
    add_run(tmp_path, "openai/easy-ones", {"p0": 1.0, "p1": 1.0})
    write(tmp_path)
    text = (tmp_path / "LEADERBOARD.md").read_text()
    assert [row[1] for row in rows(text, "Models")] == ["`openai/whole`"]
    assert [row[:4] for row in rows(text, "Not ranked")] == [
        ["`openai/easy-ones`", "–", "2026-01-02", "2"]
    ]
    assert "`openai/easy-ones` has 2 of 8 prompts" in text
    (tier,) = json.loads((tmp_path / "leaderboard.json").read_text())["tiers"]
    assert {r["model"]: r["ranked"] for r in tier["runs"]} == {
        "openai/easy-ones": False,
        "openai/whole": True,
    }


def test_a_set_metric_brings_its_own_interval(tmp_path: Path) -> None:
    folder = add_run(tmp_path, "openai/m", steady(1.0))
    extras = {"low": 1.5, "high": 2.5, "n": 8, "valid_only": None, "reference": "abc"}
    with Store.open(folder, RunFolder(folder).run) as store:
        store.add_score(score(None, 2.0, metric="fd/logmel", extras=extras))
    found = summarize(RunIndex(folder)).scores["fd/logmel"]
    assert (found.all_attempts.value, found.all_attempts.high, found.reference) == (2.0, 2.5, "abc")
    write(tmp_path)
    assert "2.000 [1.500, 2.500]" in (tmp_path / "LEADERBOARD.md").read_text()


def test_a_distance_stands_between_real_recordings_and_noise(tmp_path: Path) -> None:
    extras = {"low": 1.5, "high": 2.5, "n": 8, "valid_only": None, "reference": "abc" * 9}
    bounds = {
        "openai/a": {"floor": {"value": 0.2, "low": 0.1, "high": 0.3, "n": 4, "splits": 10}},
        "openai/b": {"ceiling": {"value": 9.0, "low": 8.0, "high": 9.5, "n": 8}, "floor": None},
        "openai/c": {"ceiling": 9.0},
        "openai/d": {},
    }
    for model, known in bounds.items():
        folder = add_run(tmp_path, model, steady(1.0))
        with Store.open(folder, RunFolder(folder).run) as store:
            store.add_score(score(None, 2.0, metric="fd/logmel", extras=extras | known))
    write(tmp_path)
    found = rows((tmp_path / "LEADERBOARD.md").read_text(), "Distances to recordings")
    value = "2.000 [1.500, 2.500]"
    assert [row[1:] for row in found] == [
        ["`openai/a`", value, "–", "0.200 [0.100, 0.300]", "–", "`abcabcabcabc`"],
        ["`openai/b`", value, "–", "–", "9.000 [8.000, 9.500]", "`abcabcabcabc`"],
        ["`openai/c`", value, "–", "–", "9.000", "`abcabcabcabc`"],
    ]
    scores = summarize(RunIndex(tmp_path / "notes" / slug("openai/a"))).scores
    assert scores["fd/logmel"].floor is not None
    assert scores["fd/logmel"].floor.n == 4


def test_a_metric_that_was_not_measured_is_a_dash_and_no_zero(tmp_path: Path) -> None:
    with_it = add_run(tmp_path, "openai/with", steady(1.0))
    add_run(tmp_path, "openai/without", steady(1.0))
    with Store.open(with_it, RunFolder(with_it).run) as store:
        for prompt in PROMPTS:
            store.add_score(score(prompt, 0.25, metric="clap/some-checkpoint"))
    write(tmp_path)
    found = {row[1]: row[-3] for row in rows((tmp_path / "LEADERBOARD.md").read_text(), "Models")}
    assert found == {"`openai/with`": "0.250 [0.250, 0.250]", "`openai/without`": "–"}


def test_models_that_no_test_tells_apart_share_places(tmp_path: Path) -> None:
    sway = {p: 0.4 + 0.1 * (i % 2) for i, p in enumerate(PROMPTS)}
    back = {p: 0.51 - 0.1 * (i % 2) for i, p in enumerate(PROMPTS)}
    add_run(tmp_path, "openai/one", {**sway})
    add_run(tmp_path, "openai/other", {**back})
    add_run(tmp_path, "openai/best", steady(0.9))
    write(tmp_path)
    text = (tmp_path / "LEADERBOARD.md").read_text()
    assert [row[:2] for row in rows(text, "Models")] == [
        ["1", "`openai/best`"],
        ["2–3", "`openai/other`"],
        ["2–3", "`openai/one`"],
    ]
    (tier,) = json.loads((tmp_path / "leaderboard.json").read_text())["tiers"]
    assert {r["model"]: r["ranks"] for r in tier["runs"]}["openai/one"] == {"best": 2, "worst": 3}
    assert f"8 prompts show a true difference of {tier['smallest_difference']:.3f}" in text


def test_models_without_a_prompt_in_common_cannot_be_told_apart(tmp_path: Path) -> None:
    add_run(tmp_path, "openai/easy", {"p0": 1.0, "p1": 1.0})
    add_run(tmp_path, "openai/hard", {"p2": 0.0, "p3": 0.0})
    write(tmp_path)
    text = (tmp_path / "LEADERBOARD.md").read_text()
    assert [row[0] for row in rows(text, "Models")] == ["1–2", "1–2"]


def test_one_model_has_nothing_to_differ_from(tmp_path: Path) -> None:
    add_run(tmp_path, "openai/one", steady(0.5))
    write(tmp_path)
    text = (tmp_path / "LEADERBOARD.md").read_text()
    assert rows(text, "Models")[0][0] == "1"
    assert "true difference" not in text


def test_difference_is_paired_on_the_prompts_that_both_have(tmp_path: Path) -> None:
    values: dict[str, float | Outcome] = {p: i / 10 for i, p in enumerate(PROMPTS)}
    ceiling = {p: float(v) + 0.1 for p, v in values.items() if isinstance(v, float)}
    add_run(tmp_path, "openai/m", values)
    add_run(tmp_path, "builtin/programs", {**ceiling}, kind="programs")
    write(tmp_path)
    (tier,) = json.loads((tmp_path / "leaderboard.json").read_text())["tiers"]
    against = next(r for r in tier["runs"] if r["model"] == "openai/m")["against_ceiling"]
    assert against == {"value": -0.1, "low": -0.1, "high": -0.1, "n": 8}


def test_controls_out_of_order_are_said(tmp_path: Path) -> None:
    add_run(tmp_path, "builtin/programs", steady(0.2), kind="programs")
    add_run(tmp_path, "builtin/noise", steady(0.3), kind="control")
    add_run(tmp_path, "builtin/silence", steady(0.0), kind="control")
    (board,) = read(tmp_path)
    assert out_of_order(board) == ["builtin/programs does not beat builtin/noise"]
    write(tmp_path)
    assert "The measurement is broken" in (tmp_path / "LEADERBOARD.md").read_text()


def test_versions_of_a_tier_are_kept_apart(tmp_path: Path) -> None:
    add_run(tmp_path, "openai/a", steady(1.0))
    add_run(tmp_path, "openai/b", steady(1.0), tier_digest="f" * 64)
    assert [[e.model for e in board.entries] for board in read(tmp_path)] == [
        ["openai/a"],
        ["openai/b"],
    ]


def test_same_logs_give_the_same_bytes_and_a_change_is_stale(tmp_path: Path) -> None:
    values = {p: (i * 37 % 11) / 11 for i, p in enumerate(PROMPTS)}
    folder = add_run(tmp_path, "openai/m", {**values})
    names = ("LEADERBOARD.md", "leaderboard.json")
    assert stale(tmp_path) == [tmp_path / name for name in names]
    paths = write(tmp_path)
    first = [path.read_bytes() for path in paths]
    assert stale(tmp_path) == []
    assert [path.read_bytes() for path in write(tmp_path)] == first
    with Store.open(folder, RunFolder(folder).run) as store:
        store.add_score(score("p0", 1.0))
    assert stale(tmp_path) == paths
    assert [path.read_bytes() for path in paths] == first, "checking writes nothing"


def test_a_models_name_cannot_leave_its_cell(tmp_path: Path) -> None:
    name = "openai/x` | <img src=x onerror=alert(1)> |\n# title"
    add_run(tmp_path, name, steady(0.5))
    write(tmp_path)
    text = (tmp_path / "LEADERBOARD.md").read_text()
    (row,) = rows(text, "Models")
    assert row[1].startswith("`openai/x'")
    assert not re.search(r"^# title", text, re.MULTILINE)


def test_no_run_yet_is_a_board_too(tmp_path: Path) -> None:
    write(tmp_path)
    assert "No run yet" in (tmp_path / "LEADERBOARD.md").read_text()


def test_no_folder_and_a_newer_folder_are_errors(tmp_path: Path) -> None:
    with pytest.raises(ProbeError, match="no results folder"):
        read(tmp_path / "nowhere")
    folder = add_run(tmp_path, "openai/m", steady(1.0))
    (folder / "run.json").write_text(json.dumps({"schema_version": SCHEMA + 1}))
    with pytest.raises(UsageError, match="newer probe"):
        write(tmp_path)


def test_cost_and_latency_are_columns_of_language_models(tmp_path: Path) -> None:
    values: dict[str, float | Outcome] = {"p0": 0.5, "p1": 0.6, "p2": 0.7}
    usage = {"prompt_tokens": 1000, "completion_tokens": 2000, "total_tokens": 3000}
    for model in ("openai/gpt-4o", "openai/of-my-own"):
        folder = add_run(tmp_path, model, values)
        rows = [completion(name, usage=usage, latency_s=2.5) for name in values]
        text = "".join(row.model_dump_json(exclude_defaults=True) + "\n" for row in rows)
        (folder / "completions.jsonl").write_text(text)
    add_run(tmp_path, "builtin/noise", values, kind="control")
    board = markdown(read(tmp_path))
    header = next(line for line in board.splitlines() if "| model | version | date" in line)
    assert header.endswith("| cost | seconds a reply |")
    (known,) = (line for line in board.splitlines() if "| `openai/gpt-4o`" in line and "$" in line)
    price = find_price("openai/gpt-4o", {}, date(2026, 1, 2))
    assert price is not None
    dollars = price.dollars(Tokens(input=3000, output=6000))
    assert known.endswith(f"| ${dollars:.2f} | 2.5 |")
    assert "| unknown | 2.5 |" in board
    (noise,) = (e for e in read(tmp_path)[0].controls)
    assert noise.spent is None


def test_scores_by_level_say_where_a_model_stops(tmp_path: Path) -> None:
    places = {f"p{i}": {"group": "low", "level": 1 + i % 2} for i in range(6)}
    values: dict[str, float | Outcome] = {
        name: 0.9 - 0.4 * (i % 2) for i, name in enumerate(places)
    }
    add_run(tmp_path, "openai/small", values, prompts=places)
    (entry,) = read(tmp_path)[0].models
    assert {level: found.value for level, found in entry.levels.items()} == {"1": 0.9, "2": 0.5}
    assert "| model | level 1 | level 2 |" in markdown(read(tmp_path))
