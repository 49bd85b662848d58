"""Messages about event tables and about what a training lacks, beside those of 0.1.0.

They go on from `tests.test_messages`. None is what 0.1.0 took in silence, or had no function for.
"""

import pandas as pd
import pytest

from novin_ml.events import chains_from_events, check_events
from novin_ml.features import DeliveryFeatures
from novin_ml.lifecycle import train

LOG = pd.DataFrame(
    {
        "home_id": ["a", "a", "b", "b"],
        "timestamp": [0.0, 60.0, 120.0, 180.0],
        "kind": "motion",
        "zone": "front_door",
        "label": ["delivery", "no_delivery"] * 2,
        "consent": True,
    }
)
TABLE = LOG.assign(
    utc_offset=0.0,
    duration=8.0,
    energy=0.5,
    confidence=0.5,
    home_mode="home",
    raw=None,
    sample_rate=10.0,
)
#: The second home has other labels, and no consent.
ODD = LOG.assign(consent=LOG["home_id"] == "a", label=[*LOG["label"][:2], "odd", "odd"])


def transform(table):
    return DeliveryFeatures().transform(table)


#: Call, message of 0.1.0, message now.
MESSAGES = [
    (
        lambda: train("delivery", chains_from_events(LOG)),
        None,
        "The delivery family is trained on an event table. Got a Chains. Read events with "
        "novin_ml.events.read_events.",
    ),
    (
        lambda: train("chains", LOG),
        None,
        "The chains family is trained on chains (novin_ml.events.Chains). Got a DataFrame. "
        "Make chains with novin_ml.events.chains_from_events.",
    ),
    (
        lambda: train("delivery", LOG.drop(columns="home_id")),
        None,
        "The events must name their home in a column 'home_id'. Got a table without it. "
        "Add it; one name for all is enough to train without a test.",
    ),
    (
        lambda: train("delivery", LOG.iloc[:0]),
        None,
        "There must be events to train on. Got none. Pass a longer log.",
    ),
    (
        lambda: train("delivery", LOG.drop(columns="label")),
        None,
        "The events to train on must have a label. Got none: 4 of 4 events have no label. "
        "Give those that were looked at a 'label'.",
    ),
    (
        lambda: train(
            "delivery",
            LOG.assign(
                consent=[True, False, False, False],
                label=[None, "delivery", "no_delivery", "delivery"],
            ),
        ),
        None,
        "The events to train on must have a label and consent. Got none: 3 of 3 labelled "
        "events have no consent. Label events of homes that consent.",
    ),
    (
        lambda: train("delivery", LOG.assign(consent=False)),
        None,
        "The events to train on must have consent. Got none: 4 of 4 events have no "
        "consent. Ask for consent, and set 'consent' to true where a home gives it.",
    ),
    (
        lambda: train("delivery", LOG.assign(consent="yes")),
        None,
        "The events to train on must have consent. Got none: 4 of 4 events have no consent "
        "('yes' is not true). Ask for consent, and set 'consent' to true where a home gives "
        "it.",
    ),
    (
        lambda: train("motion", LOG),
        None,
        "The events must have labels of motion, such as 'loitering'. Got 'delivery', "
        "'no_delivery', which are those of delivery. Train delivery on them.",
    ),
    (
        lambda: train("delivery", LOG.assign(label=["walking", "cat", "dog", "car"])),
        None,
        "Some events must have the label 'delivery' to train delivery. Got 'car', "
        "'cat', 'dog' and 1 more. Label them, or train another kind of model.",
    ),
    (
        lambda: train("delivery", LOG.assign(consent=LOG["label"] != "delivery")),
        None,
        "Some events must have the label 'delivery' and consent to train "
        "delivery. Got 'no_delivery'. Label them, or train another kind of model.",
    ),
    (
        lambda: train("delivery", LOG.assign(label="delivery")),
        None,
        "The events to train on must have two labels or more. Got 'delivery' for all 4 "
        "that have a label and consent. Label rows of another kind, too.",
    ),
    (
        lambda: train("delivery", LOG.assign(home_id="a")),
        None,
        "The events must be of two homes or more to test on some of them. Got 1. Train on "
        "all with test_fraction=0, and evaluate on other rows.",
    ),
    (
        lambda: train("delivery", LOG.assign(label=["delivery", "no_delivery", None, None])),
        None,
        "The labelled events must be of two homes or more to test on some of them. Got 1. "
        "Train on all with test_fraction=0.",
    ),
    (
        lambda: train(
            "delivery",
            LOG.assign(
                consent=LOG["home_id"] == "a", label=["delivery", "no_delivery", "odd", "odd"]
            ),
        ),
        None,
        "A home to test on must have labels that can be learnt. Got none: 'odd' is a label "
        "of homes without consent alone. Train on all with test_fraction=0.",
    ),
    (
        lambda: train("delivery", LOG.assign(label=LOG["label"].sort_values().tolist())),
        None,
        "A home to test on must leave each label to another home. Got none: each home has "
        "the only rows of a label. Train on all with test_fraction=0.",
    ),
    (
        lambda: transform(TABLE.assign(timestamp=TABLE["timestamp"] + 1.7e12)),
        None,
        "Row 0 of the event table: timestamp must be a number of seconds since 1970, to "
        "the year 2200. Got 1700000000000.0 instead. If it is in milliseconds, divide by "
        "1,000.",
    ),
    (
        lambda: transform(TABLE.assign(timestamp=TABLE["timestamp"] + 1.7e15)),
        None,
        "Row 0 of the event table: timestamp must be a number of seconds since 1970, to "
        "the year 2200. Got 1700000000000000.0 instead. If it is in microseconds, divide "
        "by 1,000,000.",
    ),
    (
        lambda: transform(TABLE.assign(timestamp=[0.0, float("nan"), 1.0, 2.0])),
        None,
        "Row 1 of the event table: timestamp must be a number of seconds since 1970, to "
        "the year 2200. Got nothing instead. Correct it or leave the row out.",
    ),
    (
        lambda: transform(TABLE.assign(timestamp=pd.Timestamp("2024-05-01"))),
        None,
        "Row 0 of the event table: timestamp must be a number of seconds since 1970, to "
        "the year 2200. Got 2024-05-01 00:00:00 instead. It is of no time zone: name that "
        "of the homes, such as novin_ml.events.check_events(events, "
        "timezone='Europe/Berlin').",
    ),
    (
        lambda: transform(TABLE.assign(timestamp="2024-05-01T12:00:00Z")),
        "could not convert string to float: '2024-05-01T12:00:00Z'",
        "Row 0 of the event table: timestamp must be a number of seconds since 1970, to "
        'the year 2200. Got "2024-05-01T12:00:00Z" instead. Read dates and times with '
        "novin_ml.events.read_events, or convert the column by "
        "pd.to_datetime(events['timestamp'], utc=True) if they have an offset from UTC.",
    ),
    (
        lambda: transform(TABLE.assign(timestamp="1700000000")),
        None,
        "Row 0 of the event table: timestamp must be a number of seconds since 1970, to "
        'the year 2200. Got "1700000000" instead. Convert the column by '
        "pd.to_numeric(events['timestamp']).",
    ),
    (
        lambda: transform(TABLE.assign(timestamp=True)),
        None,
        "Row 0 of the event table: timestamp must be a number of seconds since 1970, to "
        "the year 2200. Got true instead. Correct it or leave the row out.",
    ),
    (
        lambda: transform(TABLE.assign(utc_offset=2.0)),
        None,
        "Row 0 of the event table: utc_offset must be a multiple of 900 s from -64800 to "
        "64800. Got 2.0 instead. If it is in hours, multiply by 3,600.",
    ),
    (
        lambda: transform(TABLE.assign(utc_offset=120.0)),
        None,
        "Row 0 of the event table: utc_offset must be a multiple of 900 s from -64800 to "
        "64800. Got 120.0 instead. If it is in minutes, multiply by 60.",
    ),
    (
        lambda: transform(TABLE.assign(utc_offset=7_200_000.0)),
        None,
        "Row 0 of the event table: utc_offset must be a multiple of 900 s from -64800 to "
        "64800. Got 7200000.0 instead. If it is in milliseconds, divide by 1,000.",
    ),
    (
        lambda: transform(TABLE.assign(utc_offset=1000.0)),
        None,
        "Row 0 of the event table: utc_offset must be a multiple of 900 s from -64800 to "
        "64800. Got 1000.0 instead. Use the seconds that the clock is ahead of UTC, or use "
        "NaN where it is not known.",
    ),
    (
        lambda: transform(TABLE.assign(confidence=90.0)),
        None,
        "Row 0 of the event table: confidence must be a number from 0 to 1. Got 90.0 "
        "instead. If it is in percent, divide by 100.",
    ),
    (
        lambda: transform(TABLE.assign(energy=128.0)),
        None,
        "Row 0 of the event table: energy must be a number from 0 to 1. Got 128.0 instead. "
        "If it is of 8 bits, divide by 255.",
    ),
    (
        lambda: transform(TABLE.assign(energy=-1.0)),
        None,
        "Row 0 of the event table: energy must be a number from 0 to 1. Got -1.0 instead. "
        "If -1 stands for a missing value, use NaN instead.",
    ),
    (
        lambda: transform(TABLE.assign(energy="0.5")),
        None,
        'Row 0 of the event table: energy must be a number from 0 to 1. Got "0.5" instead. '
        "Convert the column by pd.to_numeric(events['energy']).",
    ),
    (
        lambda: transform(TABLE.assign(energy=True)),
        None,
        "Row 0 of the event table: energy must be a number from 0 to 1. Got true instead. "
        "Give the column numbers; use NaN where it is not known.",
    ),
    (
        lambda: transform(TABLE.assign(duration=-3.0)),
        None,
        "Row 0 of the event table: duration must be a number of seconds, at least 0. Got "
        "-3.0 instead. Correct it, or use NaN where it is not known.",
    ),
    (
        lambda: transform(TABLE.assign(duration=[pd.Timedelta(8, "s"), 8.0, 8.0, 8.0])),
        "float() argument must be a string or a real number, not 'Timedelta'",
        "Row 1 of the event table: duration must be a number of seconds, at least 0. Got "
        "8.0 instead. Correct it, or use NaN where it is not known.",
    ),
    (
        lambda: transform(TABLE.assign(home_mode="holiday")),
        None,
        "Row 0 of the event table: home_mode must be home, away, night or vacation. Got "
        '"holiday" instead. Write it as one of home, away, night, vacation; use None where '
        "it is not known.",
    ),
    (
        lambda: transform(TABLE.assign(zone=7)),
        None,
        "Row 0 of the event table: zone must be a zone of the home or a vendor's word for "
        "one. Got 7 instead. Convert the column by events['zone'].astype(str).",
    ),
    (
        lambda: transform(TABLE.assign(home_id=[1.5, 2.0, 3.0, 4.0])),
        None,
        "Row 0 of the event table: home_id must be a text. Got 1.5 instead. Convert the "
        "column by events['home_id'].astype(str).",
    ),
    (
        lambda: transform(TABLE.assign(raw="0.1 0.2")),
        "A signal must be a 1-d array of numbers, or None where it is missing. Got 0 "
        "dimensions of <U7. Correct it or leave it out.",
        "Row 0 of the event table: raw must be a list of at most 6,000 numbers from 0 to "
        '1, null where a sample is missing. Got "0.1 0.2" instead. Use a list of numbers, '
        "or None where there is no signal.",
    ),
    (
        lambda: transform(pd.concat([TABLE, TABLE[["energy"]]], axis=1)),
        "operands could not be broadcast together with shapes (4,2) (4,) (4,2)",
        "DeliveryFeatures needs an event table with each column once. Got 'energy' several "
        "times. Keep one of them: events.loc[:, ~events.columns.duplicated()].",
    ),
    (
        lambda: check_events(LOG, need=["energy"]),
        None,
        "check_events needs an event table with the columns energy. Missing: energy. Read "
        "events with novin_ml.events.read_events.",
    ),
    (
        lambda: check_events(LOG.assign(end=LOG["timestamp"] - 1)),
        None,
        "Row 0 of the event table: end must be a number of seconds since 1970, to the year "
        "2200, and not before timestamp. Got -1.0 instead. Correct it or leave the row out.",
    ),
]


@pytest.mark.parametrize(("call", "old", "new"), MESSAGES, ids=[new[:70] for *_, new in MESSAGES])
def test_message(call, old, new):
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        call()
    assert str(caught.value) == new != old
