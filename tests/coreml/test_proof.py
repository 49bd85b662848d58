"""The proof: each single node that is changed is found and named, and the bound holds."""

import os
from dataclasses import replace

import numpy as np
import pytest
import xgboost
from sklearn import ensemble, tree

from novin_ml.coreml import export_coreml, proof
from novin_ml.coreml.certificate import certify
from novin_ml.coreml.converters import converter_for, parse_model
from novin_ml.coreml.converters.ensembles import ensemble as writing
from novin_ml.coreml.runtime import CoreMLRuntime
from novin_ml.coreml.structure import compare_structure, ensembles_of
from novin_ml.exceptions import ParityError
from tests.coreml.given import MISSING, POSITIVE, X, labels
from tests.coreml.models import codes

#: Of 1,000 changes that the long profile makes, others make so many.
N_CHANGES = 1_000 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 150
MODELS = {
    "forest": lambda: ensemble.RandomForestClassifier(10, random_state=0).fit(X, labels(4)),
    "missing values": lambda: tree.DecisionTreeClassifier(random_state=0).fit(
        MISSING, codes(MISSING, 3)
    ),
    "values": lambda: ensemble.ExtraTreesRegressor(5, random_state=0).fit(X, POSITIVE),
    "boosting": lambda: ensemble.GradientBoostingClassifier(n_estimators=6).fit(X, labels(3)),
    "hist": lambda: ensemble.HistGradientBoostingRegressor(max_iter=8, loss="poisson").fit(
        MISSING, codes(MISSING, 5)
    ),
    "adaboost": lambda: ensemble.AdaBoostClassifier(
        tree.DecisionTreeClassifier(max_depth=3), n_estimators=8, random_state=0
    ).fit(X, labels(3)),
    "bagging": lambda: ensemble.BaggingClassifier(n_estimators=5, max_features=2).fit(X, labels(2)),
    "xgboost": lambda: xgboost.XGBRegressor(
        n_estimators=8, n_jobs=1, objective="count:poisson"
    ).fit(MISSING, codes(MISSING, 5)),
    "vector leaves": lambda: xgboost.XGBClassifier(
        n_estimators=5, n_jobs=1, multi_strategy="multi_output_tree", tree_method="hist"
    ).fit(MISSING, codes(MISSING, 3)),
    "xgboost's classes": lambda: xgboost.XGBClassifier(n_estimators=5, n_jobs=1).fit(
        MISSING, codes(MISSING, 3)
    ),
}


@pytest.fixture(scope="module", params=MODELS)
def converted(request):
    """The subject of each model, and its spec."""
    subject = parse_model(MODELS[request.param]())
    return subject, converter_for(subject.learner).convert(subject)


def threshold(node, rng):
    away = rng.choice([-np.inf, np.inf])
    node.branchFeatureValue = float(np.nextafter(np.float32(node.branchFeatureValue), away))


def feature(node, rng):
    node.branchFeatureIndex = (node.branchFeatureIndex + rng.integers(1, 4)) % 4


def missing(node, rng):
    node.missingValueTracksTrueChild = not node.missingValueTracksTrueChild


def exchanged(node, rng):
    yes, no = node.trueChildNodeId, node.falseChildNodeId
    node.trueChildNodeId, node.falseChildNodeId = no, yes


def behavior(node, rng):
    node.nodeBehavior = (node.nodeBehavior + 1) % 2


def child(node, rng):
    node.falseChildNodeId = node.trueChildNodeId


def leaf_value(node, rng):
    entry = node.evaluationInfo[rng.integers(len(node.evaluationInfo))]
    value = entry.evaluationValue
    entry.evaluationValue = float(np.nextafter(np.float32(value * 1.000001 + 1e-12), np.inf))


def leaf_output(node, rng):
    node.evaluationInfo[0].evaluationIndex += 1


def leaf_twice(node, rng):
    node.evaluationInfo.add().CopyFrom(node.evaluationInfo[0])


def below(node, by_id):
    """Return what a node and all nodes below it say."""
    if node.nodeBehavior == 6:
        return [(e.evaluationIndex, np.float32(e.evaluationValue)) for e in node.evaluationInfo]
    own = (node.nodeBehavior, node.branchFeatureIndex, node.branchFeatureValue)
    ways = (node.trueChildNodeId, node.falseChildNodeId)
    parts = [below(by_id[node.treeId, way], by_id) for way in ways]
    return [*own, node.missingValueTracksTrueChild, *parts]


def are_twins(node, by_id):
    """Whether both ways of a split say the same."""
    yes, no = (by_id[node.treeId, i] for i in (node.trueChildNodeId, node.falseChildNodeId))
    return below(yes, by_id) == below(no, by_id)


OF_SPLITS = (threshold, feature, missing, exchanged, behavior, child)
OF_LEAVES = (leaf_value, leaf_output, leaf_twice)


def test_every_change_of_a_single_node_is_found(converted):
    """1,000 of 1,000 in the long profile, of each model."""
    subject, spec = converted
    assert compare_structure(spec, subject).passed
    rng = np.random.default_rng(0)
    nodes = next(ensembles_of(spec)).nodes
    by_id = {(node.treeId, node.nodeId): node for node in nodes}
    unfound, made = [], 0
    while made < N_CHANGES:
        place = int(rng.integers(len(nodes)))
        node = nodes[place]
        kept = type(node).FromString(node.SerializeToString())
        changes = OF_LEAVES if node.nodeBehavior == 6 else OF_SPLITS
        change = changes[rng.integers(len(changes))]
        if change is exchanged and are_twins(node, by_id):
            continue  # the same model
        made += 1
        change(node, rng)
        clause = compare_structure(spec, subject).difference
        if "[tree " not in clause and "childNodeId" not in clause:
            unfound.append((place, change.__name__, clause))
        node.CopyFrom(kept)
    assert unfound == []
    assert compare_structure(spec, subject).passed


def test_a_model_with_another_node_has_no_proof(converted):
    subject, spec = converted
    changed = type(spec)()
    changed.CopyFrom(spec)
    node = next(n for n in next(ensembles_of(changed)).nodes if n.nodeBehavior != 6)
    threshold(node, np.random.default_rng(0))
    certificate = certify(changed, subject, reference_sha256="none")
    assert certificate.proof is None
    with pytest.raises(ParityError, match=r"nodes\[tree 0, node \d+\]\.branchFeatureValue"):
        certificate.require_passed("model.mlmodel")


def test_a_converter_that_is_wrong_writes_nothing(monkeypatch, tmp_path):
    """A node that no row finds wrong is found by the proof, which refuses the export."""
    model = ensemble.RandomForestClassifier(3, random_state=0).fit(X, labels(2))
    right = writing._MAKERS["sklearn.forest"]

    def wrong(dump):
        threshold = right(dump).threshold.copy()
        threshold[0] = np.nextafter(np.float32(threshold[0]), np.float32(np.inf))
        return replace(right(dump), threshold=threshold)

    monkeypatch.setitem(writing._MAKERS, "sklearn.forest", wrong)
    with pytest.raises(ParityError, match=r"nodes\[tree 0, node 0\]\.branchFeatureValue must be"):
        export_coreml(model, tmp_path / "model.mlmodel")
    assert not list(tmp_path.iterdir())


def float32_sum(leaves, base, order):
    """Add leaves in float32, in an order of one's own."""
    total = np.float32(0)
    terms = np.append(leaves, base).astype(np.float32)
    for term in terms[order]:
        total = np.float32(total + term)
    return total


@pytest.mark.parametrize("seed", range(5))
def test_the_bound_holds_for_every_order_of_addition(seed):
    rng = np.random.default_rng(seed)
    y = rng.normal(size=300) * 10.0 ** rng.integers(-3, 6)
    model = ensemble.GradientBoostingRegressor(n_estimators=60, random_state=seed).fit(X, y)
    reading = parse_model(model).learner.reading
    bound = proof.sum_bound(reading, reading.trees.base)
    leaves = np.array([grown[0].apply(X[:1])[0] for grown in model.estimators_])
    values = np.array(
        [
            0.1 * grown[0].tree_.value[leaf, 0, 0]
            for grown, leaf in zip(model.estimators_, leaves, strict=True)
        ]
    )
    exact = model.predict(X[:1])[0]
    found = [
        abs(float(float32_sum(values, reading.trees.base[0], rng.permutation(61))) - exact)
        for _ in range(200)
    ]
    assert 0 < max(found) <= bound


def test_the_bound_is_rounded_up_to_two_digits():
    for bound in (1e-9, 3.14159e-6, 2.0, 123.456, 9.99e-5):
        shown = proof._rounded_up(bound)
        assert bound <= shown <= bound * 1.1
        assert float(f"{shown:.1e}") == shown
    assert proof._rounded_up(0.0) == 0.0


def test_networks_have_no_proof(tmp_path):
    from tests.coreml.models import mlp

    export = export_coreml(mlp(2), tmp_path / "model.mlmodel")
    assert export.certificate.proof is None
    assert export.certificate.statement.startswith("largest error on")
    assert CoreMLRuntime(export.model).classes is not None


def test_a_bound_that_says_nothing_is_not_called_equality(tmp_path):
    few = np.random.default_rng(0).normal(size=(60, 3))
    model = ensemble.RandomForestClassifier(3, random_state=0).fit(few, few[:, 0] > 0)
    certificate = export_coreml(model, tmp_path / "m.mlmodel").certificate
    assert certificate.statement.startswith("equal for every input within")
    loose = replace(certificate, proof=replace(certificate.proof, bound=1.0))
    assert loose.statement.endswith("the bound for every input is 1.0e+00 and says nothing")
