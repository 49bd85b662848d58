"""A registry of models: immutable versions, one of them served."""

from novin_ml.lifecycle.registry.mlflow_export import MlflowVersion, export_to_mlflow
from novin_ml.lifecycle.registry.records import Promotion, Version
from novin_ml.lifecycle.registry.registry import Registry
from novin_ml.lifecycle.registry.removals import (
    Removal,
    record_removal,
    removals,
    removed_homes,
)
from novin_ml.lifecycle.registry.upkeep import (
    VersionDifference,
    collect_garbage,
    diff_versions,
    verify_registry,
)

__all__ = [
    "MlflowVersion",
    "Promotion",
    "Registry",
    "Removal",
    "Version",
    "VersionDifference",
    "collect_garbage",
    "diff_versions",
    "export_to_mlflow",
    "record_removal",
    "removals",
    "removed_homes",
    "verify_registry",
]
