"""A block of chains, with the chain and the time in milliseconds of each event."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from novin_ml.events.chains.table import Chains
from novin_ml.exceptions import InvalidEventError
from novin_ml.features.chains.specs import LONGEST

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

# Events of a block: its arrays stay in the cache of one core.
_BLOCK_EVENTS = 1 << 15


class ChainBlock(NamedTuple):
    """One or more chains that follow each other in the flat arrays.

    Attributes
    ----------
    begin, last : ndarray of shape (n_chains,), int64
        Positions of the first and the last event of each chain.
    chain : ndarray of shape (n_events,), int64
        Number of the chain of each event, from 0.
    opens : ndarray of shape (n_events + 1,), bool
        Whether the event is the first of its chain; True after the last event.
    ms : ndarray of shape (n_events,), int32
        Whole milliseconds since the first event of the chain.
    gap : ndarray of shape (n_events,), int32
        Milliseconds since the previous event; 0 for the first event of a chain.
    duration : ndarray of shape (n_chains,), int32
        Milliseconds from the first event of a chain to its last.
    kind, zone : ndarray of shape (n_events,), int8
        Codes.
    confidence : ndarray of shape (n_events,), float32
        NaN if not reported.
    """

    begin: IntArray
    last: IntArray
    chain: IntArray
    opens: BoolArray
    ms: NDArray[np.int32]
    gap: NDArray[np.int32]
    duration: NDArray[np.int32]
    kind: NDArray[np.int8]
    zone: NDArray[np.int8]
    confidence: NDArray[np.float32]

    @property
    def n_chains(self) -> int:
        """Number of chains."""
        return len(self.begin)

    def follows(self, positions: IntArray) -> BoolArray:
        """Return whether another event of the same chain follows the events at `positions`."""
        return ~self.opens[positions + 1]


def chain_block(
    offsets: IntArray,
    timestamp: NDArray[np.float64],
    kind: NDArray[np.int8],
    zone: NDArray[np.int8],
    confidence: NDArray[np.float32],
) -> ChainBlock:
    """Make a block of chains from their events, beginning at offset 0.

    Raises
    ------
    InvalidEventError
        If a chain lasts longer than a day.
    """
    begin, last = offsets[:-1], offsets[1:] - 1
    lengths = np.diff(offsets)
    chain = np.repeat(np.arange(len(begin)), lengths)
    since = timestamp - np.repeat(timestamp[begin], lengths)
    since *= 1000.0
    np.rint(since, out=since)
    longest = since[last].max(initial=0.0)
    if longest > LONGEST:
        raise InvalidEventError(
            "A chain whose features are computed must last a day at most. "
            f"Got one of {longest / 1000:,.0f} s. Make chains of a shorter window."
        )
    ms = since.astype(np.int32)
    opens = np.zeros(len(ms) + 1, dtype=bool)
    opens[offsets] = True
    gap = np.empty_like(ms)
    np.subtract(ms[1:], ms[:-1], out=gap[1:])
    gap[begin] = 0
    return ChainBlock(begin, last, chain, opens, ms, gap, ms[last], kind, zone, confidence)


def blocks(chains: Chains) -> Iterator[tuple[slice, ChainBlock]]:
    """Yield blocks of chains that fit into the cache, with their rows."""
    offsets, row = chains.offsets, 0
    while row < len(chains):
        stop = int(np.searchsorted(offsets, offsets[row] + _BLOCK_EVENTS, side="right")) - 1
        rows, part = slice(row, stop), slice(int(offsets[row]), int(offsets[stop]))
        yield (
            rows,
            chain_block(
                offsets[row : stop + 1] - offsets[row],
                chains.timestamp[part],
                chains.kind[part],
                chains.zone[part],
                chains.confidence[part],
            ),
        )
        row = stop
