"""The leaderboard as the page's first chunk: what `probe.board.leaderboard` has, no more."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from probe.board.entries import MISSING, Entry
from probe.board.leaderboard import Leaderboard, Row, Table, as_json
from probe.board.order import CONTROLS, Board
from probe.board.published import Figures
from probe.records import Outcome
from probe.records.folder_names import slug
from probe.records.index import RunIndex
from probe.records.metrics import about
from probe.render import commands
from probe.site.chunks import key
from probe.site.schema import BoardPage, Group, MetricColumn, RunRow, Scored, TierBoard
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


def board_page(
    boards: Sequence[Board],
    tables: Sequence[Figures],
    runs: Runs,
    tiers: Mapping[str, LoadedTier],
) -> BoardPage:
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
    said = Leaderboard.model_validate_json(as_json(boards, tables))
    return BoardPage(
        funnel=FUNNEL,
        tiers=tuple(
            _tier(board, table, address, runs, tiers.get(board.digest))
            for board, table, address in zip(boards, said.tiers, tier_keys(boards), strict=True)
        ),
        published=said.published,
    )


def tier_keys(boards: Sequence[Board]) -> list[str]:
    """An address for each board: the tier's name, with its digest where there are several."""
    versions: defaultdict[str, int] = defaultdict(int)
    for board in boards:
        versions[board.tier] += 1
    return [
        key(board.tier if versions[board.tier] == 1 else f"{board.tier}-{board.digest[:8]}")
        for board in boards
    ]


def _tier(
    board: Board, table: Table, address: str, indexes: Runs, loaded: LoadedTier | None
) -> TierBoard:
    runs: tuple[Entry, ...] = (*table.runs, *table.incomplete)
    metrics = dict.fromkeys(name for run in runs for name in run.scores)
    primary = runs[0].primary_metric
    groups = dict.fromkeys(name for run in runs for name in run.groups)
    described = loaded.tier.groups if loaded else {}
    ordered = [name for name in described if name in groups]
    ordered += [name for name in groups if name not in described]
    whole = board.whole or max(run.prompts for run in runs)
    return TierBoard(
        key=address,
        title=loaded.tier.title if loaded else board.tier,
        version=loaded.tier.version if loaded else None,
        digest=board.digest,
        primary=primary,
        metrics=tuple(map(_column, dict.fromkeys([primary, *metrics]))),
        groups=tuple(Group(name=name, about=described.get(name, "")) for name in ordered),
        levels=tuple(sorted({level for run in runs for level in run.levels})),
        whole=whole,
        faults=table.controls_out_of_order,
        not_comparable=tuple(printable(why.replace("**", "")) for why in table.not_comparable),
        smallest_difference=table.smallest_difference,
        runs=tuple(
            _run(indexes[run.tier, run.tier_digest, run.model], run, tuple(_marks(run, whole)))
            for run in runs
        ),
    )


def _column(name: str) -> MetricColumn:
    known = about(name)
    return MetricColumn(
        name=name, unit=known.unit, higher=known.higher_is_better, about=known.description
    )


def _marks(run: Entry, whole: int) -> Iterator[str]:
    """Why a run is not held against the others."""
    if run.prompts < whole:
        yield f"{run.prompts} of {whole} prompts"
    if run.missing:
        yield f"{run.missing} missing"
    elif isinstance(run, Row) and not (run.ranked or run.kind in CONTROLS or run.prompts < whole):
        yield "measured otherwise"


def _run(index: RunIndex, said: Entry, marks: tuple[str, ...]) -> RunRow:
    """A run's entry, less what belongs to its prompts, and how it was made."""
    run = index.run
    spec = run.spec
    return RunRow(
        key=key(slug(spec.row)),
        model=printable(said.model),
        model_version=printable(said.model_version or ""),
        kind=said.kind,
        prompts=said.prompts,
        samples=said.samples,
        marks=marks,
        rendered=said.rendered,
        reproduces=said.verification.reproduces if said.verification else None,
        main=said.scores[said.primary_metric].all_attempts
        if said.primary_metric in said.scores
        else None,
        scores={
            name: Scored(all_attempts=found.all_attempts, valid_only=found.valid_only)
            for name, found in said.scores.items()
        },
        groups=said.groups,
        levels=said.levels,
        ranks=said.ranks if isinstance(said, Row) else None,
        funnel=_funnel(said.outcomes),
        spent=said.spent,
        date=said.date,
        command=printable(commands.of_run(run)),
        strategy=printable(spec.strategy),
        language=printable(spec.language),
        settings=printable(json.dumps(spec.settings, ensure_ascii=False)),
        sandbox=printable(run.sandbox or ""),
        image=said.image,
        started=printable(run.started),
        revision=printable(run.git_revision or ""),
    )


def _funnel(outcomes: Mapping[str, int]) -> tuple[int, ...]:
    """How many attempts came to each stage."""
    return tuple(
        sum(count for name, count in outcomes.items() if _STOPPED_AT[name] >= stage)
        for stage in range(len(FUNNEL))
    )
