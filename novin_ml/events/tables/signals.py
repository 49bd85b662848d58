"""The signal of an event table that breaks the rule of its field, and where."""

from __future__ import annotations

import numpy as np
import pandas as pd

from novin_ml.events.fields import EventField
from novin_ml.events.shown import show
from novin_ml.events.tables.refusal import refusal, remedy_of_number
from novin_ml.events.tables.values import as_float, is_missing, is_number
from novin_ml.plain import plural


def refuse_samples(column: pd.Series, field: EventField) -> None:
    """Raise the error of the first signal that has a sample which the field does not take.

    Raises
    ------
    InvalidEventError
        If there is one; it names row and sample.
    """
    for row, signal in enumerate(column.to_numpy(dtype=object)):
        if not isinstance(signal, np.ndarray | list | tuple):
            continue
        if isinstance(signal, np.ndarray) and signal.ndim == 0:
            raise refusal(column, row, field)
        if field.max_length is not None and len(signal) > field.max_length:
            raise refusal(column, row, field, got=plural(len(signal), "sample"))
        for place, sample in enumerate(signal):
            if is_missing(sample):
                continue
            is_known = is_number(sample) or isinstance(sample, bool | np.bool_)
            number = as_float(sample) if is_known else np.nan
            if not field.low <= number <= field.high:
                remedy = remedy_of_number(field, number) if is_known else None
                raise refusal(column, row, field, remedy, f"{show(sample)} as sample {place}")
