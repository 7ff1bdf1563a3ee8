"""Generators of random weights, small, in the folders that diffusers and transformers read.

Of the same classes as the public ones, made through their configurations. Every maker takes a
folder to write and gives it back.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.fakes.checkpoints import clap_model
from tests.fakes.checkpoints import tokenizer as roberta
from tests.fakes.generator_parts import LETTERS, WIDTH, t5_tokenizer
from tests.fakes.token_generators import bark, csm, dac, dia, musicgen

# --- diffusion -----------------------------------------------------------------------------------


def vocoder(seed: int = 0, bands: int = 8) -> Any:
    """A HiFi-GAN of 100 frames a second at 16 kHz, loud enough to be heard."""
    import torch
    from transformers import SpeechT5HifiGan, SpeechT5HifiGanConfig

    torch.manual_seed(seed)
    model = SpeechT5HifiGan(
        SpeechT5HifiGanConfig(
            model_in_dim=bands,
            sampling_rate=16_000,
            upsample_initial_channel=8,
            upsample_rates=[16, 10],
            upsample_kernel_sizes=[32, 20],
            resblock_kernel_sizes=[3],
            resblock_dilation_sizes=[[1]],
            normalize_before=False,
        )
    )
    with torch.no_grad():
        for weight in model.parameters():
            if weight.ndim > 1:
                weight.normal_(0.0, 1 / weight[0].numel() ** 0.5)
    return model.eval()


def _vae() -> Any:
    from diffusers import AutoencoderKL

    return AutoencoderKL(
        block_out_channels=(8, 8),
        in_channels=1,
        out_channels=1,
        norm_num_groups=4,
        down_block_types=("DownEncoderBlock2D",) * 2,
        up_block_types=("UpDecoderBlock2D",) * 2,
        latent_channels=4,
    )


def _ddim() -> Any:
    from diffusers import DDIMScheduler

    return DDIMScheduler(
        beta_start=0.0015,
        beta_end=0.0195,
        beta_schedule="scaled_linear",
        clip_sample=False,
        set_alpha_to_one=False,
    )


def audioldm(folder: Path) -> Path:
    """AudioLDM."""
    import torch
    from diffusers import AudioLDMPipeline, UNet2DConditionModel
    from transformers import ClapTextConfig, ClapTextModelWithProjection, RobertaTokenizer

    from tests.fakes.checkpoints import DIMENSION, TEXT

    torch.manual_seed(0)
    unet = UNet2DConditionModel(
        block_out_channels=(8, 8),
        layers_per_block=1,
        norm_num_groups=4,
        attention_head_dim=4,
        in_channels=4,
        out_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=(8, 8),
        class_embed_type="simple_projection",
        projection_class_embeddings_input_dim=DIMENSION,
        class_embeddings_concat=True,
    )
    AudioLDMPipeline(
        vae=_vae(),
        text_encoder=ClapTextModelWithProjection(
            ClapTextConfig(**TEXT, projection_dim=DIMENSION)
        ).eval(),
        tokenizer=RobertaTokenizer.from_pretrained(
            roberta(folder.parent / "roberta"), model_max_length=77
        ),
        unet=unet,
        scheduler=_ddim(),
        vocoder=vocoder(),
    ).save_pretrained(folder)
    return folder


def audioldm2(folder: Path) -> Path:
    """AudioLDM 2."""
    import torch
    from diffusers import (
        AudioLDM2Pipeline,
        AudioLDM2ProjectionModel,
        AudioLDM2UNet2DConditionModel,
    )
    from transformers import (
        ClapFeatureExtractor,
        GPT2Config,
        GPT2LMHeadModel,
        RobertaTokenizer,
        T5Config,
        T5EncoderModel,
    )

    from tests.fakes.checkpoints import DIMENSION

    torch.manual_seed(0)
    pieces = t5_tokenizer(folder.parent / "t5")
    t5 = T5Config(vocab_size=len(pieces), d_model=8, d_ff=16, d_kv=4, num_layers=1, num_heads=2)
    across = ((None, WIDTH, 8),) * 2
    unet = AudioLDM2UNet2DConditionModel(
        block_out_channels=(8, 8),
        layers_per_block=1,
        norm_num_groups=4,
        attention_head_dim=4,
        in_channels=4,
        out_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=across,
    )
    gpt2 = GPT2Config(
        n_embd=WIDTH,
        n_layer=1,
        n_head=2,
        n_positions=256,
        vocab_size=8,
        bos_token_id=0,
        eos_token_id=0,
    )
    gpt2.max_new_tokens = 4
    AudioLDM2Pipeline(
        vae=_vae(),
        text_encoder=clap_model(),
        text_encoder_2=T5EncoderModel(t5).eval(),
        projection_model=AudioLDM2ProjectionModel(DIMENSION, 8, WIDTH),
        language_model=GPT2LMHeadModel(gpt2).eval(),
        tokenizer=RobertaTokenizer.from_pretrained(
            roberta(folder.parent / "roberta"), model_max_length=77
        ),
        tokenizer_2=pieces,
        feature_extractor=ClapFeatureExtractor(),
        unet=unet,
        scheduler=_ddim(),
        vocoder=vocoder(),
    ).save_pretrained(folder)
    return folder


def stable_audio(folder: Path) -> Path:
    """Stable Audio Open; its longest clip is 2.5 s of two channels at 44.1 kHz."""
    import torch
    from diffusers import (
        AutoencoderOobleck,
        CosineDPMSolverMultistepScheduler,
        StableAudioDiTModel,
        StableAudioPipeline,
        StableAudioProjectionModel,
    )
    from transformers import T5Config, T5EncoderModel

    torch.manual_seed(0)
    pieces = t5_tokenizer(folder.parent / "t5")
    t5 = T5Config(vocab_size=len(pieces), d_model=8, d_ff=16, d_kv=4, num_layers=1, num_heads=2)
    transformer = StableAudioDiTModel(
        sample_size=54,
        in_channels=4,
        num_layers=1,
        attention_head_dim=8,
        num_attention_heads=2,
        num_key_value_attention_heads=1,
        out_channels=4,
        cross_attention_dim=8,
        time_proj_dim=8,
        global_states_input_dim=16,
        cross_attention_input_dim=8,
    )
    vae = AutoencoderOobleck(
        encoder_hidden_size=4,
        downsampling_ratios=[8, 16, 16],
        channel_multiples=[1, 1, 1],
        decoder_channels=4,
        decoder_input_channels=4,
        audio_channels=2,
        sampling_rate=44_100,
    )
    with torch.no_grad():
        for name, weight in vae.decoder.named_parameters():
            if name.endswith("weight_g"):
                weight.mul_(1.5)
    StableAudioPipeline(
        vae=vae,
        text_encoder=T5EncoderModel(t5).eval(),
        projection_model=StableAudioProjectionModel(8, 8, 0, 512),
        tokenizer=pieces,
        transformer=transformer,
        scheduler=CosineDPMSolverMultistepScheduler(
            solver_order=2,
            prediction_type="v_prediction",
            sigma_data=1.0,
            sigma_schedule="exponential",
        ),
    ).save_pretrained(folder)
    return folder


# --- voices --------------------------------------------------------------------------------------


def vits(folder: Path) -> Path:
    """VITS of letters, as MMS has it."""
    import torch
    from transformers import VitsConfig, VitsModel, VitsTokenizer

    torch.manual_seed(0)
    folder.mkdir(parents=True, exist_ok=True)
    letters = ["<pad>", *sorted(set(LETTERS.lower()))[:-1], " ", "<unk>"]
    vocab = folder / "vocab.json"
    vocab.write_text(json.dumps({c: n for n, c in enumerate(letters)}), encoding="utf-8")
    model = VitsModel(
        VitsConfig(
            vocab_size=len(letters),
            hidden_size=WIDTH,
            num_hidden_layers=1,
            ffn_dim=16,
            flow_size=WIDTH,
            spectrogram_bins=9,
            upsample_initial_channel=8,
            upsample_rates=[16, 16],
            upsample_kernel_sizes=[32, 32],
            resblock_kernel_sizes=[3],
            resblock_dilation_sizes=[[1]],
            depth_separable_num_layers=1,
            duration_predictor_num_flows=1,
            duration_predictor_filter_channels=8,
            prior_encoder_num_flows=1,
            prior_encoder_num_wavenet_layers=1,
            posterior_encoder_num_wavenet_layers=1,
        )
    )
    with torch.no_grad():
        for weight in model.decoder.parameters():
            if weight.ndim > 1:
                weight.normal_(0.0, 2 / weight[0].numel() ** 0.5)
    model.save_pretrained(folder)
    VitsTokenizer(str(vocab), phonemize=False).save_pretrained(folder)
    return folder


def hifigan(folder: Path) -> Path:
    """The vocoder of SpeechT5, alone."""
    vocoder(bands=8).save_pretrained(folder)
    return folder


def speecht5(folder: Path) -> Path:
    """SpeechT5; `hifigan` and a `speaker` beside it."""
    import sentencepiece
    import torch
    from transformers import SpeechT5Config, SpeechT5ForTextToSpeech, SpeechT5Tokenizer

    torch.manual_seed(0)
    folder.mkdir(parents=True, exist_ok=True)
    lines = folder.parent / "lines.txt"
    lines.write_text("\n".join([LETTERS, " ".join(LETTERS)] * 4), encoding="utf-8")
    sentencepiece.SentencePieceTrainer.train(
        input=str(lines),
        model_prefix=str(folder.parent / "spm_char"),
        model_type="char",
        vocab_size=60,
        hard_vocab_limit=False,
        minloglevel=2,
        bos_id=0,
        pad_id=1,
        eos_id=2,
        unk_id=3,
    )
    tokenizer = SpeechT5Tokenizer(str(folder.parent / "spm_char.model"))
    tokenizer.save_pretrained(folder)
    model = SpeechT5ForTextToSpeech(
        SpeechT5Config(
            vocab_size=len(tokenizer),
            hidden_size=WIDTH,
            encoder_layers=1,
            encoder_attention_heads=2,
            encoder_ffn_dim=16,
            decoder_layers=1,
            decoder_ffn_dim=16,
            decoder_attention_heads=2,
            num_mel_bins=8,
            speech_decoder_prenet_units=16,
            speech_decoder_postnet_units=16,
            speech_decoder_postnet_layers=2,
            conv_dim=[16] * 7,
            num_conv_pos_embeddings=16,
            num_conv_pos_embedding_groups=2,
        )
    )
    with torch.no_grad():
        model.speech_decoder_postnet.prob_out.bias.fill_(-3.0)  # it goes on to its longest
        model.speech_decoder_postnet.feat_out.weight.normal_(0.0, 1.0)
        for layer in model.speecht5.decoder.prenet.layers:
            layer.weight.normal_(0.0, 1.0)
    model.save_pretrained(folder)
    return folder


def speaker(path: Path, numbers: int = 512) -> Path:
    """The voice of a speaker who does not exist."""
    np.save(path, np.random.default_rng(0).standard_normal(numbers).astype(np.float32))
    return path


BESIDE: dict[str, Callable[[Path], Path]] = {"dac": dac, "hifigan": hifigan}
"""What goes with dia, and with speecht5."""

MAKERS: dict[str, Callable[[Path], Path]] = {
    "audioldm": audioldm,
    "audioldm2": audioldm2,
    "bark": bark,
    "csm": csm,
    "dia": dia,
    "musicgen": musicgen,
    "speecht5": speecht5,
    "stable-audio": stable_audio,
    "vits": vits,
}
