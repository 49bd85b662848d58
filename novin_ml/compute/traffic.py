"""Bytes that homes send and that are stored, in a month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

#: Bytes of an update file besides its values: header and SHA-256 (`novin_ml.federated`).
UPDATE_BYTES = 64 + 32
VALUE_BYTES = 4
DAYS_OF_MONTH = 365 / 12
_GB = 1e9


@dataclass(frozen=True)
class Traffic:
    """Bytes of a month, and their dollars if prices are known.

    Attributes
    ----------
    update_bytes : int
        One update of one home: a file for each network that is federated.
    updates_sent : float
        Bytes of updates that all homes send in a month; 0 without a federation.
    weights_received : float
        Bytes of weights that all homes get in a month.
    events_stored : float
        Bytes of all events of a month, as JSON Lines.
    dollars : float or None
        Of traffic and storage in a month; None without a price.
    source : str
        Where events and bytes per event come from.
    """

    update_bytes: int
    updates_sent: float
    weights_received: float
    events_stored: float
    dollars: float | None
    source: str


def traffic_of(
    homes: int,
    values: Mapping[str, int],
    updates: float,
    events_per_home_day: float,
    bytes_per_event: float,
    prices: Mapping[str, float],
    source: str,
) -> Traffic:
    """Return the bytes of a month.

    Parameters
    ----------
    homes : int
        Number of homes.
    values : dict of str to int
        Weights of each network that is federated.
    updates : float
        Updates of a home in a month.
    events_per_home_day, bytes_per_event : float
        What a home reports.
    prices : dict of str to float
        ``storage_gb_month`` and ``traffic_gb`` in dollars, if known.
    source : str
        Where the numbers of events come from.

    Returns
    -------
    traffic : Traffic
        Bytes, and dollars where there is a price.
    """
    weights = VALUE_BYTES * sum(values.values())
    one = weights + UPDATE_BYTES * len(values)
    stored = homes * events_per_home_day * DAYS_OF_MONTH * bytes_per_event
    sent, received = homes * updates * one, homes * updates * weights
    dollars = None
    if prices:
        moved = sent + received
        dollars = (
            prices.get("storage_gb_month", 0.0) * stored + prices.get("traffic_gb", 0.0) * moved
        ) / _GB
    return Traffic(one, sent, received, stored, dollars, source)
