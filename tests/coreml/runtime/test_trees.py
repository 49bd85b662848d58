import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from novin_ml.coreml.runtime import CoreMLRuntime
from novin_ml.coreml.runtime.forest import order_keys
from novin_ml.exceptions import UnsupportedModelError
from tests.coreml.runtime.specs import (
    BRANCHES,
    datatypes,
    doubles,
    random_tree,
    scalar_sums,
    tree_classifier,
    tree_regressor,
)

FLOAT32 = np.finfo(np.float32)


def stump(mode="BranchOnValueLessThan", value=0.5, **options):
    """1 where the branch is true, else 0."""
    builder = tree_regressor(doubles("x"), 0.0)
    builder.add_branch_node(0, 0, 0, value, mode, 1, 2, **options)
    builder.add_leaf_node(0, 1, 1.0)
    builder.add_leaf_node(0, 2, 0.0)
    return builder


def values_of(spec, X):
    return CoreMLRuntime(spec).predict_outputs(X)["value"]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("BranchOnValueLessThanEqual", [1, 1, 0]),
        ("BranchOnValueLessThan", [1, 0, 0]),
        ("BranchOnValueGreaterThanEqual", [0, 1, 1]),
        ("BranchOnValueGreaterThan", [0, 0, 1]),
        ("BranchOnValueEqual", [0, 1, 0]),
        ("BranchOnValueNotEqual", [1, 0, 1]),
    ],
)
def test_branch_modes_below_at_and_above_the_value(mode, expected):
    assert values_of(stump(mode).spec, [[0.25], [0.5], [0.75]]).tolist() == expected


@pytest.mark.parametrize("mode", BRANCHES)
@pytest.mark.parametrize("tracks_true", [False, True])
def test_missing_value_takes_the_branch_it_is_told(mode, tracks_true):
    spec = stump(mode, missing_value_tracks_true_child=tracks_true).spec
    assert values_of(spec, [[np.nan]]).tolist() == [float(tracks_true)]


@pytest.mark.parametrize("mode", BRANCHES)
@pytest.mark.parametrize(
    "value", [0.0, -0.0, 0.1, -0.1, 1e-60, -1e-60, 1e300, -1e300, FLOAT32.max, np.inf, -np.inf]
)
def test_float32_rows_against_doubles_of_the_model(mode, value):
    with np.errstate(over="ignore"):
        near = np.float32(value)
        rows = [near, np.nextafter(near, np.float32(np.inf)), np.nextafter(near, -FLOAT32.max)]
    rows = np.array([*rows, 0.0, -0.0, np.inf, -np.inf, FLOAT32.max, -FLOAT32.max], np.float32)
    expected = [float(BRANCHES[mode](x, value)) for x in rows.tolist()]
    assert values_of(stump(mode, value).spec, rows[:, None]).tolist() == expected


def test_rows_are_rounded_to_float32():
    value = float(np.float32(0.1))
    spec = stump(value=value).spec
    just_below = value - 1e-12
    assert just_below < value
    assert values_of(spec, {"x": [just_below]}).tolist() == [0.0]


@given(st.lists(st.floats(width=32, allow_nan=False), min_size=2, max_size=20))
def test_keys_have_the_order_of_the_numbers(numbers):
    values = np.array(numbers, dtype=np.float32)
    keys = order_keys(values)
    assert np.array_equal(keys[:, None] < keys, values[:, None] < values)


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 2**32 - 1),
    n_features=st.integers(1, 4),
    n_dimensions=st.integers(1, 4),
    n_splits=st.lists(st.integers(0, 12), min_size=1, max_size=8),
    n_rows=st.integers(0, 30),
)
def test_random_ensembles_equal_a_scalar_interpreter(
    seed, n_features, n_dimensions, n_splits, n_rows
):
    rng = np.random.default_rng(seed)
    builder = tree_regressor(
        doubles(*[f"x{i}" for i in range(n_features)]), rng.normal(size=n_dimensions).tolist()
    )
    thresholds = np.array([-1.5, -0.1, 0.0, 0.1, 0.25, 1.0])
    for number, splits in enumerate(n_splits):
        tree_id = int(rng.integers(1000)) + 1000 * number
        random_tree(builder, tree_id, rng, n_features, n_dimensions, splits, thresholds, number)
    order = rng.permutation(len(builder.tree_parameters.nodes))
    nodes = list(builder.tree_parameters.nodes)
    del builder.tree_parameters.nodes[:]
    builder.tree_parameters.nodes.extend([nodes[i] for i in order])
    X = rng.choice([*thresholds, 0.2, 2.0, np.nan], size=(n_rows, n_features))

    outputs = CoreMLRuntime(builder.spec)._stage(
        {f"x{i}": X[:, [i]].astype(np.float32) for i in range(n_features)}
    )
    expected = scalar_sums(builder.tree_parameters, X).reshape(n_rows, n_dimensions)
    np.testing.assert_allclose(outputs["value"], expected, rtol=0, atol=1e-12)


def test_many_rows_equal_few_rows():
    rng = np.random.default_rng(0)
    builder = tree_regressor(doubles("a", "b"), 0.0)
    for tree_id in range(20):
        random_tree(builder, tree_id, rng, 2, 1, 15, rng.normal(size=50))
    runtime = CoreMLRuntime(builder.spec)
    X = rng.normal(size=(5000, 2))
    whole = runtime.predict_outputs(X)["value"]
    one_by_one = [runtime.predict_outputs(X[i : i + 1])["value"][0] for i in range(0, 5000, 97)]
    np.testing.assert_allclose(whole[::97], one_by_one, rtol=0, atol=1e-12)


def test_single_leaf_trees_and_base_prediction():
    builder = tree_regressor(doubles("x"), 0.25)
    builder.add_leaf_node(17, 42, 1.0)
    builder.add_leaf_node(3, 42, 2.0)
    assert values_of(builder.spec, [[0.0], [np.nan]]).tolist() == [3.25, 3.25]


def test_no_trees_predict_the_base():
    assert values_of(tree_regressor(doubles("x"), 0.25).spec, [[0.0]]).tolist() == [0.25]


def test_features_are_numbered_through_arrays_and_scalars():
    types = datatypes()
    builder = tree_regressor([("a", types.Array(3)), ("b", types.Double())], 0.0)
    builder.add_branch_node(0, 0, 3, 0.0, "BranchOnValueGreaterThan", 1, 2)
    builder.add_leaf_node(0, 1, 1.0)
    builder.add_leaf_node(0, 2, -1.0)
    X = {"a": np.zeros((2, 3)), "b": [1.0, -1.0]}
    assert values_of(builder.spec, X).tolist() == [1.0, -1.0]
    assert values_of(builder.spec, [[0, 0, 0, 1], [9, 9, 9, -1]]).tolist() == [1.0, -1.0]


def constant_classifier(margins, labels, transform):
    builder = tree_classifier(doubles("x"), labels, list(margins), transform)
    builder.add_leaf_node(0, 0, [0.0] * len(margins))
    return CoreMLRuntime(builder.spec)


@pytest.mark.parametrize(
    ("margins", "labels", "transform", "expected"),
    [
        ([0.3], ["a", "b"], "NoTransform", [0.7, 0.3]),
        ([np.log(3)], ["a", "b"], "Regression_Logistic", [0.25, 0.75]),
        (
            [np.log(3)],
            ["a", "b"],
            "Classification_SoftMaxWithZeroClassReference",
            [0.25, 0.75],
        ),
        (
            [np.log(2), np.log(5)],
            [4, 5, 6],
            "Classification_SoftMaxWithZeroClassReference",
            [1 / 8, 2 / 8, 5 / 8],
        ),
        ([0.0, np.log(2), np.log(5)], [4, 5, 6], "Classification_SoftMax", [0.125, 0.25, 0.625]),
        ([0.2, 0.5, 0.3], ["a", "b", "c"], "NoTransform", [0.2, 0.5, 0.3]),
        ([0.0, np.log(3)], ["a", "b"], "Regression_Logistic", [0.5, 0.75]),
        ([800.0, -800.0], [0, 1], "Classification_SoftMax", [1.0, 0.0]),
    ],
)
def test_transforms_by_hand(margins, labels, transform, expected):
    runtime = constant_classifier(margins, labels, transform)
    np.testing.assert_allclose(runtime.predict_proba([[0.0]]), [expected], rtol=1e-15)
    assert runtime.predict_labels([[0.0]]).tolist() == [labels[int(np.argmax(expected))]]
    assert runtime.classes.tolist() == labels


@pytest.mark.parametrize("margins", [[0.0], [1.0, 1.0]])
def test_first_of_equally_probable_labels(margins):
    transform = "Regression_Logistic" if len(margins) == 1 else "Classification_SoftMax"
    assert constant_classifier(margins, ["z", "a"], transform).predict_labels([[0.0]]) == ["z"]


def test_labels_default_to_numbers():
    builder = tree_classifier(doubles("x"), [0, 1], [1.0], "Regression_Logistic")
    builder.spec.treeEnsembleClassifier.ClearField("int64ClassLabels")
    assert CoreMLRuntime(builder.spec).classes.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("transform", "expected"),
    [("Regression_Logistic", [0.75]), ("Classification_SoftMax", [1.0])],
)
def test_transforms_of_a_regressor(transform, expected):
    spec = tree_regressor(doubles("x"), float(np.log(3)), transform).spec
    np.testing.assert_allclose(values_of(spec, [[0.0]]), expected, rtol=1e-15)


def damage_duplicate(p):
    p.nodes.add().CopyFrom(p.nodes[1])


def damage_child(p):
    p.nodes[0].trueChildNodeId = 99


def damage_two_parents(p):
    p.nodes[0].trueChildNodeId = p.nodes[0].falseChildNodeId


def damage_cycle(p):
    for node, child in ((10, 11), (11, 10)):
        added = p.nodes.add(nodeId=node, nodeBehavior=1, trueChildNodeId=child)
        added.falseChildNodeId = node + 10
        p.nodes.add(nodeId=node + 10, nodeBehavior=6).evaluationInfo.add(evaluationValue=1.0)


def damage_two_roots(p):
    p.nodes.add(nodeId=9, nodeBehavior=6).evaluationInfo.add(evaluationValue=1.0)


def damage_empty_leaf(p):
    del p.nodes[1].evaluationInfo[:]


def damage_twice_the_same_dimension(p):
    p.nodes[1].evaluationInfo.add(evaluationValue=1.0)


def damage_dimension(p):
    p.nodes[1].evaluationInfo[0].evaluationIndex = 1


def damage_feature(p):
    p.nodes[0].branchFeatureIndex = 1


def damage_value(p):
    p.nodes[0].branchFeatureValue = np.nan


def damage_base(p):
    p.basePredictionValue.append(0.0)


def damage_dimensions(p):
    p.numPredictionDimensions = 0


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (damage_duplicate, "an id of its own"),
        (damage_child, "Got an id that no node has"),
        (damage_two_parents, "two parents"),
        (damage_cycle, "in a cycle"),
        (damage_two_roots, "one root"),
        (damage_empty_leaf, "a leaf without"),
        (damage_twice_the_same_dimension, "one value for a dimension"),
        (damage_dimension, "evaluationIndex must be below 1"),
        (damage_feature, "branchFeatureIndex must be below 1"),
        (damage_value, "Got NaN"),
        (damage_base, "basePredictionValue must have 1 value,"),
        (damage_dimensions, "must be at least 1"),
    ],
)
def test_damaged_trees_are_refused(damage, message):
    builder = stump()
    damage(builder.tree_parameters)
    with pytest.raises(UnsupportedModelError, match=message):
        CoreMLRuntime(builder.spec)


@pytest.mark.parametrize(
    ("margins", "labels", "transform", "message"),
    [
        ([0.0], ["a", "b"], "Classification_SoftMax", "one dimension and two labels"),
        ([0.0], ["a", "b", "c"], "Regression_Logistic", "3 prediction dimensions"),
        (
            [0.0, 0.0],
            ["a", "b"],
            "Classification_SoftMaxWithZeroClassReference",
            "1 prediction dimension",
        ),
    ],
)
def test_transforms_that_mean_nothing_are_refused(margins, labels, transform, message):
    with pytest.raises(UnsupportedModelError, match=message):
        constant_classifier(margins, labels, transform)


def test_zero_class_reference_of_a_regressor_is_refused():
    spec = tree_regressor(doubles("x"), 0.0, "Classification_SoftMaxWithZeroClassReference").spec
    with pytest.raises(UnsupportedModelError, match="treeEnsembleRegressor"):
        CoreMLRuntime(spec)
