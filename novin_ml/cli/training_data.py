"""Whether a model was trained on the rows that a command measures it on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from novin_ml.cli.output import Output
from novin_ml.evaluation import SeenInTraining, seen_in_training
from novin_ml.exceptions import TrainingDataError


def check_training_data(
    model: Any, rows: Any, output: Output, *, refuse: bool, truth: str = "label"
) -> None:
    """Warn if a model was trained on the rows or homes to measure it on, or refuse them."""
    output.add("training_data", _checked(model, rows, output, refuse, truth).to_document())


def check_training_data_of(
    models: Mapping[str, Any], rows: Any, output: Output, *, refuse: bool
) -> None:
    """Do as `check_training_data` does, for several models by name."""
    found = {}
    for name, model in models.items():
        found[name] = _checked(model, rows, output, refuse, "label", name).to_document()
    output.add("training_data", found)


def show_training_data(seen: SeenInTraining, output: Output, *, refuse: bool) -> None:
    """Say what is known of rows or homes of the training, or refuse them."""
    output.add("training_data", _shown(seen, output, refuse).to_document())


def _checked(
    model: Any, rows: Any, output: Output, refuse: bool, truth: str, name: str = ""
) -> SeenInTraining:
    if truth in rows.columns:
        labelled = rows[truth].notna().to_numpy(dtype=bool)
        rows = rows[labelled] if labelled.any() else rows
    return _shown(seen_in_training(model, rows), output, refuse, name)


def _shown(seen: SeenInTraining, output: Output, refuse: bool, name: str = "") -> SeenInTraining:
    sentence = f"{name}: {seen.sentence}" if name else seen.sentence
    remedy = "Divide the file with novin-ml split." if seen.n_homes_asked else seen.remedy
    if not seen.flatters:
        output.line(sentence)
    elif refuse:
        raise TrainingDataError(f"{sentence} {remedy}")
    else:
        output.warning(f"{sentence} {remedy}")
    return seen
