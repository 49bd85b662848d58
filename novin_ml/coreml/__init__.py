"""Export to Core ML, the reference runtime, and the certificate that both agree."""

from novin_ml.coreml.certificate import Certificate
from novin_ml.coreml.export import Export, export_coreml
from novin_ml.coreml.reasons import ReasonCode, reason_codes
from novin_ml.coreml.runtime import CoreMLRuntime
from novin_ml.coreml.verify import verify_coreml

__all__ = [
    "Certificate",
    "CoreMLRuntime",
    "Export",
    "ReasonCode",
    "export_coreml",
    "reason_codes",
    "verify_coreml",
]
