"""One model on one tier: what is asked for, what it needs, and the three stages in a row."""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from importlib import metadata
from pathlib import Path
from typing import Any

from probe.ask import spending
from probe.ask import stage as pipeline
from probe.ask.prices import cost_of
from probe.ask.questions import Questions
from probe.ask.strategies import open_strategy
from probe.ask.strategies.best_of import judgement
from probe.ask.strategies.single import Direct
from probe.ask.strategies.sizing import outline
from probe.board.entries import Entry, summarize
from probe.display import Display
from probe.errors import UsageError, unknown
from probe.models import open_door
from probe.models.base import AudioSource, DoorOptions, LanguageModel
from probe.models.cache import ReplyCache, cached
from probe.records import Place, Prompt, Run, Spec
from probe.records.languages import DEFAULT, check_here, language
from probe.records.references import References
from probe.records.store import RunFolder, Store, read_run, slug
from probe.render import stage as rendering
from probe.sandbox import Sandbox
from probe.sandbox.attacks.verify import Venue, preflight
from probe.sandbox.choose import open_venue
from probe.score.stage import Scorer
from probe.tier.folder import LoadedTier, load
from probe.tier.template import message

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
    measures: tuple[str, ...] = ()
    strategy: str = "direct"
    language: str = DEFAULT
    limit: int | None = None
    samples: int = 1
    sandbox: str = "docker"
    runtime: str | None = None
    how: DoorOptions = field(default_factory=DoorOptions)
    cache: bool = True
    """Whether replies of earlier runs are given again."""
    max_cost: Decimal | None = None
    """Dollars that the run may cost in all."""


@dataclass(frozen=True)
class Plan:
    """A run that is ready to begin: everything it needs was found."""

    loaded: LoadedTier
    door: LanguageModel | AudioSource
    scorer: Scorer
    run: Run
    folder: Path
    venue: Venue | None
    sandbox: Sandbox | None
    """Where programs run; None for a door that leaves audio without one."""
    max_cost: Decimal | None = None


def prepare(options: Options, door: LanguageModel | AudioSource | None = None) -> Plan:
    """Find everything the run needs, before anything is spent.

    `door` stands in for the one that `Options.model` names.

    Raises
    ------
    UsageError
        The tier, the model or the references do not make sense, or fit no prompt.
    PrerequisiteError
        A key, the Docker engine or the sandbox image is missing.
    """
    loaded = load(options.tier)
    references = References.open(options.references) if options.references else None
    scorer = Scorer.of(loaded, references, options.measures)
    if options.language not in loaded.tier.languages:
        raise UsageError(unknown("language of this tier", options.language, loaded.tier.languages))
    spoken, strategy = language(options.language), open_strategy(options.strategy)
    strategy.check(loaded, spoken)
    if door is None:
        door = open_door(options.model, loaded, references=references, how=options.how)
    if door.kind != "language model" and (strategy.name, spoken.name) != (Direct.name, DEFAULT):
        raise UsageError(f"{door.name} is not asked: it takes no --strategy and no --language")
    spending.check_limit(door, options.max_cost)
    if options.cache:
        door = cached(door, ReplyCache())
    prompts = [prompt for prompt in loaded.prompts if door.covers(prompt)][: options.limit]
    if not prompts:
        raise UsageError(f"{door.name} fits no prompt of the tier {loaded.tier.name!r}")
    venue = sandbox = None
    if isinstance(door, LanguageModel):
        venue = open_venue(options.sandbox, runtime=options.runtime)
        if options.sandbox == "bubblewrap":
            check_here(spoken)
        sandbox = venue.open()
    spec = _spec(loaded, door, prompts, options, sandbox.image if sandbox else None)
    return Plan(
        loaded=loaded,
        door=door,
        scorer=scorer,
        run=_run(spec, sandbox.name if sandbox else None),
        folder=options.results / loaded.tier.name / slug(spec.row),
        venue=venue,
        sandbox=sandbox,
        max_cost=options.max_cost,
    )


def _spec(
    loaded: LoadedTier,
    door: LanguageModel | AudioSource,
    prompts: list[Prompt],
    options: Options,
    image_id: str | None,
) -> Spec:
    spoken, strategy = language(options.language), open_strategy(options.strategy)
    sent = hashlib.sha256()
    for prompt in prompts:
        text = strategy.opening(loaded, prompt, message(loaded, prompt, spoken)).encode()
        sent.update(f"{prompt.id} {len(text)}\n".encode() + text)
    for words in strategy.words:
        sent.update(f"{len(words.encode())}\n{words}".encode())
    return Spec(
        tier=loaded.tier.name,
        tier_digest=loaded.tier.digest,
        prompt_digest=sent.hexdigest(),
        model=door.name,
        kind=door.kind,
        strategy=strategy.name,
        language=options.language,
        settings=door.settings(),
        metrics=loaded.tier.metrics,
        primary_metric=loaded.tier.primary_metric,
        prompts={p.id: Place(group=p.group, level=p.level) for p in prompts},
        samples=options.samples,
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
    door, loaded, scorer = plan.door, plan.loaded, plan.scorer
    if plan.venue:
        preflight(plan.venue)
    with Store.open(plan.folder, plan.run, fresh=fresh) as store:
        if isinstance(door, AudioSource):
            rendering.render(store, door, loaded, scorer.wanted(store), display)
        elif plan.sandbox:
            within = spending.limited(door, plan.max_cost, plan.folder)
            early = open_strategy(plan.run.spec.strategy).uses_sandbox
            if not early:
                pipeline.complete(store, within, loaded, display)
            with plan.sandbox as sandbox:
                if early:
                    pipeline.complete(store, within, loaded, display, sandbox)
                rendering.render(store, sandbox, loaded, scorer.wanted(store), display)
                if check_determinism:
                    rendering.repeat(store, sandbox, loaded, display)
        scorer.score(store, display)
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
    cost = _outlook(plan)
    if as_json:
        about = {"tier": spec.tier, "model": spec.model, "run_dir": str(plan.folder)}
        outlook = {"estimate": spending.outlook_json(*cost)} if cost else {}
        return json.dumps(about | {"dry_run": waiting} | outlook)
    lines = [f"{spec.model} on {spec.tier}: {len(spec.prompts)} prompts × {spec.samples}"]
    lines += [f"  {waiting[key]:>6} {what}" for key, what in _WHAT.items()]
    lines += spending.outlook_lines(*cost) if cost else []
    return "\n".join([*lines, f"  into {plan.folder}"])


def _outlook(plan: Plan) -> spending.Outlook | None:
    """What the replies that are still to be asked for will cost; None where none costs money."""
    spec = plan.run.spec
    if not isinstance(plan.door, LanguageModel) or spec.kind != "language model":
        return None
    waiting = {(prompt, sample): 0 for prompt in spec.prompts for sample in range(spec.samples)}
    if (plan.folder / "run.json").exists():
        folder = RunFolder(plan.folder)
        waiting = {a: pipeline.turns_kept(folder, a) for a in pipeline.uncompleted(folder)}
    settings = plan.door.settings()
    questions = Questions(plan.loaded, list(spec.prompts), settings, language(spec.language))
    strategy = open_strategy(spec.strategy)
    talks = (
        outline(strategy, plan.loaded, questions.request(attempt), kept)
        for attempt, kept in waiting.items()
    )
    return spending.outlook(plan.door, talks, plan.folder)


_WHAT = {
    "model_calls": "answers to ask for",
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
    attempts = len(folder.attempts)
    return {
        "completions": attempts - len(pipeline.uncompleted(folder)),
        "renderings": attempts - len(rendering.unrendered(folder, plan.scorer.wanted(folder))),
        "scored": attempts - len(plan.scorer.unscored(folder)),
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


def extractions(folder: RunFolder) -> str:
    """How often each way to find a program was used; empty where all of them were plain."""
    rows = folder.completions.latest.values()
    ways = Counter(row.extraction.how for row in rows if row.extraction)
    if not set(ways) - {"fenced"}:
        return ""
    return ", ".join(f"{count} {how}" for how, count in ways.most_common())


def summary_text(plan: Plan, entry: Entry) -> str:
    """The run in a few lines of text."""
    outcomes = ", ".join(f"{count} {name}" for name, count in entry.outcomes.items())
    lines = [f"{entry.model} on {entry.tier}: {outcomes}"]
    for metric, measured in entry.scores.items():
        found = measured.all_attempts
        lines.append(
            f"  {metric:<16} {found.value:8.3f}  [{found.low:.3f}, {found.high:.3f}]  n={found.n}"
        )
    if changed := rendering.changed_lengths(RunFolder(plan.folder).latest_renderings.values()):
        said = " and ".join(f"{count} {how}" for how, count in changed.items())
        lines.append(f"  {said} at the end to the length asked for")
    if entry.repeatable is not None:
        lines.append(f"  {entry.repeatable:.0%} of the programs gave the same samples twice")
    if plan.run.spec.kind == "language model":
        lines.append(f"  {spending.cost_line(cost_of(plan.folder))}")
    if ways := extractions(RunFolder(plan.folder)):
        lines.append(f"  how programs stood in the replies: {ways}")
    if judged := judgement(RunFolder(plan.folder)):
        lines.append(f"  {judged}")
    if not entry.complete:
        lines.append(f"  incomplete: {entry.missing} attempts missing; run it again to fill them")
    return "\n".join([*lines, f"  {plan.folder}"])
