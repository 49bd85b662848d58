"""Decode and encode Parquet files of events, one column per field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from novin_ml.events.fields import EVENT_FIELDS, EventField
from novin_ml.events.files._as_json import as_json
from novin_ml.events.files.chunk import Breach, Chunk, Foreign, Refusal
from novin_ml.events.files.columns import METADATA, Take, doubled, gather, open_metadata
from novin_ml.events.files.json_text import decode_object, problem_of
from novin_ml.events.files.moments import as_texts, exact_numbers
from novin_ml.events.timestamps import offsets_of_clock
from novin_ml.optional import import_optional

CHUNK_ROWS = 50_000
_READING = {"extra": "parquet", "purpose": "Reading Parquet"}


def read_parquet(stream: BinaryIO) -> Iterator[Chunk]:
    """Decode a Parquet file part by part; a line is a row, from 1."""
    import_optional("pyarrow", **_READING)
    parquet = import_optional("pyarrow.parquet", **_READING)
    first_line = 1
    try:
        source = parquet.ParquetFile(stream)
    except Exception as error:
        got = said_by_arrow(error)
        yield Chunk([], {}, refusals=[Refusal(1, "line", "a Parquet file", got)])
        return
    with source:
        if is_list(source.schema_arrow, "timestamp"):
            got = "one with lists of events; novin_ml.events.read_chains reads chains"
            yield Chunk([], {}, refusals=[Refusal(1, "line", "a Parquet file of events", got)])
            return
        if refusal := refused_times(source.schema_arrow):
            yield Chunk([], {}, refusals=[refusal])
            return
        names = [name.strip() for name in source.schema_arrow.names]
        if twice := doubled(names):
            expected = "a Parquet file that names each field once"
            yield Chunk([], {}, refusals=[Refusal(1, "line", expected, ", ".join(twice))])
            return
        columns = {name: column for column, name in reversed([*enumerate(names)])}
        for batch in batches_of(source):
            if isinstance(batch, str):
                refused = Refusal(first_line, "line", "a row of a whole Parquet file", batch)
                yield Chunk([], {}, refusals=[refused])
                return
            lines = range(first_line, first_line + batch.num_rows)
            yield chunk_of_batch(batch, columns, lines)
            first_line += batch.num_rows


def batches_of(source: Any, columns: Sequence[str] | None = None) -> Iterator[Any]:
    """Yield the rows of a Parquet file in parts; at the end why no more can be read, if so."""
    batches = source.iter_batches(CHUNK_ROWS, columns=columns)
    while True:
        try:
            batch = next(batches, None)
            if batch is not None:
                batch.validate(full=True)
        except Exception as error:
            yield said_by_arrow(error)
            return
        if batch is None:
            return
        yield batch


def said_by_arrow(error: Exception) -> str:
    """Return in one line what Arrow says of a damaged file; raise any other error."""
    arrow = import_optional("pyarrow", **_READING)
    is_system = isinstance(error, OSError) and error.errno is not None
    if is_system or not isinstance(error, arrow.ArrowException | OSError | ValueError):
        raise error
    return " ".join(str(error).split()) or type(error).__name__


def chunk_of_batch(batch: Any, columns: dict[str, int], lines: range) -> Chunk:
    """Turn a part of a table into columns of values."""
    arrow = import_optional("pyarrow", **_READING)
    compute = import_optional("pyarrow.compute", **_READING)
    breaches: list[Breach] = []
    inner: Iterable[str] = ()
    take_inner: Take | None = None
    if METADATA in columns:
        struct = batch.column(columns[METADATA])
        if arrow.types.is_struct(struct.type):
            inner = [struct.type.field(row).name for row in range(struct.type.num_fields)]
            take_inner = lambda name, field: values_of(compute.struct_field(struct, name), field)  # noqa: E731
        else:
            objects, breaches = open_metadata(map(_object_in, struct.to_pylist()), problem_of)
            inner = set().union(*objects)
            take_inner = lambda name, field: [each.get(name) for each in objects]  # noqa: E731
    values = gather(
        columns,
        lambda name, field: values_of(batch.column(columns[name]), field),
        inner,
        take_inner,
    )
    return Chunk(lines, values, breaches=breaches, names=[*reversed(columns)])


def _object_in(value: object) -> object:
    return decode_object(value) if isinstance(value, str) else value


def is_list(schema: Any, name: str) -> bool:
    """Tell whether there is such a column, and it holds lists."""
    types = import_optional("pyarrow", **_READING).types
    tests = (types.is_list, types.is_large_list, types.is_fixed_size_list)
    return name in schema.names and any(test(schema.field(name).type) for test in tests)


def refused_times(schema: Any, what: str = "a Parquet file") -> Refusal | None:
    """Return why the times of a file cannot be read: too few bits, or a clock that nobody knows."""
    types = import_optional("pyarrow", **_READING).types
    for name in (field.name for field in EVENT_FIELDS if field.type == "time"):
        kind = schema.field(name).type if schema.names.count(name) == 1 else None
        if kind is None:
            continue
        if types.is_float16(kind) or types.is_float32(kind):
            expected = f"{what} with times as float64"
            return Refusal(1, "line", expected, f"a {name} as float32, which rounds it to 128 s")
        try:
            offsets_of_clock(np.zeros(1), getattr(kind, "tz", None) or "UTC")
        except (KeyError, ValueError):
            expected = f"{what} whose time zones are of the IANA database"
            return Refusal(1, "line", expected, f"a {name} in {kind.tz!r}")
    return None


def values_of(column: Any, field: EventField) -> Sequence[Any] | np.ndarray:
    """Return the values of a column; NaN is a missing value, as in pandas."""
    types = import_optional("pyarrow", **_READING).types
    if types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if getattr(column.type, "extension_name", None) == "arrow.json":
        column = column.storage
    kind = column.type
    if isinstance(kind, import_optional("pyarrow", **_READING).BaseExtensionType):
        return [_foreign(value) for value in column.to_pylist()]  # a period is no number
    if field.type in ("number", "time") and (types.is_integer(kind) or types.is_floating(kind)):
        return exact_numbers(column.to_numpy(zero_copy_only=False), field)
    if types.is_temporal(kind) and field.type != "time":
        return [_foreign(value) for value in column.cast("string").to_pylist()]
    if types.is_timestamp(kind):
        return as_texts(column.to_numpy(zero_copy_only=False), column.type.tz)
    if field.name == "home_id" and types.is_integer(kind):
        return [None if value is None else str(value) for value in column.to_pylist()]
    is_list = types.is_list(kind) or types.is_large_list(kind)
    if field.type == "samples" and is_list and types.is_floating(kind.value_type):
        samples = column.values.to_numpy(zero_copy_only=False).astype(np.float64)
        bounds = column.offsets.to_pylist()
        known = column.is_valid().to_pylist()
        return [
            samples[begin:end] if is_known else None
            for begin, end, is_known in zip(bounds, bounds[1:], known, strict=False)
        ]
    if types.is_floating(kind) or types.is_null(kind):
        return [None if value != value else value for value in column.to_pylist()]
    return [_in_json(value) for value in column.to_pylist()]


def _foreign(value: Any) -> Foreign | None:
    return None if value is None else Foreign(str(value))


def _in_json(value: Any) -> Any:
    if isinstance(value, bytes):
        return Foreign(repr(value))
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else as_json(value)


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
