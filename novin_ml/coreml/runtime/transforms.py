"""Feature engineering: featureVectorizer, arrayFeatureExtractor, imputer, scaler and identity."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from novin_ml.coreml.runtime.spec import Features, input_features, only_name
from novin_ml.exceptions import UnsupportedModelError
from novin_ml.plain import plural


class FeatureVectorizer:
    """Puts its inputs side by side, in the order of `inputList`."""

    classes = None

    def __init__(self, spec: Any):
        self._inputs = [
            (column.inputColumn, int(column.inputDimensions))
            for column in spec.featureVectorizer.inputList
        ]
        self._output = only_name(spec.description.output, "output")
        widths = {feature.name: feature.width for feature in input_features(spec.description)}
        for name, width in self._inputs:
            if widths.get(name) != width:
                raise UnsupportedModelError(
                    f"featureVectorizer must take {plural(width, 'number')} from an input "
                    f"{name!r} of that "
                    f"size. Got {widths.get(name, 'no such input')} instead; repair its inputList."
                )

    def __call__(self, features: Features) -> Features:
        """All inputs as one array."""
        return {self._output: np.hstack([features[name] for name, _ in self._inputs])}


class ArrayFeatureExtractor:
    """Takes elements of its input, by their indexes from 0; one makes a number."""

    classes = None

    def __init__(self, spec: Any):
        self._input = only_name(spec.description.input, "input")
        self._output = only_name(spec.description.output, "output")
        self._indexes = list(spec.arrayFeatureExtractor.extractIndex)
        width = input_features(spec.description)[0].width
        if not self._indexes or max(self._indexes) >= width:
            raise UnsupportedModelError(
                f"arrayFeatureExtractor must extract indexes below {width}, the size of its input. "
                f"Got {self._indexes} instead; repair its extractIndex."
            )
        is_number = spec.description.output[0].type.WhichOneof("Type") != "multiArrayType"
        if is_number and len(self._indexes) > 1:
            raise UnsupportedModelError(
                "arrayFeatureExtractor must extract one index for an output that is a number. "
                f"Got {self._indexes} instead; repair its extractIndex or its output."
            )

    def __call__(self, features: Features) -> Features:
        """The elements, side by side."""
        return {self._output: features[self._input][:, self._indexes]}


class Imputer:
    """Replaces missing values: those equal to `replaceDoubleValue`, or NaN where that is NaN.

    The value to replace is rounded to float32, as the inputs are.
    """

    classes = None

    def __init__(self, spec: Any):
        message = spec.imputer
        self._input = only_name(spec.description.input, "input")
        self._output = only_name(spec.description.output, "output")
        which = message.WhichOneof("ReplaceValue")
        if which not in ("replaceDoubleValue", "replaceInt64Value"):
            raise UnsupportedModelError(
                "An imputer must say which number stands for a missing value, in "
                f"replaceDoubleValue or replaceInt64Value. Got {which} instead; set one of them."
            )
        with np.errstate(over="ignore"):
            self._missing = np.float32(getattr(message, which))
        self._values = _imputed_values(message, input_features(spec.description)[0].width)

    def __call__(self, features: Features) -> Features:
        """The input with its missing values replaced."""
        values = features[self._input]
        missing = np.isnan(values) if np.isnan(self._missing) else values == self._missing
        return {self._output: np.where(missing, self._values, values)}


def _imputed_values(imputer: Any, width: int) -> NDArray[np.float64]:
    which = imputer.WhichOneof("ImputedValue")
    if which in ("imputedDoubleValue", "imputedInt64Value"):
        return np.array([getattr(imputer, which)], dtype=np.float64)
    if which in ("imputedDoubleArray", "imputedInt64Array"):
        return _per_column(which, getattr(imputer, which).vector, width)
    raise UnsupportedModelError(
        "An imputer must replace by numbers for the reference runtime. "
        f"Got {which} instead; evaluate this model with Core ML itself."
    )


class Scaler:
    """``scale * (x + shift)``, in float64; one value stands for all columns."""

    classes = None

    def __init__(self, spec: Any):
        self._input = only_name(spec.description.input, "input")
        self._output = only_name(spec.description.output, "output")
        width = input_features(spec.description)[0].width
        self._shift = _per_column("shiftValue", spec.scaler.shiftValue or [0.0], width)
        self._scale = _per_column("scaleValue", spec.scaler.scaleValue or [1.0], width)

    def __call__(self, features: Features) -> Features:
        """The scaled input."""
        return {self._output: self._scale * (features[self._input] + self._shift)}


class Identity:
    """Hands its input on."""

    classes = None

    def __init__(self, spec: Any):
        self._input = only_name(spec.description.input, "input")
        self._output = only_name(spec.description.output, "output")

    def __call__(self, features: Features) -> Features:
        """The input, under the output's name."""
        return {self._output: features[self._input]}


def _per_column(field: str, values: Any, width: int) -> NDArray[np.float64]:
    array = np.array(values, dtype=np.float64)
    if len(array) not in (1, width):
        raise UnsupportedModelError(
            f"{field} must have 1 or {plural(width, 'value')}, as many as its input. "
            f"Got {len(array)} instead; repair the model that was read."
        )
    return array
