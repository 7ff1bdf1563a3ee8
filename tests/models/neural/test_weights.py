"""Where weights are looked for, and what is said when they or an option are not there."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from probe.errors import PrerequisiteError, ProbeError, UsageError
from probe.models import open_door
from probe.models.base import DoorOptions
from probe.models.neural import door as doors
from probe.models.neural.base import Loading, Network, Samples
from probe.models.neural.door import Generator, open_generator
from probe.models.neural.known import KNOWN
from probe.models.neural.weights import Found
from tests.fakes import generators
from tests.fakes.tiers import loaded_tier
from tests.models.neural.conftest import Folder, Open
from tests.models.neural.test_doors import ATTEMPTS, RATE, clips

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(autouse=True)
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of Hugging Face's, in place of that of whoever runs the tests."""
    constants = pytest.importorskip("huggingface_hub.constants")
    cache = tmp_path / "hub"
    cache.mkdir()
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    return cache


def put(hub: Path, repo: str, weights: Path, commit: str = COMMIT) -> None:
    """What `hf download` leaves of a repository."""
    home = hub / f"models--{repo.replace('/', '--')}"
    shutil.copytree(weights, home / "snapshots" / commit)
    (home / "refs").mkdir(exist_ok=True)
    (home / "refs" / "main").write_text(commit)


# --- of Hugging Face -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", KNOWN)
def test_a_generator_that_is_known_says_how_it_is_fetched(name: str) -> None:
    with pytest.raises(PrerequisiteError, match=f"`hf download {KNOWN[name].repo}`") as caught:
        open_door(f"generator/{name}", loaded_tier())
    assert ("accept its terms" in str(caught.value)) == KNOWN[name].gated
    assert caught.value.exit_code == 3


def test_weights_are_found_by_name_and_by_id_and_their_commit_is_recorded(
    hub: Path, weights: Folder
) -> None:
    put(hub, "facebook/mms-tts-eng", weights("vits"))
    by_name, by_id = open_generator("mms-tts-eng"), open_generator("facebook/mms-tts-eng")
    assert by_name.name == "generator/mms-tts-eng"
    assert by_id.name == "generator/facebook/mms-tts-eng"
    assert by_name.settings() == by_id.settings()
    said = by_name.settings()
    assert said["weights"] == "facebook/mms-tts-eng"
    assert said["revision"] == COMMIT
    assert said["licence"] == "CC-BY-NC-4.0"
    assert "sha256" not in said
    clips(by_name, ATTEMPTS[:1])


def test_a_revision_is_what_is_asked_for(hub: Path, weights: Folder) -> None:
    older = COMMIT[::-1]
    put(hub, "lab/talker", weights("vits"), older)
    put(hub, "lab/talker", weights("vits"), COMMIT)

    def commit(*settings: str) -> str:
        return str(open_generator("lab/talker", DoorOptions(settings)).settings()["revision"])

    assert commit() == COMMIT
    assert commit(f"revision={older}") == older
    text = json.dumps(open_generator("lab/talker", DoorOptions((f"revision={older}",))).settings())
    assert text.count("revision") == 1, "what was asked for is what was found"
    with pytest.raises(PrerequisiteError, match="`hf download lab/talker --revision v2`"):
        commit("revision=v2")


def test_what_goes_with_a_generator_is_looked_for_too(
    hub: Path, weights: Folder, tmp_path: Path
) -> None:
    with pytest.raises(PrerequisiteError, match="`hf download descript/dac_44khz`"):
        open_generator(str(weights("dia")))
    put(hub, "descript/dac_44khz", weights("dac"))
    codec = open_generator(str(weights("dia"))).settings()["codec"]
    assert codec == {"weights": "descript/dac_44khz", "revision": COMMIT}
    voice = generators.speaker(tmp_path / "voice.npy")
    with pytest.raises(PrerequisiteError, match="`hf download microsoft/speecht5_hifigan`"):
        open_generator(str(weights("speecht5")), DoorOptions((f"speaker={voice}",)))


# --- of a folder ---------------------------------------------------------------------------------


def test_a_folder_is_known_by_its_contents(weights: Folder, tmp_path: Path) -> None:
    first = shutil.copytree(weights("vits"), tmp_path / "one" / "talker")
    second = shutil.copytree(weights("vits"), tmp_path / "two" / "talker")
    digests = [open_generator(str(folder)).settings()["sha256"] for folder in (first, second)]
    assert digests[0] == digests[1]
    (second / ".cache").mkdir()
    (second / ".cache" / "lock").touch()
    assert open_generator(str(second)).settings()["sha256"] == digests[0], "hidden files"
    (second / "vocab.json").write_text("{}")
    assert open_generator(str(second)).settings()["sha256"] != digests[0]


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (lambda folder: (folder / "model.safetensors").unlink(), "is not whole, fetch it again"),
        (lambda folder: (folder / "model.safetensors").write_bytes(b"x" * 99), "cannot be loaded"),
        (lambda folder: (folder / "vocab.json").unlink(), "vits"),
    ],
)
def test_damaged_weights_end_the_run_before_a_clip(
    damage: object, complaint: str, weights: Folder, tmp_path: Path
) -> None:
    folder = shutil.copytree(weights("vits"), tmp_path / "vits")
    assert callable(damage)
    damage(folder)
    with pytest.raises(ProbeError, match=complaint):
        list(open_generator(str(folder)).audios(ATTEMPTS[:1], RATE))


def test_weights_that_are_missing_are_never_replaced_by_chance(
    weights: Folder, tmp_path: Path
) -> None:
    from safetensors.numpy import load_file, save_file

    folder = shutil.copytree(weights("vits"), tmp_path / "vits")
    tensors = load_file(folder / "model.safetensors")
    gone = next(name for name in tensors if name.startswith("decoder."))
    del tensors[gone]
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(UsageError, match=re.escape(f"lacks 1 weights, such as {gone}")):
        list(open_generator(str(folder)).audios(ATTEMPTS[:1], RATE))


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("audioldm3", "unknown generator 'audioldm3'; did you mean 'audioldm"),
        ("./nowhere", "there is no folder ./nowhere"),
        ("a/b/c", "unknown generator 'a/b/c'.* or give owner/model"),
    ],
)
def test_a_name_that_means_nothing_is_refused(name: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        open_generator(name)


@pytest.mark.parametrize(
    ("files", "complaint"),
    [
        ({}, "holds no generator: config.json cannot be read"),
        ({"config.json": "{"}, "holds no generator: config.json cannot be read"),
        ({"config.json": "[]"}, "config.json is no table"),
        ({"config.json": "{}"}, "unknown class of generators 'None'"),
        (
            {"config.json": '{"architectures": ["VitsModels"]}'},
            "'VitsModels'; did you mean 'VitsModel'.*command/<command line>",
        ),
        (
            {"model_index.json": '{"_class_name": "MusicLDMPipeline"}'},
            "'MusicLDMPipeline'; did you mean 'AudioLDMPipeline'",
        ),
        (
            {"config.json": '{"architectures": ["VitsModel"]}'},
            "does not say its sample rate",
        ),
    ],
)
def test_a_folder_that_is_no_generator_is_refused(
    files: dict[str, str], complaint: str, tmp_path: Path
) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    with pytest.raises(UsageError, match=complaint):
        open_generator(str(folder))


# --- options -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "setting", "complaint"),
    [
        ("audioldm", "steps=0", "from 1 to 1000"),
        ("audioldm", "guidence=3", "did you mean 'guidance'"),
        ("audioldm", "revision=main", "is for weights of Hugging Face"),
        ("musicgen", "steps=3", "unknown option of generator/musicgen 'steps'"),
        ("vits", "batch=2", "makes one clip at a time"),
        ("vits", "precision=int8", "unknown choice 'int8'"),
        ("vits", "device=tpu", "unknown device 'tpu'; known: cpu, cuda"),
        ("vits", "seed=-1", "from 0 to"),
        ("vits", "speed", "an option is written key=value"),
        ("speecht5", "speaker=nowhere.npy", "speaker=nowhere.npy cannot be read"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused_at_once(
    name: str, setting: str, complaint: str, opened: Open
) -> None:
    with pytest.raises(UsageError, match=complaint):
        opened(name, setting)


@pytest.mark.parametrize(
    ("name", "setting", "complaint"),
    [
        ("vits", "speaker=3", "the weights have 1 of them"),
        ("bark", "voice=v2/nobody", "the weights have v2/en_speaker_6"),
    ],
)
def test_a_voice_that_is_not_there_ends_the_run(
    name: str, setting: str, complaint: str, opened: Open
) -> None:
    with pytest.raises(UsageError, match=complaint):
        list(opened(name, setting).audios(ATTEMPTS[:1], RATE))


def test_a_speaker_is_a_file_that_is_recorded(opened: Open, tmp_path: Path) -> None:
    said = opened("speecht5").settings()
    assert said["speaker"] == "voice.npy"
    assert len(said["speaker_sha256"]) == 64
    short = generators.speaker(tmp_path / "short.npy", 100)
    with pytest.raises(UsageError, match="must hold 512 numbers"):
        list(opened("speecht5", f"speaker={short}").audios(ATTEMPTS[:1], RATE))


def test_speecht5_does_not_speak_without_a_speaker(weights: Folder) -> None:
    how = DoorOptions((f"vocoder={weights('hifigan')}",))
    with pytest.raises(PrerequisiteError, match=r"--set speaker=FILE\.npy"):
        open_generator(str(weights("speecht5")), how)


def test_at_once_is_said_as_batch(weights: Folder) -> None:
    with pytest.raises(UsageError, match="--set batch=N"):
        open_door(f"generator/{weights('vits')}", loaded_tier(), how=DoorOptions(concurrency=3))


def test_a_missing_package_names_the_extra(
    weights: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "_PACKAGES", ("a-package-that-nobody-has",))
    with pytest.raises(PrerequisiteError, match=r"pip install 'probe\[generators\]'"):
        open_generator(str(weights("vits")))


# --- chance and memory ---------------------------------------------------------------------------


class Failing(Network):
    """A network that fails in batches of more than `most`."""

    class_name = "Failing"
    most: ClassVar[int]
    error: ClassVar[Exception]

    def __init__(self, loading: Loading) -> None:
        pass

    @staticmethod
    def sample_rate(folder: Path, beside: Mapping[str, Path]) -> int:  # noqa: ARG004
        return 24_000

    def render(
        self, texts: Sequence[str], duration_s: float, seeds: Sequence[int]
    ) -> list[Samples]:
        if len(texts) > self.most:
            raise self.error
        both = np.outer([5.0, -1.0], np.hanning(4800) * np.sin(np.arange(4800) / 10))
        return [both.astype(np.float32) for _ in texts]


def failing(fault: Exception, most_at_once: int, batch: int = 4) -> Generator:
    class Chosen(Failing):
        error = fault
        most = most_at_once

    found = Found(Path("nowhere"), "failing", "0" * 40, None)
    return Generator(found, Chosen, "failing", DoorOptions((f"batch={batch}",)))


def test_a_batch_that_does_not_fit_says_what_may() -> None:
    import torch

    error = torch.OutOfMemoryError("no more")
    with pytest.raises(ProbeError, match=r"4 clips at once do not fit .* --set batch=2"):
        list(failing(error, 1).audios(ATTEMPTS, RATE))
    with pytest.raises(ProbeError, match="take a smaller model"):
        list(failing(error, 0).audios(ATTEMPTS[:1], RATE))


def test_a_clip_that_spoils_its_batch_does_not_spoil_the_others() -> None:
    made = clips(failing(RuntimeError("odd"), 1))
    for clip in made:
        assert np.abs(clip.samples).max() == 1
        first, second, third = clip.notes
        assert (first, second) == ("2 channels averaged", "resampled from 24000 Hz")
        assert third == "brought down by 6.0 dB", "as a whole, to full scale"


def test_tokens_are_drawn_as_often_as_they_are_likely() -> None:
    import torch

    from probe.models.neural.base import own_draws

    likely = torch.tensor([0.0, 0.1, 0.0, 0.6, 0.3, 0.0])
    with own_draws([1, 2]):
        drawn = torch.multinomial(likely.expand(20_000, 6), num_samples=1)
        with pytest.raises(RuntimeError, match="3 draws"):
            torch.multinomial(likely.expand(2, 6), num_samples=3)
    shares = torch.bincount(drawn.ravel(), minlength=6) / len(drawn)
    assert shares.tolist() == pytest.approx(likely.tolist(), abs=0.02)
    assert shares[[0, 2, 5]].sum() == 0
    assert not torch.equal(drawn[:10_000], drawn[10_000:])
