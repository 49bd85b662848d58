"""What a bound on false alarms promises, and what it does not, in sentences."""

from __future__ import annotations

import pandas as pd

from novin_ml.estimators.decisions import BETTING, NO_BOUND
from novin_ml.evaluation.decisions._home_bounds import CAP, HomeBound, unseen_share
from novin_ml.plain import plural

_DISPERSED = 1.5
_LARGE_SHARE, _FEWEST_ALARMS = 0.2, 10


def notes_on_bound(
    found: HomeBound,
    homes: pd.DataFrame,
    budget: float | None,
    dispersion: float,
    confidence: float,
) -> tuple[str, ...]:
    """Return the sentences that belong beside the bound of all alarms together.

    Parameters
    ----------
    found : HomeBound
    homes : DataFrame
        The table of homes of a `ThresholdReport`.
    budget : float or None
        Allowed false alarms per home and week of all labels together.
    dispersion : float
        Dispersion between the homes, or NaN.
    confidence : float
    """
    n = len(homes)
    notes = []
    by_betting = (
        ""
        if found.betting is None
        else f"{found.betting:.3g} by betting over homes, a home above {CAP * (budget or 0):g} a "
        f"week counted as {CAP * (budget or 0):g}"
    )
    approximate = f"{found.quasi_poisson:.3g} by the approximate quasi-Poisson bound over homes"
    if found.bound == NO_BOUND:
        notes.append(f"No confidence is stated: {found.refused}.")
    else:
        first, second = (
            (by_betting, approximate) if found.bound == BETTING else (approximate, by_betting)
        )
        notes.append(
            f"At most {first}, with {100 * confidence:g} % confidence, from {plural(n, 'home')}."
            + (f" Beside it: {second}." if second else "")
        )
    notes.append(
        f"Up to {unseen_share(n, confidence):.1%} of homes may behave in a way that none of these "
        f"{n} does; nothing is known of their alarms."
    )
    if dispersion > _DISPERSED:
        notes.append(
            f"Warning: false alarms vary between homes {dispersion:.1f} times as much as chance "
            "explains. Look at the homes with the most."
        )
    n_false, most = int(homes["n_false"].sum()), int(homes["n_false"].max())
    if n_false >= _FEWEST_ALARMS and most > _LARGE_SHARE * n_false and n > 1:
        notes.append(
            f"Warning: one home has {most} of the {plural(n_false, 'false alarm')}. Find out "
            "what is different there before the threshold is used."
        )
    return tuple(notes)
