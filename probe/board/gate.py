"""A gate for CI: is a run worse than its baseline? A pure function of the logs of both."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree import ElementTree

from probe.board import comparison
from probe.board.comparison import Compared, Versus, compare_runs
from probe.board.markdown import code, interval, number
from probe.records import Outcome
from probe.records.index import RunIndex
from probe.records.metrics import about
from probe.records.run_folder import RunFolder
from probe.text import printable
from probe.tier.folder import load

DROP = 5
"""Exit code: some metric dropped significantly."""
FAILS = 6
"""Exit code: no metric did, and a prompt fails that did not."""

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
    only_baseline: int
    """Prompts of the baseline that the run was not asked."""

    @property
    def drops(self) -> list[Versus]:
        """Metrics on which the baseline is significantly better."""
        return [row for row in self.compared.pairs[0].metrics if row.better == 0]

    @property
    def newly_failing(self) -> list[Case]:
        """Prompts that fail and did not."""
        return [case for case in self.cases if case.newly_failing]

    @property
    def exit_code(self) -> int:
        """0, `DROP` or `FAILS`."""
        if self.drops:
            return DROP
        return FAILS if self.newly_failing else 0


def judge(baseline: RunFolder, run: RunFolder, tier: str | None = None) -> Gate:
    """Hold a run against its baseline.

    Every per-clip metric is tested on the prompts that both have (sign flips, Holm's correction
    over the metrics), as `probe.board.comparison` does.

    Parameters
    ----------
    baseline, run : RunFolder
        Complete runs on the same version of a tier.
    tier : str, optional
        Folder of a tier that does not come with probe.

    Raises
    ------
    UsageError
        The runs cannot be compared; says why.
    """
    old, new = RunIndex(baseline.folder), RunIndex(run.folder)
    found = compare_runs([old, new], load(tier or baseline.run.spec.tier).tier)
    before, now = baseline.run.spec.prompts, run.run.spec.prompts
    return Gate(
        compared=found,
        cases=tuple(_case(old, new, prompt) for prompt in now if prompt in before),
        only_baseline=len(set(before) - set(now)),
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


def markdown(gate: Gate) -> str:
    """The summary: the verdict, what it rests on, and the whole comparison folded away."""
    baseline, run = (code(each.label) for each in gate.compared.contestants)
    prompts = f"{len(gate.cases)} prompts"
    if gate.only_baseline:
        prompts += f" ({gate.only_baseline} of the baseline's were not asked)"
    parts = [
        f"## {'✗ Worse' if gate.exit_code else '✓ Not worse'} on {gate.compared.tier}\n",
        f"{run} against the baseline {baseline}, {prompts}.\n",
    ]
    if gate.drops:
        parts += ["### Significant drops\n", "".join(f"- {_drop(row)}\n" for row in gate.drops)]
    if gate.newly_failing:
        lines = (f"- {code(case.prompt)}: {_failure(case)}\n" for case in gate.newly_failing)
        parts += ["### Newly failing\n", "".join(lines)]
    whole = comparison.markdown(gate.compared)
    parts.append(f"<details><summary>The whole comparison</summary>\n\n{whole}\n</details>\n")
    return "\n".join(parts)


def _drop(row: Versus) -> str:
    low, high = sorted((-row.low, -row.high))
    chance = "p < 0.001" if row.p < 0.001 else f"p = {row.p:.3f}"
    return (
        f"{row.metric}: {number(row.first)} → {number(row.second)}"
        f" ({interval(-row.difference, low, high, signed=True)}, {chance}, n = {row.n})"
    )


def _failure(case: Case) -> str:
    detail = case.detail[:SAID]
    return case.outcome + (f", {code(detail)}" if detail else "")


def junit(gate: Gate) -> str:
    """A test case for each prompt and for each metric, as JUnit's XML.

    A prompt fails where it is newly failing, and is skipped where it failed before too.
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
    dropped = gate.drops
    for row in gate.compared.pairs[0].metrics:
        element = _element(suite, f"{tier}.metrics", row.metric, "0")
        if row in dropped:
            better = "higher" if about(row.metric).higher_is_better else "lower"
            fault = ElementTree.SubElement(element, "failure", type="drop")
            fault.set("message", f"{_drop(row)}; {better} is better")
    cases = list(suite)
    suite.set("tests", str(len(cases)))
    suite.set("failures", str(len(gate.drops) + len(gate.newly_failing)))
    suite.set("errors", "0")
    suite.set("skipped", str(sum(case.find("skipped") is not None for case in cases)))
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _element(
    suite: ElementTree.Element, place: str, name: str, seconds: str
) -> ElementTree.Element:
    found = {"classname": printable(place), "name": printable(name), "time": seconds}
    return ElementTree.SubElement(suite, "testcase", found)
