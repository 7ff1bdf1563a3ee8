from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from probe.errors import ProbeError
from probe.records import Answer, Outcome, Part, Verification, index
from probe.records.index import RunIndex
from probe.records.run_folder import RunFolder
from probe.records.store import Store, mend
from tests.fakes.runs import completion, rendering, run, score

PROMPTS = {"a": {"group": "one", "level": 1}, "b": {"group": "two", "level": 2}}


def fill(folder: Path) -> RunFolder:
    """Two prompts, three samples: rows that were replaced, talks, and rows of no attempt."""
    with Store.open(folder, run(prompts=PROMPTS, samples=3)) as store:
        for prompt in PROMPTS:
            for sample in range(3):
                store.add_completion(completion(prompt, sample, model_returned="small-1"))
        store.add_completion(completion("b", 1, outcome=Outcome.PROVIDER_ERROR, error="503"))
        store.add_completion(completion("b", 2, open=True))
        store.add_completion(completion("b", 2, turn=1, sent=store.add_message("again")))
        store.add_answer(Answer(prompt="b", sample=2, parts=(Part(turn=1),)))
        store.add_rendering(rendering("a", 0, notes=("cropped by 0.5 s",)), sample_rate=8000)
        store.add_rendering(rendering("a", 0, repeatable=True), sample_rate=8000)
        failed = rendering("a", 1, outcome=Outcome.TIMEOUT, audio_sha256=None)
        store.add_rendering(failed, sample_rate=8000)
        store.add_rendering(rendering("a", 7), sample_rate=8000)
        store.add_score(score("a", 0.1, version="0"))
        store.add_score(score("a", 0.5, sample=0))
        store.add_score(score("a", 0.7, sample=2))
        store.add_score(score("b", 0.9, sample=9))
        store.add_score(score(None, 3.0, metric="fd/logmel"))
    return RunFolder(folder)


def test_an_index_counts_what_the_rows_say(tmp_path: Path) -> None:
    folder, index = fill(tmp_path), RunIndex(tmp_path)
    assert index.attempts == len(folder.attempts)
    for number, attempt in enumerate(folder.attempts):
        row, reply = folder.latest_renderings.get(attempt), folder.stands(attempt)
        assert index.number(*attempt) == number
        assert index.outcomes[number] == (row.outcome if row else None)
        assert index.reply(number) == (reply.outcome if reply else None)
    assert index.notes == {}, "of a row that was replaced"
    assert index.repeatable == {0: True}
    np.testing.assert_array_equal(index.values["note_f1"], [0.5, np.nan, 0.7, *[np.nan] * 3])
    assert index.versions("note_f1") == {"1"}, "of the values that count"
    assert index.by_prompt("note_f1") == {"a": pytest.approx(0.6)}
    assert index.by_prompt("note_f1", np.arange(6) == 2) == {"a": 0.7}
    assert index.sets["fd/logmel"].value == 3.0
    assert index.models == {"small-1": 4, None: 3}


def test_a_part_has_the_rows_of_one_prompt_and_no_others(tmp_path: Path) -> None:
    folder, part = fill(tmp_path), RunIndex(tmp_path).part("b")
    assert {prompt for prompt, _, _ in part.completions.latest} == {"b"}
    assert part.turns(("b", 2)) == folder.turns(("b", 2))
    assert part.parts(("b", 2)) == (Part(turn=1),)
    assert [row.text for row in part.messages.latest.values()] == ["again"]
    assert not part.latest_renderings
    assert not part.hearings.latest


def test_a_verification_counts_while_the_audio_is_the_same(tmp_path: Path) -> None:
    folder = fill(tmp_path)
    found = Verification(
        date="2026-01-02",
        probe="1",
        image=None,
        other_source=None,
        audio_digest=folder.audio_digest,
        clips=2,
        close=0,
        differ={},
        scores=2,
        scores_differ={},
    )
    with Store.open(tmp_path, folder.run) as store:
        store.set_verification(found)
        assert RunIndex(tmp_path).verification == found
        store.add_rendering(rendering("b", 0, audio_sha256="4" * 64), sample_rate=8000)
    assert RunIndex(tmp_path).verification is None


def test_rows_are_read_one_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path)
    monkeypatch.setattr(Path, "read_bytes", lambda self: pytest.fail(f"{self} is read whole"))
    assert RunIndex(tmp_path).reply(0) is Outcome.OK


def test_large_runs_are_read_side_by_side_and_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = [tmp_path / name for name in "cab"]
    for folder in folders:
        fill(folder)
    monkeypatch.setattr(index, "WORTH_PROCESSES", 1)
    there = index.of_each(RunIndex, folders)
    assert [each.folder for each in there] == folders
    assert there[0].by_prompt("note_f1") == RunIndex(folders[0]).by_prompt("note_f1")
    assert there[0].part("b").turns(("b", 2)) == RunFolder(folders[0]).turns(("b", 2))


@pytest.mark.parametrize("name", ["completions.jsonl", "renderings.jsonl", "scores.jsonl"])
def test_a_damaged_line_is_mended_and_the_file_kept_beside(tmp_path: Path, name: str) -> None:
    fill(tmp_path)
    log = tmp_path / name
    before = log.read_bytes()
    first, rest = before.split(b"\n", 1)
    log.write_bytes(first[:9] + b"\x00" + first[9:] + b"\n" + rest)
    damaged = log.read_bytes()
    with pytest.raises(ProbeError, match=rf"line 1 is damaged.*`probe mend {tmp_path}`"):
        getattr(RunFolder(tmp_path), name.partition(".")[0])
    assert mend(tmp_path) == {name: 1}
    assert log.read_bytes() == rest
    assert (tmp_path / f"{name}.damaged").read_bytes() == damaged
    with Store.open(tmp_path, run(prompts=PROMPTS, samples=3)) as store:
        assert len(store.attempts) == 6
    assert mend(tmp_path) == {}
    log.write_bytes(damaged)
    assert mend(tmp_path) == {name: 1}
    assert (tmp_path / f"{name}.damaged-2").read_bytes() == damaged


def test_a_talk_whose_answer_lost_its_turn_is_open_again(tmp_path: Path) -> None:
    fill(tmp_path)
    log = tmp_path / "completions.jsonl"
    lines = log.read_bytes().splitlines(keepends=True)
    lines[-1] = b"{}\n"
    log.write_bytes(b"".join([*lines, lines[0]]))
    mend(tmp_path)
    assert RunFolder(tmp_path).stands(("b", 2)) is None
