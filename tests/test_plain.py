"""Values as JSON holds them."""

import json
from pathlib import Path

import numpy as np
import pytest

from novin_ml.estimators.decisions import Abstention, AlarmThreshold, Decisions
from novin_ml.evaluation import Difference
from novin_ml.lifecycle.saving.parameters import numpy_default
from novin_ml.plain import plain


def test_what_json_holds():
    value = {
        1: (np.float32(0.5), np.array([1.0, np.nan])),
        "path": Path("a") / "b",
        "parts": [Difference(1.0, 0.5, 0.5, float("nan"), float("inf"))],
        "rest": [None, True, "text", np.int64(3), np.bool_(False)],
    }
    assert json.loads(json.dumps(plain(value), allow_nan=False)) == {
        "1": [0.5, [1.0, None]],
        "path": str(Path("a") / "b"),
        "parts": [{"a": 1.0, "b": 0.5, "difference": 0.5, "low": None, "high": None}],
        "rest": [None, True, "text", 3, False],
    }


def test_decisions_are_written_by_the_same_function():
    decisions = Decisions(
        {np.str_("delivery"): AlarmThreshold(np.str_("delivery"), 0.1, n_false=3)},
        Abstention(0.1, 0.2, 0.6, 50),
    )
    document = decisions.to_document()
    assert document["thresholds"] == [plain(each) for each in decisions.thresholds.values()]
    assert type(document["thresholds"][0]["label"]) is str
    read = Decisions.from_document(json.loads(json.dumps(document)), ["delivery"])
    assert read == decisions


def test_what_is_saved_is_exact_or_refused():
    # Not `plain`: a saved parameter is read back as it was.
    assert json.dumps(np.float32("nan"), default=numpy_default) == "NaN"
    with pytest.raises(TypeError, match="is no JSON"):
        json.dumps(Path("a"), default=numpy_default)
