"""Names of a model's inputs: names of the columns, or names that the caller passes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from novin_ml.exceptions import NotExportableError
from novin_ml.features.spec import FeatureSpec, specs_for
from novin_ml.plain import plural, shown

#: Keywords that cannot be a name in Swift without backticks.
SWIFT_KEYWORDS = frozenset(
    re.findall(
        "[A-Za-z_]+",
        """_ Any Protocol Self Type as associatedtype await borrowing break case catch class
        consuming continue default defer deinit do else enum extension fallthrough false fileprivate
        for func guard if import in init inout internal is let nil nonisolated open operator
        precedencegroup private protocol public repeat rethrows return self static struct subscript
        super switch throw throws true try typealias var where while""",
    )
)
#: Members of the classes that Xcode generates for a model, with inherited ones.
GENERATED_NAMES = frozenset(
    re.findall(
        "[A-Za-z_]+",
        """debugDescription description featureNames featureValue hash hashValue input_ load model
        prediction predictions provider superclass urlOfModelInThisBundle""",
    )
)


def input_specs(
    feature_names: Sequence[Any] | None, columns: Sequence[str], known: Sequence[FeatureSpec] = ()
) -> tuple[FeatureSpec, ...]:
    """Return the spec of each input, named by the caller or as the estimator's columns.

    Parameters
    ----------
    feature_names : sequence of str or None
        One for each column, in their order.
    columns : sequence of str
        Names of the estimator's columns.
    known : sequence of FeatureSpec, default=()
        Specs of a family.

    Raises
    ------
    NotExportableError
        If a name is not a text, the number of names is wrong, two names are equal, a name belongs
        to another column, or a name cannot be written in Swift.
    """
    names = _checked_names(feature_names, columns)
    specs = specs_for(names, known)
    _require_swift(names, specs)
    # Rows are looked up by name: such a name could mean either of two columns.
    for spec, column in zip(specs, columns, strict=True):
        if spec.name in columns and spec.name != column:
            raise NotExportableError(
                "The 'feature_names' parameter must not give a column the name of another one. "
                f"Got {spec.name!r} for the column {column!r} of the training data. "
                "Name the columns in their order there, or give them new names."
            )
    return specs


def _checked_names(feature_names: Sequence[Any] | None, columns: Sequence[str]) -> list[str]:
    names = list(columns if feature_names is None else feature_names)
    wrong = [name for name in names if not isinstance(name, str)]
    if wrong:
        raise NotExportableError(
            f"The 'feature_names' parameter must have names that are texts. Got {shown(wrong[0])}. "
            "Pass it as text."
        )
    if len(names) != len(columns):
        raise NotExportableError(
            f"The 'feature_names' parameter must have {plural(len(columns), 'name')}, one for "
            "each feature. "
            f"Got {len(names)}."
        )
    if len(set(names)) != len(names):
        raise NotExportableError(
            "The 'feature_names' parameter must have names that differ from each other. "
            f"Got {names}."
        )
    with_nul = [name for name in names if "\0" in name]
    if with_nul:
        raise NotExportableError(
            f"Feature names must have no NUL character. Got {with_nul}. Pass feature_names."
        )
    return [str(name) for name in names]


def _require_swift(names: list[str], specs: Sequence[FeatureSpec]) -> None:
    reserved = SWIFT_KEYWORDS | GENERATED_NAMES
    taken = {*names, *(spec.name for spec in specs)}
    for spec in specs:
        if spec.name in reserved:
            better = spec.name + "_"
            while better in taken or better in reserved:
                better += "_"
            raise NotExportableError(
                "A feature must have a name that Swift, and the classes that Xcode makes of a "
                f"model, leave free. Got {spec.name!r}. Pass feature_names with {better!r} "
                "in its place."
            )
