"""Files of models that others saved: opened without running what is in them."""

from novin_ml.coreml.model_files.opening import SUFFIXES, open_model_file

__all__ = ["SUFFIXES", "open_model_file"]
