"""Smart-home event models, trained here, proven equal on the phone.

The public names are imported when they are first used, so that ``import novin_ml`` loads neither
coremltools nor xgboost.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING, Any

from novin_ml._version import __version__

if TYPE_CHECKING:
    from novin_ml.coreml import export_coreml, verify_coreml
    from novin_ml.estimators import (
        BehaviorAnomalyDetector,
        DeliveryClassifier,
        EventChainClassifier,
        MotionClassifier,
    )

__all__ = [
    "BehaviorAnomalyDetector",
    "DeliveryClassifier",
    "EventChainClassifier",
    "MotionClassifier",
    "__version__",
    "export_coreml",
    "verify_coreml",
]

_HOMES = {
    "BehaviorAnomalyDetector": "novin_ml.estimators",
    "DeliveryClassifier": "novin_ml.estimators",
    "EventChainClassifier": "novin_ml.estimators",
    "MotionClassifier": "novin_ml.estimators",
    "export_coreml": "novin_ml.coreml",
    "verify_coreml": "novin_ml.coreml",
}

_SUBPACKAGES = {each.name for each in pkgutil.iter_modules(__path__) if each.ispkg} - {"cli"}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    if name in _SUBPACKAGES:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, *_SUBPACKAGES])
