"""Sticky assignment of homes to variants by a keyed hash."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from novin_ml.documents import parse_json
from novin_ml.evaluation.intervals import exact_interval
from novin_ml.exceptions import AssignmentError
from novin_ml.files import write_text
from novin_ml.formats import FORMATS, newer
from novin_ml.parameters import nearest
from novin_ml.plain import plural, shown

PROTOCOL = FORMATS["assignment of a rollout"]
#: Hashes are whole numbers below it.
SPACE = 2**64
_KEY_BYTES = 16


@dataclass(frozen=True)
class ObservedShare:
    """How many of some homes have a variant.

    Attributes
    ----------
    variant : str
    n_homes : int
        Homes that have it.
    planned, observed : float
        Share of the hash space, and of these homes.
    low, high : float
        Clopper-Pearson interval of the observed share.
    """

    variant: str
    n_homes: int
    planned: float
    observed: float
    low: float
    high: float

    @property
    def is_as_planned(self) -> bool:
        """Whether the planned share is in the interval."""
        return self.low <= self.planned <= self.high


@dataclass(frozen=True)
class Assignment:
    """A division of the hash space among variants.

    The hash of a home depends on the key and on its id alone, so that a home keeps its variant
    until a share changes, on every machine that has this assignment. Homes move only to the variant
    whose share grows, and only away from the one whose share shrinks.

    Parameters
    ----------
    key : bytes of length 16
        Key of the hash. Another key divides the homes anew, independently.
    parts : tuple of (str, int)
        Variants in the order of the hash space, each with the end of its part.

    Examples
    --------
    >>> from novin_ml.lifecycle import Assignment
    >>> before = Assignment.start("7", key=bytes(16))
    >>> after = before.with_share("8", 0.1)
    >>> after.shares()
    {'7': 0.9, '8': 0.1}
    >>> homes = [f"home-{number}" for number in range(1000)]
    >>> int((after.variants_of(homes) == "8").sum())
    105
    """

    key: bytes
    parts: tuple[tuple[str, int], ...]

    @classmethod
    def start(cls, variant: str, *, key: bytes | None = None) -> Assignment:
        """Give all homes one variant.

        Parameters
        ----------
        variant : str
            Name, such as the number of a version in a registry.
        key : bytes of length 16, default=None
            Key of the hash; None draws one from the system.

        Returns
        -------
        assignment : Assignment
            With one part.

        Raises
        ------
        AssignmentError
            If the name is empty, or the key has another length.
        """
        key = secrets.token_bytes(_KEY_BYTES) if key is None else key
        if not isinstance(key, bytes) or len(key) != _KEY_BYTES:
            raise AssignmentError(
                f"The key of an assignment must be {_KEY_BYTES} bytes. Got {shown(key)}. "
                "Leave it out to draw one."
            )
        return cls(key, ((_named(variant), SPACE),))

    def shares(self) -> dict[str, float]:
        """Return the share of each variant.

        Returns
        -------
        shares : dict of str to float
            Of the hash space, in the order of their first parts; they sum to 1.
        """
        return {variant: float(Fraction(size, SPACE)) for variant, size in self._sizes().items()}

    def variant_of(self, home_id: str) -> str:
        """Return the variant of a home.

        Parameters
        ----------
        home_id : str
            Id of the home.

        Returns
        -------
        variant : str
            Name of its variant.
        """
        place = self._place(home_id)
        return next(variant for variant, end in self.parts if place < end)

    def variants_of(self, home_ids: Iterable[str]) -> np.ndarray:
        """Return the variant of each home.

        Parameters
        ----------
        home_ids : iterable of str
            Ids of homes.

        Returns
        -------
        variants : ndarray of shape (n_homes,), object
            Names of their variants.
        """
        return np.array([self.variant_of(home) for home in home_ids], dtype=object)

    def with_share(self, variant: str, share: float, *, to: str | None = None) -> Assignment:
        """Return the assignment in which a variant has another share.

        Parameters
        ----------
        variant : str
            Name of the variant; a new one is added.
        share : float
            Its share of the hash space, from 0 to 1; 0 takes it away. A share that grows takes from
            all others in proportion to theirs.
        to : str, default=None
            Variant that gets what a shrinking one gives; None gives to all others in proportion to
            theirs.

        Returns
        -------
        assignment : Assignment
            The shares are exact in units of the hash space, 2**-64.

        Raises
        ------
        AssignmentError
            If the share is not between 0 and 1, or if no other variant can take what is given.
        """
        variant = _named(variant)
        if isinstance(share, bool) or not isinstance(share, Real) or not 0 <= share <= 1:
            raise AssignmentError(
                f"The share of {variant!r} must be a number from 0 to 1. Got {shown(share)}."
            )
        sizes = self._sizes()
        wanted = round(Fraction(repr(float(share))) * SPACE)
        now = sizes.get(variant, 0)
        if wanted >= now:
            takers = {other: {variant: 1} for other in sizes if other != variant}
            return self._moved(takers, wanted - now)
        others = {name: size for name, size in sizes.items() if name != variant}
        if to is not None:
            if to not in others:
                raise AssignmentError(
                    f"The variant that takes what {variant!r} gives must be another one of "
                    f"{sorted(others)}. Got {to!r}.{nearest(to, others)}"
                )
            others = {to: 1}
        if not others:
            raise AssignmentError(
                f"{variant!r} is the only variant: nothing can take what it gives. "
                "Add another with with_share."
            )
        return self._moved({variant: others}, now - wanted)

    def observed_shares(
        self, home_ids: Iterable[str], *, confidence: float = 0.95
    ) -> list[ObservedShare]:
        """Count the homes of each variant.

        Parameters
        ----------
        home_ids : iterable of str
            Ids of homes; each counts once.
        confidence : float, default=0.95
            Of the intervals.

        Returns
        -------
        shares : list of ObservedShare
            One a variant.
        """
        found = pd.Series(self.variants_of(sorted(set(home_ids))), dtype=object)
        n_homes, counts = len(found), found.value_counts()
        result = []
        for variant, planned in self.shares().items():
            count = int(counts.get(variant, 0))
            low, high = exact_interval(count, n_homes, confidence)
            observed = count / n_homes if n_homes else float("nan")
            result.append(ObservedShare(variant, count, planned, observed, low, high))
        return result

    def share_that_moves(self, to: Assignment) -> float:
        """Return how many homes move when another assignment takes the place of this one.

        Parameters
        ----------
        to : Assignment
            The other one, with the same key.

        Returns
        -------
        share : float
            Of the hash space, from 0 to 1.
        """
        ends = sorted({end for _, end in (*self.parts, *to.parts)})
        moved = 0
        for start, end in zip([0, *ends], ends, strict=False):
            here, there = (
                next(name for name, stop in each.parts if start < stop) for each in (self, to)
            )
            moved += (end - start) * (here != there)
        return float(Fraction(moved, SPACE))

    def save(self, path: str | Path) -> None:
        """Write the assignment to a JSON file, whole or not at all.

        Parameters
        ----------
        path : path-like
            File to write. Who has it can tell the variant of every home, and nothing else.
        """
        document = {
            "format": "novin_ml assignment",
            "protocol": PROTOCOL,
            "key": self.key.hex(),
            "parts": [[variant, str(end)] for variant, end in self.parts],
        }
        write_text(json.dumps(document, indent=1) + "\n", Path(path))

    @classmethod
    def load(cls, path: str | Path) -> Assignment:
        """Read what `save` wrote.

        Parameters
        ----------
        path : path-like
            File to read.

        Returns
        -------
        assignment : Assignment
            As it was saved.

        Raises
        ------
        AssignmentError
            If the file is not one that `save` wrote, or is of a newer version.
        FileNotFoundError
            If there is none.
        """
        try:
            document = parse_json(Path(path).read_bytes())
            if document["format"] != "novin_ml assignment":
                raise ValueError
            protocol = int(document["protocol"])
            if protocol <= PROTOCOL:
                key = bytes.fromhex(document["key"])
                parts = tuple((_named(name), int(end)) for name, end in document["parts"])
        except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
            raise _not_one(path, "something else") from None
        if refusal := newer(path, "assignment of a rollout", protocol, "protocol"):
            raise AssignmentError(refusal)
        ends = [0, *(end for _, end in parts)]
        if ends[-1] != SPACE or any(b <= a for a, b in pairwise(ends)):
            raise _not_one(path, "parts that do not divide the hash space")
        if len(key) != _KEY_BYTES:
            raise _not_one(path, f"a key of {plural(len(key), 'byte')}")
        return cls(key, parts)

    def _place(self, home_id: Any) -> int:
        if not isinstance(home_id, str) or not home_id:
            raise AssignmentError(
                f"The id of a home must be a text to have a variant. Got {shown(home_id)}."
            )
        hashed = hmac.new(self.key, home_id.encode("utf-8", "surrogatepass"), hashlib.sha256)
        return int.from_bytes(hashed.digest()[:8])

    def _sizes(self) -> dict[str, int]:
        sizes: dict[str, int] = {}
        start = 0
        for variant, end in self.parts:
            sizes[variant] = sizes.get(variant, 0) + end - start
            start = end
        return sizes

    def _moved(self, givers: Mapping[str, Mapping[str, int]], amount: int) -> Assignment:
        """Return the assignment in which givers hand over an amount, in proportion to their sizes.

        Whole units are given away along the running sum of what they own, so that the amount is
        exact.
        """
        own = sum(size for variant, size in self._sizes().items() if variant in givers)
        pieces: list[tuple[str, int]] = []
        start = seen = given = 0
        for variant, end in self.parts:
            size, start = end - start, end
            if variant not in givers or not amount:
                pieces.append((variant, size))
                continue
            seen += size
            gives = amount * seen // own - given
            given += gives
            pieces.append((variant, size - gives))
            pieces += _divided(gives, givers[variant])
        parts: list[tuple[str, int]] = []
        end = 0
        for variant, size in pieces:
            end += size
            if parts and parts[-1][0] == variant:
                parts[-1] = (variant, end)
            elif size:
                parts.append((variant, end))
        return Assignment(self.key, tuple(parts))


def _divided(amount: int, weights: Mapping[str, int]) -> list[tuple[str, int]]:
    """Divide whole units in proportion to weights."""
    total, seen, given = sum(weights.values()), 0, 0
    pieces = []
    for name, weight in weights.items():
        seen += weight
        piece = amount * seen // total - given
        given += piece
        pieces.append((name, piece))
    return pieces


def _named(variant: Any) -> str:
    if not isinstance(variant, str) or not variant.strip():
        raise AssignmentError(f"The name of a variant must be a text. Got {shown(variant)}.")
    return variant


def _not_one(path: str | Path, got: str) -> AssignmentError:
    return AssignmentError(
        f"{path} must be an assignment of homes to variants. Got {got}. "
        "Write one with Assignment.save or novin-ml rollout plan."
    )
