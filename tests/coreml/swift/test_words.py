"""A phone says of each feature what Python's `explain` says, in each language."""

import json
import math

import numpy as np
import pytest

from novin_ml.estimators.families import FAMILIES
from novin_ml.estimators.monitor.rows import FOREST_COLUMNS
from novin_ml.estimators.words import ENGLISH, GERMAN, factors_of
from novin_ml.events.vocabulary.vocabulary import Vocabulary
from novin_ml.features import BehaviorFeatures
from novin_ml.features.delivery.specs import delivery_specs
from novin_ml.simulation import simulate_behavior

_ROWS = 150
_RISKS = [zone.risk for zone in Vocabulary.home().zones]
#: The family, its columns, and window and silence of deliveries.
CASES = [
    *((name, family.features().feature_specs, None) for name, family in FAMILIES.items()),
    ("monitor", FOREST_COLUMNS, None),
    *(("delivery", delivery_specs(*limits), limits) for limits in ((61.5, 3600.0), (3600.0, 60.0))),
]


def edges(spec, rng):
    """Yield a value of a kind: missing, at a limit, beyond it, small, or the risk of a zone."""
    high = spec.high if math.isfinite(spec.high) else float(rng.choice([1, 30, 1e3, 1e6, 1e12]))
    low = spec.low if math.isfinite(spec.low) else -high
    values = [
        math.nan, low, high, 0.0, 1.0, rng.uniform(low, high), rng.uniform(low, min(high, 3)),
        round(rng.uniform(low, min(high, 9))), high * 3 + 1, low - 1, rng.choice(_RISKS),
        10 ** rng.uniform(-4, 6),
    ]  # fmt: skip
    return values[rng.integers(len(values))]


def drawn(specs, rng):
    row = {spec.name: edges(spec, rng) for spec in specs}
    for name in ("hour", "weekday"):
        if f"{name}_sin" in row and rng.random() < 0.7:
            turn = rng.uniform(0, 2 * np.pi)
            row |= {f"{name}_sin": np.sin(turn), f"{name}_cos": np.cos(turn)}
    return [row[spec.name] for spec in specs]


def compare(tool, name, specs, limits, rows):
    """Compare names, values, words and texts of all factors of rows."""
    limits = limits or ((60.0, 20.0) if name == "delivery" else None)
    given = {} if limits is None else dict(zip(("window", "silence"), limits, strict=True))
    rows = np.asarray(rows, dtype=np.float32)
    lines = [
        json.dumps({"family": name, "row": row.view(np.uint32).tolist(), **given}) for row in rows
    ]
    factors = factors_of(specs, name)
    said = set()
    for row, got in zip(rows, tool("words", lines), strict=True):
        values = {spec.name: float(value) for spec, value in zip(specs, row, strict=True)}
        assert [each["name"] for each in got] == [factor.name for factor in factors]
        for each, factor in zip(got, factors, strict=True):
            worded = factor.describe(values)
            assert each["words"] == worded.words.to_dict(), (factor.name, worded.text)
            assert each["english"] == worded.text == ENGLISH.text(worded.words)
            assert each["german"] == GERMAN.text(worded.words)
            if math.isnan(worded.value):
                assert each.get("value") is None
            else:
                assert each["value"] == pytest.approx(worded.value, rel=1e-12)
            said.add(worded.words.key)
    return said


@pytest.mark.parametrize(("name", "specs", "limits"), CASES)
def test_the_words_of_a_phone_are_python_s(novin_tool, name, specs, limits):
    rng = np.random.default_rng(8)
    rows = [drawn(specs, rng) for _ in range(_ROWS)]
    assert len(compare(novin_tool, name, specs, limits, rows)) > 15


def test_what_a_home_never_saw_is_told_alike(novin_tool):
    events = simulate_behavior(weeks=2, random_state=1)
    rows = np.asarray(BehaviorFeatures().fit(events).transform(events))[:400]
    specs = FAMILIES["behavior"].features().feature_specs
    said = compare(novin_tool, "behavior", specs, None, rows)
    assert {"never", "unseen", "rarity", "first_event", "unseen.none"} <= said
