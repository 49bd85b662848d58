"""Fold steps that map each column alone, and upwards, into the thresholds of trees.

A node goes left if what the steps make of an input is at most a threshold. As they map the input
upwards, it goes left exactly if the input is at most a number of its own: the largest float32
number that goes left. It is found by halving, with the transformers themselves.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from novin_ml.coreml.given import Trees
from novin_ml.coreml.probes import from_keys
from novin_ml.coreml.program.builder import Builder, Column, Value
from novin_ml.coreml.program.ops import Op
from novin_ml.coreml.runtime.forest import order_keys
from novin_ml.exceptions import NotExportableError

# Beyond it a scaled number may be infinite.
_MOST = np.float32(2.0**100)
_STAGES = frozenset({"impute", "is_missing", "join", "linear", "onehot", "pick", "scale"})


@dataclass(frozen=True)
class Element:
    """An element of the vector before trees.

    Attributes
    ----------
    place : int or None
        The input that it is made of, by steps that map it alone and upwards; None if it is made of
        categories, or says what was missing.
    replaces_missing : bool
        Whether a step replaces a missing value.
    is_changed : bool
        Whether a step changes it at all.
    """

    place: int | None
    replaces_missing: bool = False
    is_changed: bool = False


def elements_of(model: Any, value: Value, builder: Builder) -> list[Element]:
    """Return what each element before a model of trees is made of; refuse what mixes columns."""
    found: list[Element] = []
    for part in value:
        if isinstance(part, Column):
            found.append(Element(part.place))
            continue
        found.extend(_element(model, part, number, builder) for number in range(part.width))
    return found


def _element(model: Any, op: Op, number: int, builder: Builder) -> Element:
    if not op.is_stage or op.kind not in _STAGES:
        raise _mixed(model, "a step that mixes columns")
    if op.kind in ("onehot", "is_missing"):
        return Element(None)
    if op.kind == "linear":
        if builder.made(op.sources[0]).kind != "onehot":
            raise _mixed(model, "a step that mixes columns")
        return Element(None)
    if op.kind == "join":
        for source in op.sources:
            width = 1 if source.startswith("input ") else builder.made(source).width
            if number < width:
                if source.startswith("input "):
                    return Element(int(source.partition(" ")[2]))
                return _element(model, builder.made(source), number, builder)
            number -= width
    before = op.settings["places"][number] if op.kind == "pick" else number
    element = _element(model, builder.made(op.sources[0]), before, builder)
    if element.place is None or op.kind == "pick":
        return element
    if op.kind == "impute":
        return replace(element, replaces_missing=True, is_changed=True)
    if not op.arrays["scale"][number] > 0:
        raise _mixed(model, "a step that turns a column round, or makes it constant")
    return replace(element, is_changed=True)


def _mixed(model: Any, what: str) -> NotExportableError:
    return NotExportableError(
        f"Before a {type(model).__name__}, steps must map each column alone and upwards, to be "
        f"folded into its thresholds. Got {what}. Train the trees without it: they need no scaling."
    )


def folded(
    trees: Trees, elements: list[Element], value: Value, builder: Builder, compares: Any
) -> Trees:
    """Return trees whose thresholds are those of the inputs.

    Parameters
    ----------
    trees : Trees
        Over the elements.
    elements : list of Element
    value : tuple of (Column or Op)
        The vector of the elements.
    builder : Builder
        Knows how Python makes it.
    compares : dtype
        What the model rounds numbers to before it compares them.
    """
    threshold, missing_left = trees.threshold.copy(), trees.missing_left.copy()
    inner = trees.left >= 0
    groups: list[list[int]] = []
    for number, element in enumerate(elements):
        if element.place is None or not element.is_changed:
            continue
        # Elements of different inputs are searched together.
        free = (g for g in groups if all(elements[k].place != element.place for k in g))
        group = next(free, None)
        if group is None:
            groups.append([number])
        else:
            group.append(number)
    for group in groups:
        nodes = [np.flatnonzero(inner & (trees.feature == number)) for number in group]
        bounds = [np.unique(threshold[each]) for each in nodes]
        found = _least_going_right(bounds, group, elements, value, builder, compares, trees)
        missing = _of_missing(group, elements, value, builder, compares)
        for number, own, bound, new, replaced in zip(
            group, nodes, bounds, found, missing, strict=True
        ):
            if elements[number].replaces_missing:
                missing_left[own] = _goes_left(replaced, threshold[own], trees.less_equal)
            threshold[own] = new[np.searchsorted(bound, threshold[own])]
    return replace(trees, threshold=threshold, missing_left=missing_left)


def _goes_left(values: Any, thresholds: np.ndarray, less_equal: bool) -> np.ndarray:
    return np.asarray(values <= thresholds if less_equal else values < thresholds)


def _least_going_right(
    bounds: list[np.ndarray],
    group: list[int],
    elements: list[Element],
    value: Value,
    builder: Builder,
    compares: Any,
    trees: Trees,
) -> list[np.ndarray]:
    """Return the threshold of the input for each threshold of an element."""
    n_rows = max((len(each) for each in bounds), default=0)
    low = [np.full(len(each), order_keys(np.array(-_MOST))) for each in bounds]
    high = [np.full(len(each), order_keys(np.array(_MOST)) + 1) for each in bounds]
    low = [each.astype(np.int64) - 1 for each in low]
    high = [each.astype(np.int64) for each in high]
    # All up to `low` go left, and none from `high` on.
    while any(np.any(b - a > 1) for a, b in zip(low, high, strict=True)):
        X = np.zeros((n_rows, len(builder.columns)))
        middle = [(a + b) // 2 for a, b in zip(low, high, strict=True)]
        for number, keys in zip(group, middle, strict=True):
            place = elements[number].place
            X[: len(keys), place] = from_keys(keys.astype(np.int32))
        with np.errstate(over="ignore"):
            made = builder.own_matrix(value, X)[:, group].astype(compares)
        for at, (keys, bound) in enumerate(zip(middle, bounds, strict=True)):
            left = _goes_left(made[: len(keys), at], bound, trees.less_equal)
            low[at] = np.where(left, keys, low[at])
            high[at] = np.where(left, high[at], keys)
    last = order_keys(np.array(_MOST)) + np.int64(0)
    if any(np.any(each >= last) for each in low):
        raise NotExportableError(
            "Before trees, a scaler must be of columns whose numbers are below 1e30. "
            "Got a larger one. Train the trees without it: they need no scaling."
        )
    keys = [each if trees.less_equal else each + 1 for each in low]
    return [from_keys(each.astype(np.int32)).astype(np.float64) for each in keys]


def _of_missing(
    group: list[int], elements: list[Element], value: Value, builder: Builder, compares: Any
) -> np.ndarray:
    """Return what the steps make of missing inputs."""
    if not any(elements[number].replaces_missing for number in group):
        return np.zeros(len(group))
    X = np.zeros((1, len(builder.columns)))
    for number in group:
        if elements[number].replaces_missing:
            X[0, elements[number].place] = np.nan
    return builder.own_matrix(value, X)[0, group].astype(compares)
