"""Decode and encode Parquet files of events, one column per field."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from novin_ml.events.fields import EVENT_FIELDS, EventField
from novin_ml.events.files._csv import find_columns
from novin_ml.events.files.chunk import Chunk, Refusal
from novin_ml.optional import import_optional

CHUNK_ROWS = 50_000


def read_parquet(path: Path) -> Iterator[Chunk]:
    """Decode a Parquet file part by part; a line is a row, from 1."""
    import_optional("pyarrow", extra="parquet", purpose="Reading Parquet")
    parquet = import_optional("pyarrow.parquet", extra="parquet", purpose="Reading Parquet")
    first_line = 1
    try:
        source = parquet.ParquetFile(path)
    except ValueError as error:  # pyarrow's ArrowInvalid
        yield Chunk([], {}, refusals=[Refusal(1, "line", "a Parquet file", str(error))])
        return
    with source:
        if is_list(source.schema_arrow, "timestamp"):
            got = "one with lists of events; novin_ml.events.read_chains reads chains"
            yield Chunk([], {}, refusals=[Refusal(1, "line", "a Parquet file of events", got)])
            return
        columns = find_columns(source.schema_arrow.names)
        for batch in source.iter_batches(batch_size=CHUNK_ROWS):
            values = {
                field.name: values_of(batch.column(columns[field.name][0]), field)
                for field in EVENT_FIELDS
                if columns[field.name]
            }
            yield Chunk(range(first_line, first_line + batch.num_rows), values)
            first_line += batch.num_rows


def is_list(schema: Any, name: str) -> bool:
    """Tell whether there is such a column, and it holds lists."""
    types = import_optional("pyarrow", extra="parquet", purpose="Reading Parquet").types
    tests = (types.is_list, types.is_large_list, types.is_fixed_size_list)
    return name in schema.names and any(test(schema.field(name).type) for test in tests)


def values_of(column: Any, field: EventField) -> Sequence[Any] | np.ndarray:
    """Return the values of a column; NaN is a missing value, as in pandas."""
    types = import_optional("pyarrow", extra="parquet", purpose="Reading Parquet").types
    kind = column.type
    is_number = types.is_integer(kind) or types.is_floating(kind)
    if field.type in ("number", "time") and is_number:
        return column.to_numpy(zero_copy_only=False).astype(np.float64)
    if field.type == "time" and types.is_timestamp(kind):
        return [
            None if time is None else time.timestamp() if time.tzinfo else time.isoformat()
            for time in column.to_pylist()
        ]
    is_list = types.is_list(kind) or types.is_large_list(kind)
    if field.type == "samples" and is_list and types.is_floating(kind.value_type):
        samples = column.values.to_numpy(zero_copy_only=False).astype(np.float64)
        bounds = column.offsets.to_pylist()
        known = column.is_valid().to_pylist()
        return [
            samples[begin:end] if is_known else None
            for begin, end, is_known in zip(bounds, bounds[1:], known, strict=False)
        ]
    return column.to_pylist()


def write_parquet(columns: dict[str, Sequence[Any]], path: Path) -> None:
    """Write columns of values, None where missing."""
    arrow = import_optional("pyarrow", extra="parquet", purpose="Writing Parquet")
    parquet = import_optional("pyarrow.parquet", extra="parquet", purpose="Writing Parquet")
    types = {
        "text": arrow.string(),
        "time": arrow.float64(),
        "number": arrow.float32(),
        "samples": arrow.list_(arrow.float32()),
        "flag": arrow.bool_(),
    }
    arrays = {
        field.name: arrow.array(columns[field.name], type=types[field.type])
        for field in EVENT_FIELDS
        if field.name in columns
    }
    parquet.write_table(arrow.table(arrays), path)
