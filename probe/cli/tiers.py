"""``probe tiers``: what there is to be asked, and whether its measurement can be believed."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from probe.cli import AsJson, Kind, References

app = typer.Typer(name="tiers", no_args_is_help=True)

Tier = Annotated[str, typer.Argument(help="A tier that comes with probe, or a tier's folder.")]


@app.command(name="list")
def list_tiers(as_json: AsJson = False) -> None:
    """List the tiers that come with probe."""
    from probe.tier.description import facts, list_line
    from probe.tier.folder import load, names

    tiers = [load(name) for name in names()]
    if as_json:
        print(json.dumps([facts(loaded) for loaded in tiers], indent=2))
    else:
        print("\n".join(map(list_line, tiers)))


@app.command()
def show(
    tier: Tier,
    prompt: Annotated[str | None, typer.Argument(help="One prompt's id, for all of it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show a tier, or one prompt: what is asked, what is true of it, and if there is a program."""
    from probe.errors import UsageError, unknown
    from probe.tier import description
    from probe.tier.folder import load

    loaded = load(tier)
    if prompt is None:
        if as_json:
            print(json.dumps(description.facts(loaded), indent=2))
        else:
            print(description.tier_text(loaded))
        return
    by_id = {p.id: p for p in loaded.prompts}
    if prompt not in by_id:
        raise UsageError(unknown("prompt", prompt, by_id))
    if as_json:
        print(json.dumps(description.prompt_facts(loaded, by_id[prompt]), indent=2))
    else:
        print(description.prompt_text(loaded, by_id[prompt]))


@app.command()
def validate(tier: Tier, as_json: AsJson = False) -> None:
    """Tell everything that is wrong with a tier, in one go; exit code 2 when something is."""
    from probe.errors import UsageError
    from probe.tier.faults import check

    found = check(tier)
    if as_json:
        print(json.dumps({"faults": found.faults, "remarks": found.remarks}, indent=2))
    else:
        for line in found.faults:
            print(line)
        for line in found.remarks:
            print(f"remark: {line}")
    if found.loaded is None:
        count = len(found.faults)
        raise UsageError(f"{tier}: {count} fault{'s' if count > 1 else ''}")
    if not as_json:
        print(f"{found.loaded.tier.name}: {len(found.loaded.prompts)} prompts, nothing wrong")


@app.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the tier is to be called.")],
    out: Annotated[
        Path | None, typer.Option(help="Folder to write; else one of that name, here.")
    ] = None,
) -> None:
    """Write a small tier to begin with: one prompt, its truth, a program, and every file."""
    from probe.tier.description import list_line
    from probe.tier.scaffold import write_new

    made = write_new(name, out)
    print(list_line(made))
    print(f"  {made.folder / 'README.md'} says what is where", file=sys.stderr)


@app.command()
def generate(
    name: Annotated[str, typer.Argument(metavar="TIER", help="A tier with a generator: notes.")],
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same prompts.")],
    out: Annotated[Path, typer.Option(help="Folder to write; it must not exist.")],
    n: Annotated[int, typer.Option("--n", min=1, max=10_000, help="Number of prompts.")] = 120,
) -> None:
    """Write a tier of fresh prompts, which nobody can have trained on."""
    from probe.tier.description import list_line
    from probe.tier.generate import write_generated

    print(list_line(write_generated(name, seed=seed, n=n, out=out)))
    print(f"  run it with --tier {out}", file=sys.stderr)


@app.command()
def validity(
    tier: Tier,
    references: References = None,
    runs: Annotated[
        list[Path] | None,
        typer.Option(metavar="DIR", help="A recorded run's folder, shown by level; repeatable."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="File to write; else VALIDITY.md in the tier's folder.")
    ] = None,
    sandbox_kind: Kind = "docker",
) -> None:
    """Try every metric of a tier on sounds that ought to score well and badly, and report."""
    from probe.paths import writing
    from probe.validity import Inputs, examine, failures, markdown

    findings = examine(Inputs(tier, references, tuple(runs or ()), sandbox_kind))
    path = out or findings.material.loaded.folder / "VALIDITY.md"
    with writing(path):
        path.write_text(markdown(findings), encoding="utf-8")
    for line in (*failures(findings), *findings.faults):
        print(line, file=sys.stderr)
    print(path)
