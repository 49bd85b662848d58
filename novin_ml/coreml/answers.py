"""Kinds of answers: labels of classes, or alarms; and when two answers are the same."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np

from novin_ml.coreml.program import Program
from novin_ml.estimators.learners import LEARNERS, IsolationLearner

LABEL = "label"
PROBABILITIES = "classProbability"
ANOMALY_SCORE = "anomalyScore"
DECISION = "decision"


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

    def ties(self, numbers: np.ndarray, tolerance: float) -> np.ndarray:
        """Return which rows are so close to another choice that the choice is not compared."""
        ...

    def of_device(self, answers: Sequence[Mapping[str, Any]]) -> dict[str, np.ndarray]:
        """Return the outputs of rows that Core ML answered one by one."""
        ...


@dataclass(frozen=True)
class ClassAnswers:
    """Answers of a classifier: a probability of each label, and the most probable label.

    Attributes
    ----------
    labels : list of str or list of int
        One for each class, in the order of the learner's classes.
    """

    choices: ClassVar[str] = "labels"
    outputs: ClassVar[Mapping[str, str]] = {
        LABEL: "the most probable label",
        PROBABILITIES: "probability of each label",
    }
    labels: list[Any]

    @property
    def summary(self) -> str:
        """The labels."""
        return ", ".join(str(label) for label in self.labels)

    @property
    def metadata(self) -> dict[str, str]:
        """The labels in the order of the probabilities, and where the label of two changes."""
        labels = {"class_labels": json.dumps(self.labels)}
        return labels | ({"threshold": "0.5"} if len(self.labels) == 2 else {})

    def to_document(self) -> dict[str, Any]:
        """Return the labels."""
        return {"labels": self.labels}

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> ClassAnswers:
        """Read what `to_document` returned."""
        return cls(list(document["labels"]))

    def load_learner(self, kind: str, files: dict[str, bytes], n_features: int) -> Any:
        """Rebuild one of the learners of classifiers."""
        if kind == Program.kind:
            return Program.from_files(files, n_features=n_features)
        learner_class, _ = LEARNERS[kind]
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
        return np.asarray(self.labels)[numbers.argmax(axis=1)]

    def ties(self, numbers: np.ndarray, tolerance: float) -> np.ndarray:
        """Return where the two best probabilities are closer than twice the tolerance."""
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
class AlarmAnswers:
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
        """Rebuild an isolation forest."""
        if kind != IsolationLearner.kind:
            raise ValueError(f"learner={kind!r}")
        return IsolationLearner.from_files(files, n_features=n_features)

    def of_learner(self, learner: Any, X: np.ndarray) -> np.ndarray:
        """Return anomaly score and decision."""
        scores = learner.score_samples(X)
        return np.column_stack([-scores, scores - self.offset])

    def numbers(self, outputs: Mapping[str, np.ndarray], classes: np.ndarray | None) -> np.ndarray:
        """Return anomaly score and decision."""
        return np.column_stack([outputs[ANOMALY_SCORE], outputs[DECISION]])

    def chosen(self, outputs: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return whether each row is an alarm."""
        return outputs[DECISION] < 0

    def choice(self, numbers: np.ndarray) -> np.ndarray:
        """Return whether each row is an alarm."""
        return numbers[:, 1] < 0

    def ties(self, numbers: np.ndarray, tolerance: float) -> np.ndarray:
        """Return where the decision is within the tolerance of 0."""
        return np.abs(numbers[:, 1]) <= tolerance

    def of_device(self, answers: Sequence[Mapping[str, Any]]) -> dict[str, np.ndarray]:
        """Return both numbers."""
        return {name: np.array([answer[name] for answer in answers]) for name in self.outputs}


_KINDS: dict[str, type[ClassAnswers] | type[AlarmAnswers]] = {
    kind.choices: kind for kind in (ClassAnswers, AlarmAnswers)
}


def answers_to_document(answers: Answers) -> dict[str, Any]:
    """Return answers as JSON."""
    return {"choices": answers.choices} | answers.to_document()


def answers_from_document(document: dict[str, Any]) -> Answers:
    """Read what `answers_to_document` returned, or what protocol 1 had: labels alone."""
    return _KINDS[document.get("choices", ClassAnswers.choices)].from_document(document)
