"""What Core ML has no exact form of is refused by name, with the remedy."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import VotingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, SGDClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    QuantileTransformer,
    StandardScaler,
)
from sklearn.tree import DecisionTreeClassifier

from novin_ml.coreml import export_coreml
from novin_ml.exceptions import NotExportableError
from tests.coreml.programs.cases import classes, rows
from tests.coreml.programs.test_matrix import table

X, Y = rows(), classes(rows(), 2)
TWO = np.column_stack([Y, 1 - Y])


def mixed_types():
    encoders = make_column_transformer(
        (OneHotEncoder(), ["zone"]), (StandardScaler(), ["zone", "energy"])
    )
    return make_pipeline(encoders, LogisticRegression()), table()


def with_fractions():
    numbers = pd.DataFrame({"size": np.resize([0.5, 1.5, 2.5], len(Y))})
    return make_pipeline(OneHotEncoder(), LogisticRegression()), numbers


def with_missing_text():
    texts = pd.DataFrame({"room": np.resize(np.array(["hall", None], object), len(Y))})
    return make_pipeline(OneHotEncoder(), LogisticRegression()), texts


def filled_texts():
    texts = pd.DataFrame({"room": np.resize(np.array(["hall", np.nan], object), len(Y))})
    imputer = SimpleImputer(strategy="most_frequent")
    return make_pipeline(imputer, OneHotEncoder(), LogisticRegression()), texts


CASES = {
    "neighbours": (lambda: (KNeighborsClassifier(), X), "equally distant", "LogisticRegression"),
    "neighbours in a pipeline": (
        lambda: (make_pipeline(StandardScaler(), KNeighborsClassifier()), X),
        "equally distant",
        "LogisticRegression",
    ),
    "code": (
        lambda: (make_pipeline(FunctionTransformer(np.log1p), LogisticRegression()), abs(X)),
        "FunctionTransformer, which is code",
        "belongs in the app, before the model",
    ),
    "curves": (
        lambda: (
            make_pipeline(QuantileTransformer(n_quantiles=20), LogisticRegression()),
            X,
        ),
        "QuantileTransformer",
        "StandardScaler",
    ),
    "hard voting": (
        lambda: (VotingClassifier([("a", LogisticRegression(max_iter=5000))]), X / 1e4),
        "voting='hard'",
        "voting='soft'",
    ),
    "unknown": (
        lambda: (make_pipeline(StandardScaler(), GaussianNB()), X),
        "GaussianNB",
        "do in the app",
    ),
    "too many products": (
        lambda: (make_pipeline(PolynomialFeatures(14), SGDClassifier(loss="log_loss")), X / 1e4),
        "3,060 columns",
        "lower degree",
    ),
    "two types": (mixed_types, "'zone' must have one type", "Encode it once"),
    "fractions": (with_fractions, "category 0.5", "whole numbers"),
    "missing text": (with_missing_text, "missing values as a category", "Fill them in"),
    "filled texts": (filled_texts, "texts", "in the app"),
    "another missing value": (
        lambda: (make_pipeline(SimpleImputer(missing_values=-1), LogisticRegression()), X / 1e4),
        "missing_values=-1",
        "NaN",
    ),
    "rare categories": (
        lambda: (
            make_pipeline(
                make_column_transformer((OneHotEncoder(min_frequency=60), ["room"])),
                LogisticRegression(),
            ),
            table(),
        ),
        "infrequent categories",
        "min_frequency",
    ),
    "unknown is missing": (
        lambda: (
            make_pipeline(
                make_column_transformer(
                    (
                        OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan),
                        ["room"],
                    )
                ),
                DecisionTreeClassifier(),
            ),
            table(),
        ),
        "unknown_value=nan",
        "such as -1",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_refused_with_the_remedy(name, tmp_path):
    make, said, remedy = CASES[name]
    model, data = make()
    model.fit(data, Y)
    with pytest.raises(NotExportableError) as error:
        export_coreml(model, tmp_path / "model.mlmodel")
    assert said in str(error.value)
    assert remedy in str(error.value)
    assert list(tmp_path.iterdir()) == []


SEVERAL = {
    "outputs": (MultiOutputClassifier(LogisticRegression(max_iter=5000)), "one model for each"),
    "values": (LinearRegression(), "several outputs"),
    "values of a network": (MLPRegressor(hidden_layer_sizes=(2,), max_iter=2), "several outputs"),
    "labels of a network": (
        make_pipeline(StandardScaler(), MLPClassifier((2,), max_iter=2)),
        "several labels",
    ),
}


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
@pytest.mark.parametrize("name", SEVERAL)
def test_several_outputs_are_refused(name, tmp_path):
    model, said = SEVERAL[name]
    model.fit(X / 1e4, TWO)
    with pytest.raises(NotExportableError, match=said):
        export_coreml(model, tmp_path / "model.mlmodel")


def test_neighbours_are_not_updatable(tmp_path):
    model = KNeighborsClassifier().fit(X, Y)
    with pytest.raises(NotExportableError, match="after an update on the phone"):
        export_coreml(model, tmp_path / "model.mlmodel", updatable=True)
