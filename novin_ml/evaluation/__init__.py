"""What a model is worth beside the hand-written rules."""

from novin_ml.evaluation.headline import Headline, Scores, evaluate
from novin_ml.evaluation.split import split_by_home

__all__ = ["Headline", "Scores", "evaluate", "split_by_home"]
