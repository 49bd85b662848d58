"""Smooth the answers to successive chains of a home by a first-order Markov model."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Real
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from novin_ml.estimators._labels import classes_and_codes, plain_labels
from novin_ml.plain import as_python, plural, shown
from novin_ml.validation import Interval, NamedParameters

__all__ = ["MarkovSmoothing"]


class MarkovSmoothing(NamedParameters, BaseEstimator):
    """Smooth the answers to successive chains by the transition probabilities of labels.

    An answer is the forward filter of a first-order Markov chain whose states are the labels: the
    previous answer gives the prior of each label, and the classifier gives its likelihood. Later
    answers are not used.

    Parameters
    ----------
    weight : float, default=0.5
        Weight of the transitions: a label follows another with the probability
        ``weight * transitions_ + (1 - weight) * class_prior_``. 0 changes nothing.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels.
    class_prior_ : ndarray of shape (n_classes,), float64
        Share of each label in training, plus half a row for each label.
    transitions_ : ndarray of shape (n_classes, n_classes), float64
        Probability of each label (columns) after each (rows), plus half a count for each pair.
    factors_ : ndarray of shape (n_classes, n_classes), float32
        ``1 - weight + weight * transitions_ / class_prior_``.

    See Also
    --------
    novin_ml.EventChainClassifier.set_smoothing : Save and export it with a model.
    novin_ml.estimators.ChainStream : Smooths event by event.

    Notes
    -----
    Let a be the previous answer and p the classifier's probabilities. The answer is
    proportional to ``p[k] * sum_j a[j] * factors_[j, k]``. All numbers are float32; sums run from
    the first label to the last. The answer to the first chain of a home is p.

    References
    ----------
    Rabiner, "A tutorial on hidden Markov models", Proceedings of the IEEE 77, 1989.

    Examples
    --------
    >>> import numpy as np
    >>> from novin_ml.estimators import MarkovSmoothing
    >>> labels = ["sleep", "sleep", "sleep", "wash", "cook", "cook"] * 5
    >>> smoothing = MarkovSmoothing(weight=1.0).fit(labels, ["a"] * 30, np.arange(30.0))
    >>> unsure = np.full((2, 3), 1 / 3)
    >>> unsure[0] = [0, 0, 1]  # a wash
    >>> answers = smoothing.transform(unsure, ["a", "a"], [0.0, 60.0])
    >>> dict(zip(smoothing.classes_.tolist(), answers[1].astype(float).round(2).tolist()))
    {'cook': 0.81, 'sleep': 0.05, 'wash': 0.14}
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "weight": [Interval(Real, 0, 1, closed="both")]
    }

    def __init__(self, weight: float = 0.5) -> None:
        self.weight = weight

    def fit(self, y: Any, home_id: Any, start: Any) -> Self:
        """Count the transitions between labels in each home.

        Parameters
        ----------
        y : array-like of shape (n_chains,)
            Labels.
        home_id : array-like of shape (n_chains,)
            Home of each chain.
        start : array-like of shape (n_chains,)
            Time at which each chain begins.

        Returns
        -------
        self : object
            The fitted smoothing.

        Raises
        ------
        ValueError
            If the weight is not a number from 0 to 1, a label is missing, or there is
            only one label.
        """
        self._validate_params()
        check_consistent_length(y, home_id, start)
        self.classes_, codes = classes_and_codes(plain_labels(y))
        n = len(self.classes_)
        order, follows = _in_order(home_id, start)
        codes = codes[order]
        counts = np.full((n, n), 0.5)
        np.add.at(counts, (codes[:-1][follows[1:]], codes[1:][follows[1:]]), 1)
        shares = np.bincount(codes, minlength=n) + 0.5
        self._set(shares / shares.sum(), counts / counts.sum(axis=1, keepdims=True))
        return self

    def _set(self, prior: np.ndarray, transitions: np.ndarray) -> None:
        self.class_prior_, self.transitions_ = prior, transitions
        weight = float(as_python(self.weight))
        self.factors_ = (1 - weight + weight * transitions / prior).astype(np.float32)

    def refuse_others(self, classes: Any) -> None:
        """Raise ValueError unless these labels, those of a model, are those that were learnt.

        Parameters
        ----------
        classes : array-like of shape (n_classes,)
            Labels of a model, in its order.
        """
        check_is_fitted(self)
        labels, known = ([*np.asarray(each).tolist()] for each in (self.classes_, classes))
        if labels != known:
            raise ValueError(
                f"The 'smoothing' parameter must be of the model's labels, {shown(known)}. "
                f"Got one of {shown(labels)}. Fit it on the labels that the model learnt."
            )

    def step(self, before: np.ndarray | None, probabilities: np.ndarray) -> np.ndarray:
        """Return the answer to one chain.

        Parameters
        ----------
        before : ndarray of shape (n_classes,), float32, or None
            The answer to the previous chain; None if there is none.
        probabilities : ndarray of shape (n_classes,)
            Probabilities of the classifier.

        Returns
        -------
        answer : ndarray of shape (n_classes,), float32
            Sums to 1.
        """
        own = np.asarray(probabilities, dtype=np.float32)
        if before is None:
            return own
        expected = np.zeros_like(own)
        for share, factors in zip(before, self.factors_, strict=True):
            expected += share * factors
        answer = own * expected
        total = np.float32(0)
        for each in answer:
            total += each
        return answer / total if total > 0 else own

    def transform(self, probabilities: Any, home_id: Any, start: Any) -> np.ndarray:
        """Smooth the answers to chains, for each home in the order of time.

        Parameters
        ----------
        probabilities : array-like of shape (n_chains, n_classes)
            Probabilities of a classifier, with columns in the order of ``classes_``.
        home_id, start : array-like of shape (n_chains,)
            Home of each chain, and the time at which it begins.

        Returns
        -------
        answers : ndarray of shape (n_chains, n_classes), float32
            In the order of the rows.

        Raises
        ------
        ValueError
            If there are not as many columns as labels.
        """
        check_is_fitted(self)
        own = np.asarray(probabilities, dtype=np.float32)
        check_consistent_length(own, home_id, start)
        if own.ndim != 2 or own.shape[1] != len(self.classes_):
            raise ValueError(
                "The 'probabilities' parameter must have "
                f"{plural(len(self.classes_), 'column')}, one for "
                f"each of the labels {shown(self.classes_.tolist())}. Got the shape {own.shape}. "
                "Pass predict_proba of a classifier that was trained on these labels."
            )
        answers, before = np.empty_like(own), None
        for row, follows in zip(*_in_order(home_id, start), strict=True):
            before = answers[row] = self.step(before if follows else None, own[row])
        return answers

    def to_document(self) -> dict[str, Any]:
        """Return the fitted smoothing as a JSON document.

        Returns
        -------
        document : dict
            What `from_document` reads.
        """
        check_is_fitted(self)
        return {
            "weight": float(as_python(self.weight)),
            "labels": self.classes_.tolist(),
            "class_prior": self.class_prior_.tolist(),
            "transitions": self.transitions_.tolist(),
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the smoothing of a document.

        Parameters
        ----------
        document : mapping
            Result of `to_document`.

        Returns
        -------
        smoothing : MarkovSmoothing
            The fitted smoothing.

        Raises
        ------
        ValueError
            If the document is malformed.
        """
        try:
            smoothing = cls(document["weight"])
            smoothing._validate_params()
            labels = document["labels"]
            prior = np.array(document["class_prior"], dtype=np.float64)
            transitions = np.array(document["transitions"], dtype=np.float64)
            is_right = (
                prior.shape == (len(labels),) and transitions.shape == (len(labels), len(labels))
            ) and ((prior > 0) & (transitions > 0).all(axis=1)).all()
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(_no_document(error)) from None
        if not is_right:
            raise ValueError(_no_document("arrays that do not fit its labels"))
        smoothing.classes_ = np.array(labels)
        smoothing._set(prior, transitions)
        return smoothing


def _no_document(got: object) -> str:
    return (
        "The document of a smoothing must be what to_document returned. "
        f"Got {shown(str(got))}. Write it again."
    )


def _in_order(home_id: Any, start: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows by home and time, and whether each follows one of its home."""
    homes = np.unique(np.asarray(home_id, dtype=object).astype(str), return_inverse=True)[1]
    order = np.lexsort((np.asarray(start, dtype=np.float64), homes))
    follows = np.diff(homes[order], prepend=-1) == 0
    return order, follows
