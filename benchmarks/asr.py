"""How well the recognisers of the speech tier hear real speech, and speech synthesizers.

    python -m benchmarks.asr --recordings FOLDER [--whisper FOLDER] [--espeak]

prints the tables of asr.md. FOLDER is a folder of recordings with their texts (clips.csv);
`--espeak` lets espeak-ng, where it is installed, say every text of the tier.
"""

from __future__ import annotations

import argparse
import io
import re
import runpy
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from probe.audio import read_recording, resample
from probe.records.references import References
from probe.records.truths.speech import Said
from probe.score.metrics.speech.asr import (
    RATE,
    Pocketsphinx,
    Recogniser,
    Whisper,
    error_rates,
    normal,
)
from probe.score.metrics.speech.voice import Voice
from probe.score.metrics.speech.words import choose, unknown_words
from probe.tier.folder import load

Audio = NDArray[np.float64]
OTHERS = 8
"""Other texts whose words make up a closed vocabulary, as in the tier."""
SHORT = 0.02
"""Amplitude under which espeak-ng's silences are cut off."""


def recorded(folder: Path) -> Iterator[tuple[str, str, Audio]]:
    """Corpus, text and audio of each recording."""
    for clip in References.open(folder).clips:
        yield clip.path.parent.name, normal(clip.text), read_recording(clip.path, RATE)


def programs() -> Iterator[tuple[str, str, Audio]]:
    """Group, text and audio of each hand-written program that says words."""
    tier = load("speech")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "output.wav"
        for prompt in tier.prompts:
            path = tier.folder / "programs" / f"{prompt.id}.py"
            text = getattr(prompt.truth, "text", None)
            if text is None or not path.is_file():
                continue
            source = path.read_text(encoding="utf-8").replace("/out/output.wav", str(out))
            script = Path(folder) / "program.py"
            script.write_text(source, encoding="utf-8")
            runpy.run_path(str(script))
            samples, rate = soundfile.read(out)
            yield f"programs: {prompt.group}", text, resample(samples, rate, RATE)


def espeak() -> Iterator[tuple[str, str, Audio]]:
    """Group and text of each prompt that has one, said by espeak-ng's American voice."""
    for prompt in load("speech").prompts:
        text = getattr(prompt.truth, "text", None)
        if text is None:
            continue
        command = ["espeak-ng", "-v", "en-us", "-s", "150", "--stdout", text]
        wav = subprocess.run(command, check=True, capture_output=True).stdout
        samples, rate = soundfile.read(io.BytesIO(wav))
        loud = np.flatnonzero(np.abs(samples) > SHORT)
        yield f"espeak-ng: {prompt.group}", text, resample(samples[loud[0] : loud[-1]], rate, RATE)


def closed(texts: list[str], text: str, clip: Audio) -> float | None:
    """Share of words right over the words of this text and `OTHERS`; None if one is unknown."""
    words = text.split()
    if unknown_words(words):
        return None
    at = texts.index(text)
    others = [each for each in texts[at + 1 :] + texts[:at] if each != text][:OTHERS]
    vocabulary = {*words, *(word for other in others for word in other.split())}
    return choose(Said(text=text, vocabulary=tuple(sorted(vocabulary))), Voice(clip, RATE))


def table(rows: Iterable[tuple[str, str, Audio]], recognisers: list[Recogniser]) -> None:
    """Print a row of the Markdown table for each corpus."""
    clips = [(name, re.sub(r"\s+", " ", text), clip) for name, text, clip in rows]
    texts = list(dict.fromkeys(text for _, text, _ in clips))
    found = defaultdict(list)
    for name, text, clip in clips:
        rates = [
            rate for each in recognisers for rate in error_rates(text, *each.transcribe([clip]))
        ]
        found[name].append((len(text.split()), *rates, closed(texts, text, clip)))
    for name, values in found.items():
        words = np.array([row[0] for row in values], float)
        cells = [
            f"{np.average([row[k] for row in values], weights=words):.2f}"
            for k in range(1, len(values[0]) - 1)
        ]
        known = [(row[-1], row[0]) for row in values if row[-1] is not None]
        right = np.average([v for v, _ in known], weights=[w for _, w in known]) if known else 0
        print(
            "|",
            " | ".join([name, str(len(values)), f"{words.sum():.0f}", *cells]),
            "|",
            f"{right:.2f} ({len(known)}) |",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recordings", type=Path)
    parser.add_argument("--whisper", type=Path, help="folder of weights")
    parser.add_argument("--espeak", action="store_true")
    given = parser.parse_args()
    recognisers: list[Recogniser] = [Pocketsphinx()]
    if given.whisper:
        recognisers.append(Whisper(given.whisper))
    names = [f"{kind} {each.name}" for each in recognisers for kind in ("WER", "CER")]
    print("|", " | ".join(["material", "clips", "words", *names]), "| closed vocabulary, right |")
    print("|" + "---|" * (4 + len(names)))
    if given.recordings:
        table(recorded(given.recordings), recognisers)
    if given.espeak:
        table(espeak(), recognisers)
    table(programs(), recognisers)


if __name__ == "__main__":
    main()
