"""The former name of `novin_ml.simulation`, which works until 0.3.0."""

from __future__ import annotations

import importlib
import warnings
from typing import Any

_HANDED_ON = (
    "simulate_behavior",
    "simulate_chain_events",
    "simulate_chains",
    "simulate_deliveries",
    "simulate_motions",
)
__all__ = list(_HANDED_ON)


def __getattr__(name: str) -> Any:
    # By importlib and when asked: events stands before simulation.
    if name not in _HANDED_ON:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    warnings.warn(
        "novin_ml.events.synthetic is deprecated since 0.2.0 and will be removed in 0.3.0. "
        f"Use instead: from novin_ml.simulation import {name}.",
        FutureWarning,
        stacklevel=2,
    )
    return getattr(importlib.import_module("novin_ml.simulation"), name)


def __dir__() -> list[str]:
    return __all__
