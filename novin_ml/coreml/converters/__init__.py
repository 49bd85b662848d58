"""The converters and parsers of models; importing this registers them."""

from novin_ml.coreml.converters import (
    blend,
    boosting,
    forest,
    isolation,
    monitor,
    network,
    novin,
    pipelines,
    program,
    sklearn_isolation,
    sklearn_mlp,
    xgboost_models,
)
from novin_ml.coreml.converters._registry import (
    Converter,
    converter_for,
    parse_model,
    register_converter,
    register_parser,
)

__all__ = [
    "Converter",
    "blend",
    "boosting",
    "converter_for",
    "forest",
    "isolation",
    "monitor",
    "network",
    "novin",
    "parse_model",
    "pipelines",
    "program",
    "register_converter",
    "register_parser",
    "sklearn_isolation",
    "sklearn_mlp",
    "xgboost_models",
]
