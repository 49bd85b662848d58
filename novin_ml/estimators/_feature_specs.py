"""The specs of an estimator's input columns."""

from __future__ import annotations

from typing import Any, ClassVar

from sklearn.utils.validation import check_is_fitted

from novin_ml.features.spec import FeatureSpec, specs_for


class FeatureSpecsMixin:
    """Describe the input columns of an estimator whose trained model is `learner_`."""

    #: Specs of the family's own features. Input columns of the same names take them over.
    family_specs: ClassVar[tuple[FeatureSpec, ...]] = ()

    n_features_in_: int
    learner_: Any

    @property
    def feature_specs_(self) -> tuple[FeatureSpec, ...]:
        """Spec of each input column; a column that is not the family's own has a name only."""
        check_is_fitted(self)
        names = getattr(self, "feature_names_in_", None)
        if names is None:
            names = [f"feature_{i}" for i in range(self.n_features_in_)]
        return specs_for([str(name) for name in names], self.family_specs)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "learner_")
