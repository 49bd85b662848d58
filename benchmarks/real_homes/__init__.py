"""Models on logs of real homes; run as ``python -m benchmarks.real_homes``."""
