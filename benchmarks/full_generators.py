"""Generators of random weights at the size of the public ones, for `benchmarks.generators`.

Dimensions are those of cvssp/audioldm2, stabilityai/stable-audio-open-1.0 and
facebook/musicgen-small, as their papers and conversion scripts give them; the tokenizers are small,
as texts take next to no time. Written in bfloat16.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.fakes.checkpoints import tokenizer as roberta
from tests.fakes.generator_parts import t5_tokenizer


def _t5(words: int, width: int, **more: Any) -> Any:
    from transformers import T5Config, T5EncoderModel

    size = {"d_model": width, "d_kv": 64, "num_heads": width // 64} | more
    return T5EncoderModel(T5Config(vocab_size=words, **size)).eval()


def audioldm2(folder: Path) -> Path:
    """AudioLDM 2: Flan-T5 large, GPT-2, a U-Net of four resolutions, HiFi-GAN."""
    import torch
    from diffusers import (
        AudioLDM2Pipeline,
        AudioLDM2ProjectionModel,
        AudioLDM2UNet2DConditionModel,
        AutoencoderKL,
        DDIMScheduler,
    )
    from transformers import (
        ClapConfig,
        ClapFeatureExtractor,
        ClapModel,
        GPT2Config,
        GPT2LMHeadModel,
        RobertaTokenizer,
        SpeechT5HifiGan,
        SpeechT5HifiGanConfig,
    )

    torch.manual_seed(0)
    pieces = t5_tokenizer(folder.parent / "t5")
    t5 = _t5(32_128, 1024, d_ff=2816, num_layers=24, feed_forward_proj="gated-gelu")
    gpt2 = GPT2Config()
    gpt2.max_new_tokens = 8
    across = ("CrossAttnDownBlock2D",) * 3, ("CrossAttnUpBlock2D",) * 3
    unet = AudioLDM2UNet2DConditionModel(
        in_channels=8,
        out_channels=8,
        down_block_types=("DownBlock2D", *across[0]),
        up_block_types=(*across[1], "UpBlock2D"),
        block_out_channels=(128, 256, 384, 640),
        layers_per_block=2,
        attention_head_dim=32,
        cross_attention_dim=((None, 768, 1024),) * 4,
    )
    vae = AutoencoderKL(
        in_channels=1,
        out_channels=1,
        down_block_types=("DownEncoderBlock2D",) * 3,
        up_block_types=("UpDecoderBlock2D",) * 3,
        block_out_channels=(128, 256, 512),
        latent_channels=8,
        layers_per_block=2,
    )
    vocoder = SpeechT5HifiGanConfig(
        model_in_dim=64,
        sampling_rate=16_000,
        upsample_initial_channel=1024,
        upsample_rates=[5, 4, 2, 2, 2],
        upsample_kernel_sizes=[16, 16, 8, 4, 4],
        normalize_before=False,
    )
    scheduler = DDIMScheduler(
        beta_start=0.0015,
        beta_end=0.0195,
        beta_schedule="scaled_linear",
        clip_sample=False,
        set_alpha_to_one=False,
        steps_offset=1,
    )
    pipeline = AudioLDM2Pipeline(
        vae=vae,
        text_encoder=ClapModel(ClapConfig()).eval(),
        text_encoder_2=t5,
        projection_model=AudioLDM2ProjectionModel(512, 1024, 768),
        language_model=GPT2LMHeadModel(gpt2).eval(),
        tokenizer=RobertaTokenizer.from_pretrained(
            roberta(folder.parent / "roberta"), model_max_length=512
        ),
        tokenizer_2=pieces,
        feature_extractor=ClapFeatureExtractor(),
        unet=unet,
        scheduler=scheduler,
        vocoder=SpeechT5HifiGan(vocoder).eval(),
    )
    pipeline.to(torch.bfloat16).save_pretrained(folder)
    return folder


def stable_audio(folder: Path) -> Path:
    """Stable Audio Open: T5 base, a transformer of 24 layers on 47.6 s, stereo at 44.1 kHz."""
    import torch
    from diffusers import (
        AutoencoderOobleck,
        CosineDPMSolverMultistepScheduler,
        StableAudioDiTModel,
        StableAudioPipeline,
        StableAudioProjectionModel,
    )

    torch.manual_seed(0)
    pipeline = StableAudioPipeline(
        vae=AutoencoderOobleck(),
        text_encoder=_t5(32_128, 768, d_ff=3072, num_layers=12),
        projection_model=StableAudioProjectionModel(768, 768, 0, 512),
        tokenizer=t5_tokenizer(folder.parent / "t5"),
        transformer=StableAudioDiTModel(),
        scheduler=CosineDPMSolverMultistepScheduler(
            solver_order=2,
            prediction_type="v_prediction",
            sigma_data=1.0,
            sigma_schedule="exponential",
        ),
    )
    pipeline.to(torch.bfloat16).save_pretrained(folder)
    return folder


def musicgen(folder: Path) -> Path:
    """MusicGen small: T5 base, 24 layers of 1,024, EnCodec at 32 kHz."""
    import torch
    from transformers import EncodecConfig, MusicgenConfig, MusicgenForConditionalGeneration
    from transformers.models.musicgen.configuration_musicgen import MusicgenDecoderConfig

    torch.manual_seed(0)
    t5_tokenizer(folder)
    codec = EncodecConfig(
        target_bandwidths=[2.2],
        sampling_rate=32_000,
        num_filters=64,
        upsampling_ratios=[8, 5, 4, 4],
        codebook_size=2048,
        codebook_dim=128,
        use_causal_conv=False,
    )
    model = MusicgenForConditionalGeneration(
        MusicgenConfig(
            text_encoder=_t5(32_128, 768, d_ff=3072, num_layers=12).config.to_dict(),
            audio_encoder=codec.to_dict(),
            decoder=MusicgenDecoderConfig().to_dict(),
        )
    )
    for name in ("decoder_start_token_id", "pad_token_id", "bos_token_id"):
        setattr(model.generation_config, name, 2048)
    model.to(torch.bfloat16).save_pretrained(folder)
    return folder


FULL = {"audioldm2": audioldm2, "musicgen": musicgen, "stable-audio": stable_audio}
