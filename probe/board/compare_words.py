"""How runs differ, as Markdown and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from probe.board.compare import Compared, Contestant, Pair, Versus
from probe.board.entries import DIGITS
from probe.board.markdown import code, interval, label, number, table
from probe.records.metrics import about
from probe.stats import LEVEL

FORMAT = 1
"""Version of the JSON."""

HOW_TO_READ = """\
Differences are first less second, over the prompts that both runs have, with 95 % intervals
(prompts resampled). p is of a two-sided sign-flip test on the prompts, Holm-corrected over all rows
of its kind (metrics, groups, levels) of all pairs. Wins, ties and losses are of the first run, by
prompt. *Better* names a run where p < {level:g}. Every attempt counts; a failed one takes the
metric's floor.
"""

SETS = """\
Set metrics have one value a run, with the jackknife's interval: no pairing, so no test.
"""

LEVELS = """\
Levels are as each run delivered them; none is normalised. A clip of another length than was asked
for is cropped, or padded with silence, at its end.
"""


def markdown(found: Compared) -> str:
    """All of it, for people."""
    names = [code(each.label) for each in found.contestants]
    parts = [
        f"# {' against '.join(names)} on {found.tier} `{found.digest[:12]}`\n",
        HOW_TO_READ.format(level=LEVEL),
        _made(found),
    ]
    for pair in found.pairs:
        parts += _pair(found, pair)
    if found.unshared:
        said = (f"{metric} ({', '.join(has)})" for metric, has in found.unshared.items())
        parts.append(f"Not measured in every run: {'; '.join(said)}.\n")
    return "\n".join(parts)


def as_json(found: Compared) -> str:
    """All of it, for programs."""
    contestants = [
        {key: value for key, value in asdict(each).items() if key not in ("values", "sets")}
        | {"folder": str(each.folder)}
        for each in found.contestants
    ]
    pairs = [
        {
            "first": found.contestants[pair.first].label,
            "second": found.contestants[pair.second].label,
            "metrics": [_versus_json(found, pair, row) for row in pair.metrics],
            "sets": [asdict(row) for row in pair.sets],
            "groups": [_versus_json(found, pair, row) for row in pair.groups],
            "levels": [_versus_json(found, pair, row) for row in pair.levels],
        }
        for pair in found.pairs
    ]
    whole = {
        "format": FORMAT,
        "tier": found.tier,
        "digest": found.digest,
        "samples": found.samples,
        "primary_metric": found.primary_metric,
        "runs": contestants,
        "pairs": pairs,
        "unshared": found.unshared,
        "bandwidth": _bandwidth(found.contestants),
    }
    return json.dumps(_rounded(whole), indent=1, ensure_ascii=False)


def _versus_json(found: Compared, pair: Pair, row: Versus) -> dict[str, Any]:
    return asdict(row) | {"better": _better(found, pair, row)}


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, DIGITS)
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(each) for each in value]
    return value


# --- Markdown ------------------------------------------------------------------------------------


def _made(found: Compared) -> str:
    """How each run came about, as far as it bears on the comparison."""
    rows = [
        [
            code(each.label),
            each.kind,
            each.date,
            f"{each.prompts} × {found.samples}",
            f"{each.rendered:.0%}",
            _rates(each),
            str(each.cropped),
            str(each.padded),
            str(each.brought_down),
        ]
        for each in found.contestants
    ]
    header = ["run", "kind", "date", "n", "rendered", "made at", "cropped", "padded", "lowered"]
    warning = _bandwidth(found.contestants)
    return "\n".join([table(header, rows), LEVELS, *([f"> {warning}\n"] if warning else [])])


def _rates(each: Contestant) -> str:
    if not each.native_rates:
        return "the tier's rate"
    return ", ".join(f"{rate} Hz ({clips})" for rate, clips in each.native_rates.items())


def _bandwidth(contestants: Sequence[Contestant]) -> str | None:
    """What must be said where some run was made at a sample rate too low for the others' band."""
    if len({each.band_hz for each in contestants}) < 2:
        return None
    bands = (f"{each.label} has nothing above {each.band_hz / 1000:g} kHz" for each in contestants)
    return (
        "The runs do not fill the same band: "
        + "; ".join(bands)
        + ". Set metrics and classifiers may tell them apart by that alone."
    )


def _pair(found: Compared, pair: Pair) -> list[str]:
    first, second = (code(found.contestants[place].label) for place in (pair.first, pair.second))
    parts = [f"## {first} − {second}\n"]
    tables = (("metric", pair.metrics), ("group", pair.groups), ("level", pair.levels))
    for what, rows in tables:
        if what != "metric":
            parts.append(f"### {found.primary_metric} by {what}\n")
        header = [what, "n", first, second, "difference", "p", "better", "wins / ties / losses"]
        parts.append(table(header, (_line(found, pair, row) for row in rows)))
    parts += _in_words(found, pair)
    if pair.sets:
        lines = [
            [
                label(about(row.metric)),
                interval(*row.first),
                interval(*row.second),
                number(row.difference, signed=True),
            ]
            for row in pair.sets
        ]
        header = ["metric", first, second, "difference"]
        parts += ["### Set metrics\n", table(header, lines), SETS]
    return parts


def _line(found: Compared, pair: Pair, row: Versus) -> list[str]:
    better = _better(found, pair, row)
    return [
        label(about(row.metric)) if row.part == "all" else row.part,
        str(row.n),
        number(row.first),
        number(row.second),
        interval(row.difference, row.low, row.high, signed=True),
        "<0.001" if row.p < 0.001 else f"{row.p:.3f}",
        "–" if better is None else code(better),
        f"{row.wins} / {row.ties} / {row.losses}",
    ]


def _better(found: Compared, pair: Pair, row: Versus) -> str | None:
    places = (pair.first, pair.second)
    return None if row.better < 0 else found.contestants[places[row.better]].label


def _in_words(found: Compared, pair: Pair) -> list[str]:
    """Where one beats the other and where it does not, by group."""
    sides = [[row.part for row in pair.groups if row.better == side] for side in (0, 1)]
    open_ = [row.part for row in pair.groups if row.better < 0]
    said = [
        f"{code(found.contestants[place].label)} is better on {', '.join(parts)}."
        for place, parts in zip((pair.first, pair.second), sides, strict=True)
        if parts
    ]
    if open_:
        said.append(f"No difference is shown on {', '.join(open_)}.")
    return [" ".join(said) + "\n"]
