"""Read and write tables of chains: JSON lines, and Parquet with columns of lists."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, overload
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from novin_ml.events.chains._checks import to_chains
from novin_ml.events.chains._decoding import (
    CHAIN_FIELDS,
    LABELS,
    has_lists_of_events,
    lines_hold_chains,
    read_json_chains,
    read_parquet_chains,
)
from novin_ml.events.chains._encoding import (
    json_column,
    json_documents,
    refuse_invalid,
    write_json_chains,
    write_parquet_chains,
)
from novin_ml.events.chains.table import Chains
from novin_ml.events.files.parquet import is_list, said_by_arrow
from novin_ml.events.files.recognition import Recognition, recognition_of
from novin_ml.events.files.report import ReadReport, Reject, to_table, write_rejects
from novin_ml.events.files.sources import STANDARD_INPUT, Source, StrPath, opened
from novin_ml.events.timestamps import find_timezone
from novin_ml.events.vocabulary.columns import checked_vocabulary
from novin_ml.events.vocabulary.vocabulary import Vocabulary
from novin_ml.exceptions import InvalidEventError
from novin_ml.files import replace_whole
from novin_ml.optional import import_optional

__all__ = ["holds_chains", "read_chains", "write_chains"]


@overload
def read_chains(
    path: StrPath,
    *,
    timezone: str = ...,
    strict: bool = ...,
    rejects: StrPath | None = ...,
    encoding: str | None = ...,
    vocabulary: Vocabulary | None = ...,
    return_report: Literal[False] = ...,
) -> Chains: ...
@overload
def read_chains(
    path: StrPath,
    *,
    timezone: str = ...,
    strict: bool = ...,
    rejects: StrPath | None = ...,
    encoding: str | None = ...,
    vocabulary: Vocabulary | None = ...,
    return_report: Literal[True],
) -> tuple[Chains, ReadReport]: ...


def read_chains(
    path: StrPath,
    *,
    timezone: str = "UTC",
    strict: bool = False,
    rejects: StrPath | None = None,
    encoding: str | None = None,
    vocabulary: Vocabulary | None = None,
    return_report: bool = False,
) -> Chains | tuple[Chains, ReadReport]:
    r"""Read and check chains.

    The suffix names the format. In ``.parquet`` (extra "parquet") a row is a chain: ``timestamp``,
    ``kind``, ``zone`` and ``confidence`` are lists of equal length. Every other file is JSON lines,
    each a chain: an object whose ``events`` follow the rules and limits of `read_events`. Both may
    have the other columns of `Chains`; each may be absent.

    An event that breaks a rule is left out, and the rest of its chain is kept. A chain is left out
    if it has no valid event, if one of its own fields breaks a rule, or if it has more than 100
    events or 100,000 bytes. Each reason is a row of the rejects.

    Parameters
    ----------
    path : path
        The file.
    timezone : str, default="UTC"
        IANA name of the homes' time zone, for chains without ``utc_offset``; see `read_events`.
    strict : bool, default=False
        Whether to raise at the first broken rule.
    rejects : path, optional
        Where to write the rejects as CSV.
    encoding : str, optional
        Encoding of JSON, such as ``"utf-16"``; UTF-8 if not given.
    vocabulary : Vocabulary or None, default=None
        The kinds, zones and sensors to read the events by. None is `Vocabulary.sdk`.
    return_report : bool, default=False
        Whether to return a `ReadReport` as well.

    Returns
    -------
    chains : Chains
        The chains, in the order of the file.
    report : ReadReport
        The rejects, and counts of events; only if `return_report`. All events of a chain that is
        left out count as rejected. A line that cannot be read counts as one.

    Raises
    ------
    InvalidEventError
        At the first broken rule, if `strict`; if the file holds events instead of chains; if a
        ``.parquet`` file is not a Parquet file.
    FileNotFoundError
        If there is no file.
    ValueError
        If the suffix is ``.csv``, or the time zone is not known.
    ExtraNotInstalledError
        If a Parquet file is read without pyarrow.

    Warns
    -----
    VocabularyWarning
        If the vocabulary does not recognise more than 5 % of the types or of the locations.

    See Also
    --------
    chains_from_events : Make chains from the events of `read_events`.

    Notes
    -----
    Fields that a chain lacks follow from its events, by the rules of `chains_from_events`:
    ``start``, ``utc_offset``, ``home_mode``, ``consent`` and the labels. ``observed_until`` is then
    20 seconds after the last event. A ``utc_offset`` or ``home_mode`` of null stays missing. A
    chain may be trained on if its ``consent`` is true and no event says otherwise.

    The home is the ``home_id`` or, if that is null or absent, the ``user_id`` of the chain, or else
    that of its events. A chain is left out if its events name several homes, or another home than
    the chain.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from novin_ml.events import read_chains
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "chains.jsonl")
    ...     _ = path.write_text(
    ...         '{"home_id": "a", "label": "package_delivery", "events": ['
    ...         '{"type": "doorbell", "timestamp": 1.7e9, "metadata": {"location": "front"}}, '
    ...         '{"type": "motion", "timestamp": 1.7e9, "confidence": 90}]}'
    ...     )
    ...     chains, report = read_chains(path, return_report=True)
    >>> chains["label"].tolist(), chains[0]["kind"].tolist()
    (['package_delivery'], ['doorbell'])
    >>> report.rejects[["field", "expected", "got"]].to_numpy().tolist()
    [['events[1].confidence', 'a number from 0 to 1', '90']]
    """
    zone = find_timezone(timezone)
    known = checked_vocabulary(vocabulary)
    with opened(_existing(path), encoding) as source:
        chains, found, n_rejected, recognition = _read(source, zone, known, strict=strict)
    recognition.warn()
    table = to_table(found)
    if rejects is not None:
        write_rejects(table, rejects)
    if not return_report:
        return chains
    n_events = len(chains.timestamp)
    report = ReadReport(
        rejects=table,
        n_read=n_events + n_rejected,
        n_accepted=n_events,
        n_rejected=n_rejected,
        n_without_consent=int(chains.lengths[~chains["consent"].to_numpy()].sum()),
        recognition=recognition,
    )
    return chains, report


def _read(
    source: Source, zone: ZoneInfo, vocabulary: Vocabulary, *, strict: bool
) -> tuple[Chains, list[Reject], int, Recognition]:
    """Read the chains of a file, the rejects, how many events were lost, and recognised."""
    if source.suffix == ".csv":
        name = Path(source.name).name
        raise ValueError(f"The suffix of 'path' must not be .csv. Got {name!r} instead.")
    is_parquet = source.suffix == ".parquet" or source.is_parquet
    labels: set[str] = set()
    if is_parquet:
        schema = _schema(source)
        if isinstance(schema, Exception):
            raise InvalidEventError(
                f"{source.name} must be a Parquet file. Got one that cannot be read: {schema} "
                "Write it again, or rename it to .jsonl if its lines are JSON."
            )
        labels = {*LABELS}.intersection(schema.names)
    if not (_has_lists(schema) if is_parquet else has_lists_of_events(source.open()) is not False):
        raise InvalidEventError(
            f"{source.name} must be a file of chains. Got one without lists of events that belong "
            "together. Read it with novin_ml.events.read_events, and make chains of its events "
            "with chains_from_events."
        )
    parts: list[Chains] = []
    texts: list[pd.DataFrame] = []
    found: list[Reject] = []
    n_rejected = 0
    for chunk in (read_parquet_chains if is_parquet else read_json_chains)(source.open()):
        chains, told, broken, n_lost, sent = to_chains(chunk, source.name, zone, vocabulary)
        if strict and broken:
            raise InvalidEventError(broken[0].sentence())
        parts.append(chains)
        texts.append(sent)
        labels |= told
        found += broken
        n_rejected += n_lost
    chains = Chains.concatenate(parts) if parts else _no_chains(vocabulary)
    chains = _without(chains, [name for name in LABELS if name not in labels])
    recognition = Recognition(vocabulary.name)
    if texts:
        recognition = recognition_of(pd.concat(texts, ignore_index=True), vocabulary)
    return chains, found, n_rejected, recognition


def _without(chains: Chains, columns: list[str]) -> Chains:
    table = chains.table.drop(columns=columns)
    return Chains(table, chains.offsets, **chains.events_at(slice(None)))


def _no_chains(vocabulary: Vocabulary) -> Chains:
    table = pd.DataFrame({name: [] for name in CHAIN_FIELDS})
    nothing: Any = np.empty(0)
    offsets = np.zeros(1, dtype=np.int64)
    return Chains(table, offsets, nothing, nothing, nothing, nothing, vocabulary=vocabulary)


def holds_chains(path: StrPath) -> bool:
    """Tell whether a file holds chains, from its first 100 lines, or the columns of Parquet.

    Parameters
    ----------
    path : path
        The file; no pipe, for that can be read only once.

    Returns
    -------
    holds_chains : bool
        True if a JSON object among the lines has ``events`` and a field of a chain, such as
        ``home_id``, ``user_id`` or ``label``; or if ``timestamp`` and ``kind`` are columns of
        lists. False for files of events and of requests. A request is an object that has only
        ``events``, which need not belong together. `read_events` reads requests; `read_chains`
        reads them too, and takes each for a chain.
    """
    with opened(_existing(path)) as source:
        if not isinstance(path, Source) and not source.is_file:
            raise ValueError(
                "The 'path' parameter of holds_chains must be that of a file, which can be read "
                f"again. Got {source.name!r}, which is a pipe. Copy it to a file."
            )
        if source.suffix == ".csv":
            return False
        if source.suffix == ".parquet" or source.is_parquet:
            schema = _schema(source)
            return not isinstance(schema, Exception) and _has_lists(schema)
        return lines_hold_chains(source.open())


def _existing(path: StrPath) -> StrPath:
    """Return the path if there is something to read."""
    if isinstance(path, Source) or os.fspath(path) == STANDARD_INPUT:
        return path
    if not Path(path).exists() or Path(path).is_dir():
        raise FileNotFoundError(
            f"The 'path' must be that of a file. Got {os.fspath(path)!r}, where there is none. "
            "Correct it."
        )
    return path


def _schema(source: Source) -> Any:
    """Return the columns of a Parquet file, or why there are none."""
    parquet = import_optional("pyarrow.parquet", extra="parquet", purpose="Reading Parquet")
    try:
        return parquet.read_schema(source.open())
    except Exception as error:
        return InvalidEventError(f"{said_by_arrow(error)}.")


def _has_lists(schema: Any) -> bool:
    return is_list(schema, "timestamp") and is_list(schema, "kind")


def write_chains(chains: Chains, path: StrPath) -> None:
    """Write chains without loss: `read_chains` returns the same table.

    A table without chains is an empty ``.jsonl`` file, which does not record label columns.

    Parameters
    ----------
    chains : Chains
        The table. Columns other than those of `Chains` are not written.
    path : path
        File to write, replaced whole or not at all. The suffix
        names the format: ``.jsonl``, or ``.parquet`` (extra "parquet").

    Raises
    ------
    InvalidEventError
        If a chain breaks a rule, so that the file could not be read back. Nothing is written then.
    ValueError
        If the suffix is not one of the two.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import pandas as pd
    >>> from novin_ml.events import Chains, read_chains, write_chains
    >>> chains = Chains(
    ...     table=pd.DataFrame({"home_id": ["a"], "start": [5.0]}), offsets=[0, 2],
    ...     timestamp=[5.0, 7.5], kind=[1, 0], zone=[0, 0], confidence=[0.9, 0.8],
    ... )
    >>> with TemporaryDirectory() as folder:
    ...     write_chains(chains, Path(folder, "chains.jsonl"))
    ...     read_chains(Path(folder, "chains.jsonl"))[0].equals(chains[0])
    True
    """
    target = Path(path)
    writer = {".jsonl": write_json_chains, ".parquet": write_parquet_chains}.get(
        target.suffix.lower()
    )
    if writer is None:
        raise ValueError(
            f"The suffix of 'path' must be .jsonl or .parquet. Got {target.name!r} instead."
        )
    columns = _valid_columns(chains)
    with replace_whole(target) as new:
        writer(chains, columns, new)


def chain_documents(chains: Chains) -> Iterator[dict[str, Any]]:
    """Yield each chain of a table as the JSON object that `write_chains` writes."""
    return json_documents(chains, _valid_columns(chains))


def _valid_columns(chains: Chains) -> dict[str, list[Any]]:
    columns = {name: json_column(chains[name]) for name in CHAIN_FIELDS if name in chains.columns}
    refuse_invalid(chains, columns)
    return columns
