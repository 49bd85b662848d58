"""The formulas of the chain features, for a block of chains at once.

Times are whole milliseconds. Sums and comparisons of integers are exact, whatever other chains are
in the block. A column is one operation in float64 on such integers, rounded to float32.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from novin_ml.events.zones import ZONE_KINDS
from novin_ml.features.chains._kinds import KindCodes
from novin_ml.features.chains._patterns import pattern_columns
from novin_ml.features.chains.block import ChainBlock, IntArray

Columns = Iterator[NDArray[Any]]


def chain_columns(block: ChainBlock, kinds: KindCodes) -> Columns:
    """Yield the columns of a block, shape (n_chains,) or (n_columns, n_chains), in their order.

    The last columns, which describe the chain and not its events, are not included.
    """
    n = block.n_chains
    kind_key = block.kind.astype(np.int64)
    group = kinds.group[kind_key]
    kind_key *= n
    kind_key += block.chain
    zone_key = block.zone.astype(np.int64)
    zone_key *= n
    zone_key += block.chain
    at_zone = np.bincount(zone_key, minlength=kinds.n_zones * n).reshape(-1, n)
    seen = at_zone > 0
    n_zones = np.add.reduce(seen, axis=0, dtype=np.int64)

    yield block.last - block.begin + 1
    yield np.bincount(kind_key, minlength=kinds.n_kinds * n).reshape(-1, n)
    yield _by_zone_kind(at_zone, kinds.zone_kind)
    yield n_zones
    yield _transitions(block, group, kinds.n_groups)
    yield from _gaps(block)
    yield block.duration / 1000.0
    yield block.kind[block.begin]
    yield block.kind[block.last]
    yield _since(block, kind_key, kinds.n_kinds)
    yield from pattern_columns(block, group, zone_key, kinds.n_zones, kinds)
    yield from _path(block, seen, n_zones, kinds.risk)
    yield from _confidence(block)


def _by_zone_kind(at_zone: IntArray, zone_kind: IntArray) -> IntArray:
    counts = np.zeros((len(ZONE_KINDS), at_zone.shape[1]), dtype=np.int64)
    for row, at_one_zone in zip(zone_kind, at_zone, strict=True):
        counts[row] += at_one_zone
    return counts


def _transitions(block: ChainBlock, group: NDArray[np.uint8], n_groups: int) -> IntArray:
    n = block.n_chains
    pair = np.full(len(group), n_groups * n_groups, dtype=np.int64)  # a first event has no pair
    np.multiply(group[:-1], n_groups, out=pair[1:], casting="unsafe")
    pair[1:] += group[1:]
    pair[block.begin] = n_groups * n_groups
    pair *= n
    pair += block.chain
    return np.bincount(pair, minlength=(n_groups * n_groups + 1) * n)[: -n or None].reshape(-1, n)


def _gaps(block: ChainBlock) -> Columns:
    """Yield the smallest, mean and largest gap, their standard deviation, and the last gap."""
    n_gaps = block.last - block.begin
    alone = n_gaps == 0
    between = np.where(alone, 1, n_gaps)
    square = block.gap.astype(np.int64)
    square *= square
    spread = n_gaps * np.add.reduceat(square, block.begin)
    duration = block.duration.astype(np.int64)
    spread -= duration * duration
    largest = np.maximum.reduceat(block.gap, block.begin)
    positive = block.gap.copy()
    positive[block.begin] = np.iinfo(np.int32).max
    for column in (
        np.minimum.reduceat(positive, block.begin) / 1000.0,
        duration / (1000.0 * between),
        largest / 1000.0,
        np.sqrt(spread) / (1000.0 * between),
        block.gap[block.last] / 1000.0,
    ):
        column[alone] = np.nan
        yield column


def _since(block: ChainBlock, kind_key: IntArray, n_kinds: int) -> NDArray[np.float64]:
    latest = np.full(n_kinds * block.n_chains, np.nan)
    latest[kind_key] = block.ms  # the last of several wins
    return (block.duration - latest.reshape(n_kinds, -1)) / 1000.0


def _path(
    block: ChainBlock, seen: NDArray[np.bool_], n_zones: IntArray, risk: NDArray[np.float64]
) -> Columns:
    changed = np.zeros(len(block.zone), dtype=np.int8)
    np.not_equal(block.zone[1:], block.zone[:-1], out=changed[1:].view(bool))
    changed[block.begin] = 0
    changes = np.add.reduceat(changed, block.begin, dtype=np.int8)
    yield changes
    yield changes + 1 - n_zones
    yield np.maximum.reduce(seen * risk[:, np.newaxis], axis=0)
    yield risk[block.zone[block.last]]


def _confidence(block: ChainBlock) -> Columns:
    given = block.confidence
    known = ~np.isnan(given)
    n_known = np.add.reduceat(known.view(np.int8), block.begin, dtype=np.int8)
    # bincount adds up in the order of the events, in float64.
    total = np.bincount(block.chain, np.where(known, given, np.float32(0)), block.n_chains)
    yield np.fmin.reduceat(given, block.begin)  # NaN if there are none
    yield total / np.where(n_known > 0, n_known, np.nan)
    yield np.fmax.reduceat(given, block.begin)
    yield given[block.last]
