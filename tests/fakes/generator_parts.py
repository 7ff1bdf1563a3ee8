"""What the generators of random weights are told apart by: letters, and tokenizers of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,;:'’“”\"!?-()#&/"
WIDTH = 16
"""Of hidden states, where nothing else is said."""


def t5_tokenizer(folder: Path) -> Any:
    """Sentencepiece's form, a piece a letter."""
    from transformers import T5Tokenizer

    pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -1.0)]
    pieces += [(letter, -2.0) for letter in LETTERS]
    made = T5Tokenizer(vocab=pieces, extra_ids=0, model_max_length=128)
    made.save_pretrained(folder)
    return made


def word_tokenizer(folder: Path, *, specials: dict[str, str]) -> Any:
    """A tokenizer.json of bytes."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    words = [*specials.values(), *sorted(pre_tokenizers.ByteLevel.alphabet())]
    made = Tokenizer(models.BPE({word: n for n, word in enumerate(dict.fromkeys(words))}, []))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    whole = PreTrainedTokenizerFast(tokenizer_object=made, **specials)
    whole.save_pretrained(folder)
    return whole
