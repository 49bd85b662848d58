"""Convert parameters of estimators to JSON and back."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from novin_ml.exceptions import SavedModelError
from novin_ml.plain import shown


def params_to_json(estimator: Any) -> dict[str, Any]:
    """Return parameters as JSON; dictionaries become pairs, because a key may be a number."""
    params = {}
    for name, value in estimator.get_params(deep=False).items():
        if name == "random_state" and isinstance(value, np.random.RandomState):
            value = None  # its position is spent; the fitted model does not depend on it
        params[name] = _to_json(value)
        try:
            json.dumps(params[name], default=numpy_default)
        except (TypeError, ValueError):
            raise SavedModelError(
                f"The {name!r} parameter must be a plain number, text, list or dict to be saved. "
                f"Got {shown(value)}. Set it so before saving."
            ) from None
    return params


def _to_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {"pairs": [[_to_json(k), _to_json(v)] for k, v in value.items()]}
    if isinstance(value, (list, tuple)):
        return [_to_json(each) for each in value]
    return value


def numpy_default(value: Any) -> Any:
    """Convert numbers and arrays of numpy to those of Python: a ``default`` of `json.dumps`.

    Unlike `novin_ml.plain.plain` it keeps NaN and refuses other types, because a saved value must
    be read back unchanged.
    """
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is no JSON")


def params_from_json(params: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters that `params_to_json` was given; a list becomes a tuple."""
    return {name: _from_json(value) for name, value in params.items()}


def _from_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {_from_json(k): _from_json(v) for k, v in value["pairs"]}
    return tuple(map(_from_json, value)) if isinstance(value, list) else value
