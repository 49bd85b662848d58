"""Columns of tables of other libraries, by Arrow's stream or the dataframe interchange."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from novin_ml.events.fields import EVENT_FIELDS
from novin_ml.events.files._pandas_frame import in_points, told_by_kind, unknown_columns
from novin_ml.events.files.chunk import Chunk
from novin_ml.events.files.parquet import CHUNK_ROWS, chunk_of_batch, refused_times
from novin_ml.events.files.renaming import renamed
from novin_ml.events.tables.refusal import SPANS
from novin_ml.optional import import_optional
from novin_ml.plain import library_of

__all__ = ["arrow_chunks"]


def arrow_chunks(frame: Any, names: Mapping[str, str], decimal: str) -> Iterator[Chunk] | None:
    """Return the rows of a table part by part; None if it is no table of any library."""
    if hasattr(frame, "collect") and hasattr(frame, "collect_schema"):  # a lazy one of polars
        frame = frame.collect()
    if hasattr(frame, "__arrow_c_stream__"):
        arrow = import_optional("pyarrow", extra="parquet", purpose=_purpose(frame))
        return _chunks(arrow.table(frame), names, decimal)
    if hasattr(frame, "to_arrow"):  # of an older polars
        import_optional("pyarrow", extra="parquet", purpose=_purpose(frame))
        return _chunks(frame.to_arrow(), names, decimal)
    if hasattr(frame, "__dataframe__"):
        change = import_optional("pyarrow.interchange", extra="parquet", purpose=_purpose(frame))
        return _chunks(change.from_dataframe(frame), names, decimal)
    return None


def _purpose(frame: Any) -> str:
    return f"Reading a table of {library_of(frame)}"


def _chunks(table: Any, names: Mapping[str, str], decimal: str) -> Iterator[Chunk]:
    unknown_columns(names, table.column_names)
    pairs = renamed([(name.strip(), place) for place, name in enumerate(table.column_names)], names)
    found = [name for name, _ in pairs]
    pairs = told_by_kind(pairs)
    table = table.select([place for _, place in pairs]).rename_columns([each for each, _ in pairs])
    table = _with_spans_in_seconds(_without_views(table))
    if refusal := refused_times(table.schema, "a table"):
        yield Chunk([], {}, refusals=[refusal])
        return
    places = {name: place for place, name in reversed([*enumerate(table.column_names)])}
    first = 1
    batches = table.combine_chunks().to_batches(max_chunksize=CHUNK_ROWS)
    if not batches:
        import_arrow = import_optional("pyarrow", extra="parquet", purpose="Reading a table")
        batches = [import_arrow.RecordBatch.from_pylist([], schema=table.schema)]
    for batch in batches:
        chunk = chunk_of_batch(batch, places, range(first, first + batch.num_rows))
        first += batch.num_rows
        chunk.names = found
        for field in EVENT_FIELDS:
            if field.name in chunk.values:
                chunk.values[field.name] = in_points(chunk.values[field.name], field, decimal)
        yield chunk


def _with_spans_in_seconds(table: Any) -> Any:
    """Return the table with lengths of time as numbers of seconds."""
    arrow = import_optional("pyarrow", extra="parquet", purpose="Reading a table")
    for place, name in enumerate(table.column_names):
        kind = table.schema.field(place).type
        if name.rpartition(".")[2] in SPANS and arrow.types.is_duration(kind):
            per_second = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[kind.unit]
            counts = table.column(place).cast("int64").cast("float64", safe=False)
            compute = import_optional("pyarrow.compute", extra="parquet", purpose="Reading a table")
            table = table.set_column(place, name, compute.divide(counts, float(per_second)))
    return table


def _without_views(table: Any) -> Any:
    """Return the table with categories as texts where Arrow cannot decode them: of string views."""
    arrow = import_optional("pyarrow", extra="parquet", purpose="Reading a table")
    for place, name in enumerate(table.column_names):
        kind = table.schema.field(place).type
        if arrow.types.is_dictionary(kind) and "view" in str(kind.value_type):
            texts = arrow.array(table.column(place).to_pylist(), arrow.string())
            table = table.set_column(place, name, texts)
    return table
