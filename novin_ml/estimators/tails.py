"""Scores of different scales made comparable: how rare they were in the hours of a log."""

from __future__ import annotations

from dataclasses import dataclass
from math import log2
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: Number of the highest hours that are kept; below them every score is as usual as the others.
_KEPT = 256
_SPREAD_OF = 10


@dataclass(frozen=True)
class Tail:
    """The highest scores of the hours of a log.

    Attributes
    ----------
    highest : ndarray of shape (n_kept,), float64
        Highest score of each of the most unusual hours, ascending.
    n_hours : int
        Number of hours of the log.
    """

    highest: NDArray[np.float64]
    n_hours: int

    @classmethod
    def of(cls, scores: ArrayLike, hours: ArrayLike) -> Tail:
        """Take the highest score of each hour."""
        highest = highest_of_units(scores, hours)
        return cls(np.ascontiguousarray(highest[-_KEPT:]), len(highest))

    @property
    def curve(self) -> Curve:
        """The rarity of scores; scores are finite."""
        n_kept = len(self.highest)
        if not n_kept:
            return Curve((), (), 1.0)
        rank = np.arange(n_kept, 0, -1)
        at_hours = log2(self.n_hours + 1) - np.log2(rank - 0.5)
        last = np.append(np.flatnonzero(np.diff(self.highest) > 0), n_kept - 1)
        first = np.append(0, last[:-1] + 1)  # of hours that tie, the commonest rank counts
        top = self.highest[-_SPREAD_OF - 1 :]
        spread = float(np.mean(top - top[0])) or 1.0
        return Curve(tuple(self.highest[last].tolist()), tuple(at_hours[first].tolist()), spread)

    def bits(self, scores: ArrayLike) -> NDArray[np.float64]:
        """Return lg((n + 1) / (hours with such a score - 1/2)), linear between hours.

        Beyond the highest hour, scores are taken to become rarer as they do over the ten highest
        hours. Each time a score is expected half as often, the result grows by one bit.
        """
        return self.curve.bits(scores)


@dataclass(frozen=True)
class Curve:
    """Rarity in bits over a score: straight between some scores, and straight beyond the last.

    Attributes
    ----------
    scores, bits_at : tuple of float
        Scores, ascending, and the rarity of each; empty if nothing is known, and all is usual.
    spread : float
        By how much a score must exceed the last one to be e times rarer.
    """

    scores: tuple[float, ...]
    bits_at: tuple[float, ...]
    spread: float

    def bits(self, scores: ArrayLike) -> NDArray[np.float64]:
        """Return the rarity of scores, in bits."""
        scores = np.asarray(scores, dtype=np.float64)
        if not self.scores:
            return np.zeros(len(scores))
        found = np.interp(scores, self.scores, self.bits_at)
        beyond: NDArray[np.float64] = np.maximum(0.0, scores - self.scores[-1]) / self.spread
        return np.asarray(found + beyond / np.log(2), dtype=np.float64)

    def score_at(self, bits: float) -> float:
        """Return a score that is the highest one, but for rounding, of at most this rarity."""
        if not self.scores or bits < self.bits_at[0]:
            return -np.inf
        if bits >= self.bits_at[-1]:
            return self.scores[-1] + (bits - self.bits_at[-1]) * float(np.log(2)) * self.spread
        return float(np.interp(bits, self.bits_at, self.scores))

    def to_dict(self) -> dict[str, Any]:
        """Return the curve as JSON has it."""
        return {"scores": self.scores, "bits": self.bits_at, "spread": self.spread}

    @classmethod
    def from_dict(cls, document: dict[str, Any]) -> Curve:
        """Read what `to_dict` returned."""
        return cls(tuple(document["scores"]), tuple(document["bits"]), document["spread"])


def highest_of_units(scores: ArrayLike, units: ArrayLike) -> NDArray[np.float64]:
    """Return the highest score of each unit, ascending."""
    scores, units = np.asarray(scores, dtype=np.float64), np.asarray(units)
    order = np.lexsort((-scores, units))
    first = np.ones(len(order), dtype=bool)
    first[1:] = units[order][1:] != units[order][:-1]
    return np.sort(scores[order][first])
