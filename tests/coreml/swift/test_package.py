"""A written package builds, passes its tests, answers as Python does, and notices what is wrong."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from novin_ml.coreml import CoreMLRuntime, export_coreml, probes
from novin_ml.coreml.registry import converter_for
from novin_ml.coreml.subject import Subject
from novin_ml.coreml.swift import write_swift_package
from novin_ml.estimators import make_behavior_pipeline
from novin_ml.estimators._decisions import Abstention
from novin_ml.estimators.families import FAMILIES
from novin_ml.events.synthetic import simulate_behavior

needs_swift = pytest.mark.skipif(
    shutil.which("swift") is None, reason="swift is not on the PATH: its packages were not built"
)

#: Of each family one model, and of each learner one.
CLASSIFIERS = {
    "delivery_boosting": ("delivery", "boosting"),
    "delivery_blend": ("delivery", "blend"),
    "motion_mlp": ("motion", "mlp"),
    "chain_model": ("chains", "boosting"),
}


def fitted(family, algorithm, n=1_200):
    family = FAMILIES[family]
    rows, _ = family.rows.to_train(family.simulate(n, random_state=0))
    model = family.make_pipeline(algorithm=algorithm, epochs=6, random_state=0)
    return model.fit(rows, rows["label"], classifier__groups=rows["home_id"])


@pytest.fixture(scope="session")
def exported(tmp_path_factory):
    """Paths of exported classifiers by name, and the pipeline of a detector."""
    folder = tmp_path_factory.mktemp("models")
    models = {}
    for name, (family, algorithm) in CLASSIFIERS.items():
        model = fitted(family, algorithm)
        if name == "delivery_boosting":
            model[-1].set_thresholds({"delivery": 0.4})
            model[-1].set_abstention(Abstention(0.1, np.float32(0.3), np.float32(0.7), 100))
        if name == "chain_model":
            model[-1].set_thresholds({"forced_entry": 0.3, "active_break_in": 0.2})
        models[name] = export_coreml(model, folder / f"{name}.mlmodel").model
    log = simulate_behavior(weeks=5, usual_weeks=5, random_state=0).assign(consent=True)
    models["home"] = make_behavior_pipeline(n_estimators=20, random_state=0).fit(log)
    return models


@pytest.fixture(scope="session")
def package(exported, tmp_path_factory):
    """The folder of a package of all of them."""
    return write_swift_package(exported, tmp_path_factory.mktemp("swift") / "NovinModels").folder


def swift(package, *arguments):
    done = subprocess.run(
        ["swift", *arguments], cwd=package, capture_output=True, text=True, timeout=900
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="session")
def built(package):
    """The package with its tests built, and what the compiler said."""
    code, said = swift(package, "build", "--build-tests")
    assert code == 0, said
    assert "warning:" not in said, said
    return package


def tool(package, name, lines):
    done = subprocess.run(
        [package / ".build" / "debug" / "novin-tool", "predict", name],
        input="".join(f"{line}\n" for line in lines),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return [answer for line in done.stdout.splitlines() for answer in json.loads(line)]


@needs_swift
def test_the_package_passes_its_own_tests(built):
    code, said = swift(built, "test", "--skip-build")
    assert code == 0, said
    executed = re.search(r"Executed (\d+) tests, with 0 failures", said)
    assert executed, said
    assert int(executed[1]) >= 3


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


@needs_swift
@pytest.mark.parametrize(
    ("change", "test"),
    [
        (change_a_feature, "testRequests"),
        (change_a_number, "testRows"),
        (change_a_reason, "testRows"),
        (change_a_decision, "testDecisions"),
    ],
)
def test_a_broken_golden_value_fails(built, change, test):
    # The copy that the built tests read.
    (file,) = built.glob(".build/debug/*.resources/Golden/chain_model.json")
    right = file.read_text()
    golden = json.loads(right)
    change(golden)
    file.write_text(json.dumps(golden))
    try:
        code, said = swift(built, "test", "--skip-build", "--filter", test)
    finally:
        file.write_text(right)
    assert code != 0
    assert f"GoldenTests.{test}" in said
    assert "error:" in said
    assert "chain_model" in said


def rows_of_certificates(path, n=150):
    """Rows as a certificate has them, some of each kind."""
    runtime = CoreMLRuntime(path)
    subject = Subject.load(path.with_suffix(".reference"))
    rng = np.random.default_rng(1)
    n_features = len(subject.specs)
    forests = list(probes.tree_ensembles(runtime.spec, n_features))
    table = probes.value_table(forests, n_features, subject.feature_summary)
    special = converter_for(subject.learner).compares_only
    thresholds = probes.threshold_rows(forests, table, rng, allows_missing=True)
    return subject, np.concatenate(
        [
            probes.training_like_rows(table, n, rng),
            probes.random_rows(table, n, rng, special=special),
            probes.missing_rows(table, n, rng),
            rng.permutation(thresholds)[:n],
        ]
    )


@needs_swift
@pytest.mark.parametrize("name", CLASSIFIERS)
def test_rows_have_the_answers_of_python(built, exported, name):
    subject, X = rows_of_certificates(exported[name])
    tolerance = converter_for(subject.learner).tolerance
    bits = X.view(np.uint32).tolist()
    answers = tool(built, name, [json.dumps([row]) for row in bits])
    expected = subject.answer(X)
    got = np.array([answer["numbers"] for answer in answers])
    assert np.abs(got - expected).max() <= tolerance
    tie = subject.answers.ties(expected, tolerance)
    labels = np.array([answer["label"] for answer in answers])
    assert (labels == subject.answers.choice(expected))[~tie].all()
    assert tie.mean() < 0.1


@needs_swift
def test_the_code_for_core_ml_compiles(built, tmp_path):
    # Against a stub of Core ML, which exists on Apple's systems only.
    def compile_swift(*arguments):
        options = ["-swift-version", "5", "-warnings-as-errors", "-I", str(tmp_path)]
        modules = built / ".build" / "debug" / "Modules"
        done = subprocess.run(
            ["swiftc", *options, "-I", str(modules), *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr

    def sources(folder, target):
        accessor = built.glob(f".build/debug/{target}.build/DerivedSources/*.swift")
        return [*sorted((built / folder / target).glob("*.swift")), *accessor]

    def module(name, *files):
        emit = ["-emit-module", "-enable-testing", "-module-name", name]
        compile_swift(*emit, "-o", tmp_path / f"{name}.swiftmodule", *files)

    module("CoreML", Path(__file__).with_name("CoreML.swift"))
    module("NovinModels", *sources("Sources", "NovinModels"))
    compile_swift("-typecheck", *sources("Tests", "NovinModelsTests"))


@needs_swift
def test_features_of_one_event_take_less_than_a_millisecond(built):
    code, said = swift(built, "run", "-c", "release", "novin-tool", "benchmark")
    assert code == 0, said
    assert "warning:" not in said, said
    lines = re.findall(r"^ *([\d.]+) +([\d.]+)  (delivery|motion|chains|behavior)$", said, re.M)
    assert {name for *_, name in lines} == {"delivery", "motion", "chains", "behavior"}
    for median, _, name in lines:
        assert float(median) < 1_000, name
