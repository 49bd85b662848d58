"""Every field of an exported program with another value: the structure finds each of them."""

import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, PoissonRegressor, RidgeClassifier
from sklearn.model_selection import FixedThresholdClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer, OneHotEncoder, StandardScaler
from sklearn.svm import LinearSVC

from novin_ml.coreml.converters import converter_for, parse_model
from novin_ml.coreml.structure import compare_structure
from tests.coreml.mutants import spec_mutants
from tests.coreml.programs.cases import classes, rows, values
from tests.coreml.programs.test_matrix import by_column, scaled, table

MODELS = {
    "glm": lambda: scaled(LogisticRegression()).fit(rows(), classes(rows(), 2)),
    "network": lambda: scaled(Normalizer(), LogisticRegression()).fit(rows(), classes(rows(), 3)),
    "decision": lambda: scaled(RidgeClassifier()).fit(rows(), classes(rows(), 3, ["a", "b", "c"])),
    "threshold": lambda: FixedThresholdClassifier(scaled(LogisticRegression()), threshold=0.3).fit(
        rows(), classes(rows(), 2)
    ),
    "exponential": lambda: scaled(PoissonRegressor()).fit(rows(), abs(values(rows())) / 40),
    "isotonic": lambda: CalibratedClassifierCV(scaled(LinearSVC()), cv=2, method="isotonic").fit(
        rows(60), classes(rows(60), 2)
    ),
    "table": lambda: make_pipeline(
        by_column(OneHotEncoder(handle_unknown="ignore")), LogisticRegression()
    ).fit(table(), classes(rows(), 2)),
    "forest": lambda: make_pipeline(
        SimpleImputer(add_indicator=True), StandardScaler(), RandomForestClassifier(2, max_depth=3)
    ).fit(rows(missing=0.1), classes(rows(), 3)),
}
#: Not compared by the structure: descriptions, numbers that Core ML does not read, and the order of
#: nodes, which are found by their ids.
WITHOUT_EFFECT = ("shortDescription", "unary.alpha", "unary.epsilon", "treeEnsemble.nodes")


@pytest.mark.parametrize("name", MODELS)
def test_every_field_is_compared(name):
    subject = parse_model(MODELS[name]())
    spec = converter_for(subject.learner).convert(subject)
    assert compare_structure(spec, subject).passed
    changes, unnoticed = 0, []
    for path, change, restore in spec_mutants(spec):
        if path.endswith(WITHOUT_EFFECT) or path.startswith("description.metadata"):
            continue
        change(spec)
        if compare_structure(spec, subject).passed:
            unnoticed.append(path)
        restore(spec)
        changes += 1
    assert unnoticed == []
    assert changes > 150
