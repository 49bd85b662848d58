"""From decoded chunks to the checked event table: what all readers of several events share.

A reader gives chunks, of a file or from memory; each is checked as it comes.
"""

from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from novin_ml.events.consent import has_consent
from novin_ml.events.fields import EVENT_FIELDS, column_dtypes
from novin_ml.events.files.chunk import Chunk
from novin_ml.events.files.recognition import recognition_of
from novin_ml.events.files.report import ReadReport, Reject, to_table
from novin_ml.events.files.validation import check_columns
from novin_ml.events.vocabulary.vocabulary import Vocabulary
from novin_ml.exceptions import InvalidEventError

#: What kind, zone and sensor follow from.
_TEXTS = ("type", "location")


def check_chunks(
    chunks: Iterable[tuple[str, Chunk]],
    zone: ZoneInfo,
    *,
    strict: bool,
    vocabulary: Vocabulary,
    warn: bool = True,
) -> tuple[pd.DataFrame, ReadReport]:
    """Check chunks, and put their valid events into one table.

    Parameters
    ----------
    chunks : iterable of (str, Chunk)
        Each with the name that the rejects have for where it came from.
    zone : ZoneInfo
        Time zone of homes whose events tell no offset from UTC.
    strict : bool
        Raise at the first event that breaks a rule.
    vocabulary : Vocabulary
        That of the table.
    warn : bool, default=True
        Whether to warn of what the vocabulary does not recognise.

    Returns
    -------
    events : DataFrame of shape (n_accepted, n_columns)
        The event table.
    report : ReadReport
        The rejects and the counts.

    Raises
    ------
    InvalidEventError
        At the first broken rule, if `strict`.
    """
    parts: list[dict[str, np.ndarray]] = []
    found: list[Reject] = []
    n_rejected = 0
    names: dict[str, None] = {}
    for source, chunk in chunks:
        columns, broken, n_lost = check_chunk(chunk, source, zone)
        if strict and broken:
            raise InvalidEventError(broken[0].sentence())
        parts.append(columns)
        found += broken
        n_rejected += n_lost
        names |= dict.fromkeys(chunk.names)
    events = event_table(parts, vocabulary)
    report = ReadReport(
        rejects=to_table(found),
        n_read=len(events) + n_rejected,
        n_accepted=len(events),
        n_rejected=n_rejected,
        n_without_consent=int(np.count_nonzero(~has_consent(events))),
        names=tuple(names),
        recognition=recognition_of(events, vocabulary),
    )
    if warn:
        report.recognition.warn()
    return events, report


def check_chunk(
    chunk: Chunk, source: str, zone: ZoneInfo
) -> tuple[dict[str, np.ndarray], list[Reject], int]:
    """Give the columns of the accepted events, the rejects by line, and how many were rejected."""
    n_events = len(chunk.lines)
    columns, breaches = check_columns(chunk.values, n_events, zone)
    is_good = np.ones(n_events, dtype=bool)
    broken = [Reject(source, *refusal) for refusal in chunk.refusals]
    for breach in sorted([*chunk.breaches, *breaches], key=lambda breach: breach.row):
        is_good[breach.row] = False
        place = chunk.places[breach.row] if chunk.places else ""
        line = int(chunk.lines[breach.row])
        broken.append(Reject(source, line, place + breach.path, breach.expected, breach.got))
    if broken:
        broken.sort(key=lambda reject: reject.line)
        columns = {name: column[is_good] for name, column in columns.items()}
    return columns, broken, len(chunk.refusals) + int(np.count_nonzero(~is_good))


def event_table(parts: list[dict[str, np.ndarray]], vocabulary: Vocabulary) -> pd.DataFrame:
    """Join the columns of the parts, in the order and with the dtypes of the event table."""
    optional = {field.name for field in EVENT_FIELDS if not field.is_always_there}
    optional &= {name for part in parts for name in part}
    dtypes = column_dtypes(optional=tuple(optional), vocabulary=vocabulary)
    types, locations = (pd.Series(_join(name, parts, None), dtype=object) for name in _TEXTS)
    joined: dict[str, object] = dict(vocabulary.columns_of(types, locations))
    for name, dtype in dtypes.items():
        if name not in joined:
            is_category = isinstance(dtype, pd.CategoricalDtype)
            column = _join(name, parts, np.nan if dtype == "float64" else None)
            joined[name] = pd.Categorical(column, dtype=dtype) if is_category else column
    return pd.DataFrame(
        {name: pd.Series(joined[name], dtype=dtype, copy=False) for name, dtype in dtypes.items()}
    )


def _join(name: str, parts: list[dict[str, np.ndarray]], missing: float | None) -> np.ndarray:
    pieces = []
    for part in parts:
        # An optional column that this part of the files does not have is missing in all its rows.
        pieces.append(part[name] if name in part else np.full(len(part["type"]), missing))
    return np.concatenate(pieces) if pieces else np.empty(0, dtype=object)
