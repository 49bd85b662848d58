"""The confidence interval of a share."""

from __future__ import annotations

from scipy.stats import binomtest


def exact_interval(n_true: int, n: int, confidence: float) -> tuple[float, float]:
    """Return the Clopper-Pearson interval of a share; 0 to 1 if there are no rows."""
    if n == 0:
        return 0.0, 1.0
    low, high = binomtest(n_true, n).proportion_ci(confidence, method="exact")
    return float(low), float(high)
