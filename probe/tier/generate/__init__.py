"""Write a tier of generated prompts: nobody can have trained on what did not exist yesterday.

One module for each tier that has a grammar.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from probe.errors import UsageError, unknown
from probe.records import Prompt
from probe.tier.folder import LoadedTier, load
from probe.tier.whole import written_whole

GENERATORS = ("notes",)
"""Tiers whose prompts can be generated: ``probe.tier.generate.<name>.generate(seed, n)``."""

Generate = Callable[[int, int], Sequence[Prompt]]


def write_generated(
    name: str, *, seed: int, n: int, out: Path, generate: Generate | None = None
) -> LoadedTier:
    """Write a folder that ``--tier`` runs, with prompts that follow from `seed` and `n` alone.

    Parameters
    ----------
    name : str
        A tier that comes with probe and has a generator; words and metrics are its own.
    seed, n : int
        What the prompts are drawn from, and how many.
    out : Path
        The folder; it must not exist yet, or be empty.
    generate : callable, optional
        In place of the tier's own generator.

    Raises
    ------
    UsageError
        The tier has no generator, or there is something in `out`.
    """
    if name not in GENERATORS:
        raise UsageError(unknown("generator", name, GENERATORS))
    generate = generate or import_module(f"probe.tier.generate.{name}").generate
    prompts = generate(seed, n)
    model = load(name)
    with written_whole(out) as half:
        _write(half, model, prompts, seed)
    return load(str(out))


def _write(folder: Path, model: LoadedTier, prompts: Sequence[Prompt], seed: int) -> None:
    tier = model.tier
    used = {prompt.group for prompt in prompts}
    table: dict[str, Any] = tier.model_dump(mode="json", exclude={"digest", "limits", "groups"})
    table |= {
        "name": f"{tier.name}-s{seed}-n{len(prompts)}",
        "title": f"{tier.title}, generated",
        "seed": seed,
    }
    groups = {group: what for group, what in tier.groups.items() if group in used}
    lines = [
        "# Written by `probe tiers generate"
        f" {tier.name} --seed {seed} --n {len(prompts)}`; do not edit.",
        *_toml(table),
        *("", "[limits]"),
        *_toml(tier.limits.model_dump(mode="json")),
        *("", "[groups]"),
        *_toml(groups),
    ]
    rows = (prompt.model_dump(mode="json", exclude_defaults=True) for prompt in prompts)
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / "tier.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "prompts.jsonl").write_text(text, encoding="utf-8")
    for template in sorted(model.templates):
        shutil.copyfile(model.folder / template, folder / template)


def _toml(table: dict[str, Any]) -> list[str]:
    """Lines of a flat table; JSON's strings, numbers, booleans and lists are TOML's too."""
    return [
        f"{key} = {json.dumps(value, ensure_ascii=False)}"
        for key, value in table.items()
        if value is not None
    ]
