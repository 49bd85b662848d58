"""What a calibration is: a scale and shifts of a trained model's margins."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit, log_expit, log_softmax

from novin_ml.exceptions import SavedModelError
from novin_ml.plain import plural

_FILE = "calibration.json"


@dataclass(frozen=True)
class Calibration:
    """A correction that makes a model's probabilities agree with how often it is right.

    Calibrated margins are ``scale * margins + shift + of_class``.

    Attributes
    ----------
    scale, shift : float32
        For several classes the scale is 1 / temperature and the shift 0.
    of_class : tuple of float32
        What is added to the margin of each class: one number for two classes, else one a class.
        Empty if nothing is.
    """

    scale: np.float32
    shift: np.float32
    of_class: tuple[np.float32, ...] = ()

    @property
    def changes_nothing(self) -> bool:
        """Whether calibration leaves the margins unchanged."""
        return self.scale == 1 and self.shift == 0 and not any(self.of_class)

    def __call__(self, margins: np.ndarray) -> np.ndarray:
        """Return the calibrated margins, in the dtype of `margins`."""
        if self.changes_nothing:
            return margins
        scaled = margins * margins.dtype.type(self.scale) + margins.dtype.type(self.shift)
        return scaled + np.array(self.of_class, margins.dtype) if any(self.of_class) else scaled

    def after(self, other: Calibration) -> Calibration:
        """Return the calibration that does what another does, and then what this one does.

        Parameters
        ----------
        other : Calibration
            The one that comes first.

        Returns
        -------
        calibration : Calibration
            Both in one.
        """
        before, own = other.of_class, self.of_class
        if before or own:
            size = max(len(before), len(own))
            zeros = (np.float32(0),) * size
            pairs = zip(before or zeros, own or zeros, strict=True)
            own = tuple(np.float32(self.scale * first + second) for first, second in pairs)
        return Calibration(self.scale * other.scale, self.scale * other.shift + self.shift, own)


#: The calibration that leaves margins unchanged.
UNCALIBRATED = Calibration(np.float32(1), np.float32(0))


def probabilities_of(margins: np.ndarray) -> np.ndarray:
    """Return the class probabilities of margins: (n,) or (n, 1) for two classes, else (n, k)."""
    if margins.ndim == 1 or margins.shape[1] == 1:
        margins = margins.reshape(-1)
        both = np.empty((len(margins), 2), dtype=margins.dtype)
        expit(-margins, out=both[:, 0])
        expit(margins, out=both[:, 1])
        return both
    # scipy's softmax without its check for other array libraries.
    powers = np.exp(margins - margins.max(axis=1, keepdims=True))
    powers /= powers.sum(axis=1, keepdims=True)
    return powers


def log_probabilities_of(margins: np.ndarray) -> np.ndarray:
    """Return the logarithms of class probabilities, (n, n_classes), of margins (n, 1) or (n, k)."""
    if margins.shape[1] == 1:
        return np.column_stack([log_expit(-margins[:, 0]), log_expit(margins[:, 0])])
    return log_softmax(margins, axis=1)


@dataclass(frozen=True)
class CalibrationReport:
    """The effect of calibration on the held-back rows, cross-fitted.

    Each held-back row is calibrated by the rows of the other folds, five at most, so that the
    errors are not those of the rows that the calibration was fitted on.

    Attributes
    ----------
    method : {"platt", "temperature", "blend"}
        Platt's two numbers for two classes, one temperature for more. For a blend, the mixture of
        its calibrated parts is compared with the mixture of the uncalibrated ones.
    scale, shift : float
        The numbers that the model has; 1 and 0 if it is not calibrated, and for a blend.
    n_rows : int
        Held-back rows.
    ece_before, ece_after : float
        Expected calibration error, 0 to 1: see `expected_calibration_error`.
    log_loss_before, log_loss_after : float
        Mean log loss.
    applied : bool
        Whether the model is calibrated: only if the log loss falls by more than the standard error
        of its fall. Otherwise ``ece_after`` and ``log_loss_after`` are those it would have.
    cross_fitted_by : {"home", "row"} or None
        What the folds keep whole: homes, or whatever other groups were passed to ``fit``, or single
        rows if there were none, or only one group is held back. None for models of version 0.1.0,
        whose errors are those of the rows that the calibration was fitted on.
    """

    method: str
    scale: float
    shift: float
    n_rows: int
    ece_before: float
    ece_after: float
    log_loss_before: float
    log_loss_after: float
    applied: bool = True
    cross_fitted_by: str | None = None


def calibration_file(calibration: Calibration) -> dict[str, bytes]:
    """Return a calibration as a file, by name; none if it changes nothing."""
    if calibration.changes_nothing:
        return {}
    numbers: dict[str, Any] = {
        "scale": float(calibration.scale),
        "shift": float(calibration.shift),
    }
    if calibration.of_class:
        numbers["of_class"] = [float(number) for number in calibration.of_class]
    return {_FILE: json.dumps(numbers).encode()}


def calibration_from(files: dict[str, bytes], n_classes: int) -> Calibration:
    """Rebuild the calibration of `calibration_file`, of a model of some classes."""
    if _FILE not in files:
        return UNCALIBRATED
    try:
        numbers = json.loads(files[_FILE])
        of_class = numbers.get("of_class", [])
        given = [numbers["scale"], numbers["shift"], *of_class]
        if any(type(number) not in (int, float) for number in given):
            raise ValueError(f"{given!r}")
        if len(of_class) not in (0, 1 if n_classes == 2 else n_classes):
            raise ValueError(f"{plural(len(of_class), 'shift')} of {plural(n_classes, 'class')}")
        with np.errstate(over="ignore"):
            scale, shift, *own = np.array(given, dtype=np.float64).astype(np.float32)
        if not (np.isfinite([scale, shift, *own]).all() and scale > 0):
            raise ValueError(f"scale {scale} and shift {shift}")
    except (
        AttributeError,
        KeyError,
        OverflowError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        raise SavedModelError(
            f"{_FILE} must hold a positive scale and a shift. Got: {error}. "
            "Save the estimator again."
        ) from None
    return Calibration(scale, shift, tuple(own))
