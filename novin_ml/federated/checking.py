"""Checks of an update before it is counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from novin_ml.exceptions import UpdateError
from novin_ml.federated.update_files import Update
from novin_ml.plain import plural

#: Most rows of one home that are counted.
DEFAULT_MAX_EXAMPLES = 10_000


@dataclass(frozen=True, eq=False)
class CheckedUpdate:
    """An update that is counted.

    Attributes
    ----------
    change : ndarray of shape (n_values,), float32
        Difference of the home's weights from the global ones, clipped to the largest norm.
    n_examples : int
        Number of rows, at most the largest that is counted.
    norm : float
        Euclidean norm of the difference before it was clipped.
    clipped, capped : bool
        Whether the norm or the number of rows was above its limit.
    """

    change: np.ndarray
    n_examples: int
    norm: float
    clipped: bool
    capped: bool


@dataclass(frozen=True, eq=False)
class UpdateCheck:
    """The rules of a round, which hold for every update.

    Attributes
    ----------
    base : ndarray of shape (n_values,), float32
        The global weights that every home began with.
    model_sha256 : bytes of length 32
        Their hash.
    max_norm : float
        Largest Euclidean norm of a change; a larger one is scaled down to it.
    max_examples : int, default=10000
        Most rows of a home that count. A home says itself how many it has.
    buffer : ndarray of shape (n_values,), float32, default=None
        Where changes are computed, so that the next check overwrites the change of the last one.
        None makes an array for each.
    """

    base: np.ndarray
    model_sha256: bytes
    max_norm: float
    max_examples: int = DEFAULT_MAX_EXAMPLES
    buffer: np.ndarray | None = None

    def __call__(self, update: Update) -> CheckedUpdate:
        """Return an update that may be counted.

        Parameters
        ----------
        update : Update
            What a home sent.

        Returns
        -------
        checked : CheckedUpdate
            What is to be counted.

        Raises
        ------
        UpdateError
            If it is of another model, has another number of values, no rows, or a number that is
            not finite.
        """
        change, norm = change_of(update, self.base, self.model_sha256, self.buffer)
        if update.n_examples < 1:
            raise UpdateError("no examples", "be of 1 row or more", "0 rows")
        clipped = norm > self.max_norm
        if clipped:
            change *= np.float32(self.max_norm / norm)
        return CheckedUpdate(
            change=change,
            n_examples=min(update.n_examples, self.max_examples),
            norm=norm,
            clipped=clipped,
            capped=update.n_examples > self.max_examples,
        )


def change_of(
    update: Update, base: np.ndarray, model_sha256: bytes, out: np.ndarray | None = None
) -> tuple[np.ndarray, float]:
    """Return the change that an update makes to the global weights, and its Euclidean norm.

    Parameters
    ----------
    update : Update
        What a home sent.
    base : ndarray of shape (n_values,), float32
        The global weights.
    model_sha256 : bytes of length 32
        Their hash.
    out : ndarray of shape (n_values,), float32, default=None
        Where to compute the change.

    Returns
    -------
    change : ndarray of shape (n_values,), float32
        Difference from the global weights.
    norm : float
        Euclidean norm of the change.

    Raises
    ------
    UpdateError
        If the update does not belong to these weights, or has a number that is not finite.
    """
    if update.model_sha256 != model_sha256:
        raise UpdateError(
            "another model",
            f"be of the model {model_sha256.hex()[:12]}",
            f"one of {update.model_sha256.hex()[:12]}",
        )
    if update.values.shape != base.shape:
        raise UpdateError(
            "another shape", f"have {plural(len(base), 'value')}", f"{len(update.values):,}"
        )
    with np.errstate(over="ignore", invalid="ignore"):
        change = np.subtract(update.values, base, out=out)
        square = float(change @ change)  # in float32: fast, and finite only if all numbers are
        if not np.isfinite(square):
            change = np.where(np.isfinite(update.values), change, np.float32(np.nan))
            square = float(np.square(change, dtype=np.float64).sum())
    if not np.isfinite(square):
        n = int(np.count_nonzero(~np.isfinite(update.values))) or int(
            np.count_nonzero(~np.isfinite(change))
        )
        raise UpdateError("not finite", "have finite numbers alone", f"{n:,} that are not")
    return change, float(np.sqrt(square))


@dataclass
class UpdateCount:
    """How many updates were counted, and why others were not.

    Attributes
    ----------
    accepted, clipped, capped : int
        Number of updates that were counted; how many of them had their norm, or their number of
        rows, reduced to its limit.
    rejected : dict of str to int
        Number of updates that were not counted, by reason.
    examples : int
        Rows of the updates that were counted.
    """

    accepted: int = 0
    clipped: int = 0
    capped: int = 0
    examples: int = 0
    rejected: Counter[str] = field(default_factory=Counter)

    def add(self, update: CheckedUpdate) -> None:
        """Count an update that was accepted.

        Parameters
        ----------
        update : CheckedUpdate
            What is counted.
        """
        self.accepted += 1
        self.clipped += update.clipped
        self.capped += update.capped
        self.examples += update.n_examples

    def reject(self, error: UpdateError) -> None:
        """Count an update that was refused.

        Parameters
        ----------
        error : UpdateError
            Why it does not count.
        """
        self.rejected[error.reason] += 1

    def merge(self, other: UpdateCount) -> None:
        """Add the counts of another shard.

        Parameters
        ----------
        other : UpdateCount
            Of other updates.
        """
        self.accepted += other.accepted
        self.clipped += other.clipped
        self.capped += other.capped
        self.examples += other.examples
        self.rejected.update(other.rejected)
