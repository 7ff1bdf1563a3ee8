"""The command line that makes a run, or one sample of it, again."""

from __future__ import annotations

import json
import shlex
from typing import Any

from probe.records import Run, Spec

_CHOICE = ("prompt", "group", "level", "limit")
"""Flags that say which prompts a run asks."""

_ENGINE_OPTIONS = {
    "espeak-ng": ("voice", "speed"),
    "flite": ("voice",),
    "fluidsynth": ("gain", "program"),
}
"""What of an engine's settings can be chosen; the rest says what was there."""


def door(spec: Spec) -> str:
    """The door of a run, as ``--model`` names it; a placeholder where the run does not say."""
    settings = spec.settings
    if "door" in settings:
        return str(settings["door"])
    if "command" in settings:
        return f"command/{settings['command']}"
    if "weights" in settings:
        if "revision" not in settings:
            return "generator/FOLDER"
        if not spec.model.startswith("generator/"):
            return f"generator/{settings['weights']}"
    return spec.model


def options(spec: Spec) -> dict[str, Any]:
    """What was given with ``--set``."""
    settings, provider = spec.settings, door(spec).partition("/")[0]
    if provider == "engine":
        chosen = _ENGINE_OPTIONS.get(door(spec).partition("/")[2], ())
        return {name: settings[name] for name in chosen if name in settings}
    if provider == "generator":
        from probe.models.neural.door import given_options

        return given_options(settings)
    if provider in ("openai", "anthropic", "command"):
        ours = ("door", "host", "command", "files")
        return {name: value for name, value in settings.items() if name not in ours}
    return {}


def of_run(run: Run) -> str:
    """``probe run …`` that asks again; what the run does not hold is in CAPITALS."""
    spec = run.spec
    settings, source = spec.settings, door(spec)
    if "audio_sha256" in settings:
        return shlex.join(["probe", "import", "FOLDER", "--tier", spec.tier, "--name", spec.model])
    if "sha256" in settings and spec.kind == "language model":
        source = "replay/FILE"
    words = ["probe", "run", "--tier", spec.tier, "--model", source]
    if source != spec.model:
        words += ["--name", spec.model]
    if spec.strategy != "direct":
        words += ["--strategy", spec.strategy]
    if spec.language != "python":
        words += ["--language", spec.language]
    if spec.samples > 1:
        words += ["--samples", str(spec.samples)]
    for flag in (name for name in _CHOICE if name in run.options):
        given = run.options[flag]
        for value in given if isinstance(given, list) else [given]:
            words += [f"--{flag}", str(value)]
    for name, value in options(spec).items():
        written = json.dumps(value) if name.startswith("extra.") else value
        words += ["--set", f"{name}={written}"]
    if "host" in settings:
        words += ["--base-url", f"ADDRESS-AT-{settings['host']}"]
    if "references" in settings:
        words += ["--references", "FOLDER"]
    return shlex.join(words)


def of_sample(run: str, prompt: str) -> str:
    """``probe verify …`` that renders the kept program again and compares the samples."""
    return shlex.join(["probe", "verify", run, "--prompt", prompt])
