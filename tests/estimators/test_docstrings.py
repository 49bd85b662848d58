"""The classifiers share the documentation of their parameters and attributes."""

import inspect
import re
import subprocess
import sys

import numpy as np
import pytest

from novin_ml import DeliveryClassifier, EventChainClassifier, MotionClassifier
from novin_ml.docstrings import substitute
from novin_ml.estimators._classifier_docs import ATTRIBUTES, PARAMETERS

CLASSIFIERS = [DeliveryClassifier, MotionClassifier, EventChainClassifier]


def documented(classifier, section):
    """Return the names that a section of a numpydoc docstring documents, in their order."""
    text = inspect.getdoc(classifier).partition(f"{section}\n{'-' * len(section)}\n")[2]
    return re.findall(r"^(\w+) : ", text.partition("\n\n")[0], re.MULTILINE)


@pytest.mark.parametrize("classifier", CLASSIFIERS)
def test_every_parameter_of_the_signature_is_documented(classifier):
    assert documented(classifier, "Parameters") == list(inspect.signature(classifier).parameters)


@pytest.mark.parametrize("classifier", CLASSIFIERS)
def test_every_attribute_of_a_fitted_classifier_is_documented(classifier):
    X = np.random.default_rng(0).normal(size=(60, 2))
    fitted = classifier(epochs=1).fit(X, X[:, 0] > 0)
    named = {name for name in dir(fitted) if re.fullmatch(r"[a-z]\w*_", name)}
    assert named | {"feature_names_in_"} == set(documented(classifier, "Attributes"))


@pytest.mark.parametrize("classifier", CLASSIFIERS)
def test_the_shared_text_is_rendered_in_place(classifier):
    rendered = inspect.getdoc(classifier)
    for text in (PARAMETERS, ATTRIBUTES):
        assert text.strip() in rendered
    assert "{sections}" not in rendered


def test_a_placeholder_passes_on_its_indentation_and_other_braces_stay():
    @substitute(shared="first\n    deeper\n")
    def function():
        """Return {nothing}.

        {shared}

        >>> {}
        {}
        """

    assert inspect.getdoc(function) == ("Return {nothing}.\n\nfirst\n    deeper\n\n>>> {}\n{}")


def test_a_placeholder_without_text_is_an_error():
    with pytest.raises(KeyError, match="shared"):

        @substitute(other="text")
        def function():
            """Return.

            {shared}
            """


def test_without_docstrings_nothing_is_substituted():
    code = (
        "from novin_ml.estimators import DeliveryClassifier; "
        "print(DeliveryClassifier.__doc__, DeliveryClassifier.__name__)"
    )
    done = subprocess.run(
        [sys.executable, "-OO", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout == "None DeliveryClassifier\n"
