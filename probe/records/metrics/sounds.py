"""Metrics of environmental sounds."""

from __future__ import annotations

from functools import partial

from probe.records.metrics.metric import Metric

DOPPLER_CAP_CENTS = 200.0
"""Cap of `doppler_cents`: a whole tone, more than a car in town shifts its sound."""
LEVEL_CAP_DB = 12.0
"""Cap of `passing_db`: a level a factor of four off in amplitude."""
DECAY_CAP_OCTAVES = 1.0
"""Cap of `decay_octaves`: half or twice the time is another room."""
DISTANCE_CAP_DB = 40.0
"""Cap of distances to recordings: further than silence is from most of them."""

_metric = partial(Metric, module="sounds.measure")

METRICS = (
    _metric(
        name="event_score",
        description=(
            "traits of the sounds asked for, times what is right of their number, times and order"
        ),
    ),
    _metric(
        name="likeness",
        description=(
            "share of the acoustic traits that sounds of the classes have, each in its place"
        ),
    ),
    _metric(
        name="event_presence",
        description=(
            "share of the classes asked for whose likeness is at least 0.5 somewhere in the clip"
        ),
    ),
    _metric(
        name="order_accuracy",
        description=(
            "share of the pairs of sounds that come in the order asked for, by windows of the clip"
        ),
        asks="ordered",
    ),
    *(
        _metric(
            name=f"event_{kind}_{ms}ms",
            description=f"{what} of the moments at which sounds begin, within {ms} ms",
            asks="marks",
        )
        for kind, what in (("f1", "F1"), ("ap", "average precision"))
        for ms in (50, 300)
    ),
    _metric(
        name="event_ms",
        description="mean error of the moments at which sounds begin; a missing one counts 300",
        unit="ms",
        higher_is_better=False,
        floor=300.0,
        asks="marks",
    ),
    _metric(
        name="count_error",
        description="difference of heard and asked number of events over the asked, at most 1",
        higher_is_better=False,
        floor=1.0,
        asks="number",
    ),
    _metric(
        name="activity",
        description=(
            "share of the time asked to sound that does, times share asked to be silent that is"
        ),
        asks="timed",
    ),
    _metric(
        name="doppler_cents",
        description="mean error of the pitch of a passing source against physics, at most 200",
        unit="cents",
        higher_is_better=False,
        floor=DOPPLER_CAP_CENTS,
        asks="passing",
    ),
    _metric(
        name="passing_db",
        description="mean error of the level of a passing source against physics, at most 12",
        unit="dB",
        higher_is_better=False,
        floor=LEVEL_CAP_DB,
        asks="passing",
    ),
    _metric(
        name="decay_octaves",
        description="mean |log2| of measured over stated reverberation time, at most 1",
        higher_is_better=False,
        floor=DECAY_CAP_OCTAVES,
        asks="decays",
    ),
    *(
        Metric(
            name=f"recognition/mel-rf{suffix}",
            description=(
                f"a random forest on mel statistics of the references ranks the class {where}"
            ),
            module="sounds.recognition",
            asks="label",
            needs="references",
            recorded=True,
        )
        for suffix, where in (("", "first"), ("-top3", "among its first three"))
    ),
    *(
        Metric(
            name=name,
            description=f"{what} to the nearest recording of the class, at most 40",
            unit="dB",
            higher_is_better=False,
            floor=DISTANCE_CAP_DB,
            module="sounds.recognition",
            asks="label",
            needs="references",
            recorded=True,
        )
        for name, what in (
            ("spectral_distance", "RMS difference of mean log-mel spectra"),
            ("envelope_distance", "RMS difference of sorted loudness over time"),
        )
    ),
)
