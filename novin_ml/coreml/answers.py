"""Kinds of answers: labels of classes, alarms, or values; and when two answers are the same."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np

from novin_ml.coreml.given import GivenTrees
from novin_ml.coreml.program import Program
from novin_ml.estimators.learners import DETECTORS, LEARNERS

LABEL = "label"
PROBABILITIES = "classProbability"
ANOMALY_SCORE = "anomalyScore"
DECISION = "decision"
VALUE = "value"

#: Learners of other libraries' models, by their kind; their answers are numbers in float64.
GIVEN: dict[str, Any] = {GivenTrees.kind: GivenTrees, Program.kind: Program}

# Below it a value has no digits to compare.
_LEAST_VALUE = 1e-30


class Answers(Protocol):
    """A kind of answer: numbers, within a tolerance, and a choice that follows from them.

    Attributes
    ----------
    choices : str
        Name of the choices, in the plural, as a certificate counts them.
    outputs : dict of str to str
        Outputs of the exported model, each with its meaning.
    """

    choices: ClassVar[str]
    outputs: ClassVar[Mapping[str, str]]

    @property
    def summary(self) -> str:
        """A phrase about the answers for the description of the model."""
        ...

    @property
    def metadata(self) -> dict[str, str]:
        """Entries of the model's metadata."""
        ...

    def to_document(self) -> dict[str, Any]:
        """Return a JSON object from which `from_document` makes the same answers."""
        ...

    def load_learner(self, kind: str, files: dict[str, bytes], n_features: int) -> Any:
        """Rebuild a learner that answers so from its files."""
        ...

    def of_learner(self, learner: Any, X: np.ndarray) -> np.ndarray:
        """Return a learner's own numbers, of shape (n_rows, n_numbers)."""
        ...

    def numbers(self, outputs: Mapping[str, np.ndarray], classes: np.ndarray | None) -> np.ndarray:
        """Return the same numbers from an exported model's outputs, whose labels are `classes`."""
        ...

    def chosen(self, outputs: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return the choice of an exported model for each row."""
        ...

    def choice(self, numbers: np.ndarray) -> np.ndarray:
        """Return the choice of the Python model for each row of its numbers."""
        ...

    def allowed(self, tolerance: float) -> float:
        """Return the largest error that a converter's tolerance allows."""
        ...

    def errors(self, expected: np.ndarray, got: np.ndarray) -> np.ndarray:
        """Return the error of each number."""
        ...

    def ties(self, numbers: np.ndarray, tolerance: float) -> np.ndarray:
        """Return which rows are so close to another choice that the choice is not compared."""
        ...

    def of_device(self, answers: Sequence[Mapping[str, Any]]) -> dict[str, np.ndarray]:
        """Return the outputs of rows that Core ML answered one by one."""
        ...


class _Choices:
    """Answers whose errors are differences, and whose tolerance is that of the converter."""

    def allowed(self, tolerance: float) -> float:
        """Return the tolerance."""
        return tolerance

    def errors(self, expected: np.ndarray, got: np.ndarray) -> np.ndarray:
        """Return the absolute differences."""
        return np.abs(expected - got)


@dataclass(frozen=True)
class ClassAnswers(_Choices):
    """Answers of a classifier: a probability of each label, and the most probable label.

    Attributes
    ----------
    labels : list of str or list of int
        One for each class, in the order of the learner's classes.
    threshold : float or None
        Of two classes: the label is that of class `positive` if its probability is this or more. By
        default it is the most probable label.
    positive : int
        Place of that class.
    """

    choices: ClassVar[str] = "labels"
    outputs: ClassVar[Mapping[str, str]] = {
        LABEL: "the most probable label",
        PROBABILITIES: "probability of each label",
    }
    labels: list[Any]
    threshold: float | None = None
    positive: int = 1

    @property
    def summary(self) -> str:
        """The labels."""
        return ", ".join(str(label) for label in self.labels)

    @property
    def metadata(self) -> dict[str, str]:
        """The labels in the order of the probabilities, and where the label of two changes."""
        labels = {"class_labels": json.dumps(self.labels)}
        if self.threshold is not None:
            positive = json.dumps(self.labels[self.positive])
            return labels | {"threshold": repr(self.threshold), "threshold_label": positive}
        return labels | ({"threshold": "0.5"} if len(self.labels) == 2 else {})

    def to_document(self) -> dict[str, Any]:
        """Return the labels, and the threshold if it is not the usual one."""
        if self.threshold is None:
            return {"labels": self.labels}
        threshold = {"threshold": float(self.threshold), "positive": int(self.positive)}
        return {"labels": self.labels} | threshold

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> ClassAnswers:
        """Read what `to_document` returned."""
        threshold = document.get("threshold")
        return cls(
            list(document["labels"]),
            None if threshold is None else float(threshold),
            int(document.get("positive", 1)),
        )

    def load_learner(self, kind: str, files: dict[str, bytes], n_features: int) -> Any:
        """Rebuild one of the learners of classifiers."""
        learner_class = GIVEN[kind] if kind in GIVEN else LEARNERS[kind][0]
        return learner_class.from_files(files, n_features=n_features, n_classes=len(self.labels))

    def of_learner(self, learner: Any, X: np.ndarray) -> np.ndarray:
        """Return the probabilities."""
        return learner.predict_proba(X)

    def numbers(self, outputs: Mapping[str, np.ndarray], classes: np.ndarray | None) -> np.ndarray:
        """Return the probabilities, each found by its label."""
        known = [] if classes is None else classes.tolist()
        return outputs[PROBABILITIES][:, [known.index(label) for label in self.labels]]

    def chosen(self, outputs: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return the labels."""
        return outputs[LABEL]

    def choice(self, numbers: np.ndarray) -> np.ndarray:
        """Return the label of the largest probability, of equal ones the first."""
        chosen = numbers.argmax(axis=1)
        if self.threshold is not None:
            is_positive = numbers[:, self.positive] >= self.threshold
            chosen = np.where(is_positive, self.positive, 1 - self.positive)
        return np.asarray(self.labels)[chosen]

    def ties(self, numbers: np.ndarray, tolerance: float) -> np.ndarray:
        """Return where the two best probabilities are closer than twice the tolerance.

        With a threshold, where the probability is within the tolerance of it.
        """
        if self.threshold is not None:
            return np.abs(numbers[:, self.positive] - self.threshold) <= tolerance
        best = np.partition(numbers, -2, axis=1)[:, -2:]
        return best[:, 1] - best[:, 0] <= 2 * tolerance

    def of_device(self, answers: Sequence[Mapping[str, Any]]) -> dict[str, np.ndarray]:
        """Return labels, and the probabilities in the order of the labels."""
        shares = [[answer[PROBABILITIES][label] for label in self.labels] for answer in answers]
        return {
            LABEL: np.array([answer[LABEL] for answer in answers]),
            PROBABILITIES: np.array(shares),
        }


@dataclass(frozen=True)
class AlarmAnswers(_Choices):
    """Answers of a detector: an anomaly score, and an alarm if the decision is below 0.

    Attributes
    ----------
    offset : float
        The decision is the score less this.
    """

    choices: ClassVar[str] = "flags"
    outputs: ClassVar[Mapping[str, str]] = {
        ANOMALY_SCORE: "how anomalous, from 0 to 1: the opposite of score_samples",
        DECISION: "below 0 is an alarm: decision_function",
    }
    offset: float

    @property
    def summary(self) -> str:
        """The rule."""
        return "an alarm if the decision is below 0"

    @property
    def metadata(self) -> dict[str, str]:
        """The offset."""
        return {"offset": repr(float(self.offset))}

    def to_document(self) -> dict[str, Any]:
        """Return the offset."""
        return {"offset": float(self.offset)}

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> AlarmAnswers:
        """Read what `to_document` returned."""
        return cls(float(document["offset"]))

    def load_learner(self, kind: str, files: dict[str, bytes], n_features: int) -> Any:
        """Rebuild one of the learners of detectors."""
        return DETECTORS[kind].from_files(files, n_features=n_features)

    def of_learner(self, learner: Any, X: np.ndarray) -> np.ndarray:
        """Return anomaly score and decision."""
        scores = learner.score_samples(X)
        return np.column_stack([-scores, scores - self.offset])

    def numbers(self, outputs: Mapping[str, np.ndarray], classes: np.ndarray | None) -> np.ndarray:
        """Return anomaly score and decision."""
        return np.column_stack([outputs[ANOMALY_SCORE], outputs[DECISION]])

    def chosen(self, outputs: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return whether each row is an alarm."""
        return np.ravel(outputs[DECISION]) < 0  # of an updatable model an array of one number

    def choice(self, numbers: np.ndarray) -> np.ndarray:
        """Return whether each row is an alarm."""
        return numbers[:, 1] < 0

    def ties(self, numbers: np.ndarray, tolerance: float) -> np.ndarray:
        """Return where the decision is within the tolerance of 0."""
        return np.abs(numbers[:, 1]) <= tolerance

    def of_device(self, answers: Sequence[Mapping[str, Any]]) -> dict[str, np.ndarray]:
        """Return both numbers."""
        return {
            name: np.array([float(np.ravel(answer[name])[0]) for answer in answers])
            for name in self.outputs
        }


@dataclass(frozen=True)
class ValueAnswers:
    """Answers of a regressor, or a score: one value.

    Attributes
    ----------
    scale : float
        The tolerance is so many times that of the converter: for sums, the largest absolute value
        that the model can answer.
    is_relative : bool
        Whether errors are shares of the value, as is so of an exponential.
    """

    choices: ClassVar[str] = "values"
    outputs: ClassVar[Mapping[str, str]] = {VALUE: "the predicted value"}
    scale: float = 1.0
    is_relative: bool = False

    @property
    def summary(self) -> str:
        """What the errors of the values are."""
        return "a value" + ", with errors as shares of it" * self.is_relative

    @property
    def metadata(self) -> dict[str, str]:
        """Nothing."""
        return {}

    def to_document(self) -> dict[str, Any]:
        """Return scale and kind of error."""
        return {"scale": float(self.scale), "is_relative": self.is_relative}

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> ValueAnswers:
        """Read what `to_document` returned."""
        return cls(float(document["scale"]), bool(document["is_relative"]))

    def load_learner(self, kind: str, files: dict[str, bytes], n_features: int) -> Any:
        """Rebuild a learner of values."""
        return GIVEN[kind].from_files(files, n_features=n_features)

    def of_learner(self, learner: Any, X: np.ndarray) -> np.ndarray:
        """Return the values, of shape (n_rows, 1)."""
        return np.asarray(learner.values(X)).reshape(-1, 1)

    def numbers(self, outputs: Mapping[str, np.ndarray], classes: np.ndarray | None) -> np.ndarray:
        """Return the values."""
        return outputs[VALUE].reshape(-1, 1)

    def chosen(self, outputs: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return zeros: a value leaves nothing to choose."""
        return np.zeros(len(outputs[VALUE]))

    def choice(self, numbers: np.ndarray) -> np.ndarray:
        """Return zeros."""
        return np.zeros(len(numbers))

    def allowed(self, tolerance: float) -> float:
        """Return the tolerance, in units of the value."""
        return tolerance * self.scale

    def errors(self, expected: np.ndarray, got: np.ndarray) -> np.ndarray:
        """Return the differences, as shares of the value if errors are relative."""
        differences = np.abs(expected - got)
        sizes = np.maximum(np.abs(expected), _LEAST_VALUE)
        return differences / sizes if self.is_relative else differences

    def ties(self, numbers: np.ndarray, tolerance: float) -> np.ndarray:
        """Return that no row is a tie."""
        return np.zeros(len(numbers), dtype=bool)

    def of_device(self, answers: Sequence[Mapping[str, Any]]) -> dict[str, np.ndarray]:
        """Return the values."""
        return {VALUE: np.array([answer[VALUE] for answer in answers])}


@dataclass(frozen=True)
class DecisionAnswers(_Choices):
    """Answers of a classifier without probabilities: a label and its decision function.

    Attributes
    ----------
    labels : list of str or list of int
        One for each class, in the order of the learner's classes.
    scale : float
        The tolerance is so many times that of the converter.
    threshold : float
        Of two classes: the label is the second one above it.
    """

    choices: ClassVar[str] = "decisions"
    outputs: ClassVar[Mapping[str, str]] = {
        LABEL: "the label with the largest decision",
        DECISION: "decision_function: of two labels above 0 for the second; else one per label",
    }
    labels: list[Any]
    scale: float = 1.0
    threshold: float = 0.0

    @property
    def summary(self) -> str:
        """The labels."""
        return ", ".join(str(label) for label in self.labels)

    @property
    def metadata(self) -> dict[str, str]:
        """The labels in the order of the decisions, and where the label of two changes."""
        labels = {"class_labels": json.dumps(self.labels)}
        return labels | ({"threshold": repr(self.threshold)} if len(self.labels) == 2 else {})

    def to_document(self) -> dict[str, Any]:
        """Return labels, scale and threshold."""
        return {"labels": self.labels, "scale": self.scale, "threshold": self.threshold}

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> DecisionAnswers:
        """Read what `to_document` returned."""
        scale, threshold = float(document["scale"]), float(document["threshold"])
        return cls(list(document["labels"]), scale, threshold)

    def load_learner(self, kind: str, files: dict[str, bytes], n_features: int) -> Any:
        """Rebuild a learner of decisions."""
        return GIVEN[kind].from_files(files, n_features=n_features)

    def of_learner(self, learner: Any, X: np.ndarray) -> np.ndarray:
        """Return the decisions, one or one for each label."""
        return np.asarray(learner.values(X)).reshape(len(X), -1)

    def numbers(self, outputs: Mapping[str, np.ndarray], classes: np.ndarray | None) -> np.ndarray:
        """Return the decisions."""
        return outputs[DECISION].reshape(len(outputs[LABEL]), -1)

    def chosen(self, outputs: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return the labels."""
        return outputs[LABEL]

    def choice(self, numbers: np.ndarray) -> np.ndarray:
        """Return the label of the largest decision, of equal ones the first."""
        second = (numbers[:, 0] > self.threshold).astype(int)
        return np.asarray(self.labels)[second if numbers.shape[1] == 1 else numbers.argmax(axis=1)]

    def allowed(self, tolerance: float) -> float:
        """Return the tolerance, in units of the decision."""
        return tolerance * self.scale

    def ties(self, numbers: np.ndarray, tolerance: float) -> np.ndarray:
        """Return where the decision is this close to the next label."""
        if numbers.shape[1] == 1:
            return np.abs(numbers[:, 0] - self.threshold) <= tolerance
        best = np.partition(numbers, -2, axis=1)[:, -2:]
        return best[:, 1] - best[:, 0] <= 2 * tolerance

    def of_device(self, answers: Sequence[Mapping[str, Any]]) -> dict[str, np.ndarray]:
        """Return labels and decisions."""
        return {
            LABEL: np.array([answer[LABEL] for answer in answers]),
            DECISION: np.array([np.ravel(answer[DECISION]) for answer in answers]),
        }


_KINDS: dict[
    str,
    type[ClassAnswers] | type[AlarmAnswers] | type[ValueAnswers] | type[DecisionAnswers],
] = {kind.choices: kind for kind in (ClassAnswers, AlarmAnswers, ValueAnswers, DecisionAnswers)}


def answers_to_document(answers: Answers) -> dict[str, Any]:
    """Return answers as JSON."""
    return {"choices": answers.choices} | answers.to_document()


def answers_from_document(document: dict[str, Any]) -> Answers:
    """Read what `answers_to_document` returned, or what protocol 1 had: labels alone."""
    return _KINDS[document.get("choices", ClassAnswers.choices)].from_document(document)
