"""A logarithm that every language computes alike, bit for bit."""

from __future__ import annotations

from math import frexp
from typing import Any

import numpy as np


def line_log2(x: Any) -> Any:
    """Logarithm to base 2 of a positive float, interpolated linearly between powers of two.

    This is exponent + fraction of the float, x = (1 + fraction) 2^exponent. It needs no library and
    is at most 0.0861 too low. Its uses only need a function that increases steadily.
    """
    mantissa, exponent = frexp(x) if isinstance(x, float) else np.frexp(x)
    return exponent + 2 * mantissa - 2
