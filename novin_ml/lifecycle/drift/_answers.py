"""What a model computes of two tables of events: its features, its answers and its alarms."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from novin_ml.estimators.families import Family, find_family, rows_of
from novin_ml.estimators.row_kinds import CHAIN_ROWS, EVENT_ROWS
from novin_ml.events import chains_from_events
from novin_ml.lifecycle.drift._columns import CALENDAR, Column, category_column, number_column
from novin_ml.lifecycle.drift._rows import Rows


def checked_model(model: Any) -> Family:
    """Return the family of a model that answers for events or chains; refuse others.

    Raises
    ------
    ValueError
        If it is no fitted pipeline from events to labels.
    """
    family = find_family(model)
    if (
        family is None
        or family.is_detector
        or not isinstance(model, Pipeline)
        or rows_of(model) not in (EVENT_ROWS, CHAIN_ROWS)
    ):
        got = "a baseline of one home" if family and family.is_detector else type(model).__name__
        raise ValueError(
            "The 'model' parameter must be a fitted pipeline of novin_ml from events or chains to "
            f"labels. Got {got}. Make one with lifecycle.train, or leave it out."
        )
    check_is_fitted(model.steps[-1][1])
    return family


def answer_columns(
    model: Pipeline, tables: tuple[pd.DataFrame, pd.DataFrame], rows: tuple[Rows, Rows]
) -> list[Column]:
    """Return the features, probabilities, answers and alarms of a model as columns.

    Alarms are those of its thresholds. Without any they are its answers: those of the label that
    matters most, or all but the quiet one.
    """
    family, classifier = checked_model(model), model.steps[-1][1]
    sides, features, scores, answers, alarms = [], [], [], [], []
    for table, of in zip(tables, rows, strict=True):
        is_chains = rows_of(model) is CHAIN_ROWS
        scored = chains_from_events(table) if is_chains else EVENT_ROWS.to_score(table, model)
        time = "start" if is_chains else "timestamp"
        sides.append(of.others(scored["home_id"], scored[time]))
        computed = model[:-1].transform(scored)
        features.append(np.asarray(computed, dtype=np.float64))
        scores.append(np.asarray(classifier.predict_proba(computed), dtype=np.float64))
        answers.append(classifier.classes_[scores[-1].argmax(axis=1)])
        alarms.append(_alarms(family, classifier, computed, answers[-1]))
    both = (sides[0], sides[1])
    names = [str(name) for name in model[:-1].get_feature_names_out()]
    columns = [
        number_column(f"feature {name}", "features", both, [each[:, place] for each in features])
        for place, name in enumerate(names)
        if not name.startswith(CALENDAR)
    ]
    columns += [
        number_column(f"probability of {label}", "predictions", both, [s[:, p] for s in scores])
        for p, label in enumerate(classifier.classes_)
    ]
    columns.append(category_column("answer", "predictions", both, answers, can_miss=False))
    if any(pd.notna(each).any() for each in alarms):
        options = {"has_shares": False, "has_rates": True, "can_miss": False}
        columns.append(category_column("alarms", "alarms", both, alarms, **options))
    return columns


def _alarms(family: Family, classifier: Any, features: Any, answers: Any) -> Any:
    if classifier.decisions_.thresholds:
        return classifier.alarms(features)
    names = np.array(answers, dtype=object)
    if family.quiet_label is not None:
        names[names == family.quiet_label] = None
    elif family.positive_label is not None:
        names[names != family.positive_label] = None
    return names
