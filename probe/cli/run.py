"""``probe run``: one model on one tier, and what is said of it before and after."""

from __future__ import annotations

import json
import math
import sys
from decimal import ROUND_UP, Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from probe.cli import RESULTS, AsJson, Fresh, Kind, Measure, References, Results, Runtime
from probe.cli.config import read
from probe.errors import ProbeError, UsageError

if TYPE_CHECKING:
    from probe.ask.estimate import Outlook, Range
    from probe.ask.prices import Cost
    from probe.board.entries import Entry
    from probe.run import Ahead, Plan


def run(
    tier: Annotated[
        list[str],
        typer.Option(
            help="A tier that comes with probe, all for all of those, or a folder; repeatable."
        ),
    ],
    model: Annotated[
        list[str],
        typer.Option(
            help="openai/<model>, anthropic/<model>, command/<command line>, replay/<file>,"
            " generator/<name, Hugging Face id or folder>,"
            " engine/espeak-ng, engine/flite, engine/fluidsynth,"
            " builtin/programs, builtin/silence, builtin/noise or builtin/reference; repeatable:"
            " each with each tier is a run."
        ),
    ],
    config: Annotated[  # noqa: ARG001
        Path | None,
        typer.Option(
            is_eager=True, callback=read, help="TOML file of these options; those given here count."
        ),
    ] = None,
    results: Results = RESULTS,
    references: References = None,
    measure: Measure = None,
    strategy: Annotated[
        str,
        typer.Option(help="direct, reason, few-shot, repair, refine, plan or best-of; few-shot:5."),
    ] = "direct",
    language: Annotated[
        str, typer.Option(help="python, python-numpy, python-pyo or csound.")
    ] = "python",
    prompt: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Only this prompt; repeatable.")
    ] = None,
    group: Annotated[
        list[str] | None, typer.Option(help="Only prompts of this group; repeatable.")
    ] = None,
    level: Annotated[
        list[int] | None, typer.Option(help="Only prompts of this level; repeatable.")
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Only N prompts, spread over groups and levels."),
    ] = None,
    samples: Annotated[int, typer.Option(min=1, help="Attempts per prompt.")] = 1,
    setting: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="KEY=VALUE", help="Option of the model's, as temperature; repeatable."
        ),
    ] = None,
    base_url: Annotated[
        str | None,
        typer.Option(
            help="Address of a compatible server: openai/… wants it with /v1, as"
            " http://localhost:8000/v1, anthropic/… without, as http://localhost:8000."
        ),
    ] = None,
    name: Annotated[str | None, typer.Option(help="The model's name in the results.")] = None,
    concurrency: Annotated[
        int | None, typer.Option(min=1, max=1000, help="The most requests under way at once.")
    ] = None,
    retries: Annotated[
        str | None,
        typer.Option(
            metavar="N|inf",
            help="Try a request that failed so often again; inf: until it is answered. Else 4"
            " times, and a service that never answers ends the run.",
        ),
    ] = None,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Neither use nor keep replies of other runs.")
    ] = False,
    max_cost: Annotated[
        float | None, typer.Option(min=0, metavar="DOLLARS", help="Stop before the run costs more.")
    ] = None,
    accept_missing: Annotated[
        bool,
        typer.Option(
            "--accept-missing",
            help="Close the run with what it lacks at the end: it is shown, and not ranked.",
        ),
    ] = False,
    fresh: Fresh = False,
    sandbox_kind: Kind = "docker",
    runtime: Runtime = None,
    check_determinism: Annotated[
        bool,
        typer.Option("--check-determinism", help="Render twice, record whether it is the same."),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done.")] = False,
    as_json: AsJson = False,
) -> None:
    """Run models on tiers, or go on where the same runs stopped.

    A run grows: more prompts (--limit, --prompt, …) or --samples go on with what is there.
    """
    from probe.models.base import DoorOptions
    from probe.run import Options, execute, look_ahead, prepare
    from probe.tier.choice import Choice
    from probe.tier.folder import names

    if name and len(model) > 1:
        raise UsageError("--name is one model's; several --model keep their own names")
    flags = {
        "measure": measure,
        "concurrency": concurrency,
        "retries": retries,
        "no-cache": no_cache,
        "max-cost": max_cost,
        "sandbox": sandbox_kind if sandbox_kind != "docker" else None,
        "runtime": runtime,
        "check-determinism": check_determinism,
    }
    tiers = dict.fromkeys(each for said in tier for each in (names() if said == "all" else [said]))
    plans = [
        prepare(
            Options(
                each,
                door,
                results,
                references=references,
                measures=tuple(measure or ()),
                strategy=strategy,
                language=language,
                choice=Choice(tuple(prompt or ()), tuple(group or ()), tuple(level or ()), limit),
                samples=samples,
                how=DoorOptions(
                    tuple(setting or ()), base_url, name, concurrency, retries=_retries(retries)
                ),
                cache=not no_cache,
                max_cost=None if max_cost is None else Decimal(str(max_cost)),
                sandbox=sandbox_kind,
                runtime=runtime,
                flags={flag: said for flag, said in flags.items() if said},
            ),
            ahead=dry_run,
        )
        for each in tiers
        for door in dict.fromkeys(model)
    ]
    worst = 0
    for plan in plans:
        try:
            if dry_run:
                ahead = look_ahead(plan, fresh=fresh)
                print(ahead_json(plan, ahead) if as_json else ahead_text(plan, ahead))
                continue
            entry = execute(
                plan,
                fresh=fresh,
                check_determinism=check_determinism,
                accept_missing=accept_missing,
            )
        except ProbeError as error:
            if len(plans) == 1:
                raise
            spec = plan.run.spec
            print(f"probe: {spec.row} on {spec.tier}: {error}", file=sys.stderr)
            worst = max(worst, error.exit_code)
            continue
        print(summary_json(plan, entry) if as_json else summary_text(plan, entry))
        worst = max(worst, not entry.closed)
    if worst:
        raise typer.Exit(worst)


def _retries(given: str | None) -> int | float | None:
    from probe.models.options import whole

    if given is None:
        return None
    if given == "inf":
        return math.inf
    try:
        return int(whole(0)(given))
    except ValueError as error:
        raise UsageError(f"--retries {given}: {error}, or inf") from None


# --- before --------------------------------------------------------------------------------------


def ahead_json(plan: Plan, ahead: Ahead) -> str:
    """What a run would do, in one line of JSON."""
    spec = plan.run.spec
    found: dict[str, Any] = {
        "tier": spec.tier,
        "model": spec.model,
        "run_dir": str(plan.folder),
        "dry_run": {
            "prompts": len(spec.prompts),
            "attempts": len(spec.prompts) * spec.samples,
            "model_calls": ahead.model_calls,
            "renderings": ahead.renderings,
            "scored_attempts": ahead.scored_attempts,
        },
    }
    if ahead.outlook:
        found["estimate"] = outlook_json(ahead.outlook)
    return json.dumps(found)


def outlook_json(outlook: Outlook) -> dict[str, Any]:
    """What replies will take, as JSON."""
    found, price, kept = outlook
    return {
        "kept_replies": kept,
        "replies": {"low": found.fewest, "expected": found.replies, "high": found.most},
        "input_tokens": _numbers(found.input_tokens),
        "output_tokens": _numbers(found.output_tokens),
        "dollars": found.dollars and _numbers(found.dollars),
        "price": price and price.model_dump(mode="json"),
    }


def ahead_text(plan: Plan, ahead: Ahead) -> str:
    """What a run would do, in a few lines."""
    spec = plan.run.spec
    lines = [
        f"{spec.model} on {spec.tier}: {len(spec.prompts)} prompts × {spec.samples}",
        *_uncovered(plan),
        f"  {ahead.model_calls:>6} answers to ask for",
        f"  {ahead.renderings:>6} clips to render",
        f"  {ahead.scored_attempts:>6} clips to score",
        *(outlook_lines(ahead.outlook) if ahead.outlook else []),
    ]
    return "\n".join([*lines, f"  into {plan.folder}"])


def outlook_lines(outlook: Outlook) -> list[str]:
    """What replies will take, as text."""
    found, price, kept = outlook
    lines = [f"  {kept:>6} of the replies are kept already, and cost nothing"] if kept else []
    if not found.most:
        return lines
    lines.append(f"  {'':<14}{'low':>12}{'expected':>12}{'high':>12}")
    if found.fewest < found.most:
        replies = found.fewest, found.replies, found.most
        lines.append(f"  {'replies':<14}" + "".join(f"{n:>12,}" for n in replies))
    for name, numbers in (
        ("tokens sent", found.input_tokens),
        ("tokens back", found.output_tokens),
    ):
        lines.append(f"  {name:<14}" + "".join(f"{n:>12,}" for n in _three(numbers)))
    if found.dollars is None or price is None:
        lines.append(f"  {'cost':<14}{'unknown':>12}  no price is listed for this model")
    else:
        lines.append(
            f"  {'cost':<14}" + "".join(f"{f'${n:.4f}':>12}" for n in _three(found.dollars))
        )
        lines.append(f"  prices of {price.date}, {price.source}")
    basis = (
        f"the {found.typical_of} replies so far"
        if found.typical_of
        else "plain programs; reasoning takes several times as much"
    )
    return [*lines, f"  expected: as {basis}"]


def _three(numbers: Range) -> tuple[Decimal, Decimal, Decimal]:
    return numbers.low, numbers.expected, numbers.high


def _numbers(numbers: Range) -> dict[str, float]:
    names = ("low", "expected", "high")
    return {n: float(v) for n, v in zip(names, _three(numbers), strict=True)}


def _uncovered(plan: Plan) -> list[str]:
    """That the door has nothing for some prompts, as a replay of a part."""
    whole = plan.loaded.prompts
    there = sum(plan.door.covers(prompt) for prompt in whole)
    if there == len(whole):
        return []
    said = f"{plan.door.name} covers {there} of the {len(whole)} prompts"
    return [f"  {said} of {plan.loaded.tier.name}; the others are no part of the run"]


# --- after ---------------------------------------------------------------------------------------


def summary_json(plan: Plan, entry: Entry) -> str:
    """The run in one line of JSON."""
    from probe.board.entries import failures
    from probe.records.run_folder import read_completions

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
            "missing": entry.missing,
            "accepted": entry.accepted and entry.accepted.model_dump(),
            "outcomes": entry.outcomes,
            "failures": failures(read_completions(plan.folder)),
            "scores": scores,
            "cost": cost_json(plan),
            "run_dir": str(plan.folder),
        }
    )


def cost_json(plan: Plan) -> dict[str, Any] | None:
    """What a run has cost, as JSON; None for what nobody is asked for."""
    from probe.ask.prices import cost_of

    if plan.run.spec.kind != "language model":
        return None
    found = cost_of(plan.folder)
    return {
        "dollars": None if found.dollars is None else float(found.dollars),
        "paid": None if found.paid is None else float(found.paid),
        "unknown": found.unknown,
        "replies": found.replies,
        "from_cache": found.from_cache,
        "tokens": found.tokens.model_dump(),
    }


def summary_text(plan: Plan, entry: Entry) -> str:
    """The run in a few lines of text."""
    from probe.ask.prices import cost_of
    from probe.ask.strategies.best_of import judgement
    from probe.board.entries import accepted_said, changed_lengths, extractions, failures
    from probe.records.index import RunIndex
    from probe.records.run_folder import RunFolder, read_completions

    outcomes = ", ".join(f"{count} {name}" for name, count in entry.outcomes.items())
    lines = [f"{entry.model} on {entry.tier}: {outcomes}", *_uncovered(plan)]
    for why, count in failures(read_completions(plan.folder)).items():
        lines.append(f"  {count} without a reply: {why}")
    for metric, measured in entry.scores.items():
        found = measured.all_attempts
        lines.append(
            f"  {metric:<16} {found.value:8.3f}  [{found.low:.3f}, {found.high:.3f}]  n={found.n}"
        )
    if changed := changed_lengths(RunIndex(plan.folder).notes.values()):
        said = " and ".join(f"{count} {how}" for how, count in changed.items())
        lines.append(f"  {said} at the end to the length asked for")
    if entry.repeatable is not None:
        lines.append(f"  {entry.repeatable:.0%} of the programs gave the same samples twice")
    if plan.run.spec.kind == "language model":
        lines.append(f"  {cost_line(cost_of(plan.folder))}")
    ways = extractions(read_completions(plan.folder))
    if set(ways) - {"fenced"}:
        said = ", ".join(f"{count} {way}" for way, count in ways.items())
        lines.append(f"  how programs stood in the replies: {said}")
    if judged := judgement(RunFolder(plan.folder)):
        lines.append(f"  {judged}")
    if entry.accepted:
        lines.append(f"  {accepted_said(entry.missing, entry.accepted)}: shown, not ranked")
    elif not entry.complete:
        lines.append(f"  incomplete: {_way_on(plan, entry)}")
    return "\n".join([*lines, f"  {plan.folder}"])


def _way_on(plan: Plan, entry: Entry) -> str:
    """What is missing, and what fills it."""
    from probe.board.entries import MISSING
    from probe.run import look_ahead

    missing = f"{entry.missing} attempts missing"
    if plan.max_cost is None or not entry.outcomes.get(MISSING):
        return f"{missing}; run it again to fill them, or close it with --accept-missing"
    outlook = look_ahead(plan).outlook
    if outlook is None or outlook.estimate.dollars is None:
        return f"{missing}; --max-cost {plan.max_cost} is reached"
    rest = outlook.estimate.dollars
    return (
        f"{missing}; --max-cost {plan.max_cost} is reached. The rest costs about"
        f" ${rest.expected:.4f}, ${rest.high:.4f} at most: a --max-cost of"
        f" {_enough(plan, rest)} finishes it"
    )


def _enough(plan: Plan, rest: Range) -> Decimal:
    """A limit in whole cents that what is spent and all of the rest fit in."""
    from probe.ask.prices import cost_of

    spent = cost_of(plan.folder).paid or Decimal(0)
    return (spent + rest.high).quantize(Decimal("0.01"), ROUND_UP)


def cost_line(found: Cost) -> str:
    """What a run has cost, in a line of text."""
    took = found.tokens
    dollars = f"${found.dollars:.4f}" if found.dollars is not None else f"unknown ({found.unknown})"
    saved = f", {found.from_cache} of them kept from before" if found.from_cache else ""
    return (
        f"cost {dollars}; {found.replies} replies{saved},"
        f" {took.input:,} tokens sent, {took.output:,} back"
    )
