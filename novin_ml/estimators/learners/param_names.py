"""The names that `learner_params` may have, by algorithm."""

from __future__ import annotations

from novin_ml.estimators.learners.blend import BlendLearner
from novin_ml.estimators.learners.boosting import BoostingLearner
from novin_ml.estimators.learners.boosting_fit import BOOSTING_NAMES
from novin_ml.estimators.learners.forest import FOREST_NAMES, ForestLearner
from novin_ml.estimators.learners.network import NetworkLearner
from novin_ml.estimators.learners.network_fit import NETWORK_NAMES

_PARTS = {BoostingLearner.kind: BOOSTING_NAMES, NetworkLearner.kind: NETWORK_NAMES}

#: Value of an estimator's `algorithm` -> name of a parameter -> its first name, of which it may be
#: an alias. A blend has a dict for each part; their names follow those of the part and "__".
PARAM_NAMES: dict[str, dict[str, str]] = {
    **_PARTS,
    ForestLearner.kind: FOREST_NAMES,
    BlendLearner.kind: {
        **{part: part for part in _PARTS},
        **{
            f"{part}__{name}": f"{part}__{first}"
            for part, names in _PARTS.items()
            for name, first in names.items()
        },
    },
}
