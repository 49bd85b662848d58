"""The cost of training: how its time depends on rows and on cores."""

from novin_ml.compute.scaling import Prediction, ScalingLaw, amdahl_speedup, fit_scaling_law

__all__ = ["Prediction", "ScalingLaw", "amdahl_speedup", "fit_scaling_law"]
