"""`probe ci`: what is worse than the baseline fails the build, and says where."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from probe.records import Outcome
from probe.records.metrics import METRICS as ALL_METRICS
from probe.records.metrics.notes import METRICS
from probe.records.store import Store
from tests.fakes import beeps
from tests.fakes.command import Said, probe
from tests.fakes.runs import rendering, run, score
from tests.fakes.talkers import fenced

NAMES = [f"p{i}" for i in range(10)]

Values = dict[str, float | Outcome]


@pytest.fixture(autouse=True)
def no_job(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests may run in a job of GitHub's themselves."""
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)


def steady(value: float) -> Values:
    return dict.fromkeys(NAMES, value)


def write(folder: Path, values: Values, *, detail: str | None = None, **changes: object) -> Path:
    """A run of which each prompt scores a value, or failed."""
    places = {name: {"group": "one", "level": 1} for name in values}
    with Store.open(folder, run(prompts=places, **changes)) as store:
        for name, value in values.items():
            failed = isinstance(value, Outcome)
            outcome = value if isinstance(value, Outcome) else Outcome.OK
            said = detail if failed else None
            row = rendering(name, outcome=outcome, detail=said, stderr_tail=said or "")
            store.add_rendering(row, sample_rate=8000)
            if not outcome.ours:
                store.add_score(score(name, 0.0 if isinstance(value, Outcome) else value))
    return folder


def gate(tmp_path: Path, before: Values, now: Values, *options: object) -> Said:
    baseline, judged = write(tmp_path / "a", before), write(tmp_path / "b", now)
    return probe("ci", "--baseline", baseline, "--run", judged, *options)


def test_a_run_like_its_baseline_passes(tmp_path: Path) -> None:
    done = gate(tmp_path, steady(0.8), steady(0.8))
    assert done.code == 0, done.err
    assert "✓ Not worse" in done.out


def test_a_better_run_passes(tmp_path: Path) -> None:
    assert gate(tmp_path, steady(0.2), steady(0.9)).code == 0


def test_a_significant_drop_fails(tmp_path: Path) -> None:
    done = gate(tmp_path, steady(0.8), steady(0.6))
    assert done.code == 5
    assert "note_f1: 0.800 → 0.600 (-0.200 [-0.200, -0.200], p = 0.002, n = 10)" in done.out


def test_a_drop_that_may_be_chance_passes(tmp_path: Path) -> None:
    sway = {name: 0.5 + (0.3 if i % 2 else -0.32) for i, name in enumerate(NAMES)}
    assert gate(tmp_path, steady(0.5), {**sway}).code == 0


def test_a_newly_failing_prompt_fails_and_one_that_always_did_does_not(tmp_path: Path) -> None:
    before = steady(0.8) | {"p1": Outcome.NO_CODE}
    now = steady(0.8) | {"p1": Outcome.TIMEOUT, "p4": Outcome.CRASHED}
    done = gate(tmp_path, before, now)
    assert done.code == 6
    section = done.out.split("### Newly failing\n")[1].split("<details>")[0]
    assert section.strip().splitlines() == ["- `p4`: crashed"]


def test_one_sample_that_still_works_is_no_new_failure(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in "ab"]
    for folder, second in zip(folders, (Outcome.OK, Outcome.CRASHED), strict=True):
        with Store.open(folder, run(samples=2, prompts={"a": {"group": "g", "level": 1}})) as store:
            for sample, outcome in enumerate((Outcome.OK, second)):
                store.add_rendering(rendering("a", sample, outcome=outcome), sample_rate=8000)
                store.add_score(score("a", 0.5, sample=sample))
    done = probe("ci", "--baseline", folders[0], "--run", folders[1], "--min-prompts", 1)
    assert done.code == 0


def few(n: int, value: float) -> Values:
    return dict.fromkeys([f"p{i}" for i in range(n)], value)


@pytest.mark.parametrize("n", [5, 6, 7, 10, 13, 14, 20, 40])
def test_a_total_collapse_fails_on_any_number_of_prompts(tmp_path: Path, n: int) -> None:
    done = gate(tmp_path, few(n, 1.0), few(n, 0.0))
    assert done.code == 5
    assert "✗ Worse" in done.out


@pytest.mark.parametrize("collapsed", range(1, 14))
def test_a_collapse_of_a_part_fails_too(tmp_path: Path, collapsed: int) -> None:
    """Prompts on which nothing changed help no test: what counts is how many differ."""
    done = gate(tmp_path, few(13, 1.0), few(13, 1.0) | few(collapsed, 0.0))
    assert done.code == (0 if collapsed / 13 <= 0.1 else 5)


def test_where_no_test_can_tell_the_size_decides_and_it_is_said(tmp_path: Path) -> None:
    path = tmp_path / "junit.xml"
    done = gate(tmp_path, few(5, 1.0), few(5, 0.0), "--junit", path)
    assert "### Significant drops" not in done.out
    assert (
        "### Large drops\n\n"
        "- note_f1: 1.000 → 0.000 (-1.000 [-1.000, -1.000], 100% of its scale, n = 5)\n\n"
        "So few prompts differ that no p below 0.05 can exist among 1 metric: note_f1 (5 of 5)."
        " Such a metric fails by a drop of more than 0.1 of its scale (`--max-drop`), one that not"
        " every prompt has by more than 0.5.\n"
    ) in done.out
    failure = ElementTree.parse(path).find(".//testcase[@name='note_f1']/failure")
    assert failure is not None
    assert "100% of its scale" in failure.get("message", "")


def test_the_largest_drop_that_passes_can_be_chosen(tmp_path: Path) -> None:
    before, now = write(tmp_path / "a", few(5, 0.8)), write(tmp_path / "b", few(5, 0.7))
    common = ("ci", "--baseline", before, "--run", now)
    passed = probe(*common)
    assert passed.code == 0
    assert "✓ Not worse, as far as 5 prompts can show, on notes" in passed.out
    assert probe(*common, "--max-drop", "0.05").code == 5
    assert probe(*common, "--max-drop", "-1").code == 2


def test_a_drop_of_an_error_is_a_share_of_what_a_failed_clip_gets(tmp_path: Path) -> None:
    """100 cents is the floor of pitch_cents, 0 the best: 15 cents more are .15 of the scale."""

    def cents(folder: Path, value: float) -> Path:
        places = {name: {"group": "one", "level": 1} for name in few(5, 0)}
        made = run(prompts=places, metrics=("pitch_cents",), primary_metric="pitch_cents")
        with Store.open(folder, made) as store:
            for name in places:
                store.add_rendering(rendering(name), sample_rate=8000)
                store.add_score(score(name, value, metric="pitch_cents"))
        return folder

    before = cents(tmp_path / "a", 10.0)
    judged = {value: cents(tmp_path / f"{value}", value) for value in (0.0, 20.0, 25.0)}
    codes = {v: probe("ci", "--baseline", before, "--run", f).code for v, f in judged.items()}
    assert codes == {0.0: 0, 20.0: 0, 25.0: 5}


def test_every_metric_of_a_clip_has_a_scale() -> None:
    assert all(each.span > 0 for each in ALL_METRICS.values() if each.scope == "clip")


def test_many_metrics_need_more_prompts(tmp_path: Path) -> None:
    """8 prompts give p = 1/128: enough for one metric, and not for one of seven."""
    names = [metric.name for metric in METRICS[:7]]

    def all_of(folder: Path, drop: float) -> Path:
        places = {name: {"group": "one", "level": 1} for name in few(8, 0)}
        made = run(prompts=places, metrics=tuple(names), primary_metric=names[0])
        with Store.open(folder, made) as store:
            for prompt in places:
                store.add_rendering(rendering(prompt), sample_rate=8000)
                for metric in names:
                    value = 1.0 - drop * (metric == names[0])
                    store.add_score(score(prompt, value, metric=metric))
        return folder

    before, now = all_of(tmp_path / "a", 0.0), all_of(tmp_path / "b", 0.9)
    done = probe("ci", "--baseline", before, "--run", now)
    assert done.code == 5
    assert "among 7 metrics: note_score (8 of 8), note_f1 (0 of 8)" in done.out


@pytest.mark.parametrize(("now", "code"), [(0.7, 0), (0.2, 5)])
def test_a_metric_of_a_few_prompts_among_many_fails_when_it_collapses(
    tmp_path: Path, now: float, code: int
) -> None:
    def mixed(folder: Path, rare: float) -> Path:
        places = {name: {"group": "one", "level": 1} for name in few(30, 0)}
        with Store.open(folder, run(prompts=places, metrics=("note_f1", "contour_rpa"))) as store:
            for number, prompt in enumerate(places):
                store.add_rendering(rendering(prompt), sample_rate=8000)
                store.add_score(score(prompt, 0.9))
                if number < 3:
                    store.add_score(score(prompt, rare, metric="contour_rpa"))
        return folder

    before, judged = mixed(tmp_path / "a", 0.9), mixed(tmp_path / "b", now)
    done = probe("ci", "--baseline", before, "--run", judged)
    assert done.code == code
    assert "among 2 metrics: contour_rpa (3 of 3)." in done.out


def test_too_few_prompts_are_no_ground_for_a_verdict(tmp_path: Path) -> None:
    before, now = write(tmp_path / "a", few(4, 0.8)), write(tmp_path / "b", few(4, 0.8))
    common = ("ci", "--baseline", before, "--run", now)
    done = probe(*common)
    assert (done.code, done.out) == (2, "")
    assert "share 4 prompts, too few for a verdict: at least 5 are wanted (--min-prompts)" in (
        done.err
    )
    assert probe(*common, "--min-prompts", "4").code == 0


def test_a_run_that_was_asked_a_part_passes_only_when_that_is_wanted(tmp_path: Path) -> None:
    path = tmp_path / "junit.xml"
    before = write(tmp_path / "a", few(25, 0.8))
    now = write(tmp_path / "b", few(5, 0.8))
    common = ("ci", "--baseline", before, "--run", now, "--junit", path)

    def kinds(kind: str) -> list[str | None]:
        return [
            case.get("name")
            for case in ElementTree.parse(path).iter("testcase")
            if case.find(kind) is not None
        ]

    done = probe(*common)
    assert done.code == 6
    assert "✗ Not all of the baseline's prompts were asked" in done.out
    assert "5 prompts (20 of the baseline's were not asked)" in done.out
    assert "`p14` and 10 more: ask them, or judge a part with `--partial`." in done.out
    assert kinds("failure") == [f"p{i}" for i in range(5, 25)]
    done = probe(*common, "--partial")
    assert done.code == 0
    assert "20 of the baseline's were not asked" in done.out
    assert (len(kinds("failure")), len(kinds("skipped"))) == (0, 20)


@pytest.mark.parametrize("which", ["run", "baseline"])
def test_an_incomplete_run_is_no_verdict(tmp_path: Path, which: str) -> None:
    values = [steady(0.8), steady(0.8)]
    values[which == "run"] = steady(0.8) | {"p1": Outcome.SANDBOX_ERROR}
    incomplete = gate(tmp_path, *values)
    assert (incomplete.code, incomplete.out) == (1, "")
    assert (
        f"the {which} openai/small is incomplete: 1 of its 10 attempts are missing"
        in incomplete.err
    )


def test_what_cannot_be_compared_is_no_verdict(tmp_path: Path) -> None:
    write(tmp_path / "a", steady(0.8))
    other = write(tmp_path / "c", steady(0.8), tier_digest="f" * 64)
    done = probe("ci", "--baseline", tmp_path / "a", "--run", other)
    assert done.code == 2
    assert "tier digests differ" in done.err
    assert probe("ci", "--baseline", tmp_path / "a", "--run", tmp_path / "nothing").code == 2


HOSTILE = "</failure><script>x</script>\x00\x1b[2J\ud800\ufffe ]]> ` | \n# heading"


def test_junit_has_a_case_for_each_prompt_and_metric(tmp_path: Path) -> None:
    path = tmp_path / "junit.xml"
    before = write(tmp_path / "a", steady(0.8) | {"p1": Outcome.NO_CODE})
    now = steady(0.5) | {"p1": Outcome.TIMEOUT, "p4": Outcome.CRASHED}
    judged = write(tmp_path / "b", now, detail=HOSTILE.replace("\ud800", ""))
    done = probe("ci", "--baseline", before, "--run", judged, "--junit", path)
    assert done.code == 5, "a drop comes before a failure"
    assert "\n# heading" not in done.out
    (suite,) = ElementTree.parse(path).getroot()
    assert {name: suite.get(name) for name in ("tests", "failures", "skipped", "errors")} == {
        "tests": "11",
        "failures": "2",
        "skipped": "1",
        "errors": "0",
    }
    by_name = {case.get("name"): case for case in suite}
    assert {name for name, case in by_name.items() if case.find("failure") is not None} == {
        "p4",
        "note_f1",
    }
    failure = by_name["p4"].find("failure")
    assert failure is not None
    assert "<script>" in (failure.text or "")
    assert "\\x1b[2J" in (failure.text or "")
    assert by_name["p1"].find("skipped") is not None
    assert by_name["p4"].get("classname") == "notes.one"


def test_the_verdict_is_told_to_programs_too(tmp_path: Path) -> None:
    done = gate(tmp_path, steady(0.9), steady(0.1), "--json")
    found = json.loads(done.out)
    assert done.code == found["exit_code"] == 5
    assert found["drops"] == ["note_f1"]
    assert found["prompts"] == found["metrics"][0]["n"]
    assert found["newly_failing"] == found["not_asked"] == []


def test_the_jobs_summary_is_added_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "summary.md"
    page.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    done = gate(tmp_path, steady(0.8), steady(0.6))
    assert page.read_text() == "before\n" + done.out


@pytest.mark.docker
def test_replayed_runs_are_judged_without_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    tier = beeps.write_tier(tmp_path / "beeps", "one", "two", "three")

    def replay(name: str, **replies: str) -> Path:
        log = tmp_path / f"{name}.jsonl"
        good = {p: fenced(beeps.program(*b)) for p, b in beeps.BEEPS.items()}
        rows = ({"prompt": prompt, "text": text} for prompt, text in (good | replies).items())
        log.write_text("".join(json.dumps(row) + "\n" for row in rows))
        where = ("--results", tmp_path / name)
        done = probe("run", "--tier", tier, "--model", f"replay/{log}", "--name", "lab/x", *where)
        assert done.code == 0, done.err
        return tmp_path / name / "beeps" / "lab--x"

    baseline = replay("before")
    worse = replay("now", two="I would rather not.")
    common = ("ci", "--tier", tier, "--min-prompts", 3, "--max-drop", 1, "--baseline", baseline)
    common = (*common, "--run")
    assert probe(*common, replay("same")).code == 0
    done = probe(*common, worse)
    assert done.code == 6
    assert "- `two`: no_code" in done.out
