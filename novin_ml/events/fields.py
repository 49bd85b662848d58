"""The fields of an event and their limits: the table that reader, writer and docs share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from novin_ml.events.vocabulary.columns import checked_vocabulary
from novin_ml.events.vocabulary.vocabulary import Vocabulary

__all__ = [
    "CHAIN_COLUMNS",
    "CHAIN_KEYS",
    "EVENT_FIELDS",
    "HOME_MODES",
    "MAX_NESTING",
    "MAX_RAW_SAMPLES",
    "MAX_REQUEST_BYTES",
    "MAX_REQUEST_EVENTS",
    "NULL_WORDS",
    "SENSOR_STATES",
    "UNKNOWN_HOME",
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
#: What a sensor says of itself; "on" and "open" begin what "off" and "closed" end.
SENSOR_STATES: tuple[str, ...] = ("on", "off", "open", "closed")

#: Texts that tables have for what is missing, as pandas reads them; the phone does as well.
NULL_WORDS = frozenset(
    "nan NaN -nan -NaN NA N/A n/a #N/A #NA <NA> null NULL None".split()  # noqa: SIM905
)

_BLANKS = " \t\r\n\u00a0"
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
        of numbers in which null is a gap, "flag" true or anything else but a text that says it.
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
        Other names, which are read where `path` is missing. A field of the metadata may also stand
        beside it, under its name or its whole path.
    dtype : str
        Dtype of the column.
    is_label : bool
        Whether it is what somebody says of the event. No feature reads it.
    is_optional : bool
        Whether the column exists only where the events have the field, as labels do too.
    has_null_words : bool
        Whether a blank text, and a word that tables have for what is missing, such as ``NA``,
        counts as missing: a home and a class of that name would be made of all of them.
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
    is_optional: bool = False
    has_null_words: bool = False

    def is_absent(self, text: str) -> bool:
        """Tell whether a text says that the field is missing.

        Parameters
        ----------
        text : str
            The text.

        Returns
        -------
        is_absent : bool
            True of an empty text; if `has_null_words`, also of a blank one and of `NULL_WORDS`.
        """
        if not text:
            return True
        return self.has_null_words and (text in NULL_WORDS or not text.strip(_BLANKS))

    @property
    def is_always_there(self) -> bool:
        """Whether every event table of a reader has the column."""
        return not (self.is_label or self.is_optional)


def says_true(text: str) -> bool:
    """Tell whether a text is the word true, in any case and with blanks around it.

    In CSV it is the boolean. Where booleans are, a text is none: it is neither taken for consent
    nor for its absence.
    """
    return text.strip(_BLANKS).lower() == "true"


#: The home of an event that names none.
UNKNOWN_HOME = "unknown_home"

#: The fields of an event, in the order of the event table.
EVENT_FIELDS: tuple[EventField, ...] = (
    EventField(
        "home_id", "home_id", "text", "a text",
        "the home whose event it is", default=UNKNOWN_HOME, aliases=("user_id",),
        has_null_words=True,
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
        "state", "metadata.state", "text", "on, off, open or closed",
        "what the sensor says of itself", choices=SENSOR_STATES, dtype="category",
        is_optional=True,
    ),
    EventField(
        "end", "metadata.end", "time", "a time as that of timestamp, and not before it",
        "when what began at timestamp ended, in seconds since 1970, UTC",
        low=0.0, high=_YEAR_2200, dtype="float64", is_optional=True,
    ),
    EventField(
        "label", "label", "text", "a text", "what an annotator said that it was", is_label=True,
        has_null_words=True,
    ),
    EventField(
        "clean_label", "clean_label", "text", "a text",
        "what it really was, where a simulation knows", is_label=True, has_null_words=True,
    ),
)  # fmt: skip


def field_named(name: str) -> EventField:
    """Return the field of a name of `EVENT_FIELDS`."""
    return next(field for field in EVENT_FIELDS if field.name == name)


def column_dtypes(
    *,
    labels: tuple[str, ...] = (),
    optional: tuple[str, ...] = (),
    vocabulary: Vocabulary | None = None,
) -> dict[str, Any]:
    """Return the columns of an event table, in order, with their dtypes.

    Parameters
    ----------
    labels : tuple of str
        Label columns that the table has.
    optional : tuple of str
        Those of ``"state"`` and ``"end"`` that the table has.
    vocabulary : Vocabulary or None, default=None
        That of the columns `kind` and `zone`, and `sensor` if it names sensors. None is the
        default, `Vocabulary.sdk`.

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
    vocabulary = checked_vocabulary(vocabulary)
    dtypes: dict[str, Any] = {}
    for field in EVENT_FIELDS:
        if not field.is_always_there and field.name not in (*labels, *optional):
            continue
        dtypes[field.name] = (
            pd.CategoricalDtype(list(field.choices)) if field.choices else field.dtype
        )
        if field.name == "type":
            dtypes["kind"] = vocabulary.kind_dtype
        elif field.name == "location":
            dtypes["zone"] = vocabulary.zone_dtype
            if vocabulary.sensors:
                dtypes["sensor"] = vocabulary.sensor_dtype
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
