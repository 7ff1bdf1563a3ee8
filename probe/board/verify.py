"""Does a run come out again? Its audio is made anew, compared sample by sample, and scored.

Another image or engine than the run's may leave other samples of the same sound: such a clip counts
by its scores, and the run is marked so.
"""

from __future__ import annotations

import math
from collections.abc import Container, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, NamedTuple

import numpy as np

from probe.display import Display
from probe.errors import ProbeError, UsageError
from probe.records import Rendering, Score, Verification
from probe.records.references import References
from probe.records.run_folder import Attempt, RunFolder, ScoreKey
from probe.records.store import Store
from probe.render.again import open_maker, tier_of
from probe.render.stage import Rendered, made
from probe.score.stage import Scorer
from probe.text import printable

SCORES_ALIKE = 1e-3
"""Relative and absolute: float32 spectra of the same samples differ between processors, the scores
of the notes tier by 5e-4 at the most on the two that were tried."""

SCORES_CLOSE = 1e-2
"""Relative and absolute: scores of other samples that are taken for the same sound."""

State = Literal["identical", "close", "by score", "differs", "sandbox failed"]
"""``close`` is within 1 LSB of 16 bits; ``by score`` has other samples, as the image or engine is
another, and counts by its scores; ``sandbox failed`` says nothing about the program."""


@dataclass(frozen=True)
class Again:
    """One attempt, made anew."""

    prompt: str
    sample: int
    state: State
    detail: str | None = None

    @property
    def name(self) -> str:
        """``<prompt>.<sample>``."""
        return f"{self.prompt}.{self.sample}"


@dataclass(frozen=True)
class Report:
    """What came of making a run, or some prompts of it, anew."""

    run: str
    folder: str
    image: str | None
    other_source: str | None
    attempts: tuple[Again, ...]
    scores: int
    """How many were measured anew in the same way."""
    scores_differ: Mapping[str, tuple[float, float]]
    """``<prompt>.<sample> <metric>``, or the metric of a set: the value in the log, and today's."""
    not_measured: tuple[str, ...]
    """Metrics that have another version today, or need recordings or weights that are not given."""
    whole: bool
    """Whether these are all attempts of the run."""

    @property
    def failed(self) -> list[Again]:
        """Attempts about which nothing is known."""
        return [each for each in self.attempts if each.state == "sandbox failed"]

    @property
    def by_score(self) -> bool:
        """Whether clips count by their scores, as another image or engine left other samples."""
        return any(each.state == "by score" for each in self.attempts)

    @property
    def reproduces(self) -> bool:
        """Whether every clip and every score came out again."""
        alike = all(each.state in ("identical", "close", "by score") for each in self.attempts)
        return alike and not self.scores_differ


def reproduce(
    folder: RunFolder,
    *,
    prompts: Sequence[str] = (),
    tier: str | None = None,
    references: References | None = None,
    display: Display | None = None,
) -> Report:
    """Make a run anew and compare; nothing is written.

    Parameters
    ----------
    folder : RunFolder
        The run.
    prompts : sequence of str
        Only these; all of them by default.
    tier : str, optional
        Folder of a tier that does not come with probe.
    references : References, optional
        The recordings it was made from or is measured against.
    display : Display, optional
        Where progress is shown.

    Raises
    ------
    UsageError
        There is nothing to make anew, or the tier or the source cannot be had.
    PrerequisiteError
        The sandbox, an engine or recordings are missing.
    """
    display = display or Display()
    loaded = tier_of(folder, tier)
    every = [
        attempt
        for attempt in folder.attempts
        if (row := folder.latest_renderings.get(attempt)) and not row.outcome.ours
    ]
    chosen = [attempt for attempt in every if not prompts or attempt[0] in prompts]
    if not chosen:
        raise UsageError(f"{folder.folder} has no rendering to compare with")
    found: dict[Attempt, Again] = {}
    with (
        TemporaryDirectory(prefix="probe-") as anew,
        Store.open(Path(anew), folder.run) as store,
    ):
        with (
            open_maker(folder, loaded, references=references) as maker,
            display.stage("remake", len(chosen)) as stage,
        ):
            if maker.other:
                display.say(f"{maker.other}: clips with other samples are compared by score")
            for done in made(folder, maker.source, loaded, chosen):
                attempt = (done.row.prompt, done.row.sample)
                then = folder.latest_renderings[attempt]
                found[attempt] = _compare(folder, then, done, other=maker.other is not None)
                rate = loaded.tier.sample_rate
                store.add_rendering(done.row, pcm=done.pcm, sample_rate=rate)
                stage.advance(found[attempt].state)
        Scorer.of(loaded, references).fill(store, display)
        scores = _compare_scores(folder.latest_scores, store.latest_scores, found)
    return Report(
        run=folder.run.spec.row,
        folder=str(folder.folder),
        image=maker.image,
        other_source=maker.other,
        attempts=tuple(_counted(found[attempt], scores.of) for attempt in chosen),
        scores=scores.measured,
        scores_differ=scores.differ,
        not_measured=tuple(sorted(scores.not_measured)),
        whole=chosen == every,
    )


def record(folder: RunFolder, report: Report) -> Verification:
    """Keep in the run's folder what came of making all of it anew.

    Raises
    ------
    UsageError
        It is about some prompts only; or another process is writing to the folder.
    ProbeError
        The sandbox failed, so nothing is known about some attempt.
    """
    if not report.whole:
        raise UsageError("some prompts say nothing about the run")
    if report.failed:
        raise ProbeError(f"the sandbox failed on {len(report.failed)} attempts: verify again")
    row = Verification(
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        probe=version("probe"),
        image=report.image,
        other_source=report.other_source,
        audio_digest=folder.audio_digest,
        clips=len(report.attempts),
        close=sum(each.state == "close" for each in report.attempts),
        by_score=report.by_score,
        differ={e.name: e.detail or e.state for e in report.attempts if e.state == "differs"},
        scores=report.scores,
        scores_differ={
            name: f"{then:.6g}, now {now:.6g}" for name, (then, now) in report.scores_differ.items()
        },
    )
    with Store.open(folder.folder, folder.run) as store:
        store.set_verification(row)
    return row


def as_json(report: Report) -> dict[str, Any]:
    """The report, for programs."""
    return asdict(report) | {"reproduces": report.reproduces, "by_score": report.by_score}


# --- one attempt ---------------------------------------------------------------------------------


def _compare(folder: RunFolder, then: Rendering, done: Rendered, *, other: bool) -> Again:
    """How one attempt came out; with an `other` image or engine its samples may be others."""
    now = done.row
    again = Again(now.prompt, now.sample, "identical")
    if now.outcome.ours:
        return replace(again, state="sandbox failed", detail=now.detail or now.outcome)
    if now.outcome != then.outcome:
        said = f"{then.outcome} in the log, {now.outcome} now"
        return replace(again, state="differs", detail=said)
    if now.program_sha256 != then.program_sha256:
        said = "another program is read from the reply than the one that ran"
        return replace(again, state="differs", detail=said)
    if now.audio_sha256 == then.audio_sha256:
        return again
    most, said = _apart(folder, then, done)
    if most is not None and most <= 1:
        return replace(again, state="close", detail="within 1 LSB")
    return replace(again, state="by score" if other else "differs", detail=said)


def _apart(folder: RunFolder, then: Rendering, done: Rendered) -> tuple[int | None, str]:
    """How far samples are from those of the run, in LSB where that can be said; and in words."""
    kept = folder.audio(then)
    if kept is None or done.pcm is None:
        return None, "other samples; the run's own audio is not here, so not by how much"
    if len(kept) != len(done.pcm):
        return None, f"{len(done.pcm)} samples, not {len(kept)}"
    most = int(np.abs(kept.astype(np.int32) - done.pcm.astype(np.int32)).max())
    return most, f"samples differ by up to {most} LSB"


def _counted(again: Again, measured: Container[Attempt]) -> Again:
    """The attempt; other samples without a score to compare are a difference."""
    if again.state != "by score" or (again.prompt, again.sample) in measured:
        return again
    said = f"{again.detail}; and no score could be measured again"
    return replace(again, state="differs", detail=said)


# --- scores --------------------------------------------------------------------------------------


class _Scores(NamedTuple):
    """How the scores of two logs compare."""

    measured: int
    of: set[Attempt]
    """Attempts of which some score was measured anew."""
    differ: dict[str, tuple[float, float]]
    not_measured: set[str]


def _compare_scores(
    then: Mapping[ScoreKey, Score],
    now: Mapping[ScoreKey, Score],
    made_anew: Mapping[Attempt, Again],
) -> _Scores:
    found = _Scores(0, set(), {}, set())
    measured = 0
    other = {attempt for attempt, again in made_anew.items() if again.state == "by score"}
    for key, row in then.items():
        prompt, sample, metric = key
        if prompt is not None and (prompt, sample) not in made_anew:
            continue
        again = now.get(key)
        if again is None or again.version != row.version:
            found.not_measured.add(metric)
            continue
        measured += 1
        by_score = bool(other) if prompt is None else (prompt, sample) in other
        alike = SCORES_CLOSE if by_score else SCORES_ALIKE
        if not math.isclose(row.value, again.value, rel_tol=alike, abs_tol=alike):
            name = metric if prompt is None else f"{prompt}.{sample} {metric}"
            found.differ[name] = (row.value, again.value)
        if prompt is not None:
            found.of.add((prompt, sample))
    return found._replace(measured=measured)


# --- what is printed -----------------------------------------------------------------------------


def words(report: Report) -> str:
    """The report in a few lines, what differs first."""
    lines = [f"{printable(report.run)}: {_counts(report)}"]
    if report.other_source:
        lines.append(f"  not what made the run: {printable(report.other_source)}")
    for each in report.attempts:
        if each.state != "identical":
            lines.append(f"  {each.state:<14}  {each.name}: {printable(each.detail or '')}")
    for name, (then, now) in report.scores_differ.items():
        lines.append(f"  score differs   {name} was {then:.6g}, is {now:.6g}")
    if report.not_measured:
        lines.append(f"  not measured again: {', '.join(report.not_measured)}")
    return "\n".join(lines)


def _counts(report: Report) -> str:
    states = [each.state for each in report.attempts]
    parts = [f"{states.count('identical')} of {len(states)} clips are identical"]
    parts += [f"{n} within 1 LSB" for n in [states.count("close")] if n]
    parts += [f"{n} compared by score" for n in [states.count("by score")] if n]
    same = report.scores - len(report.scores_differ)
    return ", ".join([*parts, f"{same} of {report.scores} scores are the same"])
