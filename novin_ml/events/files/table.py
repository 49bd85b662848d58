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
from novin_ml.events.files.report import ReadReport, Reject, to_table
from novin_ml.events.files.validation import check_columns
from novin_ml.events.kinds import event_kind
from novin_ml.events.zones import normalize_zones
from novin_ml.exceptions import InvalidEventError


def check_chunks(
    chunks: Iterable[tuple[str, Chunk]], zone: ZoneInfo, *, strict: bool
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
    for source, chunk in chunks:
        columns, broken, n_lost = check_chunk(chunk, source, zone)
        if strict and broken:
            raise InvalidEventError(broken[0].sentence())
        parts.append(columns)
        found += broken
        n_rejected += n_lost
    events = event_table(parts)
    report = ReadReport(
        rejects=to_table(found),
        n_read=len(events) + n_rejected,
        n_accepted=len(events),
        n_rejected=n_rejected,
        n_without_consent=int(np.count_nonzero(~has_consent(events))),
    )
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


def event_table(parts: list[dict[str, np.ndarray]]) -> pd.DataFrame:
    """Join the columns of the parts, in the order and with the dtypes of the event table."""
    labels = {field.name for field in EVENT_FIELDS if field.is_label}
    labels &= {name for part in parts for name in part}
    dtypes = column_dtypes(labels=tuple(labels))
    joined: dict[str, object] = {}
    for name, dtype in dtypes.items():
        if name == "kind":
            joined[name] = event_kind(pd.Series(joined["type"], dtype=object)).array
        elif name == "zone":
            joined[name] = normalize_zones(pd.Series(joined["location"], dtype=object)).array
        else:
            column = _join(name, parts)
            is_category = isinstance(dtype, pd.CategoricalDtype)
            joined[name] = pd.Categorical(column, dtype=dtype) if is_category else column
    return pd.DataFrame(
        {name: pd.Series(column, dtype=dtypes[name], copy=False) for name, column in joined.items()}
    )


def _join(name: str, parts: list[dict[str, np.ndarray]]) -> np.ndarray:
    pieces = []
    for part in parts:
        # A label column that this part of the files does not have is missing in all its rows.
        pieces.append(part[name] if name in part else np.full(len(part["type"]), None))
    return np.concatenate(pieces) if pieces else np.empty(0, dtype=object)
