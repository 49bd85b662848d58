"""Numbers of cores to measure with."""

from __future__ import annotations

import os

N_JOBS = [1, 2, 4, 8, 16]


def require_cores(n_jobs: int) -> None:
    """Raise NotImplementedError, by which asv skips, if the process may not use so many cores."""
    if hasattr(os, "sched_getaffinity"):
        available = len(os.sched_getaffinity(0))
    else:
        available = os.cpu_count() or 1
    if n_jobs > available:
        raise NotImplementedError(f"{n_jobs} cores; this process may use {available}")
