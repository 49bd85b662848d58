"""Too few of something: one sentence that names the cause, before anything is trained."""

import re

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from novin_ml.cli.app import app
from novin_ml.estimators.families import FAMILIES, family_with_labels
from novin_ml.evaluation import conformalize, evaluate, tune_threshold
from novin_ml.events import Chains, chains_from_events, training_events, write_events
from novin_ml.exceptions import HomeMismatchError, InvalidEventError, NovinError
from novin_ml.features import training_rows
from novin_ml.lifecycle import evaluate_with_rules, fit_fleet, train, train_baseline
from novin_ml.simulation import simulate_behavior, simulate_deliveries

# Here it does not matter whether a model was trained on what it is asked.
pytestmark = pytest.mark.filterwarnings("ignore::novin_ml.exceptions.TrainingDataWarning")

CLASSIFIERS = ("delivery", "motion", "chains")


def simulated(name, n=400, n_homes=6):
    return FAMILIES[name].simulate(n, n_homes=n_homes, random_state=0)


@pytest.fixture(scope="module", params=CLASSIFIERS)
def family(request):
    return FAMILIES[request.param]


@pytest.fixture(scope="module")
def table(family):
    found = simulated(family.name)
    return found.assign(consent=np.full(len(found), True))


def relabelled(table, label):
    return table.assign(label=np.array(label, dtype=object))


def labels_of(table):
    return np.asarray(table["label"].astype(object), dtype=object)


LACKING = {
    "no consent": (
        lambda t: t.assign(consent=np.full(len(t), False)),
        r"Got none: (\d+) of \1 \w+ have no consent\. Ask for consent",
    ),
    "no label": (
        lambda t: relabelled(t, [None] * len(t)),
        r"Got none: (\d+) of \1 \w+ have no label\. Give",
    ),
    "one label": (
        lambda t: relabelled(t, [labels_of(t)[pd.notna(labels_of(t))][0]] * len(t)),
        "two labels or more|must have the label",
    ),
    "labels of others": (
        lambda t: relabelled(t, ["usual", "unusual"] * (len(t) // 2) + ["usual"] * (len(t) % 2)),
        "which are those of behavior. Train behavior on them",
    ),
    "labels without consent": (
        lambda t: t.assign(
            consent=pd.isna(labels_of(t)) | (np.arange(len(t)) == 0),
            label=np.where(np.arange(len(t)) == 0, None, labels_of(t)),
        ),
        r"(\d+) of \1 labelled \w+ have no consent\. Label \w+ of homes that consent",
    ),
    "one home": (
        lambda t: t.assign(home_id=np.array(["a"] * len(t), dtype=object)),
        r"two homes or more to test on some of them\. Got 1\.",
    ),
    "nothing": (lambda t: t[np.zeros(len(t), dtype=bool)], "to train on. Got none"),
}


@pytest.mark.parametrize("lack", LACKING)
def test_a_lack_is_named_before_training(family, table, lack):
    mangle, words = LACKING[lack]
    steps = []
    with pytest.raises(ValueError, match=words) as found:
        train(family, mangle(table), step=steps.append)
    assert steps == []  # nothing was begun
    assert "sample(s)" not in str(found.value)


@pytest.mark.parametrize("value", [1, "false", "yes"])
def test_what_is_no_consent_is_shown(value):
    table = simulate_deliveries(200, random_state=0).assign(consent=value)
    with pytest.raises(ValueError, match=f"have no consent \\({value!r} is not true\\)"):
        train("delivery", table)


def test_rows_of_another_kind_are_refused():
    events, chains = simulated("delivery"), simulated("chains")
    assert isinstance(chains, Chains)
    with pytest.raises(InvalidEventError, match=r"trained on chains .*chains_from_events"):
        train("chains", events)
    with pytest.raises(InvalidEventError, match=r"trained on an event table.*Got a Chains"):
        train("delivery", chains)
    with pytest.raises(InvalidEventError, match="column 'home_id'"):
        train("delivery", events.drop(columns="home_id"))


@pytest.mark.parametrize("name", CLASSIFIERS)
@pytest.mark.parametrize("other", CLASSIFIERS)
def test_labels_of_another_family_are_named_both_ways(name, other):
    assert family_with_labels(FAMILIES[other].labels) is FAMILIES[other]
    if name == other:
        return
    table = simulated(name)
    known = pd.notna(labels_of(table))
    names = [label for label in FAMILIES[other].labels if label != "package_drop"]
    labels = np.where(known, np.resize(np.array(names, dtype=object), len(table)), None)
    with pytest.raises(ValueError, match=f"those of {other}. Train {other} on them"):
        train(name, relabelled(table, labels))
    model = train(name, table, epochs=2, test_fraction=0).pipeline
    for judge in (evaluate_with_rules, conformalize):
        with pytest.raises(ValueError, match=f"Got those of the family {other}, such as"):
            judge(model, relabelled(table, labels))
    with pytest.raises(ValueError, match=f"Got those of the family {other}"):
        tune_threshold(model, relabelled(table, labels), false_alarms_per_week=1.0)
    assert evaluate(model, FAMILIES[name].rules(), table).n_rows > 0


@pytest.mark.parametrize("seed", range(12))
def test_a_label_of_one_home_alone_is_learnt(seed):
    table = simulated("motion").assign(consent=True)
    home = sorted(table["home_id"].unique())[seed % 6]
    label = table["label"].where(table["label"] != "vehicle", "walking").astype(object)
    rare = table.assign(label=label.where(table["home_id"] != home, "vehicle"))
    result = train("motion", rare, epochs=2, random_state=seed)
    assert "vehicle" in result.pipeline.classes_
    assert home not in set(result.held_back["home_id"])
    assert result.headline.n_rows > 0


@pytest.mark.parametrize("seed", range(6))
def test_what_is_held_back_can_always_be_tested(seed):
    """Labels of homes that do not consent are not learnt, and so not tested either."""
    table = simulated("motion").assign(consent=True)
    refusing = table["home_id"] == sorted(table["home_id"].unique())[seed]
    strange = table.assign(
        consent=~refusing, label=table["label"].astype(object).where(~refusing, "cartwheel")
    )
    result = train("motion", strange, epochs=2, random_state=seed)
    assert "cartwheel" not in result.pipeline.classes_
    assert result.headline.n_rows > 0


def test_homes_of_which_none_can_be_held_back_are_refused_first():
    table = simulate_deliveries(300, n_homes=2, random_state=0).assign(consent=True)
    known = table["label"].notna()
    first = table["home_id"] == table["home_id"].iloc[0]
    label = pd.Series(np.where(first, "delivery", "no_delivery"), table.index, dtype=object)
    apart = table.assign(label=label.where(known, None))
    with pytest.raises(HomeMismatchError, match=r"only rows of a label\. .*test_fraction=0"):
        train("delivery", apart)
    assert train("delivery", apart, test_fraction=0, epochs=1).headline is None
    half = table.assign(label=table["label"].where(first, None))
    with pytest.raises(HomeMismatchError, match=r"labelled events must be of two homes.*Got 1\."):
        train("delivery", half)


def test_the_homes_held_back_are_the_same_where_nothing_is_lacking():
    from novin_ml.evaluation import split_by_home

    table = simulate_deliveries(1000, random_state=0)
    for seed in range(5):
        _, expected = split_by_home(table, 0.2, seed)
        held_back = train("delivery", table, epochs=1, random_state=seed).held_back
        pd.testing.assert_frame_equal(held_back, expected)


def test_a_pipeline_without_rows_names_the_cause(family):
    pipeline = family.make_pipeline()
    nothing = simulated(family.name)
    nothing = nothing[np.zeros(len(nothing), dtype=bool)]
    to_fit = nothing if isinstance(nothing, Chains) else training_rows(nothing)[0]
    with pytest.raises(ValueError, match="a label and consent"):
        pipeline.fit(to_fit, [])


@pytest.fixture(scope="module")
def log():
    return simulate_behavior(2, weeks=1, random_state=2).assign(consent=True)


def test_a_lack_of_a_baseline_is_named(log, tmp_path):
    home = log[log["home_id"] == "home_0001"]
    for lacking, words in (
        (home.assign(consent=False), rf"{len(home):,} of {len(home):,} events have no consent"),
        (home.iloc[:0], "Got no event"),
        (home.iloc[:1], r"At least two events .*Got 1 of 1"),
        (home.assign(consent=np.arange(len(home)) == 0), rf"Got 1 of {len(home):,}"),
    ):
        with pytest.raises(InvalidEventError, match=words):
            train_baseline(lacking)
    report = fit_fleet(log.assign(consent=False), out=tmp_path)
    assert len(report.without_consent) == 2
    one = fit_fleet(pd.concat([home, log[log["home_id"] != "home_0001"].iloc[:1]]), out=tmp_path)
    assert list(one.fitted) == ["home_0001"]
    assert "at least two events that have consent. Got 1" in one.failed["home_0002"]


def run(*arguments):
    return CliRunner().invoke(app, [str(each) for each in arguments])


def saved(folder):
    return [path.name for path in folder.iterdir() if not path.name.startswith("events")]


@pytest.mark.parametrize("name", CLASSIFIERS)
@pytest.mark.parametrize("lack", ["no consent", "no label", "one label", "one home"])
def test_the_program_saves_nothing_and_says_why(tmp_path, name, lack):
    events = simulate_deliveries(300, n_homes=4, random_state=0).assign(consent=True)
    if name == "motion":
        events = simulated("motion").assign(consent=True)
    if name == "chains":
        label = np.where(events["label"] == "delivery", "package_delivery", "no_pattern")
        events = events.assign(label=pd.Series(label, events.index, dtype=object))
    mangle, words = LACKING[lack]
    write_events(mangle(events), tmp_path / "events.jsonl")
    result = run("train", name, tmp_path / "events.jsonl", "--out", tmp_path / "model")
    assert result.exit_code == 2
    assert re.search(words, result.stderr), result.stderr
    assert result.stderr.count("\n") == 1
    assert saved(tmp_path) == []


def test_the_program_says_what_a_baseline_lacks(log, tmp_path):
    write_events(log.assign(consent=False), tmp_path / "events.jsonl")
    words = f"{len(log):,} of {len(log):,} events have no consent"
    for options in ((), ("--by", "home_id")):
        out = tmp_path / f"baseline{len(options)}"
        result = run("train", "behavior", tmp_path / "events.jsonl", "--out", out, *options)
        assert result.exit_code == 2
        assert words in result.stderr


@pytest.mark.parametrize("command", [("train", "delivery"), ("train", "behavior")])
def test_an_empty_file_is_called_empty(tmp_path, command):
    (tmp_path / "events.jsonl").write_text("")
    result = run(*command, tmp_path / "events.jsonl", "--out", tmp_path / "model")
    assert result.exit_code == 2
    assert "it is empty" in result.stderr
    assert "rejected" not in result.stderr.split("Error:")[1]


def test_consent_is_named_by_the_readers_of_training_rows():
    table = simulate_deliveries(100, random_state=0).assign(consent=False)
    rows, n_dropped = training_events(table)
    assert (len(rows), n_dropped) == (0, int(table["label"].notna().sum()))
    assert issubclass(InvalidEventError, NovinError)
    assert len(chains_from_events(table)) > 0
