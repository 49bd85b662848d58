"""Encode files of chains, and refuse those that could not be read back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from novin_ml.events.chains._checks import check_chain_values
from novin_ml.events.chains._decoding import CHAIN_FIELDS, LABELS, LIST_COLUMNS
from novin_ml.events.chains.table import Chains
from novin_ml.events.fields import CHAIN_COLUMNS, MAX_REQUEST_BYTES, field_named
from novin_ml.events.files.writing import shorten
from novin_ml.events.timestamps import find_timezone
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
    field = field_named("timestamp")
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


def json_documents(chains: Chains, columns: dict[str, list[Any]]) -> Iterator[dict[str, Any]]:
    """Yield each chain as a JSON object."""
    types, locations = _texts_of(chains)
    events = [
        {"type": what, "timestamp": time, "metadata": {"location": where}}
        | ({} if confidence is None else {"confidence": confidence})
        for time, what, where, confidence in zip(
            chains.timestamp.tolist(), types, locations, shorten(chains.confidence), strict=True
        )
    ]  # fmt: skip
    for row, values in enumerate(zip(*columns.values(), strict=True)):
        part = slice(chains.offsets[row], chains.offsets[row + 1])
        yield {**dict(zip(columns, values, strict=True)), "events": events[part]}


def write_json_chains(chains: Chains, columns: dict[str, list[Any]], path: Path) -> None:
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        for row, document in enumerate(json_documents(chains, columns)):
            line = encode(document)
            n_bytes = len(line.encode())
            if n_bytes > MAX_REQUEST_BYTES:
                raise InvalidEventError(
                    f"Row {row} of the chains: it must take at most {MAX_REQUEST_BYTES:,} bytes. "
                    f"Got {n_bytes:,} instead. Shorten its home_id and its labels."
                )
            stream.write(f"{line}\n")


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
    what, where = _texts_of(chains)
    flat = {
        "timestamp": arrow.array(chains.timestamp),
        "kind": arrow.array(what, type=arrow.string()),
        "zone": arrow.array(where, type=arrow.string()),
        "confidence": arrow.array(chains.confidence, from_pandas=True),
    }
    for name in LIST_COLUMNS.values():
        arrays[name] = arrow.LargeListArray.from_arrays(chains.offsets, flat[name])
    parquet.write_table(arrow.table(arrays), path)


def _texts_of(chains: Chains) -> tuple[np.ndarray, np.ndarray]:
    """Return types and locations that are read as the same kinds, zones and sensors."""
    kinds, zones = (
        np.asarray(chains.dtype_of(name).categories, dtype=object) for name in ("kind", "zone")
    )
    types, locations = kinds[chains.kind], zones[chains.zone]
    if chains.sensor is None:
        return types, locations
    vocabulary: Any = chains.vocabulary
    for row, code in enumerate(chains.sensor.tolist()):
        name = chains.dtype_of("sensor").categories[code]
        kind, zone = types[row], locations[row]
        if code < len(vocabulary.sensors):
            sensor = vocabulary.sensors[code]
            types[row], locations[row] = sensor.type or kind, sensor.location or zone
        what, where = types[row], locations[row]
        as_read = vocabulary.kind_of(what), vocabulary.zone_of(where)
        if (*as_read, vocabulary.sensor_of(what, where)) != (kind, zone, name):
            raise InvalidEventError(
                f"Event {row} of the chains must be of the kind and zone that its sensor sends. "
                f"Got {kind}, {zone} and {name}. Write its events with write_events."
            )
    return types, locations
