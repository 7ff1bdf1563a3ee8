from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from probe.errors import PrerequisiteError, UsageError  # noqa: E402
from probe.score.embedders import clap as module  # noqa: E402
from probe.score.embedders.base import FrameEmbedder, TextEmbedder  # noqa: E402
from probe.score.embedders.clap import UNRELATED, Clap, check_text_tower  # noqa: E402
from tests.fakes import checkpoints  # noqa: E402

RATE = 48000
BF16_COSINE = 0.999
"""What bfloat16 may cost; its products keep 8 bits."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return checkpoints.clap_folder(tmp_path_factory.mktemp("clap") / "tiny")


@pytest.fixture(scope="module")
def embedder(folder: Path) -> Clap:
    return open_clap(folder)


def open_clap(path: Path, **options: Any) -> Clap:
    return Clap(path, name="clap-tiny", keep=path.parent / "converted", device="cpu", **options)


def clips() -> list[np.ndarray]:
    rng = np.random.default_rng(3)
    time = np.arange(14 * RATE) / RATE
    return [
        0.1 * rng.standard_normal(3 * RATE),
        0.5 * np.sin(2 * np.pi * 440 * time),
        np.zeros(100),
        0.3 * np.sign(np.sin(2 * np.pi * 110 * time[: 10 * RATE])),
    ]


def test_it_is_what_transformers_makes_of_the_same_windows(folder: Path, embedder: Clap) -> None:
    from transformers import ClapFeatureExtractor, ClapModel

    extractor = ClapFeatureExtractor(
        frequency_min=50, frequency_max=14000, truncation="rand_trunc", padding="repeatpad"
    )
    noise, tone, _, square = clips()
    windows = [noise, tone[: 10 * RATE], tone[4 * RATE :], square]
    inputs = extractor(windows, sampling_rate=RATE, return_tensors="pt")
    with torch.no_grad():
        model = ClapModel.from_pretrained(folder).eval()
        rows = model.get_audio_features(input_features=inputs["input_features"].float())
    theirs = rows.pooler_output.double().numpy()
    mean = theirs[1] + theirs[2]
    expected = np.stack([theirs[0], mean / np.linalg.norm(mean), theirs[3]])
    got = embedder.embed([noise, tone, square])
    np.testing.assert_allclose(got, expected, atol=1e-5)


def test_a_clip_has_one_vector_whatever_is_beside_it(embedder: Clap) -> None:
    together = embedder.embed(clips())
    assert together.shape == (4, embedder.dimension)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1.0, atol=1e-12)
    for clip, row in zip(clips(), together, strict=True):
        np.testing.assert_allclose(embedder.embed([clip])[0], row, atol=1e-6)
    np.testing.assert_array_equal(embedder.embed(clips()), together)


def test_windows_of_many_clips_are_cut_into_batches(
    embedder: Clap, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = embedder.embed_frames(clips())
    assert [rows.shape for rows in whole] == [(k, embedder.dimension) for k in (1, 2, 1, 1)]
    monkeypatch.setattr(module, "WINDOWS_AT_A_TIME", {"cpu": 2})
    for rows, expected in zip(embedder.embed_frames(clips()), whole, strict=True):
        np.testing.assert_allclose(rows, expected, atol=1e-6)
    assert embedder.embed([]).shape == (0, embedder.dimension)
    assert embedder.embed_frames([]) == []


def test_text_is_in_the_same_space_and_alone_or_together_the_same(
    embedder: Clap, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(embedder, TextEmbedder)
    assert isinstance(embedder, FrameEmbedder)
    texts = ["a dog barks", "", "Regen – viel Regen", "x" * 500]
    rows = embedder.embed_text(texts)
    assert rows.shape == (4, embedder.dimension)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-12)
    monkeypatch.setattr(module, "TEXTS_AT_A_TIME", 1)
    np.testing.assert_allclose(embedder.embed_text(texts), rows, atol=1e-5)
    np.testing.assert_allclose(embedder.embed_text(["x" * 90]), rows[3:], atol=1e-5)
    assert embedder.embed_text([]).shape == (0, embedder.dimension)


@pytest.mark.parametrize("legacy", [False, True], ids=["zip", "before zip"])
def test_a_laion_checkpoint_is_the_same_network(
    tmp_path: Path, embedder: Clap, legacy: bool
) -> None:
    path = checkpoints.laion_file(tmp_path / "630k-tiny.pt", legacy=legacy)
    checkpoints.tokenizer(tmp_path)
    laion = open_clap(path)
    np.testing.assert_allclose(laion.embed(clips()), embedder.embed(clips()), atol=1e-6)
    texts = list(UNRELATED)
    np.testing.assert_allclose(laion.embed_text(texts), embedder.embed_text(texts), atol=1e-6)


def test_a_laion_checkpoint_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = checkpoints.laion_file(tmp_path / "x.pt")
    first = open_clap(path).embed(clips()[:1])
    (kept,) = (tmp_path / "converted").iterdir()
    assert {file.name for file in kept.iterdir()} == {"config.json", "model.safetensors"}

    def unexpected(_path: Path) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr("probe.score.embedders.laion.state_dict", unexpected)
    np.testing.assert_array_equal(open_clap(path).embed(clips()[:1]), first)


def test_sizes_are_read_off_the_weights(tmp_path: Path) -> None:
    sizes = {"depths": [1, 2, 1], "hidden_size": 64, "num_attention_heads": [2, 4, 8]}
    path = checkpoints.laion_file(tmp_path / "x.pt", **sizes, num_hidden_layers=3)
    open_clap(path)
    (config,) = (tmp_path / "converted").glob("*/config.json")
    audio = json.loads(config.read_text())["audio_config"]
    assert {key: audio[key] for key in sizes} == sizes


def test_fingerprints_tell_weights_and_precision_apart(tmp_path: Path, folder: Path) -> None:
    other = checkpoints.clap_folder(tmp_path / "other", seed=1)
    prints = [open_clap(path).fingerprint for path in (folder, folder, other)]
    rounded = open_clap(folder, precision="bfloat16").fingerprint
    assert prints[0] == prints[1]
    assert len({*prints, rounded}) == 3


def test_bfloat16_stays_within_its_bound(folder: Path, embedder: Clap) -> None:
    rounded = open_clap(folder, precision="bfloat16")
    exact, near = embedder.embed(clips()), rounded.embed(clips())
    assert not np.array_equal(exact, near)
    assert (exact * near).sum(axis=1).min() > BF16_COSINE


def test_a_checkpoint_without_the_tables_of_positions_is_whole(
    tmp_path: Path, embedder: Clap
) -> None:
    from safetensors.torch import load_file, save_file

    path = checkpoints.clap_folder(tmp_path / "x") / "model.safetensors"
    tables = ("relative_position_index", "position_ids", "token_type_ids")
    weights = {k: v for k, v in load_file(path).items() if not k.endswith(tables)}
    save_file(weights, path, metadata={"format": "pt"})
    bare = open_clap(path.parent)
    np.testing.assert_allclose(bare.embed(clips()), embedder.embed(clips()), atol=1e-6)
    texts = list(UNRELATED)
    np.testing.assert_allclose(bare.embed_text(texts), embedder.embed_text(texts), atol=1e-6)


def test_a_collapsed_text_tower_is_reported_and_sound_still_works(tmp_path: Path) -> None:
    collapsed = open_clap(checkpoints.clap_folder(tmp_path / "x", collapsed=True))
    assert collapsed.text_tower is not None
    assert collapsed.text_tower.collapsed
    assert collapsed.embed(clips()[:1]).shape == (1, collapsed.dimension)
    with pytest.raises(PrerequisiteError, match="text tower of clap-tiny has collapsed"):
        collapsed.embed_text(["a dog"])


def test_the_check_measures_cosines(embedder: Clap) -> None:
    assert embedder.text_tower is not None
    assert not embedder.text_tower.collapsed
    rows = np.array([[2.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    found = check_text_tower(rows, threshold=0.4)
    assert found.mean == pytest.approx(np.sqrt(2) / 3)
    assert found.most == pytest.approx(np.sqrt(0.5))
    assert found.collapsed
    assert not check_text_tower(rows).collapsed
    assert check_text_tower(np.full((2, 2), np.nan)).collapsed


def test_without_a_tokenizer_there_is_sound_and_a_hint(tmp_path: Path) -> None:
    path = checkpoints.clap_folder(tmp_path / "mute", text=False)
    mute = open_clap(path)
    assert mute.text_tower is None
    assert mute.embed(clips()[:1]).shape == (1, mute.dimension)
    with pytest.raises(PrerequisiteError, match="probe weights fetch roberta-base"):
        mute.embed_text(["a dog"])
    elsewhere = checkpoints.tokenizer(tmp_path / "tokenizer")
    assert open_clap(path, tokenizers=[elsewhere]).embed_text(["a dog"]).shape[0] == 1


def damage(path: Path, change: Any) -> Path:
    checkpoint = torch.load(path, weights_only=False)
    change(checkpoint["state_dict"])
    torch.save(checkpoint, path, pickle_protocol=4)
    return path


def test_fused_checkpoints_are_refused(tmp_path: Path) -> None:
    def fuse(weights: dict[str, Any]) -> None:
        weights["module.audio_branch.patch_embed.mel_conv2d.weight"] = torch.zeros(1)

    with pytest.raises(UsageError, match="fused checkpoint"):
        open_clap(damage(checkpoints.laion_file(tmp_path / "x.pt"), fuse))
    folder = checkpoints.clap_folder(tmp_path / "x", enable_fusion=True)
    with pytest.raises(UsageError, match="x is a fused checkpoint"):
        open_clap(folder)


QKV = "module.audio_branch.layers.0.blocks.0.attn.qkv.weight"
MEL = "module.audio_branch.logmel_extractor.melW"
LAYER = "module.text_branch.encoder.layer.0.output.dense.weight"
DAMAGES = {
    "lacks .*qkv": lambda w: w.pop(QKV),
    "lacks what becomes text_model.encoder.layer.0": lambda w: w.pop(LAYER),
    "no place for: .*extra": lambda w: w.update({"module.audio_branch.extra": torch.ones(1)}),
    "another front end": lambda w: w[MEL].mul_(1.1),
    "another shape": lambda w: w.update({LAYER: torch.ones(3, 3)}),
    "no LAION-CLAP": lambda w: [w.pop(name) for name in list(w) if "text_" in name],
    "lacks text_branch.embeddings.position_embeddings": lambda w: w.pop(
        "module.text_branch.embeddings.position_embeddings.weight"
    ),
}


@pytest.mark.parametrize("message", DAMAGES)
def test_other_checkpoints_are_refused_with_the_reason(tmp_path: Path, message: str) -> None:
    path = damage(checkpoints.laion_file(tmp_path / "x.pt"), DAMAGES[message])
    with pytest.raises(UsageError, match=message):
        open_clap(path)
    assert not list((tmp_path / "converted").glob("*/model.safetensors"))


def test_folders_that_are_no_whole_checkpoint_are_refused(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    with pytest.raises(UsageError, match="is no CLAP checkpoint"):
        open_clap(tmp_path)
    folder = checkpoints.clap_folder(tmp_path / "x")
    path = folder / "model.safetensors"
    weights = load_file(path)
    weights.pop("audio_projection.linear1.weight")
    save_file(weights, path, metadata={"format": "pt"})
    with pytest.raises(
        UsageError, match=r"not whole: 1 weights, such as audio_projection\.linear1"
    ):
        open_clap(folder)
    path.write_bytes(b"nothing")
    with pytest.raises(UsageError, match="cannot be loaded as a CLAP model"):
        open_clap(folder)
