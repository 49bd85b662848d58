"""What classes of scikit-learn become; importing this registers them."""

from novin_ml.coreml.converters.steps import linear, logistic, pipeline, scalers

__all__ = ["linear", "logistic", "pipeline", "scalers"]
