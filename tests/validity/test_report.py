"""Every claim a report can make, made of a metric that keeps it and of one that does not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from probe.audio import to_pcm16
from probe.errors import UsageError
from probe.records import Prompt
from probe.records.metrics import about
from probe.records.references import References
from probe.records.store import Store
from probe.sandbox import Execution
from probe.tier.folder import load, names
from probe.validity import Inputs, examine, failures, judge, markdown, measure
from probe.validity import material as material_module
from probe.validity.damage import DAMAGES, VARIANTS
from probe.validity.expectations import EXPECTATIONS, Expectation, states_level
from probe.validity.judging import Findings, MetricFindings, Step, verdict
from probe.validity.material import RUNGS, render
from probe.validity.measuring import Key, Measured, spaced
from probe.wav import pcm16_wav_bytes
from tests.fakes import runs
from tests.fakes.sandbox import FakeSandbox
from tests.fakes.tiers import prompt
from tests.validity import trial

ALL = ("good", "lower", "deaf", "backwards", "touchy", "failing")


@pytest.fixture(scope="module", autouse=True)
def _metrics() -> Iterator[None]:
    with trial.metrics():
        yield


@pytest.fixture(scope="module")
def measured() -> Measured:
    return measure(trial.material(ALL), spread=map)


@pytest.fixture(scope="module")
def findings(measured: Measured) -> Findings:
    return judge(trial.material(ALL), measured)


def of(findings: Findings, name: str) -> MetricFindings:
    return next(found for found in findings.metrics if found.metric.name == name)


def step(findings: Findings, name: str, better: str, worse: str) -> Step:
    steps = of(findings, name).steps
    return next(s for s in steps if (s.better, s.worse) == (better, worse))


# --- order ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["good", "lower"])
def test_a_good_metric_puts_everything_in_order(findings: Findings, name: str) -> None:
    steps = of(findings, name).steps
    assert [(s.better, s.worse) for s in steps] == [
        ("exact", "program"),
        ("program", "other"),
        ("program", "noise"),
        ("program", "silence"),
        ("other", "noise"),
        ("other", "silence"),
    ]
    assert all(s.holds for s in steps)
    assert step(findings, name, "program", "noise").wins == 1.0
    assert step(findings, name, "program", "noise").gain.value > 0


def test_a_deaf_metric_is_told(findings: Findings) -> None:
    found = step(findings, "deaf", "program", "noise")
    assert (found.wins, found.ties, found.holds) == (0.0, 1.0, False)
    assert step(findings, "deaf", "other", "noise").holds, "it does not lose"


def test_a_metric_that_likes_what_is_wrong_is_told(findings: Findings) -> None:
    for worse in ("other", "noise", "silence"):
        found = step(findings, "backwards", "program", worse)
        assert found.holds is False
        assert found.gain.high < 0


@pytest.mark.parametrize(("loss", "holds"), [(0.02, True), (0.05, False)])
@pytest.mark.parametrize(("better", "worse"), [("other", "noise"), ("exact", "program")])
def test_not_losing_is_within_the_slack(better: str, worse: str, loss: float, holds: bool) -> None:
    there = trial.material(["good", "lower"])
    given = Measured()
    for p in there.programs:
        given.values[Key("rung", better)][p] = {"good": 0.5 - loss, "lower": 50 + 100 * loss}
        given.values[Key("rung", worse)][p] = {"good": 0.5, "lower": 50}
    found = judge(there, given)
    for name in ("good", "lower"):
        assert step(found, name, better, worse).holds is holds


def test_quality_may_like_another_prompts_program(measured: Measured) -> None:
    with pytest.MonkeyPatch.context() as patch:
        anything = Expectation(unordered=(("program", "other"),))
        patch.setitem(EXPECTATIONS, "deaf", anything)
        found = judge(trial.material(ALL), measured)
    assert step(found, "deaf", "program", "other").holds is None
    assert step(found, "deaf", "exact", "program").holds is None, "recordings are its top"
    assert step(found, "deaf", "program", "noise").holds is False


def test_two_prompts_are_too_few_for_a_claim() -> None:
    rows = {f"p{i}": {"good": 1.0} for i in range(2)}
    few = Measured()
    few.values[Key("rung", "program")] |= rows
    few.values[Key("rung", "noise")] |= rows
    found = judge(trial.material(["good"]), few)
    assert step(found, "good", "program", "noise").holds is None


def test_the_other_program_is_the_next_of_the_group() -> None:
    found = trial.material(["good"])
    heard = {p.id: found.audio("other", p) for p in found.loaded.prompts}
    assert np.array_equal(heard["p0"], found.programs["p1"])
    assert np.array_equal(heard["p4"], found.programs["p0"])
    assert np.array_equal(heard["p9"], found.programs["p5"])


# --- damage --------------------------------------------------------------------------------------


@pytest.mark.parametrize("damage", trial.HARMED)
@pytest.mark.parametrize("name", ["good", "lower"])
def test_a_good_metric_falls_under_every_damage(findings: Findings, name: str, damage: str) -> None:
    (found,) = (fall for fall in of(findings, name).falls if fall.damage == damage)
    assert found.holds, found
    assert len(found.means) == len(DAMAGES[damage].grades)


@pytest.mark.parametrize("name", ["deaf", "backwards"])
def test_a_metric_that_does_not_mind_a_damage_is_told(findings: Findings, name: str) -> None:
    assert {
        f.damage: f.holds for f in of(findings, name).falls if f.holds is not None
    } == dict.fromkeys(trial.HARMED, False)


def test_nothing_is_claimed_of_a_damage_that_need_not_matter(findings: Findings) -> None:
    (found,) = (fall for fall in of(findings, "good").falls if fall.damage == "low-pass")
    assert found.holds is None


@pytest.mark.parametrize(
    ("means", "holds"),
    [
        ((0.9, 0.7, 0.4, 0.2), True),
        ((0.9, 0.92, 0.4, 0.2), True),
        ((0.9, 0.94, 0.4, 0.2), False),
        ((1.0, 1.0, 1.0, 0.91), False),
        ((1.0, 1.0, 1.0, 0.89), True),
        ((0.5, 0.4, 0.3, 1.0), False),
    ],
)
def test_falling_is_monotone_within_the_slack_and_by_a_tenth(
    means: tuple[float, ...], holds: bool
) -> None:
    there = trial.material(["good"])
    given = Measured(sample=tuple(there.programs))
    for p in given.sample:
        given.values[Key("rung", "program")][p] = {"good": 1.0}
        for grade, mean in zip(DAMAGES["time shift"].grades, means, strict=True):
            given.values[Key("damage", "time shift", grade)][p] = {"good": mean}
    (fall,) = of(judge(there, given), "good").falls
    assert fall.holds is holds


class Recordings:
    """Plays for half of the prompts what their programs play."""

    def __init__(self, programs: dict[str, np.ndarray]) -> None:
        self._programs = {p: programs[p] / 32768 for p in list(programs)[::2]}

    def covers(self, asked: Prompt) -> bool:
        return asked.id in self._programs

    def audio(self, asked: Prompt, sample: int, sample_rate: int) -> np.ndarray:
        return self._programs[asked.id]


def test_a_metric_that_needs_references_is_tried_on_recordings(tmp_path: Path) -> None:
    there = trial.material(["good", "compared"])
    assert [m.name for m in there.metrics] == ["good"], "without references it is left out"
    programs = {p: np.zeros_like(pcm) for p, pcm in there.programs.items()}
    given = material_module.Material(
        loaded=there.loaded, programs=programs, references=References(tmp_path, (), "a" * 64)
    )
    vars(given)["_reference"] = Recordings(there.programs)
    measured = measure(given, spread=map)
    assert measured.recorded == ("p0", "p2", "p4", "p6", "p8")
    found = judge(given, measured)
    for name, n, holds in (("compared", 5, True), ("good", 10, False)):
        falls = {fall.damage: fall for fall in of(found, name).falls}
        assert {fall.n for fall in falls.values()} == {n}
        for damage in ("pitch shift", "time shift", "dropped events", "added noise"):
            assert falls[damage].holds is holds
    assert step(found, "compared", "real", "program").gain.value > 0.5


# --- the same audio ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["good", "lower", "deaf"])
def test_a_metric_that_hears_the_sound_alone_holds_still(findings: Findings, name: str) -> None:
    stills = of(findings, name).stills
    assert [still.variant for still in stills] == list(VARIANTS)
    assert all(still.holds for still in stills), stills


def test_a_metric_that_minds_the_level_is_told(findings: Findings) -> None:
    told = {still.variant: still.holds for still in of(findings, "touchy").stills}
    assert told["-6 dB"] is told["-20 dB"] is False
    assert told["FLAC"] is told["24-bit WAV"] is True
    assert any("`touchy` moves by" in line and "-20 dB" in line for line in failures(findings))


def test_a_clip_with_a_stated_level_is_not_turned_down() -> None:
    note = {"midi": 69, "onset_s": 0.0, "offset_s": 1.0}
    line = {"start_s": 0.0, "end_s": 1.0, "start_db": -20, "end_db": -20}
    for absolute in (True, False):
        loudness = {"absolute": absolute, "lines": [line]}
        truth = prompt().truth.model_validate({"notes": [note], "loudness": loudness})
        assert states_level(truth) is absolute
    assert not states_level(prompt().truth)


# --- one sound -----------------------------------------------------------------------------------


def test_no_single_sound_pleases_a_good_metric(findings: Findings) -> None:
    found = findings.one_sound
    assert found is not None
    assert found.holds
    assert found.mean < 0.3 < 0.8 < found.ceiling


def test_a_sound_that_is_good_for_everything_is_told() -> None:
    there = trial.material(["deaf"])
    found = judge(there, measure(there, spread=map)).one_sound
    assert found is not None
    assert found.holds is False


def test_the_finalists_are_tried_on_prompts_that_did_not_choose_them(measured: Measured) -> None:
    chosen_on = {p for key, rows in measured.values.items() if key.section == "sound" for p in rows}
    tried_on = {
        p for key, rows in measured.values.items() if key.section == "one sound" for p in rows
    }
    assert chosen_on
    assert tried_on
    assert not chosen_on & tried_on
    for key, rows in measured.values.items():
        if key.section in ("sound", "one sound"):
            assert key.name not in rows, "a sound is never tried on its own prompt"


# --- levels --------------------------------------------------------------------------------------


def test_levels_and_saturation() -> None:
    there = trial.material(["good"])
    scores = {p.id: (1.0 if p.level <= 2 else 0.5) for p in there.loaded.prompts}
    more = [prompt(f"q{i}", level=1, duration_s=1.0) for i in range(3)]
    loaded = there.loaded
    loaded = type(loaded)(loaded.tier, (*loaded.prompts, *more), loaded.templates, loaded.folder)
    there = material_module.Material(loaded=loaded, programs=there.programs)
    scores |= {p.id: 0.99 for p in more}
    found = judge(there, Measured(), {"a/model": scores})
    (source,) = found.sources
    assert source.name == "a/model"
    assert [level.level for level in source.levels] == [1, 2, 3, 4, 5]
    first, second, third = source.levels[:3]
    assert (first.mean.n, first.saturated) == (5, True)
    assert (second.mean.n, second.saturated) == (2, False), "two prompts prove nothing"
    assert third.saturated is False
    assert first.quartiles[0] == 0.99
    text = markdown(found)
    assert "Saturates level 1." in text
    assert "### `a/model`" in text


def test_saturation_of_a_metric_that_counts_errors() -> None:
    there = trial.material(["lower"])
    scores = {p.id: 2.0 for p in there.loaded.prompts}
    more = {"a": scores, "b": dict.fromkeys(scores, 20.0)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("probe.validity.judging.FEWEST", 2)
        sources = judge(there, Measured(), more).sources
    assert [level.saturated for level in sources[0].levels] == [True] * 5
    assert [level.saturated for level in sources[1].levels] == [False] * 5


# --- the report ----------------------------------------------------------------------------------


def test_the_same_values_give_the_same_bytes(measured: Measured, findings: Findings) -> None:
    backwards = Measured(**vars(measured))
    values = {
        key: dict(reversed(list(rows.items())))
        for key, rows in reversed(list(measured.values.items()))
    }
    backwards.values = type(measured.values)(dict, values)
    again = judge(trial.material(ALL), backwards)
    assert markdown(again) == markdown(findings)


def test_the_summary_tells_who_fails_where(findings: Findings) -> None:
    text = markdown(findings)
    summary = dict(re.findall(r"^\| `(\w+)`(?: \(primary\))? \| (.*) \|$", text, re.MULTILINE))
    assert summary["good"] == "holds | holds | holds | holds"
    assert summary["lower"] == "holds | holds | holds | –"
    assert summary["deaf"] == "**fails** | **fails** | holds | –"
    assert summary["backwards"].startswith("**fails** | **fails** |")
    assert summary["touchy"].startswith("holds | ")
    assert "What does not hold:" in text
    assert "- `backwards`: hand-written programs, worse than noise" in text
    assert "- `deaf`: hand-written programs, not better than noise" in text


def test_a_clean_report_says_so() -> None:
    there = trial.material(["good", "lower"])
    found = judge(there, measure(there, spread=map))
    assert failures(found) == []
    text = markdown(found)
    assert "Every claim holds." in text
    assert "**fails**" not in text


def test_what_a_metric_cannot_measure_is_in_the_report(findings: Findings) -> None:
    assert any("ValueError: too noisy" in fault for fault in findings.faults)
    assert "rung noise" in markdown(findings)


def test_the_head_names_everything_the_report_depends_on(findings: Findings) -> None:
    text = markdown(findings)
    assert f"`{findings.material.loaded.tier.digest}`" in text
    assert "`good` v3, `lower` v3" in text
    assert "| references | none |" in text


def test_what_is_not_tried_is_named() -> None:
    there = trial.material(["good", "fd/logmel", "timbre_distance", "clap/some"])
    text = markdown(judge(there, Measured()))
    assert "`fd/logmel` (needs references)" in text
    assert "`timbre_distance` (needs references)" in text
    assert "`clap/some` (needs an embedder)" in text


@pytest.mark.parametrize(
    ("claims", "found"), [([], None), ([None], None), ([True, None], True), ([True, False], False)]
)
def test_verdict(claims: list[bool | None], found: bool | None) -> None:
    assert verdict(claims) is found


def test_spaced_takes_first_and_last_and_no_one_twice() -> None:
    for size in range(1, 30):
        for n in range(2, 12):
            found = spaced(list(range(size)), n)
            assert len(set(found)) == min(n, size)
            assert (found[0], found[-1]) == (0, size - 1)


# --- from programs to a report -------------------------------------------------------------------


def test_programs_are_rendered_by_the_sandbox_and_failures_told(tmp_path: Path) -> None:
    there = trial.material(["good"])
    loaded = trial.tier(["good"], tmp_path)
    (tmp_path / "programs").mkdir()
    for name in ("p0", "p1", "p2", "p3"):
        (tmp_path / "programs" / f"{name}.py").write_text(name)
    wav = {name: pcm16_wav_bytes(there.programs[name], trial.RATE) for name in there.programs}
    sandbox = FakeSandbox(
        {
            "p0": Execution(outcome="ok", audio=wav["p0"]),
            "p1": Execution(outcome="timeout", detail="10 s"),
            "p2": Execution(outcome="ok", audio=b"RIFF"),
            "p3": Execution(outcome="ok", audio=wav["p3"]),
        }
    )
    found = render(loaded, None, sandbox, _silent())
    assert list(found.programs) == ["p0", "p3"]
    assert np.array_equal(found.programs["p3"], there.programs["p3"])
    assert found.faults[0] == "program of p1: timeout (10 s)"
    assert found.faults[1].startswith("program of p2: invalid audio (")
    before = found.programs_sha256
    (tmp_path / "programs" / "p3.py").write_text("p3 ")
    changed = FakeSandbox(lambda program, _: Execution(outcome="ok", audio=wav[program.strip()]))
    assert render(loaded, None, changed, _silent()).programs_sha256 != before


def _silent() -> object:
    import io

    from rich.console import Console

    from probe.display import Display

    return Display(Console(file=io.StringIO()))


def test_the_exact_truth_is_what_it_says() -> None:
    there = trial.material(["good"])
    for p in there.loaded.prompts:
        exact = there.audio("exact", p)
        assert exact.shape == there.programs[p.id].shape
        note = p.truth.notes[0]
        begin, end = (round(t * trial.RATE) for t in (note.onset_s, note.offset_s))
        assert np.abs(exact[begin : begin + 200]).max() > 1000
        assert not exact[:begin].any()
        assert not exact[end:].any()
    plain = prompt().truth.model_dump(exclude={"kind"})
    bend = {"start_s": 0.0, "end_s": 1.0, "start_midi": 60, "end_midi": 62}
    more = prompt().model_copy(
        update={"truth": prompt().truth.model_validate(plain | {"bends": [bend]})}
    )
    assert not there.covers("exact", more), "a truth that states more is not played"


def test_controls_are_those_of_every_run() -> None:
    there = trial.material(["good"])
    p = there.loaded.prompts[0]
    assert not there.audio("silence", p).any()
    rms = np.sqrt(np.mean((there.audio("noise", p) / 32768) ** 2))
    assert 20 * np.log10(rms) == pytest.approx(-20, abs=0.3)
    assert not there.covers("real", p)
    assert np.array_equal(to_pcm16(there.audio("program", p) / 32768), there.programs[p.id])
    assert {rung for rung in RUNGS if there.covers(rung, p)} == set(RUNGS) - {"real"}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"tier_digest": "f" * 64}, r"is a run of notes ffffffffffff, not of notes \w{12}"),
        ({"primary_metric": "note_f1"}, "is ranked by note_f1"),
    ],
)
def test_a_run_of_another_version_is_refused(
    tmp_path: Path, change: dict[str, str], complaint: str
) -> None:
    tier = load("notes").tier
    fields = {"tier_digest": tier.digest, "primary_metric": tier.primary_metric} | change
    with Store.open(tmp_path / "run", runs.run(**fields)):
        pass
    with pytest.raises(UsageError, match=complaint):
        examine(Inputs("notes", runs=(tmp_path / "run",)))


def test_a_run_given_twice_is_refused(tmp_path: Path) -> None:
    tier = load("notes").tier
    there = runs.run(
        tier_digest=tier.digest, primary_metric=tier.primary_metric, metrics=tier.metrics
    )
    with Store.open(tmp_path / "run", there):
        pass
    with pytest.raises(UsageError, match="a run of openai/small is given twice"):
        examine(Inputs("notes", runs=(tmp_path / "run", tmp_path / "run")))


# --- what is declared ----------------------------------------------------------------------------


def test_every_expectation_is_of_a_metric_and_of_damages_there_are() -> None:
    for name, expected in EXPECTATIONS.items():
        metric = about(name)
        assert metric.scope == "clip"
        assert set(expected.harmed_by) <= set(DAMAGES)
        assert expected.range_of(metric) > 0
        assert 0 < expected.tolerance <= 0.2


@pytest.mark.parametrize("name", names())
def test_of_every_metric_of_the_tiers_something_is_expected(name: str) -> None:
    for metric in map(about, load(name).tier.metrics):
        if metric.scope == "clip" and metric.module:
            assert metric.name in EXPECTATIONS, metric.name
