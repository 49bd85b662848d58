"""An event is checked alone as among others, though few are checked in another way than many."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from novin_ml.events.fields import EVENT_FIELDS
from novin_ml.events.files.validation import check_columns
from novin_ml.events.timestamps import find_timezone

UTC = find_timezone("UTC")
TEXTS = [
    None, "", " ", "away", "Away", "vacation", "front door", "x" * 100, "x" * 101, "é" * 200,
    "x" * 201, "\ud800", 5, 2.5, float("nan"), True, ["away"], {"away": 1}, np.str_("away"),
]  # fmt: skip
TEXT_FIELDS = [field.name for field in EVENT_FIELDS if field.type == "text"]


def checked(name, sent):
    values = {"type": ["motion"] * len(sent), "timestamp": [0.0] * len(sent), name: sent}
    return check_columns(values, len(sent), UTC)


@pytest.mark.parametrize("name", TEXT_FIELDS)
def test_texts_are_checked_alone_as_among_others(name):
    columns, breaches = checked(name, TEXTS)
    assert {breach.row for breach in breaches} not in (set(), set(range(len(TEXTS))))
    of_row = {breach.row: breach for breach in breaches}
    for row, text in enumerate(TEXTS):
        alone, refused = checked(name, [text])
        assert_array_equal(alone[name], columns[name][row : row + 1])
        assert alone[name].dtype == columns[name].dtype
        expected = of_row.get(row)
        assert refused == ([] if expected is None else [expected._replace(row=0)])
