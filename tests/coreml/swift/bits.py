"""What the Swift tool reads and writes: requests as texts, float32 numbers as their bits."""

import json

import numpy as np


def requests(events):
    """Return events as an app sends them, few enough for each request."""
    return [
        json.dumps({"events": events[begin : begin + 40]}) for begin in range(0, len(events), 40)
    ]


def ask(tool, command, **line):
    """Give the tool one line, and return its answer."""
    (answer,) = tool(command, [json.dumps(line)])
    return answer


def float32(rows, n_columns):
    """Return rows of bit patterns as float32, shape (n_rows, n_columns)."""
    return np.array(rows, dtype=np.uint32).reshape(-1, n_columns).view(np.float32)


def assert_same(got, expected, specs, close=()):
    """Assert equal bits in all columns, but for those named in `close`: there within 1 ulp."""
    expected = np.ascontiguousarray(expected, dtype=np.float32)
    assert got.shape == expected.shape
    np.testing.assert_array_equal(np.isnan(got), np.isnan(expected))
    for column, spec in enumerate(specs):
        known = ~np.isnan(expected[:, column])
        left, right = got[known, column], expected[known, column]
        if spec.name in close:
            np.testing.assert_array_max_ulp(left, right, maxulp=1)
        else:
            assert left.tobytes() == right.tobytes(), (spec.name, left, right)
