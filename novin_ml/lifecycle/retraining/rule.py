"""When a challenger takes the place of the served version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from novin_ml.evaluation import Comparison
from novin_ml.lifecycle.gate import Gate, check_gate
from novin_ml.lifecycle.retraining.labels import FEWEST_WEEKS
from novin_ml.lifecycle.retraining.result import (
    BETTER,
    LABELS,
    NOT_BETTER,
    NOT_WORSE,
    WeekGain,
)
from novin_ml.plain import plural

#: Separate weeks of the fresh set in which the challenger must gain.
WEEKS_OF_GAIN = 2


class Verdict(NamedTuple):
    """The verdict on one model.

    Attributes
    ----------
    reason : str
        Why it is promoted or kept.
    sentence : str
        The same with figures.
    is_harmless : bool
        Whether it may be promoted with another model that is better: it is not worse.
    """

    reason: str
    sentence: str
    is_harmless: bool


def judge(
    old_set_counts: bool,
    frozen: Comparison | None,
    fresh: Comparison | None,
    gains: Sequence[WeekGain],
    left_out: Sequence[str],
    margin: float,
    has_range: bool = True,
) -> Verdict:
    """Return the verdict on one model.

    While the old set counts, the challenger must be shown to be better on the frozen or on the
    fresh set, and not worse on the other one. Where it no longer counts, the challenger must be
    shown not to be worse on the fresh set, and must gain in two separate weeks of it.

    Parameters
    ----------
    old_set_counts : bool
        Whether no drift is shown.
    frozen, fresh : Comparison or None
        Challenger and served version; None where no row can be compared.
    gains : sequence of WeekGain
        Week by week on the fresh set.
    left_out : sequence of str
        Weeks since the served version whose labels are out of their range.
    margin : float
        Loss of accuracy that still counts as not worse.
    has_range : bool, default=True
        Whether enough weeks have labels to hold those of the newest one against.
    """
    if fresh is None:
        said = "The fresh set has no labels of homes that neither version was trained on."
        return Verdict(NOT_BETTER, said, False)
    fault = check_gate(fresh, Gate.NOT_WORSE, margin)
    if fault is not None:
        return Verdict(NOT_BETTER, f"On the fresh set: {fault}", False)
    if not old_set_counts:
        return _after_drift(fresh, gains, left_out, has_range)
    if frozen is None:
        said = "The frozen homes have no labels from before the served version."
        return Verdict(NOT_BETTER, said, False)
    fault = check_gate(frozen, Gate.NOT_WORSE, margin)
    if fault is not None:
        return Verdict(NOT_BETTER, f"On the frozen set: {fault}", False)
    for name, found in (("fresh", fresh), ("frozen", frozen)):
        if check_gate(found, Gate.BETTER) is None:
            return Verdict(BETTER, f"On the {name} set: {found.sentence}", True)
    return Verdict(NOT_BETTER, f"On the fresh set: {fresh.sentence}", True)


def _after_drift(
    fresh: Comparison, gains: Sequence[WeekGain], left_out: Sequence[str], has_range: bool
) -> Verdict:
    better = [each for each in gains if each.gain > 0]
    if len(better) >= WEEKS_OF_GAIN and not has_range:
        said = (
            f"Fewer than {FEWEST_WEEKS} weeks before the newest one have labels: after a drift "
            "nothing tells whether its labels are as before."
        )
        return Verdict(LABELS, said, False)
    if len(better) >= WEEKS_OF_GAIN:
        return Verdict(NOT_WORSE, f"On the fresh set: {fresh.sentence}", True)
    said = (
        f"The challenger gains in {plural(len(better), 'week')} of {len(gains)}; after a drift it "
        f"must in {WEEKS_OF_GAIN} separate ones."
    )
    if left_out:
        said += f" The labels of other weeks are out of their range: {', '.join(left_out)}."
        return Verdict(LABELS, said, False)
    if not better:
        return Verdict(NOT_BETTER, said, True)
    # A gain of one week may be that of its labels: the next weeks tell.
    return Verdict(LABELS, f"{said} The labels of that week alone may have changed.", True)


def decide(verdicts: Mapping[str, Verdict]) -> tuple[bool, str, str]:
    """Return whether the challenger is promoted, the reason, and its sentence.

    All models are of one release: none may be worse, and one must be worth it.

    Parameters
    ----------
    verdicts : dict of str to Verdict
        By the names of the models; one that is the same as the served one has none.
    """
    for name, found in verdicts.items():
        if not found.is_harmless:
            return False, found.reason, f"{name}: {found.sentence}"
    for reason in (BETTER, NOT_WORSE, LABELS, NOT_BETTER):
        for name, found in verdicts.items():
            if found.reason == reason:
                return reason in (BETTER, NOT_WORSE), reason, f"{name}: {found.sentence}"
    return False, NOT_BETTER, "The challenger has the same models as the served version."
