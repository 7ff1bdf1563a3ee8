"""Can a tier's measurement be believed? Every metric, tried on sounds of known worth."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from probe.board.entries import summarize
from probe.display import Display
from probe.errors import UsageError
from probe.records.index import RunIndex
from probe.records.references import References
from probe.sandbox.attacks.verify import preflight
from probe.sandbox.choose import open_venue
from probe.tier.folder import LoadedTier, load, programs_of
from probe.validity.judging import Findings, judge
from probe.validity.material import Material, render
from probe.validity.measuring import measure
from probe.validity.report import failures, markdown
from probe.validity.sets import try_sets

__all__ = ["Findings", "Inputs", "Material", "examine", "failures", "judge", "markdown", "measure"]


@dataclass(frozen=True)
class Inputs:
    """What the person asked for."""

    tier: str
    references: Path | None = None
    runs: tuple[Path, ...] = ()
    sandbox: str = "docker"


def examine(inputs: Inputs, display: Display | None = None) -> Findings:
    """Render a tier's programs, try every metric on them, and judge what came of it.

    Raises
    ------
    UsageError
        The tier, the references or a run make no sense, or belong to another version of the tier.
    PrerequisiteError
        There is no sandbox, or it does not hold on this machine.
    """
    display = display or Display()
    loaded = load(inputs.tier)
    references = References.open(inputs.references) if inputs.references else None
    runs: dict[str, dict[str, float]] = {}
    for path in inputs.runs:
        name, scores = _scores(path, loaded)
        if name in runs:
            raise UsageError(f"{path}: a run of {name} is given twice")
        runs[name] = scores
    if not programs_of(loaded):
        raise UsageError(f"{loaded.tier.name} has no hand-written programs to try its metrics on")
    venue = open_venue(inputs.sandbox)
    sandbox = venue.open()
    preflight(venue)
    material = render(loaded, references, sandbox, display)
    measured = measure(material, display)
    return judge(material, measured, runs, try_sets(material, display))


def _scores(path: Path, loaded: LoadedTier) -> tuple[str, dict[str, float]]:
    """A recorded run's name and its scores by prompt."""
    run = RunIndex(path)
    spec = run.run.spec
    if spec.tier_digest != loaded.tier.digest:
        raise UsageError(
            f"{path} is a run of {spec.tier} {spec.tier_digest[:12]}, not of {loaded.tier.name}"
            f" {loaded.tier.digest[:12]}; run it again"
        )
    if spec.primary_metric != loaded.tier.primary_metric:
        raise UsageError(f"{path} is ranked by {spec.primary_metric}; run it again")
    return spec.row, summarize(run).by_prompt
