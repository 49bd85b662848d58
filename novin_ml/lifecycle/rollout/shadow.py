"""Several versions on the same log, side by side, before any of them decides for a home."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from novin_ml.estimators.decisions import alarm_codes
from novin_ml.estimators.families import family_of, rows_of
from novin_ml.evaluation import observed_weeks
from novin_ml.events.tables.check import checked_rows
from novin_ml.plain import plain, shown


@dataclass(frozen=True)
class ShadowVersion:
    """What a version answered on the log.

    Attributes
    ----------
    name : str
    answers : dict of str to int
        Number of rows with each answer.
    n_alarms : int or None
        Rows that reach the threshold of a label; None without thresholds.
    alarms_per_home_week : float or None
        The same for each home and week.
    n_other : int
        Rows that it answers otherwise than the first version.
    homes_other : dict of str to float
        Share of such rows in each home that has any, largest first.
    """

    name: str
    answers: dict[str, int]
    n_alarms: int | None
    alarms_per_home_week: float | None
    n_other: int
    homes_other: dict[str, float]


@dataclass(frozen=True)
class Shadow:
    """Versions on the same rows.

    Attributes
    ----------
    versions : tuple of ShadowVersion
        The first is what the others are compared with.
    n_rows, n_homes : int
    home_weeks : float
        Observed time, in weeks, summed over the homes.
    rows : DataFrame of shape (n_rows, 2 + 2 n_versions)
        ``home_id``, ``timestamp``, and for each version its answer (``NAME``) and the probability
        of it (``NAME probability``).
    """

    versions: tuple[ShadowVersion, ...]
    n_rows: int
    n_homes: int
    home_weeks: float
    rows: pd.DataFrame = field(repr=False, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """Return everything but the rows as plain Python values.

        Returns
        -------
        document : dict
            Ready for JSON.
        """
        names = ("n_rows", "n_homes", "home_weeks")
        return plain(
            {name: getattr(self, name) for name in names}
            | {"versions": [vars(version) for version in self.versions]}
        )


def shadow(models: Mapping[str, Any], log: Any) -> Shadow:
    """Let several versions of a model answer the same rows.

    Parameters
    ----------
    models : mapping of str to Pipeline
        Fitted pipelines of one family of classifiers by name; the first is the one that is served.
    log : DataFrame or Chains
        Events, chains or signals with their homes and times. Labels are not needed; rows without
        consent are answered too, since nothing is learnt from them.

    Returns
    -------
    shadow : Shadow
        What each version answered, and where it differs from the first.

    Raises
    ------
    ValueError
        Unless there are two or more versions, all of one family of classifiers.
    InvalidEventError
        If the rows are not what their fields must be, or do not name their home.

    Examples
    --------
    >>> from novin_ml.estimators import make_delivery_pipeline
    >>> from novin_ml.features import training_rows
    >>> from novin_ml.lifecycle import shadow
    >>> from novin_ml.simulation import simulate_deliveries
    >>> events = simulate_deliveries(600, random_state=0)
    >>> rows, _ = training_rows(events)
    >>> models = {
    ...     name: make_delivery_pipeline(epochs=epochs, random_state=0).fit(rows, rows["label"])
    ...     for name, epochs in {"7": 2, "8": 20}.items()
    ... }
    >>> found = shadow(models, events)
    >>> [version.name for version in found.versions], found.versions[0].n_other
    (['7', '8'], 0)
    """
    if len(models) < 2:
        raise ValueError(
            f"models must be two or more versions to be seen side by side. Got {len(models)}. "
            "Name the served version first, then those that are to be tried."
        )
    families = {name: family_of(model) for name, model in models.items()}
    first = next(iter(families.values()))
    for name, family in families.items():
        if family.is_detector or family is not first:
            raise ValueError(
                f"All versions must be classifiers of one family. Got {first.name} and, as "
                f"{shown(name)}, {family.name}. Leave it out."
            )
    log = checked_rows(log, "shadow", need=("home_id",))
    if not len(log):
        raise ValueError("The 'log' parameter must have rows to answer. Got none. Pass some.")
    taken = rows_of(next(iter(models.values()))).to_score(log, *models.values())
    homes = np.asarray(log["home_id"], dtype=object).astype(str)
    time = next(name for name in ("timestamp", "start") if name in log.columns)
    times = np.asarray(log[time], dtype=np.float64)
    weeks = observed_weeks(homes, times)
    rows = pd.DataFrame({"home_id": homes, "timestamp": times})
    versions: list[ShadowVersion] = []
    answers_of_first = None
    for name, model in models.items():
        probabilities = model.predict_proba(taken)
        answers = np.asarray(model.classes_)[probabilities.argmax(axis=1)].astype(str)
        rows[name], rows[f"{name} probability"] = answers, probabilities.max(axis=1)
        if answers_of_first is None:
            answers_of_first = answers
        other = pd.Series(answers != answers_of_first)
        share = other.groupby(homes).mean()
        largest = share[share > 0].sort_values(ascending=False, kind="stable")
        alarms = _n_alarms(model, probabilities)
        versions.append(
            ShadowVersion(
                name=name,
                answers={str(key): int(n) for key, n in pd.Series(answers).value_counts().items()},
                n_alarms=alarms,
                alarms_per_home_week=None if alarms is None else alarms / weeks,
                n_other=int(other.sum()),
                homes_other={str(home): float(part) for home, part in largest.items()},
            )
        )
    return Shadow(tuple(versions), len(rows), len(set(homes)), weeks, rows)


def _n_alarms(model: Any, probabilities: np.ndarray) -> int | None:
    classifier = model[-1]
    if not classifier.decisions_.thresholds:
        return None
    limits = classifier.decisions_.threshold_row(classifier.classes_.tolist())
    return int(np.count_nonzero(alarm_codes(probabilities, limits) >= 0))
