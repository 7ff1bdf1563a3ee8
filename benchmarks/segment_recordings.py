"""Segments of recordings by their level: prints the rows of ``tiers/sounds/segments.jsonl``.

Run from the repository root: ``python -m benchmarks.segment_recordings FOLDER ...``, with folders
of recordings that have a clips.csv, and put what it prints into the file.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from probe.models.segments import segment
from probe.records.references import References


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recordings", type=Path, nargs="+")
    folders = map(References.open, parser.parse_args().recordings)
    clips = {clip.sha256: clip for folder in folders for clip in folder.clips}
    rows = sorted(map(segment, clips.values()), key=lambda row: (row.label, row.sha256))
    for row in rows:
        print(row.model_dump_json())


if __name__ == "__main__":
    main()
