import json

import numpy as np
import pandas as pd
import pytest

from novin_ml.events import (
    Chains,
    chains_from_events,
    holds_chains,
    read_chains,
    read_events,
    write_chains,
    write_events,
)
from novin_ml.exceptions import InvalidEventError
from tests.features.builders import at, event_table

NAN = np.nan


def event(time, kind="motion", location="porch", **fields):
    return {"type": kind, "timestamp": time, "metadata": {"location": location}, **fields}


@pytest.fixture
def write(tmp_path):
    """Write lines of JSON, return the path."""

    def write(*lines, name="chains.jsonl"):
        path = tmp_path / name
        texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
        path.write_text("\n".join(texts))
        return path

    return write


def rejects(report):
    return report.rejects[["line", "field", "got"]].to_numpy().tolist()


def test_a_line_is_a_chain(write):
    path = write(
        {
            "home_id": "h", "start": 1, "observed_until": 30, "utc_offset": 3600,
            "home_mode": "night", "consent": True, "n_left_out": 3, "label": "forced_entry",
            "events": [event(9, "back_door", "garden"), event(5, confidence=0.5)],
        },
        {"home_id": "g", "events": [event(7)]},
    )  # fmt: skip
    chains, report = read_chains(path, return_report=True, strict=True)
    first, second = chains.table.to_dict("records")
    assert first == {
        "home_id": "h", "start": 1, "observed_until": 30, "utc_offset": 3600, "home_mode": "night",
        "consent": True, "n_left_out": 3, "label": "forced_entry",
    }  # fmt: skip
    assert (second["start"], second["observed_until"], second["utc_offset"]) == (7, 27, 0)
    assert (second["consent"], second["n_left_out"], second["label"]) == (False, 0, None)
    assert chains[0]["timestamp"].tolist() == [5, 9]
    assert chains[0]["kind"].tolist() == ["motion", "door"]
    assert chains[0]["zone"].tolist() == ["porch", "backyard"]
    np.testing.assert_array_equal(chains[0]["confidence"], [0.5, NAN])
    assert (report.n_read, report.n_accepted, report.n_rejected) == (3, 3, 0)
    assert report.n_without_consent == 1


def test_a_broken_event_is_left_out_and_its_chain_stays(write):
    path = write(
        {"home_id": "h", "events": [event(1), event(2, confidence=7), event(3), 4, {"type": "x"}]},
        {"home_id": "h", "events": [event(9), {**event(10), "metadata": {"energy": -1}}]},
    )
    chains, report = read_chains(path, return_report=True)
    assert chains.timestamp.tolist() == [1, 3, 9]
    assert chains.lengths.tolist() == [2, 1]
    assert rejects(report) == [
        [1, "events[3]", "4"],
        [1, "events[1].confidence", "7"],
        [1, "events[4].timestamp", "nothing"],
        [2, "events[1].metadata.energy", "-1"],
    ]
    assert (report.n_read, report.n_accepted, report.n_rejected) == (7, 3, 4)


def test_events_are_refused_in_the_words_of_read_events(write):
    events = [event("yesterday"), event(2, confidence=7), event(3, "m" * 101), event(1), [3]]
    events += [{**event(4), "metadata": {"home_mode": "party", "location": "x" * 201}}]
    chain = write({"home_id": "h", "events": events})
    request = write({"events": events}, name="request.jsonl")
    _, of_chain = read_chains(chain, return_report=True)
    _, of_request = read_events(request, return_report=True)
    pd.testing.assert_frame_equal(
        of_chain.rejects.drop(columns="file"), of_request.rejects.drop(columns="file")
    )
    assert of_chain.n_rejected == of_request.n_rejected == 5


def test_chains_that_cannot_be_kept_are_rejected_with_the_reason(write):
    path = write(
        {"home_id": "h", "events": [event(1)]},
        {"home_id": "h", "events": [event(row) for row in range(101)]},
        {"home_id": "h", "events": []},
        {"home_id": "h", "events": [event(-1), event(-2)]},
        {"home_id": "h", "events": 3},
        {"home_id": "h", "home_mode": "party", "events": [event(1), event(2)]},
        {"home_id": "h", "n_left_out": -1, "events": [event(1)]},
        {"home_id": "h", "start": 5, "events": [event(1)]},
        {"home_id": "h", "observed_until": "soon", "events": [event(1)]},
        {"home_id": "h", "observed_until": 0.5, "events": [event(1)]},
        {"home_id": 7, "label": [1], "events": [event(1)]},
        {"home_id": "h" * 100_000, "events": [event(1)]},
        '{"home_id": "h", "events": [], "events": []}',
        "{",
        event(1),
        "[1]",
        "",
        {"home_id": "i", "events": [event(2)]},
    )
    chains, report = read_chains(path, return_report=True)
    assert chains["home_id"].tolist() == ["h", "i"]
    by_line = {line: (field, got) for line, field, got in rejects(report)}
    assert by_line[2] == ("events", "101 events")
    assert by_line[3] == by_line[4] == ("events", "none")
    assert by_line[5] == ("events", "3")
    assert by_line[6] == ("home_mode", '"party"')
    assert by_line[7] == ("n_left_out", "-1")
    assert by_line[8] == ("start", "5.0")
    assert by_line[9] == ("observed_until", '"soon"')
    assert by_line[10] == ("observed_until", "0.5")
    assert by_line[11] in (("home_id", "7"), ("label", "[1]"))
    assert by_line[12][0] == "events"
    assert by_line[13] == ("events", 'the key "events" twice')
    assert [by_line[line][0] for line in (14, 15, 16)] == ["line"] * 3
    assert sorted(by_line) == list(range(2, 17))
    expected = report.rejects.set_index("line")["expected"]
    assert expected[14] == expected[15] == expected[16]
    assert expected[14].startswith("a chain: a JSON object with a list of events")
    assert report.n_accepted == 2
    with pytest.raises(
        InvalidEventError, match=r"chains.jsonl:2: events must be a list of at most"
    ):
        read_chains(path, strict=True)


def test_what_a_chain_does_not_tell_its_events_do(write):
    events = [
        {"type": "motion", "timestamp": "2024-07-01T12:00:00", "consent": True, "label": "a",
         "metadata": {"home_mode": "home"}},
        {"type": "motion", "timestamp": "2024-07-01T12:00:09", "consent": True,
         "label": "no_pattern", "metadata": {"home_mode": "away"}},
    ]  # fmt: skip
    path = write(
        {"home_id": "h", "events": events[::-1]},
        {"home_id": "h", "utc_offset": None, "home_mode": None, "label": None, "events": events},
        {"user_id": "u", "events": events},
        {"utc_offset": -60, "events": events[:1]},
    )
    chains = read_chains(path, timezone="Europe/Berlin", strict=True)
    np.testing.assert_array_equal(chains["utc_offset"], [7200, NAN, 7200, -60])
    assert chains["home_mode"].isna().tolist() == [False, True, False, False]
    assert chains["home_mode"][0] == "away"
    assert chains["label"].tolist() == ["a", None, "a", "a"]
    assert chains["consent"].tolist() == [True] * 4
    assert chains["home_id"].tolist() == ["h", "h", "u", "unknown_home"]
    assert chains["start"].tolist() == [pd.Timestamp("2024-07-01T10:00:00Z").timestamp()] * 4


@pytest.mark.parametrize(
    ("chain", "events", "expected"),
    [
        ({"consent": True}, [None, None], True),
        ({"consent": True}, [True, None], True),
        ({"consent": True}, [False, None], False),
        ({"consent": True}, ["true", None], False),
        ({"consent": "true"}, [True, True], False),
        ({"consent": 1}, [None, None], False),
        ({"consent": None}, [True, True], False),
        ({"consent": False}, [True, True], False),
        ({}, [True, True], True),
        ({}, [True, None], False),
    ],
)
def test_consent_is_that_of_the_chain_and_of_every_event(write, chain, events, expected):
    path = write({"home_id": "h", **chain, "events": [event(1, consent=value) for value in events]})
    assert read_chains(path)["consent"].tolist() == [expected]


def test_rejects_are_written(write, tmp_path):
    path = write({"home_id": "h", "events": [event(1), event(-1)]})
    read_chains(path, rejects=tmp_path / "rejects.csv")
    assert pd.read_csv(tmp_path / "rejects.csv")["field"].tolist() == ["events[1].timestamp"]


def test_files_of_events_are_none_of_chains(write, tmp_path):
    log = event_table(*at(0, 1))
    write_events(log, tmp_path / "events.jsonl")
    write_events(log, tmp_path / "events.parquet")
    write({"events": [event(1)]}, name="requests.jsonl")
    (tmp_path / "broken.parquet").write_text("no table")
    write_events(log, tmp_path / "events.csv")
    for path in tmp_path.iterdir():
        assert not holds_chains(path)
    for name in ("events.jsonl", "events.parquet"):
        with pytest.raises(InvalidEventError, match="of its events with chains_from_events"):
            read_chains(tmp_path / name)
    with pytest.raises(InvalidEventError, match="must be a Parquet file"):
        read_chains(tmp_path / "broken.parquet")
    # A request may be meant as a chain: it is one if it is asked for as one.
    assert len(read_chains(tmp_path / "requests.jsonl")) == 1
    with pytest.raises(ValueError, match=r"must not be \.csv"):
        read_chains(tmp_path / "events.csv")


@pytest.mark.parametrize("name", ["chains.jsonl", "chains.parquet"])
def test_files_of_chains_are_recognised(name, tmp_path):
    write_chains(chains_from_events(event_table({})), tmp_path / name)
    assert holds_chains(tmp_path / name)


@pytest.mark.parametrize("content", ["", "\n\n", "nonsense\n"])
def test_a_file_without_chains(tmp_path, content):
    path = tmp_path / "chains.jsonl"
    path.write_text(content)
    chains, report = read_chains(path, return_report=True)
    assert len(chains) == 0
    assert report.n_rejected == report.n_read == bool(content.strip())
    assert not holds_chains(path)


def test_parquet_rows_of_uneven_or_overlong_lists_are_rejected(tmp_path):
    path = tmp_path / "chains.parquet"
    pd.DataFrame(
        {
            "home_id": list("abcdef"),
            "consent": [True, None, True, True, True, True],
            "timestamp": [[1.0, 2.0], [1.0], list(range(101)), [], None, [1.0, None]],
            "kind": [["door", None], ["door"] * 2, ["door"] * 101, [], None, ["tamper", "motion"]],
        }
    ).to_parquet(path)
    chains, report = read_chains(path, return_report=True)
    assert chains["home_id"].tolist() == ["a", "f"]
    assert chains[0]["kind"].tolist() + chains[1]["kind"].tolist() == ["door", "other"]
    assert set(chains[0]["zone"]) == set(chains[1]["zone"]) == {"unknown"}
    assert np.isnan(chains.confidence).all()
    assert chains["consent"].tolist() == [True, True]
    assert rejects(report) == [
        [1, "events[1].type", "nothing"],
        [2, "events", "1 of timestamp, 2 of kind"],
        [3, "events", "101 events"],
        [4, "events", "none"],
        [5, "events", "none"],
        [6, "events[1].timestamp", "nothing"],
    ]


def test_many_lines(write):
    lines = [
        {"home_id": f"h{row}", "events": [event(row), event(row + 0.5)]} for row in range(9000)
    ]
    lines[5000]["events"][0]["confidence"] = 2
    chains, report = read_chains(write(*lines), return_report=True)
    assert chains["home_id"].tolist() == [f"h{row}" for row in range(9000)]
    assert len(chains.timestamp) == 17_999
    assert rejects(report) == [[5001, "events[0].confidence", "2"]]


@pytest.mark.parametrize("name", ["chains.jsonl", "chains.parquet"])
def test_no_chains_keep_their_columns(name, tmp_path):
    chains = chains_from_events(event_table().assign(label=[]))
    write_chains(chains, tmp_path / name)
    again = read_chains(tmp_path / name)
    assert isinstance(again, Chains)
    assert len(again) == 0


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"home_id": ["a", ""]}, "Row 1 of the chains: home_id must be"),
        ({"home_id": [None, "a"]}, "Row 0 of the chains: home_id must be"),
        ({"label": pd.Series(["a", "\ud800"], dtype=object)}, "Row 1 of the chains: label must be"),
        ({"observed_until": [1e12, 9.0]}, "Row 0 of the chains: observed_until must be"),
        ({"utc_offset": [1e9, 0]}, "Row 0 of the chains: utc_offset must be"),
        ({"home_id": ["a", "b" * 100_001]}, "Row 1 of the chains: it must take at most 100,000"),
    ],
)
def test_what_could_not_be_read_back_is_refused(tmp_path, columns, message):
    chains = chains_from_events(event_table(*at(0, 1), *at(2, home_id="home_2")))
    with pytest.raises(InvalidEventError, match=message):
        write_chains(chains.assign(**columns), tmp_path / "chains.jsonl")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ValueError, match=r"must be .jsonl or .parquet. Got 'chains.csv'"):
        write_chains(chains, tmp_path / "chains.csv")
