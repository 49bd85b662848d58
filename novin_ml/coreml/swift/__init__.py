"""Swift packages that compute the features of events as Python does, bit for bit."""

from novin_ml.coreml.swift._golden import golden_rows
from novin_ml.coreml.swift._package import (
    SwiftPackage,
    write_features_package,
    write_swift_package,
)
from novin_ml.coreml.swift._verify import is_package, verify_swift_package

__all__ = [
    "SwiftPackage",
    "golden_rows",
    "is_package",
    "verify_swift_package",
    "write_features_package",
    "write_swift_package",
]
