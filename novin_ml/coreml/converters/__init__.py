"""The converters and parsers of models; importing this registers them."""

from novin_ml.coreml.converters import (
    blend,
    boosting,
    ensembles,
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
    Taken,
    converter_for,
    parse_model,
    register_converter,
    register_parser,
    taken_models,
)

__all__ = [
    "Converter",
    "Taken",
    "blend",
    "boosting",
    "converter_for",
    "ensembles",
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
    "taken_models",
    "xgboost_models",
]
