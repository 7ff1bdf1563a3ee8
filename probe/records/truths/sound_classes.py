"""The classes of sounds that a truth can name: data in ``sound_classes.toml``, read once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Literal

from pydantic import Field, field_validator

from probe.errors import UsageError, unknown
from probe.records.record import Record


class SoundClass(Record):
    """What sounds of one class are called and what they are like."""

    caption: str = Field(description="completes 'the sound of ...'")
    names: tuple[str, ...] = Field(default=(), description="what recordings also call it")
    kind: Literal["strike", "call", "texture"] = Field(description="over at once, ending, going on")
    lasts_s: float = Field(gt=0, description="how long one is looked at from its beginning on")
    measured: bool = Field(default=False, description="whether ranges come from recordings")
    why: str = Field(description="how the sound comes about, which the ranges follow from")
    like: Mapping[str, tuple[float, float]] = Field(
        min_length=5, description="least and most of each descriptor"
    )

    @field_validator("like")
    @classmethod
    def _ranges(cls, like: Mapping[str, tuple[float, float]]) -> Mapping[str, tuple[float, float]]:
        for name, (least, most) in like.items():
            if least >= most:
                raise ValueError(f"{name}: {least:g} is not less than {most:g}")
        return like


@lru_cache(maxsize=1)
def sound_classes() -> Mapping[str, SoundClass]:
    """Every class by its name, in the order of the file."""
    text = files("probe.records.truths").joinpath("sound_classes.toml").read_text(encoding="utf-8")
    return {name: SoundClass.model_validate(row) for name, row in tomllib.loads(text).items()}


def sound_class(name: str) -> SoundClass:
    """Find a class by its name.

    Raises
    ------
    UsageError
        There is none of this name.
    """
    classes = sound_classes()
    if name not in classes:
        raise UsageError(unknown("class of sounds", name, classes))
    return classes[name]


def class_named(name: str) -> str | None:
    """Name of the class that a folder of recordings may call `name`, or None."""
    for own, described in sound_classes().items():
        if name == own or name in described.names:
            return own
    return None
