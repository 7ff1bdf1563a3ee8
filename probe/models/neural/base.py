"""What the networks have in common: how they are described, loaded, and made to repeat a clip."""

from __future__ import annotations

import contextlib
import warnings
from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from probe.errors import PrerequisiteError, UsageError
from probe.models.options import Reader

if TYPE_CHECKING:
    import torch

Samples = NDArray[np.float32]
"""What a network leaves, at its own rate; shape (n,) or (channels, n)."""

Precision = Literal["float32", "float16", "bfloat16"]


@dataclass(frozen=True)
class Loading:
    """What a network is loaded from, and onto what."""

    folder: Path
    options: Mapping[str, Any]
    device: str
    precision: Precision
    beside: Mapping[str, Path]
    """Folders of the other weights that it needs, by option."""

    @property
    def dtype(self) -> Any:
        """The precision as torch names it."""
        import torch

        return getattr(torch, self.precision)

    def load(self, kind: Any, folder: Path | None = None) -> Any:
        """A model of transformers, on the device and ready to be used.

        Raises
        ------
        UsageError
            It lacks weights, in place of which there would be random ones.
        """
        folder = folder or self.folder
        model, report = from_folder(kind, folder, dtype=self.dtype, output_loading_info=True)
        lacking = {*report["missing_keys"], *(key for key, *_ in report["mismatched_keys"])}
        wrong = sorted(lacking & {name for name, _ in model.named_parameters()})
        if wrong:
            raise UsageError(f"{folder} lacks {len(wrong)} weights, such as {wrong[0]}")
        return model.to(self.device).eval()


class Network(ABC):
    """A loaded generator.

    Parameters
    ----------
    loading : Loading
        Where it is and how it is wanted.
    """

    class_name: ClassVar[str]
    """As the folder of weights names it."""
    text: ClassVar[str] = "{prompt}"
    """What it is given: ``{prompt}`` stands for the prompt's text, ``{words}`` for those to say."""
    together: ClassVar[bool] = True
    """Whether a clip is the same alone and in a batch, up to rounding."""
    options: ClassVar[Mapping[str, Reader]] = {}
    defaults: ClassVar[Mapping[str, Any]] = {}
    beside: ClassVar[tuple[str, ...]] = ()
    """Options that name further weights."""

    @abstractmethod
    def __init__(self, loading: Loading) -> None: ...

    @staticmethod
    @abstractmethod
    def sample_rate(folder: Path, beside: Mapping[str, Path]) -> int:
        """Rate in Hz of what it makes, told without loading it."""

    def alike(self, text: str) -> Hashable:  # noqa: ARG002
        """Texts may share a batch where this is equal."""
        return None

    @abstractmethod
    def render(
        self, texts: Sequence[str], duration_s: float, seeds: Sequence[int]
    ) -> list[Samples]:
        """Make one clip for each text, of about `duration_s` where it can choose."""


_WRONG = (ValueError, RuntimeError, KeyError, TypeError, AttributeError)
"""What the libraries raise at files that are not what they should be."""

# --- loading -------------------------------------------------------------------------------------


def from_folder(kind: Any, folder: Path, **how: Any) -> Any:
    """Load a part of a generator from its folder alone.

    Raises
    ------
    PrerequisiteError
        A package or a file is missing.
    UsageError
        The files are not what they should be.
    """
    from safetensors import SafetensorError

    try:
        return kind.from_pretrained(folder, local_files_only=True, **how)
    except ImportError as error:
        raise PrerequisiteError(f"{first_line(error)}; pip install 'probe[generators]'") from None
    except (OSError, EOFError) as error:
        raise PrerequisiteError(
            f"{folder} is not whole, fetch it again: {first_line(error)}"
        ) from None
    except (*_WRONG, SafetensorError) as error:
        raise UsageError(
            f"{folder} cannot be loaded as a {kind.__name__}: {first_line(error)}"
        ) from None


def first_line(error: BaseException) -> str:
    """What an error says, in one line."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)[:300]


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep transformers from drawing bars, and its parts from giving advice on the terminal.

    What they warn of (later versions, rounding at the last step of a noise) is for their makers.
    """
    from probe.runtime import quiet as quiet_transformers

    with quiet_transformers(), warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        for module in ("torchsde", "transformers"):
            warnings.filterwarnings("ignore", category=UserWarning, module=module)
        yield


# --- chance --------------------------------------------------------------------------------------


@contextlib.contextmanager
def seeded(seed: int, device: str) -> Iterator[None]:
    """Seed torch's own generators, and leave them as they were."""
    import torch

    devices = [torch.device(device)] if torch.device(device).type == "cuda" else []
    with torch.random.fork_rng(devices):
        torch.manual_seed(seed)
        yield


def generators(seeds: Sequence[int]) -> list[torch.Generator]:
    """One for each clip; on the CPU, so that a GPU is given the same numbers."""
    import torch

    return [torch.Generator("cpu").manual_seed(seed) for seed in seeds]


@contextlib.contextmanager
def own_draws(seeds: Sequence[int]) -> Iterator[None]:
    """Draw each clip's tokens with its own seed, however many clips are drawn at once.

    Every network here that writes tokens draws them with `torch.multinomial`, one a row, and the
    rows of a clip lie together. Within this context each clip draws from its own generator, by
    inverting the cumulative distribution.
    """
    import torch

    own = generators(seeds)

    def draw(probabilities: torch.Tensor, num_samples: int = 1) -> torch.Tensor:
        rows = len(probabilities)
        if num_samples != 1 or probabilities.ndim != 2 or rows % len(own):
            raise RuntimeError(f"{num_samples} draws from {tuple(probabilities.shape)}")
        each = [torch.rand(rows // len(own), 1, generator=g, dtype=torch.float64) for g in own]
        heights = probabilities.double().cumsum(dim=1)
        wanted = torch.cat(each).to(probabilities.device) * heights[:, -1:]
        # Up to the first token whose height is above what was drawn: one that has a probability.
        return (heights <= wanted).sum(dim=1, keepdim=True).clamp(max=probabilities.shape[1] - 1)

    # Put in its place for the while: a mode of torch's would watch, and slow, every other call too.
    original = torch.multinomial
    torch.multinomial = draw  # type: ignore[assignment]
    try:
        yield
    finally:
        torch.multinomial = original
