"""What came since the served version, and what it tells: new rows, drift, labels by week."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from novin_ml.estimators.families import family_of
from novin_ml.evaluation import Comparison, compare, rows_of_new_homes
from novin_ml.events.consent import has_consent
from novin_ml.exceptions import BuildError
from novin_ml.lifecycle.building.adjusting import keep_labels, without_labels
from novin_ml.lifecycle.building.declaration import Declaration, Model
from novin_ml.lifecycle.building.rows import Rows
from novin_ml.lifecycle.drift import DriftReport, measure_drift
from novin_ml.lifecycle.registry import Version
from novin_ml.lifecycle.retraining.answers import Labelled
from novin_ml.lifecycle.retraining.labels import LabelWeek, full_weeks, judge_weeks
from novin_ml.lifecycle.retraining.result import WeekGain
from novin_ml.lifecycle.saving.estimators import load_estimator
from novin_ml.lifecycle.weeks import monday_of, times_of, week_of_monday, weeks_of

_HOME = "home_id"
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Since:
    """The rows of a model, seen from the version that is served.

    Attributes
    ----------
    name : str
        Name of the model.
    model : Model
        What is declared of it.
    declaration : Declaration
    rows : Rows
        All rows of today, with consent or without.
    version : Version
        The served version.
    """

    name: str
    model: Model
    declaration: Declaration
    rows: Rows = field(repr=False)
    version: Version

    @cached_property
    def served(self) -> Any:
        """The served estimator."""
        found = load_estimator(self.version.path(self.name))
        if family_of(found) is not self.model.of_family():
            raise BuildError(
                f"{self.declaration.path}: models.{self.name}.family must be that of the served "
                f"version {self.version.number}, {family_of(found).name}. Got "
                f"{self.model.family}. Give the new model another name."
            )
        return found

    @property
    def until(self) -> float:
        """Until when the data of the served version reach, in seconds since 1970."""
        try:
            return float(self.version.facts["models"][self.name]["data"]["until"])
        except (KeyError, TypeError, ValueError):
            raise BuildError(
                f"Version {self.version.number} of {self.version.name} must tell until when its "
                "data reach. Got one of an earlier release, which does not. Build once more, and "
                "promote that with novin-ml registry add --promote."
            ) from None

    @cached_property
    def table(self) -> Any:
        """The rows with consent, with the labels of annotators alone."""
        whole = self.rows.annotated(self.rows.whole)
        return whole[has_consent(whole)]

    @cached_property
    def is_new(self) -> Mask:
        """Which rows came since the served version."""
        return times_of(self.table) > self.until

    @cached_property
    def is_unseen(self) -> Mask:
        """Which rows are of homes that the served version was not trained on."""
        return rows_of_new_homes(self.served, self.table)

    @property
    def is_labelled(self) -> Mask:
        """Which rows have a label."""
        return np.asarray(self.table["label"].notna(), dtype=bool)

    def drift(self, level: float, min_effect: float, random_state: int) -> DriftReport:
        """Hold the new rows against those that the served version was trained on."""
        trained = self.table[~self.is_new & ~self.is_unseen]
        if not len(trained):
            raise BuildError(
                f"{self.declaration.path}: the files of {self.name} must still have rows of homes "
                f"that version {self.version.number} was trained on, to tell what drifted. Got "
                "none. Keep the files of the last weeks."
            )
        new = self.table[self.is_new]
        options: dict[str, Any] = {
            "level": level,
            "min_effect": min_effect,
            "random_state": random_state,
        }
        if isinstance(new, pd.DataFrame):
            return measure_drift(trained, new, model=self.served, **options)
        return measure_drift(self._columns(trained), self._columns(new), **options)

    def _columns(self, chains: Any) -> pd.DataFrame:
        """Return what the model computes of chains, beside home, time and consent."""
        features = np.asarray(self.served[:-1].transform(chains), dtype=np.float64)
        names = [str(name) for name in self.served[:-1].get_feature_names_out()]
        table = pd.DataFrame(features, columns=pd.Index(names))
        table = table[[name for name in names if not name.startswith("weekday")]]
        chances = self.served.predict_proba(chains)
        labels = [f"probability of {label}" for label in self.served.classes_]
        beside = pd.DataFrame(np.asarray(chances, dtype=np.float64), columns=pd.Index(labels))
        home = {_HOME: np.asarray(chains[_HOME], dtype=object), "timestamp": times_of(chains)}
        return pd.concat([pd.DataFrame(home).assign(consent=True), table, beside], axis=1)

    def weeks(self) -> tuple[LabelWeek, ...]:
        """Judge the labels of each week, on homes that the served version was not trained on."""
        family = self.model.of_family()
        rules = family.rules()
        homes = self.table[self.is_unseen]
        if not len(homes) or not homes["label"].notna().any():
            return ()
        found = Labelled.of(homes, family, self.served, rules)
        return judge_weeks(found.weeks, found.homes, found.right(self.served), found.right(rules))

    def is_since(self, monday: str) -> bool:
        """Whether a week has rows that came since the served version."""
        return week_of_monday(monday) >= int(weeks_of(np.array([self.until]))[0])


@dataclass(frozen=True)
class Contest:
    """A challenger and the served version, on rows that neither was trained on.

    Attributes
    ----------
    since : Since
    challenger : estimator
    left_out : tuple of str
        Mondays of the weeks whose labels are not used.
    """

    since: Since
    challenger: Any = field(repr=False)
    left_out: tuple[str, ...]

    def on_frozen(self) -> Comparison | None:
        """Compare on the frozen homes, up to the served version."""
        return self._compared(self._is_of("frozen") & ~self.since.is_new)

    def on_fresh(self) -> Comparison | None:
        """Compare on the new rows of frozen homes and of those to test on."""
        return self._compared(self._is_fresh)

    def gains(self) -> tuple[WeekGain, ...]:
        """Return the difference of accuracy in each full week of the fresh set."""
        table = self._labelled(self._is_fresh)
        if table is None:
            return ()
        family = self.since.model.of_family()
        rows = Labelled.of(table, family, self.challenger, self.since.served)
        gain = rows.right(self.challenger).astype(float) - rows.right(self.since.served)
        found = []
        for week in full_weeks(rows.weeks):
            of_week = gain[rows.weeks == week]
            found.append(WeekGain(monday_of(week), len(of_week), float(of_week.mean())))
        return tuple(found)

    @property
    def _is_fresh(self) -> Mask:
        return (self._is_of("frozen") | self._is_of("test")) & self.since.is_new

    def _is_of(self, part: str) -> Mask:
        homes = set(self.since.rows.parts[part][_HOME])
        is_of = np.asarray(self.since.table[_HOME].isin(homes), dtype=bool)
        return is_of & self.since.is_unseen

    def _labelled(self, where: Mask) -> Any:
        """Return the table with these labels alone, or None if there are none."""
        table = without_labels(keep_labels(self.since.table, where), self.left_out)
        is_labelled = np.asarray(table["label"].notna(), dtype=bool)
        if not is_labelled.any():
            return None
        homes = set(table[_HOME][is_labelled])
        return table[np.asarray(table[_HOME].isin(homes), dtype=bool)]

    def _compared(self, where: Mask) -> Comparison | None:
        table = self._labelled(where)
        if table is None:
            return None
        names = ("the challenger", f"version {self.since.version.number}")
        seed = self.since.declaration.split.random_state
        return compare(self.challenger, self.since.served, table, names=names, random_state=seed)
