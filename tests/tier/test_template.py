from __future__ import annotations

import pytest

from probe.errors import UsageError
from probe.records import Limits
from probe.tier.template import PLACEHOLDERS, check_template, message
from tests.fakes.tiers import loaded_tier, prompt


def test_a_template_is_filled() -> None:
    template = " ".join(f"${name}" for name in PLACEHOLDERS)
    limits = Limits(cpu_s=7.5, wall_s=30, memory_bytes=256 << 20)
    loaded = loaded_tier(template=template, limits=limits)
    assert message(loaded, prompt(text="Play $5.", duration_s=2.50)) == (
        "Play $5. 2.5 44100 /out/output.wav"
        " numpy, scipy, soundfile and pyo (pyo with its offline server) 7.5 30 256"
    )


def test_numbers_have_no_trailing_zeros() -> None:
    loaded = loaded_tier(template="$text ${duration}s for $$1")
    assert message(loaded, prompt(text="A", duration_s=4.0)) == "A 4s for $1"


@pytest.mark.parametrize(
    ("template", "complaint"),
    [
        ("$text $duraton", "unknown placeholder 'duraton'; did you mean 'duration'"),
        ("$text costs $ 5", "a lone '\\$'"),
        ("$text ${duration", "a lone '\\$'"),
        ("nothing asked, $duration s long", "\\$text is missing"),
        ("", "\\$text is missing"),
    ],
)
def test_a_template_that_cannot_be_filled_is_refused(template: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        check_template(template)
    with pytest.raises(UsageError, match=complaint):
        message(loaded_tier(template=template), prompt())
