"""One model on one tier: what is asked for, what it needs, and the three stages in a row."""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from probe import pipeline, scoring
from probe.display import Display
from probe.errors import UsageError
from probe.models import open_door
from probe.models.base import AudioSource, LanguageModel
from probe.prompting import message
from probe.records import Place, Prompt, Run, Spec
from probe.references import References
from probe.results import Entry, summarize
from probe.sandbox import Sandbox
from probe.sandbox.choose import open_venue
from probe.sandbox.verify import Venue, preflight
from probe.store import RunFolder, Store, read_run, slug
from probe.tiers import LoadedTier, load

_RECORDED_PACKAGES = (
    "anthropic",
    "docker",
    "librosa",
    "mir_eval",
    "numpy",
    "openai",
    "probe",
    "scipy",
    "soundfile",
    "soxr",
)


@dataclass(frozen=True)
class Options:
    """What the person asked for."""

    tier: str
    model: str
    results: Path
    references: Path | None = None
    limit: int | None = None
    samples: int = 1
    sandbox: str = "docker"
    runtime: str | None = None


@dataclass(frozen=True)
class Plan:
    """A run that is ready to begin: everything it needs was found."""

    loaded: LoadedTier
    door: LanguageModel | AudioSource
    references: References | None
    run: Run
    folder: Path
    venue: Venue | None
    sandbox: Sandbox | None
    """Where programs run; None for a door that leaves audio without one."""


def prepare(options: Options) -> Plan:
    """Find everything the run needs, before anything is spent.

    Raises
    ------
    UsageError
        The tier, the model or the references do not make sense, or fit no prompt.
    PrerequisiteError
        A key, the Docker engine or the sandbox image is missing.
    """
    loaded = load(options.tier)
    references = References.open(options.references) if options.references else None
    door = open_door(options.model, loaded, references=references)
    prompts = [prompt for prompt in loaded.prompts if door.covers(prompt)][: options.limit]
    if not prompts:
        raise UsageError(f"{door.name} fits no prompt of the tier {loaded.tier.name!r}")
    venue = sandbox = None
    if isinstance(door, LanguageModel):
        venue = open_venue(options.sandbox, runtime=options.runtime)
        sandbox = venue.open()
    spec = _spec(loaded, door, prompts, options.samples, sandbox.image if sandbox else None)
    return Plan(
        loaded=loaded,
        door=door,
        references=references,
        run=_run(spec, sandbox.name if sandbox else None),
        folder=options.results / loaded.tier.name / slug(door.name),
        venue=venue,
        sandbox=sandbox,
    )


def _spec(
    loaded: LoadedTier,
    door: LanguageModel | AudioSource,
    prompts: list[Prompt],
    samples: int,
    image_id: str | None,
) -> Spec:
    sent = hashlib.sha256()
    for prompt in prompts:
        text = message(loaded, prompt).encode()
        sent.update(f"{prompt.id} {len(text)}\n".encode() + text)
    return Spec(
        tier=loaded.tier.name,
        tier_digest=loaded.tier.digest,
        prompt_digest=sent.hexdigest(),
        model=door.name,
        kind=door.kind,
        settings=door.settings(),
        metrics=loaded.tier.metrics,
        primary_metric=loaded.tier.primary_metric,
        prompts={p.id: Place(group=p.group, level=p.level) for p in prompts},
        samples=samples,
        image=image_id,
    )


def _run(spec: Spec, sandbox: str | None) -> Run:
    return Run(
        spec=spec,
        sandbox=sandbox,
        packages={"python": platform.python_version()}
        | {name: metadata.version(name) for name in _RECORDED_PACKAGES},
        git_revision=git_revision(),
        started=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def git_revision() -> str | None:
    """Revision of the source tree probe runs from, ``-dirty`` when changed; None when installed."""
    source = Path(__file__).resolve().parent.parent
    if not (source / ".git").exists():
        return None
    try:
        found = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"],
            cwd=source,
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return found.stdout.strip() or None


def execute(
    plan: Plan,
    *,
    fresh: bool = False,
    check_determinism: bool = False,
    display: Display | None = None,
) -> Entry:
    """Do what the run's folder lacks, stage by stage, and say what came of it.

    With `check_determinism` every program is rendered a second time.

    Raises
    ------
    UsageError
        The folder holds another run, or another process writes to it.
    PrerequisiteError
        The sandbox does not hold on this machine.
    """
    display = display or Display()
    door, loaded, references = plan.door, plan.loaded, plan.references
    if plan.venue:
        preflight(plan.venue)
    with Store.open(plan.folder, plan.run, fresh=fresh) as store:
        if isinstance(door, AudioSource):
            pipeline.render(store, door, loaded, references, display)
        elif plan.sandbox:
            pipeline.complete(store, door, loaded, display)
            with plan.sandbox as sandbox:
                pipeline.render(store, sandbox, loaded, references, display)
                if check_determinism:
                    pipeline.repeat(store, sandbox, loaded, display)
        scoring.score(store, loaded, references, display)
        return summarize(store)


# --- what is printed -----------------------------------------------------------------------------


def dry_run_text(plan: Plan, *, as_json: bool) -> str:
    """What `execute` would do now: calls to a service, programs, scores."""
    spec = plan.run.spec
    attempts = len(spec.prompts) * spec.samples
    there = _there(plan)
    waiting = {
        "prompts": len(spec.prompts),
        "attempts": attempts,
        "model_calls": attempts - there["completions"] if plan.venue else 0,
        "renderings": attempts - there["renderings"],
        "scored_attempts": attempts - there["scored"],
    }
    if as_json:
        about = {"tier": spec.tier, "model": spec.model, "run_dir": str(plan.folder)}
        return json.dumps(about | {"dry_run": waiting})
    lines = [f"{spec.model} on {spec.tier}: {len(spec.prompts)} prompts × {spec.samples}"]
    lines += [f"  {waiting[key]:>6} {what}" for key, what in _WHAT.items()]
    return "\n".join([*lines, f"  into {plan.folder}"])


_WHAT = {
    "model_calls": "replies to ask for",
    "renderings": "clips to render",
    "scored_attempts": "clips to score",
}


def _there(plan: Plan) -> dict[str, int]:
    """How much of the run its folder holds already; nothing where it holds another one."""
    none = {"completions": 0, "renderings": 0, "scored": 0}
    if not (plan.folder / "run.json").exists():
        return none
    if read_run(plan.folder).spec != plan.run.spec:
        raise UsageError(f"{plan.folder} holds another run; --fresh would throw it away")
    folder = RunFolder(plan.folder)
    attempts, given = len(folder.attempts), (folder, plan.loaded, plan.references)
    return {
        "completions": attempts - len(pipeline.uncompleted(folder)),
        "renderings": attempts - len(pipeline.unrendered(*given)),
        "scored": attempts - len(scoring.unscored(*given)),
    }


def summary_json(plan: Plan, entry: Entry) -> str:
    """The run in one line of JSON."""
    scores: dict[str, Any] = {
        metric: measured.all_attempts.model_dump() for metric, measured in entry.scores.items()
    }
    return json.dumps(
        {
            "tier": entry.tier,
            "model": entry.model,
            "prompts": entry.prompts,
            "samples": entry.samples,
            "complete": entry.complete,
            "outcomes": entry.outcomes,
            "scores": scores,
            "run_dir": str(plan.folder),
        }
    )


def summary_text(plan: Plan, entry: Entry) -> str:
    """The run in a few lines of text."""
    outcomes = ", ".join(f"{count} {name}" for name, count in entry.outcomes.items())
    lines = [f"{entry.model} on {entry.tier}: {outcomes}"]
    for metric, measured in entry.scores.items():
        found = measured.all_attempts
        lines.append(
            f"  {metric:<16} {found.value:8.3f}  [{found.low:.3f}, {found.high:.3f}]  n={found.n}"
        )
    if entry.repeatable is not None:
        lines.append(f"  {entry.repeatable:.0%} of the programs gave the same samples twice")
    if not entry.complete:
        lines.append(f"  incomplete: {entry.missing} attempts missing; run it again to fill them")
    return "\n".join([*lines, f"  {plan.folder}"])
