"""What 0.1.0 saved and exported still loads, and means the same.

The files in ``fixtures/v0_1`` were written by release 0.1.0, with the answers that it gave. They
are read here with the present code, by what is public alone. A test that fails says that homes in
the field would get other answers after an update: mend the code, not the files.
"""

import hashlib
import json
import shutil
import signal
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from novin_ml import export_coreml, verify_coreml
from novin_ml.cli import main
from novin_ml.coreml import CoreMLRuntime, reason_codes
from novin_ml.coreml.swift import write_swift_package
from novin_ml.events import chains_from_events, read_chains, read_events
from novin_ml.exceptions import CertificateError, SavedModelError
from novin_ml.features import BehaviorHistory, attach_context
from novin_ml.lifecycle import load_estimator, load_fleet, save_estimator

RELEASE = Path(__file__).parent / "fixtures" / "v0_1"
#: Words about the files, which may be mended.
WORDS = {"README.md", "SHA256SUMS", "make_fixtures.py"}

# Trees compare and add float32 in one order, so their probabilities are the same bits on every
# supported version of numpy and xgboost. Networks are not: BLAS adds the products of a matrix in an
# order of its own, which differs between processors and between versions of numpy.
NETWORK = {"rtol": 1e-5, "atol": 1e-6}
# Scores of isolation trees, and what the Core ML runtime makes of trees, end in a logarithm, a
# power or an exponential. numpy has several of each, by the processor's instructions, which differ
# in the last bit: of float64 in Python, of float32 in the outputs of an exported detector. Another
# leaf would be a difference of 1e-4 or more. The absolute part is for decisions, which are
# differences of two scores, and as near 0 as they like.
LAST_BITS = {
    np.dtype(np.float64): {"rtol": 1e-12, "atol": 1e-12},
    np.dtype(np.float32): {"rtol": 1e-6, "atol": 1e-7},
}


class Saved(NamedTuple):
    """A saved estimator: its files, what it is made of, and what was exported of it."""

    path: str
    exact: bool
    exported: str | None = None

    @property
    def place(self):
        """Of its answers, without a suffix."""
        return RELEASE / self.path.removesuffix(".novin")


CLASSIFIERS = {
    "boosting of two classes": Saved("delivery/model", True, "delivery/delivery.mlmodel"),
    "boosting of six classes": Saved("motion/trees.novin", True),
    "mlp": Saved("motion/model.novin", False, "motion/motion.mlpackage"),
    "blend": Saved("chains/model", False, "chains/chains.mlmodel"),
}
BASELINES = {
    "ready": Saved("behavior/model", True, "behavior/anomaly.mlmodel"),
    "learning": Saved("behavior/learning.novin", True, "behavior/learning.mlmodel"),
}
ALL = CLASSIFIERS | BASELINES
EXPORTED = {name: saved for name, saved in ALL.items() if saved.exported}
#: Models of the Swift package, by the folder of what they were made from.
PACKED = {
    "delivery": "delivery",
    "motion": "motion",
    "chains": "chains",
    "our_home": "behavior",
}


def each(table):
    return pytest.mark.parametrize("saved", table.values(), ids=table.keys())


def rows_of(saved):
    folder = RELEASE / Path(saved.path).parent
    if folder.name == "chains":
        return read_chains(folder / "chains.jsonl", strict=True)
    events = read_events(folder / "events.jsonl", strict=True)
    return attach_context(events) if folder.name == "delivery" else events


def answers_of(place):
    with np.load(place.with_suffix(".answers.npz"), allow_pickle=False) as answers:
        return dict(answers)


def facts_of(place):
    return json.loads(place.with_suffix(".facts.json").read_text(encoding="utf-8"))


@pytest.fixture
def copied(tmp_path):
    """Copy a part of the fixtures to where a test may write beside it."""

    def copy(name):
        place = tmp_path / "release" / name
        if not place.exists():
            shutil.copytree(RELEASE / name, place)
        return place

    return copy


def assert_same_features(got, expected, names):
    """Features are the same bits, but sine and cosine: within one ulp, as the guide says."""
    got = np.asarray(got)
    assert got.dtype == expected.dtype == np.float32
    waves = np.array([name.endswith(("_sin", "_cos")) for name in names])
    np.testing.assert_array_equal(got[:, ~waves], expected[:, ~waves])
    off = np.abs(got[:, waves].astype(float) - expected[:, waves])
    assert (off <= np.spacing(np.abs(expected[:, waves]))).all()


def assert_same_numbers(got, expected, tolerance):
    assert got.dtype == expected.dtype
    assert got.shape == expected.shape
    if tolerance is None:
        np.testing.assert_array_equal(got, expected)
    else:
        np.testing.assert_allclose(got, expected, **tolerance)


def known_of(got, expected):
    """Leave out what 0.1.0 had no word for: entries may be added."""
    if isinstance(expected, dict):
        return {key: known_of(got[key], value) for key, value in expected.items()}
    if isinstance(expected, list) and len(got) == len(expected):
        return [known_of(*pair) for pair in zip(got, expected, strict=True)]
    return got


def assert_same_answers(model, rows, expected, *, exact):
    """A pipeline answers as 0.1.0 did: numbers, labels, decisions."""
    features, last = model[0].transform(rows), model[-1]
    if not hasattr(last, "classes_"):
        for got, name in (
            (model.score_samples(rows), "scores"),
            (model.decision_function(rows), "decisions"),
        ):
            assert_same_numbers(got, expected[name], LAST_BITS[got.dtype])
        assert_same_numbers(model.predict(rows), expected["flags"], None)
        return
    probabilities = model.predict_proba(rows)
    assert_same_numbers(probabilities, expected["probabilities"], None if exact else NETWORK)
    assert model.predict(rows).tolist() == expected["labels"].tolist()
    assert bool(last.decisions_.thresholds) == ("alarms" in expected)
    if "alarms" in expected:
        assert last.alarms(features).tolist() == [one or None for one in expected["alarms"]]
    assert (last.decisions_.abstention is not None) == ("sets" in expected)
    if "sets" in expected:
        np.testing.assert_array_equal(last.predict_set(features), expected["sets"])
        np.testing.assert_array_equal(last.abstains(features), expected["abstains"])


def assert_same_outputs(new, old, rows):
    """Two exported models agree as well as a certificate demands: how one is built may change."""
    answers = old.predict_outputs(rows)
    for name, values in new.predict_outputs(rows).items():
        if values.dtype.kind == "U":
            assert values.tolist() == answers[name].tolist()
        else:
            np.testing.assert_allclose(values, answers[name], rtol=0, atol=1e-5)


def assert_same_facts(model, expected):
    """A pipeline says of itself what 0.1.0 said, to the last bit."""
    last, expected = model[-1], dict(expected)
    for step, key in ((last, "params"), (model[0], "feature_params")):
        params = step.get_params()
        assert {name: repr(params[name]) for name in expected[key]} == expected.pop(key)
    got = {
        "steps": [[name, type(step).__name__] for name, step in model.steps],
        "training_data": last.training_data_,
    }
    if hasattr(last, "classes_"):
        got |= {
            "classes": last.classes_.tolist(),
            "n_iter": last.n_iter_,
            "model_bytes": last.size_report_.model_bytes,
            "calibration": [one.method for one in last.fit_report_.calibration],
            "decisions": last.decisions_.to_document(),
        }
    else:
        names = ("state", "offset", "n_days", "required_days", "alarm_bound")
        got |= {name: getattr(last, f"{name}_") for name in (*names, "n_alarms_in_training")}
    assert known_of(got, expected) == expected


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_old_models_say_how_their_numbers_were_measured(name):
    """Bounds took false alarms as Poisson over rows; calibration was measured on its own rows."""
    last = load_estimator(RELEASE / CLASSIFIERS[name].path)[-1]
    decisions = last.decisions_
    for each in decisions.thresholds.values():
        assert each.bound == ("Poisson" if each.false_per_home_week_upper else None)
        assert each.n_homes is each.betting_upper is None
    if decisions.abstention is not None:
        assert (decisions.abstention.unit, decisions.abstention.n_homes) == ("row", None)
    assert all(each.cross_fitted_by is None for each in last.fit_report_.calibration)
    assert bool(decisions.thresholds) is (name in ("boosting of two classes", "blend"))


# The files themselves.


def files_of(folder):
    return {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_files_are_those_that_were_written():
    """Made again with another version they would prove nothing about 0.1.0."""
    lines = (RELEASE / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    written = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    found = {
        name: hashlib.sha256(path.read_bytes()).hexdigest()
        for name, path in files_of(RELEASE).items()
        if name not in WORDS
    }
    assert found == written


def test_the_files_are_small():
    """Every checkout has them, of this release and of those to come."""
    assert sum(path.stat().st_size for path in files_of(RELEASE).values()) < 3_000_000


def test_they_are_of_the_release():
    versions = json.loads((RELEASE / "versions.json").read_text(encoding="utf-8"))
    assert versions["novin_ml"] == "0.1.0"
    manifests = [*RELEASE.rglob("manifest.json")]
    assert manifests
    for path in manifests:
        assert json.loads(path.read_text(encoding="utf-8"))["novin_ml"] == "0.1.0"


# Saved estimators.


@each(ALL)
def test_a_saved_estimator_answers_the_same(saved):
    model, expected = load_estimator(RELEASE / saved.path), answers_of(saved.place)
    rows = rows_of(saved)
    features = model[0].transform(rows)
    assert list(features) == expected["feature_names"].tolist()
    assert_same_features(features, expected["features"], list(features))
    assert_same_answers(model, rows, expected, exact=saved.exact)


@each(ALL)
def test_a_saved_estimator_says_the_same_of_itself(saved):
    assert_same_facts(load_estimator(RELEASE / saved.path), facts_of(saved.place))


@each(ALL)
def test_saving_what_was_loaded_changes_nothing(saved, copied, tmp_path):
    model, rows = load_estimator(RELEASE / saved.path), rows_of(saved)
    own = copied(Path(saved.path).parent) / Path(saved.path).name  # written over
    for path in (tmp_path / "again", tmp_path / "again.novin", own):
        again = load_estimator(save_estimator(model, path))
        assert_same_facts(again, facts_of(saved.place))
        for method in ("predict_proba", "score_samples"):
            if hasattr(model, method):
                # The same numbers on the same machine: bit for bit, networks too.
                expected = getattr(model, method)(rows)
                np.testing.assert_array_equal(getattr(again, method)(rows), expected)
        np.testing.assert_array_equal(again.predict(rows), model.predict(rows))


def test_the_fixtures_have_what_can_go_wrong():
    """Rows on both sides of every decision; else the tests above compare nothing."""
    for saved in ALL.values():
        expected = answers_of(saved.place)
        for name in ("labels", "alarms", "abstains", "sets"):
            if name in expected:
                assert len(np.unique(expected[name])) > 1, (saved.path, name)
    assert set(answers_of(BASELINES["ready"].place)["flags"]) == {-1, 1}
    assert set(answers_of(BASELINES["learning"].place)["flags"]) == {1}
    with_thresholds = [s.path for s in ALL.values() if "alarms" in answers_of(s.place)]
    assert with_thresholds == ["delivery/model", "chains/model"]
    # Decisions of networks are compared exactly: no number may be as near as networks differ.
    for saved in (CLASSIFIERS["mlp"], CLASSIFIERS["blend"]):
        numbers = answers_of(saved.place)["probabilities"]
        ordered = np.sort(numbers, axis=1)
        assert (ordered[:, -1] - ordered[:, -2]).min() > 1e-4
        document = facts_of(saved.place)["decisions"]
        edges = [one["threshold"] for one in document["thresholds"]]
        if document["abstention"]:
            edges += [document["abstention"]["cut"], document["abstention"]["abstain_below"]]
        for edge in edges:
            assert np.abs(numbers - edge).min() > 1e-5


# Exported models.


@each(EXPORTED)
def test_a_certificate_is_made_again(saved, copied):
    model = copied(Path(saved.exported).parent) / Path(saved.exported).name
    expected = answers_of(saved.place)
    certificate = verify_coreml(model, data=expected["features"])
    assert certificate.passed
    assert certificate.differ == 0
    assert certificate.checks["data"].rows == len(expected["features"])
    written = json.loads(model.with_suffix(".certificate.json").read_text(encoding="utf-8"))
    assert certificate.content_sha256 == written["model_sha256"]


@each(EXPORTED)
def test_an_exported_model_answers_the_same(saved):
    expected = answers_of(saved.place)
    got = CoreMLRuntime(RELEASE / saved.exported).predict_outputs(expected["features"])
    stored = {
        name.removeprefix("core_ml."): values
        for name, values in expected.items()
        if name.startswith("core_ml.")
    }
    assert list(got) == list(stored)
    for name, values in stored.items():
        if values.dtype.kind == "U":
            assert got[name].tolist() == values.tolist()
        else:
            tolerance = LAST_BITS[values.dtype] if saved.exact else NETWORK
            assert_same_numbers(got[name], values, tolerance)


@each(EXPORTED)
def test_an_exported_model_tells_what_it_decides_by(saved):
    facts, entries = facts_of(saved.place), _entries(RELEASE / saved.exported)
    # Detectors were of the family "anomaly" in 0.1.0; phones have such models.
    family = Path(saved.exported).parent.name
    assert entries["family"] == ("anomaly" if family == "behavior" else family)
    if "decisions" not in facts:
        assert entries["state"] == facts["state"]
        assert float(entries["offset"]) == facts["offset"]
        return
    thresholds = {one["label"]: one["threshold"] for one in facts["decisions"]["thresholds"]}
    assert json.loads(entries.get("thresholds", "{}")) == thresholds
    abstention = facts["decisions"]["abstention"] or {}
    for entry, name in (("conformal_cut", "cut"), ("abstain_below", "abstain_below")):
        assert (entry in entries) == bool(abstention)
        assert not abstention or float(entries[entry]) == abstention[name]


@each(EXPORTED)
def test_reasons_are_the_same(saved):
    expected = answers_of(saved.place)
    rows = range(expected["reasons.row"].max() + 1)
    features = expected["features"][: len(rows)]
    found = reason_codes(CoreMLRuntime(RELEASE / saved.exported), features)
    # Since 0.2 columns that belong together are one reason, and words are told once: what both
    # releases tell has the same contribution.
    n_compared = 0
    for row, got in zip(rows, found, strict=True):
        of_row = expected["reasons.row"] == row
        names = map(str, expected["reasons.feature"][of_row])
        known = dict(zip(names, expected["reasons.contribution"][of_row], strict=True))
        assert [one.contribution for one in got] == sorted(
            (one.contribution for one in got), reverse=True
        )
        for one in got:
            if one.columns == (one.name,) and one.name in known:
                assert one.contribution == pytest.approx(known[one.name], abs=1e-5)
                n_compared += 1
    assert n_compared > 0


@each(EXPORTED)
def test_a_loaded_estimator_is_exported_as_the_same_model(saved, tmp_path):
    expected = answers_of(saved.place)
    export = export_coreml(load_estimator(RELEASE / saved.path), tmp_path / "again.mlmodel")
    assert export.certificate.passed
    old, new = CoreMLRuntime(RELEASE / saved.exported), CoreMLRuntime(export.model)
    assert (new.input_names, new.output_names) == (old.input_names, old.output_names)
    assert_same_outputs(new, old, expected["features"])


def test_what_was_changed_is_still_refused(copied):
    """The hashes of 0.1.0 are looked at, not only carried along."""
    folder = copied("delivery")
    for path, look in (
        (folder / "model" / "arrays.npz", lambda: load_estimator(folder / "model")),
        (folder / "delivery.reference" / "booster.ubj", None),
        (folder / "delivery.mlmodel", None),
    ):
        whole = path.read_bytes()
        path.write_bytes(whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:])
        with pytest.raises((SavedModelError, CertificateError)):
            (look or (lambda: verify_coreml(folder / "delivery.mlmodel")))()
        path.write_bytes(whole)
    assert verify_coreml(folder / "delivery.mlmodel").passed


# Homes.


def test_a_fleet_has_the_same_homes_and_answers(copied):
    folder = copied("fleet")
    fleet = load_fleet(folder / "homes")
    facts, expected = facts_of(RELEASE / "fleet" / "homes"), answers_of(RELEASE / "fleet" / "homes")
    assert sorted(fleet) == sorted(facts) == ["home_0001", "home_0002", "home_0003"]
    assert "home_0004" not in fleet  # has not consented
    events = read_events(folder / "events.jsonl", strict=True)
    for home, model in fleet.items():
        assert_same_facts(model, facts[home])
        own = events[events["home_id"] == home]
        assert len(own)
        of_home = {
            name.split(".")[1]: values
            for name, values in expected.items()
            if name.startswith(f"{home}.")
        }
        assert_same_answers(model, own, of_home, exact=True)
    states = {home: model[-1].state_ for home, model in fleet.items()}
    assert states == {"home_0001": "ready", "home_0002": "ready", "home_0003": "learning"}


@each(BASELINES)
def test_a_home_goes_on_from_what_it_remembers(saved):
    """Event by event, as the device follows a home, from the history that was saved."""
    model, expected = load_estimator(RELEASE / saved.path), answers_of(saved.place)
    lines = (RELEASE / "behavior" / "events.jsonl").read_text(encoding="utf-8").splitlines()
    events = [json.loads(line) for line in lines]
    history = model["features"].history(events[0]["home_id"])
    names = expected["feature_names"].tolist()
    rows = np.array([history.update(event) for event in events])
    assert_same_features(rows, expected["features"], names)


def test_the_history_that_a_phone_was_given_is_the_same():
    """The Swift side of every home reads this document."""
    path = RELEASE / "NovinModels" / "Sources/NovinModels/Models/our_home.history.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    model = load_estimator(RELEASE / "behavior" / "model")
    assert model["features"].history(document["home_id"]).to_dict() == document


# The Swift package.


def golden_of(name):
    path = RELEASE / "NovinModels" / "Tests/NovinModelsTests/Golden" / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8"))


def packed_model(name):
    return RELEASE / "NovinModels" / "Sources/NovinModels/Models" / f"{name}.mlmodel"


def _entries(model):
    entries = CoreMLRuntime(model).metadata["user_defined"]
    prefix = "novin_ml."
    return {
        key.removeprefix(prefix): value for key, value in entries.items() if key.startswith(prefix)
    }


def _rows_of_bits(case):
    bits = np.array([answer["features"] for answer in case["answers"]], dtype=np.uint32)
    return bits.view(np.float32)


def _features_of_request(name, case, file):
    """Features of a request that an app sent, by the present code."""
    file.write_text(case["json"], encoding="utf-8")
    model = load_estimator(RELEASE / PACKED[name] / ("model" + ".novin" * (name == "motion")))
    if name == "our_home":
        home = json.loads(packed_model(name).with_suffix(".history.json").read_text())["home_id"]
        known = case.get("continued")
        history = model["features"].history(home) if known else BehaviorHistory()
        return [history.update(event) for event in json.loads(case["json"])["events"]]
    events = read_events(file, strict=True)
    return model[0].transform(chains_from_events(events) if name == "chains" else events)


@pytest.mark.parametrize("name", PACKED)
def test_the_golden_vectors_of_a_package_still_hold(name, tmp_path):
    """What its tests hold Swift to is what Python answers today: requests, rows, numbers."""
    golden, runtime = golden_of(name), CoreMLRuntime(packed_model(name))
    answered = [case for case in golden["requests"] if case["answers"]]
    assert len(answered) > 5
    for case in answered:
        features = _features_of_request(name, case, tmp_path / "request.json")
        assert_same_features(features, _rows_of_bits(case), runtime.input_names)
    for case in (*answered, *golden["rows"]):
        outputs = runtime.predict_outputs(_rows_of_bits(case))
        numbers = (
            outputs["classProbability"]
            if runtime.classes is not None
            else np.column_stack([outputs["anomalyScore"], outputs["decision"]])
        )
        expected = np.array([answer["numbers"] for answer in case["answers"]])
        # Those of the estimator, rounded to float32; the package allows the model as much.
        np.testing.assert_allclose(numbers, expected, rtol=0, atol=golden["tolerance"] + 1e-7)


def test_a_package_is_written_anew_over_the_old_one(copied):
    """Of exported models, a detector of the family "anomaly" among them, and of estimators."""
    package = copied("NovinModels")
    models = {
        "delivery": copied("delivery") / "delivery.mlmodel",
        "motion": load_estimator(RELEASE / "motion" / "model.novin"),
        "chains": load_estimator(RELEASE / "chains" / "model"),
        "our_home": load_estimator(RELEASE / "behavior" / "model"),
        "exported_home": copied("behavior") / "anomaly.mlmodel",
        "young_home": copied("behavior") / "learning.mlmodel",
    }
    written = write_swift_package(models, package, with_history=True)
    assert set(written.golden) == set(models)
    assert min(written.golden.values()) > 50
    assert (package / "Sources/NovinFeatures/BehaviorHistory.swift").is_file()  # whole again
    for name in PACKED:
        new = CoreMLRuntime(package / "Sources/NovinModels/Models" / f"{name}.mlmodel")
        rows = np.concatenate([_rows_of_bits(case) for case in golden_of(name)["rows"]])
        assert_same_outputs(new, CoreMLRuntime(packed_model(name)), rows)
    history = package / "Sources/NovinModels/Models/our_home.history.json"
    old = packed_model("our_home").with_suffix(".history.json")
    assert json.loads(history.read_text()) == json.loads(old.read_text())


# The command line.


@pytest.fixture
def program(monkeypatch, capsys):
    """Run the program in this process; a new one takes two seconds to begin."""
    before = signal.getsignal(signal.SIGTERM)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["novin-ml", *map(str, arguments), "--json"])
        with pytest.raises(SystemExit) as done:
            main()
        printed = capsys.readouterr()
        assert not done.value.code, printed.err
        return json.loads(printed.out)

    yield run
    signal.signal(signal.SIGTERM, before)


@each(EXPORTED)
def test_verify_takes_an_exported_model(saved, copied, program):
    folder = copied(Path(saved.exported).parent)
    rows = folder / ("chains.jsonl" if folder.name == "chains" else "events.jsonl")
    model = folder / Path(saved.exported).name
    document = program("verify", model, "--data", rows)
    assert document["passed"] is True


@each(ALL)
def test_explain_takes_a_saved_estimator(saved, copied, program):
    folder = copied(Path(saved.path).parent)
    rows = folder / ("chains.jsonl" if folder.name == "chains" else "events.jsonl")
    document = program("explain", folder / Path(saved.path).name, rows, "--events", 2)
    assert len(document["events"]) == 2


def test_score_and_ios_take_a_fleet_and_an_old_detector(copied, program, tmp_path):
    fleet = copied("fleet")
    scored = program(
        "score", fleet / "homes", fleet / "events.jsonl", "--out", tmp_path / "scores.csv"
    )
    assert (scored["ready"], scored["learning"]) == (2, 1)
    detector = copied("behavior") / "anomaly.mlmodel"
    arguments = (detector, fleet / "homes", "--home", "home_0001")
    document = program("ios", *arguments, "--out", tmp_path / "NovinModels")
    assert set(document["golden"]) == {"anomaly", "homes"}
