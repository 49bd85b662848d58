"""Pipelines that hypothesis draws: steps, models and data, each exported and compared."""

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st
from sklearn.decomposition import PCA
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    PolynomialFeatures,
    RobustScaler,
    StandardScaler,
)

from novin_ml.exceptions import ParityError
from tests.coreml.programs.cases import check_classifier

ALONE = st.sampled_from(
    [StandardScaler(), MinMaxScaler(), RobustScaler(), MaxAbsScaler(), MinMaxScaler((-3, 7))]
)
MIXING = st.sampled_from([PCA(0.9), Normalizer(), PolynomialFeatures(2)])
LINEAR = st.sampled_from(
    [LogisticRegression(max_iter=300), SGDClassifier(loss="log_loss", random_state=0, alpha=0.01)]
)
TREES = st.sampled_from(
    [
        RandomForestClassifier(4, max_depth=4, random_state=0),
        GradientBoostingClassifier(n_estimators=3, random_state=0),
    ]
)


@st.composite
def pipelines(draw):
    """A pipeline whose numbers are scaled before a step that mixes them, or before trees."""
    steps = [SimpleImputer(add_indicator=draw(st.booleans())), draw(ALONE)]
    if draw(st.booleans()):
        steps.append(draw(ALONE))
    if draw(st.booleans()):
        return make_pipeline(*steps, draw(TREES))
    mixing = [draw(MIXING), StandardScaler()] if draw(st.booleans()) else []
    return make_pipeline(*steps, *mixing, draw(LINEAR))


@st.composite
def data(draw):
    """Rows of columns of any size and place, with missing values, and a class of each."""
    n_columns = draw(st.integers(1, 5))
    n_classes = draw(st.integers(2, 4))
    rng = np.random.default_rng(draw(st.integers(0, 2**20)))
    X = rng.normal(size=(60, n_columns)) * 10.0 ** rng.integers(-4, 5, n_columns)
    X += rng.normal(size=n_columns) * 10.0 ** rng.integers(-4, 4, n_columns)
    y = rng.permutation(np.resize(np.arange(n_classes), 60))
    X[:, 0] += y * np.std(X[:, 0])
    X[rng.random(X.shape) < draw(st.sampled_from([0.0, 0.1]))] = np.nan
    X[0] = np.nan_to_num(X[0])
    return X.astype(np.float32), y


@settings(max_examples=25, deadline=None)
@drawn(pipelines(), data())
def test_drawn_pipelines(model, table):
    X, y = table
    model.fit(X[:40].astype(np.float64), y[:40])
    with tempfile.TemporaryDirectory() as folder:
        try:
            check_classifier(model, X[40:].astype(np.float64), Path(folder))
        except ParityError:
            # A row of almost nothing has no direction: such a model is refused.
            assert any(isinstance(step, Normalizer) for _, step in model.steps)
            assert not [*Path(folder).iterdir()]
