from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from probe.audio import pcm16_wav_bytes, pcm_sha256
from probe.cli.app import app
from probe.errors import PrerequisiteError, UsageError
from probe.records import Outcome
from probe.records.run_folder import RunFolder
from probe.records.store import Store
from probe.sandbox import Execution
from probe.site import Options, build
from probe.site.schema import BoardPage, PromptPage, TierIndex
from probe.tier.folder import LoadedTier, load
from tests.fakes.boards import add, fill, tone
from tests.fakes.runs import completion, rendering, run, score
from tests.fakes.sandbox import FakeSandbox
from tests.site.conftest import no_sandbox


def read(out: Path, name: str) -> Any:
    """The data of a chunk, which must be what its record says."""
    text = (out / "data" / f"{name}.js").read_text(encoding="ascii")
    found = json.loads(text[text.index("'") + 1 : text.rindex("'")].replace("\\\\", "\\"))
    record = BoardPage if name == "board" else PromptPage
    (TierIndex if name.endswith("/_index") else record).model_validate_json(json.dumps(found))
    return found


@pytest.fixture(scope="module")
def notes() -> LoadedTier:
    return load("notes")


def one_run(
    results: Path, loaded: LoadedTier, pcm: Any, *, keep_audio: bool, **changes: Any
) -> RunFolder:
    """A run of one prompt whose program left `pcm`."""
    prompt = loaded.prompts[0]
    spec = {
        "tier_digest": loaded.tier.digest,
        "prompts": {prompt.id: {"group": prompt.group, "level": prompt.level}},
        "metrics": ("note_score",),
        "primary_metric": "note_score",
    }
    with Store.open(results / "notes" / "model", run(**(spec | changes))) as store:
        store.add_completion(completion(prompt.id, text="```python\nthe program\n```"))
        store.add_rendering(
            rendering(prompt.id, audio_sha256=pcm_sha256(pcm)),
            programs=("the program\n",),
            pcm=pcm if keep_audio else None,
            sample_rate=loaded.tier.sample_rate,
        )
        store.add_score(score(prompt.id, metric="note_score"))
    return RunFolder(store.folder)


def leaving(pcm: Any) -> FakeSandbox:
    """A sandbox in which every program leaves the same audio."""
    audio = pcm16_wav_bytes(pcm, 44100)
    return FakeSandbox(lambda *_: Execution(outcome=Outcome.OK, audio=audio))


def sample(out: Path, loaded: LoadedTier) -> dict[str, Any]:
    page = read(out, f"notes/{loaded.prompts[0].id}")
    found: dict[str, Any] = page["runs"][0]["samples"][0]
    return found


def asked_length(loaded: LoadedTier, level: float = 0.5) -> Any:
    return tone(440, level, loaded.prompts[0].duration_s)


def test_pages_hold_what_the_logs_say(tmp_path: Path, notes: LoadedTier) -> None:
    fill(tmp_path / "results", notes, 3, 8)
    page = build(Options(tmp_path / "results", tmp_path / "out", audio=False))
    assert page == tmp_path / "out" / "index.html"
    assert page.is_file()
    (board,) = read(tmp_path / "out", "board")["tiers"]
    assert board["title"] == "Musical notes"
    assert [entry["model"] for entry in board["runs"]][:2] == ["builtin/programs", "lab/model-00"]
    best = board["runs"][1]
    assert best["ranks"]["best"] == 1
    assert best["funnel"][0] == 8
    assert best["funnel"] == sorted(best["funnel"], reverse=True)
    overview = read(tmp_path / "out", "notes/_index")
    assert [p["id"] for p in overview["prompts"]] == [p.id for p in notes.prompts[:8]]
    assert len(overview["scores"]["lab--model-00"]) == 8
    shown = read(tmp_path / "out", f"notes/{notes.prompts[0].id}")
    assert {found["run"] for found in shown["runs"]} == {entry["key"] for entry in board["runs"]}
    assert notes.prompts[0].text in shown["message"]


def test_a_sample_says_what_it_took(tmp_path: Path, notes: LoadedTier) -> None:
    results = tmp_path / "results"
    folder = one_run(results, notes, asked_length(notes), keep_audio=True, model="openai/gpt-4o")
    usage = {"prompt_tokens": 1000, "completion_tokens": 2000}
    with Store.open(folder.folder, folder.run) as store:
        text = "Here:\n```python\nthe program\n```"
        store.add_completion(completion(notes.prompts[0].id, text=text, usage=usage))
    build(Options(results, tmp_path / "out"), open_sandbox=no_sandbox)
    found = sample(tmp_path / "out", notes)
    assert found["tokens"]["output"] == 2000
    assert found["dollars"] > 0
    (program,) = found["programs"]
    assert text[program["at"] :][: program["length"]] == "the program\n"
    assert found["again"].endswith(f"--prompt {notes.prompts[0].id}")
    assert found["clip"]["same"] is True


def test_audio_in_the_folder_is_used_and_the_second_build_makes_nothing(
    tmp_path: Path, notes: LoadedTier
) -> None:
    one_run(tmp_path / "results", notes, asked_length(notes), keep_audio=True)
    options = Options(tmp_path / "results", tmp_path / "out")
    build(options, open_sandbox=no_sandbox)
    (mp3,) = (tmp_path / "out" / "clips").glob("*.mp3")
    made = mp3.stat().st_mtime_ns
    shutil.rmtree(tmp_path / "results" / "notes" / "model" / "audio")
    build(options, open_sandbox=no_sandbox)
    assert mp3.stat().st_mtime_ns == made
    assert sample(tmp_path / "out", notes)["clip"]["key"] == mp3.stem


@pytest.mark.parametrize(("level", "same"), [(0.5, True), (0.4, False)])
def test_audio_that_is_not_there_is_rendered_again(
    tmp_path: Path, notes: LoadedTier, level: float, same: bool
) -> None:
    one_run(tmp_path / "results", notes, asked_length(notes), keep_audio=False)
    sandbox = leaving(asked_length(notes, level))
    options = Options(tmp_path / "results", tmp_path / "out")
    build(options, open_sandbox=lambda: sandbox)
    assert sandbox.programs == ["the program\n"]
    assert sample(tmp_path / "out", notes)["clip"]["same"] is same
    build(options, open_sandbox=no_sandbox)
    assert sample(tmp_path / "out", notes)["clip"]["same"] is same


def test_a_program_that_fails_this_time_is_said_to(tmp_path: Path, notes: LoadedTier) -> None:
    one_run(tmp_path / "results", notes, asked_length(notes), keep_audio=False)
    sandbox = FakeSandbox(lambda *_: Execution(outcome=Outcome.TIMEOUT))
    build(Options(tmp_path / "results", tmp_path / "out"), open_sandbox=lambda: sandbox)
    assert "timeout" in sample(tmp_path / "out", notes)["silent"]


def test_without_a_sandbox_nothing_is_rendered(tmp_path: Path, notes: LoadedTier) -> None:
    one_run(tmp_path / "results", notes, asked_length(notes), keep_audio=False)

    def none() -> Any:
        raise PrerequisiteError("no engine")

    with pytest.raises(PrerequisiteError):
        build(Options(tmp_path / "results", tmp_path / "out"), open_sandbox=none)
    build(Options(tmp_path / "results", tmp_path / "out", audio=False), open_sandbox=none)
    assert "without audio" in sample(tmp_path / "out", notes)["silent"]


def test_controls_are_made_again_without_a_sandbox(tmp_path: Path, notes: LoadedTier) -> None:
    from probe.audio import fit, to_pcm16
    from probe.models import open_door
    from probe.models.base import AudioSource

    door = open_door("builtin/noise", notes)
    assert isinstance(door, AudioSource)
    prompt, rate = notes.prompts[0], notes.tier.sample_rate
    left = door.audio(prompt, 0, rate)
    assert isinstance(left, np.ndarray)
    pcm = to_pcm16(fit(left, rate, prompt.duration_s))
    changes = {"model": "builtin/noise", "kind": "control", "image": None}
    one_run(tmp_path / "results", notes, pcm, keep_audio=False, **changes)
    build(Options(tmp_path / "results", tmp_path / "out"), open_sandbox=no_sandbox)
    assert sample(tmp_path / "out", notes)["clip"]["same"] is True


@pytest.mark.parametrize("model", ["lab/generator", "engine/none"])
def test_what_cannot_be_made_again_is_said_to_be_missing(
    tmp_path: Path, notes: LoadedTier, model: str
) -> None:
    changes = {"model": model, "kind": "generator", "image": None}
    one_run(tmp_path / "results", notes, asked_length(notes), keep_audio=False, **changes)
    build(Options(tmp_path / "results", tmp_path / "out"), open_sandbox=no_sandbox)
    assert "cannot make it again" in sample(tmp_path / "out", notes)["silent"]


def recordings(folder: Path) -> Path:
    """A folder of one recording."""
    import hashlib

    folder.mkdir()
    data = pcm16_wav_bytes(tone(440, 0.5), 44100)
    (folder / "a.wav").write_bytes(data)
    row = f"a.wav,piano,,69,{hashlib.sha256(data).hexdigest()}"
    (folder / "clips.csv").write_text(f"file,label,text,midi,sha256\n{row}\n")
    return folder


def test_recordings_are_published_only_when_asked_for(tmp_path: Path, notes: LoadedTier) -> None:
    from probe.records.references import References

    mine = recordings(tmp_path / "mine")
    results, out = tmp_path / "results", tmp_path / "out"
    changes = {
        "model": "builtin/reference",
        "kind": "control",
        "image": None,
        "settings": {"references": References.open(mine).digest},
    }
    one_run(results, notes, asked_length(notes), keep_audio=True, **changes)
    build(Options(results, out, references=mine), open_sandbox=no_sandbox)
    assert sample(out, notes)["clip"]
    build(Options(results, out), open_sandbox=no_sandbox)
    assert "--references" in sample(out, notes)["silent"]
    assert list((out / "clips").iterdir()) == []


def test_a_folder_that_is_no_site_is_left_alone(tmp_path: Path, notes: LoadedTier) -> None:
    one_run(tmp_path / "results", notes, asked_length(notes), keep_audio=True)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.tex").write_text("x")
    with pytest.raises(UsageError, match="no site of probe"):
        build(Options(tmp_path / "results", tmp_path / "out"))
    with pytest.raises(UsageError, match="is a file"):
        build(Options(tmp_path / "results", tmp_path / "out" / "thesis.tex"))
    assert (tmp_path / "out" / "thesis.tex").read_text() == "x"


def test_what_is_gone_from_the_results_is_gone_from_the_site(
    tmp_path: Path, notes: LoadedTier
) -> None:
    results, out = tmp_path / "results", tmp_path / "out"
    fill(results, notes, 2, 4, sounding=0)
    one_run(results, notes, asked_length(notes), keep_audio=True)
    build(Options(results, out, audio=False))
    assert (out / "data" / "notes" / f"{notes.prompts[3].id}.js").is_file()
    for folder in (results / "notes").iterdir():
        if folder.name != "model":
            shutil.rmtree(folder)
    build(Options(results, out), open_sandbox=no_sandbox)
    assert not (out / "data" / "notes" / f"{notes.prompts[3].id}.js").exists()
    assert len(list((out / "clips").glob("*.mp3"))) == 1


def test_a_tier_that_is_not_known_here_has_no_texts_but_all_numbers(
    tmp_path: Path, notes: LoadedTier
) -> None:
    results, out = tmp_path / "results", tmp_path / "out"
    one_run(results, notes, asked_length(notes), keep_audio=False, tier_digest="9" * 64)
    build(Options(results, out), open_sandbox=no_sandbox)
    (prompt,) = read(out, "notes/_index")["prompts"]
    assert prompt["text"] == ""
    assert sample(out, notes)["scores"] == [["note_score", 0.5, ""]]
    assert "not known here" in sample(out, notes)["silent"]


@pytest.mark.parametrize("own", [(), ("mine",)])
def test_a_tier_of_ones_own_is_named(
    tmp_path: Path, notes: LoadedTier, own: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(notes.folder, tmp_path / "mine")
    prompts = (tmp_path / "mine" / "prompts.jsonl").read_text()
    (tmp_path / "mine" / "prompts.jsonl").write_text(prompts.split("\n")[0] + "\n")
    monkeypatch.chdir(tmp_path)
    loaded = load("mine")
    one_run(tmp_path / "results", loaded, asked_length(loaded), keep_audio=True)
    build(Options(tmp_path / "results", tmp_path / "out", tiers=own), open_sandbox=no_sandbox)
    (prompt,) = read(tmp_path / "out", "notes/_index")["prompts"]
    assert bool(prompt["text"]) is bool(own)


def test_two_versions_of_a_tier_have_addresses_of_their_own(
    tmp_path: Path, notes: LoadedTier
) -> None:
    results, rng = tmp_path / "results", np.random.default_rng(0)
    add(results, notes, "lab/new", "language model", 0.5, 3, rng)
    add(results, notes, "lab/old", "language model", 0.5, 3, rng, tier_digest="9" * 64)
    build(Options(results, tmp_path / "out", audio=False))
    tiers = read(tmp_path / "out", "board")["tiers"]
    assert {tier["key"] for tier in tiers} == {f"notes-{tier['digest'][:8]}" for tier in tiers}
    assert len(tiers) == 2
    for tier in tiers:
        assert len(read(tmp_path / "out", f"{tier['key']}/_index")["prompts"]) == 3


@pytest.mark.parametrize("name", ["../../../../etc/passwd", "a/b", "__proto__", "..", "<b>"])
def test_a_prompt_named_like_a_path_stays_inside(
    tmp_path: Path, notes: LoadedTier, name: str
) -> None:
    results = tmp_path / "results"
    secret = tmp_path / "secret.py"
    secret.write_text("secret")
    folder = results / "notes" / "model"
    place = {name: {"group": "one", "level": 1}}
    with Store.open(folder, run(prompts=place, metrics=("note_f1",))) as store:
        store.renderings.append(rendering(name, program_sha256="0" * 64))
        store.add_score(score(name))
    before = sorted(tmp_path.rglob("*"))
    build(Options(results, tmp_path / "out" / "site"), open_sandbox=no_sandbox)
    made = [path for path in sorted(tmp_path.rglob("*")) if path not in before]
    assert all(path.is_relative_to(tmp_path / "out") for path in made)
    (prompt,) = read(tmp_path / "out" / "site", "notes/_index")["prompts"]
    page = read(tmp_path / "out" / "site", f"notes/{prompt['key']}")
    assert page["runs"][0]["samples"][0]["programs"] == []


def test_an_incomplete_run_is_shown_as_such(tmp_path: Path, notes: LoadedTier) -> None:
    results = tmp_path / "results"
    one_run(results, notes, asked_length(notes), keep_audio=True)
    (results / "notes" / "model" / "scores.jsonl").unlink()
    build(Options(results, tmp_path / "out"), open_sandbox=no_sandbox)
    (entry,) = read(tmp_path / "out", "board")["tiers"][0]["runs"]
    assert entry["marks"] == ["1 missing"]


def test_no_run_at_all_is_a_site_too(tmp_path: Path) -> None:
    (tmp_path / "results").mkdir()
    build(Options(tmp_path / "results", tmp_path / "out"), open_sandbox=no_sandbox)
    assert read(tmp_path / "out", "board")["tiers"] == []


def test_the_command_line_builds_it(tmp_path: Path, notes: LoadedTier) -> None:
    fill(tmp_path / "results", notes, 1, 2)
    words = ["site", "--no-audio", "--results", str(tmp_path / "results"), "--out"]
    done = CliRunner().invoke(app, [*words, str(tmp_path / "out")])
    assert done.exit_code == 0
    assert done.stdout.strip().endswith("index.html")
    assert (tmp_path / "out" / "assets" / "main.js").is_file()


def test_the_policy_allows_nothing_but_our_own_files(built: Path) -> None:
    text = (built / "index.html").read_text()
    policy = text.split('Content-Security-Policy" content="')[1].split('"')[0]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    for kind in ("script-src", "style-src", "img-src", "media-src"):
        assert rules[kind] == "'self'"
    assert rules["require-trusted-types-for"] == "'script'"
    assert "unsafe" not in policy
