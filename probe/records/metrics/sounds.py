"""Metrics of environmental sounds."""

from __future__ import annotations

from probe.records.metrics.metric import Metric

DOPPLER_CAP_CENTS = 200.0
"""Cap of `doppler_cents`: a whole tone, more than a car in town shifts its sound."""
LEVEL_CAP_DB = 12.0
"""Cap of `passing_db`: a level a factor of four off in amplitude."""
DECAY_CAP_OCTAVES = 1.0
"""Cap of `decay_octaves`: half or twice the time is another room."""
DISTANCE_CAP_DB = 40.0
"""Cap of distances to recordings: further than silence is from most of them."""

METRICS = (
    Metric(
        *("event_score", "1", "", True, 0.0, "clip"),
        "traits of the sounds asked for, times what is right of their number, times and order",
        module="sounds.measure",
    ),
    Metric(
        *("likeness", "1", "", True, 0.0, "clip"),
        "share of the acoustic traits that sounds of the classes have, each in its place",
        module="sounds.measure",
    ),
    Metric(
        *("event_presence", "1", "", True, 0.0, "clip"),
        "share of the classes asked for whose likeness is at least 0.5 somewhere in the clip",
        module="sounds.measure",
    ),
    Metric(
        *("order_accuracy", "1", "", True, 0.0, "clip"),
        "share of the pairs of sounds that come in the order asked for, by windows of the clip",
        module="sounds.measure",
        asks="ordered",
    ),
    *(
        Metric(
            *(f"event_{kind}_{ms}ms", "1", "", True, 0.0, "clip"),
            f"{what} of the moments at which sounds begin, within {ms} ms",
            module="sounds.measure",
            asks="marks",
        )
        for kind, what in (("f1", "F1"), ("ap", "average precision"))
        for ms in (50, 300)
    ),
    Metric(
        *("event_ms", "1", "ms", False, 300.0, "clip"),
        "mean error of the moments at which sounds begin; a missing one counts 300",
        module="sounds.measure",
        asks="marks",
    ),
    Metric(
        *("count_error", "1", "", False, 1.0, "clip"),
        "difference of heard and asked number of events over the asked, at most 1",
        module="sounds.measure",
        asks="number",
    ),
    Metric(
        *("activity", "1", "", True, 0.0, "clip"),
        "share of the time asked to sound that does, times share asked to be silent that is",
        module="sounds.measure",
        asks="timed",
    ),
    Metric(
        *("doppler_cents", "1", "cents", False, DOPPLER_CAP_CENTS, "clip"),
        "mean error of the pitch of a passing source against physics, at most 200",
        module="sounds.measure",
        asks="passing",
    ),
    Metric(
        *("passing_db", "1", "dB", False, LEVEL_CAP_DB, "clip"),
        "mean error of the level of a passing source against physics, at most 12",
        module="sounds.measure",
        asks="passing",
    ),
    Metric(
        *("decay_octaves", "1", "", False, DECAY_CAP_OCTAVES, "clip"),
        "mean |log2| of measured over stated reverberation time, at most 1",
        module="sounds.measure",
        asks="decays",
    ),
    *(
        Metric(
            *(f"recognition/mel-rf{suffix}", "1", "", True, 0.0, "clip"),
            f"a random forest on mel statistics of the references ranks the class {where}",
            module="sounds.recognition",
            asks="label",
            needs="references",
            recorded=True,
        )
        for suffix, where in (("", "first"), ("-top3", "among its first three"))
    ),
    *(
        Metric(
            *(name, "1", "dB", False, DISTANCE_CAP_DB, "clip"),
            f"{what} to the nearest recording of the class, at most 40",
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
