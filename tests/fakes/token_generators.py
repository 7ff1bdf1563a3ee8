"""Generators of random weights that write a codec's tokens, small, as transformers writes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from tests.fakes.generator_parts import LETTERS, WIDTH, t5_tokenizer, word_tokenizer


def _encodec(codebooks: int) -> Any:
    """A codec of 50 frames a second at 8 kHz."""
    from transformers import EncodecConfig

    return EncodecConfig(
        target_bandwidths=[50 * 5 * codebooks / 1000],
        sampling_rate=8000,
        hidden_size=8,
        num_filters=4,
        upsampling_ratios=[5, 8, 4],
        num_lstm_layers=1,
        codebook_size=32,
        codebook_dim=8,
        use_causal_conv=False,
        norm_type="weight_norm",
    )


def musicgen(folder: Path) -> Path:
    """MusicGen of four codebooks of 32 tokens."""
    import torch
    from transformers import (
        EncodecModel,
        MusicgenConfig,
        MusicgenForConditionalGeneration,
        T5Config,
    )
    from transformers.models.musicgen.configuration_musicgen import MusicgenDecoderConfig

    torch.manual_seed(0)
    pieces = t5_tokenizer(folder)
    t5 = T5Config(vocab_size=len(pieces), d_model=8, d_ff=16, d_kv=4, num_layers=1, num_heads=2)
    decoder = MusicgenDecoderConfig(
        vocab_size=32,
        hidden_size=WIDTH,
        num_hidden_layers=1,
        ffn_dim=16,
        num_attention_heads=2,
        num_codebooks=4,
        pad_token_id=32,
        bos_token_id=32,
    )
    config = MusicgenConfig(
        text_encoder=t5.to_dict(), audio_encoder=_encodec(4).to_dict(), decoder=decoder.to_dict()
    )
    model = MusicgenForConditionalGeneration(config)
    _loud(model.audio_encoder)
    model.generation_config.decoder_start_token_id = 32
    model.generation_config.pad_token_id = 32
    model.generation_config.bos_token_id = 32
    assert isinstance(model.audio_encoder, EncodecModel)
    model.save_pretrained(folder)
    return folder


def _loud(codec: Any) -> None:
    """Give a codec codes that can be told apart."""
    import torch

    with torch.no_grad():
        for name, buffer in codec.named_buffers():
            if name.endswith(("codebook.embed", "codebook.embed_sum")):
                buffer.normal_(0.0, 1.0)


def bark(folder: Path) -> Path:
    """Bark with one voice, and EnCodec's eight codebooks of 32 tokens."""
    import torch
    from transformers import BarkConfig, BarkModel, BarkProcessor, BertTokenizer, GenerationConfig

    torch.manual_seed(0)
    folder.mkdir(parents=True, exist_ok=True)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *LETTERS]
    words += [f"##{letter}" for letter in LETTERS]
    tokenizer = BertTokenizer(vocab={word: n for n, word in enumerate(words)}, do_lower_case=False)
    size = {"hidden_size": WIDTH, "num_layers": 1, "num_heads": 2}
    # Text, meaning, a pad and a token that begins; then two coarse codebooks behind the meaning.
    semantic = {"semantic_vocab_size": 64, "text_encoding_offset": 64, "text_pad_token": 300}
    semantic |= {"semantic_infer_token": 301, "semantic_rate_hz": 50, "eos_token_id": 64}
    semantic |= {"semantic_pad_token": 64, "max_input_semantic_length": 256}
    coarse = {"coarse_semantic_pad_token": 128, "coarse_infer_token": 129, "coarse_rate_hz": 50}
    coarse |= {"n_coarse_codebooks": 2, "max_coarse_history": 60, "sliding_window_len": 60}
    fine = {"max_fine_history_length": 16, "max_fine_input_length": 32, "n_fine_codebooks": 8}
    config = BarkConfig(
        semantic_config=size
        | {"input_vocab_size": 320, "output_vocab_size": 320, "block_size": 800},
        coarse_acoustics_config=size
        | {"input_vocab_size": 132, "output_vocab_size": 132, "block_size": 800},
        fine_acoustics_config=size
        | {"input_vocab_size": 33, "output_vocab_size": 33, "block_size": 800},
        codec_config=_encodec(8).to_dict(),
    )
    model = BarkModel(config)
    _loud(model.codec_model)
    model.save_pretrained(folder)
    GenerationConfig(
        semantic_config=semantic,
        coarse_acoustics_config=coarse,
        fine_acoustics_config=fine,
        codebook_size=32,
        sample_rate=8000,
    ).save_pretrained(folder)
    chance = np.random.default_rng(0)
    voice = {
        "semantic_prompt": chance.integers(0, 64, 20),
        "coarse_prompt": chance.integers(0, 32, (2, 20)),
        "fine_prompt": chance.integers(0, 32, (8, 20)),
    }
    paths = {}
    for part, values in voice.items():
        paths[part] = f"speaker_embeddings/v2/en_speaker_6_{part}.npy"
        (folder / paths[part]).parent.mkdir(parents=True, exist_ok=True)
        np.save(folder / paths[part], values)
    BarkProcessor(tokenizer).save_pretrained(folder)
    (folder / "speaker_embeddings_path.json").write_text(
        json.dumps({"repo_or_path": str(folder), "v2/en_speaker_6": paths}), encoding="utf-8"
    )
    return folder


def dac(folder: Path) -> Path:
    """The codec of Dia: nine codebooks of 1,024 tokens, as its processor has it."""
    import torch
    from transformers import DacConfig, DacModel

    torch.manual_seed(0)
    model = DacModel(
        DacConfig(
            encoder_hidden_size=4,
            downsampling_ratios=[4, 8, 16],
            decoder_hidden_size=16,
            n_codebooks=9,
            codebook_size=1024,
            codebook_dim=4,
            sampling_rate=44_100,
        )
    )
    with torch.no_grad():
        for weight in model.quantizer.parameters():
            weight.normal_(0.0, 1.0)
    model.save_pretrained(folder)
    return folder


def dia(folder: Path) -> Path:
    """Dia; `dac` beside it."""
    import torch
    from transformers import (
        DiaConfig,
        DiaFeatureExtractor,
        DiaForConditionalGeneration,
        DiaTokenizer,
    )

    torch.manual_seed(0)
    size = {"num_hidden_layers": 1, "hidden_size": WIDTH, "intermediate_size": 16}
    heads = {"num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 8}
    across = {"cross_num_attention_heads": 2, "cross_head_dim": 8, "cross_num_key_value_heads": 1}
    model = DiaForConditionalGeneration(
        DiaConfig(
            encoder_config=size | heads,
            decoder_config=size | heads | across | {"cross_hidden_size": WIDTH},
            delay_pattern=[0, 8, 9, 10, 11, 12, 13, 14, 15],
        )
    )
    model.save_pretrained(folder)
    DiaFeatureExtractor(sampling_rate=44_100, hop_length=512).save_pretrained(folder)
    DiaTokenizer().save_pretrained(folder)
    return folder


def csm(folder: Path) -> Path:
    """CSM with a Mimi of four codebooks of 32 tokens, 12.5 frames a second."""
    import torch
    from transformers import CsmConfig, CsmForConditionalGeneration, MimiConfig

    torch.manual_seed(0)
    specials = {"bos_token": "<|begin_of_text|>", "pad_token": "<|pad|>"}
    tokenizer = word_tokenizer(folder, specials=specials)
    size = {"hidden_size": WIDTH, "intermediate_size": 16, "num_hidden_layers": 1}
    heads = {"num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 8}
    codec = MimiConfig(
        sampling_rate=24_000,
        hidden_size=8,
        num_filters=2,
        upsampling_ratios=[8, 6, 5, 4],
        codebook_size=64,
        codebook_dim=8,
        vector_quantization_hidden_dimension=8,
        num_quantizers=4,
        upsample_groups=8,
        num_hidden_layers=1,
        intermediate_size=16,
        num_attention_heads=2,
        num_key_value_heads=2,
        head_dim=4,
    )
    model = CsmForConditionalGeneration(
        CsmConfig(
            num_codebooks=4,
            vocab_size=34,
            text_vocab_size=len(tokenizer),
            codebook_pad_token_id=33,
            codebook_eos_token_id=32,  # of all codebooks at once: by chance that never comes
            bos_token_id=tokenizer.bos_token_id,
            pad_token_id=tokenizer.pad_token_id,
            audio_token_id=5,
            audio_eos_token_id=6,
            depth_decoder_config=size
            | heads
            | {
                "num_codebooks": 4,
                "backbone_hidden_size": WIDTH,
                "vocab_size": 34,
                "max_position_embeddings": 5,
            },
            codec_config=codec.to_dict(),
            **size,
            **heads,
        )
    )
    _loud(model.codec_model)
    model.save_pretrained(folder)
    return folder
