"""Prices, what a run cost, what it will cost, and how it is kept within a limit."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from probe.ask import prices
from probe.ask.budget import check_limit, limited
from probe.ask.estimate import Outlook, look_out
from probe.ask.prices import Price, cost, cost_of, find_price, known_prices, read_prices
from probe.ask.questions import Questions
from probe.ask.stage import CompleteStage
from probe.cli.run import cost_line, outlook_json, outlook_lines
from probe.display import Display
from probe.errors import ProbeError, UsageError
from probe.models import open_door
from probe.models.base import DoorOptions, LanguageModel
from probe.models.cache import ReplyCache, cached
from probe.models.usage import Tokens
from probe.records import Completion, Place
from probe.records.languages import LANGUAGES
from probe.records.run_folder import RunFolder
from probe.records.store import Store
from tests.fakes.providers import ProviderServer, openai_environment
from tests.fakes.runs import completion, run
from tests.fakes.tiers import loaded_tier, prompt

PRICE = Price(
    models=("openai/small",),
    input=Decimal("2.5"),
    cached_input=Decimal("0.25"),
    cache_write=Decimal("3.125"),
    output=Decimal("10.1"),
    date=date(2026, 1, 1),
    source="a test",
)


def quiet() -> Display:
    return Display(Console(file=io.StringIO()))


# --- prices --------------------------------------------------------------------------------------


def test_every_listed_price_is_dated_sourced_and_in_order() -> None:
    listed = read_prices(prices.PRICES)
    assert len(listed) >= 20
    for price in listed:
        assert price.source.startswith("https://")
        assert price.date >= date(2025, 1, 1)
        assert price.cached_input is not None
        assert 0 < price.cached_input < price.input < price.output
        assert all(m.partition("/")[0] in ("openai", "anthropic") for m in price.models)
    days = [(model, price.date) for price in listed for model in price.models]
    assert len(days) == len(set(days)), "one price a model and day"


def test_dollars_are_exact() -> None:
    took = Tokens(input=1_000_003, cached=400_000, written=100_000, output=7, reasoning=3)
    expected = 500_003 * Decimal("2.5") + 400_000 * Decimal("0.25") + 100_000 * Decimal("3.125")
    assert PRICE.dollars(took) == (expected + 7 * Decimal("10.1")) / 1_000_000
    assert PRICE.dollars(Tokens()) == 0


def test_without_a_price_of_their_own_cached_tokens_cost_as_any() -> None:
    plain = PRICE.model_copy(update={"cached_input": None, "cache_write": None})
    took = Tokens(input=100, cached=60, written=20)
    assert plain.dollars(took) == plain.dollars(Tokens(input=100))


def test_the_price_of_the_day_holds() -> None:
    newer = PRICE.model_copy(update={"date": date(2026, 6, 1), "input": Decimal(1)})
    both = (newer, PRICE)

    def found(day: date, **settings: str) -> Price | None:
        return find_price("openai/small", settings, day, both)

    assert found(date(2026, 5, 31)) == PRICE
    assert found(date(2026, 6, 1)) == newer
    assert found(date(2025, 1, 1)) == PRICE, "the first that is known"


def test_a_price_is_one_of_a_host_and_of_a_door() -> None:
    day, own = date(2026, 2, 2), PRICE.model_copy(update={"host": "localhost:1"})
    assert find_price("openai/small", {"host": "localhost:1"}, day, (PRICE,)) is None
    assert find_price("openai/small", {"host": "localhost:1"}, day, (PRICE, own)) == own
    assert find_price("openai/small", {}, day, (own,)) is None
    assert find_price("my/name", {"door": "openai/small"}, day, (PRICE,)) == PRICE
    assert find_price("openai/smaller", {}, day, (PRICE,)) is None


def test_a_list_of_ones_own_is_read_besides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "prices.toml").write_text(
        '[[price]]\nmodels = ["openai/mine"]\ninput = 1\noutput = 0.1\n'
        'date = 2026-01-01\nsource = "the invoice"\n'
    )
    monkeypatch.setenv("PROBE_PRICES", str(tmp_path / "prices.toml"))
    found = find_price("openai/mine", {}, date(2026, 1, 1))
    assert found is not None
    assert found.output == Decimal("0.1"), "read as written, not as a binary fraction"
    assert len(known_prices()) > 20


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[[price]]\ninput = 1", "price 1: models"),
        ('[[price]]\nmodels = ["a/b"]\ninput = -1\noutput = 1', "input"),
        ('[[price]]\nmodels = ["a/b"]\ninputs = 1', "inputs|input"),
        ("[price]", "more than"),
        ("x = 1", "more than"),
        ("[[price]", "Expected|expected"),
        ('[[price]]\nmodels = ["a/b"]\ninput = nan\noutput = 1', "input"),
    ],
)
def test_a_list_that_makes_no_sense_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "prices.toml").write_text(text)
    with pytest.raises(UsageError, match=complaint):
        read_prices(tmp_path / "prices.toml")
    with pytest.raises(UsageError, match="cannot be read"):
        read_prices(tmp_path / "nowhere.toml")


# --- what a run cost -----------------------------------------------------------------------------


def row(output: int = 1, **fields: Any) -> Completion:
    usage = {"prompt_tokens": 10, "completion_tokens": output}
    return completion(**({"latency_s": 2.0, "usage": usage} | fields))


def test_a_run_costs_what_its_rows_took() -> None:
    vain = {"prompt_tokens": 10, "completion_tokens": 5}
    rows = [
        row(1),
        row(2, from_cache=True, latency_s=4.0),
        row(3, discarded=[vain], latency_s=9.0),
        row(outcome="provider_error", usage=None, discarded=[vain, vain], latency_s=99.0),
    ]
    found = cost(run(), rows, (PRICE,))
    assert (found.replies, found.from_cache, found.unmetered) == (3, 1, 0)
    assert found.tokens == Tokens(input=60, output=21)
    assert found.dollars == PRICE.dollars(found.tokens)
    assert found.paid == found.dollars - PRICE.dollars(Tokens(input=10, output=2))
    assert found.latency_s == 4.0
    assert found.unknown is None


@pytest.mark.parametrize(
    ("rows", "changes", "prices", "why"),
    [
        ([row()], {}, (), "no price is listed for openai/small"),
        ([row(usage=None)], {}, (PRICE,), "1 of the answers do not say"),
        ([row()], {"kind": "programs"}, (PRICE,), "nothing is asked"),
        (
            [row()],
            {},
            (PRICE.model_copy(update={"longest_input": 9}),),
            "1 prompts are longer",
        ),
    ],
)
def test_an_unknown_cost_is_never_zero(
    rows: list[Completion], changes: dict[str, Any], prices: tuple[Price, ...], why: str
) -> None:
    found = cost(run(**changes), rows, prices)
    assert (found.dollars, found.paid) == (None, None)
    assert found.unknown is not None
    assert why in found.unknown
    assert f"unknown ({why}" in cost_line(found)


def test_a_run_without_replies_cost_nothing_yet() -> None:
    found = cost(run(), (), (PRICE,))
    assert (found.dollars, found.latency_s) == (0, None)


def test_every_row_of_a_folder_counts_but_a_torn_one(tmp_path: Path) -> None:
    with Store.open(tmp_path, run()):
        pass
    assert cost_of(tmp_path).replies == 0
    log = tmp_path / "completions.jsonl"
    lines = [row(output=n).model_dump_json() + "\n" for n in (1, 2, 3)]
    log.write_text("".join(lines) + lines[0][:20])
    assert cost_of(tmp_path).tokens.output == 6
    log.write_text("{\n" + lines[0])
    with pytest.raises(ProbeError, match="line 1 is damaged"):
        cost_of(tmp_path)


# --- against a server that counts ----------------------------------------------------------------

IDS = [f"p{n}" for n in range(30)]
TIER = loaded_tier(
    *(prompt(p, text=f"The tone {p}, {'and its octave ' * n}please.") for n, p in enumerate(IDS)),
    template="Write a Python program that makes this sound and nothing else.\n$text\n",
)
PLACES = {p: Place(group="single", level=1) for p in IDS}


def meter(body: Mapping[str, Any]) -> Tokens:
    """As a tokenizer would: some four characters a token, and replies of every length."""
    text = body["messages"][-1]["content"]
    draw = random.Random(text)
    taken = round(len(text) / draw.uniform(3, 5)) + draw.randrange(5, 20)
    return Tokens(
        input=taken,
        cached=draw.randrange(taken),
        output=(wrote := draw.randrange(150, 4000)),
        reasoning=draw.randrange(wrote),
    )


class Shop:
    """A server, a price for it, and runs that ask it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.server = ProviderServer(meter=meter)
        self.folder = folder
        for name, value in openai_environment(self.server).items():
            monkeypatch.setenv(name, value)
        host = self.server.url.removeprefix("http://")
        self.price = PRICE.model_copy(update={"host": host})
        fields = self.price.model_dump(mode="json")
        lines = [f"{k} = {json.dumps(v)}" for k, v in fields.items() if v is not None]
        lines = [line.replace('"', "") if line[:4] in ("date", "inpu") else line for line in lines]
        (folder / "prices.toml").write_text("[[price]]\n" + "\n".join(lines))
        monkeypatch.setenv("PROBE_PRICES", str(folder / "prices.toml"))

    def door(self, *, keep: bool = False, **how: Any) -> LanguageModel:
        door = open_door("openai/small", TIER, how=DoorOptions(**how))
        door = cached(door, ReplyCache(self.folder / "cache")) if keep else door
        assert isinstance(door, LanguageModel)
        return door

    def run(self, name: str, door: LanguageModel, limit: Decimal | None = None) -> str:
        """Ask what the run lacks; returns what was said."""
        said = io.StringIO()
        spec = run(prompts=PLACES, settings=door.settings())
        with Store.open(self.folder / name, spec) as store:
            within = limited(door, limit, self.folder / name)
            CompleteStage(within, TIER).fill(store, Display(Console(file=said, width=400)))
        return said.getvalue()

    def outlook(self, name: str, door: LanguageModel) -> Outlook:
        questions = Questions(TIER, IDS, door.settings(), LANGUAGES["python"])
        requests = [questions.request((p, 0)) for p in IDS]
        return look_out(door, requests, self.folder / name)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    for name in ("OPENAI_ORG_ID", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    return Shop(tmp_path, monkeypatch)


def test_a_dry_run_and_the_run_itself_agree(shop: Shop) -> None:
    with shop.server:
        door = shop.door()
        outlook = shop.outlook("run", door)
        estimate, price, kept = outlook
        assert (estimate.replies, kept, price) == (30, 0, shop.price)
        shop.run("run", door)
        found = cost_of(shop.folder / "run")
        billed = shop.server.billed
    assert found.tokens == billed
    assert found.dollars == found.paid == shop.price.dollars(billed)
    dollars = estimate.dollars
    assert dollars is not None
    assert estimate.input_tokens.low <= billed.input <= estimate.input_tokens.high
    assert estimate.output_tokens.low <= billed.output <= estimate.output_tokens.high
    assert dollars.low <= found.dollars <= dollars.high
    assert dollars.low < dollars.expected < dollars.high
    assert abs(estimate.input_tokens.expected / billed.input - 1) < Decimal("0.5")
    text = "\n".join(outlook_lines(outlook))
    assert f"${dollars.expected:.4f}" in text
    assert "a test" in text
    as_json = outlook_json(outlook)
    assert json.loads(json.dumps(as_json))["dollars"]["high"] == float(dollars.high)
    assert f"cost ${found.dollars:.4f}; 30 replies" in cost_line(found)


def test_after_some_replies_the_expectation_is_theirs(shop: Shop) -> None:
    with shop.server:
        shop.run("run", shop.door())
        estimate, _, _ = shop.outlook("run", shop.door())
        billed = shop.server.billed
    assert estimate.typical_of == 30
    assert abs(estimate.output_tokens.expected / billed.output - 1) < Decimal("0.01")


def test_an_unknown_price_is_said_and_no_limit_can_be_kept(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PROBE_PRICES")
    with shop.server:
        door = shop.door()
        outlook = shop.outlook("run", door)
        assert outlook.estimate.dollars is None
        assert "unknown" in "\n".join(outlook_lines(outlook))
        assert outlook_json(outlook)["dollars"] is None
        check_limit(door, None)
        with pytest.raises(UsageError, match=r"no price is listed for openai/small.*PROBE_PRICES"):
            check_limit(door, Decimal(1))


def test_a_limit_is_kept_over_every_run_of_the_folder(shop: Shop) -> None:
    limit = Decimal("0.35")
    most = shop.price.dollars(Tokens(input=1000, output=16384))
    with shop.server:
        said = shop.run("run", shop.door(), limit)
        first = shop.server.received
        assert 0 < first < 30
        assert "stopped before --max-cost is passed" in said
        spent = shop.price.dollars(shop.server.billed)
        assert limit - most < spent <= limit
        assert cost_of(shop.folder / "run").paid == spent
        assert len(RunFolder(shop.folder / "run").latest_completions) == first
        shop.run("run", shop.door(), limit)
        assert shop.price.dollars(shop.server.billed) <= limit
        shop.run("run", shop.door())
        assert shop.server.received == 30, "what is there is not asked again"


def test_replies_that_are_kept_cost_nothing(shop: Shop) -> None:
    with shop.server:
        shop.run("one", shop.door(keep=True))
        outlook = shop.outlook("two", shop.door(keep=True))
        estimate, _, kept = outlook
        assert (estimate.replies, kept) == (0, 30)
        text = outlook_lines(outlook._replace(price=None))
        assert "30 of the replies are kept already" in text[0]
        shop.run("two", shop.door(keep=True), Decimal(0))
        assert shop.server.received == 30
    one, two = cost_of(shop.folder / "one"), cost_of(shop.folder / "two")
    assert (two.dollars, two.paid, two.from_cache) == (one.dollars, 0, 30)
    assert "30 of them kept from before" in cost_line(two)


def test_a_run_that_does_not_know_what_it_spent_keeps_no_limit(shop: Shop) -> None:
    with shop.server:
        shop.run("run", shop.door())
        log = shop.folder / "run" / "completions.jsonl"
        first = json.loads(log.read_text().splitlines()[0])
        del first["usage"]
        log.write_text(json.dumps(first) + "\n")
        with pytest.raises(UsageError, match="1 of the answers do not say"):
            shop.run("run", shop.door(), Decimal(1))
