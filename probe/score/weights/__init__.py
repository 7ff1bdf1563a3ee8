"""Weights of networks: which there are, where they lie, and that they are still the same."""

from probe.score.weights.known import Weights, from_hub, known, named
from probe.score.weights.store import State, check, folder, require, state

__all__ = ["State", "Weights", "check", "folder", "from_hub", "known", "named", "require", "state"]
