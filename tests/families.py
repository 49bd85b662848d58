"""The families of classifiers, by name."""

from novin_ml.estimators.families import FAMILIES

CLASSIFIERS = {name: family for name, family in FAMILIES.items() if not family.is_detector}
