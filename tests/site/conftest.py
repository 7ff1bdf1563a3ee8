"""One site for every test, built once a process, and a real Chromium to look at it with."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from probe.site import Options, build
from probe.tier.folder import load
from tests.fakes.boards import add, fill
from tests.fakes.hostile import INJECTIONS

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
RESULTS = Path(__file__).resolve().parents[2] / "results"
PROMPTS = 60
SOUNDING = 3
HOSTILE = INJECTIONS[0]
"""Name of a model, and of the engine behind its sandbox."""


def no_sandbox() -> Any:
    raise AssertionError("nothing here needs a sandbox")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of two tiers with audio, and one model whose every text is hostile."""
    folder = tmp_path_factory.mktemp("site")
    results, out = folder / "results", folder / "out"
    notes, sounds = load("notes"), load("sounds")
    fill(results, notes, 5, PROMPTS, sounding=SOUNDING)
    fill(results, sounds, 3, 20)
    texts = {p.id: text for p, text in zip(notes.prompts, INJECTIONS, strict=False)}
    rng = np.random.default_rng(1)
    add(results, notes, HOSTILE, "language model", 0.5, PROMPTS, rng, texts=texts)
    keep_sounding(results)
    build(Options(results, out), open_sandbox=no_sandbox)
    return out


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the published runs, without audio."""
    out = tmp_path_factory.mktemp("published")
    build(Options(RESULTS, out, audio=False))
    return out


def keep_sounding(results: Path) -> None:
    """Leave only attempts whose audio lies in the folder: nothing is to be rendered here."""
    for run in results.glob("*/*"):
        for log in run.glob("renderings.jsonl"):
            rows = log.read_text().splitlines(keepends=True)
            log.write_text("".join(_without_audio(row, run) for row in rows))


def _without_audio(row: str, run: Path) -> str:
    import json

    said = json.loads(row)
    if not (run / "audio" / f"{said['prompt']}.0.wav").exists():
        said.pop("audio_sha256", None)
    return json.dumps(said) + "\n"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """The browser; closed with its event loop before the next module's tests begin."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    if CHROMIUM is None:
        pytest.skip("needs Chromium (Debian: apt-get install chromium)")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-background-networking", "--disable-dev-shm-usage"],
        )
        yield browser
        browser.close()
