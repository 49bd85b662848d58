"""A small federation of made-up homes."""

import numpy as np
import pandas as pd
import pytest

from novin_ml import MotionClassifier
from novin_ml.estimators import get_weights
from novin_ml.estimators import model_sha256 as hash_of_model
from novin_ml.federated import homes_of, merged_statistics, untrained_model

N_FEATURES = 4


def rows_of_homes(n_homes=24, seed=0):
    """Return features, labels and homes of different sizes, some without every label."""
    rng = np.random.default_rng(seed)
    home = np.repeat([f"home_{i:02}" for i in range(n_homes)], rng.integers(5, 60, n_homes))
    X = rng.normal(size=(len(home), N_FEATURES)).astype(np.float32)
    X[:, 1] = 100 + 20 * X[:, 1]
    y = np.where(X[:, 0] > 0.3, "pet", np.where(X[:, 1] > 100, "person", "vehicle")).astype(object)
    X[rng.random(len(X)) < 0.05, 2] = np.nan
    return pd.DataFrame(X, columns=list("abcd")), y, home


@pytest.fixture(scope="session")
def rows():
    return rows_of_homes()


@pytest.fixture(scope="session")
def homes(rows):
    return homes_of(*rows)[0]


@pytest.fixture(scope="session")
def start(rows):
    found, classes = homes_of(*rows)
    statistics, refused = merged_statistics(found, N_FEATURES, len(classes))
    assert not refused
    network = MotionClassifier("mlp", random_state=0, learner_params={"hidden_layer_sizes": (16,)})
    return untrained_model(network, statistics, classes, ["a", "b", "c", "d"])


@pytest.fixture(scope="session")
def base(start):
    return get_weights(start)


@pytest.fixture(scope="session")
def model_sha256(start):
    return bytes.fromhex(hash_of_model(start))
