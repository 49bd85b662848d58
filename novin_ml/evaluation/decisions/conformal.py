"""Prediction sets at a chosen error rate, and the cut below which the answer is "don't know".

The method takes a dozen lines, and the tests compare it with MAPIE (1.6). MAPIE itself is not used:
it keeps its quantile in a private attribute, and its sets compare ``(1 - p) - quantile <= 1e-8``. A
phone needs the number, and a comparison of float32 with float32.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from numbers import Real
from typing import Any

import numpy as np

from novin_ml.estimators.decisions import Abstention
from novin_ml.evaluation._labels import check_lengths, label_texts
from novin_ml.evaluation._row_checks import check_homes, check_known
from novin_ml.evaluation._scored_rows import classifier_of, scored_rows
from novin_ml.evaluation.decisions._conformal_report import (
    CONFIDENCE,
    ConformalReport,
    coverage_report,
    rank_of_cut,
)
from novin_ml.evaluation.decisions._gaps import widest_gap_above, widest_gap_below
from novin_ml.evaluation.decisions._home_bands import (
    cut_for_new_home,
    fewest_homes_for,
    share_band,
)
from novin_ml.evaluation.training_data import warn_of_training_data
from novin_ml.plain import plural
from novin_ml.validation import Interval, StrOptions, validate_params

__all__ = ["ConformalReport", "abstain_below", "conformalize", "measure_coverage"]


@validate_params(
    {
        "error_rate": [Interval(Real, 0, 1, closed="neither")],
        "unit": [StrOptions({"row", "home"})],
    },
    prefer_skip_nested_validation=False,
)
def conformalize(
    estimator: Any,
    X: Any,
    y: Any = None,
    *,
    error_rate: float = 0.1,
    truth: str = "label",
    homes: Any = None,
    unit: str = "row",
) -> ConformalReport:
    """Choose the cut of split-conformal prediction sets, and the cut for "don't know".

    The prediction set of a row holds the labels whose probability is at least the cut. For any
    model, it contains the right label of a new row with a probability of at least
    ``1 - error_rate``, if the new row and the rows here are exchangeable. The classifier keeps the
    cut in ``decisions_``: see its methods ``predict_set`` and ``abstains``.

    Parameters
    ----------
    estimator : Pipeline or classifier
        A fitted classifier of novin_ml, behind its feature transformer or alone.
    X : DataFrame, Chains or array-like
        Labelled events or chains that the estimator was not trained on; rows without consent are
        left out. With `y`, any rows that the estimator takes.
    y : array-like of shape (n_rows,), default=None
        The right labels; None takes the column `truth`.
    error_rate : float, default=0.1
        Share of rows whose set may lack the right label, between 0 and 1.
    truth : str, default="label"
        The column of the right labels.
    homes : array-like of shape (n_rows,), default=None
        Home of each row, if `y` is given; otherwise the column ``home_id``. None means that the
        homes are not known.
    unit : {"row", "home"}, default="row"
        What the error rate is of. "row": all rows of homes like these. "home": a row of a home that
        is new, by hierarchical conformal prediction, in which each home counts alike. The sets are
        larger, and the homes must be known: at least 9 for an error rate of 0.1.

    Returns
    -------
    report : ConformalReport
        The quality of the sets on these rows. Use `measure_coverage` for other rows.

    Raises
    ------
    ValueError
        If a parameter is not as described, the rows have a label that the model does not know, or
        the homes are too few, or not known, for ``unit="home"``. Then no cut changes.

    Warns
    -----
    TrainingDataWarning
        If the estimator was trained on some of the rows or homes: see `seen_in_training`. Its sets
        then are too small for other homes.

    Notes
    -----
    With n rows, the cut is the floor((n + 1) * error_rate)-th smallest probability of a right
    label. This is one minus the ceil((n + 1) * (1 - error_rate))-th smallest score 1 - p. If it is
    the 0th, there are too few rows: the cut is 0, and every set has all labels.

    The cut is then moved down, and ``abstain_below`` up, to the middle of the widest gap of
    probabilities within 0.001, so that the exported model decides these rows as Python does. This
    can only enlarge the sets.

    The guarantee is marginal: it holds over all rows together, and over the choice of the rows
    here. It does not hold for each label or home. Rows of a home resemble each other, so that the
    coverage varies with the homes that are drawn: from 10 homes on, ``promised_low`` and
    ``promised_high`` are its range over homes.

    With ``unit="home"`` the cut is the highest probability of a right label such that no more than
    `error_rate` of the mass lies below it. Each of n homes has a mass of 1 / (n + 1), shared by its
    rows; the rest counts as missed. Then the set of a row of a new home has the right label with a
    probability of at least ``1 - error_rate``, if the homes are exchangeable.

    References
    ----------
    V. Vovk, A. Gammerman and G. Shafer, "Algorithmic learning in a random world", Springer, 2005.
    M. Sadinle, J. Lei and L. Wasserman, "Least ambiguous set-valued classifiers with bounded error
    levels", Journal of the American Statistical Association 114, 2019.
    Y. Lee, R. F. Barber and R. Willett, "Distribution-free inference with hierarchical data",
    arXiv:2306.06342, 2023.

    Examples
    --------
    >>> import numpy as np
    >>> from novin_ml import MotionClassifier
    >>> from novin_ml.evaluation import conformalize
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(900, 3)).astype(np.float32)
    >>> y = np.where(X[:, 0] + rng.normal(size=900) > 0, "running", "walking")
    >>> model = MotionClassifier(epochs=5, random_state=0).fit(X[:300], y[:300])
    >>> report = conformalize(model, X[300:], y[300:], error_rate=0.1)
    >>> report.coverage >= 0.9
    True
    >>> knows = ~model.abstains(X)
    >>> bool((model.predict_set(X)[knows].sum(axis=1) == 1).all())
    True
    """
    classifier = classifier_of(estimator)
    probabilities, codes, names = _labelled(estimator, X, y, truth, homes, only_consenting=True)
    n_homes, home = None, np.array([], dtype=np.intp)
    if names is not None:
        found, home = np.unique(names, return_inverse=True)
        n_homes = len(found)
    n = len(codes)
    of_right = probabilities[np.arange(n), codes]
    if unit == "home":
        _check_new_home(n_homes, error_rate)
        lowest = cut_for_new_home(of_right, home, error_rate)
    else:
        rank = rank_of_cut(n, error_rate)
        lowest = np.sort(of_right)[rank - 1] if rank else np.float32(0)
    cut = widest_gap_below(lowest, probabilities) if lowest > 0 else np.float32(0)
    least = abstain_below(cut, len(classifier.classes_))
    band: tuple[float, ...] = ()
    if n_homes is not None:
        band = share_band(of_right >= cut, home, CONFIDENCE)
    abstention = Abstention(
        float(error_rate),
        cut,
        widest_gap_above(least, probabilities.max(axis=1)),
        n,
        unit,
        n_homes,
        *(None if np.isnan(end) else end for end in band),
    )
    classifier.set_abstention(abstention)
    report = coverage_report(abstention, probabilities, codes, names, classifier)
    return replace(report, truth=truth if y is None else None)


def measure_coverage(
    estimator: Any, X: Any, y: Any = None, *, truth: str = "label", homes: Any = None
) -> ConformalReport:
    """Measure the prediction sets of a classifier without changing the cut.

    Parameters
    ----------
    estimator : Pipeline or classifier
        A fitted classifier with a cut, from `conformalize`.
    X : DataFrame, Chains or array-like
        Labelled rows. Consent is not needed, because nothing is fitted to them.
    y : array-like of shape (n_rows,), default=None
        The right labels; None takes the column `truth`.
    truth : str, default="label"
        The column of the right labels.
    homes : array-like of shape (n_rows,), default=None
        Home of each row, if `y` is given, as for `conformalize`.

    Returns
    -------
    report : ConformalReport
        The quality of the sets on these rows.

    Raises
    ------
    ValueError
        If the classifier has no cut, or the rows have a label that it does not know.

    Examples
    --------
    >>> import numpy as np
    >>> from novin_ml import MotionClassifier
    >>> from novin_ml.evaluation import conformalize, measure_coverage
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(900, 3)).astype(np.float32)
    >>> y = np.where(X[:, 0] + rng.normal(size=900) > 0, "running", "walking")
    >>> model = MotionClassifier(epochs=5, random_state=0).fit(X[:300], y[:300])
    >>> _ = conformalize(model, X[300:600], y[300:600])
    >>> report = measure_coverage(model, X[600:], y[600:])
    >>> report.promised_low < report.coverage < report.promised_high
    True
    """
    classifier = classifier_of(estimator)
    abstention = classifier._checked_abstention()
    labelled = _labelled(estimator, X, y, truth, homes, only_consenting=False)
    report = coverage_report(abstention, *labelled, classifier)
    return replace(report, truth=truth if y is None else None)


def abstain_below(cut: np.float32, n_classes: int) -> np.float32:
    """Return the smallest highest probability that guarantees a prediction set of one label.

    A set has exactly the most probable label if that one reaches the cut and the second does not.
    Let p be the highest probability, and let e be the largest excess over 1 of a sum of float32
    probabilities. The second probability is at most 1 + e - p, and can be that large. So it
    certainly stays below the cut if and only if p > 1 + e - cut. The smallest such p is the larger
    of the cut and the float32 after 1 + e - cut. If the cut is above (1 + e) / 2, it is the cut.

    e is n_classes * 2**-22. A softmax in float32 divides terms, each rounded once, by their sum,
    which is rounded n_classes - 1 times, and a blend rounds 5 times more. Each rounding changes a
    value by at most 2**-24, so (n_classes + 5) * 2**-24 would suffice for two or more classes.

    Parameters
    ----------
    cut : float32
        Cut of the prediction sets, 0 to 1.
    n_classes : int
        Number of labels.

    Returns
    -------
    abstain_below : float32
        Above 1 if no probability is enough.

    Examples
    --------
    >>> import numpy as np
    >>> from novin_ml.evaluation.decisions.conformal import abstain_below
    >>> [round(float(abstain_below(np.float32(cut), 3)), 4) for cut in (0.75, 0.2)]
    [0.75, 0.8]
    """
    cut = np.float32(cut)
    reach = 1 + Fraction(n_classes, 2**22) - Fraction(float(cut))
    least = np.float32(float(reach))
    if Fraction(float(least)) > reach:  # it was rounded up, perhaps twice
        least = np.nextafter(least, np.float32(0))
    while Fraction(float(least)) <= reach:
        least = np.nextafter(least, np.float32(2))
    return max(cut, least)


def measured_coverage(
    classifier: Any, probabilities: np.ndarray, codes: np.ndarray, homes: np.ndarray | None
) -> ConformalReport:
    """Return the quality of the sets of a classifier on scored rows.

    Parameters
    ----------
    classifier : FamilyClassifier
        With a cut.
    probabilities : ndarray of shape (n_rows, n_classes), float32
    codes : ndarray of shape (n_rows,), int
        Position of each right label in the classifier's.
    homes : ndarray of shape (n_rows,) or None
    """
    abstention = classifier._checked_abstention()
    return coverage_report(abstention, probabilities, codes, homes, classifier)


def _check_new_home(n_homes: int | None, error_rate: float) -> None:
    needed = fewest_homes_for(error_rate)
    if n_homes is None:
        raise ValueError(
            "The homes must be known for unit='home'. Got rows without. Give a table with a column "
            "'home_id', or pass 'homes'."
        )
    if n_homes < needed:
        raise ValueError(
            f"The rows must be of at least {plural(needed, 'home')} for unit='home' at an error "
            f"rate of {error_rate:g}. Got {n_homes}. Observe more homes, or allow an error rate of "
            f"{1 / (n_homes + 1):.3g}."
        )


def _labelled(
    estimator: Any, X: Any, y: Any, truth: str, homes: Any, only_consenting: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Return the probabilities, the position of each right label, and the homes if known."""
    if homes is not None and y is None:
        raise ValueError(
            "The 'homes' parameter must come with 'y'. Got homes alone. Give the homes as a column "
            "'home_id' of the rows."
        )
    if y is None:
        rows = scored_rows(estimator, X, truth, None, only_consenting)
        probabilities, labels, names = rows.probabilities, rows.truth, rows.homes
    else:
        probabilities, labels, names = estimator.predict_proba(X), label_texts(y), None
        warn_of_training_data(estimator, X, homes=homes)
        check_lengths(X=probabilities, y=labels)
        if homes is not None:
            check_homes(homes)
            names = label_texts(homes)
            check_lengths(X=probabilities, homes=names)
    classes = label_texts(estimator.classes_)
    check_known(labels, classes)
    order = np.argsort(classes)
    return probabilities, order[np.searchsorted(classes, labels, sorter=order)], names
