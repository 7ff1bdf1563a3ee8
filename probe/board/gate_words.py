"""What the gate found: a summary of the job in Markdown, and JUnit's XML."""

from __future__ import annotations

from xml.etree import ElementTree

from probe.board import compare_words
from probe.board.compare import Versus
from probe.board.gate import Case, Gate
from probe.board.markdown import code, interval, number
from probe.records.metrics import about
from probe.text import printable

SAID = 200
"""Characters of a detail that are worth a place in the summary."""


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
    whole = compare_words.markdown(gate.compared)
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
