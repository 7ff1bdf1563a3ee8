"""What a metric is, and what it is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from probe.records import Prompt
    from probe.records.references import References


@dataclass(frozen=True, kw_only=True)
class Metric:
    """What a number on the board means; a field that is left out is as most metrics have it."""

    name: str
    description: str
    version: str = "1"
    """Changes whenever the same audio could get another value."""
    unit: str = ""
    """As printed, empty for a ratio."""
    higher_is_better: bool = True
    floor: float | None = 0.0
    """Value of a clip that failed; None for a set metric, where silence stands in for the clip."""
    scope: Literal["clip", "set"] = "clip"
    module: str = ""
    """Of `probe.score.metrics`, whose ``measure(names, clip)`` gives the value of a clip."""
    asks: str | None = None
    """Field of the truth that a prompt must have for the metric to apply to it; None: any."""
    needs: Literal["references"] | None = None
    """What must be given before it can be measured; without it the board has a dash."""
    recorded: bool = False
    """Whether the recordings must have the class that the prompt asks for."""

    @property
    def span(self) -> float:
        """From what a failed clip gets to what a perfect one does: 1, or 0 of an error."""
        return abs((1.0 if self.higher_is_better else 0.0) - (self.floor or 0.0))

    def applies_to(self, prompt: Prompt, references: References | None = None) -> bool:
        """Whether a clip for this prompt can be measured, with these recordings where given."""
        if self.asks is not None and not getattr(prompt.truth, self.asks, None):
            return False
        if not self.recorded:
            return True
        names = getattr(prompt.truth, "recorded_as", ())
        return references is not None and any(clip.label in names for clip in references.clips)


@dataclass(frozen=True)
class Value:
    """One measured value, and what else is worth keeping about it."""

    value: float
    extras: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Clip:
    """One rendered clip and what it is measured against."""

    prompt: Prompt
    samples: NDArray[np.float64]
    """Mono, within [-1, 1], shape (n,)."""
    sample_rate: int
    """In Hz."""
    references: References | None = None
    """Real recordings, when given."""
