"""Doors and money from the command line."""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import Result
from typer.testing import CliRunner

from probe.cli.app import app
from probe.errors import ProbeError
from probe.models.usage import Tokens
from probe.records import Outcome
from probe.records.run_folder import RunFolder
from probe.sandbox import Execution
from probe.tier.folder import load
from tests.fakes.providers import PROGRAM, Answer, ProviderServer, Status
from tests.fakes.sandbox import FakeSandbox

RUN = ("run", "--tier", "notes", "--limit", "3")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Hide the keys, prices and proxies of whoever runs the tests."""
    for name in os.environ:
        mine = name.startswith(("OPENAI_", "ANTHROPIC_", "PROBE_"))
        if mine or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PROBE_CACHE", str(tmp_path / "cache"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("openai/gpt-4o", "--set", "temprature=1"), "did you mean 'temperature'"),
        (("openai/gpt-4o", "--set", "reasoning_effort=low"), "takes no reasoning_effort"),
        (("openai/gpt-4o", "--base-url", "nonsense"), "must be a whole one"),
        (("openai/gpt-4o", "--name", "builtin/x"), "must not begin with builtin/"),
        (("openai/gpt-4o", "--name", " "), "1 to 100 printable"),
        (("openai/some-model", "--max-cost", "1"), "no price is listed for openai/some-model"),
        (("builtin/programs", "--max-cost", "1"), "no price is listed for builtin/programs"),
        (("builtin/noise", "--set", "x=1"), "takes no --set"),
        (("builtin/noise", "--concurrency", "2"), "takes no --concurrency"),
        (("builtin/noise", "--name", "x"), "keeps its name"),
        (("replay/x.jsonl", "--base-url", "http://x"), "--base-url makes no sense"),
    ],
)
def test_wrong_use_is_said_before_anything_is_asked(
    arguments: tuple[str, ...], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-a-secret-key")
    model, *more = arguments
    words = [*RUN, "--model", model, *more, "--results", str(tmp_path / "r")]
    error = CliRunner().invoke(app, words).exception
    assert isinstance(error, ProbeError)
    assert message in str(error)
    assert error.exit_code in (2, 3)
    assert not (tmp_path / "r").exists()


@pytest.fixture
def without_docker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a sandbox in place in which every program fails: what is asked is what matters here."""
    failed = Execution(outcome=Outcome.RUNTIME_ERROR)
    venue = SimpleNamespace(open=lambda: FakeSandbox(lambda *_: failed))
    monkeypatch.setattr("probe.run.open_venue", lambda *_, **__: venue)
    monkeypatch.setattr("probe.run.preflight", lambda _: None)


@pytest.mark.usefixtures("without_docker")
def test_a_server_of_ones_own_from_dry_run_to_a_second_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    took = Tokens(input=400, output=500)
    with ProviderServer(Status(503), Answer(PROGRAM), meter=lambda _: took) as server:
        host = server.url.removeprefix("http://")
        (tmp_path / "prices.toml").write_text(
            f'[[price]]\nmodels = ["openai/llama"]\nhost = "{host}"\n'
            'input = 1\noutput = 10\ndate = 2026-01-01\nsource = "the lab"\n'
        )
        monkeypatch.setenv("PROBE_PRICES", str(tmp_path / "prices.toml"))
        how = (
            *(*RUN, "--model", "openai/llama", "--base-url", f"{server.url}/v1"),
            *("--name", "lab/llama", "--set", "temperature=0.5", "--set", "max_tokens=2000"),
        )

        def one(folder: str, *more: str) -> Result:
            return CliRunner().invoke(app, [*how, "--results", str(tmp_path / folder), *more])

        dry = json.loads(one("one", "--dry-run", "--json").stdout)
        assert server.received == 0
        assert dry["estimate"]["price"]["source"] == "the lab"
        text = one("one", "--dry-run").stdout
        assert "low    expected        high" in text
        assert "prices of 2026-01-01, the lab" in text

        done = one("one", "--concurrency", "2")
        assert server.received == 4, done.stderr
        assert "cost $0.0162; 3 replies, 1,200 tokens sent, 1,500 back" in done.stdout
        dollars = dry["estimate"]["dollars"]
        assert dollars["low"] <= 0.0162 <= dollars["high"]
        folder = RunFolder(tmp_path / "one" / "notes" / "lab--llama")
        assert folder.run.spec.model == "lab/llama"
        assert folder.run.spec.settings == {
            "max_tokens": 2000,
            "temperature": 0.5,
            "host": host,
            "door": "openai/llama",
        }
        assert [c.tries for c in folder.latest_completions.values()] == [2, 1, 1]

        assert "3 of the replies are kept already" in one("two", "--dry-run").stdout
        again = one("two", "--max-cost", "0")
        assert "3 replies, 3 of them kept from before" in again.stdout
        assert server.received == 4, "another folder pays nothing"

        cost = json.loads(one("one", "--json").stdout)["cost"]
        assert (cost["dollars"], cost["paid"], cost["from_cache"]) == (0.0162, 0.0162, 0)
        assert (cost["tokens"]["input"], cost["tokens"]["output"]) == (1200, 1500)

        short = one("three", "--no-cache", "--max-cost", "0.03")
        assert server.received == 6, "a third could cost more than is left"
        assert "stopped before --max-cost is passed: $0.0108 of $0.03 are spent" in short.stderr
        assert short.exit_code == 1
        assert "incomplete" in short.stdout


@pytest.mark.usefixtures("without_docker")
def test_a_replay_of_some_prompts_says_so(tmp_path: Path) -> None:
    ids = [prompt.id for prompt in load("notes").prompts]
    replies = tmp_path / "part.jsonl"
    replies.write_text("".join(f'{{"id": "{name}", "reply": "x"}}\n' for name in ids[:2]))
    words = ("run", "--tier", "notes", "--model", f"replay/{replies}", "--results", str(tmp_path))
    said = f"replay/part covers 2 of the {len(ids)} prompts of notes"
    assert said in CliRunner().invoke(app, [*words, "--dry-run"]).stdout
    assert said in CliRunner().invoke(app, words).stdout
