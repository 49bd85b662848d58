"""Split a table of many homes into the rows of each home."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from numbers import Integral
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator

from novin_ml.estimators.home_models import home_features, takes_events
from novin_ml.events.consent import has_consent
from novin_ml.events.fields import UNKNOWN_HOME
from novin_ml.exceptions import InvalidEventError
from novin_ml.foreign import conversion_of, kind_of
from novin_ml.plain import shown

_TIME = "timestamp"
_CONSENT = "consent"


class Split(NamedTuple):
    """The homes of one table, in the order of their first events, and what was left out."""

    table: pd.DataFrame
    names: list[str]
    #: Rows of each home; a slice where they are adjacent, which copies nothing.
    rows: list[slice | np.ndarray]
    #: Number of events of each home, with consent or without.
    n_events: list[int]
    n_without_consent: int
    n_without_home: int


def split_homes(table: Any, by: str, *, needs_consent: bool) -> Split:
    """Split the rows with consent by home.

    Raises
    ------
    InvalidEventError
        If the table is not a DataFrame, lacks a column, or has ids that are neither text nor
        integers.
    """
    if not isinstance(table, pd.DataFrame):
        raise InvalidEventError(
            "The 'events' of a fleet must be a pandas DataFrame, or an iterable of them. "
            f"Got {kind_of(table)} instead. "
            f"{conversion_of(table, 'Read events with novin_ml.events.read_events.')}"
        )
    if by not in table.columns:
        raise InvalidEventError(
            f"The events of a fleet must have the column {shown(by)}. "
            "Got a table without it instead. Name the column of the home ids with 'by'."
        )
    codes, ids = pd.factorize(table[by])
    names = _names(ids, by)
    has_home = codes >= 0
    if UNKNOWN_HOME in names:
        has_home &= codes != names.index(UNKNOWN_HOME)
    consent = has_home
    if needs_consent or _CONSENT in table.columns:
        consent = has_home & has_consent(table)
    kept = np.where(consent, codes, -1)
    order = np.argsort(kept, kind="stable")
    stops = np.cumsum(np.bincount(kept + 1, minlength=len(names) + 1))
    n_events = np.bincount(codes[has_home], minlength=len(names))
    split = Split(
        table, [], [], [], int(np.count_nonzero(has_home & ~consent)), int((~has_home).sum())
    )
    for code in np.flatnonzero(n_events):
        split.names.append(names[code])
        split.rows.append(_together(order[stops[code] : stops[code + 1]]))
        split.n_events.append(int(n_events[code]))
    return split


def _names(ids: Any, by: str) -> list[str]:
    for value in ids:
        if not isinstance(value, (str, Integral)):
            raise InvalidEventError(
                f"The home ids in {by!r} must be text or whole numbers. "
                f"Got {shown(value)} instead. Turn them into text."
            )
    names = [str(value) for value in ids]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidEventError(
            f"The home ids in {by!r} must differ as text. Got both the number and the text "
            f"{shown(twice)}. Turn them into text."
        )
    return names


def _together(index: np.ndarray) -> slice | np.ndarray:
    if len(index) and index[-1] - index[0] + 1 == len(index):
        return slice(int(index[0]), int(index[-1]) + 1)
    return index


def columns_of(estimator: Any, table: pd.DataFrame, by: str, *, are_numbers: bool) -> list[str]:
    """Return the columns that a worker needs: the inputs of the features, or the features.

    `are_numbers` demands that timestamps are: those of events that were checked are.

    Raises
    ------
    InvalidEventError
        If the timestamps, or a column that would be a feature, are not numbers.
    """
    if are_numbers and _TIME in table.columns and not _is_numeric(table[_TIME]):
        raise InvalidEventError(
            f"The column {_TIME!r} must be seconds since 1970. Got {table[_TIME].dtype} instead. "
            "Read events with novin_ml.events.read_events."
        )
    if takes_events(estimator):
        inputs = getattr(home_features(estimator), "inputs", table.columns)
        wanted = {by, _TIME, _CONSENT, *inputs}
        return [name for name in table.columns if name in wanted]
    names = [name for name in table.columns if name not in (by, _TIME, _CONSENT)]
    for name in names:
        if not _is_numeric(table[name]):
            raise InvalidEventError(
                f"The columns of a feature table must be numbers. Got {table[name].dtype} in "
                f"{name!r}. Drop the column, or fit a pipeline that begins with features."
            )
    return names


def _is_numeric(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column.dtype)


def rows_of(split: Split, place: int, columns: Sequence[str], *, events: bool) -> pd.DataFrame:
    """Return the rows of one home; those of a feature table as float32."""
    rows = split.table.iloc[split.rows[place]][columns]
    if events:
        return rows
    with np.errstate(over="ignore"):  # what is too large is infinite, which a detector refuses
        values = rows.to_numpy(dtype=np.float32, na_value=np.nan)
    return pd.DataFrame(values, columns=pd.Index(columns))


def times_of(split: Split, place: int) -> np.ndarray | None:
    """Return the timestamps of one home, None if the table has none."""
    if _TIME not in split.table.columns:
        return None
    times = split.table[_TIME].iloc[split.rows[place]]
    return times.to_numpy(dtype=np.float64, na_value=np.nan)


def home_seed(root: int, name: str) -> int:
    """Return the seed of a home, which depends only on its id and on the seed of the fleet."""
    digest = hashlib.sha256(f"{root}\n{name}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:4], "big")


def seeded(estimator: BaseEstimator, seed: int) -> BaseEstimator:
    """Set each parameter that is a random state, those of a pipeline's steps included."""
    seeds = {
        name: seed
        for name in estimator.get_params(deep=True)
        if name == "random_state" or name.endswith("__random_state")
    }
    return estimator.set_params(**seeds)


def rows_hash(rows: pd.DataFrame, times: np.ndarray | None) -> str:
    """Return the SHA-256 of a home's rows, values and names of columns."""
    digest = hashlib.sha256()
    for name, column in rows.items():
        digest.update(f"{name}\n{len(column)}\n".encode())
        for part in _hashed_parts(column):
            digest.update(part)
    if times is not None:
        digest.update(np.ascontiguousarray(times).data)
    return digest.hexdigest()


def _hashed_parts(column: pd.Series) -> Iterator[Any]:
    """Yield a column's values as bytes that do not depend on how pandas keeps them."""
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "biuf":
        yield column.dtype.str.encode()
        yield np.ascontiguousarray(column).data
        return
    codes, values = pd.factorize(column)  # numbered by first occurrence, whatever the categories
    for value in values:
        text = str(value).encode("utf-8", "surrogatepass")
        yield len(text).to_bytes(8, "big")
        yield text
    yield np.ascontiguousarray(codes, dtype=np.int64).data
