"""What every training of a learner is given, and what it reports back."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedShuffleSplit

from novin_ml.estimators.learners.calibration import CalibrationReport
from novin_ml.plain import shown

#: Called after each epoch with (epochs done, epochs planned, held-back log loss or None).
Progress = Callable[[int, int, float | None], None]


@dataclass(frozen=True)
class Rows:
    """Rows of a feature table with their classes and weights.

    Attributes
    ----------
    table : ndarray of shape (n_of_table, n_features), float32
    codes : ndarray of shape (n_samples,), intp
        Class of each row, counted from 0.
    weight : ndarray of shape (n_samples,), float32, or None
    place : ndarray of shape (n_samples,), intp, or None
        Position of each row in the table; None if the rows are the whole table.
    groups : ndarray of shape (n_samples,), intp, or None
        Group of each held-back row, such as its home; None if it is not known.
    """

    table: np.ndarray
    codes: np.ndarray
    weight: np.ndarray | None = None
    place: np.ndarray | None = None
    groups: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def n_features(self) -> int:
        """Number of columns."""
        return self.table.shape[1]

    @property
    def X(self) -> np.ndarray:
        """The features, float32 (n_samples, n_features): the table itself, or a new copy each time.

        A learner should read this once and not keep it: the training rows are nine tenths of a
        table.
        """
        return self.table if self.place is None else self.table[self.place]

    def take(self, index: np.ndarray) -> Rows:
        """Return some of the rows; they share the table.

        Parameters
        ----------
        index : ndarray of shape (n_taken,), int or bool
            Which rows.

        Returns
        -------
        rows : Rows
            In the order of `index`.
        """
        weight = None if self.weight is None else self.weight[index]
        place = index if self.place is None else self.place[index]
        groups = None if self.groups is None else self.groups[index]
        return Rows(self.table, self.codes[index], weight, place, groups)

    def in_order_of_content(self) -> Rows:
        """Return the rows sorted by class, weight and features: any order of them gives the same.

        Returns
        -------
        rows : Rows
            The same rows; they share the table.
        """
        weight = () if self.weight is None else (self.weight,)
        return self.take(np.lexsort((*self.X.T, *weight, self.codes)))

    def apart(self) -> Rows:
        """Return the same rows with a table of their own, for repeated reads of `X`.

        Returns
        -------
        rows : Rows
            Rows that hold a copy of the features.
        """
        return Rows(self.X, self.codes, self.weight, groups=self.groups)


@dataclass(frozen=True)
class FitOptions:
    """Options of training, the same for all learners.

    Attributes
    ----------
    n_classes : int
        Number of labels.
    epochs : int or None
        Maximum number of boosting rounds or passes over the data; None takes the learner's
        default.
    max_bytes : int or None
        Byte budget of the exported model; None means no budget.
    n_jobs : int or None
        Number of threads; None means one.
    random_state : RandomState
        Source of all random numbers.
    params : mapping of str to object
        Parameters of the learner that replace its defaults.
    progress : callable or None
        Called after each epoch, as `Progress` describes.
    reserved_bytes : int
        Bytes of `max_bytes` that are reserved for other parts of the model.
    trees_apart : bool
        Whether the exported model has a separate tree ensemble for each class.
    calibrate : bool
        Whether to calibrate the probabilities on the held-back rows, if there are any.
    """

    n_classes: int
    epochs: int | None
    max_bytes: int | None
    n_jobs: int | None
    random_state: np.random.RandomState
    params: Mapping[str, Any]
    progress: Progress | None = None
    reserved_bytes: int = 0
    trees_apart: bool = False
    calibrate: bool = False


@dataclass(frozen=True)
class SizeReport:
    """The effect of the size budget of the exported model on training.

    Attributes
    ----------
    max_bytes : int or None
        The budget; None means no budget.
    model_bytes : int
        Size of the exported model in bytes, within a few percent.
    bound : bool
        Whether the budget changed the model.
    cost : str
        The cost of the budget, in one sentence.
    """

    max_bytes: int | None
    model_bytes: int
    bound: bool
    cost: str


@dataclass(frozen=True)
class PartReport:
    """The performance of one part of a blend alone, or of the whole blend.

    Attributes
    ----------
    name : {"boosting", "mlp", "blend"}
    weight : float
        Share of this part in the blend's probabilities; 1 for the blend.
    epochs_kept : int
    model_bytes : int
        Size as a separate model in bytes, within a few percent.
    log_loss, accuracy : float or None
        Measured on the held-back rows; None without such rows. They are cross-fitted: weight and
        calibration of a row are chosen by the rows of other folds, which keep groups whole. The
        rows did choose when the parts stop.
    """

    name: str
    weight: float
    epochs_kept: int
    model_bytes: int
    log_loss: float | None
    accuracy: float | None


@dataclass(frozen=True)
class FitReport:
    """What happened during training.

    Attributes
    ----------
    epochs_planned, epochs_run, epochs_kept : int
        Boosting rounds or passes over the data: allowed, run, and kept in the model. A blend adds
        up those of both parts.
    size : SizeReport
    validation_loss : list of float
        Log loss on the held-back rows after each epoch; empty without early stopping. For a blend,
        first the network's and then the trees'.
    parts : list of PartReport
        For a blend: boosting, mlp and the blend of both; otherwise empty.
    calibration : list of CalibrationReport
        The effect of calibration on the model; for a blend, on the trees, the network and the
        mixture. Empty without held-back rows.
    """

    epochs_planned: int
    epochs_run: int
    epochs_kept: int
    size: SizeReport
    validation_loss: list[float] = field(default_factory=list)
    parts: list[PartReport] = field(default_factory=list)
    calibration: list[CalibrationReport] = field(default_factory=list)


def hold_out(
    rows: Rows,
    groups: np.ndarray | None,
    fraction: float,
    random_state: np.random.RandomState,
) -> tuple[Rows, Rows]:
    """Split rows into a training and a held-back part.

    If groups are given, each stays whole. Otherwise both parts have the same share of each class,
    to within a row, if every class has enough rows. Rows of each class are left to train on: a row
    or a group without which one has none is not held back, and another is in its place.

    Parameters
    ----------
    rows : Rows
        The rows to split.
    groups : ndarray of shape (n_samples,), intp, or None
        Group of each row, such as its home, counted from 0.
    fraction : float
        Share of the rows, or of the groups, that is held back; between 0 and 1.
    random_state : RandomState
        Draws the held-back part.

    Returns
    -------
    train, held_back : Rows
        `train` shares the table; `held_back` has a copy of its own, and the groups of its rows.

    Raises
    ------
    ValueError
        If there is only one group, or if nothing of a class is left to train on.
    """
    n_units, units = len(rows), "rows"
    if groups is not None:
        n_units, units = int(groups.max()) + 1, "groups"
        if n_units == 1:
            raise ValueError(
                "The 'groups' parameter must have at least two groups when rows are held back. "
                "Got 1. Pass groups=None or early_stopping=False."
            )
    n_held = math.ceil(fraction * n_units)
    if n_held >= n_units:
        raise ValueError(
            f"The 'validation_fraction' parameter must leave some of the {n_units} {units} to "
            f"train on. Got {shown(fraction)}. Pass a smaller one, or early_stopping=False."
        )
    if groups is None and _can_be_stratified(rows.codes, fraction):
        splitter = StratifiedShuffleSplit(1, test_size=fraction, random_state=random_state)
        train, held_back = next(splitter.split(rows.codes, rows.codes))
        if len(np.unique(rows.codes[train])) == len(np.unique(rows.codes)):
            return rows.take(train), rows.take(held_back).apart()
    order = random_state.permutation(n_units)
    held = _can_be_held(rows.codes, groups, order)[:n_held]
    if not len(held):
        raise ValueError(
            f"Some {units} must be held back so that each label keeps rows to train on. "
            f"Got {n_units} {units}, each with all rows of a label. "
            "Pass early_stopping=False, or more rows."
        )
    if groups is None:
        return rows.take(order[~np.isin(order, held)]), rows.take(held).apart()
    of_held = np.isin(groups, held)
    kept = rows.take(np.flatnonzero(of_held)).apart()
    return rows.take(np.flatnonzero(~of_held)), replace(kept, groups=groups[of_held])


def held_back_loss(probabilities: np.ndarray, rows: Rows) -> float:
    """Return the log loss of float32 probabilities, shape (n_samples, n_classes), on rows."""
    shares = probabilities.astype(np.float64)
    # Rows of float32 sum to one only within 1e-7, and log_loss would warn about that.
    shares /= shares.sum(axis=1, keepdims=True)
    classes = np.arange(shares.shape[1])
    return float(log_loss(rows.codes, shares, sample_weight=rows.weight, labels=classes))


def _can_be_stratified(codes: np.ndarray, fraction: float) -> bool:
    counts = np.unique(codes, return_counts=True)[1]
    held_back = math.ceil(fraction * len(codes))
    smaller_part = min(held_back, len(codes) - held_back)
    return counts.min() >= 2 and smaller_part >= len(counts)


def _can_be_held(codes: np.ndarray, groups: np.ndarray | None, order: np.ndarray) -> np.ndarray:
    """Return the rows or groups in the order in which they are drawn, without those to keep."""
    if groups is None:
        last_of_class = len(order) - 1 - np.unique(codes[order][::-1], return_index=True)[1]
        return np.delete(order, last_of_class)
    counts = np.zeros((len(order), int(codes.max()) + 1), dtype=np.intp)
    np.add.at(counts, (groups, codes), 1)
    left = counts.sum(axis=0)
    held = []
    for group in order:
        if ((left > counts[group]) | (counts[group] == 0)).all():
            left -= counts[group]
            held.append(group)
    return np.array(held, dtype=np.intp)
