"""The hand-written rules for deliveries, with their thresholds."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from novin_ml.estimators.rules.base import EventRules
from novin_ml.estimators.rules.chains import (
    DELIVERY_MAX_GAP,
    DELIVERY_MIN_GAP,
    DELIVERY_SILENCE,
)
from novin_ml.estimators.rules.motion import MOTION_INPUTS, event_activity
from novin_ml.features.base import shown_vocabulary
from novin_ml.features.context import attach_context, has_context

BoolArray = NDArray[np.bool_]

# Zones where a dropped package counts as a delivery.
DELIVERY_ZONE_KINDS = ("entry", "outdoor")


def ends_package_delivery(
    since_direct_doorbell: np.ndarray, silence_after: np.ndarray
) -> BoolArray:
    """Return which motions complete the chain package_delivery.

    Parameters
    ----------
    since_direct_doorbell : ndarray of shape (n_motions,)
        Seconds since the doorbell directly before at the same zone; NaN if there is none.
    silence_after : ndarray of shape (n_motions,)
        Seconds without a further event at the zone.

    Returns
    -------
    is_delivery : ndarray of shape (n_motions,), bool
        Whether chain rule 1 matches.

    Examples
    --------
    >>> import numpy as np
    >>> from novin_ml.estimators.rules import ends_package_delivery
    >>> ends_package_delivery(np.array([8.0, 8.0, np.nan]), np.array([20.0, 5.0, 20.0]))
    array([ True, False, False])
    """
    return (
        (since_direct_doorbell >= DELIVERY_MIN_GAP)
        & (since_direct_doorbell <= DELIVERY_MAX_GAP)
        & (silence_after >= DELIVERY_SILENCE)
    )


class DeliveryRules(EventRules):
    """Classifier of events by the SDK's hand-written rule for deliveries.

    A motion is a delivery if it completes a package_delivery chain, or if the motion rules call it
    package_drop and its zone is an entry or outdoors. Other kinds of events are never deliveries.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        ``"delivery"`` and ``"no_delivery"``.

    See Also
    --------
    novin_ml.features.attach_context : Attaches the context, so that rows can be split; without it,
        the table must hold all events of its homes.

    Examples
    --------
    >>> from novin_ml.estimators.rules import DeliveryRules
    >>> from novin_ml.simulation import simulate_deliveries
    >>> from novin_ml.features import attach_context
    >>> events = attach_context(simulate_deliveries(1000, random_state=0))
    >>> events = events[events["clean_label"].notna()]
    >>> rules = DeliveryRules().fit(events)
    >>> bool(rules.score(events, events["clean_label"]) > 0.5)
    True
    """

    inputs: ClassVar[tuple[str, ...]] = ("home_id", "kind", "timestamp", "zone", *MOTION_INPUTS)
    answers: ClassVar[tuple[str, ...]] = ("delivery", "no_delivery")

    def _decide(self, events: pd.DataFrame) -> np.ndarray:
        if not has_context(events):
            events = attach_context(events, silence=DELIVERY_SILENCE)
        waited = events["context_silence"].min()
        if waited < DELIVERY_SILENCE:
            raise ValueError(
                "For DeliveryRules, the attached context must have a silence of at least "
                f"{DELIVERY_SILENCE:g} s. Got {waited:g} s. Attach it with "
                f"silence={DELIVERY_SILENCE:g} while the table holds all events."
            )
        zones = shown_vocabulary(events).zones
        at_doors = [zone.name for zone in zones if zone.kind in DELIVERY_ZONE_KINDS]
        at_door = events["zone"].isin(at_doors).to_numpy(dtype=bool)
        dropped = (event_activity(events) == "package_drop") & at_door
        chained = ends_package_delivery(
            events["seconds_since_direct_doorbell"].to_numpy(), events["silence_after"].to_numpy()
        )
        motion = (events["kind"] == "motion").to_numpy(dtype=bool)
        return self.classes_[np.where(motion & (dropped | chained), 0, 1)]
