"""What becomes of the bias of a Fréchet distance: plain, jackknife, closed form, peers' FAD-inf.

Run with ``python -m benchmarks.bias`` after ``sh benchmarks/oracles.sh``; about two minutes on
one core. Sets are drawn from known distributions with the spectrum of real embeddings (the i-th
variance is 1/i, all together 1), so the truth is known: Y's are X's moved by T = 1 ± 0.3, and a
shift. Coverage is how often an interval of nominally 95 % holds the truth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.oracles import Peers, one_thread, where
from probe.score.metrics.sets.frechet import frechet_bias, frechet_distance, frechet_jackknife

RESAMPLES = 100
"""Of the percentile bootstrap."""


@dataclass(frozen=True)
class Case:
    """A pair of distributions, how much is drawn from them, and how often."""

    name: str
    d: int
    n: int
    draws: int
    bootstraps: int = 0
    peers: int = 0
    """How many of the draws the dearer estimators get."""
    apart: bool = True
    """Whether the two differ at all."""
    heavy: bool = False
    """Student's t with 5 degrees of freedom in place of a Gaussian."""
    frames: int = 1
    """Rows of a clip; half of their variance is the clip's own."""


CASES = [
    Case("Gaussian", 16, 100, 300, bootstraps=100, peers=30),
    Case("Gaussian", 16, 1000, 300, bootstraps=100, peers=30),
    Case("Gaussian", 128, 300, 200, bootstraps=30, peers=20),
    Case("Gaussian, the same", 128, 300, 200, peers=20, apart=False),
    Case("Gaussian", 128, 1000, 100, peers=20),
    Case("Gaussian", 128, 100, 200, peers=20),
    Case("t, 5 degrees", 128, 300, 200, peers=20, heavy=True),
    Case("300 clips of 10 frames", 128, 300, 60, peers=20, frames=10),
    Case("Gaussian", 512, 1000, 40, peers=3),
]


class Pair:
    """Two distributions whose distance is known."""

    def __init__(self, case: Case) -> None:
        rng = np.random.default_rng([2506, case.d])
        d = case.d
        self._case = case
        spectrum = 1 / np.arange(1, d + 1)
        self._x = np.diag(np.sqrt(spectrum / spectrum.sum()))
        turn = np.linalg.qr(rng.standard_normal((d, d)))[0]
        t = turn * (1 + 0.3 * np.where(np.arange(d) % 2, 1, -1)) @ turn.T
        if not case.apart:
            t = np.eye(d)
        self._y = self._x @ t
        shift = rng.standard_normal(d) if case.apart else np.zeros(d)
        self._shift = shift * np.sqrt(0.05 / max(shift @ shift, 1e-300))
        self.truth = float(np.sum((self._x @ (t - np.eye(d))) ** 2) + self._shift @ self._shift)

    def draw(self, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Rows of X and of Y."""
        rng = np.random.default_rng([2506, self._case.d, self._case.n, seed])
        return self._latent(rng) @ self._x, self._latent(rng) @ self._y + self._shift

    def _latent(self, rng: np.random.Generator) -> np.ndarray:
        case = self._case
        if case.heavy:
            # One scale a row: variance 1, the covariance is still that of the spectrum.
            scale = np.sqrt(3 / rng.chisquare(5, size=(case.n, 1)))
            return scale * rng.standard_normal((case.n, case.d))
        clips = rng.standard_normal((case.n, case.d))
        if case.frames == 1:
            return clips
        frames = rng.standard_normal((case.n * case.frames, case.d))
        return (np.repeat(clips, case.frames, axis=0) + frames) / np.sqrt(2)


def bootstrap(x: np.ndarray, y: np.ndarray, seed: int) -> tuple[float, float]:
    """Percentile interval of the plain distance over resampled rows."""
    rng = np.random.default_rng(seed)
    found = [
        frechet_distance(x[rng.integers(0, len(x), len(x))], y[rng.integers(0, len(y), len(y))])
        for _ in range(RESAMPLES)
    ]
    low, high = np.quantile(found, (0.025, 0.975))
    return float(low), float(high)


def row(case: Case, peers: Peers) -> str:
    pair = Pair(case)
    clips = np.repeat(np.arange(case.n), case.frames).tolist()
    plain, knife, closed, theirs = [], [], [], []
    covered, boot = 0, 0
    for seed in range(case.draws):
        x, y = pair.draw(seed)
        found = frechet_jackknife(x, y, clips_x=clips, clips_y=clips)
        plain.append(found.plain)
        knife.append(found.value)
        closed.append(found.plain - frechet_bias(x, y))
        covered += found.low <= pair.truth <= found.high
        if seed < case.bootstraps:
            low, high = bootstrap(x, y, seed)
            boot += low <= pair.truth <= high
        if seed < case.peers:
            theirs.append(peers.ask("inf", x, y, seed=seed)["value"])
    cells = [
        case.name,
        str(case.d),
        str(case.n),
        f"{pair.truth:.4f}",
        *(f"{np.mean(v):.4f} ± {np.std(v):.4f}" for v in (plain, knife, closed, theirs)),
        f"{covered / case.draws:.0%}",
        f"{boot / case.bootstraps:.0%}" if case.bootstraps else "–",
        f"{case.draws} / {case.bootstraps} / {case.peers}",
    ]
    return "| " + " | ".join(cells) + " |"


def main() -> int:
    """Print the table."""
    with Peers() as peers:
        print("# The bias of a Fréchet distance, and who removes it\n")
        print(f"`python -m benchmarks.bias`, {where(peers)}\n")
        print(
            "Mean ± standard deviation over draws. *Closed form* is the plain distance less"
            " `frechet_bias`; *FAD-inf* is fadtk's `score_inf` with its own settings (25 sizes from"
            " 500 to n, drawn with replacement). The bootstrap is of rows, percentiles of"
            f" {RESAMPLES}. Draws: ours / bootstrap / FAD-inf.\n"
        )
        print(
            "| sets | d | n | truth | plain | jackknife | closed form | FAD-inf |"
            " jackknife covers | bootstrap covers | draws |"
        )
        print("|" + " --- |" * 11)
        for case in CASES:
            print(row(case, peers), flush=True)
    return 0


if __name__ == "__main__":
    one_thread()
    raise SystemExit(main())
