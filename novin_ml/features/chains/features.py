"""The features that distinguish patterns of events."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import chain
from numbers import Real
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from novin_ml.events.chains.rereading import chains_of_vocabulary
from novin_ml.events.chains.table import Chains
from novin_ml.events.fields import CHAIN_COLUMNS
from novin_ml.events.kinds import EventKind
from novin_ml.events.vocabulary.columns import DEFAULT_VOCABULARY
from novin_ml.events.vocabulary.vocabulary import Vocabulary
from novin_ml.events.zones import Zone
from novin_ml.exceptions import InvalidEventError
from novin_ml.features._clock import clock_columns
from novin_ml.features.base import EventFeatures, shown_vocabulary
from novin_ml.features.chains._columns import chain_columns
from novin_ml.features.chains._kinds import KindCodes
from novin_ml.features.chains.block import ChainBlock, blocks
from novin_ml.features.chains.memory import Wanted, bag_and_memory, memory_specs
from novin_ml.features.chains.specs import CHAIN_FEATURES, LONGEST, chain_specs
from novin_ml.features.orders import HOME_MODE_ORDER
from novin_ml.features.spec import FeatureSpec
from novin_ml.foreign import kind_of
from novin_ml.plain import shown
from novin_ml.validation import Interval

__all__ = ["CHAIN_FEATURES", "ChainFeatures"]

#: Most sensors or zones with columns of their own: a phone computes them too.
MOST_NAMES = 1_000

_REMEDIES = {
    "sensors": "novin_ml.events.sensor_names",
    "zones": "the categories of the column zone of the events",
}

# Indexed by the codes of the column `home_mode` of chains; -1, missing, is the last.
_MODE_CODES = np.array(
    [*map(HOME_MODE_ORDER.index, CHAIN_COLUMNS["home_mode"].categories), np.nan], dtype=np.float32
)


class ChainFeatures(EventFeatures):
    """Turn chains of events into features that distinguish patterns.

    The output has one row per chain, in the order of the table. A row depends only on its own
    chain, bit for bit.

    Parameters
    ----------
    sensors : sequence of str or None, default=None
        Names of sensors, as `novin_ml.events.sensor_names` returns them, that get columns of their
        own: how often each reported, and which was last. The chains must come from
        `novin_ml.events.chains_from_events`. None and no names make no columns.
    zones : sequence of str or None, default=None
        Names of zones that get columns of their own.
    memory : float or None, default=None
        Seconds after which what happened counts half. If given, there are also columns of what was
        before the last event of a chain: the two sensors before, whether each sensor is on, how
        often it ended, and how long ago it came on.

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

    The columns of kinds and zones come from the vocabulary of the chains that `fit` was given: each
    kind adds its columns. Without `fit` it is `Vocabulary.sdk`.

    What was before is read from the log that the chains were made of, up to the last event of the
    chain and never later: a row is the same in any part of the table. An end counts once it is
    past. A chain whose events all have consent remembers no event without.

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

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "sensors": ["array-like", None],
        "zones": ["array-like", None],
        "memory": [Interval(Real, 0, None, closed="neither"), None],
    }

    def __init__(
        self,
        sensors: Sequence[str] | None = None,
        zones: Sequence[str] | None = None,
        memory: float | None = None,
    ) -> None:
        self.sensors = sensors
        self.zones = zones
        self.memory = memory

    @property
    def feature_specs(self) -> tuple[FeatureSpec, ...]:
        """Name, unit, range and formula of each column."""
        return (*specs_of(self._vocabulary), *memory_specs(self._wanted))

    @property
    def feature_set(self) -> int:
        """2 with columns of sensors or zones, else 1: the columns of novin_ml 0.1."""
        return 2 if self._wanted else 1

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
        chains = self._check_events(chains)
        wanted = self._wanted
        # One that was not fitted takes chains as they are.
        vocabulary = getattr(self, "vocabulary_", shown_vocabulary(chains))
        features = chain_features(chains, vocabulary.kinds, vocabulary.zones)
        if not wanted:
            return features
        return np.vstack([features.T, bag_and_memory(chains, wanted)]).T

    @property
    def exported_entries(self) -> dict[str, str]:
        """Metadata of an exported model: the names of sensors and zones with columns."""
        wanted = self._wanted
        if not wanted:
            return {}
        names = {"sensors": wanted.sensors, "zones": wanted.zones}
        return {"feature_names_of": json.dumps(names, ensure_ascii=False)}

    @classmethod
    def from_exported(cls, params: Mapping[str, float], entries: Mapping[str, str]) -> Self:
        """Return the transformer of an exported model, with its names of sensors and zones.

        Parameters
        ----------
        params : mapping of str to float
            Its numeric parameters.
        entries : mapping of str to str
            Those of `exported_entries`, among others.

        Returns
        -------
        features : ChainFeatures
            It computes the columns that the model was trained on.
        """
        names: dict[str, Any] = json.loads(entries.get("feature_names_of", "{}"))
        return cls(**names, memory=params.get("memory"))

    @property
    def _wanted(self) -> Wanted:
        """The columns beyond those of the first set."""
        sensors, zones = (
            () if names is None else tuple(names) for names in (self.sensors, self.zones)
        )
        return Wanted(sensors, zones, None if self.memory is None else float(self.memory))

    def _refuse_no_columns(self) -> None:
        """Refuse parameters that name no columns."""
        vocabulary = self._vocabulary
        sensors = [*vocabulary.sensor_dtype.categories] if vocabulary.sensors else None
        for name, known in (("sensors", sensors), ("zones", [*vocabulary.zone_dtype.categories])):
            given = getattr(self, name)
            if given is not None:
                _check_names(name, given, known)
        if self.memory is not None and not self._wanted:
            raise ValueError(
                "The 'memory' parameter of ChainFeatures must have sensors or zones to remember. "
                f"Got memory={shown(self.memory)} without any. Pass "
                "sensors=novin_ml.events.sensor_names(events)."
            )

    def _check_events(self, events: Any) -> Any:
        if not isinstance(events, Chains):
            raise InvalidEventError(
                f"{type(self).__name__} needs a table of chains. Got {kind_of(events)} "
                "instead. Make one with novin_ml.events.chains_from_events."
            )
        known = getattr(self, "vocabulary_", None)
        if known is not None:
            events = chains_of_vocabulary(events, known, type(self).__name__)
        self._refuse_no_columns()
        return events


@cache
def specs_of(vocabulary: Vocabulary) -> tuple[FeatureSpec, ...]:
    """Return the specs of the features of chains of a vocabulary."""
    return chain_specs(vocabulary.kinds, vocabulary.zones)


def chain_features(
    chains: Chains,
    kinds: tuple[EventKind, ...] = DEFAULT_VOCABULARY.kinds,
    zones: tuple[Zone, ...] = DEFAULT_VOCABULARY.zones,
) -> np.ndarray:
    """Compute the features of chains for tables of kinds and zones.

    The defaults give `CHAIN_FEATURES`.
    """
    n_features, codes = _read_table(kinds, zones)
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
    block: ChainBlock,
    last: float,
    observed_until: float,
    utc_offset: float,
    home_mode: int,
    vocabulary: Vocabulary,
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
    vocabulary : Vocabulary
        That of the codes.
    """
    n_features, codes = _read_table(vocabulary.kinds, vocabulary.zones)
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
def _read_table(kinds: tuple[EventKind, ...], zones: tuple[Zone, ...]) -> tuple[int, KindCodes]:
    return len(chain_specs(kinds, zones)), KindCodes.of(kinds, zones)


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


def _check_names(parameter: str, given: Any, known: Sequence[str] | None) -> None:
    names = [*given] if not isinstance(given, str) else [None]
    wrong = next((name for name in names if not isinstance(name, str) or not name), None)
    what = f"names of {parameter}" if known is None else f"names of {parameter} of its vocabulary"
    if wrong is None and known is not None:
        wrong = next((name for name in names if name not in known), None)
    is_twice = len(set(map(str, names))) < len(names)
    if isinstance(given, str) or wrong is not None or is_twice or len(names) > MOST_NAMES:
        raise ValueError(
            f"The {parameter!r} parameter of ChainFeatures must be at most {MOST_NAMES:,} "
            f"different {what}. Got {shown(given if wrong is None else wrong)}. "
            f"Take them from {_REMEDIES[parameter]}."
        )
