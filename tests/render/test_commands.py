from __future__ import annotations

import shlex
from typing import Any

import pytest

from probe.render import commands
from tests.fakes.runs import run


def words(**changes: Any) -> list[str]:
    return shlex.split(commands.of_run(run(**changes)))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"model": "openai/gpt-4o"}, "--model openai/gpt-4o"),
        (
            {"model": "lab/llama", "settings": {"door": "openai/llama3", "host": "localhost:1"}},
            "--model openai/llama3 --name lab/llama --base-url ADDRESS-AT-localhost:1",
        ),
        (
            {"model": "anthropic/x", "settings": {"temperature": 0.7}, "strategy": "repair:2"},
            "--model anthropic/x --strategy repair:2 --set temperature=0.7",
        ),
        (
            {"model": "openai/x", "language": "csound", "samples": 3},
            "--model openai/x --language csound --samples 3",
        ),
        ({"model": "builtin/programs", "kind": "programs", "settings": {"sha256": "0"}}, ""),
        ({"model": "run", "settings": {"sha256": "0"}}, "--model replay/FILE --name run"),
        (
            {"model": "mine", "settings": {"command": "python 'my answer.py'", "files": {}}},
            "--model \"command/python 'my answer.py'\" --name mine",
        ),
        (
            {
                "model": "tts",
                "kind": "generator",
                "image": None,
                "settings": {"command": "a {prompts} {out}"},
            },
            "--model 'command/a {prompts} {out}' --name tts",
        ),
        (
            {
                "model": "engine/espeak-ng",
                "kind": "engine",
                "image": None,
                "settings": {
                    "version": "1.5",
                    "voice": "en",
                    "speed": 175,
                    "native_sample_rate": 1,
                },
            },
            "--set voice=en --set speed=175",
        ),
        (
            {
                "model": "generator/musicgen-small",
                "kind": "generator",
                "image": None,
                "settings": {
                    "weights": "facebook/musicgen-small",
                    "revision": "abc",
                    "class": "MusicgenForConditionalGeneration",
                    "seed": 3,
                    "guidance": 4.0,
                    "native_sample_rate": 32000,
                },
            },
            "--model generator/musicgen-small --set revision=abc --set seed=3 --set guidance=4.0",
        ),
        (
            {
                "model": "generator/mine",
                "kind": "generator",
                "image": None,
                "settings": {"weights": "mine", "sha256": "0", "class": "VitsModel"},
            },
            "--model generator/FOLDER --name generator/mine",
        ),
        (
            {"model": "builtin/reference", "kind": "control", "settings": {"references": "0"}},
            "--references FOLDER",
        ),
    ],
)
def test_a_run_is_asked_for_again(changes: dict[str, Any], said: str) -> None:
    found = words(**changes)
    assert found[:4] == ["probe", "run", "--tier", "notes"]
    assert " ".join(shlex.split(said)) in " ".join(found)


def test_imported_audio_is_imported_again() -> None:
    found = words(model="stable audio", kind="generator", settings={"audio_sha256": "0"})
    assert found == ["probe", "import", "FOLDER", "--tier", "notes", "--name", "stable audio"]


def test_what_a_shell_could_take_for_more_is_quoted() -> None:
    assert words(model="x; rm -rf /")[5] == "x; rm -rf /"
    found = commands.of_sample("results/notes/a b", "$(id)")
    assert shlex.split(found) == ["probe", "verify", "results/notes/a b", "--prompt", "$(id)"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, []),
        ({"limit": 6, "max-cost": 2.0}, ["--limit", "6"]),
        ({"prompt": ["a", "b"]}, ["--prompt", "a", "--prompt", "b"]),
        ({"group": ["melodies"]}, ["--group", "melodies"]),
        ({"level": [1, 2]}, ["--level", "1", "--level", "2"]),
    ],
)
def test_a_run_of_some_prompts_is_made_again_with_them_alone(
    options: dict[str, Any], said: list[str]
) -> None:
    made = run().model_copy(update={"options": options})
    assert shlex.split(commands.of_run(made))[6:] == said
