"""Which of a closed set of things was said.

pocketsphinx's acoustic model [1]_ says how well a stretch of sound fits a sequence of phones. A
word or a syllable is ranked among its rivals and takes the credit of its rank; words in a row are
decoded over a closed vocabulary whose words are all as likely, so that no knowledge of the language
fills in what is not heard.

.. [1] D. Huggins-Daines et al., "PocketSphinx: a free, real-time continuous speech recognition
   system for hand-held devices", ICASSP 2006. Model en-us, in the package.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from functools import cache
from math import log10
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from probe.audio import resample, to_pcm16
from probe.records.truths.speech import Said
from probe.score.metrics.speech.voice import Voice

Array = NDArray[np.float64]

RATE = 16000
"""Rate of the acoustic model, in Hz."""
EDGE_S = 0.2
"""Of near silence kept around what sounds, as there is around speech in the model's training."""
NOISE_DB = -30.0
"""Of the noise laid under a clip, to its own level: digital silence is unlike any recording."""
MEAN = (54.9, -4.1, 0.5, 4.1, -2.5, -5.2, -8.0, -1.8, -2.6, -1.2, -1.5, -2.2, 2.3)
"""Mean cepstrum of read speech prepared as here: 16 utterances of LibriSpeech and LJ Speech."""
TRUST = 0.75
"""Weight of `MEAN` against a clip's own mean cepstrum.

A recogniser takes the mean of the cepstrum for the microphone's doing and removes it. Of a single
syllable the mean is the vowel, and what is left of the consonant is little; of a stranger's
synthesizer it is the synthesizer. Of the weights 0, 1/4, 1/2, 3/4 and 1 this one tells the most
syllables, words and digits of two synthesizers.
"""
_CHUNK = 1600
"""Samples given to the decoder at once; given all at once, it would use the clip's own mean."""
_BEAM = 1e-200


def choose(said: Said, voice: Voice) -> float:
    """How surely something is told from what else it could be.

    Parameters
    ----------
    said : Said
        With rivals, what to tell it from; with a vocabulary, the words that may be heard.
    voice : Voice
        The stretch of the clip where it is said.

    Returns
    -------
    float
        In [0, 1]. Among rivals, the reciprocal of its rank, less what chance gives, and nothing
        below it. With a vocabulary, one less the word error rate, and nothing below it.
    """
    prepared = prepare(voice)
    if prepared is None:
        return 0.0
    if said.vocabulary:
        return max(0.0, 1 - word_errors(said.text, heard_words(said.vocabulary, prepared)))
    return rank_credit(rank(said.phones, said.rivals, prepared), 1 + len(said.rivals))


def rank_credit(place: int, candidates: int) -> float:
    """Reciprocal rank less its mean over all ranks, over what is left above that mean."""
    if candidates == 1:
        return 1.0
    chance = sum(1 / k for k in range(1, candidates + 1)) / candidates
    return max(0.0, (1 / place - chance) / (1 - chance))


def prepare(voice: Voice) -> NDArray[np.int16] | None:
    """What sounds, at the model's rate and a level of its own; None in silence."""
    ends = voice.ends
    if ends is None or ends[1] - ends[0] < 0.05:
        return None
    first, last = (round(t * voice.rate) for t in ends)
    samples = resample(voice.centred[first:last], voice.rate, RATE)
    edge = round(EDGE_S * RATE)
    samples = np.pad(samples, edge)
    level = float(np.sqrt(np.mean(samples**2)))
    noise = np.random.default_rng(0).standard_normal(len(samples))
    samples = samples + level * 10 ** (NOISE_DB / 20) * noise
    return to_pcm16(samples * (0.5 / np.abs(samples).max()))


def rank(phones: str, rivals: Sequence[str], pcm: NDArray[np.int16]) -> int:
    """Place of `phones` among its rivals by how well they fit, from 1.

    The best of all is found in one pass, then the best of the rest, until it is the one asked for
    or so far down that it makes no difference: then its place is the last.
    """
    left = sorted({phones, *rivals})
    last = len(left)
    decoder = _phone_decoder()
    for place in range(1, last + 1):
        if rank_credit(place, last) == 0:
            return last
        best = _best(decoder, left, pcm)
        if best == phones:
            return place
        if best is None:
            return last
        left.remove(best)
    return last


def heard_words(vocabulary: Sequence[str], pcm: NDArray[np.int16]) -> list[str]:
    """Words heard when only those of the vocabulary are possible, all as likely."""
    from pocketsphinx import Decoder

    sounds = {word: _dictionary()[word] for word in set(vocabulary) if word in _dictionary()}
    if not sounds:
        return []
    rows = [
        f"{word}({k})" * (k > 1) + word * (k == 1) + f" {phones}"
        for word in sorted(sounds)
        for k, phones in enumerate(sounds[word], start=1)
    ]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "words.dict").write_text("\n".join(rows) + "\n")
        (folder / "words.lm").write_text(_unigrams(sorted(sounds)))
        decoder = Decoder(
            loglevel="FATAL",
            lm=str(folder / "words.lm"),
            dict=str(folder / "words.dict"),
            cmn="live",
        )
        found = _decode(decoder, pcm)
    return found.hypstr.split() if found is not None else []


def forget(decoder: Any) -> None:
    """Make a decoder hear the next clip as if it were its first.

    pocketsphinx carries the state of its front end over from one utterance to the next, so that
    what it hears in a clip would depend on the clips before.
    """
    decoder.reinit_feat()


def word_errors(text: str, heard: Sequence[str]) -> float:
    """Word error rate of what was heard; 1 when nothing was, and not capped."""
    if not heard:
        return 1.0
    import jiwer

    return float(jiwer.wer(text, " ".join(heard)))


def unknown_words(words: Sequence[str]) -> list[str]:
    """Words that the recogniser's dictionary lacks and that can never be heard."""
    return [word for word in words if word not in _dictionary()]


@cache
def _dictionary() -> dict[str, list[str]]:
    """Each word's pronunciations, from the dictionary that comes with pocketsphinx."""
    from pocketsphinx import get_model_path

    found: dict[str, list[str]] = {}
    path = Path(get_model_path()) / "en-us" / "cmudict-en-us.dict"
    for line in path.read_text(encoding="utf-8").splitlines():
        word, _, phones = line.partition(" ")
        found.setdefault(word.partition("(")[0], []).append(phones.strip())
    return found


def _unigrams(words: Sequence[str]) -> str:
    """A language model in ARPA form in which every word is as likely as every other."""
    chance = log10(1 / (len(words) + 1))
    rows = [f"{-99:.4f} <s>", f"{chance:.4f} </s>", *(f"{chance:.4f} {word}" for word in words)]
    return "\n".join(
        ["\\data\\", f"ngram 1={len(rows)}", "", "\\1-grams:", *rows, "", "\\end\\", ""]
    )


def _best(decoder: Any, candidates: Sequence[str], pcm: NDArray[np.int16]) -> str | None:
    """Which sequence of phones fits best; None when not even one of them can."""
    names = {"w_" + phones.replace(" ", "_"): phones for phones in candidates}
    for name, phones in names.items():
        if decoder.lookup_word(name) is None:
            decoder.add_word(name, phones, True)
    either = " | ".join(names)
    grammar = f"#JSGF V1.0;\ngrammar g;\npublic <g> = [w_SIL] ({either}) [w_SIL];"
    decoder.add_jsgf_string("choice", grammar)
    decoder.activate_search("choice")
    found = _decode(decoder, pcm)
    said = [] if found is None else [name for name in found.hypstr.split() if name in names]
    return names[said[0]] if said else None


def _decode(decoder: Any, pcm: NDArray[np.int16]) -> Any:
    own = _mean_cepstrum(pcm)
    mean = [TRUST * a + (1 - TRUST) * b for a, b in zip(MEAN, own, strict=True)]
    forget(decoder)
    decoder.set_cmn(",".join(f"{value:.3f}" for value in mean))
    decoder.start_utt()
    for first in range(0, len(pcm), _CHUNK):
        decoder.process_raw(pcm[first : first + _CHUNK].tobytes())
    decoder.end_utt()
    return decoder.hyp()


def _mean_cepstrum(pcm: NDArray[np.int16]) -> list[float]:
    decoder = _silence_decoder()
    forget(decoder)
    decoder.start_utt()
    decoder.process_raw(pcm.tobytes(), full_utt=True)
    decoder.end_utt()
    return [float(value) for value in decoder.get_cmn(False).split(",")]


@cache
def _silence_decoder() -> Any:
    """For the mean cepstrum, which only a decoder tells."""
    from pocketsphinx import Decoder

    decoder = Decoder(loglevel="FATAL", lm=None, dict=None, cmn="batch")
    decoder.add_word("w_SIL", "SIL", True)
    decoder.add_jsgf_string("none", "#JSGF V1.0;\ngrammar g;\npublic <g> = w_SIL;")
    decoder.activate_search("none")
    return decoder


@cache
def _phone_decoder() -> Any:
    """For a choice: with every senone scored, a fit does not depend on the rivals."""
    from pocketsphinx import Decoder

    decoder = Decoder(
        loglevel="FATAL",
        lm=None,
        dict=None,
        cmn="live",
        beam=_BEAM,
        pbeam=_BEAM,
        wbeam=_BEAM,
        wip=1.0,
        lw=1.0,
        bestpath=False,
        fsgusefiller=False,
        maxhmmpf=-1,
        compallsen=True,
    )
    decoder.add_word("w_SIL", "SIL", True)
    return decoder
