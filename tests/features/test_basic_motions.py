"""A watch's six channels at 10 Hz, through the motion features of channels.

40 recordings to learn from and 40 to be tested on, four classes. The scaler was chosen in folds of
the former; the latter are scored once. Published: dynamic time warping on each channel alone 1.000,
and on all six together .975.
"""

import numpy as np
import pytest

from benchmarks._datasets import read_basic_motions
from benchmarks.real_data import basic_motions_scores, show

# An old scikit-learn passes options to a new scipy that are going.
pytestmark = pytest.mark.filterwarnings("ignore:scipy.optimize:DeprecationWarning")


@pytest.fixture(scope="module")
def motions(shared_data):
    return read_basic_motions(shared_data)


@pytest.fixture(scope="module")
def scores(motions):
    results = basic_motions_scores(*motions)
    show("basic_motions", results)
    return results


def test_the_file_is_what_it_says(motions):
    for signals in motions:
        assert signals.lengths.tolist() == [100] * 40
        assert len(signals.channels) == 6
        assert np.isfinite(signals.values).all()
        assert signals["label"].value_counts().tolist() == [10] * 4


@pytest.mark.parametrize("model", ["boosting", "blend"])
def test_all_channels_tell_no_less_than_to_a_random_forest(scores, model):
    forest = scores["random forest"]["test rows"].value
    assert scores[model]["test rows"].value >= max(forest, 0.975)
