"""Small speech networks that say one text at a time: VITS (and MMS, its sister) and SpeechT5.

Their noise is drawn for a batch as a whole, so a clip alone and in a batch would differ.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from probe.errors import PrerequisiteError, UsageError
from probe.models.neural.base import Loading, Network, Samples, from_folder, seeded
from probe.models.neural.weights import read_json
from probe.models.options import Reader, number, whole


class Vits(Network):
    """VITS, and the models of Massively Multilingual Speech."""

    class_name = "VitsModel"
    text = "{words}"
    together = False
    options: ClassVar[Mapping[str, Reader]] = {"speaker": whole(0), "speed": number(0.25, 4)}

    def __init__(self, loading: Loading) -> None:
        import transformers

        self._model = loading.load(transformers.VitsModel)
        self._device = loading.device
        self._tokenizer = from_folder(transformers.VitsTokenizer, loading.folder)
        for needs, package in (("phonemize", "phonemizer"), ("is_uroman", "uroman")):
            if getattr(self._tokenizer, needs) and find_spec(package) is None:
                raise PrerequisiteError(
                    f"{loading.folder.name} reads its text through {package};"
                    f" pip install {package}"
                    + (", apt-get install espeak-ng" if package == "phonemizer" else "")
                )
        self._model.speaking_rate = loading.options.get("speed", self._model.speaking_rate)
        self._speaker = loading.options.get("speaker")
        count = self._model.config.num_speakers
        if self._speaker is not None and self._speaker >= count:
            raise UsageError(f"--set speaker={self._speaker}: the weights have {count} of them")

    @staticmethod
    def sample_rate(folder: Path, beside: Mapping[str, Path]) -> int:  # noqa: ARG004
        """The network's."""
        return int(read_json(folder, "config.json")["sampling_rate"])

    def render(
        self,
        texts: Sequence[str],
        duration_s: float,  # noqa: ARG002
        seeds: Sequence[int],
    ) -> list[Samples]:
        """The text said, however long that takes."""
        import torch

        (words,), (seed,) = texts, seeds
        tokens = self._tokenizer(words, return_tensors="pt").to(self._device)
        if not tokens.input_ids.shape[1]:
            raise ValueError(f"the network has no letter of {words!r}")
        with seeded(seed, self._device), torch.inference_mode():
            audio = self._model(**tokens, speaker_id=self._speaker).waveform[0]
        return [audio.float().cpu().numpy()]


class SpeechT5(Network):
    """SpeechT5 with a HiFi-GAN and the voice of one speaker."""

    class_name = "SpeechT5ForTextToSpeech"
    text = "{words}"
    together = False
    options: ClassVar[Mapping[str, Reader]] = {"speaker": str, "vocoder": str}
    defaults: ClassVar[Mapping[str, Any]] = {"vocoder": "microsoft/speecht5_hifigan"}
    beside = ("vocoder",)

    def __init__(self, loading: Loading) -> None:
        import transformers

        self._device = loading.device
        self._model = loading.load(transformers.SpeechT5ForTextToSpeech)
        self._vocoder = loading.load(transformers.SpeechT5HifiGan, loading.beside["vocoder"])
        self._tokenizer = from_folder(transformers.SpeechT5Tokenizer, loading.folder)
        self._speaker = self._read_speaker(Path(loading.options["speaker"])).to(
            loading.device, loading.dtype
        )

    def _read_speaker(self, path: Path) -> Any:
        """The voice, shape (1, n)."""
        import torch

        wanted = self._model.config.speaker_embedding_dim
        try:
            vector = np.load(path, allow_pickle=False)
        except (OSError, ValueError) as error:
            raise UsageError(f"--set speaker={path} cannot be read: {error}") from None
        vector = np.asarray(vector, np.float32).ravel()
        if vector.shape != (wanted,) or not np.isfinite(vector).all():
            raise UsageError(f"--set speaker={path} must hold {wanted} numbers")
        return torch.from_numpy(vector)[None]

    @staticmethod
    def sample_rate(folder: Path, beside: Mapping[str, Path]) -> int:  # noqa: ARG004
        """The vocoder's."""
        return int(read_json(beside["vocoder"], "config.json")["sampling_rate"])

    def render(
        self,
        texts: Sequence[str],
        duration_s: float,  # noqa: ARG002
        seeds: Sequence[int],
    ) -> list[Samples]:
        """The text said, however long that takes."""
        import torch

        (words,), (seed,) = texts, seeds
        tokens = self._tokenizer(words, return_tensors="pt").input_ids.to(self._device)
        with seeded(seed, self._device), torch.inference_mode():
            # Its decoder keeps dropping out, which is where it is not the same every time.
            audio = self._model.generate_speech(tokens, self._speaker, vocoder=self._vocoder)
        return [audio.float().cpu().numpy()]


def speaker_digest(options: Mapping[str, Any]) -> dict[str, Any]:
    """What is recorded of a voice that is a file.

    Raises
    ------
    PrerequisiteError
        None is given.
    UsageError
        There is no such file.
    """
    if "speaker" not in options:
        raise PrerequisiteError(
            "SpeechT5 speaks with the voice of a speaker, a file of 512 numbers;"
            " --set speaker=FILE.npy (docs/generators.md says where there are some)"
        )
    try:
        data = Path(options["speaker"]).read_bytes()
    except OSError as error:
        raise UsageError(
            f"--set speaker={options['speaker']} cannot be read: {error.strerror}"
        ) from None
    return {
        "speaker": Path(options["speaker"]).name,
        "speaker_sha256": hashlib.sha256(data).hexdigest(),
    }
