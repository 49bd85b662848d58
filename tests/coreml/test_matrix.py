"""Every kind of model with every option that training may bring: exported, and held against itself.

The rows here are none of the certificate's.
"""

import itertools

import numpy as np
import pytest

from novin_ml.coreml import CoreMLRuntime, export_coreml
from tests.coreml.models import codes, table, train

TREES = ("our boosting", "XGBClassifier", "Booster")
NETWORKS = ("our mlp", "MLPClassifier")
CLASSES = (2, 3, 6)

#: Option -> what it changes, and the algorithms that have it (all five by default).
OPTIONS = {
    "plain": {},
    "skewed": {"shares": "skewed"},
    "rare": {"shares": "rare"},
    "base_score": {"params": {"base_score": 0.3}, "only": TREES[1:]},
    "early_stopping": {"stops_early": True, "not": ("MLPClassifier",)},
    "missing": {"missing": 0.2, "not": ("MLPClassifier",)},
    "missing_column": {"missing_column": True, "not": ("MLPClassifier",)},
    "int_labels": {"labels": [7, -3, 40, 12, 0, 2**40]},
    "bool_labels": {"labels": [False, True], "classes": (2,)},
    "unicode_labels": {"labels": ["Päckchen", "no delivery", "配達", "a b/c", "", "🚚"]},
    "weights": {"weights": True, "not": ("MLPClassifier",)},
    "stump": {"params": {"max_depth": 1}, "only": TREES},
    "deep": {"params": {"max_depth": 8, "min_child_weight": 0}, "only": TREES},
    "pruned": {"params": {"max_depth": 6, "gamma": 3.0}, "only": TREES},
    "single_leaf": {"params": {"gamma": 1e9}, "only": TREES},
    "heavy_leaf": {"params": {"min_child_weight": 1e6}, "only": TREES},
    "lossguide": {"params": {"grow_policy": "lossguide", "max_leaves": 5}, "only": TREES},
    "parallel_trees": {
        "params": {"num_parallel_tree": 3, "subsample": 0.7, "colsample_bynode": 0.5},
        "only": TREES[1:],
    },
    "constant_features": {"constant": True},
    "subsample": {"params": {"subsample": 0.5, "colsample_bytree": 0.6}, "only": TREES},
    "one_feature": {"n_features": 1},
    "one_round": {"params": {"epochs": 1}, "not": ("MLPClassifier",)},
    "no_hidden_layer": {"params": {"hidden_layer_sizes": ()}, "only": NETWORKS[1:]},
    "three_layers": {"params": {"hidden_layer_sizes": (5, 4, 3)}, "only": NETWORKS},
    "tanh": {"params": {"activation": "tanh"}, "only": NETWORKS},
    "logistic": {"params": {"activation": "logistic"}, "only": NETWORKS},
    "identity": {"params": {"activation": "identity"}, "only": NETWORKS},
}

#: Options that meet in life, together.
PAIRS = (
    ("skewed", "missing"),
    ("skewed", "early_stopping"),
    ("rare", "weights"),
    ("missing", "parallel_trees"),
    ("missing_column", "deep"),
    ("base_score", "single_leaf"),
    ("early_stopping", "parallel_trees"),
    ("skewed", "parallel_trees"),
)


def cases():
    """Every option alone, and the pairs, for every algorithm that has them."""
    for names in [(name,) for name in OPTIONS] + list(PAIRS):
        options = [OPTIONS[name] for name in names]
        for algorithm, n_classes in itertools.product(TREES + NETWORKS, CLASSES):
            if all(
                algorithm in o.get("only", TREES + NETWORKS)
                and algorithm not in o.get("not", ())
                and n_classes in o.get("classes", CLASSES)
                for o in options
            ):
                yield pytest.param(
                    algorithm, n_classes, options, id=f"{algorithm}-{n_classes}-{'+'.join(names)}"
                )


CASES = list(cases())


def test_the_table_is_as_large_as_promised():
    assert len(CASES) >= 200
    assert len({case.id for case in CASES}) == len(CASES)


@pytest.mark.parametrize(("algorithm", "n_classes", "options"), CASES)
def test_exported_model_is_the_trained_one(algorithm, n_classes, options, tmp_path):
    merged, params = {}, {}
    for option in options:
        merged |= option
        params |= option.get("params", {})
    if algorithm != "MLPClassifier" and algorithm in TREES:
        params = {"max_depth": 3} | params
    shape = {"missing": merged.get("missing", 0.0), "n_features": merged.get("n_features", 4)}
    X = table(240, 1, **shape)
    y = codes(X, n_classes, merged.get("shares", "balanced"))
    if "missing_column" in merged:
        X[:, 1] = np.nan
    if "constant" in merged:
        X[:, 2:] = [0.0, 5.0]
    labels = list(merged.get("labels", [f"label {i}" for i in range(n_classes)]))[:n_classes]
    trained = train(
        algorithm,
        X,
        y,
        labels,
        weight=np.linspace(0.1, 3, len(X)) if "weights" in merged else None,
        stops_early=merged.get("stops_early", False),
        params=params,
    )

    export = export_coreml(trained.model, tmp_path / "model.mlmodel", **trained.options)

    assert export.certificate.passed
    assert export.certificate.labels_differ == 0
    expected_tolerance = 1e-6 if algorithm in TREES else 1e-5
    assert export.certificate.tolerance == expected_tolerance
    fresh = np.concatenate([2 * table(150, 2, **shape), X, np.zeros_like(X[:1])])
    expected = trained.predict_proba(fresh)
    names = [str(label) if isinstance(label, bool) else label for label in trained.labels]
    # By names, as a phone asks: the columns were trained as feature_0, feature_1, ...
    answers = CoreMLRuntime(export.model).predict(
        {f"feature_{i}": column for i, column in enumerate(fresh.T)}
    )
    got = answers[[f"classProbability[{name}]" for name in names]].to_numpy()
    np.testing.assert_allclose(got, expected, rtol=0, atol=expected_tolerance)
    top_two = np.sort(expected, axis=1)[:, -2:]
    clear = top_two[:, 1] - top_two[:, 0] > 2 * expected_tolerance
    best = np.array(names)[expected.argmax(axis=1)]
    np.testing.assert_array_equal(answers["label"].to_numpy()[clear], best[clear])
    # What was given is as it was: the same answers again.
    np.testing.assert_array_equal(trained.predict_proba(fresh), expected)
