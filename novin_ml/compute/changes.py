"""What if there were more rows or homes: the same plan with other numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from novin_ml.compute.answers import dollars_in_words, time_in_words
from novin_ml.compute.hardware import Stage
from novin_ml.compute.planning import plan
from novin_ml.compute.records import Plan
from novin_ml.exceptions import InvalidParametersError
from novin_ml.parameters import nearest
from novin_ml.plain import shown

_KEYS = ("rows", "homes")
_WRITTEN = re.compile(r"(\d+(?:\.\d+)?)(x?)")


def what_if(made: Plan, changes: Mapping[str, str | float]) -> Plan:
    """Return a plan with other numbers.

    Parameters
    ----------
    made : Plan
        From `plan`.
    changes : dict of str to str or float
        For ``"rows"`` or ``"homes"``: a number, or a factor such as ``"2x"``.

    Returns
    -------
    changed : Plan
        Of the same demands, prices and times. The stage is that of the new number of homes, unless
        it was named.

    Raises
    ------
    InvalidParametersError
        If a key is unknown, or a value is no number above 0.

    Examples
    --------
    >>> from novin_ml.compute import plan, what_if
    >>> what_if(plan(500), {"homes": "10x"}).stage.name
    'early growth'
    """
    asked = dict(made.request)
    for key, value in changes.items():
        if key not in _KEYS:
            raise InvalidParametersError(
                f"A change must be of {' or '.join(_KEYS)}. Got {shown(key)}."
                f"{nearest(key, _KEYS) or ' Name one.'}"
            )
        number, is_factor = _number(key, value)
        if key == "homes":
            asked["homes"] = max(1, round(number * (made.homes if is_factor else 1)))
        elif asked["events"] is not None or not is_factor:
            asked["events"] = max(1, round(number * (asked["events"] if is_factor else 1)))
        else:
            stages = {name: _with_rows(each, number) for name, each in made.table.stages.items()}
            asked["table"] = replace(made.table, stages=stages)
    return plan(**asked)


def difference_in_words(now: Plan, then: Plan) -> str:
    """Return what a change means, in one sentence."""
    if now.cheapest is None or then.cheapest is None:
        lost = (
            "Both lack"
            if now.cheapest is then.cheapest
            else ("Then no" if then.cheapest is None else "Only then a")
        )
        if lost == "Both lack":
            return "Neither now nor then does any hardware surely keep what is demanded."
        return f"{lost} hardware surely keeps what is demanded."
    first, second = now.cheapest, then.cheapest
    same = first.hardware.key == second.hardware.key
    machine = "the same hardware" if same else f"{second.hardware.name}"
    return (
        f"Then {machine} is the cheapest: {time_in_words(second.time)} a training instead of "
        f"{time_in_words(first.time)}, {dollars_in_words(second.month)} a month instead of "
        f"{dollars_in_words(first.month)}."
    )


def parse_changes(texts: list[str]) -> dict[str, str]:
    """Return changes such as ``rows=2x`` by their keys."""
    found: dict[str, str] = {}
    for text in texts:
        key, sign, value = text.partition("=")
        if not sign:
            raise InvalidParametersError(
                f"A change must be KEY=VALUE, such as rows=2x. Got {shown(text)}. Write it so."
            )
        found[key.strip()] = value.strip()
    return found


def _number(key: str, value: Any) -> tuple[float, bool]:
    found = _WRITTEN.fullmatch(str(value).replace(",", "").replace("_", "").lower())
    number = float(found[1]) if found else math.nan
    if found is None or not 0 < number <= 1e12:
        raise InvalidParametersError(
            f"The change of {key} must be a number above 0, or a factor such as 2x. "
            f"Got {shown(value)}. Correct it."
        )
    return number, bool(found[2])


def _with_rows(stage: Stage, factor: float) -> Stage:
    rows = {task: max(1, round(factor * n)) for task, n in stage.rows.items()}
    return replace(stage, rows=rows)
