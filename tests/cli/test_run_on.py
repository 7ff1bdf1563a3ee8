"""What a run that stopped short says: what is missing, why, and the way on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_run import probe
from tests.fakes.providers import Answer, ProviderServer, Raw, Status

ERROR = {"error": {"message": "too long", "code": "context_length_exceeded"}}
TOO_LONG = Raw(json.dumps(ERROR).encode(), status=400)


def run(server: ProviderServer, folder: Path, *more: str):  # type: ignore[no-untyped-def]
    (folder / "prices.toml").write_text(
        f'[[price]]\nmodels = ["openai/small"]\nhost = "{server.url[7:]}"\ninput = 0\n'
        'output = 100\ndate = 2026-01-01\nsource = "a test"\n'
    )
    return probe(
        *("run", "--tier", "notes", "--model", "openai/small", "--base-url", f"{server.url}/v1"),
        *("--limit", "4", "--concurrency", "1", "--set", "max_tokens=1000", "--no-cache"),
        *("--results", str(folder / "results"), *more),
        OPENAI_API_KEY="sk-a-secret-key",
        PROBE_PRICES=str(folder / "prices.toml"),
    )


@pytest.mark.docker
def test_a_limit_of_money_says_what_the_rest_would_cost(tmp_path: Path) -> None:
    with ProviderServer(then=Answer("no program")) as server:
        done = run(server, tmp_path, "--max-cost", "0.104")
        assert done.returncode == 1
        assert "2 attempts missing; --max-cost 0.104 is reached. The rest" in done.stdout
        assert "$0.2000 at most: a --max-cost of 0.21 finishes it" in done.stdout
        assert "run it again" not in done.stdout
        assert run(server, tmp_path, "--max-cost", "0.21").returncode == 0


@pytest.mark.docker
def test_a_run_is_closed_with_what_it_lacks(tmp_path: Path) -> None:
    say = Answer("no program")
    with ProviderServer(say, say, TOO_LONG, say, then=Status(401)) as server:
        done = run(server, tmp_path, "--json")
        assert done.returncode == 1
        found = json.loads(done.stdout)
        assert (found["missing"], found["failures"]) == (1, {"HTTP 400": 1})
        assert "HTTP 400: too long" in done.stderr
        closed = run(server, tmp_path, "--accept-missing")
    assert closed.returncode == 0, closed.stderr
    assert (
        "lacks 1 attempts, accepted as missing (1 × HTTP 400): shown, not ranked" in closed.stdout
    )
