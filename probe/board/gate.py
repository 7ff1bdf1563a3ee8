"""A gate for CI: is a run worse than its baseline? A pure function of the logs of both."""

from __future__ import annotations

from dataclasses import dataclass

from probe.board.compare import Compared, Versus, compare_runs
from probe.records import Outcome
from probe.records.index import RunIndex
from probe.records.store import RunFolder
from probe.tier.folder import load

DROP = 5
"""Exit code: some metric dropped significantly."""
FAILS = 6
"""Exit code: no metric did, and a prompt fails that did not."""


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
    over the metrics), as `probe.board.compare` does.

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
