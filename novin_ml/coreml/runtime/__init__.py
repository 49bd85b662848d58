"""A reference interpreter of Core ML specifications, on any platform, in numpy."""

from novin_ml.coreml.runtime.runtime import CoreMLRuntime

__all__ = ["CoreMLRuntime"]
