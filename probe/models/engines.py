"""The doors ``engine/...``: synthesizers of the classical kind, as Debian packages them.

They have no weights and answer at once, so they are anchors that run anywhere: a speech engine says
what a truth has in words, a General MIDI synthesizer plays the notes it has. An engine is given the
truth, not the prompt's text: what it misses is its own fault, never one of reading.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from probe.audio import Clip, fit
from probe.errors import PrerequisiteError, UsageError, unknown
from probe.models.base import AudioSource, DoorOptions, NoAudioError
from probe.models.leftover import clip_left, native_rate
from probe.models.midi import program_of, write_midi
from probe.models.options import number, read_options, whole
from probe.records import ModelKind, NotesTruth, Outcome, Prompt, SpeechTruth
from probe.text import decoded

ENGINES = ("espeak-ng", "flite", "fluidsynth")

TIMEOUT_S = 60.0
"""For one clip; engines take a fraction of a second."""

SOUNDFONTS = tuple(
    Path("/usr/share/sounds/sf2") / name for name in ("FluidR3_GM.sf2", "TimGM6mb.sf2")
)
"""Where Debian's packages fluid-soundfont-gm and timgm6mb-soundfont put them; the first is used."""

_TAIL = 300


def open_engine(name: str, how: DoorOptions = DoorOptions()) -> AudioSource:  # noqa: B008
    """Find an engine and try it once.

    Parameters
    ----------
    name : str
        One of `ENGINES`.
    how : DoorOptions
        Its options: `voice` and `speed` (words a minute) of espeak-ng, `voice` of flite,
        `soundfont`, `gain` and `program` (of notes without an instrument) of fluidsynth.

    Raises
    ------
    UsageError
        There is no such engine, option or voice.
    PrerequisiteError
        The engine, or a soundfont, is not installed; the message names the Debian package.
    """
    if name not in ENGINES:
        raise UsageError(unknown("engine", f"engine/{name}", [f"engine/{e}" for e in ENGINES]))
    if name == "fluidsynth":
        return FluidSynth(how)
    return Espeak(how) if name == "espeak-ng" else Flite(how)


class _Speaker(ABC):
    """A speech engine: words in, a WAV out."""

    name: str
    kind: ModelKind = "engine"

    def __init__(self, settings: dict[str, Any]) -> None:
        with tempfile.TemporaryDirectory(prefix="probe-") as folder:
            path = Path(folder) / "clip.wav"
            try:
                _run(self.command("one", path))
                rate = native_rate(path)
            except NoAudioError as error:
                raise UsageError(f"{self.name} cannot speak: {error}") from None
        self._settings = settings | {"native_sample_rate": rate}

    @abstractmethod
    def command(self, words: str, path: Path) -> list[str]:
        """The command line that says `words` into a WAV."""

    def settings(self) -> dict[str, Any]:
        """Version of the engine, its voice, and the rate it synthesizes at."""
        return self._settings

    def covers(self, prompt: Prompt) -> bool:
        """Whether the truth has words."""
        return isinstance(prompt.truth, SpeechTruth) and prompt.truth.text is not None

    def audio(self, prompt: Prompt, sample: int, sample_rate: int) -> Clip:  # noqa: ARG002
        """The words from the beginning of the clip on, the same for every sample."""
        truth = prompt.truth
        assert isinstance(truth, SpeechTruth)
        assert truth.text is not None
        with tempfile.TemporaryDirectory(prefix="probe-") as folder:
            path = Path(folder) / "clip.wav"
            _run(self.command(truth.text, path))
            return clip_left(path, sample_rate)


class Espeak(_Speaker):
    """espeak-ng, a formant synthesizer."""

    name = "engine/espeak-ng"

    def __init__(self, how: DoorOptions) -> None:
        options = {"voice": _word, "speed": whole(80, 450)}
        given: dict[str, Any] = {"voice": "en-us", "speed": 175}
        given |= read_options(how.settings, options, self.name)
        self.name = how.name or self.name
        self._voice, self._speed = given["voice"], given["speed"]
        version = _version([_find("espeak-ng", "espeak-ng"), "--version"], r"([\d.]+\S*)")
        super().__init__({"version": version, **given})

    def command(self, words: str, path: Path) -> list[str]:
        """Without the pause that ends a sentence."""
        how = ["-v", self._voice, "-s", str(self._speed), "-z", "-w", str(path)]
        return ["espeak-ng", *how, "--", words]


class Flite(_Speaker):
    """flite, which puts recorded units together."""

    name = "engine/flite"

    def __init__(self, how: DoorOptions) -> None:
        given: dict[str, Any] = {"voice": "slt"}
        given |= read_options(how.settings, {"voice": _word}, self.name)
        self.name = how.name or self.name
        self._voice = given["voice"]
        version = _version([_find("flite", "flite"), "--version"], r"flite-([\d.]+\S*)")
        voices = _output(["flite", "-lv"]).partition(":")[2].split()
        if self._voice not in voices:  # it would take any other word for a file or an address
            raise UsageError(unknown("voice of flite", self._voice, voices))
        super().__init__({"version": version, **given})

    def command(self, words: str, path: Path) -> list[str]:
        """One sentence."""
        return ["flite", "-voice", self._voice, "-t", words, "-o", str(path)]


class FluidSynth:
    """fluidsynth with a General MIDI soundfont, dry: without reverberation and chorus."""

    kind: ModelKind = "engine"

    def __init__(self, how: DoorOptions) -> None:
        self.name = how.name or "engine/fluidsynth"
        options = {"soundfont": _word, "gain": number(0.01, 10), "program": whole(0, 127)}
        # A reed organ begins at once, holds its level and ends when let go: what a note's truth
        # says. At this gain four loud voices stay within full scale.
        given: dict[str, Any] = {"gain": 1.0, "program": 20}
        given |= read_options(how.settings, options, self.name)
        self._gain, self._default = given["gain"], given["program"]
        version = _version([_find("fluidsynth", "fluidsynth"), "--version"], r"version ([\d.]+)")
        self._soundfont = _soundfont(given.pop("soundfont", None))
        self._settings = {
            "version": version,
            **given,
            "soundfont": self._soundfont.name,
            "soundfont_sha256": _sha256(self._soundfont),
            "reverb": False,
            "chorus": False,
        }

    def settings(self) -> dict[str, Any]:
        """Version, soundfont and gain; it synthesizes at the rate that is asked for."""
        return self._settings

    def covers(self, prompt: Prompt) -> bool:
        """Whether the truth has notes, or strokes, and its instrument is one of General MIDI."""
        truth = prompt.truth
        return (
            isinstance(truth, NotesTruth)
            and bool(truth.notes or truth.hits)
            and program_of(truth.instrument, self._default) is not None
        )

    def audio(self, prompt: Prompt, sample: int, sample_rate: int) -> Clip:  # noqa: ARG002
        """The notes at their times, the same for every sample."""
        assert isinstance(prompt.truth, NotesTruth)
        with tempfile.TemporaryDirectory(prefix="probe-") as folder:
            midi, path = Path(folder) / "notes.mid", Path(folder) / "clip.wav"
            write_midi(prompt.truth, midi, default=self._default, duration_s=prompt.duration_s)
            how = ["-q", "-n", "-i", "-R", "0", "-C", "0", "-g", str(self._gain)]
            into = ["-T", "wav", "-O", "float", "-r", str(sample_rate), "-F", str(path)]
            _run(["fluidsynth", *how, *into, str(self._soundfont), str(midi)])
            clip = clip_left(path, sample_rate)
        # The score ends with the clip; fluidsynth lets it ring for two seconds more.
        return replace(clip, samples=fit(clip.samples, sample_rate, prompt.duration_s))


def _word(value: str) -> str:
    """The value of an option that goes on a command line."""
    if not value or value.startswith("-") or not value.isprintable():
        raise ValueError("must be a name, not beginning with a dash")
    return value


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --- running -------------------------------------------------------------------------------------


def _soundfont(given: str | None) -> Path:
    if given is not None:
        if not Path(given).is_file():
            raise UsageError(f"--set soundfont={given}: there is no such file")
        return Path(given)
    found = next((path for path in SOUNDFONTS if path.is_file()), None)
    if found is None:
        raise PrerequisiteError(
            "engine/fluidsynth needs a General MIDI soundfont; install one (Debian: apt-get install"
            " fluid-soundfont-gm or timgm6mb-soundfont) or name one with --set soundfont=FILE"
        )
    return found


def _find(program: str, package: str) -> str:
    if shutil.which(program) is None:
        raise PrerequisiteError(
            f"engine/{program} needs {program}; install it (Debian: apt-get install {package})"
        )
    return program


def _output(command: Sequence[str]) -> str:
    """What a program prints about itself."""
    try:
        done = subprocess.run(
            command, capture_output=True, stdin=subprocess.DEVNULL, timeout=TIMEOUT_S
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise PrerequisiteError(f"{command[0]} does not run: {error}") from None
    return decoded(done.stdout + done.stderr)


def _version(command: Sequence[str], pattern: str) -> str:
    said = _output(command)
    found = re.search(pattern, said)
    if found is None:
        raise PrerequisiteError(f"{command[0]} does not say its version: {said[:_TAIL]!r}")
    return found[1]


def _run(command: Sequence[str]) -> None:
    """Run an engine for one clip.

    Raises
    ------
    NoAudioError
        It failed, and how.
    """
    try:
        done = subprocess.run(
            command, capture_output=True, stdin=subprocess.DEVNULL, timeout=TIMEOUT_S
        )
    except subprocess.TimeoutExpired:
        raise NoAudioError(Outcome.TIMEOUT, f"no audio after {TIMEOUT_S:g} s") from None
    except OSError as error:
        raise NoAudioError(Outcome.PROVIDER_ERROR, f"cannot be run: {error.strerror}") from None
    if done.returncode:
        tail = decoded(done.stderr or done.stdout).strip().rpartition("\n")[2][-_TAIL:]
        said = f"exit code {done.returncode}" + (f": {tail}" if tail else "")
        outcome = Outcome.CRASHED if done.returncode < 0 else Outcome.RUNTIME_ERROR
        raise NoAudioError(outcome, said)
