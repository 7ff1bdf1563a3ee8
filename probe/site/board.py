"""The leaderboard as the page's first chunk: what `probe.board.leaderboard` has, no more."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from probe.board.entries import MISSING
from probe.board.leaderboard import as_json
from probe.board.order import Board
from probe.board.published import Figures
from probe.records import Outcome
from probe.records.index import RunIndex
from probe.records.metrics import about
from probe.records.run_folder import slug
from probe.render import commands
from probe.site.chunks import key
from probe.text import printable
from probe.tier.folder import LoadedTier

FUNNEL = ("asked", "answered", "wrote a program", "ran to its end", "left a file", "valid audio")
"""How far an attempt can come."""

_STOPPED_AT = {
    MISSING: 0,
    Outcome.PROVIDER_ERROR: 0,
    Outcome.REFUSED: 1,
    Outcome.NO_CODE: 1,
    Outcome.SANDBOX_ERROR: 2,
    Outcome.RUNTIME_ERROR: 2,
    Outcome.CRASHED: 2,
    Outcome.TIMEOUT: 2,
    Outcome.MEMORY_LIMIT: 2,
    Outcome.PROCESS_LIMIT: 2,
    Outcome.OUTPUT_LIMIT: 2,
    Outcome.NO_OUTPUT: 3,
    Outcome.INVALID_AUDIO: 4,
    Outcome.SCORER_ERROR: 5,
    Outcome.OK: 5,
}
"""The last stage of the funnel that an attempt with this outcome came to."""

Runs = Mapping[tuple[str, str, str], RunIndex]
"""Runs by tier, digest of the tier, and name on the board."""


def board_data(
    boards: Sequence[Board],
    tables: Sequence[Figures],
    runs: Runs,
    tiers: Mapping[str, LoadedTier],
) -> dict[str, Any]:
    """Everything the leaderboard page shows.

    Parameters
    ----------
    boards : sequence of Board
        As `probe.board.order.read` gives them.
    tables : sequence of Figures
        What others published.
    runs : Runs
        Where each run lies.
    tiers : mapping of str to LoadedTier
        Tiers that are known here, by digest.
    """
    said = json.loads(as_json(boards, tables))
    keys = tier_keys(boards)
    return {
        "funnel": FUNNEL,
        "outcomes": [*Outcome, MISSING],
        "tiers": [
            _tier_data(board, text, keys[index], runs, tiers.get(board.digest))
            for index, (board, text) in enumerate(zip(boards, said["tiers"], strict=True))
        ],
        "published": said["published"],
    }


def tier_keys(boards: Sequence[Board]) -> list[str]:
    """An address for each board: the tier's name, with its digest where there are several."""
    versions: defaultdict[str, int] = defaultdict(int)
    for board in boards:
        versions[board.tier] += 1
    return [
        key(board.tier if versions[board.tier] == 1 else f"{board.tier}-{board.digest[:8]}")
        for board in boards
    ]


def _tier_data(
    board: Board,
    said: dict[str, Any],
    address: str,
    indexes: Runs,
    loaded: LoadedTier | None,
) -> dict[str, Any]:
    runs = [*board.entries, *board.incomplete]
    texts = [*said["runs"], *said["incomplete"]]
    metrics = dict.fromkeys(name for run in runs for name in run.scores)
    primary = runs[0].primary_metric
    groups = dict.fromkeys(name for run in runs for name in run.groups)
    described = loaded.tier.groups if loaded else {}
    ordered = [name for name in described if name in groups]
    ordered += [name for name in groups if name not in described]
    return {
        "key": address,
        "tier": board.tier,
        "digest": board.digest,
        "title": loaded.tier.title if loaded else board.tier,
        "version": loaded.tier.version if loaded else None,
        "primary": primary,
        "metrics": [_metric_data(name) for name in dict.fromkeys([primary, *metrics])],
        "groups": [{"name": name, "about": described.get(name, "")} for name in ordered],
        "levels": sorted({level for run in runs for level in run.levels}),
        "faults": said["controls_out_of_order"],
        "not_comparable": [printable(why.replace("**", "")) for why in said["not_comparable"]],
        "smallest_difference": said["smallest_difference"],
        "runs": [
            _run_data(indexes[entry.tier, entry.tier_digest, entry.model], text)
            for entry, text in zip(runs, texts, strict=True)
        ],
    }


def _metric_data(name: str) -> dict[str, Any]:
    known = about(name)
    return {
        "name": name,
        "unit": known.unit,
        "higher": known.higher_is_better,
        "about": known.description,
        "scope": known.scope,
    }


_LEFT_OUT = ("accepted", "by_prompt", "tier_digest")
"""Of an entry: what the page says in words, or per prompt."""


def _run_data(index: RunIndex, said: dict[str, Any]) -> dict[str, Any]:
    """A run's entry, less what belongs to its prompts, and how it was made."""
    run = index.run
    spec = run.spec
    kept = {name: value for name, value in said.items() if name not in _LEFT_OUT}
    return kept | {
        "model": printable(said["model"]),
        "model_version": printable(said["model_version"] or ""),
        "key": key(slug(spec.row)),
        "funnel": _funnel(said["outcomes"]),
        "complete": said["missing"] == 0,
        "command": printable(commands.of_run(spec)),
        "strategy": printable(spec.strategy),
        "language": printable(spec.language),
        "settings": printable(json.dumps(spec.settings, ensure_ascii=False)),
        "sandbox": printable(run.sandbox or ""),
        "started": printable(run.started),
        "revision": printable(run.git_revision or ""),
        "has_programs": spec.image is not None,
    }


def _funnel(outcomes: Mapping[str, int]) -> list[int]:
    """How many attempts came to each stage."""
    return [
        sum(count for name, count in outcomes.items() if _STOPPED_AT[name] >= stage)
        for stage in range(len(FUNNEL))
    ]
