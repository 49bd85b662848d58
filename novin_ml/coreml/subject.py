"""The subject of an export: a learner with its answers and inputs."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from novin_ml.arrays import read_array
from novin_ml.coreml.answers import Answers, answers_from_document, answers_to_document
from novin_ml.coreml.origin import Record
from novin_ml.coreml.texts import fits
from novin_ml.coreml.update_settings import UpdateSettings
from novin_ml.exceptions import NotExportableError
from novin_ml.features.spec import FeatureSpec
from novin_ml.plain import plural, shown
from novin_ml.store import parsing, read_folder, write_folder

REFERENCE_KIND = "export reference"
_RECORD_FILE = "record.json"


@dataclass(frozen=True)
class Subject:
    """A learner ready to be converted, with the descriptions of the exported model.

    Attributes
    ----------
    learner : BoostingLearner, NetworkLearner, BlendLearner, ForestLearner or IsolationLearner
    answers : Answers
        The kind of its answers.
    specs : tuple of FeatureSpec
        One for each input.
    columns : tuple of str
        Names of the estimator's columns, one for each input.
    feature_summary : ndarray of shape (34, n_features), float32, or None
        Quantiles and share of missing values of the training data's columns; see `summarise`.
    allows_missing : bool
        Whether the model has an answer when a feature is missing.
    info : dict of str to str
        Further entries of the model's metadata.
    max_bytes : int or None
        The estimator's bound on the size of the exported model.
    own_answer : callable or None
        The Python model's own numbers for float32 rows; the learner's if None.
    note : str
        A sentence for the model's description.
    record : Record or None
        Facts about the export. None before an export, and for a reference that novin_ml 0.1 wrote,
        which has no `info` and `note` either.
    update : UpdateSettings or None
        How a phone can train the model; None if it cannot.
    box : ndarray of shape (2, n_features), float32, or None
        The least and the largest value of each input that the model is for; the bound for all
        inputs holds within it.
    never_missing : tuple of int
        Inputs that must not be missing, of a model that allows others to be.
    """

    learner: Any
    answers: Any
    specs: tuple[FeatureSpec, ...]
    columns: tuple[str, ...]
    feature_summary: np.ndarray | None = None
    allows_missing: bool = True
    info: dict[str, str] = field(default_factory=dict)
    max_bytes: int | None = None
    own_answer: Callable[[np.ndarray], np.ndarray] | None = None
    note: str = ""
    record: Record | None = None
    update: UpdateSettings | None = None
    box: np.ndarray | None = None
    never_missing: tuple[int, ...] = ()

    @property
    def domains(self) -> tuple[list[Any] | None, ...]:
        """For each input None for a number, or the texts or integers that it may be.

        Rows are numbers throughout: that of such an input is the place of its value.
        """
        known: tuple[list[Any] | None, ...] = getattr(self.learner, "domains", ())
        return known or (None,) * len(self.specs)

    def admitted(self, X: np.ndarray) -> np.ndarray:
        """Return float32 rows of any numbers as rows that the model has an answer to."""
        places = [place for place, domain in enumerate(self.domains) if domain is not None]
        if not places and not self.never_missing:
            return X
        X = X.copy()
        for place in self.never_missing:
            X[:, place] = np.nan_to_num(X[:, place], nan=0.0)
        for place in places:
            size = len(self.domains[place] or ())
            X[:, place] = np.floor(np.abs(np.nan_to_num(X[:, place], posinf=0.0))) % size
        return X

    def typed(self, X: np.ndarray) -> dict[str, np.ndarray]:
        """Return the values of rows by the names of the inputs, as a phone is given them."""
        return {
            spec.name: values if domain is None else np.asarray(domain)[values.astype(np.intp)]
            for spec, values, domain in zip(self.specs, X.T, self.domains, strict=True)
        }

    def answer(self, X: np.ndarray) -> np.ndarray:
        """Return the Python model's numbers for float32 rows, float64 of shape (n_rows, n)."""
        own = self.own_answer
        numbers = self.answers.of_learner(self.learner, X) if own is None else own(X)
        return np.asarray(numbers, dtype=np.float64)

    def save(self, folder: Path) -> Path:
        """Write the learner and its description, from which the certificate can be made again."""
        files = self.learner.to_files()
        document = {
            "learner": self.learner.kind,
            "answers": answers_to_document(self.answers),
            "specs": [asdict(spec) for spec in self.specs],
            "columns": list(self.columns),
            "allows_missing": self.allows_missing,
        }
        if self.box is not None:
            document["box"] = self.box.tolist()
        if self.never_missing:
            document["never_missing"] = list(self.never_missing)
        if self.update is not None:
            document["update"] = self.update.to_document()
        files["subject.json"] = json.dumps(document, indent=1).encode()
        if self.record is not None:
            written = {"info": self.info, "note": self.note} | self.record.to_document()
            files[_RECORD_FILE] = json.dumps(written, indent=1).encode()
        if self.feature_summary is not None:
            buffer = io.BytesIO()
            np.save(buffer, self.feature_summary, allow_pickle=False)
            files["feature_summary.npy"] = buffer.getvalue()
        return write_folder(files, folder, REFERENCE_KIND)

    @classmethod
    def load(cls, folder: Path) -> Subject:
        """Read what `save` wrote; executes nothing."""
        files = read_folder(folder, REFERENCE_KIND)
        with parsing(f"{folder} must describe an exported model", "Export the model again."):
            document = json.loads(files["subject.json"])
            specs = tuple(FeatureSpec(**spec) for spec in document["specs"])
            # Protocol 1 has the labels of a classifier, and no more, in the document itself.
            answers: Answers = answers_from_document(document.get("answers", document))
            learner = answers.load_learner(document["learner"], files, len(specs))
            summary = None
            if "feature_summary.npy" in files:
                summary = read_array(files["feature_summary.npy"])
            written: dict[str, Any] = json.loads(files.get(_RECORD_FILE, b"{}"))
            info, note = written.pop("info", {}), written.pop("note", "")
            if any(not isinstance(text, str) for text in (note, *info.values())):
                raise TypeError(f"info={info!r} and note={note!r}")
            update, box = document.get("update"), document.get("box")
            return cls(
                learner=learner,
                answers=answers,
                specs=specs,
                columns=tuple(document["columns"]),
                feature_summary=summary,
                allows_missing=bool(document["allows_missing"]),
                info=info,
                note=note,
                record=Record.from_document(written) if written else None,
                update=None if update is None else UpdateSettings.of(update),
                box=None if box is None else np.array(box, dtype=np.float32),
                never_missing=tuple(map(int, document.get("never_missing", ()))),
            )


def own_columns(model: Any) -> tuple[str, ...]:
    """Return what a fitted scikit-learn estimator calls its columns."""
    names = getattr(model, "feature_names_in_", numbered(model.n_features_in_))
    return tuple(str(name) for name in names)


def numbered(n_columns: int) -> list[str]:
    """Return what columns without names are called."""
    return [f"feature_{i}" for i in range(n_columns)]


def own_answers(
    model: Any, answer: Callable[[Any], np.ndarray], dtype: Any = np.float32
) -> Callable[[np.ndarray], np.ndarray]:
    """Return a method of a fitted scikit-learn estimator as a function of float32 rows."""
    names = getattr(model, "feature_names_in_", None)

    def answer_rows(X: np.ndarray) -> np.ndarray:
        X = X.astype(dtype, copy=False)
        # scikit-learn looks for infinity in the sum of all values, which 3e38 and -3e38 overflow.
        with np.errstate(over="ignore", invalid="ignore"):
            return answer(X if names is None else pd.DataFrame(X, columns=names))

    return answer_rows


def detector_answers(model: Any) -> Callable[[np.ndarray], np.ndarray]:
    """Return a detector's own score and decision as a function of float32 rows."""
    return own_answers(
        model,
        lambda X: np.column_stack([-model.score_samples(X), model.decision_function(X)]),
    )


def refuse_labels(model: Any, class_labels: list[Any] | None) -> None:
    """Raise NotExportableError if labels are given for a model that has no classes."""
    if class_labels is not None:
        raise NotExportableError(
            f"The 'class_labels' parameter must be None for {type(model).__name__}, which has no "
            f"classes. Got {class_labels}. Leave it out."
        )


def given_labels(class_labels: list[Any] | None, classes: Any) -> list[Any]:
    """Return the labels that the caller gave, or those of the model."""
    if class_labels is None:
        return exportable_labels(classes)
    if len(class_labels) != len(classes):
        raise NotExportableError(
            f"The 'class_labels' parameter must have {plural(len(classes), 'label')}, one for "
            "each class. "
            f"Got {len(class_labels)}: {shown(list(class_labels))}."
        )
    return exportable_labels(class_labels)


def exportable_labels(classes: Any) -> list[Any]:
    """Return class labels as Core ML can hold them: all text, or all integers.

    Booleans become the texts "False" and "True"; floats and mixtures are refused.
    """
    labels = [c.item() if isinstance(c, np.generic) else c for c in classes]
    if all(isinstance(label, bool) for label in labels):
        return [str(label) for label in labels]
    for kind in (str, int):
        if all(isinstance(label, kind) and not isinstance(label, bool) for label in labels):
            if len(set(labels)) != len(labels):
                raise NotExportableError(
                    f"Class labels must differ from each other. Got {labels}. Rename one."
                )
            if not all(map(_fits, labels)):
                raise NotExportableError(
                    "Class labels must be UTF-8 text without NUL, or 64-bit integers, for Core ML. "
                    f"Got {labels}. Pass class_labels."
                )
            return labels
    raise NotExportableError(
        f"Class labels must be all text or all integers for Core ML. Got {shown(labels)}. "
        "Train with such labels, or pass class_labels."
    )


def _fits(label: str | int) -> bool:
    if isinstance(label, int):
        return -(2**63) <= label < 2**63
    return fits(label)
