"""Export to Core ML, the reference runtime, and the certificate that both agree."""

from novin_ml.coreml.certificate import Certificate
from novin_ml.coreml.export import Export, export_coreml
from novin_ml.coreml.reasons import reason_codes
from novin_ml.coreml.runtime import CoreMLRuntime
from novin_ml.coreml.verify import verify_coreml
from novin_ml.coreml.weights import get_weights, set_weights, weight_layout
from novin_ml.deprecation import renamed_names
from novin_ml.estimators.reasons import Reason

__all__ = [
    "Certificate",
    "CoreMLRuntime",
    "Export",
    "Reason",
    "export_coreml",
    "get_weights",
    "reason_codes",
    "set_weights",
    "verify_coreml",
    "weight_layout",
]

__getattr__ = renamed_names(__name__, {"ReasonCode": "novin_ml.coreml.Reason"})
