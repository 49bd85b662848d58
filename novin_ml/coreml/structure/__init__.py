"""An exported model is compared with its Python model part by part, without running either."""

from novin_ml.coreml.structure._forms import expected_model
from novin_ml.coreml.structure._messages import first_difference
from novin_ml.coreml.structure._trees import (
    trees_of_booster,
    trees_of_classes,
    trees_of_forest,
)
from novin_ml.coreml.structure.compare import (
    NOT_COMPARED,
    Structure,
    compare_structure,
    ensembles_of,
)

__all__ = [
    "NOT_COMPARED",
    "Structure",
    "compare_structure",
    "ensembles_of",
    "expected_model",
    "first_difference",
    "trees_of_booster",
    "trees_of_classes",
    "trees_of_forest",
]
