"""The fields of an event and their limits: the table that reader, writer and docs share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from novin_ml.events.kinds import KIND_DTYPE
from novin_ml.events.zones import ZONE_DTYPE

__all__ = [
    "CHAIN_COLUMNS",
    "CHAIN_KEYS",
    "EVENT_FIELDS",
    "HOME_MODES",
    "MAX_NESTING",
    "MAX_RAW_SAMPLES",
    "MAX_REQUEST_BYTES",
    "MAX_REQUEST_EVENTS",
    "EventField",
    "column_dtypes",
]

MAX_REQUEST_EVENTS = 100
MAX_REQUEST_BYTES = 100_000
#: Deepest nesting of lists and objects: the threads of an app have small stacks.
MAX_NESTING = 128
#: Ten minutes of signal at 10 Hz.
MAX_RAW_SAMPLES = 6_000

HOME_MODES: tuple[str, ...] = ("home", "away", "night", "vacation")

_YEAR_2200 = 7_258_118_400.0  # so that milliseconds are not taken for seconds


@dataclass(frozen=True)
class EventField:
    """One field of an event.

    Parameters
    ----------
    name : str
        Column of the event table, and of CSV and Parquet files.
    path : str
        Place in the JSON object, e.g. ``"metadata.location"``.
    type : {"text", "number", "time", "samples", "flag"}
        What the field holds. "time" is a number of seconds or an ISO 8601 text, "samples" a list
        of numbers in which null is a gap, "flag" true or anything else.
    expected : str
        What a value must be; messages use these words.
    meaning : str
        What the field means, with its unit.
    required : bool
        Whether an event without it is refused. A null or an empty text counts as missing.
    low, high : float
        Lowest and highest number.
    max_length : int or None
        Largest number of characters or samples.
    choices : tuple of str
        The only texts accepted, if any.
    default : float, str or None
        Value of the table where the field is missing; None means NaN or None.
    aliases : tuple of str
        Other paths, which are read where `path` is missing.
    dtype : str
        Dtype of the column.
    is_label : bool
        Whether the column exists only where the file has it.
    """

    name: str
    path: str
    type: str
    expected: str
    meaning: str
    required: bool = False
    low: float = float("-inf")
    high: float = float("inf")
    max_length: int | None = None
    choices: tuple[str, ...] = ()
    default: float | str | None = None
    aliases: tuple[str, ...] = ()
    dtype: str = "object"
    is_label: bool = False


#: The fields of an event, in the order of the event table.
EVENT_FIELDS: tuple[EventField, ...] = (
    EventField(
        "home_id", "home_id", "text", "a text",
        "the home whose event it is", default="unknown_home", aliases=("user_id",),
    ),
    EventField(
        "type", "type", "text", "a text of 1 to 100 characters",
        "what happened, in the vendor's words", required=True, max_length=100,
    ),
    EventField(
        "timestamp", "timestamp", "time",
        "seconds since 1970 (a number from 0 to the year 2200) or an ISO 8601 date and time",
        "when it happened, in seconds since 1970, UTC",
        required=True, low=0.0, high=_YEAR_2200, dtype="float64",
    ),
    EventField(
        "utc_offset", "utc_offset", "number", "a number from -86400 to 86400",
        "seconds that the home's local time is ahead of UTC",
        low=-86_400.0, high=86_400.0, dtype="float32",
    ),
    EventField(
        "confidence", "confidence", "number", "a number from 0 to 1",
        "the sensor's own confidence", low=0.0, high=1.0, dtype="float32",
    ),
    EventField(
        "location", "metadata.location", "text", "a text of at most 200 characters",
        "where it happened, in the vendor's words", max_length=200,
    ),
    EventField(
        "home_mode", "metadata.home_mode", "text", "home, away, night or vacation",
        "the alarm system's mode", choices=HOME_MODES, dtype="category",
    ),
    EventField(
        "duration", "metadata.duration", "number", "a number of seconds, at least 0",
        "how long the motion lasted, in seconds", low=0.0, high=3.4e38, dtype="float32",
    ),
    EventField(
        "energy", "metadata.energy", "number", "a number from 0 to 1",
        "RMS of the intensity signal, clipped at 1", low=0.0, high=1.0, dtype="float32",
    ),
    EventField(
        "raw", "metadata.raw", "samples",
        "a list of at most 6,000 numbers from 0 to 1, null where a sample is missing",
        "the intensity signal", low=0.0, high=1.0, max_length=MAX_RAW_SAMPLES,
    ),
    EventField(
        "sample_rate", "metadata.sample_rate", "number", "a number of hertz from 0.01 to 100,000",
        "samples per second of the intensity signal",
        low=0.01, high=100_000.0, default=10.0, dtype="float32",
    ),
    EventField(
        "consent", "consent", "flag", "true or false",
        "whether the home lets the event be trained on; only true does", dtype="bool",
    ),
    EventField(
        "label", "label", "text", "a text", "what an annotator said that it was", is_label=True,
    ),
    EventField(
        "clean_label", "clean_label", "text", "a text",
        "what it really was, where a simulation knows", is_label=True,
    ),
)  # fmt: skip


def column_dtypes(*, labels: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the columns of an event table, in order, with their dtypes.

    Parameters
    ----------
    labels : tuple of str
        Label columns that the table has.

    Returns
    -------
    dtypes : dict
        Dtype by column name.

    Examples
    --------
    >>> from novin_ml.events import column_dtypes
    >>> dtypes = column_dtypes(labels=("label",))
    >>> list(dtypes)[:3], dtypes["timestamp"], "label" in dtypes
    (['home_id', 'type', 'kind'], 'float64', True)
    """
    dtypes: dict[str, Any] = {}
    for field in EVENT_FIELDS:
        if field.is_label and field.name not in labels:
            continue
        dtypes[field.name] = (
            pd.CategoricalDtype(list(field.choices)) if field.choices else field.dtype
        )
        if field.name == "type":
            dtypes["kind"] = KIND_DTYPE
        elif field.name == "location":
            dtypes["zone"] = ZONE_DTYPE
    return dtypes


#: Columns of `Chains.table`, each with its dtype; ``label`` and ``clean_label`` may follow.
CHAIN_COLUMNS: dict[str, Any] = {
    "home_id": "object",
    "start": "float64",
    "observed_until": "float64",
    "utc_offset": "float32",
    "home_mode": column_dtypes()["home_mode"],
    "consent": "bool",
    "n_left_out": "int64",
}

#: Keys that make a chain of an object with a list of events, which is a request otherwise.
CHAIN_KEYS = frozenset(
    {*CHAIN_COLUMNS, "user_id", *(field.name for field in EVENT_FIELDS if field.is_label)}
)
