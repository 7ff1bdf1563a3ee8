"""Metrics of speech."""

from __future__ import annotations

from probe.records.metrics.metric import Metric

METRICS = (
    Metric(
        *("speech_match", "1", "", True, 0.0, "clip"),
        "how much of what was asked is heard: words, vowels or bursts, times how they were said",
        module="speech.measure",
    ),
    Metric(
        *("said_choice", "1", "", True, 0.0, "clip"),
        "words told from their rivals by pocketsphinx's acoustic model, less chance",
        module="speech.measure",
        asks="said",
    ),
    Metric(
        *("vowel_recognition", "1", "", True, 0.0, "clip"),
        "share of vowels nearest to the mean of Hillenbrand et al. (1995) that was asked for",
        module="speech.measure",
        asks="vowels",
    ),
    Metric(
        *("formant_error", "1", "", False, 0.5, "clip"),
        "mean relative error of the formants asked for (Praat); a missing vowel counts 0.5",
        module="speech.measure",
        asks="vowels",
    ),
    Metric(
        *("f0_correlation", "1", "", True, 0.0, "clip"),
        "correlation of log pitch with the contour asked for, 0 where too little is voiced",
        module="speech.measure",
        asks="contour",
    ),
    Metric(
        *("rate_error", "1", "", False, 1.0, "clip"),
        "relative error of the syllables a second, counted blindly; at most 1",
        module="speech.measure",
        asks="syllables_per_s",
    ),
    Metric(
        *("voiced_speech", "1", "", True, 0.0, "clip"),
        "share of what sounds that silero-vad takes for speech",
        module="speech.measure",
    ),
    Metric(
        *("wer/pocketsphinx", "1", "", False, 1.0, "clip"),
        "word error rate of an open-vocabulary recogniser that errs on real speech too; at most 1",
        module="speech.measure",
        asks="text",
    ),
    Metric(
        *("cer/pocketsphinx", "1", "", False, 1.0, "clip"),
        "character error rate of the same; at most 1",
        module="speech.measure",
        asks="text",
    ),
)
