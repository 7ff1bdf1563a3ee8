"""`probe ci`: what is worse than the baseline fails the build, and says where."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from probe.records import Outcome
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
    assert probe("ci", "--baseline", folders[0], "--run", folders[1]).code == 0


def test_fewer_prompts_are_said(tmp_path: Path) -> None:
    done = gate(tmp_path, steady(0.8), {"p0": 0.8, "p1": 0.8})
    assert done.code == 0
    assert "2 prompts (8 of the baseline's were not asked)" in done.out


def test_what_cannot_be_compared_is_no_verdict(tmp_path: Path) -> None:
    incomplete = gate(tmp_path, steady(0.8), steady(0.8) | {"p1": Outcome.SANDBOX_ERROR})
    assert (incomplete.code, incomplete.out) == (2, "")
    assert "incomplete" in incomplete.err
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
    common = ("ci", "--tier", tier, "--baseline", baseline, "--run")
    assert probe(*common, replay("same")).code == 0
    done = probe(*common, worse)
    assert done.code == 6
    assert "- `two`: no_code" in done.out
