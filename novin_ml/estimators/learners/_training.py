"""What every learner is given, and what it reports back."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol, Self

import numpy as np
from sklearn.metrics import log_loss
from sklearn.model_selection import GroupShuffleSplit, ShuffleSplit, StratifiedShuffleSplit

#: Called after each epoch with (epochs done, epochs planned, held-back log loss or None).
Progress = Callable[[int, int, float | None], None]


class Learner(Protocol):
    """A trained model, without labels or names."""

    kind: ClassVar[str]

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Return the class probabilities.

        Parameters
        ----------
        X : ndarray of shape (n_samples, n_features), float32
            Features, NaN where one is missing.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes), float32
            One column a class, in the order of their codes.
        """
        ...

    def to_files(self) -> dict[str, bytes]:
        """Return the learner as files.

        Returns
        -------
        files : dict of str to bytes
            The content of each file, by its name.
        """
        ...

    @classmethod
    def from_files(cls, files: dict[str, bytes], *, n_features: int, n_classes: int) -> Self:
        """Rebuild a learner from its files.

        Parameters
        ----------
        files : dict of str to bytes
            What `to_files` returned; the caller has checked their hashes.
        n_features, n_classes : int
            Of the estimator; the files must fit them.

        Returns
        -------
        learner : Learner
            The one that was saved.

        Raises
        ------
        SavedModelError
            If the files hold no such learner.
        """
        ...


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
        Where each row is in the table; None if they are the table.
    """

    table: np.ndarray
    codes: np.ndarray
    weight: np.ndarray | None = None
    place: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def n_features(self) -> int:
        """Number of columns."""
        return self.table.shape[1]

    @property
    def X(self) -> np.ndarray:
        """The features, float32 (n_samples, n_features): the table, or each time a new copy.

        A learner asks once, and lets go of them: the rows to train on are nine tenths of a table.
        """
        return self.table if self.place is None else self.table[self.place]

    def take(self, index: np.ndarray) -> Rows:
        """Return some of the rows, of the same table.

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
        return Rows(self.table, self.codes[index], weight, place)

    def apart(self) -> Rows:
        """Return the same rows as a table of their own, for who asks for `X` again and again.

        Returns
        -------
        rows : Rows
            Of a copy of the features.
        """
        return Rows(self.X, self.codes, self.weight)


@dataclass(frozen=True)
class FitOptions:
    """How a learner is to be trained; the same for all learners.

    Attributes
    ----------
    n_classes : int
        Labels of the model.
    epochs : int or None
        Most boosting rounds or passes over the data; None takes the learner's default.
    max_bytes : int or None
        Budget of the exported model; None is no budget.
    n_jobs : int or None
        Threads; None is one.
    random_state : RandomState
        Draws what is drawn.
    params : mapping of str to object
        The learner's own parameters, in place of its defaults.
    progress : callable or None
        Called after each epoch, as `Progress` says.
    reserved_bytes : int
        Of `max_bytes`, what is set aside for other parts of the model.
    trees_apart : bool
        Whether the trees of each class make an ensemble of their own in the exported model.
    calibrate : bool
        Whether probabilities are calibrated on the held-back rows, where there are some.
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
    """What the size budget of the exported model did to the training.

    Attributes
    ----------
    max_bytes : int or None
        The budget; None is no budget.
    model_bytes : int
        Bytes that the exported model takes, within a few percent.
    bound : bool
        Whether the budget changed the model.
    cost : str
        What the budget cost, in one sentence.
    """

    max_bytes: int | None
    model_bytes: int
    bound: bool
    cost: str


@dataclass(frozen=True)
class PartReport:
    """What a part of a blend does alone, or what the blend does with its parts.

    Attributes
    ----------
    name : {"boosting", "mlp", "blend"}
    weight : float
        Share of this part in the blend's probabilities; 1 for the blend.
    epochs_kept : int
    model_bytes : int
        Bytes that it takes as a model of its own, within a few percent.
    log_loss, accuracy : float or None
        On the held-back rows; None without such rows. They chose the weight, so that the blend's
        own log loss there is never above that of a part.
    """

    name: str
    weight: float
    epochs_kept: int
    model_bytes: int
    log_loss: float | None
    accuracy: float | None


@dataclass(frozen=True)
class CalibrationReport:
    """What calibration did, on the held-back rows that it was found on.

    Attributes
    ----------
    method : {"platt", "temperature", "blend"}
        Platt's two numbers for two classes, one temperature for more; of a blend, the mixture of
        its calibrated parts beside that of the parts as they were.
    scale, shift : float
        The numbers that were found; 1 and 0 of a blend, which has none of its own.
    n_rows : int
        Held-back rows.
    ece_before, ece_after : float
        Expected calibration error, 0 to 1: see `expected_calibration_error`.
    log_loss_before, log_loss_after : float
    """

    method: str
    scale: float
    shift: float
    n_rows: int
    ece_before: float
    ece_after: float
    log_loss_before: float
    log_loss_after: float


@dataclass(frozen=True)
class FitReport:
    """What happened during training.

    Attributes
    ----------
    epochs_planned, epochs_run, epochs_kept : int
        Boosting rounds or passes over the data: allowed, done, and in the model. Those of both
        parts together for a blend.
    size : SizeReport
    validation_loss : list of float
        Log loss on the held-back rows after each epoch; empty without early stopping. For a blend,
        first the network's and then the trees'.
    parts : list of PartReport
        Of a blend: boosting, mlp, and the blend of them; else empty.
    calibration : list of CalibrationReport
        What calibration did to the model; of a blend to the trees, to the network and to the
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

    Groups stay together when they are given; otherwise classes keep their shares, where there are
    rows enough of every class for both parts.

    Parameters
    ----------
    rows : Rows
        The rows to split.
    groups : ndarray of shape (n_samples,) or None
        Group of each row, such as its home.
    fraction : float
        Share of the rows, or of the groups, that is held back; between 0 and 1.
    random_state : RandomState
        Draws the held-back part.

    Returns
    -------
    train, held_back : Rows
        The first of the same table, the second apart from it.

    Raises
    ------
    ValueError
        If there is one group only.
    """
    if groups is not None:
        if groups.min() == groups.max():
            raise ValueError(
                "The 'groups' parameter must have at least two groups when rows are held back. "
                "Got 1. Pass groups=None or early_stopping=False."
            )
        splitter: Any = GroupShuffleSplit(1, test_size=fraction, random_state=random_state)
    elif _can_be_stratified(rows.codes, fraction):
        splitter = StratifiedShuffleSplit(1, test_size=fraction, random_state=random_state)
    else:
        splitter = ShuffleSplit(1, test_size=fraction, random_state=random_state)
    # The splitters look at the number of rows only, not at X.
    train, held_back = next(splitter.split(rows.codes, rows.codes, groups))
    return rows.take(train), rows.take(held_back).apart()


def held_back_loss(probabilities: np.ndarray, rows: Rows) -> float:
    """Return the log loss of float32 probabilities, shape (n_samples, n_classes), on rows."""
    shares = probabilities.astype(np.float64)
    # float32 rows add up to one within 1e-7 only, which log_loss would warn of.
    shares /= shares.sum(axis=1, keepdims=True)
    classes = np.arange(shares.shape[1])
    return float(log_loss(rows.codes, shares, sample_weight=rows.weight, labels=classes))


def _can_be_stratified(codes: np.ndarray, fraction: float) -> bool:
    counts = np.unique(codes, return_counts=True)[1]
    held_back = math.ceil(fraction * len(codes))
    smaller_part = min(held_back, len(codes) - held_back)
    return counts.min() >= 2 and smaller_part >= len(counts)
