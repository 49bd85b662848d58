"""The features that distinguish patterns of events."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import chain
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from novin_ml.events.chains.table import Chains
from novin_ml.events.fields import CHAIN_COLUMNS
from novin_ml.events.kinds import EVENT_KINDS, EventKind
from novin_ml.exceptions import InvalidEventError
from novin_ml.features._clock import clock_columns
from novin_ml.features.base import EventFeatures
from novin_ml.features.chains._columns import chain_columns
from novin_ml.features.chains._kinds import KindCodes
from novin_ml.features.chains.block import ChainBlock, blocks
from novin_ml.features.chains.specs import CHAIN_FEATURES, LONGEST, chain_specs
from novin_ml.features.orders import HOME_MODE_ORDER
from novin_ml.features.spec import FeatureSpec
from novin_ml.foreign import kind_of

__all__ = ["CHAIN_FEATURES", "ChainFeatures"]

# Indexed by the codes of the column `home_mode` of chains; -1, missing, is the last.
_MODE_CODES = np.array(
    [*map(HOME_MODE_ORDER.index, CHAIN_COLUMNS["home_mode"].categories), np.nan], dtype=np.float32
)


class ChainFeatures(EventFeatures):
    """Turn chains of events into features that distinguish patterns.

    The output has one row per chain, in the order of the table. A row depends only on its own
    chain, bit for bit.

    Attributes
    ----------
    feature_specs : tuple of FeatureSpec
        The formula of each column; available before `fit`.
    n_features_in_ : int
        Number of columns of chains that are read.
    feature_names_in_ : ndarray of shape (n_features_in_,), dtype object
        Their names.

    See Also
    --------
    novin_ml.events.chains_from_events : Make chains from an event log.

    Notes
    -----
    Definitions for the formulas, for a chain of n events, i = 0 .. n-1:

    - t[i] is the time since the first event, ``rint((timestamp[i] - timestamp[0]) * 1000)`` as a
      whole number of milliseconds; g[i] = t[i] - t[i-1] for i > 0. Sums, differences and limits use
      these integers. A chain lasts at most a day.
    - z[i] is the zone; c are the reported confidences, in order.
    - "Next after" refers to the order of events in the chain. Simultaneous events are in the order
      of their kinds, zones and confidences.
    - Each column is one operation in float64 on exact integers, in seconds after a division by
      1000, rounded to float32. The mean confidence is a sum from the first to the last. A phone
      gets the same bits, except for the time of day and week, which are sines and cosines.
    - If something did not happen, its count is 0 and its time is missing.

    The columns of kinds and zones come from the tables `EVENT_KINDS` and `ZONES`: a new kind adds
    its columns.

    Examples
    --------
    >>> import pandas as pd
    >>> from novin_ml.events import Chains, KINDS, ZONES
    >>> from novin_ml.features import ChainFeatures
    >>> chains = Chains(
    ...     table=pd.DataFrame({"home_id": ["a"], "start": [0.0], "observed_until": [27.5]}),
    ...     offsets=[0, 2],
    ...     timestamp=[0.0, 7.5],
    ...     kind=[KINDS.index("doorbell"), KINDS.index("motion")],
    ...     zone=[list(ZONES).index("front_door")] * 2,
    ...     confidence=[0.9, 0.8],
    ... )
    >>> features = ChainFeatures().set_output(transform="pandas").fit_transform(chains)
    >>> features[["n_doorbell", "doorbell_motion_gap", "silence_after"]].to_dict("records")
    [{'n_doorbell': 1.0, 'doorbell_motion_gap': 7.5, 'silence_after': 20.0}]
    """

    inputs: ClassVar[tuple[str, ...]] = (
        "timestamp", "kind", "zone", "confidence", "observed_until", "utc_offset", "home_mode",
    )  # fmt: skip

    training_function: ClassVar[str] = "novin_ml.events.training_events"

    @property
    def feature_specs(self) -> tuple[FeatureSpec, ...]:
        """Name, unit, range and formula of each column."""
        return CHAIN_FEATURES

    def transform(self, chains: Chains) -> np.ndarray:
        """Compute the features of chains.

        Parameters
        ----------
        chains : Chains
            The chains.

        Returns
        -------
        features : ndarray of shape (n_chains, n_features), float32
            Columns as in `feature_specs`, each contiguous; a DataFrame after
            ``set_output(transform="pandas")``.

        Raises
        ------
        InvalidEventError
            If `chains` are not chains, or a chain lasts longer than a day.
        """
        self._check_events(chains)
        return chain_features(chains)

    def _check_events(self, events: Any) -> Any:
        if not isinstance(events, Chains):
            raise InvalidEventError(
                f"{type(self).__name__} needs a table of chains. Got {kind_of(events)} "
                "instead. Make one with novin_ml.events.chains_from_events."
            )
        return events


def chain_features(chains: Chains, kinds: tuple[EventKind, ...] = EVENT_KINDS) -> np.ndarray:
    """Compute the features of chains for a table of kinds; the default gives `CHAIN_FEATURES`."""
    n_features, codes = _read_table(kinds)
    by_column = np.empty((n_features, len(chains)), dtype=np.float32)
    table = chains.table
    of_chain = _columns_of_chain(
        chains.timestamp[chains.offsets[1:] - 1],
        table["observed_until"].to_numpy(),
        table["utc_offset"].to_numpy(),
        table["home_mode"].cat.codes.to_numpy(),
    )
    of_events = by_column[: -len(of_chain)]
    for rows, block in blocks(chains):
        _fill(of_events[:, rows], chain_columns(block, codes))
    _fill(by_column[-len(of_chain) :], of_chain)
    return by_column.T


def features_of_one(
    block: ChainBlock, last: float, observed_until: float, utc_offset: float, home_mode: int
) -> np.ndarray:
    """Compute the features of one chain, shape (1, n_features), as `chain_features` does.

    Parameters
    ----------
    block : ChainBlock
        The events of the chain.
    last : float
        Time of the last event.
    observed_until, utc_offset : float
        Values of the chain.
    home_mode : int
        Code of the mode, -1 if there is none.
    """
    n_features, codes = _read_table(EVENT_KINDS)
    row = np.empty((n_features, 1), dtype=np.float32)
    of_chain = _columns_of_chain(
        np.array([last]),
        np.array([observed_until]),
        np.array([utc_offset], dtype=np.float32),
        np.array([home_mode]),
    )
    _fill(row, chain(chain_columns(block, codes), of_chain))
    return row.T


@cache
def _read_table(kinds: tuple[EventKind, ...]) -> tuple[int, KindCodes]:
    return len(chain_specs(kinds)), KindCodes.of(kinds)


def _columns_of_chain(
    last: NDArray[np.float64],
    observed_until: NDArray[np.float64],
    utc_offset: NDArray[np.float32],
    home_mode: NDArray[np.integer],
) -> list[NDArray[Any]]:
    """Return the columns of the chain as a whole: silence after it, local time, and mode."""
    silence = np.minimum(np.rint((observed_until - last) * 1000.0), LONGEST) / 1000.0
    return [silence, *clock_columns(last, utc_offset), _MODE_CODES[home_mode]]


def _fill(rows: NDArray[np.float32], columns: Iterable[NDArray[Any]]) -> None:
    """Write columns one after the other; an array may hold one or several."""
    place = 0
    for column in columns:
        n_columns = len(column) if column.ndim == 2 else 1
        rows[place : place + n_columns] = column
        place += n_columns
