"""Fréchet distance: exactness, parity with peers, and speed.

Run with ``python -m benchmarks.frechet`` after ``sh benchmarks/oracles.sh``; about two minutes.

Exactness is on sets X and Y = XT + b with T symmetric positive definite. The optimal map between
the two Gaussians is then T itself, so the distance is ``|A(T - I)|_F² + |shift of the mean|²`` with
A the centred factor of X, for fewer rows than columns too. Times are CPU seconds, the least of a
few calls, on the same embeddings; the peers' are of the distance alone, given means and
covariances, ours of everything from the embeddings on. Exit code 1 when a promise is broken.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np

from benchmarks.oracles import Peers, one_thread, where
from probe.score.metrics.sets.frechet import frechet_distance, frechet_jackknife

FAD, FADTK = "frechet-audio-distance", "fadtk"


def family(n: int, d: int, kind: str = "mixed", seed: int = 2506) -> tuple:
    """X, Y and their exact distance; `kind` says what the covariance of X is like."""
    rng = np.random.default_rng([seed, n, d])
    x = rng.standard_normal((n, d))
    match kind:
        case "mixed":
            x = x @ rng.standard_normal((d, d)) / np.sqrt(d)
        case "power law":  # as real embeddings: the i-th deviation is 1/i
            x = x / np.arange(1, d + 1) @ np.linalg.qr(rng.standard_normal((d, d)))[0]
        case "doubled columns":
            x[:, d // 2 :] = x[:, : d - d // 2]
    root = rng.standard_normal((d, d)) / np.sqrt(d)
    t = root @ root.T + 0.1 * np.eye(d)
    y = x @ t + rng.standard_normal(d)
    factor = (x - x.mean(axis=0)) / np.sqrt(n - 1)
    shift = x.mean(axis=0) - y.mean(axis=0)
    return x, y, float(np.sum((factor @ (t - np.eye(d))) ** 2) + shift @ shift)


def cpu_s(call: Callable[[], object], repeats: int) -> float:
    times = []
    for _ in range(repeats):
        began = time.process_time()
        call()
        times.append(time.process_time() - began)
    return min(times)


def exactness(peers: Peers) -> bool:
    print("## Exactness\n")
    print(
        "Relative error. FD(X, X) is relative to tr S_x + tr S_x. A dash is a case not tried with"
        f" the peer for its time. The last column is {FAD}'s own function.\n"
    )
    print("| d | n | covariance | exact=True | otherwise | FD(X, X) | peer |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    good = True
    cases = [(d, n, "mixed") for d in (16, 128, 512, 2048) for n in (20, 100, 1000, 5000)]
    cases += [(512, 1000, kind) for kind in ("power law", "doubled columns")]
    for d, n, kind in cases:
        x, y, truth = family(n, d, kind)
        exact = abs(frechet_distance(x, y, exact=True) - truth) / truth
        quick = abs(frechet_distance(x, y) - truth) / truth
        trace = 2 * np.var(x, axis=0, ddof=1).sum()
        self_ = max(frechet_distance(x, x, exact=e) for e in (True, False)) / trace
        good &= exact <= 1e-11 and quick <= 1e-9 and self_ <= 1e-12
        theirs = "–"
        if d <= 512:
            found = peers.ask(FAD, x, y, repeats=1)
            theirs = found.get("error") or f"{abs(found['value'] - truth) / truth:.0e}"
        print(f"| {d} | {n} | {kind} | {exact:.0e} | {quick:.0e} | {self_:.0e} | {theirs} |")
    return good


def parity(peers: Peers) -> bool:
    print("\n## Parity with peers\n")
    print("Relative difference on the same embeddings, n > d.\n")
    print(f"| d | n | {FAD} | {FADTK} |")
    print("| --- | --- | --- | --- |")
    worst = 0.0
    for d, n in ((16, 100), (16, 5000), (128, 1000), (512, 1000), (512, 5000)):
        x, y, _ = family(n, d, "white")
        ours = frechet_distance(x, y)
        found = [peers.ask(peer, x, y, repeats=1)["value"] for peer in (FAD, FADTK)]
        off = [abs(value - ours) / ours for value in found]
        worst = max(worst, *off)
        print(f"| {d} | {n} | {off[0]:.0e} | {off[1]:.0e} |")
    return worst <= 1e-10


def speed(peers: Peers) -> bool:
    print("\n## Speed\n")
    print(f"| d | n | covariance | what | probe, ms | {FAD}, ms | times faster |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    good = True
    for kind in ("white", "mixed", "power law", "doubled columns"):
        x, y, _ = family(1000, 512, kind)
        found = peers.ask(FAD, x, y, repeats=3)
        theirs = found.get("distance_s")
        ours = cpu_s(lambda x=x, y=y: frechet_distance(x, y), 7)
        exact = cpu_s(lambda x=x, y=y: frechet_distance(x, y, exact=True), 5)
        knife = cpu_s(lambda x=x, y=y: frechet_jackknife(x, y), 3)
        for what, mine in (("distance", ours), ("exact=True", exact), ("jackknife, 10", knife)):
            print(f"| 512 | 1000 | {kind} | {what} | {mine * 1e3:.0f} {_beside(theirs, mine)}")
        if theirs and kind in ("white", "mixed", "power law"):
            good &= theirs >= 5 * ours and knife <= 2 * theirs
    for n, wanted, tries in ((100, 1000, 1), (1000, 1, 1)):
        x, y, _ = family(n, 2048, "white")
        ours = cpu_s(lambda x=x, y=y: frechet_distance(x, y), 5)
        theirs = peers.ask(FAD, x, y, repeats=tries).get("distance_s")
        print(f"| 2048 | {n} | white | distance | {ours * 1e3:.1f} {_beside(theirs, ours)}")
        good &= not theirs or theirs >= wanted * ours
    return good


def _beside(theirs: float | None, ours: float) -> str:
    if theirs is None:
        return "| fails | – |"
    return f"| {theirs * 1e3:.0f} | {theirs / ours:.1f} |"


def main() -> int:
    """Print the three tables; 0 when all is as promised."""
    with Peers() as peers:
        print("# Fréchet distance: exactness, parity, speed\n")
        print(f"`python -m benchmarks.frechet`, {where(peers)}\n")
        results = [part(peers) for part in (exactness, parity, speed)]
    if not all(results):
        print(f"broken promise: {results}", file=sys.stderr)
    return 0 if all(results) else 1


if __name__ == "__main__":
    one_thread()
    raise SystemExit(main())
