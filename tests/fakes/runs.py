"""Small records of a run, for tests that do not care what they say."""

from __future__ import annotations

from typing import Any

from probe.records import Completion, Outcome, Rendering, Run, Score, Spec


def spec(**changes: Any) -> Spec:
    """A run of two prompts, one sample each."""
    fields: dict[str, Any] = {
        "tier": "notes",
        "tier_digest": "0" * 64,
        "prompt_digest": "1" * 64,
        "model": "openai/small",
        "kind": "language model",
        "strategy": "direct",
        "language": "python",
        "settings": {},
        "metrics": ("note_f1", "fd/logmel"),
        "primary_metric": "note_f1",
        "prompts": {"a": {"group": "one", "level": 1}, "b": {"group": "two", "level": 2}},
        "samples": 1,
        "image": "sha256:" + "2" * 64,
    }
    return Spec.model_validate(fields | changes)


def run(**changes: Any) -> Run:
    """A run whose `Spec` has the given fields changed."""
    return Run(
        spec=spec(**changes),
        sandbox="fake",
        packages={},
        git_revision=None,
        started="2026-01-02T03:04:05+00:00",
    )


def completion(prompt: str = "a", sample: int = 0, **changes: Any) -> Completion:
    """A reply that holds a program."""
    fields: dict[str, Any] = {
        "outcome": Outcome.OK,
        "text": "```python\npass\n```",
        "finish_reason": "stop",
        "latency_s": 0.5,
    }
    return Completion(prompt=prompt, sample=sample, **(fields | changes))


def rendering(prompt: str = "a", sample: int = 0, **changes: Any) -> Rendering:
    """A rendering that went well."""
    fields: dict[str, Any] = {"outcome": Outcome.OK, "audio_sha256": "3" * 64}
    return Rendering(prompt=prompt, sample=sample, **(fields | changes))


def score(prompt: str | None = "a", value: float = 0.5, **changes: Any) -> Score:
    """A score of the primary metric."""
    fields: dict[str, Any] = {"metric": "note_f1", "version": "1"}
    return Score(prompt=prompt, value=value, **(fields | changes))
