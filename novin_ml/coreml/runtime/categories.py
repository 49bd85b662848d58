"""Categories: the oneHotEncoder, of texts or integers."""

from __future__ import annotations

from typing import Any

import numpy as np

from novin_ml.coreml.runtime.spec import Features, input_features, only_name
from novin_ml.exceptions import InvalidInputError, UnsupportedModelError
from novin_ml.plain import shown

_ERROR_ON_UNKNOWN = 0


class OneHotEncoder:
    """One number for each category: 1 for that of the input, 0 for all others."""

    classes = None

    def __init__(self, spec: Any):
        message = spec.oneHotEncoder
        self._input = only_name(spec.description.input, "input")
        self._output = only_name(spec.description.output, "output")
        which = message.WhichOneof("CategoryType")
        kind = input_features(spec.description)[0].kind
        expected = {"stringCategories": "stringType", "int64Categories": "int64Type"}
        if which is None or expected[which] != kind or message.outputSparse:
            raise UnsupportedModelError(
                "A oneHotEncoder must have categories of its input's type and a dense output for "
                f"the reference runtime. Got {which} of a {kind}; repair the model that was read."
            )
        values = list(getattr(message, which).vector)
        is_text = which == "stringCategories"
        self._categories = np.array(values, dtype=np.str_ if is_text else np.int64)
        self._refuses = message.handleUnknown == _ERROR_ON_UNKNOWN

    def __call__(self, features: Features) -> Features:
        """The categories of each row; an unknown one is an error, or only zeros."""
        values = features[self._input]
        found = values == self._categories
        if self._refuses and not found.any(axis=1).all():
            wrong = values[~found.any(axis=1)].ravel()[0].item()
            raise InvalidInputError(
                f"The input {self._input!r} must be one of its categories. Got {shown(wrong)}."
            )
        return {self._output: found.astype(np.float64)}
