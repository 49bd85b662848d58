"""The certificate: an exported model held against its Python model, row by row."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from novin_ml.coreml import probes
from novin_ml.coreml.interface import LABEL, PROBABILITIES, content, content_hash, versions
from novin_ml.coreml.registry import converter_for
from novin_ml.coreml.runtime import CoreMLRuntime
from novin_ml.coreml.subject import Subject
from novin_ml.estimators._record import MISSING_SHARE
from novin_ml.exceptions import ParityError

PROTOCOL = 1
SEED = 20_240_601
_ROWS = 4_000
_CHUNK = 20_000
# How many tolerances a Python model's own rounding may be.
_ROUNDING = 10


@dataclass(frozen=True)
class Check:
    """One kind of rows and how far the two models were apart on them.

    Attributes
    ----------
    rows : int
    max_error : float
        Largest absolute difference of a probability.
    labels_differ : int
        Rows with another label, ties aside.
    ties : int
        Rows whose two best probabilities are closer to each other than twice the tolerance.
    rounded : int
        Rows on which the exported model is not within the tolerance of xgboost's answer, but
        xgboost's float32 sum of some hundred trees is itself off by more than that (and less than
        ten times that); they were compared with the same trees added up in float64.
    """

    rows: int
    max_error: float
    labels_differ: int
    ties: int
    rounded: int = 0


@dataclass(frozen=True)
class Certificate:
    """What was compared and what came of it; a JSON file beside the model.

    Attributes
    ----------
    checks : dict of str to Check
        By kind of rows: ``training_like``, ``random``, ``missing``, ``thresholds``, and ``data``
        for rows that the caller gave.
    tolerance : float
        Largest error allowed.
    model_sha256 : str
        Of the model without its own entry for this certificate.
    model_bytes : int
        Size of the same.
    reference_sha256 : str
        Of the saved Python model.
    core_ml : dict
        What Core ML itself answered, on macOS; elsewhere why it was not asked.
    versions : dict of str to str
    """

    checks: dict[str, Check]
    tolerance: float
    model_sha256: str
    model_bytes: int
    reference_sha256: str
    core_ml: dict[str, Any]
    versions: dict[str, str] = field(default_factory=versions)
    seed: int = SEED
    runtime: str = "novin_ml.coreml.runtime"
    protocol: int = PROTOCOL

    @property
    def rows(self) -> int:
        """Number of rows checked."""
        return sum(check.rows for check in self.checks.values())

    @property
    def max_error(self) -> float:
        """Largest absolute difference of a probability."""
        return max(check.max_error for check in self.checks.values())

    @property
    def labels_differ(self) -> int:
        """Rows with another label, ties aside."""
        return sum(check.labels_differ for check in self.checks.values())

    @property
    def rounded(self) -> int:
        """Rows compared with the trees added up in float64; see `Check`."""
        return sum(check.rounded for check in self.checks.values())

    @property
    def passed(self) -> bool:
        """Whether every answer was within the tolerance and every label the same."""
        on_device = self.core_ml.get("max_error", 0.0) <= self.tolerance
        same = self.labels_differ == 0 and self.core_ml.get("labels_differ", 0) == 0
        # Written so that a NaN error does not pass.
        return bool(self.max_error <= self.tolerance) and on_device and same

    def to_json(self) -> str:
        """Return the certificate as JSON, the same for the same model."""
        summary = {
            "passed": self.passed,
            "rows": self.rows,
            "max_error": self.max_error,
            "labels_differ": self.labels_differ,
            "rounded": self.rounded,
        }
        return json.dumps(summary | asdict(self), indent=2) + "\n"

    def require_passed(self, name: str) -> None:
        """Raise ParityError unless the certificate passed."""
        if self.passed:
            return
        worst = max(
            self.checks, key=lambda kind: np.nan_to_num(self.checks[kind].max_error, nan=np.inf)
        )
        raise ParityError(
            f"{name} must answer as its Python model does, within {self.tolerance:g} and "
            "with the same labels. "
            f"Got an error of {self.checks[worst].max_error:.3g} on {worst} rows and "
            f"{self.labels_differ} other labels in all; nothing was written. "
            "Train again with fewer rounds or smaller inputs, or report the model."
        )


def certify(
    spec: Any, subject: Subject, *, reference_sha256: str, data: np.ndarray | None = None
) -> Certificate:
    """Compare a spec with the Python model that it was made from.

    Parameters
    ----------
    spec : Model_pb2.Model
        The exported model.
    subject : Subject
        What was exported.
    reference_sha256 : str
        Hash of the saved Python model.
    data : ndarray of shape (n_rows, n_features), float32, default=None
        Further rows to compare on.

    Returns
    -------
    certificate : Certificate
        Not yet required to have passed.
    """
    from novin_ml.coreml.device import check_on_device

    runtime = CoreMLRuntime(spec)
    tolerance = converter_for(subject.learner).tolerance
    n_features = len(subject.specs)
    rng = np.random.default_rng(SEED)
    only_trees = spec.WhichOneof("Type") == "treeEnsembleClassifier"
    forests = list(probes.tree_ensembles(spec, n_features))
    table = probes.value_table(forests, n_features, subject.feature_summary)
    if not subject.allows_missing:
        table[MISSING_SHARE] = 0
    rows = {
        "training_like": probes.training_like_rows(table, _ROWS, rng),
        "random": probes.random_rows(table, _ROWS, rng, special=only_trees),
        "thresholds": probes.threshold_rows(
            forests, table, rng, allows_missing=subject.allows_missing
        ),
    }
    if subject.allows_missing:
        rows["missing"] = probes.missing_rows(table, _ROWS, rng)
    if data is not None:
        rows["data"] = data
    checks = {
        kind: compare(subject, runtime, part, tolerance) for kind, part in rows.items() if len(part)
    }
    return Certificate(
        checks=checks,
        tolerance=tolerance,
        model_sha256=content_hash(spec),
        model_bytes=len(content(spec)),
        reference_sha256=reference_sha256,
        core_ml=check_on_device(spec, subject, rows, tolerance),
    )


def compare(subject: Subject, runtime: Any, X: np.ndarray, tolerance: float) -> Check:
    """Compare two models on float32 rows.

    Parameters
    ----------
    subject : Subject
        The Python model.
    runtime : object
        Has ``predict_outputs`` as `CoreMLRuntime` has.
    X : ndarray of shape (n_rows, n_features), float32
    tolerance : float
        Rows whose two best probabilities are closer than twice this are ties.
    """
    error, differ, ties, rounded = 0.0, 0, 0, 0
    for start in range(0, len(X), _CHUNK):
        part = X[start : start + _CHUNK]
        expected = np.asarray(subject.predict_proba(part), dtype=np.float64)
        outputs = runtime.predict_outputs(part)
        got = outputs[PROBABILITIES]
        rounded += _without_rounding(subject, part, expected, got, tolerance)
        with np.errstate(invalid="ignore"):
            error = float(np.maximum(error, np.abs(expected - got).max()))  # NaN stays NaN
        best = np.partition(expected, -2, axis=1)[:, -2:]
        tie = best[:, 1] - best[:, 0] <= 2 * tolerance
        labels = np.asarray(subject.labels)[expected.argmax(axis=1)]
        differ += int(np.sum((labels != outputs[LABEL]) & ~tie))
        ties += int(tie.sum())
    return Check(rows=len(X), max_error=error, labels_differ=differ, ties=ties, rounded=rounded)


def _without_rounding(
    subject: Subject, X: np.ndarray, expected: np.ndarray, got: np.ndarray, tolerance: float
) -> int:
    """Replace answers that miss by no more than their own rounding; return how many."""
    exact = converter_for(subject.learner).exact
    if exact is None:
        return 0
    with np.errstate(invalid="ignore"):
        missed = np.flatnonzero(np.abs(expected - got).max(axis=1) > tolerance)
    if not len(missed):
        return 0
    answers = exact(subject.learner, X[missed])
    own = np.abs(answers - expected[missed]).max(axis=1) <= _ROUNDING * tolerance
    expected[missed[own]] = answers[own]
    return int(own.sum())
