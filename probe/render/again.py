"""Make the audio of a run anew: from its programs in the image they ran on, or from its source."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import docker.errors
import numpy as np
from numpy.typing import NDArray

from probe.errors import ProbeError, UsageError
from probe.models import open_door
from probe.models.base import AudioSource, DoorOptions
from probe.records import Outcome, Run
from probe.records.references import References
from probe.records.run_folder import Attempt, RunFolder
from probe.render import commands
from probe.render.stage import made
from probe.sandbox import Sandbox
from probe.sandbox.choose import open_sandbox
from probe.sandbox.docker import engine, image
from probe.sandbox.docker.sandbox import DockerSandbox
from probe.sandbox.warm import SPARE
from probe.tier.folder import LoadedTier, load

AGAIN = ("builtin/", "engine/")
"""Sources that are here, and give the same audio again; any other costs time or money."""


@dataclass(frozen=True)
class Maker:
    """What makes a run's audio anew."""

    source: Sandbox | AudioSource
    image: str | None
    """Content id of the sandbox image, None where no programs run."""
    other: str | None
    """How it differs from what made the run, None where it does not."""


def tier_of(folder: RunFolder, tier: str | None = None) -> LoadedTier:
    """The tier of a run, in the run's version.

    Parameters
    ----------
    folder : RunFolder
        The run.
    tier : str, optional
        Folder of a tier that does not come with probe.

    Raises
    ------
    UsageError
        It is not there, or is another version.
    """
    spec = folder.run.spec
    loaded = load(tier or spec.tier)
    if loaded.tier.digest != spec.tier_digest:
        raise UsageError(
            f"{folder.folder} ran on {spec.tier} {spec.tier_digest[:12]}; here is"
            f" {loaded.tier.name} {loaded.tier.digest[:12]}. Use the probe that ran it, or name the"
            " tier's folder with --tier"
        )
    return loaded


@contextmanager
def open_maker(
    folder: RunFolder,
    loaded: LoadedTier,
    *,
    references: References | None = None,
    slots: int | None = None,
) -> Iterator[Maker]:
    """Open what makes a run's audio anew.

    Parameters
    ----------
    folder : RunFolder
        The run.
    loaded : LoadedTier
        Its tier.
    references : References, optional
        Recordings, for ``builtin/reference``.
    slots : int, optional
        How many programs run at once; as many as there are cores by default.

    Raises
    ------
    UsageError
        The run's source cannot make its audio again.
    PrerequisiteError
        The sandbox, the engine or the recordings are missing.
    """
    if folder.run.spec.image is None:
        source = _door(folder.run, loaded, references)
        yield Maker(source, None, _settings_differ(folder.run, source))
        return
    sandbox = _sandbox(folder.run, slots)
    same = sandbox.image == folder.run.spec.image
    other = None if same else "the sandbox image is another, the run's is not here"
    with sandbox:
        yield Maker(sandbox, sandbox.image, other)


def _sandbox(run: Run, slots: int | None) -> Sandbox:
    """The image that the run's programs ran on if it is still here, or else the one that is."""
    if run.sandbox and run.sandbox.startswith("bubblewrap"):
        return open_sandbox("bubblewrap", slots=slots)
    client = engine.connect()
    assert run.spec.image
    try:
        found = client.inspect_image(run.spec.image)
    except (docker.errors.DockerException, ValueError):
        return open_sandbox("docker", slots=slots)
    # A run's folder may come from anybody: it must not name just any image of this machine.
    if image.DIGEST_LABEL not in (found["Config"]["Labels"] or {}):
        return open_sandbox("docker", slots=slots)
    return DockerSandbox(client, found["Id"], slots=slots, spare=0 if slots == 1 else SPARE)


def _door(run: Run, loaded: LoadedTier, references: References | None) -> AudioSource:
    name = commands.door(run.spec)
    if not name.startswith(AGAIN):
        raise UsageError(
            f"{run.spec.model} left audio without programs, made by a generator or elsewhere:"
            " probe cannot make the same audio again"
        )
    options = DoorOptions(tuple(f"{k}={v}" for k, v in commands.options(run.spec).items()))
    door = open_door(name, loaded, references=references, how=options)
    assert isinstance(door, AudioSource), f"{name} leaves programs, and the run has no image"
    return door


def _settings_differ(run: Run, source: AudioSource) -> str | None:
    there, here = run.spec.settings, source.settings()
    said = [
        f"{key} is {here.get(key, 'none')}, the run's was {there.get(key, 'none')}"
        for key in {**there, **here}
        if key != "door" and there.get(key) != here.get(key)
    ]
    return "; ".join(said) or None


@dataclass(frozen=True)
class Sound:
    """The audio of an attempt."""

    pcm: NDArray[np.int16]
    """Shape (n,)."""
    sample_rate: int
    """In Hz."""
    same: bool
    """Whether these are the samples that were measured."""


def sound_of(
    folder: RunFolder,
    attempt: Attempt,
    loaded: LoadedTier,
    *,
    references: References | None = None,
) -> Sound:
    """The audio of an attempt from the run's folder, or made anew.

    Raises
    ------
    ProbeError
        It has none, or it cannot be made here; says why.
    """
    row = folder.latest_renderings.get(attempt)
    if row is None or row.outcome is not Outcome.OK:
        raise ProbeError(
            f"{attempt[0]} left no audio: {row.outcome if row else 'not rendered yet'}"
        )
    kept = folder.audio(row)
    if kept is not None:
        return Sound(kept, loaded.tier.sample_rate, same=True)
    with open_maker(folder, loaded, references=references, slots=1) as maker:
        (done,) = made(folder, maker.source, loaded, [attempt])
    if done.pcm is None:
        raise ProbeError(f"{attempt[0]} left no audio this time: {done.row.outcome}")
    same = done.row.audio_sha256 == row.audio_sha256
    return Sound(done.pcm, loaded.tier.sample_rate, same)
