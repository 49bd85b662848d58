"""Convert the record of the training rows to a part of the document and a file, and back."""

from __future__ import annotations

from typing import Any

from novin_ml.arrays import read_arrays, write_arrays
from novin_ml.events.training_record import FEATURES, TrainingRecord
from novin_ml.lifecycle.saving._files import RECORD_FILE, check

_ENTRY = "training_record"
_ATTRIBUTE = "training_record_"


def describe_record(features: Any, estimator: Any) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return the part of the document and the file; both are empty if there is no record.

    The record of the features comes first, because it knows homes and times.
    """
    for step in (features, estimator):
        record: TrainingRecord | None = getattr(step, _ATTRIBUTE, None)
        if record is not None:
            return {_ENTRY: record.identity}, {RECORD_FILE: write_arrays(record.to_arrays())}
    return {}, {}


def restore_record(
    document: dict[str, Any], features: Any, estimator: Any, files: dict[str, bytes]
) -> None:
    """Set the training record of the step that had it; files of 0.1.0 have none."""
    if hasattr(estimator, "classes_"):
        setattr(estimator, _ATTRIBUTE, None)
    identity = document.get(_ENTRY)
    if identity is None:
        return
    record = TrainingRecord.from_arrays(identity, read_arrays(files[RECORD_FILE]))
    step = estimator if identity == FEATURES else features
    check(step is not None and hasattr(estimator, "classes_"), _ENTRY, identity)
    setattr(step, _ATTRIBUTE, record)
