"""Networks that write a codec's tokens one after another: MusicGen, Bark, Dia and CSM.

Tokens are drawn from the clip's own seed (`probe.models.neural.base.own_draws`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from probe.errors import UsageError
from probe.models.neural.base import Loading, Network, Samples, from_folder, own_draws
from probe.models.neural.weights import read_json
from probe.models.options import Reader, number, whole

MARGIN_S = 0.1
"""A talker that has not ended by then is stopped this long after the clip's end, and cropped."""

_SAMPLING: Mapping[str, Reader] = {"temperature": number(0.01, 10), "top_k": whole(0, 10_000)}


def _samples(audio: Any) -> Samples:
    return np.asarray(audio.detach().float().cpu().numpy(), np.float32)


class MusicGen(Network):
    """MusicGen. Notes, or any sound: it is given the prompt's text."""

    class_name = "MusicgenForConditionalGeneration"
    options: ClassVar[Mapping[str, Reader]] = {"guidance": number(1, 100), **_SAMPLING}
    defaults: ClassVar[Mapping[str, Any]] = {"guidance": 3.0, "temperature": 1.0, "top_k": 250}
    longest_s = 30.0
    """It was trained on."""

    def __init__(self, loading: Loading) -> None:
        import transformers

        self._options = loading.options
        self._model = loading.load(transformers.MusicgenForConditionalGeneration)
        self._tokenizer = from_folder(transformers.AutoTokenizer, loading.folder)

    @staticmethod
    def sample_rate(folder: Path, beside: Mapping[str, Path]) -> int:  # noqa: ARG004
        """The codec's."""
        return int(read_json(folder, "config.json")["audio_encoder"]["sampling_rate"])

    def render(
        self, texts: Sequence[str], duration_s: float, seeds: Sequence[int]
    ) -> list[Samples]:
        """Clips of `duration_s`, up to a frame, or of the longest it makes."""
        tokens = self._tokenizer(list(texts), padding=True, return_tensors="pt")
        codec = self._model.config.audio_encoder
        frames = math.ceil(min(duration_s, self.longest_s) * codec.frame_rate)
        with own_draws(seeds):
            audio = self._model.generate(
                **tokens.to(self._model.device),
                do_sample=True,
                guidance_scale=self._options["guidance"],
                temperature=self._options["temperature"],
                top_k=self._options["top_k"],
                # Each codebook is one step behind the one before it.
                max_new_tokens=frames + self._model.decoder.num_codebooks - 1,
            )
        return [_samples(each) for each in audio]


class Bark(Network):
    """Bark: words to meaning to coarse and fine tokens."""

    class_name = "BarkModel"
    text = "{words}"
    together = False
    options: ClassVar[Mapping[str, Reader]] = {"voice": str, "temperature": number(0.01, 10)}
    defaults: ClassVar[Mapping[str, Any]] = {"voice": "v2/en_speaker_6", "temperature": 0.7}

    def __init__(self, loading: Loading) -> None:
        import transformers

        self._options = loading.options
        self._model = loading.load(transformers.BarkModel)
        self._processor = from_folder(transformers.BarkProcessor, loading.folder)
        voices = self._processor.available_voice_presets
        if self._options["voice"] not in ("none", *voices):
            raise UsageError(
                f"--set voice={self._options['voice']}: the weights have"
                f" {', '.join(voices[:10]) or 'no voices'}; none is a voice of chance"
            )

    @staticmethod
    def sample_rate(folder: Path, beside: Mapping[str, Path]) -> int:  # noqa: ARG004
        """The codec's, 24 kHz unless the folder says otherwise."""
        codec = read_json(folder, "config.json").get("codec_config", {})
        return int(codec.get("sampling_rate", 24_000))

    def render(
        self, texts: Sequence[str], duration_s: float, seeds: Sequence[int]
    ) -> list[Samples]:
        """Each text said; what lasts longer than `duration_s` is broken off soon after."""
        (words,) = texts
        voice = None if self._options["voice"] == "none" else self._options["voice"]
        given = self._processor(words, voice_preset=voice).to(self._model.device)
        rate_hz = self._model.generation_config.semantic_config["semantic_rate_hz"]
        with own_draws(seeds):
            audio = self._model.generate(
                **given,
                do_sample=True,
                temperature=self._options["temperature"],
                semantic_max_new_tokens=math.ceil((duration_s + MARGIN_S) * rate_hz),
            )
        return [_samples(audio[0])]


class Dia(Network):
    """Dia, a talker of dialogues; here one speaker. Its codec is a model of its own."""

    class_name = "DiaForConditionalGeneration"
    text = "[S1] {words}"
    options: ClassVar[Mapping[str, Reader]] = {
        "codec": str,
        "guidance": number(1, 100),
        **_SAMPLING,
    }
    defaults: ClassVar[Mapping[str, Any]] = {
        "codec": "descript/dac_44khz",
        "guidance": 3.0,
        "temperature": 1.8,
        "top_k": 45,
    }
    beside = ("codec",)

    def __init__(self, loading: Loading) -> None:
        import transformers

        self._options = loading.options
        self._model = loading.load(transformers.DiaForConditionalGeneration)
        self._codec = loading.load(transformers.DacModel, loading.beside["codec"])
        processor: Any = transformers.DiaProcessor
        self._processor = processor(
            from_folder(transformers.DiaFeatureExtractor, loading.folder),
            from_folder(transformers.DiaTokenizer, loading.folder),
            self._codec,
        )

    @staticmethod
    def sample_rate(folder: Path, beside: Mapping[str, Path]) -> int:  # noqa: ARG004
        """The codec's."""
        return int(read_json(beside["codec"], "config.json")["sampling_rate"])

    def render(
        self, texts: Sequence[str], duration_s: float, seeds: Sequence[int]
    ) -> list[Samples]:
        """Each text said; what lasts longer than `duration_s` is broken off soon after."""
        given = self._processor(text=list(texts), padding=True, return_tensors="pt")
        codec = self._codec.config
        frames = math.ceil((duration_s + MARGIN_S) * codec.sampling_rate / codec.hop_length)
        with own_draws(seeds):
            codes = self._model.generate(
                **given.to(self._model.device),
                do_sample=True,
                guidance_scale=self._options["guidance"],
                temperature=self._options["temperature"],
                top_k=self._options["top_k"],
                max_new_tokens=frames + max(self._model.config.delay_pattern),
            )
        return [_samples(audio) for audio in self._processor.batch_decode(codes)]


class Csm(Network):
    """CSM, Sesame's conversational speech model; here one speaker without a conversation."""

    class_name = "CsmForConditionalGeneration"
    options: ClassVar[Mapping[str, Reader]] = dict(_SAMPLING)
    defaults: ClassVar[Mapping[str, Any]] = {"temperature": 0.9, "top_k": 50}
    text = "[0]{words}"

    def __init__(self, loading: Loading) -> None:
        import transformers

        self._options = loading.options
        self._model = loading.load(transformers.CsmForConditionalGeneration)
        self._tokenizer = from_folder(
            transformers.AutoTokenizer, loading.folder, padding_side="left"
        )

    @staticmethod
    def sample_rate(folder: Path, beside: Mapping[str, Path]) -> int:  # noqa: ARG004
        """The codec's."""
        return int(read_json(folder, "config.json")["codec_config"]["sampling_rate"])

    def render(
        self, texts: Sequence[str], duration_s: float, seeds: Sequence[int]
    ) -> list[Samples]:
        """Each text said; what lasts longer than `duration_s` is broken off soon after."""
        tokens = self._tokenizer(list(texts), padding=True, return_tensors="pt")
        how = {key: self._options[key] for key in ("temperature", "top_k")}
        frame_rate = self._model.config.codec_config.frame_rate
        with own_draws(seeds):
            audio = self._model.generate(
                **tokens.to(self._model.device),
                do_sample=True,
                **how,
                depth_decoder_do_sample=True,
                **{f"depth_decoder_{key}": value for key, value in how.items()},
                max_new_tokens=math.ceil((duration_s + MARGIN_S) * frame_rate),
                output_audio=True,
            )
        return [_samples(each) for each in audio]
