from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.audio import pcm_sha256
from probe.errors import ProbeError, UsageError
from probe.records import SCHEMA, Outcome, Place, Run
from probe.records.run_folder import RunFolder, find_runs
from probe.records.same_run import OtherRunError
from probe.records.store import Store
from tests.fakes.runs import completion, rendering, run, score


def fill(folder: Path) -> None:
    with Store.open(folder, run()) as store:
        store.add_completion(completion("a"))
        store.add_completion(completion("b"))
        store.add_rendering(rendering("a"), sample_rate=8000)
        store.add_score(score("a"))


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    fill(tmp_path / "r")
    there = RunFolder(tmp_path / "r")
    assert there.run == run()
    assert there.attempts == (("a", 0), ("b", 0))
    assert list(there.latest_completions) == [("a", 0), ("b", 0)]
    assert there.latest_renderings["a", 0] == rendering("a")
    assert there.latest_scores["a", 0, "note_f1"] == score("a")


def test_last_row_of_a_key_counts(tmp_path: Path) -> None:
    with Store.open(tmp_path, run()) as store:
        store.add_completion(completion("a", outcome=Outcome.PROVIDER_ERROR, error="503"))
        store.add_completion(completion("a", text="again"))
    assert RunFolder(tmp_path).latest_completions["a", 0].text == "again"


@pytest.mark.parametrize("cut", range(1, 40, 3))
def test_torn_last_line_is_cut_off_by_the_writer_and_passed_over_by_a_reader(
    tmp_path: Path, cut: int
) -> None:
    fill(tmp_path)
    log = tmp_path / "completions.jsonl"
    whole = log.read_bytes()
    log.write_bytes(whole[:-cut])
    assert list(RunFolder(tmp_path).latest_completions) == [("a", 0)]
    assert log.read_bytes() == whole[:-cut]
    with Store.open(tmp_path, run()) as store:
        assert list(store.latest_completions) == [("a", 0)]
        store.add_completion(completion("b"))
    assert log.read_bytes() == whole


def test_last_line_of_zeros_counts_as_torn(tmp_path: Path) -> None:
    fill(tmp_path)
    log = tmp_path / "scores.jsonl"
    whole = log.read_bytes()
    log.write_bytes(whole + b"\0" * 50 + b"\n")
    with Store.open(tmp_path, run()):
        assert log.read_bytes() == whole


def test_damaged_line_in_the_middle_is_named_and_left_alone(tmp_path: Path) -> None:
    fill(tmp_path)
    log = tmp_path / "completions.jsonl"
    damaged = b'{"prompt": \n' + log.read_bytes()
    log.write_bytes(damaged)
    with pytest.raises(ProbeError, match=r"completions\.jsonl line 1 is damaged"):
        Store.open(tmp_path, run())
    assert log.read_bytes() == damaged


@given(st.text(), st.text(alphabet=st.characters(codec=None)))
def test_any_reply_survives_the_log(
    tmp_path_factory: pytest.TempPathFactory, text: str, wild: str
) -> None:
    folder = tmp_path_factory.mktemp("run")
    wild = wild.encode("utf-8", "replace").decode()
    with Store.open(folder, run()) as store:
        store.add_completion(completion("a", text=text))
        store.add_completion(completion("b", text=wild))
    there = RunFolder(folder).latest_completions
    assert (there["a", 0].text, there["b", 0].text) == (text, wild)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"settings": {"temperature": 1.0}}, "no temperature there, 1.0 asked for"),
        ({"settings": {"references": "9" * 64}}, "its recordings have changed since"),
        ({"settings": {"system": "You are " * 9}}, "another system"),
        ({"tier_digest": "9" * 64}, "the tier has changed since"),
        ({"prompt_digest": "9" * 64}, "the words of its prompts have changed since"),
        ({"image": "sha256:" + "9" * 64}, "its programs ran in another sandbox image"),
        ({"kind": "generator"}, "kind language model there, generator asked for"),
    ],
)
def test_what_would_change_an_answer_is_refused_in_words(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    fill(tmp_path)
    with pytest.raises(OtherRunError) as refused:
        Store.open(tmp_path, run(**changes), run_of=lambda *_: run(**changes))
    assert str(refused.value) == said
    assert len(RunFolder(tmp_path).latest_completions) == 2


PLACES = {name: Place(group="one", level=1) for name in "abcd"}


def run_of(prompts: Collection[str], samples: int) -> Run:
    """The run of some of four prompts, in the order of their names."""
    return run(prompts={p: PLACES[p] for p in PLACES if p in prompts}, samples=samples)


def opened(folder: Path, prompts: str, samples: int = 1) -> Store:
    return Store.open(folder, run_of(prompts, samples), run_of=run_of)


def test_a_run_grows_and_keeps_what_is_there(tmp_path: Path) -> None:
    with opened(tmp_path, "bd") as store:
        store.add_completion(completion("b"))
        store.add_score(score("b"))
        store.add_score(score(None, metric="fd/logmel"))
    with opened(tmp_path, "ab", samples=2) as store:
        assert store.run.spec.samples == 2
        assert list(store.run.spec.prompts) == ["a", "b", "d"], "in the tier's order"
        assert store.asked == (("a", 0), ("a", 1), ("b", 0), ("b", 1))
    there = RunFolder(tmp_path)
    assert there.run == store.run
    assert list(there.latest_completions) == [("b", 0)]
    assert list(there.latest_scores) == [("b", 0, "note_f1")], "the set's is another's"


def test_a_smaller_run_is_done_already_and_shrinks_nothing(tmp_path: Path) -> None:
    opened(tmp_path, "abc", samples=2).__exit__(None, None, None)
    before = (tmp_path / "run.json").read_bytes()
    with opened(tmp_path, "b") as store:
        assert store.asked == (("b", 0),)
        assert len(store.attempts) == 6
    assert (tmp_path / "run.json").read_bytes() == before


def test_a_run_of_which_nothing_succeeded_gives_way(tmp_path: Path) -> None:
    folder = tmp_path / "r"
    with Store.open(folder, run(settings={"host": "wrong"})) as store:
        store.add_completion(completion("a", outcome=Outcome.PROVIDER_ERROR, error="refused"))
    with Store.open(folder, run(settings={"host": "right"})) as store:
        assert not store.completions.latest
        assert store.run.spec.settings == {"host": "right"}
        assert store.aside is not None
    assert RunFolder(store.aside).run.spec.settings == {"host": "wrong"}


def test_other_moment_and_machine_are_the_same_run(tmp_path: Path) -> None:
    fill(tmp_path)
    later = run().model_copy(update={"started": "2027-01-01T00:00:00+00:00", "sandbox": "other"})
    with Store.open(tmp_path, later) as store:
        assert store.run == run()


def test_fresh_starts_over_and_keeps_what_was_there(tmp_path: Path) -> None:
    folder = tmp_path / "notes" / "r"
    fill(folder)
    (folder / "notes.txt").write_text("mine")
    for number in range(2):
        with Store.open(folder, run(model="openai/large"), fresh=True) as store:
            assert store.run.spec.model == "openai/large"
            assert not store.latest_completions
            assert store.aside == folder.parent / ".old" / ("r-2" if number else "r")
            with pytest.raises(UsageError, match="another probe is writing"):
                Store.open(folder, run(model="openai/large"))
    old = RunFolder(folder.parent / ".old" / "r")
    assert len(old.latest_completions) == 2
    assert (old.folder / "notes.txt").read_text() == "mine"
    assert list(find_runs(tmp_path)) == [folder]


@pytest.mark.parametrize("fresh", [False, True])
def test_newer_format_is_refused_and_never_rewritten(tmp_path: Path, fresh: bool) -> None:
    newer = json.dumps({"schema_version": SCHEMA + 1, "what": "unknown"})
    (tmp_path / "run.json").write_text(newer)
    with pytest.raises(UsageError, match="newer probe"):
        Store.open(tmp_path, run(), fresh=fresh)
    with pytest.raises(UsageError, match="newer probe"):
        RunFolder(tmp_path)
    assert (tmp_path / "run.json").read_text() == newer


def test_second_writer_is_refused_until_the_first_is_done(tmp_path: Path) -> None:
    with (
        Store.open(tmp_path, run()),
        pytest.raises(UsageError, match="another probe is writing"),
    ):
        Store.open(tmp_path, run())
    Store.open(tmp_path, run()).__exit__(None, None, None)


def test_audio_is_there_when_it_is_the_audio_that_was_recorded(tmp_path: Path) -> None:
    pcm = np.arange(-500, 500, dtype=np.int16)
    row = rendering("a", audio_sha256=pcm_sha256(pcm))
    with Store.open(tmp_path, run()) as store:
        store.add_rendering(row, programs=["print(1)\n"], pcm=pcm, sample_rate=8000)
        np.testing.assert_array_equal(store.audio(row), pcm)
        assert store.program_path(("a", 0)).read_text() == "print(1)\n"
        store.audio_path(("a", 0)).write_bytes(b"something else")
        assert store.audio(row) is None
        store.audio_path(("a", 0)).unlink()
        assert store.audio(row) is None


def test_runs_are_found_in_order(tmp_path: Path) -> None:
    for name in ("notes/b", "notes/a", "sounds/a"):
        fill(tmp_path / name)
    (tmp_path / "notes" / "empty").mkdir()
    assert [str(p.relative_to(tmp_path)) for p in find_runs(tmp_path)] == [
        "notes/a",
        "notes/b",
        "sounds/a",
    ]
