"""An exported model is compared with its Python model part by part, without running either."""

from novin_ml.coreml.structure._forms import expected_model
from novin_ml.coreml.structure._messages import first_difference
from novin_ml.coreml.structure.compare import NOT_COMPARED, Structure, compare_structure

__all__ = ["NOT_COMPARED", "Structure", "compare_structure", "expected_model", "first_difference"]
