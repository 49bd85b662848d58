"""Why a row of a monitor is unusual: the exact parts of its score, in words."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from novin_ml.estimators.monitor import HomeMonitor, Moment
from novin_ml.estimators.monitor.rows import FOREST_COLUMNS
from novin_ml.estimators.reasons import Reason
from novin_ml.estimators.words import factors_of
from novin_ml.estimators.words import monitors as words
from novin_ml.evaluation.explanation._attribution import anomaly_contributions
from novin_ml.evaluation.explanation._reasons import Attribution, in_words
from novin_ml.events.labels import UNUSUAL
from novin_ml.features.activity.facts import EventFacts, SilenceFacts, StillOnFacts
from novin_ml.features.activity.history import KEEP, TAKE
from novin_ml.features.activity.specs import EVENT_COLUMNS, SILENCE_COLUMNS, STILL_ON_COLUMNS
from novin_ml.features.spec import FeatureSpec

#: Most events of a mean with a reason of their own; older ones weigh a sixth of the newest.
_MOST_FOLLOWS = 8
_COLUMNS: dict[str, FeatureSpec] = {
    spec.name: spec for spec in (*EVENT_COLUMNS, *SILENCE_COLUMNS, *STILL_ON_COLUMNS)
}


def attribute_moment(monitor: HomeMonitor, moment: Moment) -> Attribution:
    """Return the parts that add up to the score of a row of a monitor.

    The score of an event is that of the forest, in steps, or the rarity of habits, in
    bits. Those of silences and activations are in bits.
    """
    facts = moment.facts
    if isinstance(facts, SilenceFacts):
        return _sum("rarity of quiet hours, added up", 0.0, _quiet_hours(facts))
    if isinstance(facts, StillOnFacts):
        return _sum("rarity of such lengths, and excess over the longest", 0.0, _still_on(facts))
    if moment.by_forest and moment.features is not None:
        return _by_forest(monitor, moment.features)
    return _sum("mean rarity of habits", *_follows(facts, monitor.sensor_hour_weight_))


def happened(moment: Moment) -> str:
    """Say in words what a row of a monitor is about.

    Parameters
    ----------
    moment : Moment
        From `HomeMonitor.moments`.

    Returns
    -------
    words : str
        Such as "no event for 9 h; the longest before was 6 h". Names of sensors are as the home's
        events have them.

    See Also
    --------
    explain : The reasons why it is unusual.

    Examples
    --------
    >>> from novin_ml.estimators import HomeMonitor
    >>> from novin_ml.evaluation.explanation import happened
    >>> from novin_ml.simulation import simulate_behavior
    >>> log = simulate_behavior(weeks=3, random_state=1).assign(consent=True)
    >>> monitor = HomeMonitor(n_estimators=10, random_state=0).fit(log)
    >>> day_later = log["timestamp"].iloc[-1] + 86_400
    >>> [moment] = monitor.moments(log[:0], n_rows=1, until=day_later)
    >>> happened(moment)[:15]
    'no event for 23'
    """
    facts = moment.facts
    if isinstance(facts, SilenceFacts):
        return words.silence_happened(facts.length, facts.longest)
    if isinstance(facts, StillOnFacts):
        return words.still_on_happened(moment.sensor, facts)
    return words.event_happened(moment.sensor, facts)


def _by_forest(monitor: HomeMonitor, row: NDArray[np.float32]) -> Attribution:
    factors = factors_of(FOREST_COLUMNS, "monitor")
    learner = monitor.detector_.learner_
    found = anomaly_contributions(learner, row, [each.columns for each in factors])
    reasons = in_words(row, FOREST_COLUMNS, factors, found)
    return Attribution(
        UNUSUAL, found.base, found.score, reasons, "path lengths in the isolation forest"
    )


def _follows(facts: EventFacts, hour_weight: float) -> tuple[float, list[Reason]]:
    """Return the usual rarity of habits, and what each event adds to it, newest first."""
    found, newest = [], facts.follows[::-1]
    usual, usual_hour = facts.usual
    weight, older = TAKE, 0.0
    for number, each in enumerate(newest):
        after = weight * (each.bits - usual)
        at_hour = weight * hour_weight * (each.hour_bits - usual_hour)
        weight *= KEEP
        if number >= _MOST_FOLLOWS:
            older += after + at_hour
            continue
        ago = newest[0].time - each.time
        found.append(_reason("transition", each.bits, after, words.follow(each, ago)))
        if hour_weight:
            text = words.sensor_at_hour(each, ago)
            found.append(_reason("sensor_hour", each.hour_bits, at_hour, text))
    before = facts.start[0] - usual + hour_weight * (facts.start[1] - usual_hour)
    older += weight / TAKE * before
    if older:
        text = words.earlier(max(0, len(newest) - _MOST_FOLLOWS))
        found.append(_reason("transition_mean", facts.start[0], older, text))
    return usual + hour_weight * usual_hour, found


def _quiet_hours(facts: SilenceFacts) -> list[Reason]:
    """Return what each hour of the day adds to a silence."""
    of_hour: dict[int, list[float]] = {}
    for tick in facts.ticks:
        of_hour.setdefault(tick.hour, []).append(tick.bits)
    last = {tick.hour: tick for tick in facts.ticks}
    return [
        _reason(
            "silence",
            sum(bits),
            sum(bits),
            words.quiet_hour(hour, last[hour].n_active, last[hour].n_ticks, len(bits)),
        )
        for hour, bits in of_hour.items()
    ]


def _still_on(facts: StillOnFacts) -> list[Reason]:
    return [
        _reason("on_rarity", facts.rarity, facts.rarity, words.on_rarity(facts)),
        _reason("on_excess", facts.excess, facts.excess, words.on_excess(facts)),
    ]


def _reason(name: str, value: float, contribution: float, text: str) -> Reason:
    spec = _COLUMNS[name]
    return Reason(name, value, contribution, text, spec.meaning, spec.unit, columns=(name,))


def _sum(method: str, base: float, reasons: list[Reason]) -> Attribution:
    score = base + sum(each.contribution for each in reasons)
    ordered = sorted(reasons, key=lambda each: -abs(each.contribution))
    return Attribution(UNUSUAL, base, score, tuple(ordered), f"{method}: exact")
