"""Converters of trees that other libraries trained; importing this registers them."""

from novin_ml.coreml.converters.ensembles import forests

__all__ = ["forests"]
