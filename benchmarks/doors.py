"""The doors in a storm: the real SDKs, 2,000 prompts a wire format, a server that counts.

Run with ``python -m benchmarks.doors [prompts] [seed]`` from the root of the repository. The server
is a process of its own, fails a third of the requests in every way there is (`tests.fakes.storm`),
and keeps a ledger of what it billed. Exit code 1 when a prompt is lost or answered twice, when a
request is unaccounted for, when the cost is not the ledger's to the last digit, when memory grows,
when a dry run does not hold what the run took, or when a limit of money is passed.
"""

from __future__ import annotations

import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

from rich.console import Console

from probe.ask.budget import Budgeted
from probe.ask.estimate import Size, estimate
from probe.ask.prices import Price, cost
from probe.ask.questions import Questions
from probe.ask.stage import CompleteStage
from probe.display import Display
from probe.models.anthropic import AnthropicModel
from probe.models.base import DoorOptions, LanguageModel, Layer, Reply, Request
from probe.models.openai import OpenAIModel
from probe.models.retry import RetryPolicy
from probe.models.usage import Tokens
from probe.records import Place
from probe.records.languages import LANGUAGES
from probe.records.run_folder import read_completions
from probe.records.store import Store
from tests.fakes import storm
from tests.fakes.providers import ProviderServer
from tests.fakes.runs import run
from tests.fakes.tiers import loaded_tier, prompt

PROMPTS, SEED = 2000, 7
HUGE_BYTES = 64 << 20
HANGS = 3
FORMS = ("chat", "responses", "messages")
POLICY = RetryPolicy(tries=5, base_s=0.02, ceiling_s=0.5, timeout_s=10)
GROWTH_MIB = 16.0
"""Most that memory may grow over the second half of the requests, beside what the log holds: half
of one body of the longest that is read (32 MiB)."""

PRICE = Price(
    models=("openai/small", "anthropic/small"),
    input=Decimal("2.50"),
    cached_input=Decimal("0.25"),
    output=Decimal("10.00"),
    date=date(2026, 1, 1),
    source="made up",
)


def serve(seed: int, requests: int) -> None:
    """Be the server until standard input ends, then write the ledger."""
    steps = storm.script(seed, requests, HUGE_BYTES, hangs=HANGS) if requests else []
    with ProviderServer(*steps, meter=storm.meter, keep=False) as server:
        print(server.url, flush=True)
        sys.stdin.read()
        print(json.dumps({"received": server.received, "billed": server.billed.model_dump()}))


class Server:
    """The server as a process."""

    def __init__(self, seed: int, requests: int) -> None:
        words = [sys.executable, "-m", "benchmarks.doors", "--serve", str(seed), str(requests)]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(words, stdin=pipe, stdout=pipe, text=True)
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()

    def ledger(self) -> tuple[int, Tokens]:
        """End it; returns the requests it received and what it billed."""
        said, _ = self._process.communicate(timeout=60)
        found = json.loads(said)
        return found["received"], Tokens.model_validate(found["billed"])


def resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


class Watched(Layer):
    """Looks at the memory after every quarter of the replies."""

    def __init__(
        self, inner: LanguageModel, every: int, seen: list[float], count: list[int]
    ) -> None:
        super().__init__(inner)
        self._every, self._seen, self._count = every, seen, count

    async def complete(self, request: Request) -> Reply:
        """Ask, and look."""
        try:
            return await self.inner.complete(request)
        finally:
            self._count[0] += 1
            if self._count[0] % self._every == 0:
                self._seen.append(resident_mib())


def open_model(form: str, url: str) -> LanguageModel:
    os.environ["OPENAI_API_KEY"] = os.environ["ANTHROPIC_API_KEY"] = "sk-no-key-at-all"
    if form == "messages":
        return AnthropicModel("small", POLICY, DoorOptions(base_url=url))
    how = DoorOptions(base_url=f"{url}/v1", settings=(f"api={form}",))
    return OpenAIModel("small", POLICY, how)


@dataclass
class Found:
    """One format's run."""

    form: str
    prompts: int
    rounds: int = 0
    received: int = 0
    retries: int = 0
    lost: int = 0
    doubled: int = 0
    billed: Decimal = Decimal(0)
    counted: Decimal = Decimal(0)
    seconds: float = 0.0
    memory: list[float] = field(default_factory=list)
    log_mib: float = 0.0
    low: Decimal = Decimal(0)
    expected: Decimal = Decimal(0)
    high: Decimal = Decimal(0)
    unaccounted: int = 0

    @property
    def good(self) -> bool:
        """Whether everything that is promised holds."""
        growth = self.memory[3] - self.memory[1] - self.log_mib <= GROWTH_MIB
        exact = self.billed == self.counted and not self.unaccounted
        return not (self.lost or self.doubled) and exact and growth and self.in_range

    @property
    def in_range(self) -> bool:
        """Whether the dry run held what the run took."""
        return self.low <= self.counted <= self.high


def weather(form: str, prompts: int, seed: int, folder: Path) -> Found:
    """Send every prompt through the storm until each is answered."""
    ids = [f"p{n:05}" for n in range(prompts)]
    tier = loaded_tier(
        *(prompt(p, text=f"A tone of {n} Hz and its echo.") for n, p in enumerate(ids)),
        template="Write a Python program that makes this sound.\n$text\n",
    )
    places = {p: Place(group="single", level=1) for p in ids}
    found = Found(form, prompts)
    server = Server(seed, round(prompts * 1.4))
    count = [0]
    began = time.monotonic()
    spec = run(prompts=places)
    while True:
        model = Watched(open_model(form, server.url), prompts // 4, found.memory, count)
        with Store.open(folder, spec) as store:
            if not CompleteStage(model, tier).missing(store):
                break
            if not found.rounds:
                asked = Questions(tier, ids, model.settings(), LANGUAGES["python"])
                requests = [asked.request((p, 0)) for p in ids]
                dollars = estimate(map(Size.of, requests), PRICE).dollars
                assert dollars is not None
                found.low, found.expected, found.high = dollars.low, dollars.expected, dollars.high
            CompleteStage(model, tier).fill(store, Display(Console(file=io.StringIO())))
        found.rounds += 1
    found.seconds = time.monotonic() - began
    found.received, billed = server.ledger()
    log = folder / "completions.jsonl"
    rows = [json.loads(line) for line in log.read_text().splitlines()]
    answers = Counter(row["prompt"] for row in rows if row["outcome"] != "provider_error")
    found.lost = sum(p not in answers for p in ids)
    found.doubled = sum(n - 1 for n in answers.values())
    found.retries = sum(row.get("tries", 1) for row in rows) - len(rows)
    found.unaccounted = found.received - sum(row.get("tries", 1) for row in rows)
    found.log_mib = log.stat().st_size / 2**20
    found.billed = PRICE.dollars(billed)
    found.counted = cost(spec, read_completions(folder), (PRICE,)).dollars or Decimal(0)
    return found


def limit(form: str, dollars: Decimal, prompts: int, folder: Path) -> tuple[int, Decimal]:
    """Ask with a limit of money, in good weather; returns replies and what the server billed."""
    ids = [f"p{n:05}" for n in range(prompts)]
    tier = loaded_tier(*(prompt(p, text=f"A tone of {n} Hz.") for n, p in enumerate(ids)))
    server = Server(0, 0)
    model = Budgeted(open_model(form, server.url), PRICE, dollars)
    with Store.open(folder, run(prompts={p: Place(group="single", level=1) for p in ids})) as store:
        CompleteStage(model, tier).fill(store, Display(Console(file=io.StringIO())))
    received, billed = server.ledger()
    return received, PRICE.dollars(billed)


def main(prompts: int, seed: int) -> int:
    """Run everything and print the tables; returns the exit code."""
    good = True
    print(
        "| format | prompts | requests | tried again | rounds | lost | doubled"
        " | unaccounted | billed | counted | s | MiB at 1/4, 2/4, 3/4, 4/4 | log MiB |"
    )
    print("|" + " --- |" * 13)
    ranges, limits = [], []
    for form in FORMS:
        with tempfile.TemporaryDirectory() as folder:
            found = weather(form, prompts, seed, Path(folder) / "storm")
            memory = ", ".join(f"{mib:.0f}" for mib in found.memory[:4])
            print(
                f"| {form} | {found.prompts} | {found.received} | {found.retries} | {found.rounds}"
                f" | {found.lost} | {found.doubled} | {found.unaccounted} | ${found.billed}"
                f" | ${found.counted} | {found.seconds:.0f} | {memory} | {found.log_mib:.1f} |",
                flush=True,
            )
            ranges.append(
                f"| {form} | ${found.low:.4f} | ${found.expected:.4f} | ${found.high:.4f}"
                f" | ${found.counted:.4f} |"
            )
            good = good and found.good
            for dollars in (Decimal("0.10"), Decimal("0.50"), Decimal(2)):
                asked, spent = limit(form, dollars, prompts // 4, Path(folder) / f"limit{dollars}")
                limits.append(f"| {form} | ${dollars} | {asked} | ${spent:.4f} |")
                good = good and spent <= dollars
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    print(f"\nMost memory at any time: {peak:.0f} MiB.\n")
    print("| format | dry run: low | expected | high | the run itself |\n|" + " --- |" * 5)
    print("\n".join(ranges))
    print("\n| format | --max-cost | replies | billed |\n|" + " --- |" * 4)
    print("\n".join(limits))
    return 0 if good else 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        serve(int(sys.argv[2]), int(sys.argv[3]))
    else:
        given = [int(word) for word in sys.argv[1:]]
        sys.exit(main(*(given + [PROMPTS, SEED][len(given) :])))
