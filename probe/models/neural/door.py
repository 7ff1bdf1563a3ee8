"""The doors ``generator/...``: neural generators and speech engines, in this process.

A generator is given a prompt's text, a speech engine the words to be said. It is asked for as many
seconds as the prompt has where it can choose; what is longer is cropped at the end, what is shorter
padded. No level is changed, but a clip beyond full scale is brought down to it as a whole, and a
rate that is not the tier's is converted; either is noted with the clip.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from probe.audio import Clip, InvalidAudio, bring_down, refuse_silence, resample
from probe.errors import PrerequisiteError, ProbeError, UsageError, unknown
from probe.models.base import BatchSource, DoorOptions, NoAudioError, Taken
from probe.models.neural.base import Loading, Network, Precision, Samples, first_line, quiet
from probe.models.neural.diffusion import AudioLDM, AudioLDM2, StableAudio
from probe.models.neural.tokens import Bark, Csm, Dia, MusicGen
from probe.models.neural.voices import SpeechT5, Vits, speaker_digest
from probe.models.neural.weights import Found, find, read_json
from probe.models.options import Reader, choice, read_options, whole
from probe.records import ModelKind, Outcome, Prompt, SpeechTruth

NETWORKS: Mapping[str, type[Network]] = {
    network.class_name: network
    for network in (AudioLDM, AudioLDM2, Bark, Csm, Dia, MusicGen, SpeechT5, StableAudio, Vits)
}

COMMON: Mapping[str, Reader] = {
    "batch": whole(1, 1024),
    "device": str,
    "precision": choice("float32", "float16", "bfloat16"),
    "revision": str,
    "seed": whole(0, 2**32 - 1),
}
"""Options that every generator takes."""

_PACKAGES = ("diffusers", "torch", "transformers")

_Attempt = tuple[Prompt, int]


def open_generator(name: str, how: DoorOptions = DoorOptions()) -> Generator:  # noqa: B008
    """Find a generator's weights; they are loaded when the first clip is wanted.

    Parameters
    ----------
    name : str
        A name of `probe.models.neural.known.KNOWN`, an id ``owner/model`` of Hugging Face, or a
        folder that diffusers or transformers wrote.
    how : DoorOptions
        What the person wants of this door.

    Raises
    ------
    UsageError
        There is no such generator or option, or it is of a class that has no door.
    PrerequisiteError
        Weights, packages or the device are missing; the message says what helps.
    """
    given = dict(item.partition("=")[::2] for item in how.settings)
    found = find(name, given.get("revision"))
    return Generator(found, _network_of(found.folder), name, how)


def _network_of(folder: Path) -> type[Network]:
    """The class that a folder of weights names."""
    if (folder / "model_index.json").is_file():
        named = str(read_json(folder, "model_index.json").get("_class_name"))
    else:
        named = str((read_json(folder, "config.json").get("architectures") or [None])[0])
    if named not in NETWORKS:
        said = unknown("class of generators", named, NETWORKS)
        raise UsageError(
            f"{folder}: {said}; command/<command line> and `probe import` are for any other"
        )
    return NETWORKS[named]


class Generator(BatchSource):
    """A generator whose weights are here.

    Parameters
    ----------
    found : Found
        Its weights.
    network : type of Network
        What they are loaded as.
    name : str
        What it was asked for as.
    how : DoorOptions
        Its options.
    """

    kind: ModelKind = "generator"

    def __init__(self, found: Found, network: type[Network], name: str, how: DoorOptions) -> None:
        self._found, self._network = found, network
        shown = found.source if found.revision is None else name
        self.name = how.name or f"generator/{shown}"
        known = {**COMMON, **network.options}
        options = {"seed": 0, **network.defaults, **read_options(how.settings, known, self.name)}
        options.pop("revision", None)
        self._seed: int = options["seed"]
        self._batch: int = options.pop("batch", 1)
        if self._batch > 1 and not network.together:
            raise UsageError(
                f"--set batch={self._batch}: {network.class_name} makes one clip at a time,"
                " in a batch its clips would depend on each other"
            )
        self._device, self._precision = _runtime(
            options.pop("device", None), options.pop("precision", None)
        )
        self._options = options
        self._beside = {key: find(options[key]) for key in network.beside}
        self._settings = self._describe()
        self._loaded: Network | None = None

    def _describe(self) -> dict[str, Any]:
        said = dict(sorted(self._options.items()))
        for key, weights in self._beside.items():
            said[key] = weights.settings()
        if self._network is SpeechT5:
            said |= speaker_digest(self._options)
        folders = {key: weights.folder for key, weights in self._beside.items()}
        try:
            rate = self._network.sample_rate(self._found.folder, folders)
        except (KeyError, TypeError, ValueError):
            raise UsageError(f"{self._found.folder} does not say its sample rate") from None
        return {
            **self._found.settings(),
            "class": self._network.class_name,
            "text": self._network.text,
            **said,
            "device": self._device.partition(":")[0],
            "precision": self._precision,
            "native_sample_rate": rate,
            "packages": {package: metadata.version(package) for package in _PACKAGES},
        }

    def settings(self) -> dict[str, Any]:
        """Weights and their commit, the text given, seed and options, precision and rate.

        The size of a batch is not among them: a clip does not depend on it.
        """
        return self._settings

    def covers(self, prompt: Prompt) -> bool:
        """Any prompt for what reads prompts; one with words to be said for what says words."""
        return "{words}" not in self._network.text or _words(prompt) is not None

    def audios(self, attempts: Sequence[_Attempt], sample_rate: int) -> Iterator[Taken]:
        """Render batch after batch; the clips of a batch are of one length.

        Raises
        ------
        ProbeError
            A batch does not fit the device's memory, or the device fails.
        """
        with quiet():
            network = self._load()
            groups: dict[Any, list[_Attempt]] = {}
            for prompt, sample in attempts:
                key = prompt.duration_s, network.alike(self._text(prompt))
                groups.setdefault(key, []).append((prompt, sample))
        for group in groups.values():
            for start in range(0, len(group), self._batch):
                yield from self._render(network, group[start : start + self._batch], sample_rate)

    def _load(self) -> Network:
        if self._loaded is None:
            folders = {key: weights.folder for key, weights in self._beside.items()}
            self._loaded = self._network(
                Loading(self._found.folder, self._options, self._device, self._precision, folders)
            )
        return self._loaded

    def _text(self, prompt: Prompt) -> str:
        return self._network.text.format(prompt=prompt.text, words=_words(prompt))

    def _render(
        self, network: Network, batch: Sequence[_Attempt], sample_rate: int
    ) -> Iterator[Taken]:
        import torch

        texts = [self._text(prompt) for prompt, _ in batch]
        seeds = [_seed(self._seed, prompt.id, sample) for prompt, sample in batch]
        try:
            with quiet():
                made = network.render(texts, batch[0][0].duration_s, seeds)
        except torch.OutOfMemoryError:
            raise ProbeError(
                f"{len(batch)} clips at once do not fit the memory of {self._device};"
                + (f" --set batch={len(batch) // 2}" if len(batch) > 1 else " take a smaller model")
            ) from None
        except torch.AcceleratorError as error:
            raise ProbeError(f"{self._device} failed: {first_line(error)}") from None
        except (RuntimeError, ValueError, IndexError) as error:
            if len(batch) > 1:  # which of them it was
                for attempt in batch:
                    yield from self._render(network, [attempt], sample_rate)
                return
            yield Taken(*batch[0], NoAudioError(Outcome.RUNTIME_ERROR, first_line(error)))
            return
        rate = self._settings["native_sample_rate"]
        for (prompt, sample), samples in zip(batch, made, strict=True):
            yield Taken(prompt, sample, _clip(samples, rate, sample_rate))


def given_options(settings: Mapping[str, Any]) -> dict[str, Any]:
    """What of a generator's settings can be given with ``--set``."""
    network = NETWORKS[settings["class"]]
    said = {
        key: settings[key]
        for key in ("revision", "seed", "precision", *network.options)
        if key in settings
    }
    return said | {key: settings[key]["weights"] for key in network.beside}


def _runtime(device: str | None, precision: Precision | None) -> tuple[str, Precision]:
    """Where it runs and in what precision.

    float16 on a GPU, as the makers' own examples have it: bfloat16 would leave a waveform 8 bits.
    """
    for package in ("torch", *_PACKAGES):
        try:
            metadata.version(package)
        except metadata.PackageNotFoundError:
            raise PrerequisiteError(
                f"generators need {package}; pip install 'probe[generators]'"
            ) from None
    from probe.runtime import choose

    chosen = choose(device).device
    return chosen, precision or ("float16" if chosen.startswith("cuda") else "float32")


def _words(prompt: Prompt) -> str | None:
    """What is to be said, None where nothing is."""
    return prompt.truth.text if isinstance(prompt.truth, SpeechTruth) else None


def _seed(seed: int, prompt_id: str, sample: int) -> int:
    """A seed of the attempt's own, below 2**63 (what torch and torchsde take)."""
    digest = hashlib.sha256(f"{seed}/{prompt_id}/{sample}".encode()).digest()
    return int.from_bytes(digest[:8]) >> 1


def _clip(samples: Samples, rate: int, sample_rate: int) -> Clip | NoAudioError:
    """What a network left, as mono at the tier's rate."""
    notes = []
    if samples.ndim > 1 and len(samples) > 1:
        notes.append(f"{len(samples)} channels averaged")
    mono = np.asarray(samples, np.float64).reshape(-1, samples.shape[-1]).mean(axis=0)
    if not mono.size:
        return NoAudioError(Outcome.NO_OUTPUT, "the network ended before the first sample")
    if not np.isfinite(mono).all():
        return NoAudioError(Outcome.INVALID_AUDIO, "the samples are not all finite")
    if rate != sample_rate:
        notes.append(f"resampled from {rate} Hz")
        mono = resample(mono, rate, sample_rate)
    mono, louder = bring_down(mono)
    try:
        refuse_silence(mono)
    except InvalidAudio as error:
        return NoAudioError(Outcome.INVALID_AUDIO, str(error))
    return Clip(mono, sample_rate, (*notes, *louder))
