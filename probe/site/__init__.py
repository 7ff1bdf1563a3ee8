"""The site: one static folder from a results folder, for a browser without a server or a network.

::

    index.html          the page; everything is drawn from data as text, under a strict policy
    assets/             its scripts and its style
    data/board.js       the leaderboard
         <tier>/_index.js     prompts and scores of a tier
         <tier>/<prompt>.js   one prompt and every attempt at it
    clips/              audio and pictures
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from probe.board import published
from probe.board.order import Board, read
from probe.display import Display
from probe.errors import UsageError
from probe.records.index import RunIndex
from probe.records.references import References
from probe.records.run_folder import Attempt, RunFolder, find_runs
from probe.sandbox.attacks.verify import preflight
from probe.sandbox.choose import open_venue
from probe.site import chunks
from probe.site.board import board_page, tier_keys
from probe.site.samples import Sound, TierPages
from probe.site.schema import Heard
from probe.site.sound import LEFT_OUT, OpenSandbox, Sounds
from probe.tier.folder import LoadedTier, load, names

ASSETS = Path(__file__).with_name("assets")
_MARK = Path("data", "board.js")
"""What tells a site from any other folder."""


@dataclass(frozen=True)
class Options:
    """What the person asked for."""

    results: Path
    out: Path
    audio: bool = True
    references: Path | None = None
    """Recordings that may be published."""
    tiers: Sequence[str] = ()
    """Folders of tiers that do not come with probe."""
    sandbox: str = "docker"
    runtime: str | None = None


def build(
    options: Options, display: Display | None = None, *, open_sandbox: OpenSandbox | None = None
) -> Path:
    """Write the site of a results folder; returns its first page.

    What an earlier build wrote is replaced; clips that are still right are kept.

    Parameters
    ----------
    options : Options
        What is wanted.
    display : Display, optional
        Where progress is shown.
    open_sandbox : callable, optional
        Stands in for the sandbox that `options` names.

    Raises
    ------
    UsageError
        The results or the recordings cannot be read, or the output folder holds something else.
    PrerequisiteError
        Audio must be rendered and there is no sandbox for it.
    """
    display = display or Display()
    out, results = options.out, options.results
    _check_out(out)
    boards, tables = read(results), published.read(results)
    tiers = _tiers(options.tiers)
    runs = {
        (run.run.spec.tier, run.run.spec.tier_digest, run.run.spec.row): run
        for run in map(RunIndex, find_runs(results))
    }
    sound: Sound = _left_out
    if options.audio:
        references = References.open(options.references) if options.references else None
        sounds = Sounds(out / "clips", tiers, references)
        sounds.make(list(runs.values()), open_sandbox or _opener(options), display)
        sound = sounds.of
    _replace_assets(out)
    pages = [
        TierPages(board, _runs_of(board, runs), tiers.get(board.digest), results.name)
        for board in boards
    ]
    with display.stage("pages", sum(len(tier.ids) for tier in pages)) as stage:
        for address, tier in zip(tier_keys(boards), pages, strict=True):
            chunks.write(out, f"{address}/_index", tier.overview())
            for prompt in tier.ids:
                name = f"{address}/{chunks.key(prompt)}"
                chunks.write(out, name, tier.page(prompt, sound))
                stage.advance("written")
    chunks.write(out, "board", board_page(boards, tables, runs, tiers))
    return out / "index.html"


def _check_out(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} is a file; the site needs a folder")
    if out.is_dir() and any(out.iterdir()) and not (out / _MARK).is_file():
        raise UsageError(f"{out} holds something that is no site of probe's; choose another --out")


def _replace_assets(out: Path) -> None:
    """Put the page in place and take the old data away."""
    for name in ("assets", "data"):
        shutil.rmtree(out / name, ignore_errors=True)
    (out / "assets").mkdir(parents=True)
    for path in sorted(ASSETS.iterdir()):
        target = out if path.name == "index.html" else out / "assets"
        shutil.copyfile(path, target / path.name)


def _tiers(own: Sequence[str]) -> dict[str, LoadedTier]:
    found = [load(name) for name in (*names(), *own)]
    return {loaded.tier.digest: loaded for loaded in found}


def _runs_of(board: Board, runs: dict[tuple[str, str, str], RunIndex]) -> list[RunIndex]:
    entries = [*board.entries, *board.incomplete]
    return [runs[e.tier, e.tier_digest, e.model] for e in entries]


def _opener(options: Options) -> OpenSandbox:
    def opened() -> Any:
        venue = open_venue(options.sandbox, runtime=options.runtime)
        preflight(venue)
        return venue.open()

    return opened


def _left_out(folder: RunFolder, attempt: Attempt) -> Heard:
    row = folder.latest_renderings.get(attempt)
    return Heard(silent=LEFT_OUT) if row is not None and row.audio_sha256 else Heard()
