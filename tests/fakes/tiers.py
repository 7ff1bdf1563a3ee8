"""Small tiers in memory, for tests that only need something to ask."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from probe.records import Limits, NotesTruth, Prompt, Tier
from probe.tier.folder import LoadedTier


def prompt(prompt_id: str = "a4", *notes: dict[str, Any], **changes: Any) -> Prompt:
    """A prompt; without notes it asks for A4 from 0.5 to 1.5 s of 2 s."""
    instrument = changes.pop("instrument", None)
    truth = {
        "notes": notes or ({"midi": 69, "onset_s": 0.5, "offset_s": 1.5},),
        "instrument": instrument,
    }
    fields: dict[str, Any] = {
        "group": "single",
        "level": 1,
        "text": f"The tone {prompt_id}.",
        "duration_s": 2.0,
        "truth": NotesTruth.model_validate(truth),
    }
    return Prompt(id=prompt_id, **(fields | changes))


def loaded_tier(
    *prompts: Prompt,
    folder: Path = Path("tones"),
    template: str = "$text",
    limits: Limits = Limits(),  # noqa: B008
    metrics: tuple[str, ...] = ("note_f1",),
) -> LoadedTier:
    """A tier of the given prompts, or of one."""
    tier = Tier(
        name="tones",
        version="1.0.0",
        title="Tones",
        digest="0" * 64,
        duration_s=2.0,
        sample_rate=44100,
        languages=("python",),
        truth="notes",
        groups={"single": "One note"},
        metrics=metrics,
        primary_metric="note_f1",
        limits=limits,
    )
    return LoadedTier(
        tier=tier,
        prompts=prompts or (prompt(),),
        templates={"prompt.md": template},
        folder=folder,
    )
