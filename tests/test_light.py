"""The light install: saved models are read, scored and judged without what trains and exports."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import novin_ml
from novin_ml.estimators import MotionClassifier, make_delivery_pipeline
from novin_ml.estimators.learners import BoostingLearner
from novin_ml.estimators.learners.booster_file import _files
from novin_ml.estimators.learners.booster_file._plain import PlainBooster
from novin_ml.events import write_events
from novin_ml.exceptions import ExtraNotInstalledError
from novin_ml.features import training_rows
from novin_ml.lifecycle import Registry, save_estimator
from novin_ml.simulation import simulate_deliveries
from tests.estimators.tables import table

PACKAGE = Path(novin_ml.__file__).parent
HEAVY = {
    "xgboost",
    "coremltools",
    "matplotlib",
    "pyarrow",
    "dask",
    "lightgbm",
    "mlflow",
    "sqlalchemy",
}
ALGORITHMS = ("boosting", "mlp", "blend", "forest")
#: What the light install leaves out, and what else may be absent.
WITHOUT = """
import sys
class Absent:
    names = {"xgboost", "coremltools", "matplotlib", "pyarrow", "dask", "mlflow", "sqlalchemy"}
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self.names:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Absent())
"""
RUN = """
import contextlib, io, json
from novin_ml.cli import main
answers = []
for arguments in json.load(sys.stdin):
    out, err, code = io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            sys.argv = ["novin-ml", *arguments]
            main()
        except SystemExit as end:
            code = end.code or 0
    answers.append([code, out.getvalue(), err.getvalue()])
print(json.dumps(answers))
"""


def light(commands, without=WITHOUT):
    """Run commands where nothing heavy can be imported; return code, output and errors of each."""
    done = subprocess.run(
        [sys.executable, "-c", without + RUN],
        input=json.dumps([list(map(str, command)) for command in commands]),
        capture_output=True,
        text=True,
        env=os.environ | {"NO_COLOR": "1"},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    """Return a folder with events of deliveries and a model of each algorithm."""
    folder = tmp_path_factory.mktemp("light")
    events = simulate_deliveries(900, random_state=0)
    write_events(events, folder / "events.jsonl")
    rows, _ = training_rows(events)
    for algorithm in ALGORITHMS:
        model = make_delivery_pipeline(algorithm=algorithm, epochs=15, random_state=0)
        model.fit(rows, rows["label"], classifier__groups=rows["home_id"])
        save_estimator(model, folder / algorithm)
    return folder


def test_scores_are_those_of_the_full_install(work):
    def scored(install, **options):
        outs = {name: work / f"{name}.{install}.csv" for name in ALGORITHMS}
        commands = [
            ["score", work / name, work / "events.jsonl", "--out", out]
            for name, out in outs.items()
        ]
        for code, _, err in light(commands, **options):
            assert code == 0, err
        return [pd.read_csv(out) for out in outs.values()]

    for ours, full in zip(scored("light"), scored("full", without="import sys"), strict=True):
        assert len(full) > 100
        pd.testing.assert_frame_equal(ours, full, atol=1e-6, rtol=0)


def test_models_are_judged_and_kept(work, tmp_path):
    models, events, store = [work / "boosting", work / "mlp"], work / "events.jsonl", tmp_path / "r"
    for code, _, err in light(
        [
            ["evaluate", models[0], events],
            [
                "train",
                "delivery",
                events,
                "--algorithm",
                "mlp",
                "--epochs",
                2,
                "--out",
                tmp_path / "m",
            ],
            ["compare", *models, events],
            ["threshold", models[0], events, "--false-alarms-per-week", 5],
            ["split", events, "--train", tmp_path / "a.csv", "--test", tmp_path / "b.csv"],
            ["registry", "add", store, "delivery", models[0]],
            ["registry", "list", store],
            ["registry", "verify", store],
        ]
    ):
        assert code == 0, err


NEEDS = {
    "Training trees needs xgboost": ("train", "delivery", "{events}", "--out", "{work}/new"),
    "A Core ML model needs coremltools": ("export", "{work}/mlp", "--out", "{work}/new.mlmodel"),
    "A report needs matplotlib": (
        "report",
        "{work}/mlp",
        "--data",
        "{events}",
        "--out",
        "{work}/new",
    ),
    "An explanation by trees needs xgboost": ("explain", "{work}/boosting", "{events}"),
    "MLflow's SQLite store needs sqlalchemy": (
        "registry",
        "mlflow",
        "{work}/registry",
        "delivery",
        "--store",
        "{work}/new.db",
    ),
    "Writing Parquet needs pyarrow": (
        "features",
        "delivery",
        "{events}",
        "--out",
        "{work}/new.parquet",
    ),
}


def test_what_is_missing_names_its_extra(work):
    registry = Registry(work / "registry")
    registry.promote("delivery", registry.add("delivery", work / "mlp").number)
    places = {"work": work, "events": work / "events.jsonl"}
    answers = light([[part.format(**places) for part in command] for command in NEEDS.values()])
    for needs, (code, _, err) in zip(NEEDS, answers, strict=True):
        said = " ".join(err.split())
        assert code == 2, (needs, said)
        assert needs in said
        assert "Install it with: pip install 'novin-ml[" in said
        assert "Traceback" not in said
    assert not list(work.glob("new*"))


def learner_and_plain(n_classes):
    X, y = table(n_classes=n_classes)
    model = MotionClassifier(epochs=20, random_state=0).fit(X, y)
    learner = model.learner_
    files = learner.to_files()
    read = _files.checked_model(
        files[_files.BOOSTER_FILE], learner.n_features, n_classes, _files._keys()
    )
    return learner, PlainBooster(files[_files.BOOSTER_FILE], read, n_classes)


@pytest.mark.parametrize("n_classes", [2, 3, 6])
def test_trees_answer_alike(n_classes):
    learner, plain = learner_and_plain(n_classes)
    X = np.random.default_rng(1).normal(size=(500, learner.n_features)).astype(np.float32)
    X[::3, 0] = np.nan
    X[5] = np.nan
    of_plain = BoostingLearner(plain, learner.n_features, n_classes)
    by_xgboost = learner.booster.inplace_predict(X, predict_type="margin")
    found = plain.inplace_predict(X, predict_type="margin")
    assert found.dtype == by_xgboost.dtype
    assert found.shape == by_xgboost.shape
    if n_classes > 2:
        np.testing.assert_array_equal(found, by_xgboost)
    np.testing.assert_allclose(found, by_xgboost, rtol=0, atol=2e-6)
    np.testing.assert_allclose(
        of_plain.predict_proba(X), learner.predict_proba(X), rtol=0, atol=1e-6
    )
    np.testing.assert_allclose(of_plain.gain_shares(), learner.gain_shares(), rtol=1e-5)
    # What was read is saved as it was.
    assert of_plain.to_files()[_files.BOOSTER_FILE] == learner.to_files()[_files.BOOSTER_FILE]


def test_a_row_on_a_threshold_goes_right():
    learner, plain = learner_and_plain(2)
    read = _files.checked_model(bytes(plain.save_raw("ubj")), learner.n_features, 2, _files._keys())
    splits = read.trees.splits
    X = np.zeros((3 * len(splits.feature), learner.n_features), dtype=np.float32)
    places = np.arange(len(splits.feature))
    for turn, value in enumerate(
        (
            splits.threshold,
            np.nextafter(splits.threshold, -np.inf),
            np.nextafter(splits.threshold, np.inf),
        )
    ):
        X[3 * places + turn, splits.feature] = value
    np.testing.assert_allclose(
        plain.inplace_predict(X, predict_type="margin"),
        learner.booster.inplace_predict(X, predict_type="margin"),
        rtol=0,
        atol=2e-6,
    )


def test_what_it_cannot_do_names_the_extra():
    _, plain = learner_and_plain(2)
    for act in (lambda: plain.save_raw("json"), lambda: plain.num_boosted_rounds()):
        with pytest.raises(ExtraNotInstalledError, match=r"needs xgboost.*novin-ml\[train\]"):
            act()


def test_models_of_the_last_release_are_read(tmp_path):
    fixtures = Path(__file__).parent / "fixtures" / "v0_1"
    script = (
        f"{WITHOUT}\nfrom novin_ml.lifecycle import load_estimator\n"
        "for path in sys.argv[1:]: print(type(load_estimator(path)).__name__)"
    )
    paths = [str(path) for path in sorted(fixtures.glob("*/model"))]
    done = subprocess.run([sys.executable, "-c", script, *paths], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == len(paths) > 2


#: Where a model of xgboost is at hand, or its absence has been met already.
AT_HAND = {
    "coreml/converters/xgboost_models.py",
    "estimators/learners/booster_file/_files.py",
    "estimators/learners/boosting_fit.py",
    "evaluation/report/_figures.py",
    "evaluation/report/svg.py",
    "compute/plot.py",
    "federated/plot.py",
}


def test_heavy_libraries_enter_by_one_door():
    """`import_optional` names the extra; a plain import does not."""
    found = set()
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module]
            if any(name.partition(".")[0] in HEAVY for name in names):
                found.add(path.relative_to(PACKAGE).as_posix())
    assert found == AT_HAND
