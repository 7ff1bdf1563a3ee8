"""Text to sound by latent diffusion, through diffusers: AudioLDM, AudioLDM 2 and Stable Audio Open.

A clip's noise is drawn from its own seed on the CPU, so it does not depend on what else is in its
batch, nor on the device.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from probe.models.neural.base import Loading, Network, Samples, from_folder, generators
from probe.models.neural.weights import read_json
from probe.models.options import Reader, number, text, whole
from probe.runtime import quiet

_MOST_STEPS = 1000


class _Pipeline(Network):
    """A pipeline of diffusers."""

    options: ClassVar[Mapping[str, Reader]] = {
        "steps": whole(1, _MOST_STEPS),
        "guidance": number(1, 100),
        "negative": text,
    }

    def __init__(self, loading: Loading) -> None:
        import diffusers

        kind = getattr(diffusers, self.class_name)
        self._options = loading.options
        with quiet("diffusers"):
            self._pipeline: Any = from_folder(kind, loading.folder, torch_dtype=loading.dtype)
            self._pipeline.to(loading.device)
        self._pipeline.set_progress_bar_config(disable=True)

    def _ask(self, texts: Sequence[str], seeds: Sequence[int], **more: Any) -> Any:
        """Run it; clips in one array, the first axis theirs."""
        negative = self._options.get("negative")
        with quiet("diffusers"):
            return self._pipeline(
                prompt=list(texts),
                negative_prompt=[negative] * len(texts) if negative else None,
                num_inference_steps=self._options["steps"],
                guidance_scale=self._options["guidance"],
                generator=generators(seeds),
                output_type="np",
                **more,
            ).audios


class AudioLDM(_Pipeline):
    """AudioLDM: a spectrogram from CLAP's text embedding, and a vocoder."""

    class_name = "AudioLDMPipeline"
    defaults: ClassVar[Mapping[str, Any]] = {"steps": 200, "guidance": 2.5}

    @staticmethod
    def sample_rate(folder: Path, beside: Mapping[str, Path]) -> int:  # noqa: ARG004
        """The vocoder's."""
        return int(read_json(folder, "vocoder/config.json")["sampling_rate"])

    def render(
        self, texts: Sequence[str], duration_s: float, seeds: Sequence[int]
    ) -> list[Samples]:
        """Clips of `duration_s`."""
        audios = self._ask(texts, seeds, audio_length_in_s=duration_s)
        return [np.asarray(audio, np.float32) for audio in audios]


class AudioLDM2(AudioLDM):
    """AudioLDM 2, whose text also goes through T5 and a language model."""

    class_name = "AudioLDM2Pipeline"
    defaults: ClassVar[Mapping[str, Any]] = {"steps": 200, "guidance": 3.5}

    def alike(self, text: str) -> Hashable:
        """Length in tokens of T5: its padding would reach the language model's hidden states."""
        return len(self._pipeline.tokenizer_2(text, truncation=True).input_ids)


class StableAudio(_Pipeline):
    """Stable Audio Open. It always computes its longest clip and keeps the beginning."""

    class_name = "StableAudioPipeline"
    defaults: ClassVar[Mapping[str, Any]] = {"steps": 100, "guidance": 7.0}

    def __init__(self, loading: Loading) -> None:
        super().__init__(loading)
        self._longest_s = (
            self._pipeline.transformer.config.sample_size
            * self._pipeline.vae.hop_length
            / self._pipeline.vae.config.sampling_rate
        )

    @staticmethod
    def sample_rate(folder: Path, beside: Mapping[str, Path]) -> int:  # noqa: ARG004
        """The decoder's."""
        return int(read_json(folder, "vae/config.json")["sampling_rate"])

    def render(
        self, texts: Sequence[str], duration_s: float, seeds: Sequence[int]
    ) -> list[Samples]:
        """Clips of `duration_s`, or of the longest it makes; shape (channels, n)."""
        audios = self._ask(texts, seeds, audio_end_in_s=min(duration_s, self._longest_s))
        return [np.asarray(audio, np.float32) for audio in audios]
