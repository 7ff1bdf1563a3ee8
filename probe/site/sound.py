"""Where the audio of an attempt comes from: the run's folder, its program, or its source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import soundfile
from numpy.typing import NDArray

from probe.audio import Clip, fit, pcm_sha256, to_pcm16
from probe.board.order import REAL
from probe.display import Display
from probe.errors import ProbeError
from probe.models import open_door
from probe.models.base import AudioSource, DoorOptions, NoAudioError
from probe.parallel import in_threads
from probe.records import Outcome, Rendering
from probe.records.index import RunIndex
from probe.records.languages import language
from probe.records.references import References
from probe.records.run_folder import Attempt, RunFolder
from probe.render import commands
from probe.render.stage import NoProgram, perform, programs_of
from probe.sandbox import Sandbox
from probe.site import clips
from probe.site.chunks import key
from probe.site.schema import Heard
from probe.tier.folder import LoadedTier

LEFT_OUT = "this site was built without audio"
NO_RECORDINGS = (
    "recordings have licences of their own; they are published only with --references FOLDER"
)
NO_TIER = "this version of the tier is not known here, so the audio cannot be made again"
NO_SOURCE = "the audio is not in the run's folder and this source cannot make it again"

OpenSandbox = Callable[[], Sandbox]


class _Job(NamedTuple):
    folder: RunFolder
    row: Rendering
    key: str


class Sounds:
    """Clips of the site, made once for every audio that was measured.

    Parameters
    ----------
    out : Path
        Folder of the clips.
    tiers : mapping of str to LoadedTier
        Tiers by digest.
    references : References or None
        Recordings that may be published.
    """

    def __init__(
        self, out: Path, tiers: Mapping[str, LoadedTier], references: References | None
    ) -> None:
        self._out = out
        self._tiers = tiers
        self._references = references
        self._made: dict[str, Heard] = {}
        self._doors: dict[Path, AudioSource | str] = {}

    def make(self, runs: list[RunIndex], open_sandbox: OpenSandbox, display: Display) -> None:
        """Make the clips that are missing; the sandbox is opened only if a program must run.

        Raises
        ------
        PrerequisiteError
            A program must run, and there is no sandbox.
        """
        jobs: dict[str, _Job] = {}
        for folder in (run.part(prompt) for run in runs for prompt in run.run.spec.prompts):
            for row in folder.latest_renderings.values():
                if row.outcome is Outcome.OK and row.audio_sha256 and self._may(folder):
                    jobs.setdefault(_key(row), _Job(folder, row, _key(row)))
        missing = []
        for job in jobs.values():
            if about := clips.kept(self._out, job.key):
                self._made[job.key] = Heard(clip=about)
            else:
                missing.append(job)
        with ExitStack() as stack:
            sandbox = None
            if any(self._needs_sandbox(job) for job in missing):
                sandbox = stack.enter_context(open_sandbox())
            if missing:
                self._out.mkdir(parents=True, exist_ok=True)
                for job in missing:  # doors are opened here, one after another
                    self._door(job.folder)
                with display.stage("audio", len(missing)) as stage:
                    for name, found in in_threads(lambda job: self._one(job, sandbox), missing):
                        self._made[name] = found
                        stage.advance("made" if found.clip else "none")
        clips.sweep(self._out, set(self._made))

    def of(self, folder: RunFolder, attempt: Attempt) -> Heard:
        """The clip of an attempt, or why there is none; nothing where the attempt has no audio."""
        row = folder.latest_renderings.get(attempt)
        if row is None or row.outcome is not Outcome.OK or not row.audio_sha256:
            return Heard()
        if not self._may(folder):
            return Heard(silent=NO_RECORDINGS)
        return self._made.get(_key(row), Heard(silent=LEFT_OUT))

    def _may(self, folder: RunFolder) -> bool:
        """Whether the audio may be published: a recording only if its owner is asked for it."""
        if folder.run.spec.model != REAL:
            return True
        digest = folder.run.spec.settings.get("references")
        return self._references is not None and self._references.digest == digest

    def _needs_sandbox(self, job: _Job) -> bool:
        spec = job.folder.run.spec
        known = spec.tier_digest in self._tiers
        return spec.image is not None and known and _there(job) is None

    def _one(self, job: _Job, sandbox: Sandbox | None) -> tuple[str, Heard]:
        pcm = _there(job)
        if pcm is not None:
            rate = int(soundfile.info(job.folder.audio_path(_attempt(job))).samplerate)
        else:
            loaded = self._tiers.get(job.folder.run.spec.tier_digest)
            if loaded is None:
                return job.key, Heard(silent=NO_TIER)
            again = self._again(job, loaded, sandbox)
            if isinstance(again, str):
                return job.key, Heard(silent=again)
            pcm, rate = again, loaded.tier.sample_rate
        same = pcm_sha256(pcm) == job.row.audio_sha256
        return job.key, Heard(clip=clips.make(self._out, job.key, pcm, rate, same=same))

    def _again(
        self, job: _Job, loaded: LoadedTier, sandbox: Sandbox | None
    ) -> NDArray[np.int16] | str:
        """The audio made once more, or why it cannot be."""
        folder, attempt, spec = job.folder, _attempt(job), job.folder.run.spec
        prompt = next((p for p in loaded.prompts if p.id == attempt[0]), None)
        if prompt is None:
            return NO_TIER
        if spec.image is None:
            return _taken(self._door(folder), prompt, attempt[1], loaded.tier.sample_rate)
        spoken = language(spec.language)
        programs = programs_of(folder.parts(attempt), folder.turns(attempt), prompt, spoken)
        if sandbox is None or isinstance(programs, NoProgram):
            return NO_SOURCE
        made = perform(sandbox, loaded.tier, prompt, attempt[1], programs, spoken)
        if made.pcm is None:
            return f"the program did not leave audio this time: {made.row.outcome}"
        return made.pcm

    def _door(self, folder: RunFolder) -> AudioSource | str:
        """The source of a run without programs, or why it cannot be asked again."""
        if folder.folder not in self._doors:
            self._doors[folder.folder] = self._open(folder)
        return self._doors[folder.folder]

    def _open(self, folder: RunFolder) -> AudioSource | str:
        spec = folder.run.spec
        loaded, name = self._tiers.get(spec.tier_digest), commands.door(spec)
        if spec.image is not None or loaded is None:
            return NO_SOURCE
        if not name.startswith(("builtin/", "engine/")):  # anything else may cost much
            return NO_SOURCE
        given = tuple(f"{key}={value}" for key, value in commands.options(spec).items())
        try:
            door = open_door(name, loaded, references=self._references, how=DoorOptions(given))
        except ProbeError as error:
            return f"{NO_SOURCE}: {error}"
        return door if isinstance(door, AudioSource) else NO_SOURCE


def _key(row: Rendering) -> str:
    return key((row.audio_sha256 or "")[:40])


def _attempt(job: _Job) -> Attempt:
    return (job.row.prompt, job.row.sample)


def _there(job: _Job) -> NDArray[np.int16] | None:
    """The audio in the run's folder, if it is there and is what was measured."""
    if key(job.row.prompt) != job.row.prompt:
        return None  # such an id could name any file
    return job.folder.audio(job.row)


def _taken(door: AudioSource | str, prompt: Any, sample: int, rate: int) -> NDArray[np.int16] | str:
    if isinstance(door, str):
        return door
    try:
        left = door.audio(prompt, sample, rate)
    except NoAudioError as error:
        return f"{NO_SOURCE}: {error}"
    samples = left.samples if isinstance(left, Clip) else left
    return to_pcm16(fit(samples, rate, prompt.duration_s))
