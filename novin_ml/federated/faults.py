"""Homes that fail or do harm, for simulations: what a real federation must stand."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from novin_ml.docstrings import sections_of, substitute
from novin_ml.exceptions import InvalidParametersError
from novin_ml.federated.homes import Home, LocalHome, RoundTask
from novin_ml.federated.statistics import FeatureStatistics
from novin_ml.federated.update_files import Update
from novin_ml.plain import plural, shown

_POISONS = ("scaled", "sign_flipped", "label_flipped")
_FAULTS = ("dead", "hanging", "nan", *_POISONS)
_FACTORS = {"scaled": 100, "sign_flipped": -10}


@dataclass(frozen=True, eq=False)
class FaultyHome:
    """A home that does not always do what it should.

    Attributes
    ----------
    home : LocalHome
        What it would be without faults.
    faults : mapping of str to float
        Share of the rounds in which it has each fault: ``dead`` raises, ``hanging`` takes a minute,
        ``nan`` has NaN in the weights; ``scaled`` sends a change a hundred times too large,
        ``sign_flipped`` one of the other sign ten times too large, and ``label_flipped`` one that
        was trained on turned labels. Together at most 1.

    Examples
    --------
    >>> import numpy as np
    >>> from novin_ml.federated import FaultyHome, LocalHome
    >>> X, codes = np.zeros((4, 2), np.float32), np.array([0, 1, 0, 1])
    >>> home = FaultyHome(LocalHome("flat", X, codes), {"dead": 0.3})
    >>> {home.fault_in(seed) for seed in range(50)} == {None, "dead"}
    True
    """

    home: LocalHome
    faults: Mapping[str, float]

    @substitute(sections=sections_of(Home.statistics))
    def statistics(self, n_classes: int) -> FeatureStatistics:
        """Return what the home says of its features, unless it is dead.

        {sections}
        """
        _live(self.fault_in(0))
        return self.home.statistics(n_classes)

    @substitute(sections=sections_of(Home.loss))
    def loss(self, task: RoundTask) -> float:
        """Return the loss of the global weights; NaN from a home whose weights are NaN.

        {sections}
        """
        fault = self.fault_in(task.seed)
        _live(fault)
        return float("nan") if fault == "nan" else self.home.loss(task)

    @substitute(sections=sections_of(Home.update))
    def update(self, task: RoundTask) -> Update:
        """Return an update, with the fault of the round.

        {sections}
        """
        fault, home = self.fault_in(task.seed), self.home
        _live(fault)
        if fault == "hanging":
            time.sleep(60)
        if fault == "label_flipped":
            home = replace(home, codes=max(int(home.codes.max()), 1) - home.codes)
        update = home.update(task)
        values = update.values
        if fault == "nan":
            values = values.copy()
            values[::7] = np.nan
        elif fault in _FACTORS:
            values = task.values + np.float32(_FACTORS[fault]) * (values - task.values)
        return replace(update, values=values)

    def fault_in(self, seed: int) -> str | None:
        """Return the fault of a round.

        Parameters
        ----------
        seed : int
            Of the round.

        Returns
        -------
        fault : str or None
            None if the home does what it should.
        """
        drawn = self.home.rng(seed, "fault").random()
        for fault, share in self.faults.items():
            drawn -= share
            if drawn < 0:
                return fault
        return None


def _live(fault: str | None) -> None:
    if fault == "dead":
        raise ConnectionError("the home does not answer")


def with_faults(
    homes: Mapping[str, LocalHome],
    shares: Mapping[str, float],
    *,
    lasting: bool = False,
    random_state: int = 0,
) -> dict[str, Home]:
    """Return homes that have faults.

    Parameters
    ----------
    homes : mapping of str to LocalHome
        By name.
    shares : mapping of str to float
        Share of each fault, as `FaultyHome` names it, or ``"poisoned"`` for its three last ones
        alike. Together at most 1.
    lasting : bool, default=False
        False gives each home a fault in such a share of the rounds. True gives such a share of
        the homes, rounded up, the fault in all rounds: what dead homes know is lost.
    random_state : int, default=0
        Decides which homes have lasting faults.

    Returns
    -------
    homes : dict of str to Home
        Under the same names.

    Raises
    ------
    InvalidParametersError
        If a fault is not known, or the shares are more than all.
    """
    known = sorted((*_FAULTS, "poisoned"))
    for fault, share in shares.items():
        if fault not in known or not 0 <= share <= 1:
            raise InvalidParametersError(
                f"The 'shares' parameter must give shares from 0 to 1 for {known}. "
                f"Got {shown(fault)}: {shown(share)}."
            )
    of_each = {fault: share for fault, share in shares.items() if fault != "poisoned"}
    for poison in _POISONS if "poisoned" in shares else ():
        of_each[poison] = of_each.get(poison, 0.0) + shares["poisoned"] / len(_POISONS)
    counts = {fault: int(np.ceil(share * len(homes))) for fault, share in of_each.items()}
    if sum(of_each.values()) > 1 or (lasting and sum(counts.values()) > len(homes)):
        raise InvalidParametersError(
            f"The 'shares' parameter must have no more faults than {plural(len(homes), 'home')}. "
            f"Got {shown(dict(shares))}."
        )
    if not lasting:
        return {name: FaultyHome(home, of_each) for name, home in homes.items()}
    order = np.random.default_rng(random_state).permutation(sorted(homes)).tolist()
    found: dict[str, Home] = dict(homes)
    for fault, n in counts.items():
        for name in [order.pop() for _ in range(n)]:
            found[name] = FaultyHome(homes[name], {fault: 1.0})
    return found
