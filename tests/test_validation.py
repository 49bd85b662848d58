"""The door to scikit-learn's constraints."""

import inspect
import subprocess
import sys
from numbers import Integral
from pathlib import Path

import numpy as np
import pytest

import novin_ml
from novin_ml import DeliveryClassifier, validation
from novin_ml.evaluation import explain
from novin_ml.events import chains_from_events
from novin_ml.features import attach_context
from novin_ml.simulation import simulate_deliveries
from novin_ml.validation import Interval, InvalidParameterError, validate_params

PACKAGE = Path(novin_ml.__file__).parent
COUNT = Interval(Integral, 1, None, closed="left")


def test_no_other_module_names_the_private_one():
    naming = [p for p in PACKAGE.rglob("*.py") if "_param_validation" in p.read_text("utf-8")]
    assert naming == [PACKAGE / "validation.py"]


@pytest.mark.parametrize("name", ["novin_ml.events", "novin_ml.validation"])
def test_events_are_read_without_scikit_learn(name):
    code = f"import sys, {name}; print('sklearn' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PACKAGE.parent, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def first(items, top=1, *, last=False):
    """Return the first of them."""
    return items[-top:] if last else items[:top]


@pytest.mark.parametrize(
    "constraints",
    [{"top": [COUNT]}, lambda data: {"top": [data.Interval(Integral, 1, None, closed="left")]}],
    ids=["data", "data made at the first call"],
)
def test_arguments_are_checked_however_they_are_passed(constraints):
    checked = validate_params(constraints, prefer_skip_nested_validation=True)(first)
    assert checked("abc", 2) == "ab"
    assert checked("abc", top=2, last=True) == "bc"
    for call in (lambda: checked("abc", 0), lambda: checked(items="abc", top="1")):
        with pytest.raises(InvalidParameterError, match="'top' parameter of first must be an int"):
            call()
    with pytest.raises(TypeError, match="bottom"):
        checked("abc", bottom=1)
    assert inspect.signature(checked) == inspect.signature(first)
    assert (checked.__doc__, checked.__module__) == (first.__doc__, first.__module__)


def test_checked_functions_keep_their_signature():
    assert list(inspect.signature(chains_from_events).parameters)[:2] == ["events", "window"]
    assert inspect.signature(explain).parameters["top"].default == 3


def test_what_is_refused_is_a_value_error_and_a_type_error():
    assert issubclass(InvalidParameterError, ValueError)
    assert issubclass(InvalidParameterError, TypeError)


def test_names_of_the_door():
    assert all(getattr(validation, name) is not None for name in dir(validation))
    with pytest.raises(AttributeError, match="no attribute 'Ranges'"):
        validation.Ranges  # noqa: B018


@pytest.mark.parametrize("name", ["window", "silence"])
@pytest.mark.parametrize("function", [chains_from_events, attach_context])
def test_a_number_that_no_float_holds_is_refused(function, name):
    with pytest.raises(
        ValueError, match=f"'{name}' parameter of {function.__name__} must be a num"
    ):
        function(simulate_deliveries(20, random_state=0), **{name: 10**400})


@pytest.mark.parametrize(("name", "value"), [("n_jobs", 2**70), ("max_bytes", 10**400)])
def test_a_number_that_no_machine_has_is_refused(name, value):
    X = np.zeros((40, 2))
    with pytest.raises(ValueError, match=f"'{name}' parameter of DeliveryClassifier"):
        DeliveryClassifier(**{name: value}).fit(X, [0, 1] * 20)
