"""The spec of a feature: the one description that every other part of the project reads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from novin_ml.plain import shown


@dataclass(frozen=True)
class FeatureSpec:
    """One column of a feature table.

    The column names of the transformers, the descriptions of the Core ML inputs and the
    documentation all come from here.

    Parameters
    ----------
    name : str
        Name in snake_case, a valid identifier in Python and Swift. Exports refuse a word that Swift
        reserves, such as ``class``.
    unit : str
        Unit of the values; ``"1"`` for plain numbers, ``"code"`` for ordinal codes.
    low, high : float
        Smallest and largest value; may be infinite.
    meaning : str
        The formula in one line, and when the value is missing.

    Examples
    --------
    >>> from novin_ml.features import FeatureSpec
    >>> FeatureSpec("duration", "s", 0.0, float("inf"), "length of the motion").unit
    's'
    """

    name: str
    unit: str
    low: float
    high: float
    meaning: str

    def __post_init__(self) -> None:
        """Refuse a name that is not a Swift identifier, and an empty range."""
        if not (self.name.isascii() and self.name.isidentifier()):
            raise ValueError(
                "The name of a feature must be an ASCII identifier. "
                f"Got {shown(self.name)} instead."
            )
        if not self.low <= self.high:
            raise ValueError(
                f"The range of feature {shown(self.name)} must have low <= high. "
                f"Got low={shown(self.low)} and high={shown(self.high)} instead."
            )


def specs_for(names: Iterable[str], known: Sequence[FeatureSpec] = ()) -> tuple[FeatureSpec, ...]:
    """Return a spec for each column name of any table.

    A name in `known` gets its spec. Any other name becomes an ASCII identifier: other characters
    turn into ``_``, and repeated names are numbered. Its meaning then holds the original name.

    Parameters
    ----------
    names : iterable of str
        Column names.
    known : sequence of FeatureSpec, default=()
        Specs of a family.

    Returns
    -------
    specs : tuple of FeatureSpec
        One spec for each of `names`, in order, with distinct names.

    Examples
    --------
    >>> from novin_ml.features.spec import specs_for
    >>> [spec.name for spec in specs_for(["age", "loan amount", "loan-amount", "7"])]
    ['age', 'loan_amount', 'loan_amount_2', '_7']
    """
    by_name = {spec.name: spec for spec in known}
    names = list(names)
    # The first use of an identifier keeps its name.
    reserved = {name for name in names if name.isascii() and name.isidentifier()}
    taken: set[str] = set()
    specs = []
    for name in names:
        if name in by_name and name not in taken:
            taken.add(name)
            specs.append(by_name[name])
            continue
        safe = name
        if name not in reserved or name in taken:
            stem = re.sub(r"[^0-9A-Za-z_]", "_", name) or "_"
            # A lone underscore is no name in Swift.
            stem = f"_{stem}" if stem[0].isdigit() or stem == "_" else stem
            safe, number = stem, 1
            while safe in taken | reserved:
                number += 1
                safe = f"{stem}_{number}"
        taken.add(safe)
        meaning = f"column {shown(name)}"
        specs.append(FeatureSpec(safe, "", -float("inf"), float("inf"), meaning))
    return tuple(specs)
