"""Prefixes: each chain as it was after each of its events."""

from __future__ import annotations

import numpy as np

from novin_ml.events.chains.table import Chains
from novin_ml.events.ragged import offsets_of
from novin_ml.exceptions import InvalidEventError
from novin_ml.foreign import kind_of

__all__ = ["chain_prefixes"]


def chain_prefixes(chains: Chains) -> Chains:
    """Return each chain as it was after each of its events, watched until then.

    These are the chains that `novin_ml.estimators.ChainStream` scores, one after the other.

    Parameters
    ----------
    chains : Chains of shape (n_chains,)
        Complete chains.

    Returns
    -------
    prefixes : Chains of shape (n_events,)
        Row i ends with event i of the flat arrays of `chains`: first all prefixes of the first
        chain, the shortest first, then those of the second. The other columns of `table` are those
        of the whole chain.

    Raises
    ------
    InvalidEventError
        If `chains` are no chains.

    Notes
    -----
    Prefixes differ from a stream in two cases: events that were cut from a long chain are missing,
    and ``utc_offset`` and ``home_mode`` are those of the last event of the chain that has one.

    Examples
    --------
    >>> from novin_ml.events import chain_prefixes
    >>> from novin_ml.simulation import simulate_chains
    >>> chains = simulate_chains(20, random_state=0)
    >>> prefixes = chain_prefixes(chains)
    >>> len(prefixes) == len(chains.timestamp), prefixes.lengths[: chains.lengths[0]].tolist()
    (True, [1, 2])
    """
    if not isinstance(chains, Chains):
        raise InvalidEventError(
            "The 'chains' parameter must be chains (novin_ml.events.Chains). "
            f"Got {kind_of(chains)}. Make them with novin_ml.events.chains_from_events."
        )
    first = np.repeat(chains.offsets[:-1], chains.lengths)
    lengths = np.arange(len(chains.timestamp)) - first + 1
    offsets = offsets_of(lengths)
    positions = np.repeat(first - offsets[:-1], lengths) + np.arange(offsets[-1])
    table = chains.table.take(np.repeat(np.arange(len(chains)), chains.lengths))
    table.index = np.arange(len(table))
    return Chains(
        table.assign(observed_until=chains.timestamp),
        offsets,
        **chains.events_at(positions),
    )
