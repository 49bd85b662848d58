"""Rows of the certificate come to every leaf that a row can come to, however rare its path."""

import json

import numpy as np
import pytest
import xgboost

from novin_ml import BehaviorAnomalyDetector
from novin_ml.coreml import CoreMLRuntime, export_coreml, probes, verify_coreml
from novin_ml.coreml.certificate import certify
from novin_ml.estimators.record import MISSING_SHARE
from novin_ml.exceptions import CertificateError
from tests.coreml.forests import forest
from tests.coreml.models import booster, delivery
from tests.coreml.seals import sealed
from tests.coreml.test_certificate import (
    asked_before,
    branches,
    converted,
    leaves,
    passes,
    trees_of,
)

rng = np.random.default_rng(0)


def rare(n_rows=6_000, missing=0.0):
    """Fourteen columns of which one row in twenty has a yes, with labels that take them all."""
    X = (rng.random((n_rows, 14)) < 0.08).astype(np.float32)
    y = (X.sum(axis=1) + (X @ np.arange(14)) % 3 + rng.integers(0, 2, n_rows)).astype(int) % 2
    X[rng.random(X.shape) < missing] = np.nan
    return X, y


@pytest.fixture(scope="module", params=[0.0, 0.05])
def deep(request):
    """Subject and spec of trees that ask for rare columns one after the other."""
    X, y = rare(missing=request.param)
    params = {"max_depth": 14, "min_child_weight": 0, "lambda": 0, "nthread": 1, "eta": 0.5}
    params |= {"objective": "binary:logistic"}
    return converted(xgboost.train(params, xgboost.DMatrix(X, y), 2))


def test_the_trees_are_deep_and_their_paths_rare(deep):
    subject, spec = deep
    runtime = CoreMLRuntime(spec)
    forests = runtime.watch_trees()
    table = probes.value_table(forests, 14, None)
    runtime.predict_proba(probes.training_like_rows(table, 4_000, np.random.default_rng(0)))
    groups = [group for forest in forests for group in forest.groups]
    assert max(group.depths.max() for group in groups) >= 12
    assert sum(int(group.reached.sum()) for group in groups) < len(leaves(spec))
    assert passes(subject, spec)


def test_every_leaf_is_reached_or_counted(deep):
    subject, spec = deep
    runtime = CoreMLRuntime(spec)
    forests = runtime.watch_trees()
    table = probes.value_table(forests, 14, None)
    rows, n_unreachable = probes.leaf_rows(
        forests, table, np.random.default_rng(0), allows_missing=True
    )
    assert len(rows) == len(leaves(spec)) - n_unreachable
    runtime.predict_proba(rows)
    reached = sum(int(group.reached.sum()) for forest in forests for group in forest.groups)
    assert reached == len(rows)
    again, still = probes.leaf_rows(forests, table, np.random.default_rng(0), allows_missing=True)
    assert (len(again), still) == (0, n_unreachable)
    assert certify(spec, subject, reference_sha256="").unreachable_leaves == n_unreachable


def rarest(spec):
    """Leaves, of those that are asked for most often above first."""
    nodes = {(node.treeId, node.nodeId): node for node in trees_of(spec).nodes}
    parents = {
        (node.treeId, child): key
        for key, node in nodes.items()
        if not node.evaluationInfo
        for child in (node.trueChildNodeId, node.falseChildNodeId)
    }

    def depth(key):
        above = 0
        while (key := parents.get(key)) is not None:
            above += 1
        return above

    keys = [key for key, node in nodes.items() if node.evaluationInfo]
    return [nodes[key] for key in sorted(keys, key=depth, reverse=True)]


def test_a_wrong_leaf_is_found_wherever_it_is(deep):
    subject, spec = deep
    ordered = rarest(spec)
    for leaf in [*ordered[:8], *ordered[:: len(ordered) // 8]]:
        leaf.evaluationInfo[0].evaluationValue += 1.0
        found = not passes(subject, spec)
        leaf.evaluationInfo[0].evaluationValue -= 1.0
        assert found, (leaf.treeId, leaf.nodeId)


def test_a_wrong_split_is_found_wherever_it_is(deep):
    """Of a split whose two sides answer otherwise: children exchanged, another threshold."""
    subject, spec = deep
    nodes = {(node.treeId, node.nodeId): node for node in trees_of(spec).nodes}
    deepest = {(leaf.treeId, leaf.nodeId) for leaf in rarest(spec)[:40]}
    lowest = [
        node
        for node in branches(spec)
        if (node.treeId, node.trueChildNodeId) in deepest
        and nodes[node.treeId, node.falseChildNodeId].evaluationInfo
        and not asked_before(spec, node)  # of what is left then, all may go the same way
    ]
    assert lowest
    for node in lowest[:4]:
        threshold = node.branchFeatureValue
        for value in (threshold + 1, threshold - 1):
            node.branchFeatureValue = value
            assert not passes(subject, spec)
        node.branchFeatureValue = threshold
        node.trueChildNodeId, node.falseChildNodeId = node.falseChildNodeId, node.trueChildNodeId
        assert not passes(subject, spec)
        node.trueChildNodeId, node.falseChildNodeId = node.falseChildNodeId, node.trueChildNodeId
        node.missingValueTracksTrueChild = not node.missingValueTracksTrueChild
        assert not passes(subject, spec)
        node.missingValueTracksTrueChild = not node.missingValueTracksTrueChild


@pytest.mark.parametrize(
    "make", [forest, lambda: BehaviorAnomalyDetector(n_estimators=30).fit(rare(1_000)[0])]
)
def test_of_an_isolation_forest(make):
    subject, spec = converted(make())
    runtime = CoreMLRuntime(spec)
    forests = runtime.watch_trees()
    n_features = len(subject.specs)
    table = probes.value_table(forests, n_features, subject.feature_summary)
    table[MISSING_SHARE] = 0
    rows, n_unreachable = probes.leaf_rows(
        forests, table, np.random.default_rng(0), allows_missing=False
    )
    assert not np.isnan(rows).any()
    runtime.predict_outputs(rows)
    reached = sum(int(group.reached.sum()) for each in forests for group in each.groups)
    nodes = spec.pipeline.models[0].treeEnsembleRegressor.treeEnsemble.nodes
    n_leaves = sum(1 for node in nodes if node.evaluationInfo)
    assert reached == len(rows) == n_leaves - n_unreachable
    assert passes(subject, spec)
    for node in [node for node in nodes if node.evaluationInfo][:: n_leaves // 5]:
        node.evaluationInfo[0].evaluationValue += 0.01
        assert not passes(subject, spec)
        node.evaluationInfo[0].evaluationValue -= 0.01


def unreachable(spec):
    """Ask the deepest path for the same feature again, beyond what is left of it."""
    nodes = {(node.treeId, node.nodeId): node for node in trees_of(spec).nodes}
    for node in branches(spec):
        child = nodes[node.treeId, node.trueChildNodeId]
        if not child.evaluationInfo:
            child.branchFeatureIndex = node.branchFeatureIndex
            child.branchFeatureValue = node.branchFeatureValue
            child.missingValueTracksTrueChild = node.missingValueTracksTrueChild
            return nodes[child.treeId, child.falseChildNodeId]
    raise AssertionError


def test_leaves_that_no_row_can_come_to_are_counted():
    _, spec = converted(booster(3))
    below = unreachable(spec)
    forests = CoreMLRuntime(spec).watch_trees()
    table = probes.value_table(forests, 4, None)
    _, n_unreachable = probes.leaf_rows(
        forests, table, np.random.default_rng(0), allows_missing=True
    )
    nodes = {(node.treeId, node.nodeId): node for node in trees_of(spec).nodes}

    def n_leaves(node):
        if node.evaluationInfo:
            return 1
        both = (node.trueChildNodeId, node.falseChildNodeId)
        return sum(n_leaves(nodes[node.treeId, child]) for child in both)

    assert n_unreachable == n_leaves(below) > 0


def test_a_leaf_that_only_missing_values_come_to():
    """`x < t`, missing to the right; then `x < t` again, which only a missing value passes."""
    _, spec = converted(booster(2))
    ensemble = trees_of(spec)
    del ensemble.nodes[:]
    for number, (value, left, right) in enumerate([(0.0, 1, 2), (0, 0, 0), (0.0, 3, 4)]):
        node = ensemble.nodes.add(treeId=0, nodeId=number)
        if right:
            node.nodeBehavior = 1
            node.branchFeatureValue = value
            node.trueChildNodeId, node.falseChildNodeId = left, right
            node.missingValueTracksTrueChild = number == 2
    for number in (1, 3, 4):
        node = ensemble.nodes.add(treeId=0, nodeId=number) if number > 2 else ensemble.nodes[1]
        node.nodeBehavior = 6
        node.evaluationInfo.add(evaluationIndex=0, evaluationValue=number)
    for allows_missing, expected in ((True, (3, 0)), (False, (2, 1))):
        runtime = CoreMLRuntime(spec)
        forests = runtime.watch_trees()
        table = probes.value_table(forests, 4, None)
        table[MISSING_SHARE] = 0
        rows, n_unreachable = probes.leaf_rows(
            forests, table, np.random.default_rng(0), allows_missing=allows_missing
        )
        assert (len(rows), n_unreachable) == expected
        runtime.predict_proba(rows)
        assert sum(int(g.reached.sum()) for f in forests for g in f.groups) == expected[0]


def test_the_certificate_says_how_many(tmp_path):
    export = export_coreml(delivery(), tmp_path / "model.mlmodel")
    written = json.loads(export.certificate_file.read_text())
    assert written["unreachable_leaves"] == export.certificate.unreachable_leaves == 0
    # Of an earlier protocol it may be absent: see test_protocols.
    sealed(export.model, spoil_certificate=lambda document: document.pop("unreachable_leaves"))
    with pytest.raises(CertificateError, match=r"unreachable_leaves must be 0\. Got no such entry"):
        verify_coreml(export.model)


def test_of_many_splits_one_of_each_threshold_is_probed(monkeypatch):
    _, spec = converted(booster(3, rounds=3, max_depth=5, min_child_weight=0))
    forests = CoreMLRuntime(spec).watch_trees()
    table = probes.value_table(forests, 4, None)

    def count():
        generator = np.random.default_rng(0)
        return len(probes.threshold_rows(forests, table, generator, allows_missing=True))

    assert count() == 5 * len(branches(spec))
    monkeypatch.setattr(probes, "_ALL_NODES", 0)
    pairs = {
        (number, node.branchFeatureIndex, np.float32(node.branchFeatureValue))
        for node in branches(spec)
        for number in [node.treeId % 3]
    }
    assert count() == 5 * len(pairs)
