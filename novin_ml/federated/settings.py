"""How a federation trains."""

from __future__ import annotations

from dataclasses import dataclass, field

from novin_ml.exceptions import InvalidParametersError
from novin_ml.federated.aggregation import AggregationSettings
from novin_ml.federated.local_training import LocalTraining
from novin_ml.federated.privacy import PrivacySettings
from novin_ml.federated.server_steps import FedAvg, ServerStep
from novin_ml.plain import shown


@dataclass(frozen=True)
class FederationSettings:
    """How a federation trains.

    Attributes
    ----------
    rounds : int, default=60
    share : float, default=1.0
        Share of the homes that are asked in a round, drawn anew each time; at least one is.
    local : LocalTraining
        What a home does.
    aggregation : AggregationSettings
        How updates are checked and averaged.
    step : ServerStep, default=FedAvg()
        What the server does with the mean change.
    deadline : float, default=600.0
        Seconds of a round. A home that has not answered by then does not count in it.
    validation_share : float, default=None
        Share of the homes that never train, and say after each round how large the loss is. The
        weights of the round with the smallest median loss are kept; with 0 those of the last round.
        None holds a tenth back if there are a hundred homes or more: of fewer, they would be missed
        more than their losses help.
    patience : int, default=15
        The federation ends after so many rounds without a smaller loss.
    privacy : PrivacySettings, default=None
        Noise that hides single homes. It needs a stated ``aggregation.max_norm``, the method
        "mean", ``max_examples=1`` and ``validation_share=0``; and a model whose imputer and scaler
        are not of the homes' statistics, which no noise hides.

    Examples
    --------
    >>> from novin_ml.federated import FedAdam, FederationSettings
    >>> settings = FederationSettings(rounds=20, share=0.5, step=FedAdam(), deadline=120.0)
    >>> settings.check()
    """

    rounds: int = 60
    share: float = 1.0
    local: LocalTraining = field(default_factory=LocalTraining)
    aggregation: AggregationSettings = field(default_factory=AggregationSettings)
    step: ServerStep = field(default_factory=FedAvg)
    deadline: float = 600.0
    validation_share: float | None = None
    patience: int = 15
    privacy: PrivacySettings | None = None

    def check(self) -> None:
        """Raise InvalidParametersError unless the settings can be used.

        Raises
        ------
        InvalidParametersError
            If one is out of its range.
        """
        self.local.check()
        self.aggregation.check()
        ranges = {
            "rounds": (self.rounds >= 1, "1 or more"),
            "share": (0 < self.share <= 1, "above 0 and at most 1"),
            "deadline": (self.deadline > 0, "above 0"),
            "validation_share": (
                self.validation_share is None or 0 <= self.validation_share < 1,
                "at least 0 and below 1, or None",
            ),
            "patience": (self.patience >= 1, "1 or more"),
        }
        for name, (holds, expected) in ranges.items():
            if not holds:
                raise InvalidParametersError(
                    f"The {name!r} parameter of the federation must be {expected}. "
                    f"Got {shown(getattr(self, name))} instead."
                )
        if self.privacy is not None:
            self._check_private(self.privacy)

    def _check_private(self, privacy: PrivacySettings) -> None:
        privacy.check()
        given, how = self.aggregation, "for noise to hide homes"
        wanted = {
            "method='mean'": given.method == "mean",
            "a stated max_norm": given.max_norm is not None,
            "max_examples=1": given.max_examples == 1,
            "validation_share=0": self.validation_share == 0,
        }
        for what, holds in wanted.items():
            if not holds:
                raise InvalidParametersError(
                    f"The federation must have {what} {how}. Got method={shown(given.method)}, "
                    f"max_norm={shown(given.max_norm)}, max_examples={shown(given.max_examples)} "
                    f"and validation_share={shown(self.validation_share)}."
                )
