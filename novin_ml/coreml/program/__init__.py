"""Programs: what a pipeline of scikit-learn computes, as a list of operations of Core ML."""

from novin_ml.coreml.program.ops import Program

__all__ = ["Program"]
