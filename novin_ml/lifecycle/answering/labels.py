"""Labels of rows from what users said of their alarms."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from novin_ml.estimators.families import Family
from novin_ml.events.training_record import Keys, event_keys, homes_and_times
from novin_ml.lifecycle.answering.reading import ANSWER, LABEL, REAL, Answers


@dataclass(frozen=True)
class AnsweredRows:
    """Rows with the labels that follow from answers.

    Attributes
    ----------
    rows : DataFrame or Chains
        All rows. What an annotator labelled keeps its label.
    keys : ndarray of shape (n_answered,), uint64
        Keys of the rows whose label is from an answer.
    n_nothing, n_real : int
        Rows that got a label from such an answer.
    n_agreeing : int
        Answers that say what an annotator said.
    contradicted : tuple of str
        Events whose annotator said something else: the annotator's label stays.
    unknown : tuple of str
        Events that the rows do not have, or have twice.
    unusable : int
        Answers that give no label: "nothing" of a family without a label for it.
    absent : tuple of int
        Rows of the answers that are of events that these rows do not have, or of labels of other
        models.
    """

    rows: Any
    keys: Keys = field(repr=False)
    n_nothing: int = 0
    n_real: int = 0
    n_agreeing: int = 0
    contradicted: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    unusable: int = 0
    absent: tuple[int, ...] = ()

    def counts(self) -> dict[str, int]:
        """Return the counts, for a record.

        Returns
        -------
        counts : dict of str to int
            Without the names of homes.
        """
        return {
            "nothing": self.n_nothing,
            "real": self.n_real,
            "agreeing": self.n_agreeing,
            "contradicted": len(self.contradicted),
            "unknown": len(self.unknown),
            "unusable": self.unusable,
        }


def label_by_answers(rows: Any, answers: Answers, family: Family) -> AnsweredRows:
    """Label the rows whose alarms users answered.

    "real" makes the label that was alarmed the row's label. "nothing" makes it the quiet label of
    the family or, where there are two labels, the other one.

    Parameters
    ----------
    rows : DataFrame or Chains
        Events or chains.
    answers : Answers
        What users said.
    family : Family
        Family of the model that alarmed.

    Returns
    -------
    found : AnsweredRows
        The rows, and what became of each answer.
    """
    places = _places(rows)
    labels = _labels_of(rows)
    known = sorted({str(label) for label in labels if not pd.isna(label)} | {*family.labels})
    taken: list[int] = []
    counts = {"nothing": 0, "real": 0, "agreeing": 0, "unusable": 0}
    contradicted: list[str] = []
    unknown: list[int] = []
    foreign: list[int] = []
    for number, key in enumerate(answers.keys.tolist()):
        given, alarmed = (str(answers.table[name].iloc[number]) for name in (ANSWER, LABEL))
        if alarmed not in known:
            foreign.append(number)  # of another model
            continue
        row = places.get(key)
        if row is None:
            unknown.append(number)
            continue
        label = alarmed if given == REAL else _quiet(family, alarmed, known)
        if label is None:
            counts["unusable"] += 1
        elif pd.isna(labels[row]):
            labels[row] = label
            taken.append(row)
            counts[given] += 1
        elif str(labels[row]) == label:
            counts["agreeing"] += 1
        else:
            contradicted.append(answers.named(number))
    found = homes_and_times(rows)
    keys = np.zeros(0, dtype=np.uint64) if found is None else event_keys(*found)[taken]
    return AnsweredRows(
        rows.assign(label=labels) if taken else rows,
        keys,
        n_nothing=counts["nothing"],
        n_real=counts["real"],
        n_agreeing=counts["agreeing"],
        contradicted=tuple(contradicted),
        unknown=tuple(answers.named(number) for number in unknown),
        absent=(*unknown, *foreign),
        unusable=counts["unusable"],
    )


def _places(rows: Any) -> dict[int, int]:
    """Return the row of each key; what is there twice is left out."""
    found = homes_and_times(rows)
    if found is None:
        return {}
    keys = event_keys(*found)
    _, first, counts = np.unique(keys, return_index=True, return_counts=True)
    once = first[counts == 1]
    return dict(zip(keys[once].tolist(), once.tolist(), strict=True))


def _labels_of(rows: Any) -> np.ndarray:
    if "label" not in rows.columns:
        return np.full(len(rows), None, dtype=object)
    column = rows["label"].astype(object)
    return np.array(column.where(column.notna(), None), dtype=object)


def _quiet(family: Family, alarmed: str, known: list[str]) -> str | None:
    if family.quiet_label is not None:
        return family.quiet_label
    others = [label for label in known if label != alarmed]
    return others[0] if len(others) == 1 else None
