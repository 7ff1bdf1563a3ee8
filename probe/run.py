"""One model on one tier: what is asked for, what it needs, and the stages in a row."""

from __future__ import annotations

import hashlib
import platform
import shlex
import subprocess
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

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
from probe.models.cache import Cached, ReplyCache, cached
from probe.paths import results_folder
from probe.records import Accepted, Place, Prompt, Run, Spec
from probe.records.index import RunIndex
from probe.records.languages import DEFAULT, check_here, language
from probe.records.references import References
from probe.records.run_folder import RunFolder, home, read_run
from probe.records.same_run import OtherRunError, RunOf, together
from probe.records.store import Store, anything_succeeded, unused
from probe.render.commands import of_run
from probe.render.stage import RenderStage, RepeatStage, unrendered
from probe.sandbox import Sandbox
from probe.sandbox.attacks.verify import Venue, preflight
from probe.sandbox.choose import open_venue
from probe.score.stage import Scorer
from probe.tier.choice import Choice, described, first
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
    choice: Choice = field(default_factory=Choice)
    samples: int = 1
    sandbox: str = "docker"
    runtime: str | None = None
    how: DoorOptions = field(default_factory=DoorOptions)
    cache: bool = True
    """Whether replies of earlier runs are given again."""
    max_cost: Decimal | None = None
    """Dollars that the run may cost in all."""
    flags: Mapping[str, Any] = field(default_factory=dict)
    """Flags to be kept with the run, beyond what is said of it anyway."""


@dataclass(frozen=True)
class Plan:
    """A run that is ready to begin: everything it needs was found."""

    loaded: LoadedTier
    door: LanguageModel | AudioSource
    scorer: Scorer
    run: Run
    run_of: RunOf
    """What `run` is with other prompts and samples."""
    folder: Path
    venue: Venue | None
    sandbox: Sandbox | None
    """Where programs run; None for a door that leaves audio without one, and for a look ahead."""
    max_cost: Decimal | None = None


def prepare(
    options: Options, door: LanguageModel | AudioSource | None = None, *, ahead: bool = False
) -> Plan:
    """Find everything the run needs, before anything is spent.

    `door` stands in for the one that `Options.model` names. A plan made `ahead` is only to be
    looked at: nobody is asked, so no key, engine or image is needed.

    Raises
    ------
    UsageError
        The tier, the model or the references do not make sense, or fit no prompt.
    PrerequisiteError
        A key, the Docker engine or the sandbox image is missing.
    """
    loaded = load(options.tier)
    references = _references(options.references, loaded)
    scorer = Scorer.of(loaded, references, options.measures)
    if options.language not in loaded.tier.languages:
        raise UsageError(unknown("language of this tier", options.language, loaded.tier.languages))
    spoken, strategy = language(options.language), open_strategy(options.strategy)
    strategy.check(loaded, spoken)
    chosen = options.choice.of(loaded.tier, loaded.prompts)
    if door is None:
        how = replace(options.how, asks=not ahead)
        door = open_door(options.model, loaded, references=references, how=how)
    if door.kind != "language model" and (strategy.name, spoken.name) != (Direct.name, DEFAULT):
        raise UsageError(f"{door.name} is not asked: it takes no --strategy and no --language")
    check_limit(door, options.max_cost)
    if options.cache:
        door = cached(door, ReplyCache())
    prompts = first([p for p in chosen if door.covers(p)], options.choice.limit)
    if not prompts:
        which = "these prompts" if len(chosen) < len(loaded.prompts) else "prompt"
        raise UsageError(f"{door.name} fits no {which} of the tier {loaded.tier.name!r}")
    venue = sandbox = None
    if isinstance(door, LanguageModel) and not ahead:
        venue = open_venue(options.sandbox, runtime=options.runtime)
        if options.sandbox == "bubblewrap":
            check_here(spoken)
        sandbox = venue.open()
    run_of = partial(_run, loaded, door, options, sandbox)
    run = run_of([prompt.id for prompt in prompts], options.samples)
    return Plan(
        loaded=loaded,
        door=door,
        scorer=scorer,
        run=run,
        run_of=run_of,
        folder=home(options.results / loaded.tier.name, run.spec.row),
        venue=venue,
        sandbox=sandbox,
        max_cost=options.max_cost,
    )


def _references(folder: Path | None, loaded: LoadedTier) -> References | None:
    """The recordings in a folder, or in the one of them that is named after the tier."""
    if folder is None:
        return None
    own = folder / loaded.tier.name
    return References.open(own if (own / "clips.csv").is_file() else folder)


def _run(
    loaded: LoadedTier,
    door: LanguageModel | AudioSource,
    options: Options,
    sandbox: Sandbox | None,
    asked: Collection[str],
    samples: int,
) -> Run:
    """What a run of these prompts and samples is."""
    prompts = [prompt for prompt in loaded.prompts if prompt.id in asked]
    spec = Spec(
        tier=loaded.tier.name,
        tier_digest=loaded.tier.digest,
        prompt_digest=_prompt_digest(loaded, prompts, options),
        model=door.name,
        kind=door.kind,
        strategy=open_strategy(options.strategy).name,
        language=options.language,
        settings=door.settings(),
        metrics=loaded.tier.metrics,
        primary_metric=loaded.tier.primary_metric,
        prompts={p.id: Place(group=p.group, level=p.level) for p in prompts},
        samples=samples,
        image=sandbox.image if sandbox else None,
    )
    possible = [prompt for prompt in loaded.prompts if door.covers(prompt)]
    return Run(
        spec=spec,
        sandbox=sandbox.name if sandbox else None,
        packages={"python": platform.python_version()}
        | {name: metadata.version(name) for name in _RECORDED_PACKAGES},
        git_revision=git_revision(),
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        options=described(spec.prompts, possible) | dict(options.flags),
    )


def _prompt_digest(loaded: LoadedTier, prompts: Iterable[Prompt], options: Options) -> str:
    """SHA-256 over every opening, and over all that is said later."""
    spoken, strategy = language(options.language), open_strategy(options.strategy)
    sent = hashlib.sha256()
    for prompt in prompts:
        text = strategy.opening(loaded, prompt, message(loaded, prompt, spoken)).encode()
        sent.update(f"{prompt.id} {len(text)}\n".encode() + text)
    for words in strategy.words:
        sent.update(f"{len(words.encode())}\n{words}".encode())
    return sent.hexdigest()


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
    with _open(plan, fresh=fresh) as store:
        for line in _said_of(store, plan):
            display.say(line)
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


def _open(plan: Plan, *, fresh: bool) -> Store:
    try:
        return Store.open(plan.folder, plan.run, fresh=fresh, run_of=plan.run_of)
    except OtherRunError as error:
        raise _other_run(plan, error) from None


def _said_of(store: Store, plan: Plan) -> Iterator[str]:
    """What a person should know of the run that was there, or that is larger than asked for."""
    if store.aside is not None:
        again = isinstance(plan.door, Cached)
        yield f"the run that was here lies in {store.aside} now" + (
            "; replies it shares with this one come from the cache, the same as before,"
            " unless --no-cache asks anew"
            if again
            else ""
        )
    if len(store.asked) < len(store.attempts):
        yield (
            f"{store.folder} keeps all of its {len(store.attempts)} attempts;"
            f" {len(store.asked)} of them are asked for now"
        )


def _other_run(plan: Plan, error: OtherRunError) -> UsageError:
    """Say what keeps two runs apart, and both ways on."""
    results = plan.folder.parent.parent
    command = of_run(error.there)
    if results != results_folder():
        command += f" --results {shlex.quote(str(results))}"
    that = f"to go on with that one: {command}; " if error.by_request else ""
    return UsageError(
        f"{plan.folder} holds another run ({error}); {that}to begin anew: the same command with"
        f" --fresh, which keeps that run in {plan.folder.parent / '.old'}; to keep both:"
        f" another {'--results' if plan.door.name.startswith('builtin/') else '--name'}"
    )


class Ahead(NamedTuple):
    """What `execute` would do now."""

    model_calls: int
    renderings: int
    scored_attempts: int
    outlook: Outlook | None
    """What the replies will take; None where none costs money."""


def look_ahead(plan: Plan, *, fresh: bool = False) -> Ahead:
    """Count what the run's folder lacks; nothing is asked and nothing written.

    Raises
    ------
    UsageError
        The folder holds another run.
    """
    run, place = plan.run, plan.folder
    if fresh:
        place = unused(plan.folder)
    elif (place / "run.json").exists():
        there = read_run(place)
        image = {"image": there.spec.image} if plan.sandbox is None else {}

        def run_of(prompts: Collection[str], samples: int) -> Run:
            now = plan.run_of(prompts, samples)
            return now.model_copy(update={"spec": now.spec.model_copy(update=image)})

        try:
            run = together(there, run, run_of)
        except OtherRunError as error:
            if anything_succeeded(place):
                raise _other_run(plan, error) from None
            place = unused(place)
    folder = RunFolder(place, run, asked=plan.run.spec)
    calls, outlook = 0, None
    if isinstance(plan.door, LanguageModel):
        asking = CompleteStage(plan.door, plan.loaded)
        calls = len(asking.missing(folder))
        if plan.run.spec.kind == "language model":
            outlook = look_out(plan.door, asking.outlines(folder), place)
    asked = set(folder.asked)
    scoring = [each for each in plan.scorer.clips.missing(folder) if each.attempt in asked]
    rendering = unrendered(folder, plan.scorer.wanted(folder))
    return Ahead(calls, len(rendering), len(scoring), outlook)
