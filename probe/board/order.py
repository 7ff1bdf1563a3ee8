"""The runs under a results folder as boards: one for each version of a tier, best first."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from probe.board.entries import DIGITS, Entry, Estimate, accepted_said, summarize
from probe.board.markdown import code
from probe.errors import ProbeError
from probe.records.index import RunIndex, of_each
from probe.records.metrics import about
from probe.records.run_folder import find_runs
from probe.stats import Ranking, Ranks, intervals, rank

CONTROLS = ("control", "programs")
CEILING = "builtin/programs"
FLOORS = ("builtin/noise", "builtin/silence")
REAL = "builtin/reference"


@dataclass(frozen=True)
class Board:
    """The runs of one version of one tier, best first."""

    tier: str
    digest: str
    entries: tuple[Entry, ...]
    incomplete: tuple[Entry, ...]

    @cached_property
    def whole(self) -> int:
        """The most prompts that any run here was asked."""
        return max((entry.prompts for entry in self.entries), default=0)

    @cached_property
    def models(self) -> list[Entry]:
        """What is ranked: models that answered everything, and were measured in the same way."""
        versions = self.versions
        return [
            entry
            for entry in self.entries
            if entry.kind not in CONTROLS
            and entry.complete
            and entry.prompts == self.whole
            and _version(entry, entry.primary_metric) == versions.get(entry.primary_metric)
        ]

    @property
    def unranked(self) -> list[Entry]:
        """Models that lack prompts or attempts (easier ones, perhaps), or measured otherwise."""
        return [e for e in self.entries if e.kind not in CONTROLS and e not in self.models]

    @cached_property
    def versions(self) -> dict[str, str]:
        """The version in which most runs have each metric; of several as frequent, the last."""
        found: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for entry in self.entries:
            for metric, measured in entry.scores.items():
                found[metric][measured.version] += 1
        return {m: max(counts, key=lambda v: (counts[v], v)) for m, counts in found.items()}

    @cached_property
    def ranking(self) -> Ranking:
        """Places of `models`, in their order, on the prompts that all of them have."""
        shared = [p for p in self.models[0].by_prompt if all(p in e.by_prompt for e in self.models)]
        if not shared:
            return Ranking((Ranks(1, len(self.models)),) * len(self.models), None)
        scores = np.array([[entry.by_prompt[p] for entry in self.models] for p in shared])
        return rank(scores, higher_is_better=about(self.models[0].primary_metric).higher_is_better)

    @property
    def controls(self) -> list[Entry]:
        """What says whether the measurement can be believed."""
        return [entry for entry in self.entries if entry.kind in CONTROLS]


def read(results: Path) -> list[Board]:
    """Summarize every run below `results`, by tier and version of the tier."""
    if not results.is_dir():
        raise ProbeError(f"there is no results folder {results}")
    found: defaultdict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in of_each(entry_of, list(find_runs(results))):
        found[entry.tier, entry.tier_digest].append(entry)
    return [
        Board(
            tier=tier,
            digest=digest,
            entries=tuple(sorted((e for e in entries if e.closed), key=_rank)),
            incomplete=tuple(sorted((e for e in entries if not e.closed), key=_name)),
        )
        for (tier, digest), entries in sorted(found.items())
    ]


def entry_of(folder: Path) -> Entry:
    """What the run in a folder amounts to."""
    return summarize(RunIndex(folder))


def not_comparable(board: Board, boards: Sequence[Board] = ()) -> list[str]:
    """Every reason why numbers on this board, or beside it, must not be held against each other.

    Parameters
    ----------
    board : Board
        The board.
    boards : sequence of Board
        All there are: another version of the same tier is such a reason.
    """
    found = [
        f"Runs of {board.tier} {other.digest[:12]} were asked or measured otherwise."
        for other in boards
        if other.tier == board.tier and other.digest != board.digest
    ]
    for entry in board.entries:
        found += [f"{code(entry.model)} {why}." for why in _reasons(board, entry)]
    images = {entry.image for entry in board.entries if entry.image}
    if len(images) > 1:
        found.append(
            f"Programs ran on {len(images)} sandbox images: what fails on one may run on another."
        )
    return found


def _reasons(board: Board, entry: Entry) -> Iterator[str]:
    """What sets one run apart from the others."""
    if entry.accepted is not None:
        yield accepted_said(entry.missing, entry.accepted, code)
    if entry.prompts < board.whole:
        yield (
            f"has {entry.prompts} of {board.whole} prompts, easier ones perhaps:"
            " compare it on the prompts it shares (`probe compare`)"
        )
    usual = Counter(other.samples for other in board.entries).most_common(1)[0][0]
    if entry.samples != usual:
        yield f"has {entry.samples} samples a prompt, others {usual}: its values sway less or more"
    for metric, measured in entry.scores.items():
        if measured.version != board.versions[metric]:
            yield (
                f"has {metric} in version {measured.version}, others in {board.versions[metric]}:"
                " run it again to measure it in the same way"
            )
        most = max(o.scores[metric].all_attempts.n for o in board.entries if metric in o.scores)
        if about(metric).scope == "set" and measured.all_attempts.n < most:
            yield (
                f"has {metric} over {measured.all_attempts.n} clips, others over {most}:"
                " such distances depend on the number"
            )
    if entry.verification and not entry.verification.reproduces:
        yield (
            "does not reproduce: made anew,"
            f" {len(entry.verification.differ)} of {entry.verification.clips} clips and"
            f" {len(entry.verification.scores_differ)} of {entry.verification.scores} scores"
            " came out otherwise"
        )


def _version(entry: Entry, metric: str) -> str | None:
    return entry.scores[metric].version if metric in entry.scores else None


def _name(entry: Entry) -> str:
    return entry.model


def _rank(entry: Entry) -> tuple[float, str]:
    value = entry.scores[entry.primary_metric].all_attempts.value
    return (-value if about(entry.primary_metric).higher_is_better else value, entry.model)


def out_of_order(board: Board) -> list[str]:
    """Controls that are not in the order every sound measurement must put them in.

    Hand-written programs and real recordings must beat noise and silence on the primary metric,
    on the prompts they share.
    """
    by_model = {entry.model: entry for entry in board.controls}
    faults = []
    for better in (CEILING, REAL):
        for worse in FLOORS:
            if better in by_model and worse in by_model:
                margin = difference(by_model[better], by_model[worse])
                if margin is not None and margin.value <= 0:
                    faults.append(f"{better} does not beat {worse}")
    return faults


def difference(entry: Entry, other: Entry) -> Estimate | None:
    """How much better `entry` is than `other` on the prompts they share, with a paired interval."""
    shared = [prompt for prompt in entry.by_prompt if prompt in other.by_prompt]
    if not shared:
        return None
    sign = 1.0 if about(entry.primary_metric).higher_is_better else -1.0
    pairs = np.array([[entry.by_prompt[p], other.by_prompt[p]] for p in shared])
    found = intervals(sign * (pairs[:, :1] - pairs[:, 1:]))[0]
    return Estimate(
        value=round(found.value, DIGITS),
        low=round(found.low, DIGITS),
        high=round(found.high, DIGITS),
        n=found.n,
    )
