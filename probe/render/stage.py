"""From an answer to audio: programs in the sandbox, or an audio source, and what came of it."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from probe.audio import Clip, InvalidAudio, fit, parse_wav, pcm_sha256, to_pcm16
from probe.display import Progress
from probe.models.base import AudioSource, BatchSource, NoAudioError, Taken
from probe.parallel import in_threads
from probe.records import Completion, Outcome, Part, Prompt, Rendering, Tier
from probe.records.languages import Language, language
from probe.records.replies import extracted_from
from probe.records.run_folder import Attempt, RunFolder
from probe.records.stage import Stage
from probe.records.store import Store
from probe.sandbox import Execution, Sandbox
from probe.tier.folder import LoadedTier

KEPT_STDERR = 4000
"""Characters of a program's stderr that are worth a place in the log."""


class Rendered(NamedTuple):
    """A rendering with what belongs beside its row."""

    row: Rendering
    programs: tuple[str, ...] = ()
    pcm: NDArray[np.int16] | None = None


@dataclass(frozen=True)
class Program:
    """One program of an answer: what it is, and where it sounds."""

    text: str
    onset_s: float
    duration_s: float


# --- the stage -----------------------------------------------------------------------------------


class RenderStage(Stage[Attempt]):
    """Audio for every attempt, or why there is none.

    Parameters
    ----------
    source : Sandbox or AudioSource
        The sandbox for attempts with an answer, or the audio source itself.
    loaded : LoadedTier
        The tier.
    wanted : callable, optional
        Attempts of a folder whose audio is still to be heard: it is made anew where it is gone.
    """

    name = "render"

    def __init__(
        self,
        source: Sandbox | AudioSource,
        loaded: LoadedTier,
        wanted: Callable[[RunFolder], Container[Attempt]] = lambda _: (),
    ) -> None:
        self._source = source
        self._loaded = loaded
        self._wanted = wanted

    def missing(self, folder: RunFolder) -> list[Attempt]:
        """Attempts without a rendering that counts, or whose audio is wanted and gone."""
        return unrendered(folder, self._wanted(folder))

    def ready(self, folder: RunFolder, missing: list[Attempt]) -> list[Attempt]:
        """Those with a reply that counts, where a reply is needed."""
        if isinstance(self._source, AudioSource):
            return missing
        replies = folder.latest_completions
        return [a for a in missing if (row := replies.get(a)) and not row.outcome.ours]

    def work(self, store: Store, waiting: Sequence[Attempt], progress: Progress) -> None:
        """Render, as many at once as there are cores."""
        for done in made(store, self._source, self._loaded, waiting):
            rate = self._loaded.tier.sample_rate
            store.add_rendering(done.row, programs=done.programs, pcm=done.pcm, sample_rate=rate)
            progress.advance(done.row.outcome)


def unrendered(folder: RunFolder, wanted: Container[Attempt]) -> list[Attempt]:
    """Attempts without a rendering that counts, or whose audio is wanted and gone."""
    there = folder.latest_renderings

    def lacks(attempt: Attempt) -> bool:
        row = there.get(attempt)
        if row is None or row.outcome.ours:
            return True
        return row.outcome is Outcome.OK and attempt in wanted and folder.audio(row) is None

    return [attempt for attempt in folder.asked if lacks(attempt)]


class RepeatStage(Stage[Attempt]):
    """A second rendering of every clip, which tells whether the samples are the same.

    Parameters
    ----------
    sandbox : Sandbox
        Where the programs run.
    loaded : LoadedTier
        The tier.
    """

    name = "repeat"

    def __init__(self, sandbox: Sandbox, loaded: LoadedTier) -> None:
        self._sandbox = sandbox
        self._loaded = loaded

    def missing(self, folder: RunFolder) -> list[Attempt]:
        """Attempts that left audio, of which nobody has tried whether they do so again."""
        return [
            attempt
            for attempt, row in folder.latest_renderings.items()
            if row.outcome is Outcome.OK and row.repeatable is None
        ]

    def work(self, store: Store, waiting: Sequence[Attempt], progress: Progress) -> None:
        """Render once more, and record what came of it."""
        for second, _, _ in made(store, self._sandbox, self._loaded, waiting):
            if second.outcome.ours:
                progress.advance(second.outcome)
                continue
            first = store.latest_renderings[second.prompt, second.sample]
            same = second.audio_sha256 == first.audio_sha256
            row = first.model_copy(update={"repeatable": same})
            store.add_rendering(row, sample_rate=self._loaded.tier.sample_rate)
            progress.advance("same" if same else "different")


def made(
    folder: RunFolder,
    source: Sandbox | AudioSource,
    loaded: LoadedTier,
    attempts: Sequence[Attempt],
) -> Iterator[Rendered]:
    """What comes of `attempts`, in the order it is ready; nothing is written.

    With a sandbox every attempt needs a reply in `folder`.
    """
    prompts = {prompt.id: prompt for prompt in loaded.prompts}
    replies = folder.latest_completions
    if isinstance(source, BatchSource):
        return _take_batches(source, loaded, [(prompts[p], n) for p, n in attempts])

    def make(attempt: Attempt) -> Rendered:
        prompt = prompts[attempt[0]]
        if isinstance(source, AudioSource):
            return _take_audio(source, loaded, prompt, attempt[1])
        return _run(folder, source, loaded.tier, prompt, replies[attempt])

    return in_threads(make, attempts)


# --- one attempt ---------------------------------------------------------------------------------


SHORTEST_CHANGE_S = 0.005
"""A change of length below this is not worth a note: engines work in blocks of samples."""


def _take_audio(source: AudioSource, loaded: LoadedTier, prompt: Prompt, sample: int) -> Rendered:
    began = time.monotonic()
    left: NDArray[np.float64] | Clip | NoAudioError
    try:
        left = source.audio(prompt, sample, loaded.tier.sample_rate)
    except NoAudioError as error:
        left = error
    return _taken(Taken(prompt, sample, left), loaded.tier.sample_rate, time.monotonic() - began)


def _take_batches(
    source: BatchSource, loaded: LoadedTier, attempts: Sequence[tuple[Prompt, int]]
) -> Iterator[Rendered]:
    """What a source of batches leaves; an attempt took the time since the one before it."""
    began = time.monotonic()
    for taken in source.audios(attempts, loaded.tier.sample_rate):
        now = time.monotonic()
        yield _taken(taken, loaded.tier.sample_rate, now - began)
        began = now


def _taken(taken: Taken, sample_rate: int, wall_s: float) -> Rendered:
    """What an audio source left, at the length that was asked for: cropped or padded at the end."""
    prompt, sample, left = taken
    row = Rendering(prompt=prompt.id, sample=sample, outcome=Outcome.OK, wall_s=wall_s)
    if isinstance(left, NoAudioError):
        return Rendered(row.model_copy(update={"outcome": left.outcome, "detail": str(left)}))
    samples, notes = (left.samples, left.notes) if isinstance(left, Clip) else (left, ())
    excess_s = len(samples) / sample_rate - prompt.duration_s
    if abs(excess_s) >= SHORTEST_CHANGE_S:
        notes = (*notes, f"{'cropped' if excess_s > 0 else 'padded'} by {abs(excess_s):.2f} s")
    pcm = to_pcm16(fit(samples, sample_rate, prompt.duration_s))
    said = {"audio_sha256": pcm_sha256(pcm), "notes": notes}
    return Rendered(row.model_copy(update=said), pcm=pcm)


class NoProgram(NamedTuple):
    """Why an answer has no program for each of its parts."""

    outcome: Outcome
    detail: str | None


def programs_of(
    parts: Sequence[Part], turns: Sequence[Completion], prompt: Prompt, spoken: Language
) -> list[Program] | NoProgram:
    """The programs of an answer, or what is the matter with the first reply that holds none."""
    found = []
    for number, part in enumerate(parts, start=1):
        reply = turns[part.turn]
        extracted = extracted_from(reply, spoken)
        if extracted is None:
            cut_off = reply.finish_reason == "length"
            detail = "the reply was cut off by the token limit" if cut_off else reply.error
            # A plan holds no program either, and was read as what it is.
            outcome = Outcome.NO_CODE if reply.outcome is Outcome.OK else reply.outcome
            return NoProgram(outcome, _of_part(number, len(parts), detail, outcome))
        found.append(Program(extracted.program, part.onset_s, part.duration_s or prompt.duration_s))
    return found


def _of_part(number: int, count: int, detail: str | None, outcome: Outcome) -> str | None:
    """A detail that says which part of an answer it is about, where there are several."""
    return detail if count == 1 else f"part {number} of {count}: {detail or outcome}"


def _run(
    store: RunFolder, sandbox: Sandbox, tier: Tier, prompt: Prompt, reply: Completion
) -> Rendered:
    attempt = (reply.prompt, reply.sample)
    spoken = language(store.run.spec.language)
    programs = programs_of(store.parts(attempt), store.turns(attempt), prompt, spoken)
    if isinstance(programs, NoProgram):
        outcome, detail = programs
        return Rendered(
            Rendering(prompt=prompt.id, sample=reply.sample, outcome=outcome, detail=detail)
        )
    return perform(sandbox, tier, prompt, reply.sample, programs, spoken)


def perform(
    sandbox: Sandbox,
    tier: Tier,
    prompt: Prompt,
    sample: int,
    programs: Sequence[Program],
    spoken: Language,
) -> Rendered:
    """Run the programs of an answer one after another and mix what they leave at their times.

    The first that fails ends the attempt. A mix beyond full scale is brought down to it as a whole.
    """
    done: list[Execution] = []
    clips: list[NDArray[np.float64]] = []
    notes: list[str] = []
    detail = None
    outcome = Outcome.OK
    for number, program in enumerate(programs, start=1):
        execution = sandbox.execute(spoken.carry(program.text), tier.limits)
        done.append(execution)
        outcome, detail = execution.outcome, execution.detail
        if outcome is Outcome.OK:
            try:
                clip = _read(execution, tier, program)
            except InvalidAudio as error:
                outcome, detail = Outcome.INVALID_AUDIO, str(error)
            else:
                clips.append(clip[0])
                notes += clip[1]
        if outcome is not Outcome.OK:
            detail = _of_part(number, len(programs), detail, outcome)
            break
    pcm = None
    if outcome is Outcome.OK:
        samples, gain = mix(clips, programs, prompt.duration_s, tier.sample_rate)
        notes += [f"brought down by {-20 * np.log10(gain):.1f} dB"] if gain < 1 else []
        pcm = to_pcm16(samples)
    last = done[-1]
    row = Rendering(
        prompt=prompt.id,
        sample=sample,
        outcome=outcome,
        detail=detail,
        notes=tuple(notes),
        program_sha256=_programs_sha256(programs),
        audio_sha256=None if pcm is None else pcm_sha256(pcm),
        exit_code=last.exit_code,
        signal=last.signal,
        cpu_s=sum(execution.cpu_s for execution in done),
        wall_s=sum(execution.wall_s for execution in done),
        peak_memory_bytes=max(execution.peak_memory_bytes for execution in done),
        stderr_tail=last.stderr_tail[-KEPT_STDERR:],
    )
    return Rendered(row, tuple(program.text for program in programs), pcm)


def _read(
    execution: Execution, tier: Tier, program: Program
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    clip = parse_wav(
        execution.audio or b"",
        sample_rate=tier.sample_rate,
        duration_s=program.duration_s,
        tolerance_s=tier.limits.length_tolerance_s,
    )
    return clip.samples, clip.notes


def mix(
    clips: Sequence[NDArray[np.float64]],
    programs: Sequence[Program],
    duration_s: float,
    sample_rate: int,
) -> tuple[NDArray[np.float64], float]:
    """Add clips at the onsets of their programs.

    Parameters
    ----------
    clips : sequence of ndarray of float64, shape (n,)
        Mono, one for each program.
    programs : sequence of Program
        Where they go.
    duration_s : float
        Length of the whole; what sounds beyond it is cut.
    sample_rate : int
        In Hz.

    Returns
    -------
    samples : ndarray of float64, shape (round(duration_s * sample_rate),)
        The mix, within [-1, 1].
    gain : float
        What it was multiplied with to stay within; 1 where nothing was needed.
    """
    if len(clips) == 1 and programs[0].onset_s == 0 and programs[0].duration_s == duration_s:
        return clips[0], 1.0
    whole = np.zeros(round(duration_s * sample_rate))
    for clip, program in zip(clips, programs, strict=True):
        begin = round(program.onset_s * sample_rate)
        length = min(len(clip), max(len(whole) - begin, 0))
        whole[begin : begin + length] += clip[:length]
    gain = min(1.0, 1.0 / float(np.abs(whole).max(initial=1e-9)))
    return whole * gain, gain


def _programs_sha256(programs: Sequence[Program]) -> str:
    """SHA-256 of the program; of several, of their digests in order."""
    digests = [hashlib.sha256(program.text.encode()).hexdigest() for program in programs]
    if len(digests) == 1:
        return digests[0]
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()
