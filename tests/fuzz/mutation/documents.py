"""JSON documents: one place of one holds something else."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

from tests.fuzz.mutation import texts


def _deep(n: int) -> Any:
    value: Any = 1
    for _ in range(n):
        value = [value]
    return value


#: What may stand in any place.
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2, 10, 2**31, 2**40, 2**63, -(2**63) - 1, 10**400, 0.5, -0.0),
    *(
        1e308,
        -1e308,
        5e-324,
        float("nan"),
        float("inf"),
        "",
        " ",
        "0",
        "x",
        "\0",
        "\ud800",
        "1e400",
    ),
    *(
        "x" * 100_000,
        "é",
        "../x",
        "/",
        "nan",
        "9" * 5000,
        [],
        {},
        [[]],
        [None],
        [0] * 1000,
        {"": 0},
    ),
    *({"a": {"a": {}}}, _deep(90), list(range(3)), ["x"], [1.5], [True], {"0": 0}),
)


def changed(content: bytes, rng: random.Random) -> bytes:
    """Return a document, or one of lines of them, with one to three changes."""
    is_lines = False
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        lines = content.split(b"\n")
        place = rng.randrange(len(lines))
        try:
            document = json.loads(lines[place])
        except (ValueError, RecursionError):
            return texts.changed(content, rng)
        is_lines = True
    for _ in range(rng.choice((1, 1, 2, 3))):
        document = _once(document, rng)
    new = json.dumps(document).encode()
    if is_lines:
        lines[place] = new
        return b"\n".join(lines)
    return new


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if isinstance(value, dict):
        for key in value:
            found += _places(value[key], (*path, key))
    elif isinstance(value, list):
        for place in range(min(len(value), 20)):
            found += _places(value[place], (*path, place))
    return found


def _once(document: Any, rng: random.Random) -> Any:
    places = _places(document)
    if not places or rng.random() < 0.02:
        return rng.choice(VALUES)
    *way, last = rng.choice(places)
    inner = document
    for key in way:
        inner = inner[key]
    how = rng.randrange(8)
    if how == 0:
        del inner[last]
    elif how == 1 and isinstance(inner, dict):
        inner[rng.choice(("", "x", "a.b", "\0", last + "x"))] = inner[last]
    elif how == 1:
        inner.insert(last, inner[last])
    elif how == 2:
        inner[last] = [inner[last]]
    elif how == 3 and isinstance(inner[last], int | float):
        inner[last] = inner[last] * rng.choice((2, -1, 0.5, 1.0, 10**6)) + rng.choice((0, 1))
    elif how == 3 and isinstance(inner[last], str):
        inner[last] = inner[last][: rng.randrange(len(inner[last]) + 1)] + rng.choice(
            ("", "x", "\n")
        )
    elif how == 4:
        *other, key = rng.choice(places)
        value = document
        for step in (*other, key):
            value = value[step]
        inner[last] = copy.deepcopy(value)
    else:
        inner[last] = copy.deepcopy(rng.choice(VALUES))
    return document
