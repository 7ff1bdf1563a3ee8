"""Doors to recognisers that write down whatever they hear.

pocketsphinx brings its English model along and needs nothing else; it is an old recogniser that
gets many words of real read speech wrong (benchmarks/asr.md has how many). Whisper is opened from a
folder of weights in transformers' form.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from probe.audio import resample
from probe.errors import PrerequisiteError
from probe.score.metrics.speech.voice import Voice
from probe.score.metrics.speech.words import forget, prepare

Array = NDArray[np.float64]

RATE = 16000
"""Rate that both recognisers listen at, in Hz."""


class Recogniser(Protocol):
    """Something that turns speech into words."""

    name: str
    """As in a metric's name."""
    fingerprint: str
    """Changes whenever the same audio could give other words."""

    def transcribe(self, clips: Sequence[Array]) -> list[str]:
        """Write down each clip, mono at `RATE`, shape (n,): lower-case words, or nothing."""


class Pocketsphinx:
    """The recogniser that needs no download."""

    name = "pocketsphinx"

    def __init__(self) -> None:
        from pocketsphinx import Decoder

        self.fingerprint = f"pocketsphinx-{version('pocketsphinx')}/en-us"
        self._decoder = Decoder(loglevel="FATAL", cmn="batch")

    def transcribe(self, clips: Sequence[Array]) -> list[str]:
        """See `Recogniser`."""
        return [self._one(clip) for clip in clips]

    def _one(self, clip: Array) -> str:
        pcm = prepare(Voice(clip, RATE))
        if pcm is None:
            return ""
        forget(self._decoder)
        self._decoder.start_utt()
        self._decoder.process_raw(pcm.tobytes(), full_utt=True)
        self._decoder.end_utt()
        found = self._decoder.hyp()
        return "" if found is None else normal(found.hypstr)


class Whisper:
    """OpenAI's Whisper, from a folder as transformers saves it.

    Parameters
    ----------
    folder : Path
        With ``config.json``, ``model.safetensors``, the tokenizer's files and
        ``preprocessor_config.json``.
    device : str
        As torch names it.

    Raises
    ------
    PrerequisiteError
        transformers is missing, or the folder is not such a model.
    """

    name = "whisper"

    def __init__(self, folder: Path, device: str = "cpu") -> None:
        weights = folder / "model.safetensors"
        if not weights.is_file():
            raise PrerequisiteError(f"no Whisper in {folder}: it has no model.safetensors")
        try:
            from transformers import WhisperForConditionalGeneration, WhisperProcessor
        except ImportError:
            raise PrerequisiteError(
                "Whisper needs transformers: pip install 'probe[score]'"
            ) from None
        try:
            self._processor: Any = WhisperProcessor.from_pretrained(folder, local_files_only=True)
            model: Any = WhisperForConditionalGeneration.from_pretrained(
                folder, local_files_only=True
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise PrerequisiteError(f"the Whisper in {folder} cannot be opened: {reason}") from None
        self._model = model.to(device).eval()
        self._device = device
        with weights.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        self.fingerprint = f"whisper/{digest[:12]}/transformers-{version('transformers')}"

    def transcribe(self, clips: Sequence[Array]) -> list[str]:
        """See `Recogniser`; one clip at a time, greedily, without hints from the clip before."""
        import torch

        said = []
        for clip in clips:
            inputs = self._processor(clip, sampling_rate=RATE, return_tensors="pt")
            with torch.inference_mode():
                tokens = self._model.generate(
                    inputs.input_features.to(self._device), do_sample=False, num_beams=1
                )
            (text,) = self._processor.batch_decode(tokens, skip_special_tokens=True)
            said.append(normal(text))
        return said


@cache
def pocketsphinx() -> Pocketsphinx:
    """The one of this process."""
    return Pocketsphinx()


def listen(recogniser: Recogniser, voice: Voice) -> str:
    """What a recogniser hears in a clip."""
    return recogniser.transcribe([resample(voice.samples, voice.rate, RATE)])[0]


def normal(text: str) -> str:
    """Lower case, letters, digits and apostrophes, one space between words."""
    kept = (c if c.isalnum() or c == "'" else " " for c in text.lower())
    return " ".join("".join(kept).split())


def error_rates(text: str, heard: str) -> tuple[float, float]:
    """Word and character error rate of what was heard, each at most 1."""
    if not heard:
        return 1.0, 1.0
    import jiwer

    asked = normal(text)
    return min(1.0, float(jiwer.wer(asked, heard))), min(1.0, float(jiwer.cer(asked, heard)))
