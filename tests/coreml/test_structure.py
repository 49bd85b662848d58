"""Trees node by node and networks weight by weight, read by other code than the converters'."""

import ast
from pathlib import Path

import numpy as np
import pytest
import xgboost

import novin_ml.coreml.structure as structure_package
from novin_ml.coreml import export_coreml, probes
from novin_ml.coreml.certificate import certify
from novin_ml.coreml.converters import _registry as registry
from novin_ml.coreml.runtime import CoreMLRuntime
from novin_ml.coreml.structure import compare_structure
from novin_ml.exceptions import ParityError
from tests.coreml.models import booster, delivery, mlp
from tests.coreml.test_by_name import KINDS
from tests.coreml.test_certificate import branches, converted, leaves, trees_of


def test_it_uses_neither_converters_nor_builders_nor_the_runtime():
    """Compared with what the converter itself reads, a converter's fault would look right."""
    folder = Path(structure_package.__file__).parent
    for file in folder.glob("*.py"):
        text = file.read_text()
        imported = {
            node.module or ""
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.ImportFrom)
        }
        assert not [m for m in imported if "converters" in m or "runtime" in m], file
        assert not [
            w for w in (".convert(", "Builder", "get_dump", "coremltools().models") if w in text
        ]


@pytest.mark.parametrize("kind", KINDS)
def test_a_converted_model_has_the_structure(kind):
    subject, spec = converted(KINDS[kind]())
    found = compare_structure(spec, subject)
    assert found.compared
    assert found.passed
    trees = {"trees": 0, "XGBClassifier": 0, "detector": 3, "forest": 0, "divided forest": 13}
    n_numbers = trees.get(kind)
    assert found.numbers == n_numbers or (n_numbers is None and found.numbers > 40)
    assert (found.nodes > 50) == (kind not in ("network", "MLPClassifier"))


@pytest.mark.parametrize(
    "params",
    [
        {"gamma": 2.0, "max_depth": 6, "tree_method": "exact"},
        {"max_leaves": 9, "grow_policy": "lossguide", "max_depth": 0},
        {"num_parallel_tree": 3, "subsample": 0.5},
        {"max_depth": 9, "min_child_weight": 0},
        *({"base_score": share} for share in (0.3, 1e-6, 0.99, 0.9999, 0.999999)),
        {"gamma": 1e9},
    ],
)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_trees_of_every_form_are_compared(n_classes, params):
    subject, spec = converted(booster(n_classes, missing=0.1, **params))
    found = compare_structure(spec, subject)
    assert (found.compared, found.difference) == (True, "")
    assert found.nodes == len(trees_of(spec).nodes)


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("activation", ["identity", "logistic", "relu", "tanh"])
def test_networks_of_every_form_are_compared(n_classes, activation):
    subject, spec = converted(mlp(n_classes, activation=activation, hidden_layer_sizes=(5, 4)))
    assert compare_structure(spec, subject).passed


@pytest.fixture(scope="module")
def wide():
    """Trees of more splits than are probed one by one."""
    X = np.random.default_rng(0).normal(size=(6_000, 3)).round(1).astype(np.float32)
    y = ((X * [1, 2, 3]).sum(axis=1) * 7 % 2 > 1).astype(int)
    params = {"max_depth": 10, "min_child_weight": 0, "nthread": 1, "objective": "binary:logistic"}
    subject, spec = converted(xgboost.train(params, xgboost.DMatrix(X, y), 12))
    assert len(branches(spec)) > 2_000
    return subject, spec


def test_a_split_that_no_row_probes_is_found(wide):
    """Of these trees one node of each distinct threshold is probed, and others are not."""
    subject, spec = wide
    runtime = CoreMLRuntime(spec)
    table = probes.value_table(runtime.watch_trees(), 3, None)
    rows = probes.threshold_rows(
        runtime.watch_trees(), table, np.random.default_rng(0), allows_missing=True
    )
    assert len(rows) < 5 * len(branches(spec)) / 2
    before = runtime.predict_proba(rows)
    unseen = 0
    for node in branches(spec)[:: len(branches(spec)) // 40]:
        value = node.branchFeatureValue
        node.branchFeatureValue = float(np.nextafter(np.float32(value), np.float32(np.inf)))
        unseen += np.array_equal(CoreMLRuntime(spec).predict_proba(rows), before)
        clause = compare_structure(spec, subject).difference
        assert f"[tree {node.treeId}, node {node.nodeId}].branchFeatureValue must be" in clause
        node.branchFeatureValue = value
    assert unseen > 0, "the limit that this test is about"
    assert compare_structure(spec, subject).passed


def test_a_wrong_split_fails_the_certificate_whatever_the_rows_say(wide):
    subject, spec = wide
    node = branches(spec)[-1]
    value = node.branchFeatureValue
    node.branchFeatureValue = value + 0.04
    certificate = certify(spec, subject, reference_sha256="")
    node.branchFeatureValue = value
    assert not certificate.structure.passed
    assert not certificate.passed
    with pytest.raises(ParityError, match=r"branchFeatureValue must be|error of"):
        certificate.require_passed("it")


def exchanged_children(node):
    node.trueChildNodeId, node.falseChildNodeId = node.falseChildNodeId, node.trueChildNodeId


def other_feature(node):
    node.branchFeatureIndex = (node.branchFeatureIndex + 1) % 4


def other_missing(node):
    node.missingValueTracksTrueChild = not node.missingValueTracksTrueChild


def other_threshold(node):
    node.branchFeatureValue = float(np.nextafter(np.float32(node.branchFeatureValue), 9))


def other_comparison(node):
    node.nodeBehavior = 1 - node.nodeBehavior  # "less or equal" is 0, "less" is 1


def a_circle(node):
    node.trueChildNodeId = 0


def nowhere(node):
    node.falseChildNodeId = 10_000


@pytest.mark.parametrize(
    "spoil",
    [
        exchanged_children,
        other_feature,
        other_missing,
        other_threshold,
        other_comparison,
        a_circle,
        nowhere,
    ],
)
@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("kind", ["booster", "forest"])
def test_every_wrong_node_is_found_and_named(kind, n_classes, spoil):
    few = {"learner_params": {"max_leaf_nodes": 8}}
    made = booster(n_classes, missing=0.1) if kind == "booster" else None
    subject, spec = converted(made or delivery("forest", n_classes, **few))
    for node in branches(spec):
        kept = type(node)()
        kept.CopyFrom(node)
        spoil(node)
        clause = compare_structure(spec, subject).difference
        assert f"nodes[tree {node.treeId}, node " in clause or "must have a node 10000" in clause
        node.CopyFrom(kept)
    for leaf in leaves(spec):
        value = leaf.evaluationInfo[0].evaluationValue
        leaf.evaluationInfo[0].evaluationValue = value + 1e-9
        clause = compare_structure(spec, subject).difference
        assert f"[tree {leaf.treeId}, node {leaf.nodeId}].evaluationInfo" in clause
        leaf.evaluationInfo[0].evaluationValue = value
    assert compare_structure(spec, subject).passed


def test_the_order_of_nodes_is_of_no_account():
    subject, spec = converted(booster(3))
    nodes = trees_of(spec).nodes
    kept = [type(node).FromString(node.SerializeToString()) for node in nodes]
    del nodes[:]
    nodes.extend(reversed(kept))
    assert compare_structure(spec, subject).passed


def test_a_field_that_coremltools_does_not_know_is_found():
    subject, spec = converted(booster(2))
    unknown = type(spec).FromString(spec.SerializeToString() + bytes([0xF8, 0x7F, 0x01]))
    assert "only fields that coremltools knows" in compare_structure(unknown, subject).difference


def test_a_converter_with_a_wrong_weight_leaves_no_file(tmp_path, monkeypatch):
    """So small that no probability is off by more than the tolerance."""
    model = delivery("mlp", 3)
    learner = type(registry.parse_model(model).learner)
    right = registry._CONVERTERS[learner]

    def convert(subject):
        spec = right.convert(subject)
        last = spec.pipelineClassifier.pipeline.models[-1].neuralNetworkClassifier
        values = last.layers[0].innerProduct.weights.floatValue
        values[5] = np.nextafter(np.float32(values[5]), np.float32(1))
        return spec

    wrong = registry.Converter(convert, right.tolerance, right.exact)
    monkeypatch.setitem(registry._CONVERTERS, learner, wrong)
    expected = r"part by part: .*layers\[0\]\.innerProduct\.weights\.floatValue\[5\] must be"
    with pytest.raises(ParityError, match=expected):
        export_coreml(model, tmp_path / "model.mlmodel")
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_known_is_said(monkeypatch):
    """A learner whose form is not written here is compared by its interface alone."""
    from novin_ml.coreml.structure import _forms

    subject, spec = converted(booster(3))
    monkeypatch.delitem(_forms._FORMS, type(subject.learner))
    found = compare_structure(spec, subject)
    assert (found.compared, found.passed, found.nodes) == (False, True, 0)
    spec.description.input[0].type.int64Type.SetInParent()
    clause = "description.input[0].type.Type must be doubleType. Got int64Type"
    assert compare_structure(spec, subject).difference == clause
