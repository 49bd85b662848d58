"""A written package builds, passes its tests, answers as Python does, and notices what is wrong."""

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from novin_ml.coreml import CoreMLRuntime, export_coreml, probes
from novin_ml.coreml._coremltools import coremltools
from novin_ml.coreml.converters import converter_for
from novin_ml.coreml.runtime.source import read_spec
from novin_ml.coreml.subject import Subject
from novin_ml.coreml.swift import write_swift_package
from novin_ml.estimators import (
    EventChainClassifier,
    HomeMonitor,
    MarkovSmoothing,
    make_behavior_pipeline,
    make_motion_pipeline,
)
from novin_ml.estimators._pipeline import feature_pipeline
from novin_ml.estimators.decisions import Abstention
from novin_ml.estimators.families import FAMILIES
from novin_ml.estimators.record import MISSING_SHARE
from novin_ml.events import (
    ChannelSignals,
    chains_from_events,
    events_from_json,
    sensor_names,
)
from novin_ml.features import ChainFeatures
from novin_ml.simulation import simulate_behavior
from tests.coreml.swift.conftest import NO_SWIFT, swift

RELEASE = Path(__file__).parents[2] / "fixtures" / "v0_1"
#: Of each family one model, and of each learner one.
CLASSIFIERS = {
    "delivery_boosting": ("delivery", "boosting"),
    "delivery_blend": ("delivery", "blend"),
    "delivery_forest": ("delivery", "forest"),
    "motion_mlp": ("motion", "mlp"),
    "chain_forest": ("chains", "forest"),
    "chain_model": ("chains", "boosting"),
}


def fitted(family, algorithm, n=1_200):
    family = FAMILIES[family]
    rows, _ = family.rows.to_train(family.simulate(n, random_state=0))
    model = family.make_pipeline(algorithm=algorithm, epochs=6, random_state=0)
    return model.fit(rows, rows["label"], classifier__groups=rows["home_id"])


def export_all(folder):
    """Export the classifiers, and return them by name with the pipeline of a detector."""
    models = {}
    for name, (family, algorithm) in CLASSIFIERS.items():
        model = fitted(family, algorithm)
        if name == "delivery_boosting":
            model[-1].set_thresholds({"delivery": 0.4})
            model[-1].set_abstention(Abstention(0.1, np.float32(0.3), np.float32(0.7), 100))
        if name == "chain_model":
            model[-1].set_thresholds({"forced_entry": 0.3, "active_break_in": 0.2})
        if name == "chain_forest":
            model[-1].set_decision_prior_weight(0.5)
        models[name] = export_coreml(model, folder / f"{name}.mlmodel").model
    log = simulate_behavior(weeks=5, usual_weeks=5, random_state=0).assign(consent=True)
    models["home"] = make_behavior_pipeline(n_estimators=20, random_state=0).fit(log)
    export_coreml(models["home"], folder / "home.mlmodel")
    network = make_behavior_pipeline(algorithm="autoencoder", random_state=0).fit(log)
    models["home_network"] = network
    export_coreml(network, folder / "home_network.mlmodel", updatable=True)
    motion = fitted("motion", "mlp")
    models["trainable"] = export_coreml(motion, folder / "trainable.mlmodel", updatable=True).model
    models["rooms"] = export_coreml(of_sensors(), folder / "rooms.mlmodel").model
    log = simulate_behavior(weeks=4, ends=True, random_state=1).assign(consent=True)
    models["house"] = HomeMonitor(n_estimators=20, random_state=0).fit(log)
    models["watch"] = export_coreml(of_channels(), folder / "watch.mlmodel").model
    return models


def of_sensors():
    """Return a model of chains with columns of sensors, zones and memory, and a smoothing."""
    rng = np.random.default_rng(0)
    events = [
        {
            "type": str(rng.choice(["motion", "door"])),
            "timestamp": float(time),
            "consent": True,
            "metadata": {
                "location": str(rng.choice(["kitchen", "B\u00e4d", "k\u00fcche"])),
                "state": str(rng.choice(["on", "off"])),
            },
        }
        for time in 1.7e9 + np.cumsum(rng.choice([5.0, 20.0, 90.0, 3000.0], 600))
    ]
    log = events_from_json(json.dumps(events), strict=True)
    chains = chains_from_events(log)
    features = ChainFeatures(sensors=sensor_names(log), zones=("kitchen",), memory=600.0)
    on = features.fit_transform(chains)[:, -4:].max(axis=1)
    y = np.where(on > 0.9, "cook", np.where(chains.lengths > 1, "wash", "rest"))
    model = feature_pipeline(features, classifier=EventChainClassifier(epochs=6, random_state=0))
    model.fit(chains, y)
    smoothing = MarkovSmoothing(0.5).fit(y, chains["home_id"], chains["start"])
    model[-1].set_smoothing(smoothing)
    return model


def of_channels():
    """Return a model of a watch's signals."""
    rng = np.random.default_rng(0)
    labels = np.tile(["rest", "walk"], 30)
    X = 9.81 + rng.normal(size=(60, 4, 40)) * np.where(labels == "walk", 4, 1)[:, None, None]
    signals = ChannelSignals.from_arrays(X, ["acc_x", "acc_y", "acc_z", "light"])
    return make_motion_pipeline(signals.channels, epochs=4, random_state=0).fit(signals, labels)


@dataclass(frozen=True)
class Built:
    """A package with its tests built, and the models that it was made of."""

    package: Path
    models: Path

    @property
    def products(self):
        return self.package / ".build" / "debug"

    def run_predict(self, model, lines):
        return subprocess.run(
            [self.products / "novin-tool", "predict", model, "0"],
            input="".join(f"{line}\n" for line in lines),
            capture_output=True,
            text=True,
            timeout=300,
        )

    def predict(self, name, lines):
        done = self.run_predict(name, lines)
        assert done.returncode == 0, done.stderr
        return [answer for line in done.stdout.splitlines() for answer in json.loads(line)]

    def run_tests(self, folder, name, change=None):
        """Run a test in a copy of what was built, with the golden values of a model changed."""
        for product in self.products.glob("NovinModels*"):
            if product.suffix == ".resources":
                shutil.copytree(product, folder / product.name)
            elif product.suffix == ".xctest":
                shutil.copy(product, folder / product.name)
        if change is not None:
            (file,) = folder.glob("*.resources/Golden/chain_model.json")
            golden = json.loads(file.read_text())
            change(golden)
            file.write_text(json.dumps(golden))
        done = subprocess.run(
            [next(folder.glob("*.xctest")), f"NovinModelsTests.GoldenTests/{name}"],
            capture_output=True,
            text=True,
            timeout=300,
        )
        return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="session")
def built(tmp_path_factory, worker_id):
    """One package for all workers of a test run."""
    if shutil.which("swift") is None:
        pytest.skip(NO_SWIFT)
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "ios"
    package, models, done = folder / "NovinModels", folder / "models", folder / "built"
    with FileLock(f"{folder}.lock"):
        if not done.exists():
            models.mkdir(parents=True)
            write_swift_package(export_all(models), package, with_history=True)
            answer = swift(package, "build", "--build-tests")
            assert answer.returncode == 0, answer.stdout[-5000:] + answer.stderr[-5000:]
            assert "warning:" not in answer.stdout + answer.stderr, answer.stdout
            done.touch()
    return Built(package, models)


def test_the_package_passes_its_own_tests(built):
    answer = swift(built.package, "test", "--skip-build")
    said = answer.stdout + answer.stderr
    assert answer.returncode == 0, said[-5000:]
    executed = re.search(r"Executed (\d+) tests, with 0 failures", said)
    assert executed, said
    assert int(executed[1]) >= 3
    golden = json.loads((built.package / "Tests/NovinModelsTests/Golden/watch.json").read_text())
    assert len(golden["signals"]) > 30
    golden = json.loads((built.package / "Tests/NovinModelsTests/Golden/house.json").read_text())
    rows = [row for home in golden["monitored"] for step in home["steps"] for row in step["rows"]]
    assert {row["kind"] for row in rows if row["is_alarm"]} >= {"silence", "still on"}


def first(cases, key):
    return next(answer for case in cases for answer in case["answers"] if key in answer)


def change_a_feature(golden):
    answer = first(golden["requests"], "features")
    answer["features"][0] += 1  # one ulp


def change_a_number(golden):
    first(golden["rows"], "numbers")["numbers"][0] += 0.01


def change_a_decision(golden):
    row = golden["decisions"][0]["rows"][0]
    row["known"] = not row["known"]


def change_a_reason(golden):
    answers = [a for case in golden["rows"] for a in case["answers"] if a["reasons"]]
    answers[0]["reasons"][0]["feature"] = "nothing"


@pytest.mark.parametrize(
    ("change", "test"),
    [
        (change_a_feature, "testRequests"),
        (change_a_number, "testRows"),
        (change_a_reason, "testRows"),
        (change_a_decision, "testDecisions"),
    ],
)
def test_a_broken_golden_value_fails(built, tmp_path, change, test):
    code, said = built.run_tests(tmp_path, test, change)
    assert code != 0
    assert f"GoldenTests.{test} : XCTAssertEqual failed" in said
    assert "chain_model" in said


def test_what_was_built_passes_where_it_is_copied(built, tmp_path):
    code, said = built.run_tests(tmp_path, "testDecisions")
    assert code == 0, said
    assert "Executed 1 test" in said


def rows_of_certificates(path, n=150):
    """Rows as a certificate has them, some of each kind."""
    runtime = CoreMLRuntime(path)
    subject = Subject.load(path.with_suffix(".reference"))
    rng = np.random.default_rng(1)
    n_features = len(subject.specs)
    forests = list(probes.tree_ensembles(runtime.spec, n_features))
    table = probes.value_table(forests, n_features, subject.feature_summary)
    missing, special = subject.allows_missing, converter_for(subject.learner).compares_only
    if not missing:
        table[MISSING_SHARE] = 0
    thresholds = probes.threshold_rows(forests, table, rng, allows_missing=missing)
    return subject, np.concatenate(
        [
            probes.training_like_rows(table, n, rng),
            probes.random_rows(table, n, rng, special=special),
            probes.missing_rows(table, n, rng)[: n * missing],
            rng.permutation(thresholds)[:n],
        ]
    )


@pytest.mark.parametrize("name", [*CLASSIFIERS, "home", "home_network", "watch", "trainable"])
def test_rows_have_the_answers_of_python(built, name):
    subject, X = rows_of_certificates(built.models / f"{name}.mlmodel")
    tolerance = converter_for(subject.learner).tolerance
    bits = X.view(np.uint32).tolist()
    answers = built.predict(name, [json.dumps([row]) for row in bits])
    expected = subject.answer(X)
    got = np.array([answer["numbers"] for answer in answers])
    assert np.abs(got - expected).max() <= tolerance
    tie = subject.answers.ties(expected, tolerance)
    chosen = np.array([answer.get("label", answer.get("is_alarm")) for answer in answers])
    assert (chosen == subject.answers.choice(expected))[~tie].all()
    assert tie.mean() < 0.1


def test_an_updatable_baseline_answers_by_arrays(built):
    path = built.models / "home_network.mlmodel"
    subject, X = rows_of_certificates(path, 20)
    assert subject.update is not None
    answers = built.predict(path, [json.dumps([row]) for row in X.view(np.uint32).tolist()])
    got = np.array([answer["numbers"] for answer in answers])
    assert np.abs(got - subject.answer(X)).max() <= converter_for(subject.learner).tolerance


def test_a_baseline_of_release_0_1_is_read(built):
    # Its metadata call the family "anomaly".
    path = RELEASE / "behavior" / "anomaly.mlmodel"
    assert CoreMLRuntime(path).metadata["user_defined"]["novin_ml.family"] == "anomaly"
    subject, X = rows_of_certificates(path, 20)
    answers = built.predict(path, [json.dumps([row]) for row in X.view(np.uint32).tolist()])
    got = np.array([answer["numbers"] for answer in answers])
    assert np.abs(got - subject.answer(X)).max() <= converter_for(subject.learner).tolerance


@pytest.mark.parametrize(
    ("name", "own"), [("delivery_forest", 1), ("motion_mlp", 1), ("chain_model", 1), ("home", 1)]
)
def test_a_model_of_another_feature_set_is_refused(built, tmp_path, name, own):
    content = (built.models / f"{name}.mlmodel").read_bytes()
    spec = read_spec(content)
    row = json.dumps([[0] * len(CoreMLRuntime(content).input_names)])
    file = tmp_path / "other.mlmodel"
    for told in (own, own + 1):
        spec.description.metadata.userDefined["novin_ml.feature_set"] = str(told)
        file.write_bytes(spec.SerializeToString())
        done = built.run_predict(file, [row])
        assert done.returncode == (0 if told == own else 2), done.stderr
    assert f"the feature set {own}" in done.stderr
    assert f"the set {told}" in done.stderr


@pytest.mark.parametrize("name", ["delivery_blend", "home"])
def test_a_damaged_model_is_refused_or_answers(built, tmp_path, name):
    # Whatever stands in the file, nothing is read beyond its end.
    rng = np.random.default_rng(0)
    content = (built.models / f"{name}.mlmodel").read_bytes()
    row = json.dumps([[0] * len(CoreMLRuntime(content).input_names)])
    refused = 0
    for _ in range(60):
        damaged = bytearray(content)
        # The descriptions are at the beginning, and are more easily broken.
        for place in rng.integers(0, rng.choice([3_000, len(content)]), rng.integers(1, 6)):
            damaged[place] = rng.choice([0, 255, rng.integers(256)])
        file = tmp_path / "damaged.mlmodel"
        file.write_bytes(
            damaged[: rng.integers(1, len(content))] if rng.random() < 0.2 else damaged
        )
        done = built.run_predict(file, [row])
        assert done.returncode in (0, 2), done.stderr
        assert done.returncode == 0 or re.match(r"Error: .+\. Got .+\.", done.stderr), done.stderr
        refused += done.returncode == 2
    assert refused > 10


def glm():
    spec = coremltools().proto.Model_pb2.Model()
    spec.glmClassifier.SetInParent()
    return spec


def other_branches(content):
    spec = read_spec(content)
    for node in spec.treeEnsembleClassifier.treeEnsemble.nodes:
        if node.nodeBehavior == node.BranchOnValueLessThan:
            node.nodeBehavior = node.BranchOnValueEqual
    return spec


def zero_reference(content):
    spec = read_spec(content)
    spec.treeEnsembleClassifier.postEvaluationTransform = 3
    return spec


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda content: glm(), "a glmClassifier"),
        (other_branches, "a branch of behavior 4"),
        (zero_reference, "a tree ensemble of transform 3"),
    ],
)
def test_what_is_not_exported_is_refused_by_name(built, tmp_path, make, what):
    content = (built.models / "delivery_boosting.mlmodel").read_bytes()
    file = tmp_path / "other.mlmodel"
    file.write_bytes(make(content).SerializeToString())
    done = built.run_predict(file, [])
    assert done.returncode == 2
    assert f"Got {what}. Evaluate this model with Core ML itself." in done.stderr


def test_the_example_of_the_readme_compiles(built, tmp_path):
    readme = (built.package / "README.md").read_text()
    (example,) = re.findall(r"```swift\n(.*?)```", readme, re.DOTALL)
    imports, _, body = example.rpartition("import NovinModels\n")
    assert "DeliveryPredictor.deliveryBoosting()" in body
    assert "BehaviorPredictor.home()" in body
    assert "MonitorPredictor.house()" in body
    code = (
        f"{imports}import NovinModels\nfunc example(request: Data) throws {{\n{body}\n_ = kept }}\n"
    )
    file = tmp_path / "example.swift"
    file.write_text(code)
    modules = str(built.products / "Modules")
    done = subprocess.run(
        ["swiftc", "-typecheck", "-warnings-as-errors", "-I", modules, file],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr


def test_the_code_for_core_ml_compiles(built, tmp_path):
    # Against a stub of Core ML, which exists on Apple's systems only.
    def compile_swift(*arguments):
        options = ["-swift-version", "5", "-warnings-as-errors", "-I", str(tmp_path)]
        modules = built.products / "Modules"
        done = subprocess.run(
            ["swiftc", *options, "-I", str(modules), *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr

    def sources(folder, target):
        accessor = built.products.glob(f"{target}.build/DerivedSources/*.swift")
        return [*sorted((built.package / folder / target).glob("*.swift")), *accessor]

    def module(name, *files):
        emit = ["-emit-module", "-enable-testing", "-module-name", name]
        compile_swift(*emit, "-o", tmp_path / f"{name}.swiftmodule", *files)

    for name in ("CoreML", "CryptoKit", "UIKit"):
        module(name, Path(__file__).with_name(f"{name}.swift"))
    for name in ("NovinModels", "NovinStore"):
        module(name, *sources("Sources", name))
        compile_swift("-typecheck", *sources("Tests", f"{name}Tests"))


def test_features_of_one_event_take_less_than_a_millisecond(novin_tool):
    times = {line["name"]: line for line in novin_tool("benchmark", [], "--json")}
    assert set(times) >= {"reading", "delivery", "motion", "chains", "behavior"}
    for name, line in times.items():
        assert line["median"] < 1_000, name
