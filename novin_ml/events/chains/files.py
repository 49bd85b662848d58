"""Read and write tables of chains: JSON lines, and Parquet with columns of lists."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal, overload

import numpy as np
import pandas as pd

from novin_ml.events.chains._checks import to_chains
from novin_ml.events.chains._decoding import (
    CHAIN_FIELDS,
    LABELS,
    has_lists_of_events,
    read_json_chains,
    read_parquet_chains,
    tells_chains,
)
from novin_ml.events.chains._encoding import (
    json_column,
    refuse_invalid,
    write_json_chains,
    write_parquet_chains,
)
from novin_ml.events.chains.table import Chains
from novin_ml.events.files.parquet import is_list
from novin_ml.events.files.report import ReadReport, Reject, to_table
from novin_ml.events.timestamps import find_timezone
from novin_ml.exceptions import InvalidEventError
from novin_ml.files import replace_whole
from novin_ml.optional import import_optional

__all__ = ["holds_chains", "read_chains", "write_chains"]

StrPath = str | os.PathLike[str]


@overload
def read_chains(
    path: StrPath,
    *,
    timezone: str = ...,
    strict: bool = ...,
    rejects: StrPath | None = ...,
    return_report: Literal[False] = ...,
) -> Chains: ...
@overload
def read_chains(
    path: StrPath,
    *,
    timezone: str = ...,
    strict: bool = ...,
    rejects: StrPath | None = ...,
    return_report: Literal[True],
) -> tuple[Chains, ReadReport]: ...


def read_chains(
    path: StrPath,
    *,
    timezone: str = "UTC",
    strict: bool = False,
    rejects: StrPath | None = None,
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
    source = Path(path)
    zone = find_timezone(timezone)
    if source.suffix.lower() == ".csv":
        raise ValueError(f"The suffix of 'path' must not be .csv. Got {source.name!r} instead.")
    is_parquet = source.suffix.lower() == ".parquet"
    _refuse_no_file(source)
    labels: set[str] = set()
    if is_parquet:
        schema = _schema(source)
        if isinstance(schema, Exception):
            raise InvalidEventError(
                f"{source} must be a Parquet file. Got one that cannot be read: {schema} "
                "Write it again, or rename it to .jsonl if its lines are JSON."
            )
        labels = {*LABELS}.intersection(schema.names)
    if not (_has_lists(schema) if is_parquet else has_lists_of_events(source) is not False):
        raise InvalidEventError(
            f"{source} must be a file of chains. Got one without lists of events that belong "
            "together. Read it with novin_ml.events.read_events, and make chains of its events "
            "with chains_from_events."
        )
    parts: list[Chains] = []
    found: list[Reject] = []
    n_rejected = 0
    for chunk in (read_parquet_chains if is_parquet else read_json_chains)(source):
        chains, told, broken, n_lost = to_chains(chunk, os.fspath(path), zone)
        if strict and broken:
            raise InvalidEventError(broken[0].sentence())
        parts.append(chains)
        labels |= told
        found += broken
        n_rejected += n_lost
    chains = Chains.concatenate(parts) if parts else _no_chains()
    chains = _without(chains, [name for name in LABELS if name not in labels])
    table = to_table(found)
    if rejects is not None:
        with replace_whole(Path(rejects)) as new:
            table.to_csv(new, index=False)
    if not return_report:
        return chains
    n_events = len(chains.timestamp)
    return chains, ReadReport(
        rejects=table,
        n_read=n_events + n_rejected,
        n_accepted=n_events,
        n_rejected=n_rejected,
        n_without_consent=int(chains.lengths[~chains["consent"].to_numpy()].sum()),
    )


def _without(chains: Chains, columns: list[str]) -> Chains:
    arrays = (chains.timestamp, chains.kind, chains.zone, chains.confidence)
    return Chains(chains.table.drop(columns=columns), chains.offsets, *arrays)


def _no_chains() -> Chains:
    table = pd.DataFrame({name: [] for name in CHAIN_FIELDS})
    nothing: Any = np.empty(0)
    return Chains(table, np.zeros(1, dtype=np.int64), nothing, nothing, nothing, nothing)


def holds_chains(path: StrPath) -> bool:
    """Tell whether a file holds chains, from its first 100 lines, or the columns of Parquet.

    Parameters
    ----------
    path : path
        The file.

    Returns
    -------
    holds_chains : bool
        True if a JSON object among the lines has ``events`` and a field of a chain, such as
        ``home_id``, ``user_id`` or ``label``; or if ``timestamp`` and ``kind`` are columns of
        lists. False for files of events and of requests. A request is an object that has only
        ``events``, which need not belong together. `read_events` reads requests; `read_chains`
        reads them too, and takes each for a chain.
    """
    source = Path(path)
    if source.suffix.lower() == ".csv":
        return False
    _refuse_no_file(source)
    if source.suffix.lower() == ".parquet":
        schema = _schema(source)
        return not isinstance(schema, Exception) and _has_lists(schema)
    return tells_chains(source)


def _refuse_no_file(path: Path) -> None:
    if not path.is_file():
        raise FileNotFoundError(
            f"The 'path' must be that of a file. Got {os.fspath(path)!r}, where there is none. "
            "Correct it."
        )


def _schema(path: Path) -> Any:
    """Return the columns of a Parquet file, or why there are none."""
    arrow = import_optional("pyarrow", extra="parquet", purpose="Reading Parquet")
    parquet = import_optional("pyarrow.parquet", extra="parquet", purpose="Reading Parquet")
    try:
        return parquet.read_schema(path)
    except arrow.ArrowInvalid as error:
        return error


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
    columns = {name: json_column(chains[name]) for name in CHAIN_FIELDS if name in chains.columns}
    refuse_invalid(chains, columns)
    with replace_whole(target) as new:
        writer(chains, columns, new)
