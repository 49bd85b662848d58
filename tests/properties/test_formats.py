"""One table, three formats and memory: it is read as equal events, or refused."""

from __future__ import annotations

import datetime
import json
from decimal import Decimal
from functools import partial
from itertools import combinations
from uuid import UUID

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from novin_ml.events import HOME_MODES, events_from_frame, events_from_records, read_events
from novin_ml.events.fields import NULL_WORDS
from novin_ml.exceptions import InvalidEventError
from tests.properties.strategies import locations

pytestmark = pytest.mark.filterwarnings("ignore::novin_ml.exceptions.VocabularyWarning")

ROWS = 4
START = pd.Timestamp("2024-03-30T20:00:00.250")  # a clock of Europe changes that night

#: Words that tables have for what is missing, and others that only look like it.
odd_words = st.sampled_from((None, "", " ", "nan", "NaN", "NA", "None", "<NA>", "null", "none"))
plain_texts = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), max_size=8)
names = st.sampled_from(("h1", "h2", "15", "15.0", "007", "True")) | odd_words | plain_texts


def column(values: st.SearchStrategy, *dtypes: str) -> st.SearchStrategy:
    """Draw a column, in one of pandas' dtypes."""
    return st.builds(
        lambda drawn, dtype: pd.Series(drawn, dtype=dtype),
        st.lists(values, min_size=ROWS, max_size=ROWS),
        st.sampled_from(dtypes or ("object",)),
    )


def gappy(values: st.SearchStrategy) -> st.SearchStrategy:
    return column(values | st.none(), "float64", "Float64")


eighths = st.integers(0, 10).map(lambda n: n / 8)  # some above 1, which is refused
quarters = st.sampled_from((0.0, 3600.0, -34_200.0))
whole_numbers = st.integers(0, 20)
ids = st.one_of(
    column(names),
    column(names, "object", "string", "category"),
    column(st.sampled_from(("001", "1e5", "+5", "2024-01-01", "0x1F", "1_000", "-0", "[1]"))),
    column(st.sampled_from((b"h1", b"h2", None))),
    column(whole_numbers, "int64", "uint8"),
    column(whole_numbers | st.none(), "Int64", "float64"),
)
labels = st.one_of(
    column(st.sampled_from(("delivery", "no_delivery")) | odd_words, "object", "string"),
    column(st.sampled_from(("delivery", "no_delivery", None)), "category"),
    column(whole_numbers, "int64"),
    column(st.booleans(), "bool"),
)
#: Fields of the metadata, by name.
inner = st.fixed_dictionaries(
    {},
    optional={
        "location": column(locations.map(lambda text: text.strip("\r\n\0")) | odd_words)
        | column(st.sampled_from(("porch", "garage", None)), "category", "string"),
        "home_mode": column(st.sampled_from((*HOME_MODES, None)), "object", "category")
        | column(st.sampled_from(("away", "AWAY", "NA", ""))),
        "duration": gappy(eighths)
        | column(whole_numbers, "int64", "float32")
        | column(st.booleans(), "bool"),
        "energy": gappy(eighths) | column(eighths, "float32"),
        "sample_rate": column(st.sampled_from((0.01, 5.0, 100_000.0)), "float64", "float32"),
        "raw": column(st.lists(eighths.filter(lambda n: n <= 1) | st.none(), max_size=3)),
    },
)
outer = st.fixed_dictionaries(
    {
        "type": column(st.sampled_from(("motion", "doorbell", "front_motion", "", None, "NA")))
        | column(st.sampled_from(("motion", "door")), "category", "string"),
    },
    optional={
        "home_id": ids,
        "user_id": ids,
        "confidence": gappy(eighths) | column(eighths, "float32", "object"),
        "utc_offset": gappy(quarters),
        "consent": column(st.booleans(), "bool", "boolean", "object")
        | column(st.booleans() | st.none(), "boolean", "object")
        | column(st.sampled_from((0, 1)), "int64", "float64")
        | column(st.sampled_from(("true", "True", " TRUE ", "false", "yes", "1", None))),
        "label": labels,
        "clean_label": labels,
    },
)

CLOCKS = ("UTC", "Europe/Berlin", "Europe/London", "Asia/Kathmandu", "America/New_York")
FIXED = datetime.timezone(datetime.timedelta(hours=2))
steps = st.lists(st.integers(0, 6 * 3600).map(lambda s: s * 1.125), min_size=ROWS, max_size=ROWS)


def moments(seconds: list[float], clock, unit: str) -> pd.Series:
    times = pd.Series(START + pd.to_timedelta(seconds, unit="s")).astype(f"datetime64[{unit}]")
    return times if clock is None else times.dt.tz_localize("UTC").dt.tz_convert(clock)


dates = st.builds(
    moments, steps, st.sampled_from((None, *CLOCKS, FIXED)), st.sampled_from(("ms", "us", "ns"))
)
times = st.one_of(
    dates,
    dates.map(lambda column: column.where([True] * (ROWS - 1) + [False])),  # NaT
    dates.map(lambda column: column.map(pd.Timestamp.isoformat)),
    dates.map(lambda column: column.dt.date.astype(object)),
    dates.map(lambda column: column.map(pd.Timestamp.timestamp)),
    dates.map(lambda column: column.map(pd.Timestamp.timestamp).astype("int64")),
    steps.map(lambda drawn: moments(drawn, None, "us").dt.to_period("h")),
    steps.map(lambda drawn: moments(drawn, None, "us").astype("category")),
    dates.map(lambda column: column.map(pd.Timestamp.timestamp).astype("Float64").shift(1)),
    st.just(pd.Series(np.array([2**40] * ROWS, dtype="datetime64[s]"))),  # of the year 36812
)
LAYOUTS = ("flat", "dotted", "struct", "json", "struct and flat")


def laid_out(fields: dict, layout: str) -> dict:
    """Return the columns of the metadata."""
    if layout == "dotted":
        return {f"metadata.{name}": column for name, column in fields.items()}
    if layout == "flat" or not fields:
        return fields
    records = [
        {
            name: None if not isinstance(value, list) and pd.isna(value) else value
            for name, value in zip(fields, values, strict=True)
        }
        for values in zip(*(column.tolist() for column in fields.values()), strict=True)
    ]
    if layout == "json":
        return {"metadata": pd.Series([json.dumps(record) for record in records])}
    nested = {"metadata": pd.Series(records)}
    return nested if layout == "struct" else nested | fields


@st.composite
def tables(draw: st.DrawFn) -> tuple[pd.DataFrame, str]:
    """Draw a table, and the name of its clock if it has one that JSON of pandas loses."""
    time = draw(times)
    fields = laid_out(draw(inner), draw(st.sampled_from(LAYOUTS)))
    table = pd.DataFrame({"timestamp": time, **draw(outer), **fields, "row": range(ROWS)})
    return table[draw(st.permutations([*table]))]


def write(table: pd.DataFrame, folder) -> dict:
    """Write a table as pandas does, in the formats that can hold it; return the paths."""
    writers = {
        "csv": lambda path: table.to_csv(path, index=False),
        "jsonl": lambda path: table.to_json(
            path, orient="records", lines=True,
            date_format="iso", date_unit="us", double_precision=15,
        ),
        "parquet": lambda path: table.to_parquet(path, index=False),
    }  # fmt: skip
    paths = {}
    for name, writer in writers.items():
        try:
            writer(folder / f"table.{name}")
        except (ValueError, TypeError, OverflowError):  # of several types, too large, without keys
            assert name != "csv"
        else:
            paths[name] = folder / f"table.{name}"
    return paths


def read_rows(read, zone: str, first: int = 1) -> dict[int, dict]:
    """Read events, by the row of the table that they were."""
    try:
        events, report = read(timezone=zone, return_report=True)
    except InvalidEventError:
        return {}
    lost = set(report.rejects["line"] - first)
    if len(events) != ROWS - len(lost):  # refused as a whole
        assert len(events) == 0
        return {}
    kept = [row for row in range(ROWS) if row not in lost]
    return dict(zip(kept, events.to_dict("records"), strict=True))


def assert_equal(one: dict, other: dict) -> None:
    for name in {*one, *other}:
        left, right = one.get(name), other.get(name)
        if isinstance(left, np.ndarray) or isinstance(right, np.ndarray):
            np.testing.assert_array_equal(left, right)
        else:
            assert left == right or (pd.isna(left) and pd.isna(right)), name


def compare(table: pd.DataFrame, folder, zone: str) -> dict[str, dict[int, dict]]:
    rows = {
        name: read_rows(partial(read_events, path), zone, 2 if name == "csv" else 1)
        for name, path in write(table, folder).items()
    }
    rows["pandas"] = read_rows(partial(events_from_frame, table), zone)
    rows["records"] = read_rows(partial(events_from_records, table.to_dict("records")), zone)
    arrow = pytest.importorskip("pyarrow")
    try:
        of_arrow = arrow.Table.from_pandas(table, preserve_index=False)
    except (arrow.ArrowException, ValueError, TypeError, OverflowError):
        pass  # of several types
    else:
        rows["arrow"] = read_rows(partial(events_from_frame, of_arrow), zone)
    clock = getattr(table["timestamp"].dtype, "tz", None)
    if clock is not None and str(clock) not in ("UTC", zone):
        # pandas writes UTC, and so nothing of the clock is in the file, but for a row's own offset.
        told = table.get("utc_offset", pd.Series(np.nan, table.index)).notna().tolist()
        rows["jsonl"] = {row: event for row, event in rows["jsonl"].items() if told[row]}
    for one, other in combinations(rows.values(), 2):
        for row in one.keys() & other.keys():
            assert_equal(one[row], other[row])
    return rows


SOME_OFFSETS = pd.DataFrame(
    {
        "timestamp": moments([0.0] * ROWS, "Europe/Berlin", "us"),
        "type": "motion",
        "utc_offset": [0.0, 0.0, np.nan, np.nan],
        "row": range(ROWS),
    }
)


@given(tables(), st.sampled_from(CLOCKS))
@example(SOME_OFFSETS, "UTC")
def test_a_table_has_equal_events_in_each_format_or_none(tmp_path, table, zone):
    compare(table, tmp_path, zone)


def ordinary(**columns) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "home_id": "h1",
            "type": ["motion", "doorbell", "door", "motion"],
            "timestamp": moments([0.0, 1.5, 20_000.0, 60_000.0], None, "us"),
            "consent": True,
        }
        | columns
    )


def of_arrow(values: list, *names) -> pd.Series:
    arrow = pytest.importorskip("pyarrow")
    kinds = [getattr(arrow, each)() if isinstance(each, str) else each for each in names[1:]]
    return pd.Series(values, dtype=pd.ArrowDtype(getattr(arrow, names[0])(*kinds)))


def objects(*values) -> pd.Series:
    return pd.Series([*values], dtype=object)


DECIMALS = objects(Decimal("0.5"), Decimal("0.1"), None, Decimal("1"))
SPANS = pd.Series(pd.to_timedelta([1, 2, 3, 4], unit="s"))
DAYS = pd.Series(pd.date_range("2024-01-01", periods=ROWS))
PERIODS = DAYS.dt.to_period("D")
LISTS = [[0.5, None], None, [], [1.0]]
#: Columns of other types, by name: what a format writes of them is the same event, or none.
ODD: dict = {
    "texts of several lines": lambda: {"home_id": ["a\nb", 'a"b', "a,b", "'a'"]},
    "returns": lambda: {"label": ["a\rb", "a\r\nb", "\0", "\x1c"]},
    "marks of the order of bytes": lambda: {"label": ["\ufeffa", "a\u2028b", "a\x85b", "\u2003"]},
    "objects and arrays as texts": lambda: {"label": ["Infinity", "true", "[1]", '{"a": 1}']},
    "bytes": lambda: {"label": [b"a", b"b", b"a", b"it's"], "home_id": [b"a"] * ROWS},
    "spans as texts": lambda: {"label": SPANS, "home_id": SPANS},
    "spans": lambda: {"duration": SPANS},
    "periods": lambda: {"timestamp": PERIODS, "label": PERIODS, "duration": PERIODS},
    "intervals": lambda: {"label": pd.Series(pd.interval_range(0, ROWS))},
    "UUIDs": lambda: {"home_id": objects(*map(UUID, map("{:032x}".format, range(ROWS))))},
    "numbers and texts": lambda: {"home_id": objects(1, "1", None, "a")},
    "decimals": lambda: {"duration": DECIMALS, "energy": DECIMALS, "home_id": DECIMALS},
    "decimals of Arrow": lambda: {"energy": of_arrow(DECIMALS.tolist(), "decimal128", 10, 3)},
    "infinity": lambda: {"duration": [np.inf, -np.inf, 1.0, 0.5]},
    "zeros below zero": lambda: {"duration": [-0.0, 0.0, 1.0, 0.5], "utc_offset": -0.0},
    "numbers of 400 digits": lambda: {"duration": objects(10**400, 10**30, 1, 0)},
    "large unsigned": lambda: {"duration": np.array([2**63, 1, 0, 2**64 - 1], dtype="uint64")},
    "categories of numbers": lambda: {"energy": pd.Categorical([0.5, 1.0, 0.5, 0.0])},
    "sparse": lambda: {"energy": pd.Series([0.5, 0, 0, 1.0], dtype="Sparse[float64]")},
    "arrays": lambda: {"raw": objects(*(np.array([0.5, 0.25]) for _ in range(ROWS)))},
    "arrays of one number": lambda: {"raw": objects(*(np.array([1]) for _ in range(ROWS)))},
    "signals of large lists": lambda: {"raw": of_arrow(LISTS, "large_list", "float64")},
    "signals of lists of one length": lambda: {
        "raw": of_arrow([[0.5, 0.25]] * ROWS, "list_", "float32", 2)
    },
    "signals in percent": lambda: {"raw": objects(*([[50.0]] * ROWS))},
    "dictionaries of Arrow": lambda: {
        "label": of_arrow(["a", None, "", "b"], "string").astype(
            of_arrow([], "dictionary", "int8", "string").dtype
        ),
        "location": of_arrow(["porch", None, "", "b"], "large_string"),
    },
    "binary of Arrow": lambda: {"label": of_arrow([b"a", None, b"", b"b"], "binary")},
    "maps": lambda: {
        "metadata": of_arrow([[("location", "porch")]] * ROWS, "map_", "string", "string")
    },
    "nested metadata": lambda: {
        "metadata": objects({"raw": [0.5, None], "energy": None}, None, {}, {"location": None})
    },
    "metadata of Python": lambda: {"metadata": ["{'location': 'porch'}"] * ROWS},
    "a key twice": lambda: {"metadata": ['{"energy": 0.5, "energy": 1}'] * ROWS},
    "days": lambda: {"timestamp": DAYS.dt.date.astype(object)},
    "times of a day": lambda: {"timestamp": objects(*([datetime.time(3)] * ROWS))},
    "nanoseconds": lambda: {
        "timestamp": moments([0.0, 1.5, 2e4, 6e4], "Europe/Berlin", "ns") + pd.Timedelta(3, "ns")
    },
    "a number as a name": lambda: {0: 1, "energy ": [0.5, 0.25, 1, 0]},
}


@pytest.mark.parametrize("name", ODD)
def test_values_of_other_types_are_the_same_event_or_none(tmp_path, name):
    """A type that only one format knows is a text or a number to the others.

    Two are not told apart, because nothing in the files tells them: dates as names, which pandas
    writes with another time in JSON than in CSV, and numbers of 16 bits, which it rounds in CSV.
    """
    compare(ordinary(**{str(k): v for k, v in ODD[name]().items()}), tmp_path, "Europe/Berlin")


def test_times_of_32_bits_are_refused_where_the_file_tells_them(tmp_path):
    """pandas writes them to CSV with fewer digits than to JSON."""
    pytest.importorskip("pyarrow")
    ordinary(timestamp=np.float32(1_711_828_900)).to_parquet(tmp_path / "t.parquet")
    with pytest.raises(InvalidEventError, match="timestamp as float32, which rounds it to 128 s"):
        read_events(tmp_path / "t.parquet", strict=True)


def test_a_clock_that_nobody_knows_is_refused(tmp_path):
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    times = arrow.array([1_700_000_000], arrow.timestamp("s", "Mars/Base"))
    parquet.write_table(arrow.table({"timestamp": times, "type": ["a"]}), tmp_path / "t.parquet")
    with pytest.raises(InvalidEventError, match=r"IANA database\. Got a timestamp in 'Mars/Base'"):
        read_events(tmp_path / "t.parquet", strict=True)


METADATA = {
    "location": pd.Series(["porch", None, "Front Door", ""]),
    "home_mode": pd.Categorical(["away", None, "home", "night"]),
    "duration": pd.Series([8.5, np.nan, 3.0, 0.0]),
    "energy": pd.Series([0.25, 1.0, np.nan, 0.5], dtype="Float64"),
    "raw": pd.Series([[0.5, 0.25], None, [], [1.0]]),
}
WHOLE = {
    "clocks": ordinary(timestamp=moments([0.0, 1.5, 20_000.0, 60_000.0], "Europe/Berlin", "ns")),
    "UTC": ordinary(timestamp=moments([0.0, 1.5, 20_000.0, 60_000.0], "UTC", "ms")),
    "gaps in ids": ordinary(home_id=[None, "", "NA", "h"], user_id=["a", "b", "nan", "c"]),
    "labels": ordinary(label=["delivery", "nan", "NA", " "], clean_label=[None, "x", "None", ""]),
    "words": ordinary(home_id=pd.Categorical(["a", "b", "a", "b"]), label=pd.array(["x"] * 4)),
    "flags": ordinary(consent=pd.array([True, None, False, True], dtype="boolean")),
} | {layout: ordinary(**laid_out(METADATA, layout)) for layout in ("flat", "dotted")}
#: Of what pandas writes, CSV has a dict as Python does, and JSON a text in which JSON stands.
ONLY_TWO = {"struct": ("jsonl", "parquet"), "json": ("csv", "parquet")}
IN_MEMORY = ("pandas", "records", "arrow")


@pytest.mark.parametrize("name", [*WHOLE, *ONLY_TWO])
def test_ordinary_tables_are_read_whole(tmp_path, name):
    table = WHOLE[name] if name in WHOLE else ordinary(**laid_out(METADATA, name))
    rows = compare(table, tmp_path, "Europe/Berlin")
    # A record is as JSON has it: its metadata is no text.
    memory = [each for each in IN_MEMORY if (name, each) != ("json", "records")]
    formats = (*ONLY_TWO.get(name, ("csv", "jsonl", "parquet")), *memory)
    assert {each: len(read) for each, read in rows.items() if read} == dict.fromkeys(formats, ROWS)
    if name in (*ONLY_TWO, "flat", "dotted"):
        first, second, *_ = rows["parquet"].values()
        assert (first["zone"], first["home_mode"], first["duration"]) == ("porch", "away", 8.5)
        np.testing.assert_array_equal(first["raw"], np.float32([0.5, 0.25]))
        assert second["energy"] == 1.0
        assert pd.isna(second["duration"])
    if name in ("clocks", "UTC"):
        assert [row["utc_offset"] for row in rows["csv"].values()] == [3600.0] * 2 + [7200.0] * 2


def test_what_is_missing_makes_no_home_and_no_class(tmp_path):
    for name, path in write(WHOLE["gaps in ids"], tmp_path).items():
        found = read_events(path)["home_id"].tolist()
        assert found == ["a", "b", "unknown_home", "h"], name
    for name, path in write(WHOLE["labels"], tmp_path).items():
        events = read_events(path)
        assert events["label"].tolist() == ["delivery", None, None, None], name
        assert events["clean_label"].tolist() == [None, "x", None, None], name


def test_whole_numbers_are_homes(tmp_path):
    paths = write(ordinary(home_id=[15, 7, 15, 0]), tmp_path)
    for name in ("csv", "parquet"):
        assert read_events(paths[name], strict=True)["home_id"].tolist() == ["15", "7", "15", "0"]


#: What pandas reads as missing, besides blanks; the library's own list is this one.
MISSING = [
    *("", " ", "nan", "NaN", "-nan", "-NaN", "NA", "N/A", "n/a", "#N/A", "#NA", "<NA>"),
    *("null", "NULL", "None"),
]
TIMES = [1_700_000_000.0 + second for second in range(4)]


def three_files(folder, lines, csv, arrow) -> list:
    """Write the same events as each format has them, not as pandas writes them."""
    import pyarrow
    import pyarrow.parquet

    paths = [folder / f"same.{end}" for end in ("jsonl", "csv", "parquet")]
    paths[0].write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    paths[1].write_text(csv)
    pyarrow.parquet.write_table(pyarrow.table(arrow), paths[2])
    return paths


def told(path, *names) -> list[list]:
    """Return columns of a file, None where they are missing."""
    events = read_events(path, strict=True)
    assert len(events) == ROWS
    return [
        [
            value if isinstance(value, np.ndarray) or not pd.isna(value) else None
            for value in events[name].tolist()
        ]
        for name in names
    ]


@pytest.mark.parametrize("name", ["home_id", "user_id"])
@pytest.mark.parametrize("word", MISSING)
def test_each_word_for_what_is_missing_is_missing_in_each_format(tmp_path, name, word):
    """A word that only one format knew would be a home, a class or a place in the others."""
    pytest.importorskip("pyarrow")
    texts = [word, "h", word, "h"]
    fields = {name: texts, "label": texts, "clean_label": texts, "type": ["motion"] * 4}
    rows = pd.DataFrame({"timestamp": TIMES} | fields)
    lines = rows.to_dict("records")
    for path in three_files(tmp_path, lines, rows.to_csv(index=False), rows.to_dict("list")):
        homes, labels, clean = told(path, "home_id", "label", "clean_label")
        assert homes == ["unknown_home", "h"] * 2, path.suffix
        assert labels == clean == [None, "h"] * 2, path.suffix


def test_the_words_for_what_is_missing_are_all_tried():
    assert {*MISSING} - {"", " "} == NULL_WORDS


@pytest.mark.parametrize("name", ["home_id", "user_id", "label", "location", "home_mode"])
def test_numbers_that_are_missing_are_missing_texts_in_each_format(tmp_path, name):
    """A column without a text is of floats to pandas, and Parquet keeps its NaN."""
    pytest.importorskip("pyarrow")
    columns = {"timestamp": TIMES, "type": ["motion"] * 4, name: [float("nan")] * 4}
    lines = [{"timestamp": time, "type": "motion", name: None} for time in TIMES]
    csv = pd.DataFrame(columns).to_csv(index=False)
    column = {"user_id": "home_id", "location": "zone"}.get(name, name)
    expected = {"home_id": "unknown_home", "zone": "unknown"}.get(column)
    for path in three_files(tmp_path, lines, csv, columns):
        assert told(path, column) == [[expected] * 4], path.suffix


@pytest.mark.parametrize("first", ["home_id", "user_id"])
def test_an_alias_is_read_where_the_name_tells_nothing_in_each_format(tmp_path, first):
    pytest.importorskip("pyarrow")
    known = {"home_id": ["a", None, "", "d"], "user_id": ["1", "2", "3", None]}
    for names, expected in (
        (["user_id"], ["1", "2", "3", "unknown_home"]),
        ([first, *(name for name in known if name != first)], ["a", "2", "3", "d"]),
    ):
        rows = pd.DataFrame(
            {"timestamp": TIMES, "type": "motion"} | {name: known[name] for name in names},
            dtype=object,
        )
        columns = {name: rows[name].tolist() for name in rows if name not in known}
        columns |= {name: known[name] for name in names}
        for path in three_files(
            tmp_path, rows.to_dict("records"), rows.to_csv(index=False), columns
        ):
            assert told(path, "home_id") == [expected], path.suffix


@pytest.mark.parametrize("layout", ["flat", "dotted", "struct"])
def test_nan_is_missing_in_each_format_and_layout(tmp_path, layout):
    """Parquet has NaN beside null, and so have its lists and structs."""
    pytest.importorskip("pyarrow")
    numbers = [0.5, float("nan"), None, 0.25]
    signals = [[0.5, float("nan"), 1.0], None, [], [None, 0.25]]
    inner = {"duration": numbers, "energy": numbers, "raw": signals}
    columns = {"timestamp": TIMES, "type": ["motion"] * 4, "confidence": numbers}
    records = [dict(zip(inner, row, strict=True)) for row in zip(*inner.values(), strict=True)]
    if layout == "struct":
        columns["metadata"] = records
    else:
        columns |= {("metadata." * (layout == "dotted")) + name: inner[name] for name in inner}

    def as_json(value):
        if isinstance(value, dict):
            return {name: as_json(item) for name, item in value.items()}
        if isinstance(value, list):
            return [*map(as_json, value)]
        return None if value != value else value

    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    cells = pd.DataFrame(
        [
            {
                name: json.dumps(as_json(value)) if isinstance(value, list | dict) else value
                for name, value in row.items()
            }
            for row in rows
        ]
    )
    lines = [as_json(row) for row in rows]
    for path in three_files(tmp_path, lines, cells.to_csv(index=False), columns):
        confidence, duration, energy, raw = told(path, "confidence", "duration", "energy", "raw")
        assert confidence == duration == energy == [0.5, None, None, 0.25], path.suffix
        np.testing.assert_array_equal(raw[0], np.float32([0.5, np.nan, 1.0]))
        assert raw[1] is None
        assert len(raw[2]) == 0
        np.testing.assert_array_equal(raw[3], np.float32([np.nan, 0.25]))


def test_a_struct_tells_its_fields_before_columns_beside_it_in_each_format(tmp_path):
    pytest.importorskip("pyarrow")
    metadata = [
        {"location": "porch", "duration": 1.0},
        {"location": None, "duration": None},
        None,
        {"location": "", "duration": 4.0},
    ]
    beside = {"location": ["garage"] * 4, "duration": [9.0] * 4}
    columns = {"timestamp": TIMES, "type": ["motion"] * 4, "metadata": metadata} | beside
    lines = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    cells = columns | {"metadata": [None if m is None else json.dumps(m) for m in metadata]}
    csv = pd.DataFrame(cells).to_csv(index=False)
    for path in three_files(tmp_path, lines, csv, columns):
        zones, durations = told(path, "zone", "duration")
        assert zones == ["porch", "garage", "garage", "garage"], path.suffix
        assert durations == [1.0, 9.0, 9.0, 4.0], path.suffix
