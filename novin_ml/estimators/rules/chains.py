"""The hand-written rules for chains of events, with their thresholds."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from novin_ml.estimators.rules.base import EventRules
from novin_ml.events.chains.patterns import CHAIN_PATTERNS, NO_PATTERN
from novin_ml.events.chains.table import Chains
from novin_ml.events.vocabulary.columns import UNNAMED_VOCABULARY
from novin_ml.exceptions import InvalidEventError
from novin_ml.foreign import kind_of

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]

# Thresholds in seconds; all are inclusive.
# 1, package_delivery: time from the doorbell to the motion, and the silence after the motion.
DELIVERY_MIN_GAP = 2.0
DELIVERY_MAX_GAP = 30.0
DELIVERY_SILENCE = 20.0
# 2, intrusion_sequence: time from each of the three events to the next.
INTRUSION_MAX_GAP = 30.0
# 3, forced_entry: number of openings, and the last seconds in which they count.
FORCED_MIN_OPENINGS = 3
FORCED_LAST = 15.0
# 4, active_break_in: time from the glass break to the motion.
BREAK_IN_MAX_GAP = 20.0
# 5, prowler_activity: number of locations with motion, and the time they fall in.
PROWLER_MIN_ZONES = 3
PROWLER_WITHIN = 60.0


class ChainRules(EventRules):
    """Classifier of chains by the SDK's five hand-written rules.

    The first rule that matches wins:

    1. ``package_delivery``: a doorbell followed directly by motion at the same location 2 to 30 s
       later, and no further event there within 20 s of that motion.
    2. ``intrusion_sequence``: motion, then door or window, then motion, consecutive, each gap at
       most 30 s.
    3. ``forced_entry``: 3 or more door or window events in the last 15 s.
    4. ``active_break_in``: glass break followed directly by motion within 20 s.
    5. ``prowler_activity``: motion in 3 or more locations within 60 s.

    Otherwise the answer is ``no_pattern``.

    Attributes
    ----------
    classes_ : ndarray of shape (6,)
        The five patterns and ``"no_pattern"``, sorted.

    See Also
    --------
    novin_ml.simulation.simulate_chains : Chains to try them on.

    Notes
    -----
    The rules look only at the events of a chain. "Directly" and "consecutive" mean neighbours in
    the order of `Chains`, simultaneous events included. A location is a zone, and all unknown zones
    are the same. Doors and windows are all kinds of the group "opening" of the chains' vocabulary.
    "The last 15 s" end at the last event of the chain. "Within 20 s" includes an
    event exactly 20 s later. Times count in whole milliseconds since the first event of the chain,
    so that a shift of time changes nothing.

    The rules cannot vote in scikit-learn's ``VotingClassifier``, which gives its voters numbers in
    place of labels.

    Examples
    --------
    >>> from novin_ml.estimators.rules import ChainRules
    >>> from novin_ml.simulation import simulate_chains
    >>> chains = simulate_chains(1000, random_state=0)
    >>> rules = ChainRules().fit(chains)
    >>> bool(rules.score(chains, chains["clean_label"]) > 0.5)
    True
    """

    answers: ClassVar[tuple[str, ...]] = tuple(sorted((*CHAIN_PATTERNS, NO_PATTERN)))

    def _check_table(self, chains: Any) -> Any:
        if not isinstance(chains, Chains):
            raise InvalidEventError(
                f"{type(self).__name__} needs chains (novin_ml.events.Chains). "
                f"Got {kind_of(chains)} instead. Make chains of events with "
                "novin_ml.events.chains_from_events."
            )
        return chains

    def _decide(self, chains: Chains) -> np.ndarray:
        codes = np.array([self.answers.index(label) for label in (*CHAIN_PATTERNS, NO_PATTERN)])
        if len(chains) == 0:
            return self.classes_[codes[:0]]
        steps = _Steps(chains)
        # In the order of the rules.
        matches = {
            "package_delivery": steps.any_of(_delivery(steps)),
            "intrusion_sequence": steps.any_of(_intrusion(steps)),
            "forced_entry": _forced_entry(steps),
            "active_break_in": steps.any_of(_break_in(steps)),
            "prowler_activity": _prowler(steps),
        }
        first = np.select(
            [matches[label] for label in CHAIN_PATTERNS],
            list(range(len(CHAIN_PATTERNS))),
            len(CHAIN_PATTERNS),
        )
        return self.classes_[codes[first]]


class _Steps:
    """The events of chains, and the steps between them, as flat arrays."""

    def __init__(self, chains: Chains) -> None:
        self.offsets = chains.offsets
        self.chain = np.repeat(np.arange(len(chains)), chains.lengths)
        time = chains.timestamp
        self.ms: IntArray = np.rint((time - time[self.offsets[:-1]][self.chain]) * 1000).astype(
            np.int64
        )
        self.zone = chains.zone
        kinds = (chains.vocabulary or UNNAMED_VOCABULARY).kinds
        is_of = {kind.name: chains.kind == code for code, kind in enumerate(kinds)}
        self.motion, self.doorbell = is_of["motion"], is_of["doorbell"]
        self.glass = is_of["glass_break"]
        openings = [code for code, kind in enumerate(kinds) if kind.group == "opening"]
        self.opening = np.isin(chains.kind, openings)
        self.last = np.repeat(self.offsets[1:], chains.lengths) - 1  # position, for each event

    def gap_to_next(self) -> IntArray:
        """Milliseconds to the next event of the chain, -1 at the last event."""
        gap = np.diff(self.ms, append=-1)
        gap[self.offsets[1:] - 1] = -1
        return gap

    def any_of(self, events: IntArray) -> BoolArray:
        """Return which chains have one of the events at these positions."""
        hit = np.zeros(len(self.offsets) - 1, dtype=bool)
        hit[self.chain[events]] = True
        return hit


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _delivery(steps: _Steps) -> IntArray:
    """Return the doorbells that begin a package_delivery."""
    gap = steps.gap_to_next()
    in_time = (gap >= _ms(DELIVERY_MIN_GAP)) & (gap <= _ms(DELIVERY_MAX_GAP))
    rung = np.flatnonzero(steps.doorbell & in_time)
    rung = rung[steps.motion[rung + 1] & (steps.zone[rung] == steps.zone[rung + 1])]
    # Advance all of these together, event by event, until the silence is over or broken.
    broken = np.zeros(len(rung), dtype=bool)
    motion, position, walking = rung + 1, rung + 2, np.arange(len(rung))
    while len(walking):
        walking = walking[position[walking] <= steps.last[motion[walking]]]
        after, at = position[walking], motion[walking]
        early = steps.ms[after] - steps.ms[at] <= _ms(DELIVERY_SILENCE)
        broken[walking] = early & (steps.zone[after] == steps.zone[at])
        walking = walking[early & ~broken[walking]]
        position[walking] += 1
    return rung[~broken]


def _intrusion(steps: _Steps) -> IntArray:
    """Return the motions that begin an intrusion_sequence."""
    gap = steps.gap_to_next()
    quick = (gap >= 0) & (gap <= _ms(INTRUSION_MAX_GAP))
    first = np.flatnonzero(steps.motion & quick)
    first = first[steps.opening[first + 1] & quick[first + 1]]
    return first[steps.motion[first + 2]]


def _forced_entry(steps: _Steps) -> BoolArray:
    late = steps.ms[steps.last] - steps.ms <= _ms(FORCED_LAST)
    openings = steps.chain[steps.opening & late]
    return np.bincount(openings, minlength=len(steps.offsets) - 1) >= FORCED_MIN_OPENINGS


def _break_in(steps: _Steps) -> IntArray:
    """Return the glass breaks that begin an active_break_in."""
    gap = steps.gap_to_next()
    broken = np.flatnonzero(steps.glass & (gap >= 0) & (gap <= _ms(BREAK_IN_MAX_GAP)))
    return broken[steps.motion[broken + 1]]


def _prowler(steps: _Steps) -> BoolArray:
    # Few chains have motion at this many zones; only these need a closer look.
    n_seen = np.zeros(len(steps.offsets) - 1, dtype=np.uint8)
    for first in range(0, int(steps.zone.max(initial=0)) + 1, 32):  # the bits of an integer
        bit = steps.zone.astype(np.int64) - first
        is_here = steps.motion & (bit >= 0) & (bit < 32)
        zones = np.left_shift(np.uint32(1), np.where(is_here, bit, 0).astype(np.uint32))
        zones = np.where(is_here, zones, np.uint32(0))
        n_seen += np.bitwise_count(np.bitwise_or.reduceat(zones, steps.offsets[:-1]))
    enough = n_seen >= PROWLER_MIN_ZONES
    events = np.flatnonzero(enough[steps.chain] & steps.motion)
    chain, time, zone = steps.chain[events], steps.ms[events], steps.zone[events]
    begin = np.searchsorted(chain, chain)  # of the event's chain
    near = np.zeros(len(events), dtype=np.int64)
    for place in np.unique(zone):
        latest = np.maximum.accumulate(np.where(zone == place, np.arange(len(events)), -1))
        near += (latest >= begin) & (time - time[latest] <= _ms(PROWLER_WITHIN))
    return steps.any_of(events[near >= PROWLER_MIN_ZONES])
