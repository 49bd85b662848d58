"""The five rules at each threshold, and beside an implementation that reads like their text."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from novin_ml.estimators.rules import ChainRules
from novin_ml.events import CHAIN_PATTERNS, KIND_DTYPE, NO_PATTERN, ZONE_DTYPE, Chains
from novin_ml.exceptions import InvalidEventError

KINDS, ZONES = list(KIND_DTYPE.categories), list(ZONE_DTYPE.categories)
START = 1_700_000_000.0
MS = 0.001
RUNG = (0, "doorbell", "porch")
STEP = (0, "motion", "porch")


def chains_of(*chains):
    """Chains of (seconds, kind, zone), the zone front_door where none is given."""
    events = [(*event, "front_door")[:3] for chain in chains for event in chain]
    lengths = [len(chain) for chain in chains]
    first = [START + min(event[0] for event in chain) for chain in chains]
    return Chains(
        pd.DataFrame({"home_id": "a", "start": first}),
        np.concatenate(([0], np.cumsum(lengths, dtype=int))),
        [START + event[0] for event in events],
        [KINDS.index(event[1]) for event in events],
        [ZONES.index(event[2]) for event in events],
        np.full(len(events), 0.5),
    )


def predict(*chains):
    rules = ChainRules()
    return rules.fit(chains_of(*chains)).predict(chains_of(*chains)).tolist()


def walk(*times, zones=("porch", "deck", "garage")):
    return [(time, "motion", zone) for time, zone in zip(times, zones, strict=True)]


def rattle(*times, kind="door"):
    return [(time, kind) for time in times]


# At each threshold: a millisecond before, the threshold itself, and one after.
THRESHOLDS = [
    # doorbell to motion
    (2, lambda t: [RUNG, (t, "motion", "porch")], "npp"),
    (30, lambda t: [RUNG, (t, "motion", "porch")], "ppn"),
    # silence after the motion: an event exactly 20 s later is within 20 s
    (25, lambda t: [RUNG, (5, "motion", "porch"), (t, "vehicle", "porch")], "nnp"),
    (
        25,
        lambda t: [RUNG, (5, "motion", "porch"), (7, "sound", "deck"), (t, "pet", "porch")],
        "nnp",
    ),
    # motion to opening, opening to motion
    (30, lambda t: [STEP, (t, "door", "deck"), (t + 1, "motion", "kitchen")], "iin"),
    (30, lambda t: [STEP, (t, "window", "deck"), (t + 1, "motion", "kitchen")], "iin"),
    (31, lambda t: [STEP, (1, "door", "deck"), (t, "motion", "kitchen")], "iin"),
    # three openings in the last 15 s, also where something else is the last event
    (15, lambda t: rattle(0, 4, t), "ffn"),
    (15, lambda t: [*rattle(0, 4, 8), (t, "sound")], "ffn"),
    (15, lambda t: [(0, "window", "porch"), (9, "door", "deck"), (t, "window", "garage")], "ffn"),
    # glass break to motion
    (20, lambda t: [(0, "glass_break", "kitchen"), (t, "motion", "hallway")], "bbn"),
    # from the first to the third location, wherever the path began
    (60, lambda t: walk(0, 10, t), "wwn"),
    (70, lambda t: walk(0, 10, 30, t, zones=("porch", "porch", "deck", "garage")), "wwn"),
]
LETTERS = dict(zip("pifbwn", (*CHAIN_PATTERNS, NO_PATTERN), strict=True))


@pytest.mark.parametrize(("at", "chain", "expected"), THRESHOLDS)
def test_rules_at_each_threshold(at, chain, expected):
    answers = predict(*(chain(at + step) for step in (-MS, 0, MS)))
    assert answers == [LETTERS[letter] for letter in expected]


@pytest.mark.parametrize(
    ("chain", "expected"),
    [
        # 1: directly, there
        ([RUNG, (4, "sound", "deck"), (8, "motion", "porch")], "n"),
        ([RUNG, (8, "motion", "deck")], "n"),
        ([RUNG, (3, "doorbell", "porch"), (8, "motion", "porch")], "p"),
        ([RUNG, (8, "motion", "porch"), (9, "motion", "deck")], "p"),
        ([(0, "motion", "porch"), (8, "doorbell", "porch")], "n"),
        (
            [RUNG, (8, "motion", "porch"), (9, "pet", "porch"), (40, *RUNG[1:]), (50, *STEP[1:])],
            "p",
        ),
        ([(0, "doorbell", "unknown"), (8, "motion", "unknown")], "p"),
        # 2: consecutive, at any locations
        ([STEP, (2, "sound", "porch"), (3, "door", "porch"), (4, *STEP[1:])], "n"),
        ([STEP, (3, "door", "porch"), (4, "door", "porch"), (5, *STEP[1:])], "n"),
        ([(0, "door", "porch"), (3, "motion", "porch"), (4, "window", "deck")], "n"),
        # 3: doors and windows together; pairs are none
        (rattle(0, 2), "n"),
        (rattle(0, 0, 0), "f"),
        ([*rattle(0, 2, 4), (50, "sound", "porch")], "n"),
        # 4: directly
        ([(0, "glass_break"), (1, "sound"), (3, "motion")], "n"),
        ([(0, "motion"), (3, "glass_break")], "n"),
        ([(0, "glass_break"), (0, "motion")], "n"),  # simultaneous: the motion comes first
        # 5: locations, not motions; other kinds do not count
        (walk(0, 1, 2, zones=("porch", "deck", "porch")), "n"),
        ([*walk(0, 1, zones=("porch", "deck")), (2, "pet", "garage")], "n"),
        (walk(0, 1, 2, zones=("porch", "deck", "unknown")), "w"),
        (walk(0, 70, 140, 150, 160, zones=("porch", "deck", "porch", "deck", "garage")), "w"),
        (walk(0, 70, 140), "n"),
        # The first that matches wins.
        ([RUNG, (8, *STEP[1:]), (9, "door", "deck"), (10, "motion", "deck")], "p"),
        ([*rattle(0, 1, 2), *walk(3, 4, 5), (6, "door", "deck"), (7, "motion", "deck")], "i"),
        ([(0, "glass_break"), (1, "motion"), *rattle(2, 3, 4)], "f"),
        ([(0, "glass_break"), *walk(1, 2, 3)], "b"),
        ([STEP], "n"),
    ],
)
def test_rules_on_whole_chains(chain, expected):
    assert predict(chain) == [LETTERS[expected]]


def literal(events):
    """The text of the rules, read aloud; events are (ms, kind, zone)."""
    for i, (rung, kind, there) in enumerate(events[:-1]):
        time, following, zone = events[i + 1]
        if (
            (kind, following, zone) == ("doorbell", "motion", there)
            and 2000 <= time - rung <= 30_000
            and not any(z == there and t - time <= 20_000 for t, _, z in events[i + 2 :])
        ):
            return "package_delivery"
    for first, second, third in zip(events, events[1:], events[2:], strict=False):
        if (
            first[1] == third[1] == "motion"
            and second[1] in ("door", "window")
            and second[0] - first[0] <= 30_000
            and third[0] - second[0] <= 30_000
        ):
            return "intrusion_sequence"
    if sum(k in ("door", "window") and events[-1][0] - t <= 15_000 for t, k, _ in events) >= 3:
        return "forced_entry"
    for first, second in pairwise(events):
        if (first[1], second[1]) == ("glass_break", "motion") and second[0] - first[0] <= 20_000:
            return "active_break_in"
    for begin, _, _ in events:
        near = {z for t, k, z in events if k == "motion" and 0 <= t - begin <= 60_000}
        if len(near) >= 3:
            return "prowler_activity"
    return "no_pattern"


def random_chains(seed, n=2500):
    """Chains of few kinds and zones, with many ties, exact thresholds and pauses."""
    rng = np.random.default_rng(seed)
    gaps = np.array(
        [0, 0, 1, 500, 1999, 2000, 5000, 14_999, 15_000, 20_000, 20_001, 30_000, 40_000]
    )
    some = ["motion", "doorbell", "door", "window", "glass_break", "sound"]
    odds = rng.dirichlet(np.full(6, 0.5), n)
    chains = []
    for i, length in enumerate(rng.integers(1, 12, n)):
        times = np.cumsum(rng.choice(gaps[: rng.integers(3, 14)], length)) / 1000
        kinds = rng.choice(some, length, p=odds[i])
        zones = rng.choice(ZONES[: rng.integers(1, 6)], length)
        chains.append(list(zip(times, kinds, zones, strict=True)))
    return chains_of(*chains)


@pytest.mark.parametrize("seed", [0, 1])
def test_rules_are_what_their_text_says(seed):
    chains = random_chains(seed)
    expected = []
    for i in range(len(chains)):
        events = chains[i]
        ms = np.rint((events["timestamp"] - events["timestamp"].iloc[0]) * 1000).astype(int)
        expected.append(literal(list(zip(ms, events["kind"], events["zone"], strict=True))))
    answers = ChainRules().fit(chains).predict(chains)
    assert answers.tolist() == expected
    assert min(pd.Series(answers).value_counts()[list(ChainRules.answers)]) >= 10


def test_answers_do_not_depend_on_the_batch_nor_on_the_hour():
    chains = random_chains(2, n=300)
    rules = ChainRules().fit(chains)
    answers = rules.predict(chains)
    order = np.random.default_rng(0).permutation(300)
    assert rules.predict(chains.take(order)).tolist() == answers[order].tolist()
    assert [rules.predict(chains[[i]])[0] for i in range(40)] == answers[:40].tolist()
    table = chains.table.assign(
        start=chains["start"] + 8.64e7, observed_until=chains["observed_until"] + 8.64e7
    )
    later = Chains(
        table, chains.offsets, chains.timestamp + 8.64e7, chains.kind, chains.zone,
        chains.confidence,
    )  # fmt: skip
    assert rules.predict(later).tolist() == answers.tolist()


def test_chain_rules_are_a_classifier():
    chains = chains_of([STEP], rattle(0, 1, 2))
    rules = clone(ChainRules()).fit(chains, ["no_pattern", "forced_entry"])
    assert rules.classes_.tolist() == sorted([*CHAIN_PATTERNS, NO_PATTERN])
    assert rules.score(chains, ["no_pattern", "forced_entry"]) == 1
    assert rules.predict(chains[:0]).tolist() == []
    assert rules.predict(chains).dtype == object


def test_chain_rules_refuse_what_is_no_chains():
    events = pd.DataFrame({"kind": ["motion"]})
    with pytest.raises(InvalidEventError, match=r"ChainRules needs chains.*Got DataFrame"):
        ChainRules().fit(events)
    rules = ChainRules().fit(chains_of([STEP]))
    with pytest.raises(InvalidEventError, match="Got list instead"):
        rules.predict([STEP])
