"""The hand-written rules that models must beat, with their thresholds."""

from novin_ml.estimators.rules.chains import ChainRules
from novin_ml.estimators.rules.delivery import DeliveryRules, ends_package_delivery
from novin_ml.estimators.rules.motion import MotionRules, motion_activity

__all__ = ["ChainRules", "DeliveryRules", "MotionRules", "ends_package_delivery", "motion_activity"]
