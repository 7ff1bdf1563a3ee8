"""How well a clip says what it was asked to say.

`speech_match` is what is said times how it is said, of which half is kept however it is said::

    match = what * (1 + how) / 2

`what` is the mean credit of the words (each told from its rivals, less chance), of the vowels
(product of formants and pitch) or of the bursts. `how` is the mean of the other things a prompt
states: contour, middle of the pitch, rate, where it begins and ends, whisper; with none of them,
the match is `what`. A voice that mumbles, a buzz with the right contour and noise have no `what`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from probe.records.metrics import Clip, Value
from probe.records.truths.speech import Said, SpeechTruth
from probe.score.metrics import credit
from probe.score.metrics.speech import asr, prosody
from probe.score.metrics.speech.voice import Voice, voiced_speech
from probe.score.metrics.speech.vowels import Heard, hear
from probe.score.metrics.speech.words import choose

VOICED = (0.05, 0.25)
"""Voiced share of what sounds up to which words are no speech, and from which on they may be.

Running speech is voiced for more than half of the time; noise is not at all.
"""
AROUND_S = 0.1
"""Heard before and after a stated span: plosives begin a little early, vowels die away."""
MUMBLED = 0.2
"""Credit of words under which a clip is said to mumble."""


@dataclass(frozen=True)
class Listening:
    """One clip beside its truth; everything is measured once, when it is asked for."""

    truth: SpeechTruth
    voice: Voice

    @cached_property
    def words(self) -> list[float]:
        """Credit of each thing said."""
        return [self._word(each) for each in self.truth.said]

    def _word(self, said: Said) -> float:
        voice = self._stretch(said)
        value = choose(said, voice)
        if self.truth.whispered:
            return value
        low, high = VOICED
        return value * credit(-voice.voiced_share, -high, -low)

    def _stretch(self, said: Said) -> Voice:
        if said.span is None:
            return self.voice
        return self.voice.cut(said.span.start_s - AROUND_S, said.span.end_s + AROUND_S)

    @cached_property
    def vowels(self) -> list[Heard]:
        """Each vowel as it was found."""
        whose = {vowel.voice for vowel in self.truth.vowels}
        tracks = {each: self.voice.formants(each) for each in sorted(whose)}
        return [hear(vowel, self.voice, tracks[vowel.voice]) for vowel in self.truth.vowels]

    @cached_property
    def bursts(self) -> tuple[float, int]:
        """Credit and number of bursts."""
        return prosody.burst_match(self.truth, self.voice)

    def what(self) -> float:
        """Mean credit of what was to be said."""
        credits = list(self.words)
        credits += [
            heard.match(vowel) for heard, vowel in zip(self.vowels, self.truth.vowels, strict=True)
        ]
        if self.truth.bursts:
            credits.append(self.bursts[0])
        return float(np.mean(credits))

    def how(self) -> dict[str, float]:
        """Credit of each thing that was stated about how."""
        truth, voice = self.truth, self.voice
        found = {}
        if truth.contour:
            found["contour"] = prosody.contour_match(truth.contour, voice)
        pitches = [said for said in truth.said if said.f0_hz is not None]
        if pitches:
            found["pitch"] = float(
                np.mean([prosody.middle_match(s.f0_hz or 0, self._stretch(s)) for s in pitches])
            )
        if truth.syllables_per_s:
            found["rate"] = prosody.rate_match(truth, voice)
        if truth.span:
            found["span"] = prosody.span_match(truth.span, voice)
        if truth.whispered:
            found["whisper"] = prosody.whisper_match(voice)
        return found


def measure(names: Sequence[str], clip: Clip) -> dict[str, Value]:
    """Measure the metrics of `names` on a clip; see `probe.records.metrics.speech`."""
    truth = clip.prompt.truth
    assert isinstance(truth, SpeechTruth)
    listening = Listening(truth, Voice(np.asarray(clip.samples, np.float64), clip.sample_rate))
    ways: dict[str, Callable[[Listening], Value]] = {
        "speech_match": _match,
        "said_choice": lambda it: Value(float(np.mean(it.words)), {"each": it.words}),
        "vowel_recognition": _recognition,
        "formant_error": lambda it: Value(float(np.mean([each.error for each in it.vowels]))),
        "f0_correlation": lambda it: Value(prosody.correlation(it.truth.contour, it.voice)),
        "rate_error": _rate,
        "voiced_speech": lambda it: Value(voiced_speech(it.voice)),
    }
    found = {name: ways[name](listening) for name in names if name in ways}
    if any(name.endswith("/pocketsphinx") for name in names):
        heard = asr.listen(asr.pocketsphinx(), listening.voice)
        wer, cer = asr.error_rates(truth.text or "", heard)
        found |= {"wer/pocketsphinx": Value(wer, {"heard": heard}), "cer/pocketsphinx": Value(cer)}
    return {name: found[name] for name in names}


def _match(it: Listening) -> Value:
    what, how = it.what(), it.how()
    value = what * (1 + float(np.mean(list(how.values())))) / 2 if how else what
    extras: dict[str, Any] = {"what": what, **how, "why": _why(it, what)}
    return Value(value, {name: each for name, each in extras.items() if each is not None})


def _why(it: Listening, what: float) -> str | None:
    """What keeps a clip near the floor, in words."""
    if what >= MUMBLED:
        return None
    voice = it.voice
    if not voice.active.any():
        return "nothing sounds"
    if not it.truth.whispered and voice.voiced_share < VOICED[0]:
        return "nothing is voiced"
    if it.truth.said:
        return "it sounds, but none of what was asked can be told from what else it could be"
    if it.truth.vowels:
        return "it is voiced, but its formants are not the ones asked for"
    return f"{it.bursts[1]} bursts, or not at the rate asked for"


def _recognition(it: Listening) -> Value:
    asked = [vowel.phone for vowel in it.truth.vowels]
    nearest = [heard.nearest for heard in it.vowels]
    named = [a == n for a, n in zip(asked, nearest, strict=True) if a is not None]
    return Value(float(np.mean(named)) if named else 0.0, {"nearest": nearest})


def _rate(it: Listening) -> Value:
    error, rate = prosody.rate_error(it.truth, it.voice)
    return Value(error, {"syllables_per_s": rate})
