"""Every message that is not the one of 0.1.0, beside that one.

Bad input keeps its message from release to release. Where arguments are checked from data
(`novin_ml.validation`), scikit-learn words it: these are listed here, and stay as they are. The
calls run in 0.1.0 too, where `novin_ml.simulation` is `novin_ml.events.synthetic`.
"""

import re

import numpy as np
import pandas as pd
import pytest

from novin_ml import BehaviorAnomalyDetector, DeliveryClassifier
from novin_ml.compute import amdahl_speedup, fit_scaling_law
from novin_ml.evaluation import (
    alarms_per_week,
    attribute,
    compare_answers,
    compare_many,
    conformalize,
    count_alarms,
    detection_delay,
    explain,
    measure_thresholds,
    permutation_importances,
    split_by_home,
    tune_threshold,
)
from novin_ml.events import chains_from_events
from novin_ml.features import attach_context
from novin_ml.simulation import (
    simulate_behavior,
    simulate_chain_events,
    simulate_chains,
    simulate_deliveries,
    simulate_motions,
)

# Here it does not matter whether a model was trained on what it is asked.
pytestmark = pytest.mark.filterwarnings("ignore::novin_ml.exceptions.TrainingDataWarning")

X = np.random.default_rng(0).normal(size=(60, 2)).astype(np.float32)
Y = X[:, 0] > 0
LOG = pd.DataFrame(
    {
        "home_id": "a",
        "timestamp": [0.0, 86_400.0],
        "kind": "motion",
        "zone": "front_door",
        "label": "usual",
        "consent": True,
    }
)
NAN = float("nan")


@pytest.fixture(scope="module", name="model")
def fitted():
    """Return a classifier with both learners: of trees alone, explain samples nothing."""
    model = DeliveryClassifier(algorithm="blend", epochs=2, random_state=0)
    return model.fit(X, Y).set_thresholds({True: 0.5})


def law(rows=None):
    return fit_scaling_law([1.0, 1.0, 2.0], 1, rows)


def same(**options):
    return compare_answers(["x"], ["x"], ["x"], **options)


def many(model, **options):
    return compare_many({"a": model, "b": model}, X, labels=Y, **options)


def flagged(**options):
    return alarms_per_week(LOG, [True, False], **options)


def importances(model, **options):
    return permutation_importances(model, X, Y, **options)


#: Call, message of 0.1.0, message now.
MESSAGES = [
    # novin_ml.events
    (
        lambda _: chains_from_events(LOG, 0),
        "window must be a positive finite number. Got 0 instead.",
        "The 'window' parameter of chains_from_events must be a float in the range (0.0, inf). "
        "Got 0 instead.",
    ),
    (
        lambda _: chains_from_events(LOG, "60"),
        "window must be a positive finite number. Got '60' instead.",
        "The 'window' parameter of chains_from_events must be a float in the range (0.0, inf). "
        "Got '60' instead.",
    ),
    (
        lambda _: chains_from_events(LOG, silence=NAN),
        "silence must be a positive finite number. Got nan instead.",
        "The 'silence' parameter of chains_from_events must be a float in the range (0.0, inf). "
        "Got nan instead.",
    ),
    (
        lambda _: chains_from_events(LOG, windows="sliding"),
        "windows must be 'separate' or 'trailing'. Got 'sliding' instead.",
        "The 'windows' parameter of chains_from_events must be a str among "
        "{'separate', 'trailing'}. Got 'sliding' instead.",
    ),
    (
        lambda _: chains_from_events(LOG, max_events=101),
        "max_events must be an integer from 1 to 100. Got 101 instead.",
        "The 'max_events' parameter of chains_from_events must be an int in the range [1, 100]. "
        "Got 101 instead.",
    ),
    (
        lambda _: chains_from_events(LOG, max_events=5.0),
        "max_events must be an integer from 1 to 100. Got 5.0 instead.",
        "The 'max_events' parameter of chains_from_events must be an int in the range [1, 100]. "
        "Got 5.0 instead.",
    ),
    # novin_ml.simulation
    (
        lambda _: simulate_deliveries(0),
        "n_events must be an integer, at least 1. Got 0 instead.",
        "The 'n_events' parameter of simulate_deliveries must be an int in the range [1, inf). "
        "Got 0 instead.",
    ),
    (
        lambda _: simulate_motions(n_homes=2.5),
        "n_homes must be an integer, at least 1. Got 2.5 instead.",
        "The 'n_homes' parameter of simulate_motions must be an int in the range [1, inf) or None. "
        "Got 2.5 instead.",
    ),
    (
        lambda _: simulate_deliveries(prevalence=0.7),
        "prevalence must be a number from 0 to 0.5. Got 0.7 instead.",
        "The 'prevalence' parameter of simulate_deliveries must be a float in the range "
        "[0.0, 0.5]. Got 0.7 instead.",
    ),
    (
        lambda _: simulate_chain_events(annotator_error=NAN),
        "annotator_error must be a number from 0 to 0.5. Got nan instead.",
        "The 'annotator_error' parameter of simulate_chain_events must be a float in the range "
        "[0.0, 0.5]. Got nan instead.",
    ),
    (
        lambda _: simulate_chains(no_pattern=0.4),
        "no_pattern must be a number from 0.5 to 1. Got 0.4 instead.",
        "The 'no_pattern' parameter of simulate_chains must be a float in the range [0.5, 1.0]. "
        "Got 0.4 instead.",
    ),
    (
        lambda _: simulate_behavior(True),
        "n_homes must be an integer, at least 1. Got True instead.",
        "The 'n_homes' parameter of simulate_behavior must be an int in the range [1, inf). "
        "Got True instead.",
    ),
    (
        lambda _: simulate_behavior(weeks=521),
        "weeks must be an integer, at least 1, at most 520. Got 521 instead.",
        "The 'weeks' parameter of simulate_behavior must be an int in the range [1, 520]. "
        "Got 521 instead.",
    ),
    (
        lambda _: simulate_behavior(unusual_per_month=NAN),
        "unusual_per_month must be a number, at least 0, at most 30. Got nan instead.",
        "The 'unusual_per_month' parameter of simulate_behavior must be a float in the range "
        "[0.0, 30.0]. Got nan instead.",
    ),
    (
        lambda _: simulate_behavior(usual_weeks=-1),
        "usual_weeks must be an integer, at least 0. Got -1 instead.",
        "The 'usual_weeks' parameter of simulate_behavior must be an int in the range [0, inf). "
        "Got -1 instead.",
    ),
    (
        lambda _: simulate_behavior(first_home="2"),
        "first_home must be an integer, at least 0. Got '2' instead.",
        "The 'first_home' parameter of simulate_behavior must be an int in the range [0, inf). "
        "Got '2' instead.",
    ),
    # novin_ml.features
    (
        lambda _: attach_context(LOG, window=float("inf")),
        "window must be a positive finite number. Got inf instead.",
        "The 'window' parameter of attach_context must be a float in the range (0.0, inf). "
        "Got inf instead.",
    ),
    (
        lambda _: attach_context(LOG, window="60"),
        "'<' not supported between instances of 'int' and 'str'",
        "The 'window' parameter of attach_context must be a float in the range (0.0, inf). "
        "Got '60' instead.",
    ),
    (
        lambda _: attach_context(LOG, silence=-1.0),
        "silence must be a positive finite number. Got -1.0 instead.",
        "The 'silence' parameter of attach_context must be a float in the range (0.0, inf). "
        "Got -1.0 instead.",
    ),
    # novin_ml.evaluation: comparison
    (
        lambda _: same(confidence=1.0),
        "confidence must be a number between 0 and 1. Got 1.0 instead.",
        "The 'confidence' parameter of compare_answers must be a float in the range (0.0, 1.0). "
        "Got 1.0 instead.",
    ),
    (
        lambda _: same(power="0.8"),
        "power must be a number between 0 and 1. Got '0.8' instead.",
        "The 'power' parameter of compare_answers must be a float in the range (0.0, 1.0). "
        "Got '0.8' instead.",
    ),
    (
        lambda _: same(difference=0),
        "difference must be a number between 0 and 1. Got 0 instead.",
        "The 'difference' parameter of compare_answers must be a float in the range (0.0, 1.0) or "
        "None. Got 0 instead.",
    ),
    (
        lambda _: same(n_resamples=99),
        "n_resamples must be an integer, at least 100. Got 99.",
        "The 'n_resamples' parameter of compare_answers must be an int in the range [100, inf). "
        "Got 99 instead.",
    ),
    (
        lambda _: same(n_resamples=True),
        "n_resamples must be an integer, at least 100. Got True.",
        "The 'n_resamples' parameter of compare_answers must be an int in the range [100, inf). "
        "Got True instead.",
    ),
    (
        lambda _: same(random_state="0"),
        "'0' cannot be used to seed a numpy.random.RandomState instance",
        "The 'random_state' parameter of compare_answers must be an int in the range "
        "[0, 4294967295], an instance of 'numpy.random.mtrand.RandomState' or None. "
        "Got '0' instead.",
    ),
    (
        lambda _: same().is_not_worse(1),
        "margin must be a number from 0 to 1. Got 1 instead.",
        "The 'margin' parameter of Comparison.is_not_worse must be a float in the range "
        "[0.0, 1.0). Got 1 instead.",
    ),
    (
        lambda model: many(model, confidence=0),
        "confidence must be a number between 0 and 1. Got 0.",
        "The 'confidence' parameter of compare_many must be a float in the range (0.0, 1.0). "
        "Got 0 instead.",
    ),
    (
        lambda model: many(model, power=1),
        "power must be a number between 0 and 1. Got 1 instead.",
        "The 'power' parameter of compare_many must be a float in the range (0.0, 1.0). "
        "Got 1 instead.",
    ),
    # novin_ml.evaluation: alarms and decisions
    (
        lambda _: flagged(confidence=1.0),
        "confidence must be between 0 and 1. Got 1.0 instead.",
        "The 'confidence' parameter of alarms_per_week must be a float in the range (0.0, 1.0). "
        "Got 1.0 instead.",
    ),
    (
        lambda _: count_alarms(["a"], ["a"], 0.0),
        "home_weeks must be a positive finite number. Got 0.0.",
        "The 'home_weeks' parameter of count_alarms must be a float in the range (0.0, inf). "
        "Got 0.0 instead.",
    ),
    (
        lambda model: tune_threshold(model, LOG, 1.0, confidence=0.4),
        "The 'confidence' parameter must be from 0.5 to below 1. Got 0.4 instead. "
        "Pass 0.95 if in doubt.",
        "The 'confidence' parameter of tune_threshold must be a float in the range [0.5, 1.0). "
        "Got 0.4 instead.",
    ),
    (
        lambda model: measure_thresholds(model, LOG, confidence="0.9"),
        "The 'confidence' parameter must be from 0.5 to below 1. Got '0.9' instead. "
        "Pass 0.95 if in doubt.",
        "The 'confidence' parameter of measure_thresholds must be a float in the range [0.5, 1.0). "
        "Got '0.9' instead.",
    ),
    (
        lambda model: conformalize(model, X, Y, error_rate=None),
        "The 'error_rate' parameter must be between 0 and 1. Got None instead. "
        "Pass 0.1 for one row in ten.",
        "The 'error_rate' parameter of conformalize must be a float in the range (0.0, 1.0). "
        "Got None instead.",
    ),
    # novin_ml.evaluation: explanation
    (
        lambda model: explain(model, X[0], top=0),
        "The 'top' parameter must be a whole number from 1 on. Got 0 instead. "
        "Pass how many reasons you want.",
        "The 'top' parameter of explain must be an int in the range [1, inf). Got 0 instead.",
    ),
    (
        lambda model: explain(model, X[0], n_samples=1),
        "The 'n_samples' parameter must be a whole number from 2 on. Got 1 instead. "
        "Pass more for smaller standard errors.",
        "The 'n_samples' parameter of explain must be an int in the range [2, inf). Got 1 instead.",
    ),
    (
        lambda model: attribute(model, X[0], n_samples=64.0),
        "The 'n_samples' parameter must be a whole number from 2 on. Got 64.0 instead. "
        "Pass more for smaller standard errors.",
        "The 'n_samples' parameter of attribute must be an int in the range [2, inf). "
        "Got 64.0 instead.",
    ),
    (
        lambda model: attribute(model, X[0], random_state=-1),
        "Seed must be between 0 and 2**32 - 1",
        "The 'random_state' parameter of attribute must be an int in the range [0, 4294967295], "
        "an instance of 'numpy.random.mtrand.RandomState' or None. Got -1 instead.",
    ),
    (
        lambda model: importances(model, max_rows=0),
        "The 'max_rows' parameter must be a whole number from 1 on. Got 0 instead. "
        "Pass a larger one.",
        "The 'max_rows' parameter of permutation_importances must be an int in the range "
        "[1, inf). Got 0 instead.",
    ),
    (
        lambda model: importances(model, n_repeats=2.5),
        "The 'n_repeats' parameter must be a whole number from 1 on. Got 2.5 instead. "
        "Pass a larger one.",
        "The 'n_repeats' parameter of permutation_importances must be an int in the range "
        "[1, inf). Got 2.5 instead.",
    ),
    # novin_ml.evaluation: homes
    (
        lambda _: split_by_home(pd.DataFrame({"home_id": ["a", "b"]}), 1.5),
        "test_size=1.5 should be either positive and smaller than the number of samples 2 or a "
        "float in the (0, 1) range",
        "The 'test_fraction' parameter of split_by_home must be a float in the range (0.0, 1.0). "
        "Got 1.5 instead.",
    ),
    # novin_ml.compute
    (
        lambda _: law().predict(0.5),
        "The 'cores' parameter must be a number at least 1. Got 0.5 instead. Pass one that is.",
        "The 'cores' parameter of ScalingLaw.predict must be a float in the range [1.0, inf). "
        "Got 0.5 instead.",
    ),
    (
        lambda _: law().predict(float("inf")),
        "The 'cores' parameter must be a number at least 1. Got inf instead. Pass one that is.",
        "The 'cores' parameter of ScalingLaw.predict must be a float in the range [1.0, inf). "
        "Got inf instead.",
    ),
    (
        lambda _: law(rows=[1, 1, 2]).predict(2, rows=0),
        "The 'rows' parameter must be a number above 0. Got 0 instead. Pass one that is.",
        "The 'rows' parameter of ScalingLaw.predict must be a float in the range (0.0, inf) or "
        "None. Got 0 instead.",
    ),
    (
        lambda _: law().predict(2, confidence=1),
        "The 'confidence' parameter must be between 0 and 1. Got 1 instead. 0.95 is usual.",
        "The 'confidence' parameter of ScalingLaw.predict must be a float in the range "
        "(0.0, 1.0). Got 1 instead.",
    ),
    (
        lambda _: fit_scaling_law([1.0, 1.0], 1, serial_at_least=1.2),
        "The 'serial_at_least' parameter must be a number from 0 to 1. Got 1.2 instead. "
        "Pass one that is.",
        "The 'serial_at_least' parameter of fit_scaling_law must be a float in the range "
        "[0.0, 1.0]. Got 1.2 instead.",
    ),
    (
        lambda _: amdahl_speedup(NAN, 2),
        "The 'serial_fraction' parameter must be a number from 0 to 1. Got nan instead. "
        "Pass one that is.",
        "The 'serial_fraction' parameter of amdahl_speedup must be a float in the range "
        "[0.0, 1.0]. Got nan instead.",
    ),
    (
        lambda _: amdahl_speedup(0.5, "4"),
        "The 'cores' parameter must be a number at least 1. Got '4' instead. Pass one that is.",
        "The 'cores' parameter of amdahl_speedup must be a float in the range [1.0, inf). "
        "Got '4' instead.",
    ),
]


def in_order(message):
    """Sort the options of a message: scikit-learn keeps them in a set."""
    return re.sub(r"\{(.*)\}", lambda found: str(sorted(found[1].split(", "))), message)


@pytest.mark.parametrize(("call", "old", "new"), MESSAGES, ids=[new[:60] for *_, new in MESSAGES])
def test_message(call, old, new, model):
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        call(model)
    assert in_order(str(caught.value)) == in_order(new)
    assert str(caught.value) != old


@pytest.mark.parametrize(("call", "old", "new"), MESSAGES, ids=[new[:60] for *_, new in MESSAGES])
def test_nothing_is_lost(call, old, new):
    """The message still names the parameter and what was got."""
    named = re.match(r"The ('\w+') parameter of [\w.]+ must be .*\. Got (.*) instead\.$", new)
    assert named
    if found := re.search(r"\bGot (\S+?)( instead)?\.( |$)", old):
        assert found[1] == named[2]


ROWS = pd.DataFrame({"home_id": ["a", None], "timestamp": [0.0, 86_400.0], "label": True})

#: Call, message of 0.1.0, message now: the same in plainer English.
REWORDED = [
    (
        lambda model: compare_many({"a": model}, X, labels=Y),
        "models must be two or more. Got 1. Add others.",
        "The 'models' parameter must have two models or more. Got 1. Add others.",
    ),
    (
        lambda model: many(model, against="c"),
        "against must be one of ['a', 'b']. Got 'c' instead.",
        "The 'against' parameter must be one of ['a', 'b']. Got 'c' instead.",
    ),
    (
        lambda model: many(model, groups=["a"]),
        "groups must have one for each of the 60 rows. Got 1. Pass those of all rows, labelled or "
        "not.",
        "The 'groups' parameter must have an entry for each of the 60 rows. Got 1. Pass those of "
        "all rows, labelled or not.",
    ),
    (
        lambda _: detection_delay(LOG.drop(columns="label"), [True, False]),
        "The events must have a column 'label', 'unusual' for those of incidents. Got none. Add "
        "it, or simulate homes.",
        "The events must have a column 'label' that is 'unusual' in events of incidents. Got none. "
        "Add it, or simulate homes.",
    ),
    (
        lambda model: tune_threshold(
            model, ROWS.assign(label=None, consent=True), 1.0, labels=True, features=X[:2]
        ),
        "The rows must have some with a label and consent. Got none. Label some rows.",
        "At least one row must have a label and consent. Got none. Label some rows.",
    ),
    (
        lambda model: tune_threshold(
            model, ROWS.assign(consent=True), 1.0, labels=True, features=X[:2]
        ),
        "The rows must each have a home. Got 1 without. Leave these rows out, or give each a "
        "'home_id'.",
        "Each row must have a home. Got 1 row without. Leave these rows out, or give each a "
        "'home_id'.",
    ),
    (
        lambda model: tune_threshold(model, KNOWN, 1.0, features=X[:2]),
        "The 'labels' parameter must name what is an alarm, of [False, True]. Got None. Name it.",
        "The 'labels' parameter must name the labels that are alarms, of [False, True]. Got None. "
        "Name them.",
    ),
    (
        lambda model: tune_threshold(model, KNOWN, 1.0, labels="fire", features=X[:2]),
        "The 'labels' parameter must have labels of [False, True]. Got 'fire'. Name one of these.",
        "The 'labels' parameter must be labels of the model, [False, True]. Got 'fire'. Name one "
        "of these.",
    ),
    (
        lambda model: tune_threshold(model, KNOWN, 0.5, labels=True, features=X[:2]),
        "The rows must be of 6.0 weeks of homes or more to prove 0.5 false alarms per home and "
        "week at a confidence of 0.95, even without one. Got 0.1. Observe homes for 5.8 weeks "
        "more, all together, or allow 20.98.",
        "The homes must be observed for at least 6.0 weeks in all to prove at most 0.5 false "
        "alarms per home and week at a confidence of 0.95. Got 0.1 weeks. Observe homes for 5.8 "
        "more weeks in all, or allow 20.98.",
    ),
    (
        lambda _: explain(object(), X[0]),
        "The 'estimator' parameter must be a fitted model of novin_ml, or a pipeline that ends "
        "with one. Got a object. Of other models, see permutation_importances.",
        "The 'estimator' parameter must be a fitted model of novin_ml, or a pipeline that ends "
        "with one. Got a object. For other models, see permutation_importances.",
    ),
]
KNOWN = ROWS.assign(home_id="a", consent=True)


@pytest.mark.parametrize(("call", "old", "new"), REWORDED, ids=[new[:60] for *_, new in REWORDED])
def test_message_in_plainer_english(call, old, new, model):
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        call(model)
    assert str(caught.value) == new != old
    names = re.findall(r"'\w+'|\d[\d.]*\d|\bGot \w+", old)
    assert all(name in new for name in names)


def test_the_warning_of_a_budget_that_cannot_be_spent():
    """0.1.0 put it as "Of the log only the hours are kept that a smaller budget needed"."""
    table = np.random.default_rng(0).normal(size=(2000, 3))
    times = np.linspace(0, 60 * 86_400, len(table))
    detector = BehaviorAnomalyDetector(n_estimators=10, random_state=0)
    detector.fit(table, timestamps=times)
    now = (
        "The detector keeps only as many hours of the log as a smaller budget needed, and spends "
        r"at most \d+\.\d\d of the 1000 alarms a week. Fit again with this budget to spend it all\."
    )
    with pytest.warns(UserWarning, match=now):
        detector.set_alarms_per_week(1000)


# What was taken is taken still.
@pytest.mark.parametrize(
    "call",
    [
        lambda model: explain(model, X[0], top=True),
        lambda model: explain(model, X[0], top=np.int64(1), n_samples=np.int8(2)),
        lambda model: importances(model, max_rows=np.int64(9), n_repeats=True),
        lambda model: conformalize(model, X, Y, error_rate=np.float32(0.25)),
        lambda _: chains_from_events(LOG, 60, silence=np.int64(20), max_events=True),
        lambda _: attach_context(LOG, np.float32(60), True),
        lambda _: same(difference=None, n_resamples=np.int64(100), random_state=None),
        lambda _: same().is_not_worse(0),
        lambda _: amdahl_speedup(True, np.int64(4)),
        lambda _: law().predict(np.float32(2), confidence=np.float64(0.5)),
        lambda _: flagged(confidence=np.float32(0.5)),
        lambda _: simulate_deliveries(np.int64(1), n_homes=np.int8(2), prevalence=0),
        lambda _: simulate_chains(True, no_pattern=np.float32(1)),
        lambda _: simulate_behavior(np.int64(1), weeks=np.int64(1), unusual_per_month=0),
        lambda _: split_by_home(pd.DataFrame({"home_id": ["a", "b"]}), np.float32(0.5)),
    ],
)
def test_numbers_of_any_kind_are_taken(call, model):
    call(model)
