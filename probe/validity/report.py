"""The report as Markdown: a pure function of the findings, the same bytes each time."""

from __future__ import annotations

from collections.abc import Sequence

from probe.board.markdown import estimate, inline, label, number, table
from probe.records.metrics import about
from probe.validity.damage import DAMAGES, VARIANTS
from probe.validity.expectations import LEAST_FALL, ONE_SOUND, SATURATED, SLACK, expectation
from probe.validity.judging import (
    FEWEST,
    Fall,
    Findings,
    Level,
    MetricFindings,
    OneSound,
    Source,
    Step,
    Stillness,
    verdict,
)
from probe.validity.measuring import FINALISTS, FIRST_PROMPTS, LAST_PROMPTS, RECORDED, SOUNDS
from probe.validity.sets import RECORDINGS, SetFindings

WORDS = {
    "real": "real recordings",
    "exact": "the exact truth",
    "program": "hand-written programs",
    "other": "programs of another prompt",
    "noise": "noise",
    "silence": "silence",
}
SIGNS = {True: "holds", False: "**fails**", None: "–"}


def markdown(findings: Findings) -> str:
    """The whole report."""
    parts = [
        _head(findings),
        _summary(findings),
        _faults(findings),
        _order(findings.metrics),
        _damage(findings.metrics),
        _same_audio(findings.metrics),
        _sets(findings.sets),
        _one_sound(findings),
        _levels(findings),
        _rules(findings),
    ]
    return "\n".join(part for part in parts if part)


def failures(findings: Findings) -> list[str]:
    """Every claim that does not hold, each in one line."""
    lines = []
    for found in findings.metrics:
        name = found.metric.name
        lines += [
            f"`{name}`: {WORDS[s.better]}, {_against(s)} {WORDS[s.worse]}"
            for s in found.steps
            if s.holds is False
        ]
        lines += [
            f"`{name}` does not fall under {fall.damage}"
            for fall in found.falls
            if fall.holds is False
        ]
        lines += [
            f"`{name}` moves by {number(s.worst)} on `{s.prompt}` as {s.variant}"
            for s in found.stills
            if s.holds is False
        ]
    for each in findings.sets:
        name = each.metric.name
        lines += [
            f"`{name}`: {WORDS[near]}, not clearly nearer than {WORDS[far]}"
            for (near, far), holds in each.order.items()
            if not holds
        ]
        lines += [
            f"`{name}` does not grow under {fall.damage}" for fall in each.falls if not fall.holds
        ]
    one = findings.one_sound
    if one is not None and one.holds is False:
        lines.append(f"the sound of `{one.program}` scores well whatever is asked")
    return lines


def _against(step: Step) -> str:
    return "not better than" if step.gain.high >= 0 else "worse than"


# --- parts ---------------------------------------------------------------------------------------


def _head(findings: Findings) -> str:
    material = findings.material
    tier = material.loaded.tier
    references = material.references
    rows = [
        ["tier", f"{tier.name} {tier.version}"],
        ["digest", f"`{tier.digest}`"],
        ["programs", f"{len(material.programs)}, `{material.programs_sha256[:12]}`"],
        ["references", f"`{references.digest[:12]}`" if references else "none"],
        [
            "metrics",
            ", ".join(f"`{metric.name}` v{metric.version}" for metric in findings.tried),
        ],
    ]
    there = {metric.name for metric in findings.tried}
    left = [name for name in tier.metrics if name not in there]
    if left:
        why = [f"`{name}` ({_why_not(name)})" for name in left]
        rows.append(["not tried here", ", ".join(why)])
    return "\n".join(
        [
            f"# Can the {tier.name} tier's measurement be believed?",
            "",
            f"Written by `probe tiers validity {tier.name}`; do not edit.",
            "",
            table(["of", "what"], rows),
        ]
    )


def _why_not(name: str) -> str:
    metric = about(name)
    return f"needs {metric.needs or 'an embedder'}"


def _summary(findings: Findings) -> str:
    rows = []
    primary = findings.material.loaded.tier.primary_metric
    for found in findings.metrics:
        one = findings.one_sound if found.metric.name == primary else None
        rows.append(
            [
                f"`{found.metric.name}`{' (primary)' if found.metric.name == primary else ''}",
                SIGNS[verdict([step.holds for step in found.steps])],
                SIGNS[verdict([fall.holds for fall in found.falls])],
                SIGNS[verdict([still.holds for still in found.stills])],
                SIGNS[one.holds if one else None],
            ]
        )
    for each in findings.sets:
        order, falls = list(each.order.values()), [fall.holds for fall in each.falls]
        rows.append(
            [f"`{each.metric.name}`", SIGNS[verdict(order)], SIGNS[verdict(falls)], "–", "–"]
        )
    header = ["metric", "order", "damage", "same audio", "one sound"]
    return "\n".join(
        [
            "## In short",
            "",
            "A dash means that nothing is claimed: the metric need not, or too few prompts ask.",
            "",
            table(header, rows),
        ]
    )


def _faults(findings: Findings) -> str:
    lines = [*failures(findings), *findings.faults]
    if not lines:
        return "Every claim holds.\n"
    return "\n".join(["What does not hold:", "", *(f"- {inline(line)}" for line in lines), ""])


def _order(metrics: Sequence[MetricFindings]) -> str:
    parts = [
        "## Order",
        "",
        "Shares of the prompts on which the better sound scores better, the same and worse, and its"
        " mean advantage with the 95 % interval.",
        "",
    ]
    for found in metrics:
        parts += [f"### {label(found.metric, quoted=True)}", ""]
        if not found.steps:
            parts += ["No prompt with a program asks for it.", ""]
            continue
        rows = [
            [
                f"{WORDS[step.better]} over {WORDS[step.worse]}",
                str(step.n),
                *(f"{abs(x):.0%}" for x in (step.wins, step.ties, 1 - step.wins - step.ties)),
                estimate(step.gain),
                SIGNS[step.holds],
            ]
            for step in found.steps
        ]
        header = ["step", "n", "better", "same", "worse", "advantage", "verdict"]
        parts.append(table(header, rows))
    return "\n".join(parts)


def _damage(metrics: Sequence[MetricFindings]) -> str:
    parts = [
        "## Damage",
        "",
        "Mean scores of the programs, spoilt by degrees; for metrics that need references, of the"
        " recordings.",
        "",
    ]
    for damage in DAMAGES.values():
        header = ["metric", "n", "clean", *(f"{grade:g}" for grade in damage.grades), "falls"]
        rows = [
            [label(found.metric, quoted=True), str(fall.n), *_fall_cells(fall)]
            for found in metrics
            for fall in found.falls
            if fall.damage == damage.name
        ]
        parts += [f"### {damage.name}, {damage.unit}", "", table(header, rows)]
    return "\n".join(parts)


def _fall_cells(fall: Fall) -> list[str]:
    return [*map(number, (fall.clean, *fall.means)), SIGNS[fall.holds]]


def _same_audio(metrics: Sequence[MetricFindings]) -> str:
    header = ["metric", "tolerance", *VARIANTS, "verdict"]
    rows = []
    for found in metrics:
        stills = {still.variant: still for still in found.stills}
        if stills:
            rows.append(
                [
                    label(found.metric, quoted=True),
                    number(next(iter(stills.values())).tolerance),
                    *(_moved(stills.get(variant)) for variant in VARIANTS),
                    SIGNS[verdict([still.holds for still in found.stills])],
                ]
            )
    return "\n".join(
        [
            "## The same audio in another file",
            "",
            "The largest change of any prompt's score.",
            "",
            table(header, rows),
        ]
    )


def _moved(still: Stillness | None) -> str:
    return "–" if still is None else number(still.worst)


def _sets(sets: Sequence[SetFindings]) -> str:
    if not sets:
        return ""
    parts = [
        "## Sets",
        "",
        "Distances from the recordings with their 95 % intervals; of the recordings, those of one"
        " half from the other. Then that half, spoilt by degrees.",
        "",
    ]
    for found in sets:
        rows = [[WORDS[rung], str(v.n), estimate(v)] for rung, v in found.rungs.items()]
        parts += [f"### `{found.metric.name}` ↓", "", table(["set", "n", "distance"], rows)]
        for fall in found.falls:
            damage = DAMAGES[fall.damage]
            header = ["clean", *(f"{grade:g}" for grade in damage.grades), "grows"]
            cells = [*map(number, (fall.clean, *fall.values)), SIGNS[fall.holds]]
            parts += [f"{damage.name}, {damage.unit}:", "", table(header, [cells])]
    return "\n".join(parts)


def _one_sound(findings: Findings) -> str:
    found = findings.one_sound
    parts = ["## One sound for everything", ""]
    if found is None:
        return "\n".join([*parts, "There are too few programs to search for one.", ""])
    return "\n".join([*parts, _one_sound_words(found, findings), ""])


def _one_sound_words(found: OneSound, findings: Findings) -> str:
    primary = findings.material.loaded.tier.primary_metric
    way = found.ceiling - found.floor
    share = (found.mean - found.floor) / way if way else 0.0
    return (
        f"Of the programs' sounds, given for other prompts, that of `{found.program}` does best:"
        f" mean `{primary}` {number(found.mean)} over {found.n} prompts, where noise or silence"
        f" has {number(found.floor)} and the programs have {number(found.ceiling)}. That is"
        f" {share:.0%} of the way; at most {ONE_SOUND:.0%} is claimed:"
        f" {SIGNS[found.holds]}."
    )


def _levels(findings: Findings) -> str:
    primary = findings.material.loaded.tier.primary_metric
    parts = [
        "## Scores by level",
        "",
        f"`{primary}`: mean with its 95 % interval, and quartiles.",
        "",
    ]
    for source in findings.sources:
        header = ["level", "n", "mean", "least", "1/4", "half", "3/4", "most", ""]
        rows = [_level_cells(level) for level in source.levels]
        name = WORDS.get(source.name) or f"`{inline(source.name)}`"
        parts += [f"### {name}", "", table(header, rows), _saturation(source), ""]
    return "\n".join(parts)


def _level_cells(level: Level) -> list[str]:
    return [
        str(level.level),
        str(level.mean.n),
        estimate(level.mean),
        *map(number, level.quartiles),
        "saturated" if level.saturated else "",
    ]


def _saturation(source: Source) -> str:
    full = [str(level.level) for level in source.levels if level.saturated]
    if not full:
        return "Saturates no level."
    return f"Saturates level{'s' if len(full) > 1 else ''} {', '.join(full)}."


def _rules(findings: Findings) -> str:
    """When a claim holds, with the figures that the code goes by."""
    slack = f"{SLACK:.0%}"
    loose = [
        f"`{found.metric.name}` {expectation(found.metric.name).tolerance:.0%}"
        for found in findings.metrics
    ]
    lines = [
        "## The rules",
        "",
        f"- A claim rests on at least {FEWEST} prompts. Intervals are at 95 %, prompts resampled,"
        " differences paired. A metric's *range* is from a failed clip to a perfect one.",
        "- *Real recordings* are those of the references that fit a prompt, placed as it asks. *The"
        " exact truth* plays the notes of truths that state nothing else, as plain tones. *Programs"
        " of another prompt* are the next of the same group.",
        "- *Order*: recordings, or the exact truth where players may be off, must not lose to the"
        " programs, nor another prompt's program to noise or silence (interval not wholly below"
        f" zero by more than {slack} of the range); the programs must win against all three"
        " (interval wholly above zero). A dash stands where a metric hears one side of a sound"
        " alone and need not prefer the first, or where the other of the two tops counts.",
        f"- *Damage*: on {len(findings.sample)} prompts spread over the tier. Metrics that need"
        f" references are tried on up to {RECORDED} recordings instead, placed as a prompt asks. A"
        " mean falls when no"
        f" grade raises it by more than {slack} of the range and the gravest costs at least"
        f" {LEAST_FALL:.0%} of it. A dash stands where a metric need not mind.",
        "- *Same audio*: written and read again as a run reads it, on the same prompts; a truth"
        f" that states an absolute level is not turned down. Tolerances as shares of the range:"
        f" {', '.join(loose)}.",
        "- *Sets*: the recordings must be clearly nearer than the programs, and these than noise"
        " and silence (intervals do not meet). A distance must grow under low-pass and noise, by"
        " the rules of damage; its range is from one half of the recordings (up to"
        f" {RECORDINGS}) to noise or silence, whichever is further.",
        f"- *One sound*: up to {SOUNDS} programs' sounds, each tried on"
        f" {FIRST_PROMPTS} prompts; the best {FINALISTS} are tried on up to"
        f" {LAST_PROMPTS} others, which alone count, never on their own prompt.",
        f"- A level is *saturated* where the lower end of the interval reaches {SATURATED:g} of the"
        " range.",
        "",
    ]
    return "\n".join(lines)
