"""A tier in words, for who looks at one: what is asked, what is true of it, how it is measured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from probe.records import Prompt
from probe.records.metrics import about
from probe.records.record import Record
from probe.tier.folder import LoadedTier, asked_by, programs_of
from probe.tier.template import message

NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


def facts(loaded: LoadedTier) -> dict[str, Any]:
    """What a tier is, in figures."""
    tier, prompts = loaded.tier, loaded.prompts
    sizes = Counter(prompt.group for prompt in prompts)
    levels = Counter(prompt.level for prompt in prompts)
    return {
        "name": tier.name,
        "version": tier.version,
        "title": tier.title,
        "seed": tier.seed,
        "digest": tier.digest,
        "truth": tier.truth,
        "prompts": len(prompts),
        "programs": len(programs_of(loaded)),
        "seconds": round(sum(prompt.duration_s for prompt in prompts), 3),
        "groups": {group: sizes[group] for group in tier.groups},
        "levels": {str(level): levels[level] for level in sorted(levels)},
        "metrics": list(tier.metrics),
        "primary_metric": tier.primary_metric,
        "languages": list(tier.languages),
        "folder": str(loaded.folder),
    }


def list_line(loaded: LoadedTier) -> str:
    """A tier in three lines."""
    found = facts(loaded)
    levels = ", ".join(f"{count} of level {level}" for level, count in found["levels"].items())
    metrics = [f"{m} (primary)" if m == found["primary_metric"] else m for m in found["metrics"]]
    return "\n".join(
        [
            f"{found['name']} {found['version']}  {found['title']}"
            f"  {found['digest'][:12]}{_seeded(found['seed'])}",
            f"  {found['prompts']} prompts ({levels}), {len(found['groups'])} groups,"
            f" {found['programs']} programs",
            f"  {', '.join(metrics)}",
        ]
    )


def _seeded(seed: int | None) -> str:
    return "" if seed is None else f"  generated from seed {seed}"


def tier_text(loaded: LoadedTier) -> str:
    """A tier, its groups, metrics and prompts."""
    tier, there = loaded.tier, programs_of(loaded)
    found = facts(loaded)
    lines = [
        f"{tier.name} {tier.version}: {tier.title}{_seeded(tier.seed)}",
        f"digest {tier.digest}",
        f"{found['prompts']} prompts, {found['programs']} with a program;"
        f" {found['seconds']:g} s of audio at {tier.sample_rate} Hz",
        "",
        "groups",
        *(f"  {group} ({found['groups'][group]})  {what}" for group, what in tier.groups.items()),
        "",
        "metrics",
        *(f"  {_metric_line(name, name == tier.primary_metric)}" for name in tier.metrics),
        "",
        "prompts (id, level, seconds, * with a program)",
    ]
    width = max(len(prompt.id) for prompt in loaded.prompts)
    for prompt in loaded.prompts:
        star = "*" if prompt.id in there else " "
        start = _shortened(prompt.text, 72)
        lines.append(
            f" {star}{prompt.id:<{width}}  {prompt.level}  {prompt.duration_s:<4g} {start}"
        )
    return "\n".join(lines)


def _metric_line(name: str, primary: bool) -> str:
    metric = about(name)
    better = "higher" if metric.higher_is_better else "lower"
    needs = f", needs {metric.needs}" if metric.needs else ""
    where = f", where the truth has {metric.asks}" if metric.asks else ""
    return (
        f"{name}{' (primary)' if primary else ''}  {metric.description};"
        f" {better} is better{where}{needs}"
    )


def prompt_text(loaded: LoadedTier, prompt: Prompt) -> str:
    """One prompt: the message that is sent, the truth in words, and what is measured."""
    path = programs_of(loaded).get(prompt.id)
    metrics = [name for name in loaded.tier.metrics if asked_by(prompt, about(name))]
    return "\n".join(
        [
            f"{prompt.id}: {prompt.group}, level {prompt.level}, {prompt.duration_s:g} s",
            "",
            *(f"  {line}" for line in message(loaded, prompt).strip().splitlines()),
            "",
            "truth",
            *(f"  {line}" for line in truth_lines(prompt.truth)),
            "",
            f"metrics  {', '.join(metrics)}",
            f"program  {path or 'none'}",
        ]
    )


def prompt_facts(loaded: LoadedTier, prompt: Prompt) -> dict[str, Any]:
    """One prompt as data."""
    path = programs_of(loaded).get(prompt.id)
    return prompt.model_dump(mode="json") | {
        "message": message(loaded, prompt),
        "metrics": [name for name in loaded.tier.metrics if asked_by(prompt, about(name))],
        "program": None if path is None else str(path),
    }


# --- the truth -----------------------------------------------------------------------------------


def truth_lines(truth: Record) -> Iterator[str]:
    """Everything a truth says, one fact a line; what it leaves open is left out."""
    for name in type(truth).model_fields:
        value = getattr(truth, name)
        if name == "kind" or value == type(truth).model_fields[name].default:
            continue
        if isinstance(value, tuple) and value and isinstance(value[0], Record):
            yield f"{name}:"
            yield from (f"  {_record_words(item)}" for item in value)
        else:
            yield f"{name}: {_words(value)}"


def _record_words(record: Record) -> str:
    """A record in one line: when, then what."""
    parts = []
    told: set[str] = set()
    for begin, end in (("onset_s", "offset_s"), ("start_s", "end_s")):
        start = getattr(record, begin, None)
        if start is not None:
            stop = getattr(record, end, None)
            until = "" if stop is None else f"–{round(stop, 4):g}"
            parts.append(f"{round(start, 4):g}{until} s")
            told |= {begin, end}
    for name in type(record).model_fields:
        value = getattr(record, name)
        if name in told or value is None or value == ():
            continue
        if name.endswith("midi"):
            parts.append(f"{name.removesuffix('midi').replace('_', ' ')}{pitch_words(value)}")
        else:
            parts.append(f"{name} {_words(value)}")
    return "  ".join(parts)


def _words(value: Any) -> str:
    if isinstance(value, Record):
        return _record_words(value)
    if isinstance(value, tuple | list):
        records = any(isinstance(item, Record) for item in value)
        return ("; " if records else ", ").join(map(_words, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def pitch_words(midi: float) -> str:
    """``A4``, or with what it is off by: ``A4 -14 cents``; C4 is MIDI 60."""
    nearest = round(midi)
    cents = 100 * (midi - nearest)
    name = f"{NAMES[nearest % 12]}{nearest // 12 - 1}"
    return name if abs(cents) < 0.05 else f"{name} {cents:+.4g} cents"


def _shortened(text: str, most: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
