"""How trees are grown over homes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from novin_ml.exceptions import InvalidParametersError
from novin_ml.plain import shown


@dataclass(frozen=True)
class BoostingSettings:
    """How trees are grown over homes.

    Attributes
    ----------
    rounds : int, default=40
        Rounds; each has a tree for each class, of two classes one.
    depth : int, default=3
        Splits from the root to a leaf. A home sends 2**(depth - 1) histograms a tree.
    bins : int, default=16
        Bins of a feature, with as many rows each as can be.
    rate : float, default=0.3
        Share of a leaf that counts.
    l2 : float, default=1.0
        Penalty on the square of a leaf.
    min_hessian : float, default=1.0
        Least sum of hessians of a leaf.
    max_examples : int, default=10000
        Most rows of a home; one that says more is refused.
    deadline : float, default=600.0
        Seconds in which homes of a network must answer a level. A home that does not, or whose
        answer is refused, is not asked again in that round. Homes of this process are waited for.

    Examples
    --------
    >>> from novin_ml.federated import BoostingSettings
    >>> settings = BoostingSettings(rounds=20, depth=4)
    >>> settings.check()
    >>> 2 ** (settings.depth - 1), "histograms a tree"
    (8, 'histograms a tree')
    """

    rounds: int = 40
    depth: int = 3
    bins: int = 16
    rate: float = 0.3
    l2: float = 1.0
    min_hessian: float = 1.0
    max_examples: int = 10_000
    deadline: float = 600.0

    def check(self) -> None:
        """Raise InvalidParametersError unless the settings can be used.

        Raises
        ------
        InvalidParametersError
            If one is out of its range.
        """
        ranges = {
            "rounds": (1 <= self.rounds <= 10_000, "from 1 to 10,000"),
            "depth": (1 <= self.depth <= 10, "from 1 to 10"),
            "bins": (2 <= self.bins <= 256, "from 2 to 256"),
            "rate": (0 < self.rate <= 1, "above 0 and at most 1"),
            "l2": (0 <= self.l2 < np.inf, "0 or more, and finite"),
            "min_hessian": (0 <= self.min_hessian < np.inf, "0 or more, and finite"),
            "max_examples": (1 <= self.max_examples <= 1_000_000, "from 1 to 1,000,000"),
            "deadline": (0 < self.deadline < np.inf, "above 0 and finite"),
        }
        for name, (holds, expected) in ranges.items():
            if not holds:
                raise InvalidParametersError(
                    f"The {name!r} parameter of the boosting must be {expected}. "
                    f"Got {shown(getattr(self, name))} instead."
                )
