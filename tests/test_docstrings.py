"""Every public docstring, held against its signature by numpydoc's rules."""

import dataclasses
import importlib
import inspect
import pkgutil
import re
from enum import Enum
from pathlib import Path

import pytest
from numpydoc.docscrape import NumpyDocString
from numpydoc.validate import validate

import novin_ml

PACKAGE = Path(novin_ml.__file__).parent
REFERENCE = PACKAGE.parent / "docs" / "api.rst"

#: Rules of numpydoc that do not hold here, with the reason. All others hold.
IGNORED = {
    "ES01": "The summary may say it all.",
    "EX01": "A class shows how its methods are used; test_package demands that.",
    "GL01": "The summary follows the quotes, which numpydoc allows only in its later versions.",
    "RT02": "Results have names, as in scikit-learn.",
    "SA01": "Not everything has a neighbour that one should know.",
}


def folders():
    names = [name for _, name, is_folder in walked() if is_folder]
    return ["novin_ml", *(name for name in names if "._" not in name)]


def walked():
    return pkgutil.walk_packages([str(PACKAGE)], "novin_ml.")


def public():
    """Return all that folders hand on, or the reference lists, by the name where it is defined."""
    listed = re.findall(r"^   (novin_ml\.\S+)\.(\w+)$", REFERENCE.read_text("utf-8"), re.MULTILINE)
    for name in folders():
        module = importlib.import_module(name)
        listed += [(name, each) for each in getattr(module, "__all__", [])]
    found = {}
    for name, attribute in listed:
        value = getattr(importlib.import_module(name), attribute)
        if inspect.isclass(value) or inspect.isroutine(value):
            found |= with_methods(value)
    return found


def with_methods(value):
    """Return a function, or a class with its public methods and properties, by their names."""
    found = {f"{value.__module__}.{value.__qualname__}": value}
    for owner in value.__mro__ if inspect.isclass(value) else ():
        if not owner.__module__.startswith("novin_ml."):
            continue
        for name, member in vars(owner).items():
            is_method = isinstance(member, property | classmethod | staticmethod)
            if not name.startswith("_") and (is_method or inspect.isfunction(member)):
                found[f"{owner.__module__}.{owner.__qualname__}.{name}"] = member
    return found


def is_record(value):
    """Whether a class is described by its fields: a dataclass, or a tuple with names."""
    return dataclasses.is_dataclass(value) or hasattr(value, "_fields")


def is_made_by_nobody(value):
    return getattr(value, "_is_protocol", False) or issubclass(value, Enum)


def undescribed(record):
    """Return what a record's attributes lack of its fields, or have too much."""
    described = {
        name
        for entry in NumpyDocString(inspect.getdoc(record))["Attributes"]
        for name in entry.name.split(", ")
    }
    names = getattr(record, "_fields", None)
    if names is None:
        names = [field.name for field in dataclasses.fields(record)]
    fields = {name for name in names if not name.startswith("_")}
    unknown = {name for name in described - fields if not hasattr(record, name)}
    return sorted((fields - described) | unknown)


def faults(name, value):
    found = {code: text for code, text in validate(name)["errors"] if code not in IGNORED}
    if inspect.isclass(value) and is_made_by_nobody(value):
        found.pop("PR01", None)
    elif inspect.isclass(value) and is_record(value) and "Attributes\n" in inspect.getdoc(value):
        found.pop("PR01", None)
        if lost := undescribed(value):
            found["fields"] = f"Attributes and fields differ by {lost}"
    return found


PUBLIC = public()


def test_much_is_public():
    assert len(PUBLIC) > 250
    assert "novin_ml.estimators.base.FamilyClassifier.predict_proba" in PUBLIC


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_docstring(name):
    assert faults(name, PUBLIC[name]) == {}


def test_ignored_rules_are_broken_somewhere():
    """A rule that all docstrings keep needs no exception."""
    broken = {code for name in PUBLIC for code, _ in validate(name)["errors"]}
    assert set(IGNORED) - {"GL01"} <= broken


def sample(first, second=2):
    """Return a sum.

    Parameters
    ----------
    second : int
        One.
    first
        Other.
    third : int
        None of them.

    Returns
    -------
    total : int
        Both.
    """
    return first + second


@dataclasses.dataclass
class Pair:
    """Two numbers.

    Attributes
    ----------
    left, middle : int
        Numbers.
    """

    left: int
    right: int


def test_what_does_not_fit_is_found():
    assert set(faults(f"{__name__}.sample", sample)) == {"PR02", "PR04"}
    assert faults(f"{__name__}.Pair", Pair)["fields"].endswith("['middle', 'right']")
