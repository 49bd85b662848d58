"""How far apart the answers of two equal tree ensembles can be, for every input.

Once each node of a model is that of the Python model, every input reaches the same leaves in both.
Then only rounding is left: of the leaves, of their sum, and of the link. Its bound holds for every
order of addition, in float32 or better; it is the one of N. J. Higham, "Accuracy and Stability of
Numerical Algorithms", SIAM 2002, section 4.2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from novin_ml.coreml.given import GivenTrees, Reading
from novin_ml.coreml.program import Program
from novin_ml.coreml.program.bounds import reach_of
from novin_ml.coreml.structure import Structure, ensembles_of, trees_of_booster, trees_of_classes
from novin_ml.coreml.structure import trees_of_forest as trees_of_isolation
from novin_ml.coreml.subject import Subject
from novin_ml.estimators.learners import BoostingLearner, ForestLearner, IsolationLearner

_FLOAT32, _FLOAT64 = 2.0**-24, 2.0**-53
# Leaves are products of a few float64 numbers; the structure allows them to be so far apart.
_PRODUCTS, _LAST_DIGITS = 3, 1e-12
# An exponential, or a division by a sum of them, is taken to be right to so many float32 digits.
_ULPS = 4


@dataclass(frozen=True)
class Proof:
    """A bound of the difference between two models, for every input.

    Attributes
    ----------
    bound : float
        No number of the answer differs by more, if the phone adds leaves in float32 or better, in
        any order. It is rounded up to two digits.
    is_relative : bool
        Whether it is a share of the answer, as for a value that is an exponential.
    nodes : int
        Number of tree nodes that were found equal, each of them.
    box : dict of str to tuple of float, or None
        The least and the largest value of each input for which the bound holds; None if it holds
        for every number.
    """

    bound: float
    is_relative: bool
    nodes: int
    box: dict[str, list[float]] | None = None


def prove(spec: Any, subject: Subject, structure: Structure) -> Proof | None:
    """Return the proof for an ensemble of trees that is equal to its Python model.

    Parameters
    ----------
    spec : Model_pb2.Model
        The exported model.
    subject : Subject
        The Python model.
    structure : Structure
        The comparison of both.

    Returns
    -------
    proof : Proof or None
        None if a part differs, or the model has parts other than trees and their link.
    """
    if not structure.compared or not structure.passed:
        return None
    if isinstance(subject.learner, Program) and subject.box is not None:
        return _in_the_box(subject, subject.box, structure.nodes)
    reading = _reading(subject)
    if reading is None:
        return None
    written = next(ensembles_of(spec)).basePredictionValue
    bound = _through_link(reading, sum_bound(reading, np.array(written, dtype=np.float64)))
    is_relative = reading.link == "exponential" and subject.answers.choices == "values"
    return Proof(_rounded_up(bound), is_relative, structure.nodes)


def _in_the_box(subject: Subject, box: np.ndarray, nodes: int) -> Proof | None:
    """Return the bound of a program; None if it is none."""
    answers = subject.answers
    reach = reach_of(
        subject.learner,
        box,
        of_labels=answers.choices == "labels",
        split=getattr(answers, "threshold", None) is not None,
    )
    bound = float(np.max(reach.error))
    is_relative = getattr(subject.answers, "is_relative", False)
    if is_relative:
        # The answer is an exponential, whose error at its largest value is such a share of it.
        bound /= float(reach.high[0])
    if subject.answers.choices == "labels":
        bound = min(bound, 1.0)  # probabilities
    if not math.isfinite(bound):
        return None
    numbers = {
        spec.name: [float(low), float(high)]
        for spec, domain, low, high in zip(subject.specs, subject.domains, *box, strict=True)
        if domain is None
    }
    return Proof(_rounded_up(bound), is_relative, nodes, numbers)


def _reading(subject: Subject) -> Reading | None:
    learner, labels = subject.learner, getattr(subject.answers, "labels", ())
    if isinstance(learner, GivenTrees):
        return learner.reading
    if isinstance(learner, BoostingLearner):
        trees = trees_of_booster(learner)
        link = "logistic" if len(trees.base) == 1 else "softmax"
        return Reading(trees, link, len(labels), adds_in_float32=True)
    if isinstance(learner, ForestLearner) and learner.calibration.changes_nothing:
        return Reading(trees_of_classes(learner), "none", len(labels), adds_in_float32=True)
    if isinstance(learner, IsolationLearner):
        return Reading(trees_of_isolation(learner), "exponential", 0, adds_in_float32=True)
    return None


def sum_bound(reading: Reading, written_base: np.ndarray) -> float:
    """Return how far the sums of the leaves can be apart, in the phone and in Python.

    Parameters
    ----------
    reading : Reading
        The trees.
    written_base : ndarray of shape (n_outputs,), float64
        The base of the model.
    """
    trees = reading.trees
    largest = trees.largest_sums()
    terms = np.full(len(largest), len(trees.roots) + 1)
    if trees.dimension is not None:
        terms = np.bincount(trees.dimension, minlength=len(largest)) + 1
    share = _gamma(terms, _FLOAT32) + _gamma(terms + _PRODUCTS, _FLOAT64) + _LAST_DIGITS
    if reading.adds_in_float32:
        share += _gamma(terms, _FLOAT32)
    return float(np.max(share * largest + np.abs(written_base - trees.base)))


def _gamma(terms: np.ndarray, unit: float) -> np.ndarray:
    return terms * unit / (1 - terms * unit)


def _through_link(reading: Reading, apart: float) -> float:
    """Return how far answers can be apart whose sums are `apart`."""
    link = _ULPS * _FLOAT32 * (2 if reading.adds_in_float32 else 1)
    if reading.link == "logistic":
        return apart / 4 + link
    if reading.link == "softmax":
        return apart / 2 + link * (1 + len(reading.trees.base) / _ULPS)
    if reading.link == "exponential":
        # The sum is rounded to float32 before the exponential, which is a share of the answer.
        rounded = float(reading.trees.largest_sums().max()) * _FLOAT32
        return math.expm1(min(apart + rounded, 700.0)) + link
    return apart


def _rounded_up(bound: float) -> float:
    digits = 1 - math.floor(math.log10(bound)) if bound > 0 else 0
    return float(f"{math.ceil(bound * 10.0**digits)}e{-digits}") if bound > 0 else 0.0
