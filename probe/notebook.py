"""Runs in a notebook: samples to listen to, scores as a data frame, and how runs differ.

What a model wrote is hostile text: whatever is displayed is escaped, and nothing of it is markup.
"""

from __future__ import annotations

import base64
import importlib
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from probe.board import attempt as showing
from probe.board import comparison
from probe.board.comparison import Compared, compare
from probe.board.entries import MISSING, Entry, failures, summarize
from probe.board.markdown import estimate
from probe.errors import PrerequisiteError, ProbeError
from probe.records import Outcome, Rendering
from probe.records.index import RunIndex
from probe.records.metrics import about
from probe.records.references import References
from probe.records.run_folder import Attempt, RunFolder, find_attempt, find_run
from probe.text import printable

FRAMES = ("pandas", "polars")
"""Libraries of data frames, the first that is installed by default."""


def load(
    run: str | Path,
    *,
    results: str | Path | None = None,
    tier: str | None = None,
    references: str | Path | None = None,
) -> LoadedRun:
    """Open a run.

    Parameters
    ----------
    run : str or Path
        Its folder, or its tier and its name on the board, as in ``"notes/openai/gpt-4o"``.
    results : str or Path, optional
        Folder that holds the runs; else PROBE_RESULTS, or ``runs``.
    tier : str, optional
        Folder of a tier that does not come with probe.
    references : str or Path, optional
        Folder of the recordings that a run of ``builtin/reference`` used.

    Raises
    ------
    UsageError
        There is no such run.
    """
    given = References.open(references) if references is not None else None
    return LoadedRun(find_run(str(run), Path(results) if results else None), tier, given)


class LoadedRun:
    """A run as its logs have it; `load` opens one.

    A notebook shows it as a table of how it did; ``run[prompt]`` is the sample of a prompt, to look
    at and to listen to.
    """

    def __init__(self, folder: RunFolder, tier: str | None, references: References | None) -> None:
        self.folder = folder
        self.name = folder.run.spec.row
        self._tier = tier
        self._references = references

    @cached_property
    def entry(self) -> Entry:
        """The run as the leaderboard knows it."""
        return summarize(RunIndex(self.folder.folder))

    @cached_property
    def samples(self) -> list[Sample]:
        """Every attempt, in the tier's order."""
        scores: dict[Attempt, dict[str, float]] = {a: {} for a in self.folder.attempts}
        for (prompt, sample, metric), row in self.folder.latest_scores.items():
            if prompt is not None and (prompt, sample) in scores:
                scores[prompt, sample][metric] = row.value
        return [Sample(self, attempt, found) for attempt, found in scores.items()]

    def __len__(self) -> int:
        return len(self.samples)

    def __iter__(self) -> Iterator[Sample]:
        return iter(self.samples)

    def __getitem__(self, which: str | Attempt) -> Sample:
        """The sample of a prompt; the first, or that of ``run[prompt, number]``."""
        attempt = find_attempt(self.folder, *((which,) if isinstance(which, str) else which))
        return self.samples[self.folder.attempts.index(attempt)]

    @property
    def scores(self) -> Any:
        """Every score, one a row, as a pandas or polars data frame, whichever is installed.

        Columns: ``prompt`` (None for a set metric), ``sample``, ``group``, ``level``, ``outcome``,
        ``metric``, ``value``, ``version``.

        Raises
        ------
        PrerequisiteError
            Neither is installed.
        """
        return self.scores_as()

    def scores_as(self, library: str | None = None) -> Any:
        """`scores` as a frame of ``"pandas"`` or ``"polars"``."""
        places = self.folder.run.spec.prompts
        known = set(self.folder.attempts)
        renderings = self.folder.latest_renderings
        rows = []
        for (prompt, sample, metric), row in self.folder.latest_scores.items():
            place = places.get(prompt) if prompt is not None else None
            rendering = renderings.get((prompt, sample)) if prompt is not None else None
            if prompt is None or (prompt, sample) in known:
                rows.append(
                    {
                        "prompt": prompt,
                        "sample": sample,
                        "group": place.group if place else None,
                        "level": place.level if place else None,
                        "outcome": str(rendering.outcome) if rendering else None,
                        "metric": metric,
                        "value": row.value,
                        "version": row.version,
                    }
                )
        return _frame(rows, _SCORES, library)

    def compare(self, other: LoadedRun | str | Path) -> Differences:
        """How this run differs from another on the prompts that both have.

        Raises
        ------
        UsageError
            They cannot be compared; says why.
        """
        if not isinstance(other, LoadedRun):
            other = load(other, results=self.folder.folder.parent.parent)
        pair = [str(each.folder.folder) for each in (self, other)]
        return Differences(compare(pair, self._tier or self.folder.run.spec.tier, Path()))

    def look(self, attempt: Attempt) -> showing.Look:
        """All that is known of an attempt; audio that is gone is made again."""
        return showing.look(self.folder, attempt, tier=self._tier, references=self._references)

    def __repr__(self) -> str:
        outcomes = ", ".join(f"{count} {name}" for name, count in self.entry.outcomes.items())
        return f"<run {printable(self.name)} on {self.entry.tier}: {outcomes}>"

    def _repr_html_(self) -> str:
        entry = self.entry
        title = f"{_text(self.name)} on {_text(entry.tier)}, {_text(entry.date)}"
        metrics = [
            (name, estimate(found.all_attempts), estimate(found.valid_only), about(name).unit)
            for name, found in entry.scores.items()
        ]
        outcomes = ", ".join(f"{count} {name}" for name, count in entry.outcomes.items())
        missing = failures(self.folder.completions.latest.values())
        whys = "".join(f"<p>{n} without a reply: {_text(why)}</p>" for why, n in missing.items())
        primary = entry.primary_metric
        each = [
            (sample.prompt, sample.sample, sample.outcome, estimate(sample.scores.get(primary)))
            for sample in self.samples
        ]
        return (
            f"<h4>{title}</h4><p>{_text(outcomes)}</p>{whys}"
            + _table(("metric", "all attempts", "valid only", "unit"), metrics)
            + f"<details><summary>{len(each)} samples</summary>"
            + _table(("prompt", "sample", "outcome", primary), each)
            + "</details>"
        )


class Sample:
    """One attempt at a prompt.

    A notebook shows it with a player, its log-mel spectrogram, its program and its scores.
    """

    def __init__(self, run: LoadedRun, attempt: Attempt, scores: Mapping[str, float]) -> None:
        self.run = run
        self.prompt, self.sample = attempt
        self.scores = dict(scores)

    @property
    def rendering(self) -> Rendering | None:
        """What came out of it, None where nothing did yet."""
        return self.run.folder.latest_renderings.get((self.prompt, self.sample))

    @property
    def outcome(self) -> str:
        """How it ended."""
        if self.rendering:
            return self.rendering.outcome
        reply = self.run.folder.stands((self.prompt, self.sample))
        return reply.outcome if reply and reply.outcome.ours else MISSING

    @cached_property
    def look(self) -> showing.Look:
        """Prompt, programs, reply and sound; audio that is gone is made again, once."""
        return self.run.look((self.prompt, self.sample))

    def audio(self) -> tuple[NDArray[np.float64], int]:
        """Mono samples in [-1, 1], shape (n,), and their rate in Hz.

        Raises
        ------
        ProbeError
            There is none; says why.
        """
        if self.look.sound is None:
            raise ProbeError(self.look.silent)
        return self.look.sound.pcm / np.float64(1 << 15), self.look.sound.sample_rate

    def __repr__(self) -> str:
        return f"<sample {self.prompt}.{self.sample} of {printable(self.run.name)}: {self.outcome}>"

    def _repr_html_(self) -> str:
        found = self.look
        parts = [f"<h4>{_text(self.prompt)}.{self.sample} of {_text(self.run.name)}</h4>"]
        if found.prompt is not None:
            parts.append(f"<p>{_text(found.prompt.text)}</p>")
        parts.append(self._sound())
        detail = f" ({self.rendering.detail})" if self.rendering and self.rendering.detail else ""
        parts.append(f"<p><b>{_text(self.outcome)}</b>{_text(detail)}</p>")
        if found.error:
            parts.append(f"<p>no reply: {_text(found.error)}</p>")
        scores = ((name, estimate(v), about(name).unit) for name, v in self.scores.items())
        parts.append(_table(("metric", "value", "unit"), scores))
        parts += [f"<pre>{_text(program)}</pre>" for program, _ in found.programs]
        if not found.programs and found.reply:
            parts.append(f"<pre>{_text(found.reply[: showing.TEXT_SHOWN])}</pre>")
        if self.rendering and self.rendering.stderr_tail:
            parts.append(f"<p>stderr</p><pre>{_text(self.rendering.stderr_tail)}</pre>")
        return "".join(parts)

    def _sound(self) -> str:
        sound = self.look.sound
        if sound is None and self.outcome != Outcome.OK:
            return ""
        if sound is None:
            return f"<p>no sound: {_text(self.look.silent)}</p>"
        flac = io.BytesIO()
        soundfile.write(flac, sound.pcm, sound.sample_rate, format="FLAC", subtype="PCM_16")
        changed = "" if sound.same else "<p>made anew, and not the samples that were measured</p>"
        return (
            f'<audio controls preload="metadata" src="{_data("audio/flac", flac.getvalue())}">'
            f'</audio><br><img alt="log-mel spectrogram of {_text(self.prompt)}"'
            f' style="width:480px;height:160px;image-rendering:pixelated"'
            f' src="{_data("image/png", showing.picture(self.look))}">{changed}'
        )


@dataclass(frozen=True, repr=False)
class Differences:
    """How two runs differ; differences are first less second."""

    found: Compared

    @property
    def metrics(self) -> Any:
        """Every per-clip metric over the prompts that both have, as a data frame."""
        return self._table("metrics")

    @property
    def groups(self) -> Any:
        """The primary metric by group, as a data frame."""
        return self._table("groups")

    @property
    def levels(self) -> Any:
        """The primary metric by level, as a data frame."""
        return self._table("levels")

    def _table(self, which: str) -> Any:
        rows = [asdict(row) for row in getattr(self.found.pairs[0], which)]
        return _frame(rows, tuple(rows[0]) if rows else (), None)

    def __repr__(self) -> str:
        return printable(comparison.markdown(self.found))

    def _repr_html_(self) -> str:
        from markdown_it import MarkdownIt

        reader = MarkdownIt("commonmark", {"html": False}).enable("table")
        reader.disable(["image", "link", "autolink"])
        return str(reader.render(printable(comparison.markdown(self.found))))


# --- data frames ---------------------------------------------------------------------------------

_SCORES = ("prompt", "sample", "group", "level", "outcome", "metric", "value", "version")


def _frame(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], library: str | None) -> Any:
    data = {name: [row[name] for row in rows] for name in columns}
    for name in FRAMES if library is None else (library,):
        try:
            return importlib.import_module(name).DataFrame(data)
        except ModuleNotFoundError:
            continue
    raise PrerequisiteError(
        "data frames need pandas or polars; install one, as with `pip install 'probe[notebook]'`"
    )


# --- HTML ----------------------------------------------------------------------------------------


def _text(text: str) -> str:
    return escape(printable(text))


def _data(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"


def _table(header: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    head = "".join(f"<th>{_text(cell)}</th>" for cell in header)
    body = "".join(
        "<tr>" + "".join(f"<td>{_text(str(cell))}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
