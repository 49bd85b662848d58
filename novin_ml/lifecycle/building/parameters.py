"""The parameters of a model in a novin.toml, which must be those of its pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from novin_ml.estimators.families import Family
from novin_ml.exceptions import BuildError

#: What has a key of its own.
_ELSEWHERE = {"algorithm": "{place}.algorithm", "random_state": "split.random_state"}


def check_parameters(family: Family, parameters: Mapping[str, Any], file: str, place: str) -> None:
    """Refuse a parameter that the pipeline of a family does not have, or not with this value.

    Raises
    ------
    BuildError
        If there is one. The message names file and key.
    """
    for name, key in _ELSEWHERE.items():
        if name in parameters:
            raise BuildError(
                f"{file}: {place}.parameters must have parameters without a key of their own. Got "
                f"{name!r}. Set {key.format(place=place)}."
            )
    try:
        pipeline = family.make_pipeline(**parameters)
        for _, step in pipeline.steps:
            step._validate_params()
    except (TypeError, ValueError) as error:
        raise BuildError(f"{file}: {place}.parameters: {error}") from None
