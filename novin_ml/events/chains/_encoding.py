"""Encode files of chains, and refuse those that could not be read back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from novin_ml.events.chains._checks import check_chain_values
from novin_ml.events.chains._decoding import CHAIN_FIELDS, LABELS, LIST_COLUMNS
from novin_ml.events.chains.table import Chains
from novin_ml.events.fields import CHAIN_COLUMNS, EVENT_FIELDS, MAX_REQUEST_BYTES
from novin_ml.events.files.writing import shorten
from novin_ml.events.kinds import KIND_DTYPE
from novin_ml.events.timestamps import find_timezone
from novin_ml.events.zones import ZONE_DTYPE
from novin_ml.exceptions import InvalidEventError
from novin_ml.optional import import_optional


def json_column(column: pd.Series) -> list[Any]:
    """Return a column as for JSON: None where missing."""
    if column.dtype == np.float32:
        return shorten(column.to_numpy())
    values = column.tolist()
    return [None if value is None or value != value else value for value in values]


def refuse_invalid(chains: Chains, columns: dict[str, list[Any]]) -> None:
    """Refuse chains that would not be read back unchanged."""
    sent = {name: columns.get(name, [None] * len(chains)) for name in CHAIN_FIELDS}
    read, wrong = check_chain_values(sent, len(chains), find_timezone("UTC"))
    for name in ("home_id", *LABELS):
        differs = read[name] != np.array([*sent[name], None], dtype=object)[:-1]
        expected = "a text of at least one character" + (" or None" if name in LABELS else "")
        wrong += [
            (row, name, expected, repr(sent[name][row])) for row in np.flatnonzero(differs).tolist()
        ]
    field = next(field for field in EVENT_FIELDS if field.name == "timestamp")
    outside = np.flatnonzero(~((chains.timestamp >= field.low) & (chains.timestamp <= field.high)))
    for place in outside[:1]:
        row = int(np.searchsorted(chains.offsets, place, side="right")) - 1
        wrong.append((row, "timestamp", field.expected, str(chains.timestamp[place])))
    if wrong:
        row, name, expected, got = min(wrong, key=lambda reason: reason[0])
        raise InvalidEventError(
            f"Row {row} of the chains: {name} must be {expected}. Got {got} instead. Correct it or "
            "leave the row out."
        )


def write_json_chains(chains: Chains, columns: dict[str, list[Any]], path: Path) -> None:
    kinds, zones = KIND_DTYPE.categories.to_numpy(), ZONE_DTYPE.categories.to_numpy()
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
    events = [
        {"type": kind, "timestamp": time, "metadata": {"location": zone}}
        | ({} if confidence is None else {"confidence": confidence})
        for time, kind, zone, confidence in zip(
            chains.timestamp.tolist(), kinds[chains.kind], zones[chains.zone],
            shorten(chains.confidence), strict=True,
        )
    ]  # fmt: skip
    lines = []
    for row, values in enumerate(zip(*columns.values(), strict=True)):
        part = slice(chains.offsets[row], chains.offsets[row + 1])
        lines.append(encode({**dict(zip(columns, values, strict=True)), "events": events[part]}))
        n_bytes = len(lines[-1].encode())
        if n_bytes > MAX_REQUEST_BYTES:
            raise InvalidEventError(
                f"Row {row} of the chains: it must take at most {MAX_REQUEST_BYTES:,} bytes. "
                f"Got {n_bytes:,} instead. Shorten its home_id and its labels."
            )
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(f"{line}\n" for line in lines)


def write_parquet_chains(chains: Chains, columns: dict[str, list[Any]], path: Path) -> None:
    arrow = import_optional("pyarrow", extra="parquet", purpose="Writing Parquet")
    parquet = import_optional("pyarrow.parquet", extra="parquet", purpose="Writing Parquet")
    types = {
        "float64": arrow.float64(), "float32": arrow.float32(),
        "bool": arrow.bool_(), "int64": arrow.int64(),
    }  # fmt: skip
    arrays = {
        name: arrow.array(column, type=types.get(str(CHAIN_COLUMNS.get(name)), arrow.string()))
        for name, column in columns.items()
    }
    flat = {
        "timestamp": arrow.array(chains.timestamp),
        "kind": _names(arrow, chains.kind, KIND_DTYPE),
        "zone": _names(arrow, chains.zone, ZONE_DTYPE),
        "confidence": arrow.array(chains.confidence, from_pandas=True),
    }
    for name in LIST_COLUMNS.values():
        arrays[name] = arrow.LargeListArray.from_arrays(chains.offsets, flat[name])
    parquet.write_table(arrow.table(arrays), path)


def _names(arrow: Any, codes: Any, dtype: pd.CategoricalDtype) -> Any:
    names = arrow.array(dtype.categories.tolist(), type=arrow.string())
    return arrow.DictionaryArray.from_arrays(arrow.array(codes), names).dictionary_decode()
