"""The table of generators that have a short name: where their weights are, and their licence."""

from __future__ import annotations

from typing import NamedTuple


class Known(NamedTuple):
    """A generator on Hugging Face."""

    repo: str
    licence: str
    """Of the weights, as its page states it."""
    gated: bool = False
    """Whether its page asks to accept terms before anything can be fetched."""


KNOWN = {
    "audioldm": Known("cvssp/audioldm-s-full-v2", "CC-BY-NC-SA-4.0"),
    "audioldm2": Known("cvssp/audioldm2", "CC-BY-NC-SA-4.0"),
    "audioldm2-large": Known("cvssp/audioldm2-large", "CC-BY-NC-SA-4.0"),
    "audioldm2-music": Known("cvssp/audioldm2-music", "CC-BY-NC-SA-4.0"),
    "bark": Known("suno/bark", "MIT"),
    "bark-small": Known("suno/bark-small", "MIT"),
    "csm": Known("sesame/csm-1b", "Apache-2.0", gated=True),
    "dia": Known("nari-labs/Dia-1.6B-0626", "Apache-2.0"),
    "mms-tts-eng": Known("facebook/mms-tts-eng", "CC-BY-NC-4.0"),
    "musicgen-large": Known("facebook/musicgen-large", "CC-BY-NC-4.0"),
    "musicgen-medium": Known("facebook/musicgen-medium", "CC-BY-NC-4.0"),
    "musicgen-small": Known("facebook/musicgen-small", "CC-BY-NC-4.0"),
    "speecht5": Known("microsoft/speecht5_tts", "MIT"),
    "stable-audio-open": Known(
        "stabilityai/stable-audio-open-1.0", "Stability AI Community License", gated=True
    ),
    "vits-ljs": Known("kakao-enterprise/vits-ljs", "MIT"),
}
