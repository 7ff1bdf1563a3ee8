"""``probe fad`` and ``probe clap``: the metrics alone, for folders of audio."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from probe.cli import AsJson

if TYPE_CHECKING:
    from probe.score.folders import FolderClap, FolderDistance
    from probe.score.metrics.sets.distance import SetValue

Device = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="As torch names it; else the GPU if there is one."),
]
NoCache = Annotated[
    bool, typer.Option("--no-cache", help="Neither use nor keep embeddings of earlier runs.")
]


def fad(
    dir_a: Annotated[Path, typer.Argument(help="Folder of the clips to be judged.")],
    dir_b: Annotated[Path, typer.Argument(help="Folder of the reference.")],
    embedder: Annotated[
        str, typer.Option(metavar="NAME", help="See `probe weights list`; logmel needs none.")
    ] = "vggish",
    device: Device = None,
    per_clip: Annotated[
        bool, typer.Option("--per-clip", help="Also the distance of each clip to the reference.")
    ] = False,
    no_cache: NoCache = False,
    as_json: AsJson = False,
) -> None:
    """Fréchet audio distance between two folders, with interval, floor and ceiling."""
    from probe.display import Display
    from probe.score import folders

    found = folders.fad(
        *(dir_a, dir_b),
        embedder=embedder,
        device=device,
        cache=not no_cache,
        per_clip=per_clip,
        display=Display(),
    )
    print(json.dumps(asdict(found), indent=2) if as_json else _distance_text(found))


def clap(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the clips.")],
    captions: Annotated[
        Path, typer.Option(metavar="FILE", help="CSV or .jsonl with the columns file and caption.")
    ],
    embedder: Annotated[
        str, typer.Option(metavar="NAME", help="See `probe weights list`.")
    ] = "clap-630k-audioset-best",
    device: Device = None,
    no_cache: NoCache = False,
    as_json: AsJson = False,
) -> None:
    """CLAP score of clips with their captions, and how well either finds the other."""
    from probe.display import Display
    from probe.score import folders

    found = folders.clap(
        *(folder, captions),
        embedder=embedder,
        device=device,
        cache=not no_cache,
        display=Display(),
    )
    print(json.dumps(_clap_json(found), indent=2) if as_json else _clap_text(found))


def _distance_text(found: FolderDistance) -> str:
    lines = _set_lines(found.metric, found)
    if found.kad is not None:
        lines += _set_lines(found.metric.replace("fad/", "kad/").replace("fd/", "kad/"), found.kad)
        lines.append(f"  {found.kad_note}")
    lines.append(f"{found.n} clips against {found.n_reference}, {found.d} dimensions")
    if found.per_clip is not None:
        lines += [f"{value:12.4f}  {name}" for name, value in found.per_clip.items()]
    return "\n".join(lines)


def _set_lines(name: str, found: SetValue) -> list[str]:
    lines = [
        f"{name:<16} {found.value:10.4f}   95 % {found.low:.4f} to {found.high:.4f},"
        f" se {found.se:.4f}",
        f"{'  plain':<16} {found.plain:10.4f}   as others print it",
    ]
    if found.floor is not None:
        floor = found.floor
        lines.append(
            f"{'  real to real':<16} {floor.value:10.4f}   {floor.low:.4f} to {floor.high:.4f} in"
            f" {floor.splits} splits of {floor.n} and {floor.n}; plain {floor.plain:.4f}"
        )
    if found.ceiling is not None:
        lines.append(f"{'  white noise':<16} {found.ceiling:10.4f}")
    return lines


def _recalls(found: FolderClap) -> dict[str, dict[str, float]]:
    """Share found at each k, both ways, and by drawing lots."""
    pairs = found.retrieval
    return {
        "text_to_audio": {str(k): pairs.recall(k)[0] for k in pairs.chance},
        "audio_to_text": {str(k): pairs.recall(k)[1] for k in pairs.chance},
        "chance_text_to_audio": {str(k): chance[0] for k, chance in pairs.chance.items()},
        "chance_audio_to_text": {str(k): chance[1] for k, chance in pairs.chance.items()},
    }


def _clap_json(found: FolderClap) -> dict[str, Any]:
    plain = {name: value for name, value in vars(found).items() if name != "retrieval"}
    plain["pairs"] = [asdict(pair) for pair in found.pairs]
    return {**plain, "recall": _recalls(found)}


def _clap_text(found: FolderClap) -> str:
    interval = "" if found.low is None else f"   95 % {found.low:.4f} to {found.high:.4f}"
    lines = [f"{found.metric}  {found.value:.4f}{interval}"]
    recalls = _recalls(found)
    for way, chance in (
        ("text_to_audio", "chance_text_to_audio"),
        ("audio_to_text", "chance_audio_to_text"),
    ):
        parts = [
            f"R@{k} {value:.3f} (chance {recalls[chance][k]:.3f})"
            for k, value in recalls[way].items()
        ]
        lines.append(f"{way.replace('_', ' ')}  {', '.join(parts)}")
    lines.append(f"{found.n} clips, {len(found.pairs)} captions")
    return "\n".join(lines)
