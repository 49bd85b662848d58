"""Differential privacy of a federation: noise, what it costs, and what an attack still finds."""

from __future__ import annotations

import math
import secrets
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.metrics import roc_curve

from novin_ml.exceptions import InvalidParametersError
from novin_ml.federated.averaging import MeanOfUpdates
from novin_ml.optional import import_optional
from novin_ml.plain import shown


@dataclass(frozen=True)
class PrivacySettings:
    """How much noise hides what a single home adds to a round.

    Each home is drawn by itself with the chance of the share, counts as one whatever its rows, and
    its change is clipped to `max_norm`. The sum of a round gets Gaussian noise, and is divided by
    the number of homes that is expected, which says nothing of who took part.

    Attributes
    ----------
    noise_multiplier : float
        Deviation of the noise of each weight of the sum, as a multiple of the largest norm.
    delta : float, default=1e-5
        Chance with which the promise may fail; well below one over the number of homes.
    noise_seed : int, default=None
        None draws noise that nobody can repeat. A seed is for experiments: who knows it can take
        the noise away again.

    References
    ----------
    McMahan, Ramage, Talwar and Zhang, "Learning differentially private recurrent language models",
    ICLR 2018.

    Examples
    --------
    >>> from novin_ml.federated import AggregationSettings, FederationSettings, PrivacySettings
    >>> settings = FederationSettings(
    ...     share=0.1,
    ...     aggregation=AggregationSettings(max_norm=1.0, max_examples=1),
    ...     validation_share=0,
    ...     privacy=PrivacySettings(noise_multiplier=1.1),
    ... )
    >>> settings.check()
    """

    noise_multiplier: float
    delta: float = 1e-5
    noise_seed: int | None = None

    def check(self) -> None:
        """Raise InvalidParametersError unless the settings can be used.

        Raises
        ------
        InvalidParametersError
            If a number is out of its range.
        """
        ranges = {
            "noise_multiplier": (0 < self.noise_multiplier < math.inf, "above 0 and finite"),
            "delta": (0 < self.delta < 1, "above 0 and below 1"),
        }
        for name, (holds, expected) in ranges.items():
            if not holds:
                raise InvalidParametersError(
                    f"The {name!r} parameter of PrivacySettings must be {expected}. "
                    f"Got {shown(getattr(self, name))} instead."
                )

    def noisy_mean(self, total: MeanOfUpdates, n_expected: float, number: int) -> np.ndarray:
        """Return the mean change of a round with noise.

        Parameters
        ----------
        total : MeanOfUpdates
            The sum of the round, in which each home counts as one.
        n_expected : float
            Number of homes that are expected in a round.
        number : int
            Of the round.

        Returns
        -------
        change : ndarray of shape (n_values,), float32
            The noise is there also if no home has answered.
        """
        seed = secrets.randbits(128) if self.noise_seed is None else [self.noise_seed, number]
        deviation = self.noise_multiplier * total.max_norm
        # As the sum, the noise is a whole number of the smallest steps: bits below them would tell.
        steps = np.random.default_rng(seed).normal(
            0, math.ldexp(deviation, total.scale_bits), len(total.total)
        )
        noise = np.ldexp(np.rint(steps), -total.scale_bits)
        return ((total.total + noise) / n_expected).astype(np.float32)


def epsilon_of(settings: PrivacySettings, *, share: float, rounds: int) -> float:
    """Return epsilon: how much more likely one home can make any result of a federation.

    Parameters
    ----------
    settings : PrivacySettings
        Noise and delta.
    share : float
        Chance of each home to be drawn in a round.
    rounds : int
        Number of rounds whose weights were given away, also those that are not kept.

    Returns
    -------
    epsilon : float
        With chance 1 - delta at most, the federation with and without all rows of one home differ
        in the chance of no set of results by more than a factor of ``exp(epsilon)``.

    Raises
    ------
    InvalidParametersError
        If a number is out of its range.
    ExtraNotInstalledError
        If dp-accounting is not installed.

    References
    ----------
    Mironov, Talwar and Zhang, "Renyi differential privacy of the sampled Gaussian mechanism",
    2019, as computed by Google's dp-accounting.
    """
    settings.check()
    if not 0 < share <= 1 or rounds < 1:
        raise InvalidParametersError(
            "The 'share' parameter must be above 0 and at most 1, and 'rounds' 1 or more. "
            f"Got {shown(share)} and {shown(rounds)}."
        )
    accounting = import_optional("dp_accounting", extra="federated", purpose="An epsilon")
    rdp = import_optional("dp_accounting.rdp", extra="federated", purpose="An epsilon")
    accountant = rdp.RdpAccountant(
        orders=[1 + each / 2 for each in range(1, 60)] + [*range(32, 257, 8)],
        neighboring_relation=accounting.NeighboringRelation.ADD_OR_REMOVE_ONE,
    )
    of_round = accounting.PoissonSampledDpEvent(
        share, accounting.GaussianDpEvent(settings.noise_multiplier)
    )
    accountant.compose(accounting.SelfComposedDpEvent(of_round, rounds))
    return float(accountant.get_epsilon(settings.delta))


def noise_for(epsilon: float, *, share: float, rounds: int, delta: float = 1e-5) -> float:
    """Return the smallest noise multiplier whose epsilon is at most the given one.

    Parameters
    ----------
    epsilon : float
        Above 0.
    share : float
        Chance of each home to be drawn in a round.
    rounds : int
        Number of rounds.
    delta : float, default=1e-5
        As of `PrivacySettings`.

    Returns
    -------
    noise_multiplier : float
        Within a thousandth of the smallest one.

    Raises
    ------
    InvalidParametersError
        If a number is out of its range, or the noise would be more than a thousand.
    ExtraNotInstalledError
        If dp-accounting is not installed.
    """
    if not 0 < epsilon < math.inf:
        raise InvalidParametersError(
            f"The 'epsilon' parameter must be above 0 and finite. Got {shown(epsilon)} instead."
        )

    def holds(multiplier: float) -> bool:
        settings = PrivacySettings(multiplier, delta)
        return epsilon_of(settings, share=share, rounds=rounds) <= epsilon

    low, high = 0.0, 1.0
    while not holds(high):
        low, high = high, 2 * high
        if high > 1000:
            raise InvalidParametersError(
                f"An epsilon of {shown(epsilon)} must be reached by a noise of 1,000 at most. "
                "Got more. Ask for a larger epsilon, a smaller share or fewer rounds."
            )
    while high - low > 1e-3 * high:
        middle = (low + high) / 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


@dataclass(frozen=True)
class MembershipAttack:
    """What an attacker finds out of a model about who trained it.

    Attributes
    ----------
    advantage : float
        The largest difference between the shares of members and of others that are taken for
        members, over all thresholds of the loss; 0 is guessing, 1 certainty.
    interval : tuple of (float, float)
        The middle 95 % of the advantage over draws of homes, with replacement.
    n_members, n_others : int
        Homes of either kind.
    """

    advantage: float
    interval: tuple[float, float]
    n_members: int
    n_others: int


def attack_membership(
    model: Any, members: Any, others: Any, *, n_draws: int = 500, random_state: int = 0
) -> MembershipAttack:
    """Tell homes that took part from others by how well the model knows their rows.

    Parameters
    ----------
    model : classifier
        The global model.
    members, others : mapping of str to LocalHome
        Homes that took part, and homes like them that did not.
    n_draws : int, default=500
        Draws of homes for the interval.
    random_state : int, default=0
        Of the draws.

    Returns
    -------
    attack : MembershipAttack
        Over homes: the mean loss of a home's rows is what is thresholded.

    References
    ----------
    Yeom, Giacomelli, Fredrikson and Jha, "Privacy risk in machine learning: analyzing the
    connection to overfitting", CSF 2018.
    """
    losses = [
        np.array([_loss_of(model, home) for _, home in sorted(homes.items())])
        for homes in (members, others)
    ]
    rng = np.random.default_rng(random_state)
    draws = [
        _advantage(*(each[rng.integers(0, len(each), len(each))] for each in losses))
        for _ in range(n_draws)
    ]
    low, high = np.quantile(draws, [0.025, 0.975])
    return MembershipAttack(
        advantage=_advantage(*losses),
        interval=(float(low), float(high)),
        n_members=len(losses[0]),
        n_others=len(losses[1]),
    )


def _loss_of(model: Any, home: Any) -> float:
    table = home.X
    if hasattr(model, "feature_names_in_"):
        import pandas as pd

        table = pd.DataFrame(table, columns=model.feature_names_in_)
    chances = model.predict_proba(table)[np.arange(len(home.codes)), home.codes]
    return float(-np.log(np.maximum(chances, 1e-12)).mean())


def _advantage(members: np.ndarray, others: np.ndarray) -> float:
    is_member = np.r_[np.ones(len(members)), np.zeros(len(others))]
    false, true, _ = roc_curve(is_member, -np.r_[members, others])
    return float(np.max(true - false))
