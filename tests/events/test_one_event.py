"""One event is read alike by all that take one, and as the reader of files reads it."""

import json
import re
from collections import OrderedDict
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from types import MappingProxyType
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from novin_ml.estimators import ChainStream
from novin_ml.events import (
    chains_from_events,
    events_from_json,
    read_event,
    read_events,
    write_events,
)
from novin_ml.events.vocabulary import DEFAULT_VOCABULARY
from novin_ml.exceptions import InvalidEventError
from novin_ml.features import BehaviorFeatures, BehaviorHistory
from tests.events.refusals import REFUSALS

TIME = 1_700_000_000.0
ZONES = ("UTC", "Europe/Berlin", "Asia/Kathmandu")
NAN = float("nan")
COLUMNS = ["field", "expected", "got"]


class Model:
    """Takes chains and knows nothing but the default vocabulary."""

    vocabulary_ = DEFAULT_VOCABULARY

    def predict_proba(self, chains):
        return np.zeros((len(chains), 1), dtype=np.float32)


def motion(**fields):
    return {"type": "motion", "timestamp": TIME} | fields


def same(row, record):
    """Assert that a row that was read is that of a table."""
    assert list(row) == list(record)
    for name, value in record.items():
        mine = row[name]
        if name == "raw" and value is not None:
            assert mine.dtype == np.float32
            np.testing.assert_array_equal(mine, value)
        elif value is None or value != value:
            assert mine is None or mine != mine, name
        else:
            assert mine == value, name
            assert type(mine) is type(value), name


def streams(zone):
    """The history, and the chain, each with what it is after an event."""
    return (
        (BehaviorHistory(timezone=zone), "update"),
        (ChainStream(Model(), timezone=zone), "predict_stream"),
    )


def assert_followed(event, table, zone):
    """Assert that a history and a chain are what the table of the one event makes of them."""
    (history, _), (stream, _) = streams(zone)
    row = history.update(event)
    of_table = BehaviorHistory.from_events(table)
    assert history.to_dict() | {"home_id": None} == of_table.to_dict() | {"home_id": None}
    np.testing.assert_array_equal(row, BehaviorHistory().update(table.iloc[0]))
    stream.predict_stream(event)
    chains = chains_from_events(table)
    chain = chains.assign(observed_until=chains.timestamp[-1])
    columns = list(stream.chain.table)
    pd.testing.assert_frame_equal(stream.chain.table, chain.table[columns])
    for name in ("timestamp", "kind", "zone", "confidence"):
        mine, theirs = getattr(stream.chain, name), getattr(chain, name)
        np.testing.assert_array_equal(mine, theirs)


def refused(event, zone, read):
    with pytest.raises(InvalidEventError) as caught:
        read(event)
    return str(caught.value)


def assert_refused_alike(event, zone):
    """Return the sentence by which all refuse an event."""
    sentence = refused(event, zone, lambda event: read_event(event, timezone=zone))
    for stream, name in streams(zone):
        assert refused(event, zone, getattr(stream, name)) == sentence
    return sentence


def table_of(text, zone, folder):
    """Read a text from memory and from a file, which give the same."""
    events, report = events_from_json(text, timezone=zone, return_report=True)
    path = folder / "events.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    of_file, report_of_file = read_events(path, timezone=zone, return_report=True)
    pd.testing.assert_frame_equal(events, of_file)
    pd.testing.assert_frame_equal(
        report.rejects.drop(columns="file"), report_of_file.rejects.drop(columns="file")
    )
    assert set(report.rejects["file"]) <= {"json"}
    assert str(report) == str(report_of_file)
    return events, report


BERLIN = ZoneInfo("Europe/Berlin")
SUMMER = "2024-07-01T12:00:08"

#: Events, and what equals them in a file where JSON cannot hold them.
READ = {
    "plain": (motion(), None),
    "whole seconds": (motion(timestamp=1_700_000_000), None),
    "numpy float": (motion(timestamp=np.float64(TIME)), motion()),
    "numpy float32": (motion(timestamp=np.float32(0.1)), motion(timestamp=float(np.float32(0.1)))),
    "numpy long double": (motion(timestamp=np.longdouble(TIME)), motion()),
    "numpy int": (motion(timestamp=np.int64(TIME)), motion(timestamp=int(TIME))),
    "numpy uint32": (motion(timestamp=np.uint32(TIME)), motion(timestamp=int(TIME))),
    "array of no dimension": (motion(timestamp=np.array(TIME)), motion()),
    "numpy everywhere": (
        motion(
            type=np.str_("front_motion"), confidence=np.float32(0.3), utc_offset=np.int16(3600),
            consent=np.True_, metadata={"duration": np.float16(2), "energy": np.float64(0.25)},
        ),
        motion(
            type="front_motion", confidence=float(np.float32(0.3)), utc_offset=3600, consent=True,
            metadata={"duration": 2.0, "energy": 0.25},
        ),
    ),
    "ISO text with an offset": (motion(timestamp=SUMMER + "+05:45"), None),
    "ISO text in UTC": (motion(timestamp=SUMMER + ".25Z"), None),
    "ISO text without an offset": (motion(timestamp=SUMMER), None),
    "ISO text and offset": (motion(timestamp=SUMMER, utc_offset=-7200), None),
    "a clock that was put back": (motion(timestamp="2024-10-27T02:30:00"), None),
    "pandas Timestamp with a zone": (
        motion(timestamp=pd.Timestamp(SUMMER, tz="Europe/Berlin")),
        motion(timestamp=SUMMER + "+02:00"),
    ),
    "pandas Timestamp in UTC": (
        motion(timestamp=pd.Timestamp(SUMMER + ".123456789", tz="UTC")),
        motion(timestamp=SUMMER + ".123456789Z"),
    ),
    "pandas Timestamp without a zone": (
        motion(timestamp=pd.Timestamp(SUMMER)),
        motion(timestamp=SUMMER),
    ),
    "datetime with a zone": (
        motion(timestamp=datetime(2024, 7, 1, 12, 0, 8, 250_000, BERLIN)),
        motion(timestamp=SUMMER + ".250000+02:00"),
    ),
    "datetime with an offset": (
        motion(timestamp=datetime(2024, 7, 1, 12, 0, 8, 0, timezone(timedelta(hours=-9.5)))),
        motion(timestamp=SUMMER + "-09:30"),
    ),
    "datetime in UTC": (
        motion(timestamp=datetime(2024, 7, 1, 12, 0, 8, 0, ZoneInfo("UTC"))),
        motion(timestamp=SUMMER + "Z"),
    ),
    "datetime without a zone": (
        motion(timestamp=datetime(2024, 7, 1, 12, 0, 8)),
        motion(timestamp=SUMMER),
    ),
    "numpy datetime": (motion(timestamp=np.datetime64(SUMMER)), motion(timestamp=SUMMER)),
    "metadata": (
        motion(metadata={"location": "Front Door", "home_mode": "away", "raw": [0.1, None, 1]}),
        None,
    ),
    "metadata that is null": (motion(metadata=None), None),
    "a field of the metadata in the event itself": (motion(location="patio", energy=0.5), None),
    "a kind beside metadata": (motion(kind="door", metadata={"location": "patio"}), None),
    "an alias": (motion(user_id="a"), None),
    "an alias of what is null": (motion(home_id=None, user_id="a"), None),
    "an alias of what is there": (motion(home_id="b", user_id="a"), None),
    "an empty home": (motion(home_id=""), None),
    "names with accents": (motion(type="é", home_id="ö", metadata={"location": "Küche"}), None),
    "null everywhere": (
        motion(
            home_id=None, utc_offset=None, confidence=None, consent=None, label=None,
            metadata={"location": None, "home_mode": None, "duration": None, "raw": None},
        ),
        None,
    ),
    "empty texts": (motion(label="", metadata={"location": "", "home_mode": ""}), None),
    "labels": (motion(clean_label="door", label="é"), None),
    "unknown keys": (motion(vendor={"a": [1]}, firmware=NAN, metadata={"room": 3}), None),
    "consent of another kind": (motion(consent="yes"), None),
    "limits": (motion(timestamp=0, confidence=1, utc_offset=-64_800), None),
    "a rate of its own": (motion(metadata={"raw": [], "sample_rate": 0.01}), None),
    "an array of samples": (
        motion(metadata={"raw": np.array([0.25, np.nan, 1], dtype=np.float32)}),
        motion(metadata={"raw": [0.25, None, 1.0]}),
    ),
    "samples of numpy": (
        motion(metadata={"raw": (np.float64(0.5), None, np.int8(1))}),
        motion(metadata={"raw": [0.5, None, 1]}),
    ),
    "another mapping": (
        MappingProxyType(motion(metadata=OrderedDict(location="patio"))),
        motion(metadata={"location": "patio"}),
    ),
    "metadata of another mapping": (
        motion(metadata=MappingProxyType({"location": "patio"})),
        motion(metadata={"location": "patio"}),
    ),
}  # fmt: skip


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("name", READ)
def test_an_event_is_read_alike(tmp_path, name, zone):
    event, equal = READ[name]
    table, report = table_of(json.dumps(event if equal is None else equal), zone, tmp_path)
    assert report.n_accepted == report.n_read == 1
    row = read_event(event, timezone=zone)
    same(row, table.to_dict("records")[0])
    assert_followed(event, table, zone)


#: Events that are refused, what equals them in a file, and what is said.
REFUSED = {
    "milliseconds": (motion(timestamp=1.7e12), None, "timestamp"),
    "milliseconds of numpy": (motion(timestamp=np.int64(17e11)), motion(timestamp=17 * 10**11),
                              "timestamp"),
    "more than a float": (motion(timestamp=10**400), None, "timestamp"),
    "a bool as timestamp": (motion(timestamp=True), None, "timestamp"),
    "a bool of numpy as timestamp": (motion(timestamp=np.True_), motion(timestamp=True),
                                     "timestamp"),
    "a NaN as timestamp": (motion(timestamp=np.float64("nan")), motion(timestamp=NAN),
                           "timestamp"),
    "a number in a text": (motion(timestamp="1700000000"), None, "timestamp"),
    "no time": (motion(timestamp=pd.NaT), motion(timestamp="NaT"), "timestamp"),
    "a day": (motion(timestamp=date(2024, 7, 1)),
              motion(timestamp="datetime.date(2024, 7, 1)"), "timestamp"),
    "a time after 2200": (motion(timestamp=datetime(2201, 1, 1)),
                          motion(timestamp="2201-01-01T00:00:00"), "timestamp"),
    "no timestamp": ({"type": "motion"}, None, "timestamp"),
    "no type": ({"timestamp": TIME}, None, "type"),
    "a kind and metadata, but no type": ({"timestamp": TIME, "kind": "door", "metadata": {}},
                                         None, "type"),
    "a NaN as confidence": (motion(confidence=NAN), None, "confidence"),
    "a confidence in percent": (motion(confidence=90), None, "confidence"),
    "a bool as confidence": (motion(confidence=True), None, "confidence"),
    "a decimal": (motion(confidence=Decimal(1)), motion(confidence="Decimal('1')"), "confidence"),
    "a missing text": (motion(home_id=pd.NA), motion(home_id={}), "home_id"),
    "a number as home": (motion(user_id=7), None, "home_id"),
    "half of a pair": (motion(metadata={"location": "\ud800"}), None, "metadata.location"),
    "metadata that is a list": (motion(metadata=[1]), None, "metadata"),
    "an unknown mode": (motion(metadata={"home_mode": "party"}), None, "metadata.home_mode"),
    "a sample that is a bool": (motion(metadata={"raw": np.array([True])}),
                                motion(metadata={"raw": [True]}), "metadata.raw"),
    "samples in two dimensions": (motion(metadata={"raw": np.zeros((1, 2))}),
                                  motion(metadata={"raw": [[0.0, 0.0]]}), "metadata.raw"),
    "a sample out of range": (motion(metadata={"raw": np.array([0, 1.5])}),
                              motion(metadata={"raw": [0.0, 1.5]}), "metadata.raw"),
    "several": (motion(confidence=2, timestamp=-1, type=""), None, "type"),
}  # fmt: skip
#: What is shown of a value that nothing in JSON is shown as.
SHOWN = {"a missing text": '"<NA>"'}


@pytest.mark.parametrize("zone", ZONES[:2])
@pytest.mark.parametrize("name", REFUSED)
def test_an_event_is_refused_alike(tmp_path, name, zone):
    event, equal, field = REFUSED[name]
    _, report = table_of(json.dumps(event if equal is None else equal), zone, tmp_path)
    first = report.rejects.iloc[0]
    sentence = assert_refused_alike(event, zone)
    assert first["field"] == field
    got = SHOWN.get(name, first["got"])
    assert sentence == (
        f"The {field} of an event must be {first['expected']}. Got {got} instead. "
        "Correct it or leave the event out."
    )


NO_EVENTS = {
    "a request": ({"events": [motion()]}, "a request, which holds several,"),
    "a request that says a kind": ({"events": [motion()], "kind": "x"}, "a request, which"),
    "a list": ([motion()], '[{"type": "motion", "timestamp": 1700000000.0}]'),
    "a text": ('{"type": "motion"}', json.dumps('{"type": "motion"}')),
    "bytes": (b"{}", '"{}"'),
    "a number": (7, "7"),
    "nothing": (None, "nothing"),
    "a table": (pd.DataFrame({"type": ["motion"]}), '"     type'),
}


@pytest.mark.parametrize("name", NO_EVENTS)
def test_what_is_no_event_is_refused_with_the_remedy(name):
    event, got = NO_EVENTS[name]
    sentence = assert_refused_alike(event, "UTC")
    start, _, rest = sentence.partition(" Got ")
    assert start == "The 'event' parameter must be an event: a JSON object, each key once."
    assert rest.startswith(got)
    assert sentence.endswith(
        "instead. Give one event at a time, as a dict, or read them all with "
        "novin_ml.events.events_from_json."
    )


def test_the_remedy_reads_a_request():
    request = json.dumps({"events": [motion(), motion(type="door")]})
    assert events_from_json(request)["kind"].tolist() == ["motion", "door"]


@pytest.mark.parametrize(("text", "refusals"), REFUSALS)
def test_a_text_in_memory_is_refused_as_one_in_a_file(tmp_path, text, refusals):
    _, report = table_of(text, "UTC", tmp_path)
    # In a file of lines, as the table has them, a list is refused; a document may be one.
    if not text.startswith("[" if isinstance(text, str) else b"["):
        got = report.rejects[COLUMNS].itertuples(index=False, name=None)
        assert list(got) == refusals


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        "\ufeff" + json.dumps([motion(), motion()]),
        json.dumps(motion()) + "\n" + json.dumps({"events": [motion(), 3]}) + "\r\n\nx",
        json.dumps({"events": [motion(), motion(confidence=3)]}, indent=1),
        json.dumps([motion(), {"events": [motion()]}, 4]),
    ],
)
def test_the_forms_of_text_are_those_of_a_file(tmp_path, text):
    events, _ = table_of(text, "Europe/Berlin", tmp_path)
    for same_text in (text.encode(), bytearray(text.encode()), memoryview(text.encode())):
        again = events_from_json(same_text, timezone="Europe/Berlin")
        pd.testing.assert_frame_equal(again, events)


def test_the_bytes_of_a_document_are_those_of_its_text(tmp_path):
    """Space around a request does not count, as in a line and on a phone."""
    request = {"events": [motion()], "padding": ""}
    request["padding"] = "x" * (100_000 - len(json.dumps(request, indent=1)))
    text = json.dumps(request, indent=1)
    assert len(text) == 100_000
    events, _ = table_of(f"\ufeff {text}\n", "UTC", tmp_path)
    assert len(events) == 1
    events, report = table_of(text.replace("xx", "xxx", 1), "UTC", tmp_path)
    assert report.rejects["got"].tolist() == ["100,001 bytes"]


def test_strict_raises_at_the_first_rule():
    text = json.dumps({"events": [motion(), motion(confidence=2), motion(type="")]})
    with pytest.raises(InvalidEventError, match=r"^json:1: events\[1\]\.confidence must be a numb"):
        events_from_json(text, strict=True)


@pytest.mark.parametrize("text", [[motion()], motion(), None, 3])
def test_a_text_is_str_or_bytes(text):
    with pytest.raises(InvalidEventError, match=r"'text' parameter must be JSON.*json\.dumps"):
        events_from_json(text)


@pytest.mark.parametrize(
    "make",
    [
        lambda zone: read_event(motion(), timezone=zone),
        lambda zone: events_from_json("", timezone=zone),
        lambda zone: BehaviorHistory(timezone=zone),
        lambda zone: ChainStream(Model(), timezone=zone),
    ],
)
def test_an_unknown_time_zone_is_refused(make):
    with pytest.raises(ValueError, match="'timezone' parameter must be a name of the IANA"):
        make("Mars/Base")


def log(*events, **options):
    return events_from_json("\n".join(map(json.dumps, events)), strict=True, **options)


RICH = motion(
    home_id="a", confidence=0.7, consent=True, label="usual",
    metadata={"location": "Front Door", "home_mode": "away", "raw": [0.5, None], "energy": 0.1},
)  # fmt: skip


@pytest.mark.parametrize(
    "event", [motion(), RICH, motion(confidence=0.1, utc_offset=5400, type="é")]
)
def test_a_row_of_a_table_is_read_as_its_file(tmp_path, event):
    table = log(event, timezone="Asia/Kathmandu")
    write_events(table, tmp_path / "log.jsonl")
    pd.testing.assert_frame_equal(read_events(tmp_path / "log.jsonl"), table)
    record = table.to_dict("records")[0]
    (_, series), (_, of_objects) = (*table.iterrows(), *table.astype(object).iterrows())
    for row in (record, series, of_objects, next(table.itertuples(index=False))._asdict()):
        same(read_event(row, timezone="America/New_York"), record)
        assert_followed(row, table, "America/New_York")
    read = read_event(event, timezone="Asia/Kathmandu")
    same(read_event(read, timezone="America/New_York"), read)


def test_cells_that_are_missing():
    """NaN, NA and None are missing in a row, and only there."""
    names = (
        *("type", "kind", "home_id", "utc_offset", "confidence", "location", "zone", "home_mode"),
        *("duration", "energy", "raw", "sample_rate", "consent", "label"),
    )
    for missing in (None, NAN, np.float32("nan"), pd.NA, pd.NaT, np.datetime64("NaT", "s")):
        row = read_event(
            dict.fromkeys(names, missing) | {"timestamp": TIME}, timezone="Europe/Berlin"
        )
        assert row["type"] is row["kind"] is row["zone"] is row["location"] is row["raw"] is None
        assert row["home_mode"] is row["label"] is None
        assert (row["home_id"], row["utc_offset"]) == ("unknown_home", 3600.0)
        assert (row["sample_rate"], row["consent"]) == (10.0, False)
        assert np.isnan([row["confidence"], row["duration"], row["energy"]]).all()


def test_a_missing_kind_is_other_in_a_stream_and_in_a_table():
    row = {"kind": None, "zone": None, "timestamp": TIME}
    table = log(motion(type="?"))
    table["kind"] = pd.Categorical([None], dtype=DEFAULT_VOCABULARY.kind_dtype)
    table["zone"] = pd.Categorical([None], dtype=DEFAULT_VOCABULARY.zone_dtype)
    assert_followed(row, table, "UTC")


def test_a_row_may_tell_no_more_than_kind_and_time():
    row = read_event({"kind": "door", "timestamp": TIME})
    sent = read_event({"type": "door", "timestamp": TIME})
    same(row, sent | {"type": None})
    assert read_event({"kind": "door", "timestamp": TIME, "location": "patio"})["zone"] == "porch"


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"kind": "pir"}, 'The kind of an event must be one of motion.* Got "pir" instead'),
        ({"kind": 3}, "The kind of an event must be one of .* Got 3 instead"),
        ({"kind": ["door"]}, r'The kind of an event must be one of .* Got \["door"\] instead'),
        ({"zone": "moon"}, 'The zone of an event must be one of .* Got "moon" instead'),
        ({"timestamp": None}, "The timestamp of an event must be .* Got nothing instead"),
        ({"timestamp": NAN}, "The timestamp of an event must be .* Got nothing instead"),
        ({"timestamp": "1.7e9"}, "The timestamp of an event must be"),
        ({"timestamp": True}, "The timestamp of an event must be .* Got true instead"),
        ({"home_mode": "party"}, "The home_mode of an event must be home, away"),
        ({"home_mode": np.array(["home", "away"])}, "The home_mode of an event must be"),
        ({"energy": np.float32(1.5)}, "The energy of an event must be .* Got 1.5 instead"),
        ({"home_id": 7.5}, "The home_id of an event must be a text. Got 7.5 instead"),
        ({"type": ""}, "The type of an event must be a text of 1 to 100"),
    ],
)
def test_a_row_that_breaks_a_rule_is_refused_alike(cells, message):
    row = {"kind": "door", "timestamp": TIME} | cells
    sentence = assert_refused_alike(row, "UTC")
    assert re.match(message, sentence)
    assert sentence.endswith("Correct it or leave the event out.")
    assert assert_refused_alike(pd.Series(row, dtype=object), "UTC") == sentence


def test_a_history_reads_times_in_its_zone():
    table = log(motion(timestamp=SUMMER), timezone="Europe/Berlin")
    for history in (
        BehaviorHistory(timezone="Europe/Berlin"),
        BehaviorHistory.from_events(table[:0], timezone="Europe/Berlin"),
        BehaviorFeatures().fit(log()).history("a", timezone="Europe/Berlin"),
        BehaviorFeatures().history("a", timezone="Europe/Berlin"),
    ):
        np.testing.assert_array_equal(
            history.update(motion(timestamp=SUMMER)), BehaviorHistory().update(table.iloc[0])
        )
        assert history.to_dict()["time"] == 1000 * table["timestamp"][0]


def test_an_event_that_names_no_home_is_of_any():
    history = BehaviorHistory("a")
    history.update(motion())
    history.update({"kind": "door", "timestamp": TIME, "home_id": "unknown_home"})
    with pytest.raises(InvalidEventError, match="must be of its home, 'a'"):
        history.update(motion(home_id="b"))
