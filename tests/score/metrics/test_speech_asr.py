"""The doors to recognisers; Whisper with random weights in the real format."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from probe.errors import PrerequisiteError
from probe.score.metrics.speech.asr import (
    RATE,
    Pocketsphinx,
    Recogniser,
    Whisper,
    error_rates,
    normal,
)


def tiny_whisper(folder: Path) -> Path:
    """Save a Whisper of a few thousand random weights as transformers does."""
    import torch
    from transformers import (
        WhisperConfig,
        WhisperFeatureExtractor,
        WhisperForConditionalGeneration,
        WhisperProcessor,
        WhisperTokenizer,
    )

    letters = [*"abcdefghijklmnopqrstuvwxyz", "Ġ"]
    special = ["<|endoftext|>", "<|startoftranscript|>", "<|notimestamps|>"]
    vocabulary = {token: k for k, token in enumerate([*letters, *special])}
    (folder / "vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    (folder / "merges.txt").write_text("#version: 0.2\n", encoding="utf-8")
    tokenizer = WhisperTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"))
    end, start = vocabulary["<|endoftext|>"], vocabulary["<|startoftranscript|>"]
    config = WhisperConfig(
        vocab_size=len(vocabulary),
        d_model=16,
        encoder_layers=1,
        decoder_layers=1,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=32,
        decoder_ffn_dim=32,
        num_mel_bins=80,
        max_target_positions=16,
        pad_token_id=end,
        bos_token_id=end,
        eos_token_id=end,
        decoder_start_token_id=start,
        begin_suppress_tokens=None,
        suppress_tokens=None,
    )
    torch.manual_seed(0)
    model = WhisperForConditionalGeneration(config)
    model.generation_config.max_length = 8
    model.generation_config.decoder_start_token_id = start
    model.save_pretrained(folder)
    WhisperProcessor(WhisperFeatureExtractor(), tokenizer).save_pretrained(folder)
    return folder


def test_whisper_from_a_folder_transcribes(tmp_path: Path) -> None:
    whisper: Recogniser = Whisper(tiny_whisper(tmp_path))
    clip = 0.1 * np.random.default_rng(0).standard_normal(RATE)
    said = whisper.transcribe([clip, np.zeros(RATE // 2)])
    assert len(said) == 2
    assert said == whisper.transcribe([clip, np.zeros(RATE // 2)])
    assert all(text == normal(text) for text in said)
    assert whisper.fingerprint.startswith("whisper/")


def test_other_weights_have_another_fingerprint(tmp_path: Path) -> None:
    folder = tiny_whisper(tmp_path)
    before = Whisper(folder).fingerprint
    import torch
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    name = next(name for name, value in weights.items() if value.dtype == torch.float32)
    weights[name] = weights[name] + 1
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    assert Whisper(folder).fingerprint != before


def test_a_folder_without_a_whisper_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(PrerequisiteError, match="no Whisper in"):
        Whisper(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"nothing")
    with pytest.raises(PrerequisiteError, match="cannot be opened") as caught:
        Whisper(tmp_path)
    assert "\n" not in str(caught.value)


def test_pocketsphinx_hears_nothing_in_silence() -> None:
    door: Recogniser = Pocketsphinx()
    assert door.transcribe([np.zeros(RATE), np.zeros(0)]) == ["", ""]


def test_error_rates_are_capped_and_blind_to_case_and_marks() -> None:
    assert error_rates("One lemon, left.", "one lemon left") == (0, 0)
    assert error_rates("one", "") == (1, 1)
    assert error_rates("one", "a b c d e f") == (1, 1)
    wer, cer = error_rates("one lemon left", "one melon left")
    assert wer == pytest.approx(1 / 3)
    assert 0 < cer < wer
