"""One order of the rows of a table, whichever order of rows and columns it was given in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from novin_ml.evaluation._labels import label_texts
from novin_ml.events.chains.table import Chains
from novin_ml.events.training_record import homes_and_times

IntArray = NDArray[np.int64]


def canonical_order(rows: Any) -> IntArray:
    """Return the places of rows sorted by home and time, and what is simultaneous by its content.

    Draws, sums of floats and choices among equals depend on the order of rows. What is measured on
    rows in this order does not depend on the order in which they were given.

    Parameters
    ----------
    rows : DataFrame or Chains
        Events or chains. If they do not tell home and time, they stay in their order: what counts
        homes refuses them.

    Returns
    -------
    order : ndarray of shape (n_rows,), int64
        Rows that tie are alike in all columns, and chains also in all events.
    """
    found = homes_and_times(rows)
    if found is None:
        return np.arange(len(rows))
    home, time = np.unique(label_texts(found[0]), return_inverse=True)[1].reshape(-1), found[1]
    order = np.lexsort((time, home))
    differs = (np.diff(home[order]) != 0) | (np.diff(time[order]) != 0)
    tied = np.flatnonzero(np.append(~differs, False) | np.append(False, ~differs))
    if len(tied):
        places = order[tied]
        group = np.append(0, np.cumsum(differs))[tied]
        order[tied] = places[np.lexsort((*_content(rows.iloc[places]), group))]
    return order


def _content(rows: Any) -> Iterator[NDArray[Any]]:
    """Yield a key of each column and of the events of chains."""
    if isinstance(rows, Chains):
        events = [rows[place] for place in range(len(rows))]
        yield _key(pd.Series([each.to_dict("list") for each in events], dtype=object))
        rows = rows.table
    yield from keys_of_columns(rows)


def keys_of_columns(table: pd.DataFrame) -> Iterator[NDArray[Any]]:
    """Yield a key to sort by for each column, in the order of their names."""
    for place in sorted(range(table.shape[1]), key=lambda place: str(table.columns[place])):
        yield _key(table.iloc[:, place])


def _key(column: pd.Series) -> NDArray[Any]:
    """Return numbers that are equal for the same values only."""
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "biuf":
        values = column.to_numpy()
        # The bits of a float also tell 0.0 from -0.0, and NaN is equal to itself.
        return values.astype(np.float64).view(np.int64) if values.dtype.kind == "f" else values
    texts = [repr(_as_python(value)) for value in column.astype(object)]
    return np.unique(np.array(texts, dtype=object), return_inverse=True)[1]


def _as_python(value: Any) -> Any:
    """Return an array or a number of numpy as Python's own, whose text is whole."""
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value
