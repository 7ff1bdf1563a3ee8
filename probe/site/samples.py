"""A prompt and every run's attempts at it: the chunks that are loaded when somebody looks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

from probe.ask.prices import Price, find_price
from probe.board.entries import DIGITS, outcome_of
from probe.board.order import Board
from probe.models.usage import Tokens, tokens
from probe.records import Completion, Outcome, Prompt, Rendering, Score
from probe.records.folder_names import slug
from probe.records.index import RunIndex
from probe.records.run_folder import Attempt, RunFolder
from probe.render import commands
from probe.site.chunks import key
from probe.site.schema import (
    AttemptShown,
    Heard,
    Program,
    PromptLine,
    PromptPage,
    Rendered,
    RunOfPrompt,
    TierIndex,
    Turn,
)
from probe.text import printable
from probe.tier.folder import LoadedTier
from probe.tier.template import message

LONGEST_TEXT = 200_000
"""Characters of one text that the page shows; no reply of use is longer."""

Sound = Callable[[RunFolder, Attempt], Heard]
"""Gives the clip of an attempt, or why there is none."""


def shown(text: str) -> str:
    """A text as the page may have it: printable, and not without end."""
    safe = printable(text[:LONGEST_TEXT])
    rest = len(text) - LONGEST_TEXT
    return f"{safe}\n… and {rest} more characters" if rest > 0 else safe


class TierPages:
    """The chunks of one board.

    Parameters
    ----------
    board : Board
        The board.
    runs : sequence of RunIndex
        Its runs, in the board's order, incomplete ones last.
    loaded : LoadedTier or None
        The tier, None where this version of it is not known here.
    results : str
        What the results folder is called, for commands.
    """

    def __init__(
        self,
        board: Board,
        runs: Sequence[RunIndex],
        loaded: LoadedTier | None,
        results: str,
    ) -> None:
        self.board = board
        self.runs = runs
        self.prompts: dict[str, Prompt] = (
            {prompt.id: prompt for prompt in loaded.prompts} if loaded else {}
        )
        self._loaded = loaded
        self._results = results
        self._prices = [_price(run) for run in runs]
        self._places = {p: place for f in runs for p, place in f.run.spec.prompts.items()}
        self.ids = [p for p in self.prompts if p in self._places]
        self.ids += [p for p in self._places if p not in self.prompts]

    def overview(self) -> TierIndex:
        """Prompts, and the primary metric and outcome of every run on each of them."""
        entries = [*self.board.entries, *self.board.incomplete]
        return TierIndex(
            prompts=tuple(
                PromptLine(
                    key=key(prompt),
                    id=printable(prompt),
                    group=printable(self._places[prompt].group),
                    level=self._places[prompt].level,
                    text=printable(self.prompts[prompt].text if prompt in self.prompts else ""),
                )
                for prompt in self.ids
            ),
            scores={
                key(slug(entry.model)): tuple(map(entry.by_prompt.get, self.ids))
                for entry in entries
            },
            outcomes={
                key(slug(run.run.spec.row)): tuple(_worst(run, prompt) for prompt in self.ids)
                for run in self.runs
            },
        )

    def page(self, prompt: str, sound: Sound) -> PromptPage:
        """Everything about one prompt."""
        found = self.prompts.get(prompt)
        return PromptPage(
            message=message(self._loaded, found) if found and self._loaded else None,
            seconds=found.duration_s if found else None,
            truth=_truth(found) if found else None,
            runs=tuple(
                RunOfPrompt(
                    run=key(slug(run.run.spec.row)),
                    samples=tuple(self._samples(run, prompt, price, sound)),
                )
                for run, price in zip(self.runs, self._prices, strict=True)
                if prompt in run.run.spec.prompts
            ),
        )

    def _samples(
        self, run: RunIndex, prompt: str, price: Price | None, sound: Sound
    ) -> Iterator[AttemptShown]:
        """A run's attempts at a prompt; its rows are read here and let go of again."""
        folder, spec = run.part(prompt), run.run.spec
        scores = _by_attempt(folder)
        again = None
        if spec.image is not None:
            place = f"{self._results}/{folder.folder.parent.name}/{folder.folder.name}"
            again = printable(commands.of_sample(place, prompt))
        for sample in range(spec.samples):
            attempt = (prompt, sample)
            row, turns = folder.latest_renderings.get(attempt), folder.turns(attempt)
            yield AttemptShown(
                outcome=outcome_of(run, run.number(prompt, sample)),
                scores=tuple(map(_score, scores.get(attempt, ()))),
                turns=tuple(_turn(folder, turn) for turn in turns),
                programs=self._programs(folder, attempt, turns) if row else (),
                again=again,
                **_spent(turns, price),
                **vars(sound(folder, attempt)),
                **vars(_rendered(row)),
            )

    @staticmethod
    def _programs(
        folder: RunFolder, attempt: Attempt, turns: Sequence[Completion]
    ) -> tuple[Program, ...]:
        """Programs of an answer: where they stand in a reply, or their text."""
        if key(attempt[0]) != attempt[0]:
            return ()  # such an id could name any file
        found = []
        for part in range(len(folder.parts(attempt))):
            try:
                text = folder.program_path(attempt, part).read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError):
                continue
            found.append(_program(text, [turn.text for turn in turns]))
        return tuple(found)


def _program(text: str, replies: Sequence[str]) -> Program:
    """A program as a stretch of the reply it was taken from, which is in the chunk anyway."""
    for turn, reply in enumerate(map(shown, replies)):
        at = reply.find(text)
        if at >= 0 and reply.isascii():  # the page counts UTF-16 units
            return Program(turn=turn, at=at, length=len(text))
    return Program(text=shown(text))


def _turn(folder: RunFolder, turn: Completion) -> Turn:
    asked = folder.messages.latest.get(turn.sent or "")
    return Turn(
        said=shown(asked.text) if asked else None,
        reply=shown(turn.text),
        finish=printable(turn.finish_reason or ""),
        error=shown(turn.error or ""),
        model=printable(turn.model_returned or ""),
    )


def _rendered(row: Rendering | None) -> Rendered:
    if row is None:
        return Rendered()
    return Rendered(
        detail=shown(row.detail or ""),
        notes=tuple(map(printable, row.notes)),
        stderr=shown(row.stderr_tail),
        cpu_s=round(row.cpu_s, 3),
        wall_s=round(row.wall_s, 3),
        memory=row.peak_memory_bytes,
        exit=row.exit_code,
        signal=row.signal,
        repeatable=row.repeatable,
        audio_sha256=printable(row.audio_sha256 or ""),
    )


def _worst(run: RunIndex, prompt: str) -> str | None:
    """The worst that became of a run's attempts at a prompt; None where it was not asked."""
    spec = run.run.spec
    if prompt not in spec.prompts:
        return None
    found = [outcome_of(run, run.number(prompt, sample)) for sample in range(spec.samples)]
    return next((outcome for outcome in found if outcome != Outcome.OK), Outcome.OK)


def _by_attempt(folder: RunFolder) -> dict[Attempt, list[Score]]:
    found: dict[Attempt, list[Score]] = {}
    for row in folder.latest_scores.values():
        if row.prompt is not None:
            found.setdefault((row.prompt, row.sample), []).append(row)
    return found


def _score(row: Score) -> tuple[str, float, str]:
    extras = printable(json.dumps(row.extras, ensure_ascii=False)) if row.extras else ""
    return row.metric, round(row.value, DIGITS), extras


def _price(index: RunIndex) -> Price | None:
    run = index.run
    if run.spec.kind != "language model":
        return None
    return find_price(run.spec.model, run.spec.settings, date.fromisoformat(run.started[:10]))


def _spent(turns: Sequence[Completion], price: Price | None) -> dict[str, Any]:
    """Tokens, dollars and seconds of all turns; None for what is not known."""
    took = [tokens(usage) for turn in turns for usage in (turn.usage, *turn.discarded)]
    total = sum((one for one in took if one), start=Tokens()) if took and None not in took else None
    dollars = price.dollars(total) if price and total else None
    return {
        "latency_s": round(sum(turn.latency_s for turn in turns), 3) if turns else None,
        "tokens": total,
        "dollars": None if dollars is None else round(float(dollars), DIGITS),
    }


def _truth(prompt: Prompt) -> str:
    return prompt.truth.model_dump_json(exclude_defaults=True, indent=1)
