"""Chains whose kinds and zones are found again, by another vocabulary."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from novin_ml.events.chains.own_rows import own_rows
from novin_ml.events.chains.sensor_log import SensorLog
from novin_ml.events.chains.table import Chains
from novin_ml.events.vocabulary.columns import refuse_others
from novin_ml.events.vocabulary.vocabulary import Vocabulary

__all__ = ["chains_of_vocabulary"]


def chains_of_vocabulary(chains: Chains, vocabulary: Vocabulary, purpose: str) -> Chains:
    """Return chains whose kinds and zones are of a vocabulary, that of a model, or refuse them.

    Those of the other built-in vocabulary are read again by the types and locations that they keep,
    so that a model means the same by chains whichever of the two is the default.

    Raises
    ------
    InvalidEventError
        If the vocabularies differ, and one of them is not built in or the texts are not known.
    """
    shown, text = chains.vocabulary, chains.text
    if shown == vocabulary:
        return chains
    are_built_in = shown is not None and shown.is_built_in and vocabulary.is_built_in
    if not are_built_in or text is None or None in chains.texts:
        refuse_others(shown, vocabulary, purpose)
        return chains
    told = [texts or (None, None) for texts in chains.texts]
    kind = _codes(vocabulary.kind_dtype, [vocabulary.kind_of(what) for what, _ in told])
    zone = _codes(vocabulary.zone_dtype, [vocabulary.zone_of(where) for _, where in told])
    log = chains.log
    if log is not None:
        own_rows(chains, log)  # that of other chains is refused
        log = _read_again(log, kind[log.sensor], zone[log.sensor], vocabulary)
    return replace(chains, kind=kind[text], zone=zone[text], vocabulary=vocabulary, log=log)


def _codes(dtype: pd.CategoricalDtype, names: list[str]) -> NDArray[np.int8]:
    return np.asarray(dtype.categories.get_indexer(pd.Index(names, dtype=object)), dtype=np.int8)


def _read_again(
    log: SensorLog, kind: NDArray[np.int8], zone: NDArray[np.int8], vocabulary: Vocabulary
) -> SensorLog:
    """Return a log with these zones, in the order of chains where events are simultaneous."""
    order = np.lexsort((zone, kind, log.time, log.home))
    names = ("home", "time", "sensor", "ends", "end", "consent")
    columns = {name: getattr(log, name)[order] for name in names}
    is_one = log.end is log.end_by_consent
    return replace(
        log,
        **columns,
        zones=tuple(vocabulary.zone_dtype.categories),
        zone=zone[order],
        end_by_consent=columns["end"] if is_one else log.end_by_consent[order],
    )
