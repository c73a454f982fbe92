"""Deterministic draws: everything about a household follows from (seed, household number) and nothing else."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")


class Weighted(Generic[T]):
    """A list of things with weights, drawn by one uniform number."""

    __slots__ = ("_steps", "_things", "_total")

    def __init__(self, weights: Sequence[tuple[T, float]]) -> None:
        self._things = [thing for thing, _ in weights]
        self._steps = list(accumulate(weight for _, weight in weights))
        self._total = self._steps[-1]

    def at(self, uniform: float) -> T:
        return self._things[bisect_right(self._steps, uniform * self._total)]


class Draws:
    """One stream of numbers. Only `random()` is used: its sequence is the same in every Python version."""

    __slots__ = ("uniform",)

    def __init__(self, stream: int) -> None:
        self.uniform = Random(stream).random

    def chance(self, probability: float) -> bool:
        return self.uniform() < probability

    def between(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + int(self.uniform() * (high - low + 1))

    def pick(self, things: Sequence[T]) -> T:
        return things[int(self.uniform() * len(things))]

    def weighted(self, things: Weighted[T]) -> T:
        return things.at(self.uniform())


def stream_start(seed: int | str) -> int:
    """A seed as a number: whole numbers stand for themselves, a run's id for its digest."""
    if isinstance(seed, int):
        return seed
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "big")
