"""One file scored by itself: a program written by hand, or a sound; nothing is recorded."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile

from probe.audio import InvalidAudio, parse_wav, pcm_sha256, to_pcm16
from probe.board.attempt import Look
from probe.errors import UsageError, unknown
from probe.models.leftover import SUFFIXES
from probe.records import Outcome, Prompt, Rendering, Score, Tier
from probe.records.languages import DEFAULT, language
from probe.records.metrics import Clip
from probe.records.references import References
from probe.render.again import Sound
from probe.render.stage import Program, Rendered, perform
from probe.sandbox import Sandbox
from probe.score.metrics import score_clip
from probe.score.stage import floor_of, measurable, score_of
from probe.tier.folder import LoadedTier

PROGRAM = ".py"


def look_at(
    file: Path,
    loaded: LoadedTier,
    prompt: str,
    *,
    sandbox: Callable[[], Sandbox],
    references: References | None = None,
) -> Look:
    """Render and measure one file as an attempt at a prompt.

    Parameters
    ----------
    file : Path
        A program (``.py``), which runs in the sandbox, or audio, which is held to what a program's
        output is held to.
    loaded : LoadedTier
        The tier.
    prompt : str
        The prompt's id.
    sandbox : callable
        Opens the sandbox; called for programs alone.
    references : References, optional
        Recordings, for the metrics that need some.

    Raises
    ------
    UsageError
        There is no such prompt, or the file cannot be read.
    PrerequisiteError
        The sandbox is missing.
    """
    asked = next((each for each in loaded.prompts if each.id == prompt), None)
    if asked is None:
        raise UsageError(unknown("prompt", prompt, [each.id for each in loaded.prompts]))
    if file.suffix.lower() == PROGRAM:
        row, _, pcm = _run(_bytes(file), file, loaded.tier, asked, sandbox)
    elif file.suffix.lower() in SUFFIXES:
        row, _, pcm = _read(_bytes(file), file, loaded.tier, asked)
    else:
        kinds = ", ".join((PROGRAM, *SUFFIXES))
        raise UsageError(f"{file}: a program or audio is scored, by its ending one of {kinds}")
    rate = loaded.tier.sample_rate
    sound = None if pcm is None else Sound(pcm, rate, same=True)
    return Look(
        run=file.name,
        attempt=(asked.id, 0),
        prompt=asked,
        turns=(),
        programs=(),
        language=DEFAULT,
        reply="",
        error="",
        rendering=row,
        scores=_scores(loaded.tier, asked, row, sound, references),
        sound=sound,
        silent=f"{file.name} left no audio: {row.outcome}",
    )


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from None


def _run(
    source: bytes, file: Path, tier: Tier, prompt: Prompt, sandbox: Callable[[], Sandbox]
) -> Rendered:
    try:
        program = Program(source.decode("utf-8"), 0.0, prompt.duration_s)
    except UnicodeDecodeError:
        raise UsageError(f"{file} is not UTF-8 text") from None
    with sandbox() as opened:
        return perform(opened, tier, prompt, 0, [program], language(DEFAULT))


def _read(data: bytes, file: Path, tier: Tier, prompt: Prompt) -> Rendered:
    row = Rendering(prompt=prompt.id, sample=0, outcome=Outcome.OK)
    try:
        clip = parse_wav(
            data if file.suffix.lower() == ".wav" else _as_wav(data),
            sample_rate=tier.sample_rate,
            duration_s=prompt.duration_s,
            tolerance_s=tier.limits.length_tolerance_s,
        )
    except InvalidAudio as error:
        invalid = {"outcome": Outcome.INVALID_AUDIO, "detail": str(error)}
        return Rendered(row.model_copy(update=invalid))
    pcm = to_pcm16(clip.samples)
    said = {"audio_sha256": pcm_sha256(pcm), "notes": clip.notes}
    return Rendered(row.model_copy(update=said), pcm=pcm)


def _as_wav(data: bytes) -> bytes:
    """Another format as the WAV that a program would have left, of its own width where WAV has it.

    Raises
    ------
    InvalidAudio
        It cannot be read.
    """
    wav = io.BytesIO()
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as audio:
            width = audio.subtype if audio.subtype in ("PCM_16", "PCM_24") else "FLOAT"
            samples = audio.read(dtype="float64", always_2d=True)
            soundfile.write(wav, samples, audio.samplerate, subtype=width, format="WAV")
    except soundfile.SoundFileError as error:
        reason = getattr(error, "error_string", error)
        raise InvalidAudio(f"it cannot be read as audio: {reason}") from None
    return wav.getvalue()


def _scores(
    tier: Tier,
    prompt: Prompt,
    row: Rendering,
    sound: Sound | None,
    references: References | None,
) -> tuple[Score, ...]:
    """The values of the tier's per-clip metrics that apply; a failure takes their floors."""
    names = [
        metric.name
        for metric in measurable(tier.metrics, references)
        if metric.applies_to(prompt, references)
    ]
    if sound is None:
        values = {name: floor_of(name, row) for name in names}
    else:
        samples = sound.pcm / np.float64(1 << 15)
        values = score_clip(names, Clip(prompt, samples, sound.sample_rate, references))
    attempt = (prompt.id, row.sample)
    return tuple(score_of(attempt, name, found, references) for name, found in values.items())
