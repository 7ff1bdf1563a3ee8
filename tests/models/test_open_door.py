from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from probe.errors import PrerequisiteError, UsageError
from probe.models import open_door
from tests.fakes.tiers import loaded_tier

TIER = loaded_tier()


@pytest.mark.parametrize("name", ["builtin/programs", "builtin/silence", "builtin/noise"])
def test_builtins_go_by_their_name(name: str) -> None:
    assert open_door(name, TIER).name == name


@pytest.mark.parametrize(
    ("name", "model"),
    [("openai/gpt-4o", "gpt-4o"), ("anthropic/m", "m"), ("openai/meta/llama:8b", "meta/llama:8b")],
)
def test_services_are_opened(name: str, model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-a-secret-key")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-a-secret-key")
    door = open_door(name, TIER)
    assert door.name == name
    assert door.kind == "language model"


def test_a_replay_is_opened(tmp_path: Path) -> None:
    (tmp_path / "old.jsonl").write_text('{"id": "a4", "reply": "x"}\n')
    assert open_door(f"replay/{tmp_path / 'old.jsonl'}", TIER).name == "replay/old"


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("opnai/gpt-4o", "unknown model 'opnai/gpt-4o'; did you mean 'openai/gpt-4o'"),
        ("gpt-4o", "unknown model 'gpt-4o'; did you mean 'openai/gpt-4o'"),
        ("o3-mini", "did you mean 'openai/o3-mini'"),
        ("Claude-sonnet-5-5", "did you mean 'anthropic/Claude-sonnet-5-5'"),
        ("programs", "did you mean 'builtin/programs'"),
        ("engin/programs", "did you mean 'builtin/programs'"),
        ("espeak-ng", "did you mean 'engine/espeak-ng'"),
        ("espeak", "did you mean 'engine/espeak-ng'"),
        ("builtin/espeak-ng", "did you mean 'engine/espeak-ng'"),
        ("audioldm2", "did you mean 'generator/audioldm2'"),
        ("old/replies.jsonl", "did you mean 'replay/old/replies.jsonl'"),
        ("meta-llama/Llama-3-8B", "it is 'openai/meta-llama/Llama-3-8B' with --base-url"),
        ("zzz", "unknown model 'zzz'; known: anthropic/…, builtin/…, command/…, engine/…"),
        ("", "unknown model ''; known"),
        (
            "builtin/refrence",
            "'builtin/refrence'; did you mean 'builtin/reference'",
        ),
        ("openai", "openai needs a name after it, as in 'openai/gpt-4o'"),
        ("generator/", "generator needs a name after it, as in 'generator/audioldm2'"),
        ("replay/", "replay needs a name after it"),
        ("replay/nowhere.jsonl", "nowhere.jsonl cannot be read"),
    ],
)
def test_a_name_that_means_nothing_is_refused(name: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        open_door(name, TIER)


def test_recordings_must_be_given() -> None:
    with pytest.raises(PrerequisiteError, match="--references"):
        open_door("builtin/reference", TIER)


@pytest.mark.parametrize(
    ("name", "absent"),
    [
        ("openai/gpt-4o", ("anthropic", "scipy", "librosa", "torch")),
        ("builtin/noise", ("openai", "anthropic", "librosa", "torch")),
        ("builtin/silence", ("probe.models.neural", "diffusers", "transformers")),
    ],
)
def test_only_what_a_door_needs_is_imported(name: str, absent: tuple[str, ...]) -> None:
    program = (
        "import os, sys; os.environ['OPENAI_API_KEY'] = 'sk-a-secret-key'\n"
        "from probe.models import open_door\n"
        f"open_door({name!r}, None)\n"
        f"print([m for m in {absent!r} if m in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "[]\n"
