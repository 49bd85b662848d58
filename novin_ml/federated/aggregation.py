"""One round at the server: check each update, count it or say why not, and make one change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from novin_ml.exceptions import InvalidParametersError, UpdateError
from novin_ml.federated.averaging import AGGREGATORS, Aggregator, MeanOfUpdates
from novin_ml.federated.checking import (
    DEFAULT_MAX_EXAMPLES,
    UpdateCheck,
    UpdateCount,
    change_of,
)
from novin_ml.federated.update_files import Update
from novin_ml.plain import shown

#: So many updates are held until their norms say what a usual norm is.
_N_TO_MEASURE = 50
#: The largest norm that counts in full, as a multiple of the median norm.
_TIMES_MEDIAN = 2.0


@dataclass(frozen=True)
class AggregationSettings:
    """How a server makes one change of many updates.

    Attributes
    ----------
    method : {"mean", "trimmed_mean", "krum"}, default="mean"
        The mean is weighted by rows and has the same bits in any order. The others resist more
        hostile homes, and work within shards of 200 updates in the order in which they come.
    max_norm : float, default=None
        Largest norm of a change that counts in full; a larger change is scaled down to it. None
        takes twice the median norm of the first 50 updates.
    max_examples : int, default=10000
        Most rows of a home that count.
    trim : float, default=0.1
        Share of updates that the trimmed mean leaves out on either side, and that Krum leaves out.

    Examples
    --------
    >>> from novin_ml.federated import AggregationSettings
    >>> AggregationSettings(method="trimmed_mean", trim=0.2).check()
    >>> AggregationSettings(trim=0.9).check()
    Traceback (most recent call last):
    ...
    novin_ml.exceptions.InvalidParametersError: The 'trim' parameter of the aggregation must be
    at least 0 and below 0.5. Got 0.9 instead.
    """

    method: str = "mean"
    max_norm: float | None = None
    max_examples: int = DEFAULT_MAX_EXAMPLES
    trim: float = 0.1

    def check(self) -> None:
        """Raise InvalidParametersError unless the settings can be used.

        Raises
        ------
        InvalidParametersError
            If one is out of its range.
        """
        norm = self.max_norm
        ranges = {
            "method": (self.method in AGGREGATORS, f"one of {sorted(AGGREGATORS)}"),
            "max_norm": (norm is None or 0 < norm < np.inf, "above 0 and finite, or None"),
            "max_examples": (1 <= self.max_examples <= 1_000_000, "from 1 to 1,000,000"),
            "trim": (0 <= self.trim < 0.5, "at least 0 and below 0.5"),
        }
        for name, (holds, expected) in ranges.items():
            if not holds:
                raise InvalidParametersError(
                    f"The {name!r} parameter of the aggregation must be {expected}. "
                    f"Got {shown(getattr(self, name))} instead."
                )


@dataclass(frozen=True)
class Refusal:
    """An update that was not counted.

    Attributes
    ----------
    source : str
        Who sent it: the name of a home or a file.
    reason : str
        The kind of fault in one or two words.
    message : str
        What was expected and what was got.
    """

    source: str
    reason: str
    message: str


class RoundAggregation:
    """The updates of a round, counted as they come and then forgotten.

    Its memory does not depend on the number of updates.

    Parameters
    ----------
    base : ndarray of shape (n_values,), float32
        The global weights that every home began with.
    model_sha256 : bytes of length 32
        Their hash.
    settings : AggregationSettings, default=None
        How updates are checked and averaged; None takes the defaults.
    max_updates : int, default=1000000
        Most updates of the round.

    Attributes
    ----------
    count : UpdateCount
        What was counted so far.
    refusals : list of Refusal
        The first hundred updates that were not.
    max_norm : float or None
        The norm that is used; None as long as it is being measured.

    Examples
    --------
    >>> import numpy as np
    >>> from novin_ml.federated import RoundAggregation, Update
    >>> round_ = RoundAggregation(np.zeros(2, dtype=np.float32), bytes(32))
    >>> for change, n in ([1.0, 0.0], 30), ([0.0, 1.0], 10), ([np.nan, 0.0], 50):
    ...     round_.add(Update(np.array(change, dtype=np.float32), n, bytes(32)), "a home")
    >>> round_.change(), round_.count.rejected
    (array([0.75, 0.25], dtype=float32), Counter({'not finite': 1}))
    """

    def __init__(
        self,
        base: np.ndarray,
        model_sha256: bytes,
        settings: AggregationSettings | None = None,
        *,
        max_updates: int = 1_000_000,
    ) -> None:
        self.base = base
        self.model_sha256 = model_sha256
        self.settings = settings or AggregationSettings()
        self.settings.check()
        self.max_updates = max_updates
        self.count = UpdateCount()
        self.refusals: list[Refusal] = []
        self._held: list[tuple[str, Update]] = []
        self._norms: list[float] = []
        self._aggregator: Aggregator | None = None
        self._set_check(self.settings.max_norm)

    def add(self, update: Update, source: str = "") -> None:
        """Count an update, or refuse it and keep the reason.

        Parameters
        ----------
        update : Update
            What a home sent.
        source : str, default=""
            Who sent it, for the list of refusals.
        """
        if self.max_norm is not None:
            self._add(update, source)
            return
        try:
            _, norm = change_of(update, self.base, self.model_sha256)
        except UpdateError as error:
            self.refuse(error, source)
            return
        self._held.append((source, update))
        self._norms.append(norm)
        if len(self._held) == _N_TO_MEASURE:
            self._flush()

    def refuse(self, error: UpdateError, source: str = "") -> None:
        """Keep that no update could be counted, and why.

        Parameters
        ----------
        error : UpdateError
            Why it does not count.
        source : str, default=""
            Who should have sent it.
        """
        self.count.reject(error)
        if len(self.refusals) < 100:
            self.refusals.append(Refusal(source, error.reason, str(error)))

    def merge(self, other: RoundAggregation) -> None:
        """Add what another process has counted of the same round.

        Parameters
        ----------
        other : RoundAggregation
            With the same weights and settings, with a `max_norm` in them.

        Raises
        ------
        InvalidParametersError
            If it is of another round, or measures norms of its own.
        """
        if self.settings.max_norm is None or (
            (self.model_sha256, self.settings) != (other.model_sha256, other.settings)
        ):
            raise InvalidParametersError(
                "Rounds that are merged must have one model and one 'max_norm', which is stated. "
                f"Got max_norm={shown(self.settings.max_norm)} and "
                f"{shown(other.settings.max_norm)}. Make both with the same settings."
            )
        if other._aggregator is not None:
            self._aggregate().merge(other._aggregator)
        self.count.merge(other.count)
        self.refusals = [*self.refusals, *other.refusals][:100]

    def change(self) -> np.ndarray:
        """Return the mean change of the round.

        Returns
        -------
        change : ndarray of shape (n_values,), float32
            Zeros if no update was counted.
        """
        self._flush()
        if self._aggregator is None:
            return np.zeros_like(self.base)
        return self._aggregator.change()

    def total(self) -> MeanOfUpdates:
        """Return the sum of the round.

        Returns
        -------
        total : MeanOfUpdates
            Empty if no update was counted.

        Raises
        ------
        InvalidParametersError
            If the method is not the mean, or `max_norm` is not stated.
        """
        if self.settings.method != "mean" or self.settings.max_norm is None:
            raise InvalidParametersError(
                "Rounds with noise must have method='mean' and a stated 'max_norm'. Got "
                f"method={shown(self.settings.method)} and "
                f"max_norm={shown(self.settings.max_norm)}."
            )
        return cast(MeanOfUpdates, self._aggregate())

    def _flush(self) -> None:
        if self.max_norm is None and self._norms:
            self._set_check(_TIMES_MEDIAN * float(np.median(self._norms)) or 1.0)
        held, self._held = self._held, []
        for source, update in held:
            self._add(update, source)

    def _set_check(self, max_norm: float | None) -> None:
        self.max_norm = max_norm
        # The mean adds a change and forgets it; the others hold changes.
        forgets = max_norm is not None and self.settings.method == "mean"
        self._check = UpdateCheck(
            self.base,
            self.model_sha256,
            max_norm or np.inf,
            self.settings.max_examples,
            np.empty_like(self.base) if forgets else None,
        )

    def _add(self, update: Update, source: str) -> None:
        try:
            checked = self._check(update)
        except UpdateError as error:
            self.refuse(error, source)
            return
        self._aggregate().add(checked)
        self.count.add(checked)

    def _aggregate(self) -> Aggregator:
        if self._aggregator is None:
            settings = self.settings
            options: dict[str, Any] = {} if settings.method == "mean" else {"trim": settings.trim}
            self._aggregator = AGGREGATORS[settings.method](
                len(self.base),
                max_norm=self.max_norm,
                max_examples=settings.max_examples,
                max_updates=self.max_updates,
                **options,
            )
        return self._aggregator
