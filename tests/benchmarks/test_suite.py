"""The rows that benchmarks train on, and what the asv suite skips."""

import numpy as np
import pytest

from benchmarks.suite._cores import N_JOBS, require_cores
from benchmarks.suite._data import classifier_rows, home_log, load_part


def test_cores_beyond_the_affinity_are_not_implemented():
    require_cores(N_JOBS[0])
    with pytest.raises(NotImplementedError, match="may use"):
        require_cores(100_000)


@pytest.mark.parametrize(("family", "n_classes"), [("delivery", 2), ("motion", 6), ("chains", 6)])
def test_rows_are_as_many_as_asked_and_known_to_be_right(family, n_classes, tmp_path):
    split = classifier_rows(family, 3_000)
    assert split.train.X.shape == (3_000, len(split.names))
    assert split.train.X.dtype == np.float32
    assert len(split.classes) == n_classes
    assert split.test.X.shape[1] == len(split.names)
    assert len(split.test.X) >= 300
    # Annotators err in a few rows; nobody else does.
    assert 0 < np.mean(split.train.label != split.train.clean_label) < 0.05
    split.save(tmp_path / "rows.npz")
    for name, column in load_part(tmp_path / "rows.npz")._asdict().items():
        np.testing.assert_array_equal(column, getattr(split.train, name))


def test_a_home_is_measured_on_the_weeks_after_its_log():
    home = home_log(3_000)
    assert len(home.train) == 3_000
    assert len(home.test) >= 600
    assert home.train["timestamp"].max() <= home.test["timestamp"].min()
    assert home.train["consent"].all()
    assert set(home.test["label"]) == {"usual", "unusual"}
