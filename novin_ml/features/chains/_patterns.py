"""The columns behind the patterns of the hand-written rules, for a block of chains at once.

Each column needs few events: it selects those that begin a pattern, and follows them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from novin_ml.features.chains.block import ChainBlock, IntArray
from novin_ml.features.chains.specs import COURIER, LONGEST_QUIET, OPENING_WINDOW

if TYPE_CHECKING:
    from novin_ml.features.chains._kinds import KindCodes

Columns = Iterator[NDArray[Any]]


def pattern_columns(
    block: ChainBlock,
    group: NDArray[np.uint8],
    zone_key: IntArray,
    n_zones: int,
    kinds: KindCodes,
) -> Columns:
    """Yield openings within 15 s, the gaps of pairs and triples, and the zones of motions.

    Parameters
    ----------
    block : ChainBlock
        The chains.
    group : ndarray of shape (n_events,), uint8
        Position of the group of each event's kind.
    zone_key : ndarray of shape (n_events,), int64
        Code of the zone * number of chains + chain.
    n_zones : int
        Number of zones.
    kinds : KindCodes
        Codes of kinds.
    """
    is_motion = block.kind == kinds.motion
    openings = np.flatnonzero(group == kinds.opening)
    yield _most_openings(block, openings)
    chain = block.chain[openings]
    late = block.ms[openings] >= block.duration[chain] - OPENING_WINDOW
    yield np.bincount(chain[late], minlength=block.n_chains)

    doorbells = np.flatnonzero(block.kind == kinds.doorbell)
    answers = _next(block, doorbells, is_motion)
    answers = answers[block.zone[answers] == block.zone[answers - 1]]
    gaps = block.gap[answers]
    yield _least(block, answers, gaps)
    yield _quiet(block, answers[(gaps >= COURIER[0]) & (gaps <= COURIER[1])])

    inner = openings[~block.opens[openings]]
    inner = inner[is_motion[inner - 1]]
    outgoing = _next(block, inner, is_motion)
    yield _least(block, outgoing, np.maximum(block.gap[outgoing - 1], block.gap[outgoing]))

    broken = _next(block, np.flatnonzero(block.kind == kinds.glass_break), is_motion)
    yield _least(block, broken, block.gap[broken])

    moved = np.zeros((n_zones, block.n_chains), dtype=bool)
    moved.ravel()[zone_key[np.flatnonzero(is_motion)]] = True
    yield np.add.reduce(moved, axis=0, dtype=np.int64)


def _next(block: ChainBlock, positions: IntArray, wanted: NDArray[np.bool_]) -> IntArray:
    """Return the next positions, where the chain continues with a wanted event."""
    following = positions[block.follows(positions)] + 1
    return following[wanted[following]]


def _least(block: ChainBlock, positions: IntArray, ms: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return the smallest time at some events of each chain, in seconds, NaN if it has none."""
    column = np.full(block.n_chains, np.inf)
    np.minimum.at(column, block.chain[positions], ms / 1000.0)
    column[np.isinf(column)] = np.nan
    return column


def _most_openings(block: ChainBlock, openings: IntArray) -> IntArray:
    """Return the largest number of openings of each chain within 15 s."""
    chain, ms = block.chain[openings], block.ms[openings]
    most = np.zeros(block.n_chains, dtype=np.int64)
    most[chain] = 1
    near = (chain[1:] == chain[:-1]) & (ms[1:] - ms[:-1] <= OPENING_WINDOW)
    begins, count = np.flatnonzero(near), 2  # those that begin a run of `count` near enough
    while len(begins):
        most[chain[begins]] = count
        begins = begins[: np.searchsorted(begins, len(openings) - count)]
        ends = begins + count
        near = (chain[ends] == chain[begins]) & (ms[ends] - ms[begins] <= OPENING_WINDOW)
        begins = begins[near]
        count += 1
    return most


def _quiet(block: ChainBlock, motions: IntArray) -> NDArray[np.float64]:
    """Return the longest time from one of these motions to the next event at its zone."""
    quiet = np.full(len(motions), LONGEST_QUIET, dtype=np.int32)
    waiting, here = np.arange(len(motions)), motions
    while len(waiting):
        goes_on = block.follows(here)
        waiting, here = waiting[goes_on], here[goes_on] + 1
        began = motions[waiting]
        ends = block.zone[here] == block.zone[began]
        passed = block.ms[here[ends]] - block.ms[began[ends]]
        quiet[waiting[ends]] = np.minimum(passed, LONGEST_QUIET)
        waiting, here = waiting[~ends], here[~ends]
    column = np.full(block.n_chains, -1.0)
    np.maximum.at(column, block.chain[motions], quiet / 1000.0)
    column[column < 0] = np.nan
    return column
