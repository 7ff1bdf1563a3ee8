"""One model on one tier: what is asked for, what it needs, and the stages in a row."""

from __future__ import annotations

import hashlib
import platform
import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from probe.ask.budget import check_limit, limited
from probe.ask.estimate import Outlook, look_out
from probe.ask.stage import CompleteStage
from probe.ask.strategies import open_strategy
from probe.ask.strategies.single import Direct
from probe.board.entries import Entry, failures, summarize
from probe.display import Display
from probe.errors import PrerequisiteError, UsageError, unknown
from probe.models import open_door
from probe.models.base import AudioSource, DoorOptions, LanguageModel
from probe.models.cache import ReplyCache, cached
from probe.records import Accepted, Place, Prompt, Run, Spec
from probe.records.index import RunIndex
from probe.records.languages import DEFAULT, check_here, language
from probe.records.references import References
from probe.records.run_folder import RunFolder, read_run, slug
from probe.records.store import Store
from probe.render.stage import RenderStage, RepeatStage
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
    check_limit(door, options.max_cost)
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
    accept_missing: bool = False,
    display: Display | None = None,
) -> Entry:
    """Do what the run's folder lacks, stage by stage, and say what came of it.

    With `check_determinism` every program is rendered a second time. With `accept_missing` what is
    missing at the end stays so: the run is closed, to be shown and not ranked.

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
            RenderStage(door, loaded, scorer.wanted).fill(store, display)
        elif plan.sandbox:
            within = limited(door, plan.max_cost, plan.folder)
            early = open_strategy(plan.run.spec.strategy).uses_sandbox
            if not early:
                _complete(CompleteStage(within, loaded), store, display, accept_missing)
            with plan.sandbox as sandbox:
                if early:
                    asking = CompleteStage(within, loaded, sandbox)
                    _complete(asking, store, display, accept_missing)
                RenderStage(sandbox, loaded, scorer.wanted).fill(store, display)
                if check_determinism:
                    RepeatStage(sandbox, loaded).fill(store, display)
        scorer.fill(store, display)
        entry = summarize(RunIndex(plan.folder))
        if accept_missing and not entry.complete:
            entry = _close(store, entry)
    return entry


def _complete(asking: CompleteStage, store: Store, display: Display, accept_missing: bool) -> None:
    """Ask; what ends that ends the run too, unless there are replies to close it with."""
    try:
        asking.fill(store, display)
    except (UsageError, PrerequisiteError) as error:
        if not accept_missing or all(row.error for row in store.completions.latest.values()):
            raise
        display.say(str(error))


def _close(store: Store, entry: Entry) -> Entry:
    if entry.missing == entry.prompts * entry.samples:
        raise UsageError(
            f"{store.folder} holds no attempt that was measured, so --accept-missing has nothing"
            " to close; run it again without"
        )
    reasons = failures(store.completions.latest.values())
    date = datetime.now(UTC).isoformat(timespec="seconds")
    store.set_accepted(Accepted(date=date, missing=entry.missing, reasons=reasons))
    return summarize(RunIndex(store.folder))


class Ahead(NamedTuple):
    """What `execute` would do now."""

    model_calls: int
    renderings: int
    scored_attempts: int
    outlook: Outlook | None
    """What the replies will take; None where none costs money."""


def look_ahead(plan: Plan) -> Ahead:
    """Count what the run's folder lacks; nothing is asked and nothing written.

    Raises
    ------
    UsageError
        The folder holds another run.
    """
    begun = (plan.folder / "run.json").exists()
    if begun and read_run(plan.folder).spec != plan.run.spec:
        raise UsageError(f"{plan.folder} holds another run; --fresh would throw it away")
    folder = RunFolder(plan.folder, plan.run)
    calls, outlook = 0, None
    if isinstance(plan.door, LanguageModel):
        asking = CompleteStage(plan.door, plan.loaded)
        calls = len(asking.missing(folder))
        if plan.run.spec.kind == "language model":
            outlook = look_out(plan.door, asking.outlines(folder), plan.folder)
    source = plan.sandbox or plan.door
    assert not isinstance(source, LanguageModel), "its programs need a sandbox"
    rendering = RenderStage(source, plan.loaded, plan.scorer.wanted)
    return Ahead(
        calls, len(rendering.missing(folder)), len(plan.scorer.clips.missing(folder)), outlook
    )
