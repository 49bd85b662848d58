"""The steps of a pipeline, or of a model that stands alone."""

from __future__ import annotations

from typing import Any

from sklearn.pipeline import Pipeline


def steps_of(model: Any) -> list[Any]:
    """Return the steps of a pipeline without their names; a model alone is its only step."""
    return [step for _, step in model.steps] if isinstance(model, Pipeline) else [model]


def last_step(model: Any) -> Any:
    """Return the last step of a pipeline, or a model that stands alone."""
    return steps_of(model)[-1]
