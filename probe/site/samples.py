"""A prompt and every run's attempts at it: the chunks that are loaded when somebody looks."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from probe.ask.prices import Price, find_price
from probe.board.entries import DIGITS, outcome_of
from probe.board.order import Board
from probe.models.usage import Tokens, tokens
from probe.records import Completion, Outcome, Prompt, Score
from probe.records.folder_names import slug
from probe.records.index import RunIndex
from probe.records.run_folder import Attempt, RunFolder
from probe.render import commands
from probe.site.chunks import key
from probe.text import printable
from probe.tier.folder import LoadedTier
from probe.tier.template import message

LONGEST_TEXT = 200_000
"""Characters of one text that the page shows; no reply of use is longer."""

Sound = Callable[[RunFolder, Attempt], dict[str, Any]]
"""Gives ``{"clip": …}`` or ``{"silent": "why there is none"}`` for an attempt."""


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

    def overview(self) -> dict[str, Any]:
        """Prompts, and the primary metric and outcome of every run on each of them."""
        entries = [*self.board.entries, *self.board.incomplete]
        return {
            "prompts": [
                {
                    "key": key(prompt),
                    "id": printable(prompt),
                    "group": printable(self._places[prompt].group),
                    "level": self._places[prompt].level,
                    "text": printable(self.prompts[prompt].text if prompt in self.prompts else ""),
                }
                for prompt in self.ids
            ],
            "scores": {
                key(slug(entry.model)): [entry.by_prompt.get(prompt) for prompt in self.ids]
                for entry in entries
            },
            "outcomes": {
                key(slug(run.run.spec.row)): [_worst(run, prompt) for prompt in self.ids]
                for run in self.runs
            },
        }

    def page(self, prompt: str, sound: Sound) -> dict[str, Any]:
        """Everything about one prompt."""
        found = self.prompts.get(prompt)
        return {
            "id": printable(prompt),
            "message": message(self._loaded, found) if found and self._loaded else None,
            "seconds": found.duration_s if found else None,
            "truth": _truth(found) if found else None,
            "runs": [
                {
                    "run": key(slug(run.run.spec.row)),
                    "samples": self._samples(run, prompt, price, sound),
                }
                for run, price in zip(self.runs, self._prices, strict=True)
                if prompt in run.run.spec.prompts
            ],
        }

    def _samples(
        self, run: RunIndex, prompt: str, price: Price | None, sound: Sound
    ) -> list[dict[str, Any]]:
        """A run's attempts at a prompt; its rows are read here and let go of again."""
        folder = run.part(prompt)
        scores = _by_attempt(folder)
        return [
            self._sample(folder, (prompt, sample), price, sound)
            | {
                "outcome": outcome_of(run, run.number(prompt, sample)),
                "scores": [_score(row) for row in scores.get((prompt, sample), ())],
            }
            for sample in range(run.run.spec.samples)
        ]

    def _sample(
        self, folder: RunFolder, attempt: Attempt, price: Price | None, sound: Sound
    ) -> dict[str, Any]:
        row = folder.latest_renderings.get(attempt)
        turns = folder.turns(attempt)
        said: dict[str, Any] = {
            "turns": [_turn(folder, turn) for turn in turns],
            **_spent(turns, price),
            **sound(folder, attempt),
        }
        if row is not None:
            said |= {
                "detail": shown(row.detail or ""),
                "notes": [printable(note) for note in row.notes],
                "stderr": shown(row.stderr_tail),
                "cpu_s": round(row.cpu_s, 3),
                "wall_s": round(row.wall_s, 3),
                "memory": row.peak_memory_bytes,
                "exit": row.exit_code,
                "signal": row.signal,
                "repeatable": row.repeatable,
                "audio_sha256": printable(row.audio_sha256 or ""),
                "programs": self._programs(folder, attempt, [turn.text for turn in turns]),
            }
        if folder.run.spec.image is not None:
            run = f"{self._results}/{folder.folder.parent.name}/{folder.folder.name}"
            said["again"] = printable(commands.of_sample(run, attempt[0]))
        return said

    @staticmethod
    def _programs(
        folder: RunFolder, attempt: Attempt, replies: Sequence[str]
    ) -> list[dict[str, Any]]:
        """Programs of an answer: where they stand in a reply, or their text."""
        if key(attempt[0]) != attempt[0]:
            return []  # such an id could name any file
        found = []
        for part in range(len(folder.parts(attempt))):
            try:
                text = folder.program_path(attempt, part).read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError):
                continue
            found.append(_program(text, replies))
        return found


def _program(text: str, replies: Sequence[str]) -> dict[str, Any]:
    """A program as a stretch of the reply it was taken from, which is in the chunk anyway."""
    for turn, reply in enumerate(map(shown, replies)):
        at = reply.find(text)
        if at >= 0 and reply.isascii():  # the page counts UTF-16 units
            return {"turn": turn, "at": at, "length": len(text)}
    return {"text": shown(text)}


def _turn(folder: RunFolder, turn: Completion) -> dict[str, Any]:
    asked = folder.messages.latest.get(turn.sent or "")
    return {
        "said": shown(asked.text) if asked else None,
        "reply": shown(turn.text),
        "finish": printable(turn.finish_reason or ""),
        "error": shown(turn.error or ""),
        "model": printable(turn.model_returned or ""),
    }


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


def _score(row: Score) -> list[Any]:
    extras = printable(json.dumps(row.extras, ensure_ascii=False)) if row.extras else ""
    return [row.metric, round(row.value, DIGITS), extras]


def _price(index: RunIndex) -> Price | None:
    run = index.run
    if run.spec.kind != "language model":
        return None
    return find_price(run.spec.model, run.spec.settings, date.fromisoformat(run.started[:10]))


def _spent(turns: Sequence[Completion], price: Price | None) -> dict[str, Any]:
    """Tokens, dollars and seconds of all turns; what is not known is left out."""
    took = [tokens(usage) for turn in turns for usage in (turn.usage, *turn.discarded)]
    said: dict[str, Any] = {}
    if turns:
        said["latency_s"] = round(sum(turn.latency_s for turn in turns), 3)
    if took and None not in took:
        total = sum((one for one in took if one is not None), start=Tokens())
        said["tokens"] = total.model_dump()
        if price is not None:
            said["dollars"] = round(float(price.dollars(total)), DIGITS)
    return said


def _truth(prompt: Prompt) -> str:
    return prompt.truth.model_dump_json(exclude_defaults=True, indent=1)
