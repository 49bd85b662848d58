"""Small specifications, and tree ensembles evaluated one row and one node at a time."""

import math

import numpy as np

from novin_ml.coreml._coremltools import coremltools

LEAF = 6
BRANCHES = {
    "BranchOnValueLessThanEqual": lambda x, v: x <= v,
    "BranchOnValueLessThan": lambda x, v: x < v,
    "BranchOnValueGreaterThanEqual": lambda x, v: x >= v,
    "BranchOnValueGreaterThan": lambda x, v: x > v,
    "BranchOnValueEqual": lambda x, v: x == v,
    "BranchOnValueNotEqual": lambda x, v: x != v,
}


def datatypes():
    return coremltools().models.datatypes


def doubles(*names):
    return [(name, datatypes().Double()) for name in names]


def tree_classifier(features, labels, base, transform):
    builder = coremltools().models.tree_ensemble.TreeEnsembleClassifier(features, labels, "label")
    builder.set_default_prediction_value(base)
    builder.set_post_evaluation_transform(transform)
    return builder


def tree_regressor(features, base, transform="NoTransform"):
    builder = coremltools().models.tree_ensemble.TreeEnsembleRegressor(features, "value")
    builder.set_default_prediction_value(base)
    builder.set_post_evaluation_transform(transform)
    return builder


def network(layers, width, *, labels=None, outputs=("y",), **options):
    """A network with an input ``x``; ``layers`` adds to the builder."""
    types = datatypes()
    builder = coremltools().models.neural_network.NeuralNetworkBuilder(
        [("x", types.Array(width))],
        [(name, types.Array(len(labels) if labels else 1)) for name in outputs],
        mode=None if labels is None else "classifier",
        **options,
    )
    layers(builder)
    if labels is not None:
        builder.set_class_labels(list(labels), "label", prediction_blob=outputs[0])
    return builder.spec


def transform(kind, width, name_in="x", name_out="y"):
    """A specification of a feature transformer from one array to another."""
    ct = coremltools()
    spec = ct.proto.Model_pb2.Model(specificationVersion=1)
    array = datatypes().Array(width)
    ct.models._interface_management.set_transform_interface_params(
        spec, [(name_in, array)], [(name_out, array)]
    )
    getattr(spec, kind).SetInParent()
    return spec


def random_tree(builder, tree_id, rng, n_features, n_dimensions, n_splits, thresholds, shift=0):
    """Add a random tree with arbitrary node ids."""
    node_ids = iter((rng.permutation(2 * n_splits + 1) * 7 + shift).tolist())
    open_nodes = [next(node_ids)]
    modes = list(BRANCHES)
    for _ in range(n_splits):
        node = open_nodes.pop(rng.integers(len(open_nodes)))
        children = next(node_ids), next(node_ids)
        builder.add_branch_node(
            tree_id,
            node,
            int(rng.integers(n_features)),
            float(rng.choice(thresholds)),
            modes[rng.integers(len(modes))],
            *children,
            missing_value_tracks_true_child=bool(rng.integers(2)),
        )
        open_nodes.extend(children)
    for node in open_nodes:
        size = int(rng.integers(1, n_dimensions + 1))
        dimensions = rng.permutation(n_dimensions)[:size].tolist()
        builder.add_leaf_node(
            tree_id, node, dict(zip(dimensions, rng.normal(size=size).tolist(), strict=True))
        )


def scalar_sums(parameters, X):
    """Prediction of each row before the transform, in plain Python."""
    modes = {number: function for number, function in enumerate(BRANCHES.values())}
    trees = {}
    for node in parameters.nodes:
        trees.setdefault(node.treeId, {})[node.nodeId] = node
    sums = []
    for row in np.asarray(X, dtype=np.float32).tolist():
        total = list(parameters.basePredictionValue)
        for nodes in trees.values():
            children = {
                child
                for node in nodes.values()
                if node.nodeBehavior != LEAF
                for child in (node.trueChildNodeId, node.falseChildNodeId)
            }
            (root,) = set(nodes) - children
            node = nodes[root]
            while node.nodeBehavior != LEAF:
                x = row[node.branchFeatureIndex]
                if math.isnan(x):
                    goes_true = node.missingValueTracksTrueChild
                else:
                    goes_true = modes[node.nodeBehavior](x, node.branchFeatureValue)
                node = nodes[node.trueChildNodeId if goes_true else node.falseChildNodeId]
            for info in node.evaluationInfo:
                total[info.evaluationIndex] += info.evaluationValue
        sums.append(total)
    return np.array(sums)
