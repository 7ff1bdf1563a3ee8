"""A tier's prompts for whoever renders them elsewhere, and the file names they come back under."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any, Literal

from probe.records import Prompt, SpeechTruth
from probe.tier.folder import LoadedTier

Format = Literal["jsonl", "csv", "txt"]

COLUMNS = ("id", "sample", "text", "say", "duration_s", "sample_rate", "file")


def stem(prompt: str, sample: int) -> str:
    """Name, less the suffix, of the file in which an attempt is given back."""
    return f"{prompt}-{sample}"


def attempt_row(prompt: Prompt, sample: int, sample_rate: int) -> dict[str, Any]:
    """What a generator is told of one attempt; nothing of how it will be measured.

    Returns
    -------
    dict
        ``id``, ``sample``, ``text`` (the prompt), ``say`` (the words alone, or None where none are
        to be said: for engines that read aloud whatever they are given), ``duration_s``,
        ``sample_rate`` (of the tier, in Hz; any other is converted) and ``file``.
    """
    truth = prompt.truth
    return {
        "id": prompt.id,
        "sample": sample,
        "text": prompt.text,
        "say": truth.text if isinstance(truth, SpeechTruth) else None,
        "duration_s": prompt.duration_s,
        "sample_rate": sample_rate,
        "file": f"{stem(prompt.id, sample)}.wav",
    }


def export(loaded: LoadedTier, form: Format, *, samples: int = 1) -> str:
    """Every prompt of a tier, in its order.

    Parameters
    ----------
    loaded : LoadedTier
        The tier.
    form : str
        ``jsonl`` (one `attempt_row` a line), ``csv`` (with a header) or ``txt`` (the texts alone,
        one a line, line breaks in them as spaces).
    samples : int
        Attempts per prompt.

    Returns
    -------
    str
        The file, whole.
    """
    rows = _rows(loaded, samples)
    if form == "txt":
        return "".join(" ".join(row["text"].split()) + "\n" for row in rows)
    if form == "jsonl":
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    table = io.StringIO()
    writer = csv.DictWriter(table, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return table.getvalue()


def _rows(loaded: LoadedTier, samples: int) -> Iterator[dict[str, Any]]:
    for prompt in loaded.prompts:
        for sample in range(samples):
            yield attempt_row(prompt, sample, loaded.tier.sample_rate)
