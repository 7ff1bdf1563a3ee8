"""A gate for CI: is a run worse than its baseline? A pure function of the logs of both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from xml.etree import ElementTree

from probe.board import comparison
from probe.board.comparison import SAME, Compared, Versus, compare_runs
from probe.board.entries import summarize
from probe.board.markdown import code, interval, number
from probe.errors import ProbeError, UsageError
from probe.records import Outcome
from probe.records.index import RunIndex, of_each
from probe.records.metrics import about
from probe.records.run_folder import RunFolder
from probe.stats import LEVEL, smallest_p
from probe.text import printable
from probe.tier.folder import load

DROP = 5
"""Exit code: some metric dropped significantly, or by too much where no test can tell."""
FAILS = 6
"""Exit code: no metric did, and a prompt fails that did not, or was not asked."""

MAX_DROP = 0.1
"""What a metric may lose where no test can tell: a share of its scale (`Metric.span`)."""
COLLAPSE = 0.5
"""The same for a metric that not every prompt has: on three of 125 prompts a tenth is chance."""
MIN_PROMPTS = 5
"""Fewer are no ground for a verdict: one of four prompts is a quarter of the scale."""

LISTED = 10
"""Prompts that were not asked and are named in the summary."""

SAID = 200
"""Characters of a detail that are worth a place in the summary."""


@dataclass(frozen=True)
class Case:
    """One prompt that both runs have."""

    prompt: str
    group: str
    valid_before: int
    """Attempts of the baseline that gave valid audio."""
    valid_now: int
    outcome: str
    """Of the run's first attempt that gave none; ``ok`` where all did."""
    detail: str
    stderr: str
    wall_s: float
    """Of all the run's attempts together."""

    @property
    def newly_failing(self) -> bool:
        """Whether no attempt gives valid audio, where one did."""
        return self.valid_now == 0 < self.valid_before


@dataclass(frozen=True)
class Gate:
    """What a run lost against its baseline."""

    compared: Compared
    cases: tuple[Case, ...]
    not_asked: Mapping[str, str]
    """Prompts of the baseline that the run was not asked, with their groups."""
    partial: bool
    """Whether it may be judged without these."""
    max_drop: float

    @property
    def metrics(self) -> tuple[Versus, ...]:
        """What was compared."""
        return self.compared.pairs[0].metrics

    @property
    def drops(self) -> list[Versus]:
        """Metrics on which the baseline is significantly better."""
        return [row for row in self.metrics if row.better == 0]

    @property
    def untested(self) -> list[Versus]:
        """Metrics of which so few prompts differ that no p below `LEVEL` can exist."""
        least = LEVEL / len(self.metrics)
        return [
            row
            for row in self.metrics
            if smallest_p(changed(row)) >= least
            and (changed(row) or smallest_p(row.n) >= least)
            and row.better < 0
        ]

    @property
    def large(self) -> list[Versus]:
        """Those of the untested that dropped by more than `max_drop` of their scale."""
        return [row for row in self.untested if lost(row) > self._limit(row) + SAME]

    def _limit(self, row: Versus) -> float:
        every = row.n == len(self.cases)
        return self.max_drop if every else max(self.max_drop, COLLAPSE)

    @property
    def newly_failing(self) -> list[Case]:
        """Prompts that fail and did not."""
        return [case for case in self.cases if case.newly_failing]

    @property
    def exit_code(self) -> int:
        """0, `DROP` or `FAILS`."""
        if self.drops or self.large:
            return DROP
        return FAILS if self.newly_failing or (self.not_asked and not self.partial) else 0


def changed(row: Versus) -> int:
    """Prompts on which the runs differ: the others tell a test nothing."""
    return row.wins + row.losses


def lost(row: Versus) -> float:
    """What the run lost of a metric, as a share of its scale; negative for a gain."""
    metric = about(row.metric)
    return row.difference * (1 if metric.higher_is_better else -1) / metric.span


def judge(
    baseline: RunFolder,
    run: RunFolder,
    tier: str | None = None,
    *,
    max_drop: float = MAX_DROP,
    min_prompts: int = MIN_PROMPTS,
    partial: bool = False,
) -> Gate:
    """Hold a run against its baseline.

    Every per-clip metric is tested on the prompts that both have (sign flips, Holm's correction
    over the metrics), as `probe.board.comparison` does. Where so few prompts differ that no p below
    `LEVEL` can exist, the size of the drop decides.

    Parameters
    ----------
    baseline, run : RunFolder
        Complete runs on the same version of a tier.
    tier : str, optional
        Folder of a tier that does not come with probe.
    max_drop : float
        Share of its scale that a metric may lose where no test can tell.
    min_prompts : int
        Prompts that both must have.
    partial : bool
        Whether a run passes that was asked a part of the baseline's prompts.

    Raises
    ------
    ProbeError
        A run is incomplete.
    UsageError
        The runs cannot be compared, or share too few prompts; says why.
    """
    old, new = of_each(RunIndex, [baseline.folder, run.folder])
    for what, index in (("run", new), ("baseline", old)):
        entry = summarize(index)
        if not entry.closed:
            raise ProbeError(
                f"the {what} {entry.model} is incomplete: {entry.missing} of its {index.attempts}"
                " attempts are missing; finish it with the command that began it"
            )
    found = compare_runs([old, new], load(tier or baseline.run.spec.tier).tier)
    before, now = baseline.run.spec.prompts, run.run.spec.prompts
    shared = [prompt for prompt in now if prompt in before]
    if len(shared) < min_prompts:
        raise UsageError(
            f"the runs share {len(shared)} prompts, too few for a verdict: at least {min_prompts}"
            " are wanted (--min-prompts)"
        )
    return Gate(
        compared=found,
        cases=tuple(_case(old, new, prompt) for prompt in shared),
        not_asked={prompt: at.group for prompt, at in before.items() if prompt not in now},
        partial=partial,
        max_drop=max_drop,
    )


def _case(baseline: RunIndex, run: RunIndex, prompt: str) -> Case:
    rows = run.part(prompt).latest_renderings
    there = [rows[prompt, sample] for sample in range(run.run.spec.samples)]
    failed = next((row for row in there if row.outcome is not Outcome.OK), None)
    return Case(
        prompt=prompt,
        group=run.run.spec.prompts[prompt].group,
        valid_before=baseline.of_prompt(prompt).count(Outcome.OK),
        valid_now=run.of_prompt(prompt).count(Outcome.OK),
        outcome=failed.outcome if failed else Outcome.OK,
        detail=(failed.detail or "") if failed else "",
        stderr=failed.stderr_tail if failed else "",
        wall_s=sum(row.wall_s for row in there),
    )


# --- what is written -----------------------------------------------------------------------------


def as_json(gate: Gate) -> dict[str, Any]:
    """The verdict and what it rests on, for programs."""
    baseline, run = (each.label for each in gate.compared.contestants)
    return {
        "exit_code": gate.exit_code,
        "tier": gate.compared.tier,
        "baseline": baseline,
        "run": run,
        "prompts": len(gate.cases),
        "not_asked": list(gate.not_asked),
        "metrics": [asdict(row) for row in gate.metrics],
        "drops": [row.metric for row in gate.drops],
        "large_drops": [row.metric for row in gate.large],
        "untested": [row.metric for row in gate.untested],
        "newly_failing": [asdict(case) for case in gate.newly_failing],
    }


def markdown(gate: Gate) -> str:
    """The summary: the verdict, what it rests on, and the whole comparison folded away."""
    baseline, run = (code(each.label) for each in gate.compared.contestants)
    prompts = f"{len(gate.cases)} prompts"
    if gate.not_asked:
        prompts += f" ({len(gate.not_asked)} of the baseline's were not asked)"
    parts = [
        f"## {_verdict(gate)} on {gate.compared.tier}\n",
        f"{run} against the baseline {baseline}, {prompts}.\n",
    ]
    if gate.drops:
        parts += ["### Significant drops\n", "".join(f"- {_drop(row)}\n" for row in gate.drops)]
    if gate.large:
        parts += ["### Large drops\n", "".join(f"- {_large(row)}\n" for row in gate.large)]
    if gate.untested:
        parts.append(_untested(gate))
    if gate.not_asked and not gate.partial:
        names = [code(prompt) for prompt in gate.not_asked]
        more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
        parts += [
            "### Not asked\n",
            f"{', '.join(names[:LISTED])}{more}: ask them, or judge a part with `--partial`.\n",
        ]
    if gate.newly_failing:
        lines = (f"- {code(case.prompt)}: {_failure(case)}\n" for case in gate.newly_failing)
        parts += ["### Newly failing\n", "".join(lines)]
    whole = comparison.markdown(gate.compared)
    parts.append(f"<details><summary>The whole comparison</summary>\n\n{whole}\n</details>\n")
    return "\n".join(parts)


def _verdict(gate: Gate) -> str:
    if gate.drops or gate.large or gate.newly_failing:
        return "✗ Worse"
    if gate.exit_code:
        return "✗ Not all of the baseline's prompts were asked"
    if any(row.metric == gate.compared.primary_metric for row in gate.untested):
        return f"✓ Not worse, as far as {len(gate.cases)} prompts can show,"
    return "✓ Not worse"


def _drop(row: Versus) -> str:
    chance = "p < 0.001" if row.p < 0.001 else f"p = {row.p:.3f}"
    return _change(row, chance)


def _large(row: Versus) -> str:
    return _change(row, f"{lost(row):.0%} of its scale")


def _change(row: Versus, why: str) -> str:
    low, high = sorted((-row.low, -row.high))
    return (
        f"{row.metric}: {number(row.first)} → {number(row.second)}"
        f" ({interval(-row.difference, low, high, signed=True)}, {why}, n = {row.n})"
    )


def _untested(gate: Gate) -> str:
    """What no test can tell, and what is done about it."""
    which = ", ".join(f"{row.metric} ({changed(row)} of {row.n})" for row in gate.untested)
    return (
        f"So few prompts differ that no p below {LEVEL:g} can exist among"
        f" {len(gate.metrics)} {'metric' if len(gate.metrics) == 1 else 'metrics'}: {which}."
        f" Such a metric fails by a drop of more than {gate.max_drop:g} of its scale"
        " (`--max-drop`), one that not every prompt has by more than"
        f" {max(gate.max_drop, COLLAPSE):g}.\n"
    )


def _failure(case: Case) -> str:
    detail = case.detail[:SAID]
    return case.outcome + (f", {code(detail)}" if detail else "")


def junit(gate: Gate) -> str:
    """A test case for each prompt and for each metric, as JUnit's XML.

    A prompt fails where it is newly failing or was not asked, and is skipped where it failed before
    too, or only a part is judged.
    """
    tier, label = gate.compared.tier, gate.compared.contestants[1].label
    suite = ElementTree.Element("testsuite", name=printable(f"{label} on {tier}"))
    for case in gate.cases:
        place = f"{tier}.{case.group}"
        element = _element(suite, place, case.prompt, f"{case.wall_s:.3f}")
        if case.newly_failing:
            fault = ElementTree.SubElement(element, "failure", type=case.outcome)
            fault.set("message", printable(f"{case.outcome}: {case.detail}"))
            fault.text = printable(case.stderr)
        elif case.valid_now == 0:
            said = f"{case.outcome}, and failed in the baseline too"
            ElementTree.SubElement(element, "skipped", message=said)
    for prompt, group in gate.not_asked.items():
        element = _element(suite, f"{tier}.{group}", prompt, "0")
        if gate.partial:
            ElementTree.SubElement(element, "skipped", message="not asked")
        else:
            ElementTree.SubElement(element, "failure", type="not_asked", message="not asked")
    for row in gate.metrics:
        element = _element(suite, f"{tier}.metrics", row.metric, "0")
        if row in gate.drops or row in gate.large:
            better = "higher" if about(row.metric).higher_is_better else "lower"
            said = _drop(row) if row in gate.drops else _large(row)
            fault = ElementTree.SubElement(element, "failure", type="drop")
            fault.set("message", f"{said}; {better} is better")
    cases = list(suite)
    suite.set("tests", str(len(cases)))
    for total, kind in (("failures", "failure"), ("skipped", "skipped")):
        suite.set(total, str(sum(case.find(kind) is not None for case in cases)))
    suite.set("errors", "0")
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _element(
    suite: ElementTree.Element, place: str, name: str, seconds: str
) -> ElementTree.Element:
    found = {"classname": printable(place), "name": printable(name), "time": seconds}
    return ElementTree.SubElement(suite, "testcase", found)
