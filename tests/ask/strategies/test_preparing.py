"""What is refused before anything is asked, and what makes a run of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from probe.ask.strategies import loops
from probe.errors import PrerequisiteError, UsageError
from probe.models.base import DoorOptions
from probe.records import Spec, languages
from probe.records.languages import LANGUAGES, check_here
from probe.run import Options, prepare
from tests.fakes.beeps import write_tier


@pytest.fixture
def tier(tmp_path: Path) -> Path:
    return write_tier(tmp_path / "beeps")


@pytest.mark.parametrize(
    ("model", "strategy", "language", "why"),
    [
        ("openai/small", "few-shot:1", "csound", "few-shot:1 shows programs in python.*in csound"),
        ("openai/small", "few-shot:1", "python-numpy", "none in python-numpy"),
        ("openai/small", "few-shot:3", "python", "needs 3 hand-written programs outside"),
        ("openai/small", "repiar", "python", "did you mean 'repair'"),
        ("openai/small", "direct", "csuond", "did you mean 'csound'"),
        ("openai/small", "direct", "python-pyo", "unknown language of this tier 'python-pyo'"),
        ("builtin/programs", "repair", "python", "takes no --strategy"),
        ("builtin/silence", "direct", "csound", "takes no --strategy and no --language"),
    ],
)
def test_what_makes_no_sense_is_refused_at_once(
    tier: Path,
    model: str,
    strategy: str,
    language: str,
    why: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-x")
    with pytest.raises(UsageError, match=why):
        prepare(Options(str(tier), model, tier, strategy=strategy, language=language))


def test_a_language_without_its_template_is_a_fault_of_the_tier(tier: Path) -> None:
    (tier / "prompt.csound.md").unlink()
    with pytest.raises(UsageError, match=r"'csound' needs a file prompt\.csound\.md"):
        prepare(Options(str(tier), "builtin/silence", tier))


def test_csound_must_be_on_the_machine_where_there_is_no_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(languages, "_USR", tmp_path)
    with pytest.raises(PrerequisiteError, match=r"apt-get install csound.*--sandbox docker"):
        check_here(LANGUAGES["csound"])
    for name in ("python", "python-numpy", "python-pyo"):
        check_here(LANGUAGES[name])
    library = tmp_path / "lib" / "x86_64-linux-gnu" / "libcsound64.so.6.0"
    library.parent.mkdir(parents=True)
    library.touch()
    check_here(LANGUAGES["csound"])


@pytest.mark.docker
def test_each_way_of_asking_is_a_run_of_its_own(
    tier: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-x")

    def spec(strategy: str, language: str = "python") -> Spec:
        options = Options(
            *(str(tier), "openai/small", tier),
            strategy=strategy,
            language=language,
            how=DoorOptions(base_url="http://127.0.0.1:9/v1"),
        )
        return prepare(options).run.spec

    ways = [("direct", "python"), ("reason", "python"), ("repair", "python"), ("repair", "csound")]
    ways += [("few-shot:1", "python"), ("plan", "python"), ("direct", "csound")]
    found = [spec(*way) for way in ways]
    assert [s.row for s in found] == [
        "openai/small",
        "openai/small+reason",
        "openai/small+repair:2",
        "openai/small+repair:2+csound",
        "openai/small+few-shot:1",
        "openai/small+plan",
        "openai/small+csound",
    ]
    assert len({s.prompt_digest for s in found}) == len(found)
    monkeypatch.setattr(loops.Repair, "words", (*loops.Repair.words, "Please."))
    assert spec("repair").prompt_digest != found[2].prompt_digest, "other words, another run"
    assert spec("direct").prompt_digest == found[0].prompt_digest
    (tier / "programs" / "one.py").write_text("another program")
    assert spec("few-shot:1").prompt_digest != found[4].prompt_digest
    assert spec("direct").prompt_digest == found[0].prompt_digest
