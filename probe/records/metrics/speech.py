"""Metrics of speech."""

from __future__ import annotations

from functools import partial

from probe.records.metrics.metric import Metric

_metric = partial(Metric, module="speech.measure")

METRICS = (
    _metric(
        name="speech_match",
        description=(
            "how much of what was asked is heard: words, vowels or bursts, times how they were said"
        ),
    ),
    _metric(
        name="said_choice",
        description="words told from their rivals by pocketsphinx's acoustic model, less chance",
        asks="said",
    ),
    _metric(
        name="vowel_recognition",
        description=(
            "share of vowels nearest to the mean of Hillenbrand et al. (1995) that was asked for"
        ),
        asks="vowels",
    ),
    _metric(
        name="formant_error",
        description=(
            "mean relative error of the formants asked for (Praat); a missing vowel counts 0.5"
        ),
        higher_is_better=False,
        floor=0.5,
        asks="vowels",
    ),
    _metric(
        name="f0_correlation",
        description=(
            "correlation of log pitch with the contour asked for, 0 where too little is voiced"
        ),
        asks="contour",
    ),
    _metric(
        name="rate_error",
        description="relative error of the syllables a second, counted blindly; at most 1",
        higher_is_better=False,
        floor=1.0,
        asks="syllables_per_s",
    ),
    _metric(
        name="voiced_speech",
        description="share of what sounds that silero-vad takes for speech",
    ),
    _metric(
        name="wer/pocketsphinx",
        description=(
            "word error rate of an open-vocabulary recogniser that errs on real speech too; at"
            " most 1"
        ),
        higher_is_better=False,
        floor=1.0,
        asks="text",
    ),
    _metric(
        name="cer/pocketsphinx",
        description="character error rate of the same; at most 1",
        higher_is_better=False,
        floor=1.0,
        asks="text",
    ),
)
