"""Apply a function of one text to a whole column, once per distinct value."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd


def map_to_category(
    values: Iterable[object], function: Callable[[object], str], dtype: pd.CategoricalDtype
) -> pd.Series:
    """Map each distinct value through `function`; the categories are those of `dtype`.

    The index of a Series is kept; missing values are passed to `function` as ``None``.
    """
    series = values if isinstance(values, pd.Series) else pd.Series(list(values), dtype=object)
    codes, uniques = pd.factorize(series)
    names = [*map(function, uniques), function(None)]  # code -1, missing, takes the last
    mapped = dtype.categories.get_indexer(pd.Index(names, dtype=object))
    categories = pd.Categorical.from_codes(np.asarray(mapped, dtype=np.int8)[codes], dtype=dtype)
    return pd.Series(categories, index=series.index, name=series.name)
