"""complete → render → score: each stage does exactly what the logs lack, and nothing twice.

A language model is asked and its program runs in the sandbox, or an audio source leaves its audio;
then everything is scored alike. Only the thread that calls a stage writes to the store.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from probe.audio import InvalidAudio, parse_wav, pcm_sha256, to_pcm16
from probe.display import Display, Stage
from probe.models.base import AudioSource, LanguageModel, ProviderError, Reply, Request
from probe.parallel import in_threads
from probe.prompting import extract_program, is_refusal, message
from probe.records import Completion, Outcome, Prompt, Rendering
from probe.references import References
from probe.sandbox import Execution, Sandbox
from probe.scoring import unscored, unscored_sets
from probe.store import Attempt, RunFolder, Store
from probe.tiers import LoadedTier

KEPT_STDERR = 4000
"""Characters of a program's stderr that are worth a place in the log."""


# --- complete ------------------------------------------------------------------------------------


def uncompleted(folder: RunFolder) -> list[Attempt]:
    """Attempts without a reply that counts."""
    there = folder.latest_completions
    return [a for a in folder.attempts if a not in there or there[a].outcome.ours]


def complete(store: Store, model: LanguageModel, loaded: LoadedTier, display: Display) -> None:
    """Ask the model for every reply the store lacks.

    Raises
    ------
    PrerequisiteError
        The service refuses every request (a bad key, no such model).
    """
    attempts = uncompleted(store)
    if attempts:
        with display.stage("complete", len(attempts)) as stage:
            asyncio.run(_ask_all(store, model, loaded, attempts, stage))


async def _ask_all(
    store: Store, model: LanguageModel, loaded: LoadedTier, attempts: list[Attempt], stage: Stage
) -> None:
    prompts = {prompt.id: prompt for prompt in loaded.prompts}
    queue = iter(attempts)

    async def ask_in_turn() -> None:
        for prompt_id, sample in queue:
            row = await _ask(model, loaded, prompts[prompt_id], sample)
            store.add_completion(row)
            stage.advance(row.outcome)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(min(model.concurrency, len(attempts))):
                group.create_task(ask_in_turn())
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None
    finally:
        await model.aclose()


async def _ask(model: LanguageModel, loaded: LoadedTier, prompt: Prompt, sample: int) -> Completion:
    request = Request(
        prompt=prompt,
        sample=sample,
        text=message(loaded, prompt),
        max_tokens=loaded.tier.limits.reply_tokens,
    )
    began = time.monotonic()
    try:
        reply = await model.complete(request)
    except ProviderError as error:
        return Completion(
            prompt=prompt.id,
            sample=sample,
            outcome=Outcome.PROVIDER_ERROR,
            error=str(error),
            latency_s=time.monotonic() - began,
        )
    return Completion(
        prompt=prompt.id,
        sample=sample,
        outcome=_reading(reply),
        **reply.model_dump(),
    )


def _reading(reply: Reply) -> Outcome:
    """What a reply amounts to: a program, a refusal, or neither."""
    if reply.finish_reason == "refusal":
        return Outcome.REFUSED
    if extract_program(reply.text, truncated=reply.finish_reason == "length") is not None:
        return Outcome.OK
    return Outcome.REFUSED if is_refusal(reply.text) else Outcome.NO_CODE


# --- render --------------------------------------------------------------------------------------


class Rendered(NamedTuple):
    """A rendering with what belongs beside its row."""

    row: Rendering
    program: str | None = None
    pcm: NDArray[np.int16] | None = None


def unrendered(
    folder: RunFolder, loaded: LoadedTier, references: References | None
) -> list[Attempt]:
    """Attempts without a rendering that counts, or whose audio is gone and still to be scored."""
    there = folder.latest_renderings
    whole = references is not None and unscored_sets(folder, references)
    waiting = set(folder.attempts if whole else unscored(folder, loaded, references))

    def lacks(attempt: Attempt) -> bool:
        row = there.get(attempt)
        if row is None or row.outcome.ours:
            return True
        return row.outcome is Outcome.OK and attempt in waiting and folder.audio(row) is None

    return [attempt for attempt in folder.attempts if lacks(attempt)]


def render(
    store: Store,
    source: Sandbox | AudioSource,
    loaded: LoadedTier,
    references: References | None,
    display: Display,
) -> None:
    """Make audio for every attempt that lacks it, as many at once as there are cores.

    `source` is the sandbox for attempts with a reply, or the audio source itself.
    """
    prompts = {prompt.id: prompt for prompt in loaded.prompts}
    replies = store.latest_completions
    attempts = unrendered(store, loaded, references)

    def make(attempt: Attempt) -> Rendered:
        prompt = prompts[attempt[0]]
        if isinstance(source, AudioSource):
            return _take_audio(source, loaded, prompt, attempt[1])
        return _run_program(source, loaded, prompt, replies[attempt])

    if not isinstance(source, AudioSource):
        attempts = [a for a in attempts if a in replies and not replies[a].outcome.ours]
    if attempts:
        with display.stage("render", len(attempts)) as stage:
            for done in in_threads(make, attempts):
                store.add_rendering(
                    done.row,
                    program=done.program,
                    pcm=done.pcm,
                    sample_rate=loaded.tier.sample_rate,
                )
                stage.advance(done.row.outcome)


def _take_audio(source: AudioSource, loaded: LoadedTier, prompt: Prompt, sample: int) -> Rendered:
    began = time.monotonic()
    pcm = to_pcm16(source.audio(prompt, sample, loaded.tier.sample_rate))
    row = Rendering(
        prompt=prompt.id,
        sample=sample,
        outcome=Outcome.OK,
        audio_sha256=pcm_sha256(pcm),
        wall_s=time.monotonic() - began,
    )
    return Rendered(row, pcm=pcm)


def _run_program(
    sandbox: Sandbox, loaded: LoadedTier, prompt: Prompt, reply: Completion
) -> Rendered:
    cut_off = reply.finish_reason == "length"
    program = extract_program(reply.text, truncated=cut_off)
    if reply.outcome is not Outcome.OK or program is None:
        row = Rendering(
            prompt=prompt.id,
            sample=reply.sample,
            outcome=reply.outcome,
            detail="the reply was cut off by the token limit" if cut_off else None,
        )
        return Rendered(row)
    execution = sandbox.execute(program, loaded.tier.limits)
    return _hear(execution, loaded, prompt, reply.sample, program)


def _hear(
    execution: Execution, loaded: LoadedTier, prompt: Prompt, sample: int, program: str
) -> Rendered:
    """Turn what the sandbox returned into a rendering: here the audio is read at last."""
    outcome, detail, pcm = execution.outcome, execution.detail, None
    notes: tuple[str, ...] = ()
    if outcome is Outcome.OK:
        try:
            clip = parse_wav(
                execution.audio or b"",
                sample_rate=loaded.tier.sample_rate,
                duration_s=prompt.duration_s,
                tolerance_s=loaded.tier.limits.length_tolerance_s,
            )
        except InvalidAudio as error:
            outcome, detail = Outcome.INVALID_AUDIO, str(error)
        else:
            notes, pcm = clip.notes, to_pcm16(clip.samples)
    row = Rendering(
        prompt=prompt.id,
        sample=sample,
        outcome=outcome,
        detail=detail,
        notes=notes,
        program_sha256=hashlib.sha256(program.encode()).hexdigest(),
        audio_sha256=None if pcm is None else pcm_sha256(pcm),
        exit_code=execution.exit_code,
        signal=execution.signal,
        cpu_s=execution.cpu_s,
        wall_s=execution.wall_s,
        peak_memory_bytes=execution.peak_memory_bytes,
        stderr_tail=execution.stderr_tail[-KEPT_STDERR:],
    )
    return Rendered(row, program, pcm)


def repeat(store: Store, sandbox: Sandbox, loaded: LoadedTier, display: Display) -> None:
    """Render once more what was rendered, and record whether the samples are the same."""
    prompts = {prompt.id: prompt for prompt in loaded.prompts}
    replies = store.latest_completions
    once = [
        row
        for row in store.latest_renderings.values()
        if row.outcome is Outcome.OK and row.repeatable is None
    ]

    def again(row: Rendering) -> tuple[Rendering, Rendering]:
        attempt = (row.prompt, row.sample)
        return row, _run_program(sandbox, loaded, prompts[row.prompt], replies[attempt]).row

    if once:
        with display.stage("repeat", len(once)) as stage:
            for first, second in in_threads(again, once):
                if second.outcome.ours:
                    stage.advance(second.outcome)
                    continue
                same = second.audio_sha256 == first.audio_sha256
                row = first.model_copy(update={"repeatable": same})
                store.add_rendering(row, sample_rate=loaded.tier.sample_rate)
                stage.advance("same" if same else "different")
