"""Train, evaluate, publish and save models.

Each name is imported when it is first used. Loading a saved model imports neither coremltools nor
matplotlib.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from novin_ml.lifecycle.baseline_training import BaselineTrainingResult, train_baseline
    from novin_ml.lifecycle.fleet import (
        Fleet,
        FleetReport,
        FleetScores,
        events_of_home,
        fit_fleet,
        is_fleet,
        load_fleet,
        load_home,
        save_baseline,
        score_fleet,
    )
    from novin_ml.lifecycle.gate import Gate, check_gate, fault_of
    from novin_ml.lifecycle.publishing import (
        CertificateBeside,
        Published,
        certificate_beside,
        publish,
    )
    from novin_ml.lifecycle.saving import load_estimator, save_estimator
    from novin_ml.lifecycle.training import TrainingResult, evaluate_with_rules, train

__all__ = [
    "BaselineTrainingResult",
    "CertificateBeside",
    "Fleet",
    "FleetReport",
    "FleetScores",
    "Gate",
    "Published",
    "TrainingResult",
    "certificate_beside",
    "check_gate",
    "evaluate_with_rules",
    "events_of_home",
    "fault_of",
    "fit_fleet",
    "is_fleet",
    "load_estimator",
    "load_fleet",
    "load_home",
    "publish",
    "save_baseline",
    "save_estimator",
    "score_fleet",
    "train",
    "train_baseline",
]

_HOMES = {
    "BaselineTrainingResult": "novin_ml.lifecycle.baseline_training",
    "CertificateBeside": "novin_ml.lifecycle.publishing",
    "Fleet": "novin_ml.lifecycle.fleet",
    "FleetReport": "novin_ml.lifecycle.fleet",
    "FleetScores": "novin_ml.lifecycle.fleet",
    "Gate": "novin_ml.lifecycle.gate",
    "Published": "novin_ml.lifecycle.publishing",
    "TrainingResult": "novin_ml.lifecycle.training",
    "certificate_beside": "novin_ml.lifecycle.publishing",
    "check_gate": "novin_ml.lifecycle.gate",
    "evaluate_with_rules": "novin_ml.lifecycle.training",
    "events_of_home": "novin_ml.lifecycle.fleet",
    "fault_of": "novin_ml.lifecycle.gate",
    "fit_fleet": "novin_ml.lifecycle.fleet",
    "is_fleet": "novin_ml.lifecycle.fleet",
    "load_estimator": "novin_ml.lifecycle.saving",
    "load_fleet": "novin_ml.lifecycle.fleet",
    "load_home": "novin_ml.lifecycle.fleet",
    "publish": "novin_ml.lifecycle.publishing",
    "save_baseline": "novin_ml.lifecycle.fleet",
    "save_estimator": "novin_ml.lifecycle.saving",
    "score_fleet": "novin_ml.lifecycle.fleet",
    "train": "novin_ml.lifecycle.training",
    "train_baseline": "novin_ml.lifecycle.baseline_training",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
