"""Train a classifier, and test it on homes that were held back."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sklearn import config_context
from sklearn.pipeline import Pipeline

from novin_ml.estimators.families import Family, family_named, family_of
from novin_ml.evaluation import Headline, evaluate
from novin_ml.events import ChannelSignals
from novin_ml.foreign import require_rows
from novin_ml.lifecycle._holding_back import hold_back
from novin_ml.lifecycle.trainable import trainable_rows

_HOME = "home_id"


@dataclass(frozen=True)
class TrainingResult:
    """A trained classifier and the rows to test it on.

    Attributes
    ----------
    family : Family
        Family of the classifier.
    pipeline : Pipeline
        Fitted pipeline from rows to labels. Its last step has `fit_report_` and `size_report_`.
    n_trained, n_homes : int
        Numbers of training rows and of their homes.
    n_without_consent : int
        Labelled rows of the training homes that were left out because consent is not true.
    seconds : float
        Wall time of the fit.
    held_back : DataFrame, Chains or None
        All rows of the homes that were held back; None if no home was.
    """

    family: Family
    pipeline: Pipeline
    n_trained: int
    n_homes: int
    n_without_consent: int
    seconds: float
    held_back: Any = field(repr=False)

    @cached_property
    def headline(self) -> Headline | None:
        """Scores of the model and of the rules on the homes that were held back; None without such
        homes.

        Computed at the first access. Save the pipeline before: the evaluation may fail on the
        labels of the held-back homes.
        """
        if self.held_back is None:
            return None
        return evaluate_with_rules(self.pipeline, self.held_back)


def train(
    family: Family | str,
    table: Any,
    *,
    test_fraction: float = 0.2,
    random_state: int | None = 0,
    verbose: bool = False,
    step: Callable[[str], AbstractContextManager[Any]] = nullcontext,
    **params: Any,
) -> TrainingResult:
    """Train a classifier on the labelled rows of homes that consent.

    Some homes are held back for testing, with or without consent. They are never used for
    training. A home that has the only rows of a label with consent is not held back.

    Parameters
    ----------
    family : Family or str
        A family of classifiers, or its name in ``novin_ml.estimators.families``.
    table : DataFrame, Chains or ChannelSignals
        Events, chains or, for motion, signals of several channels, with `label`, `consent` and
        `home_id`.
    test_fraction : float, default=0.2
        Share of the homes to hold back, below 1; 0 trains on all homes.
    random_state : int or None, default=0
        Chooses the homes, and seeds the classifier.
    verbose : bool, default=False
        Show a progress bar of the fit on standard error.
    step : callable, default=contextlib.nullcontext
        ``step(title)`` returns a context manager, such as a spinner, that is active while the rows
        are chosen.
    **params
        Parameters of the family's pipeline, such as ``algorithm="mlp"`` or ``epochs=50``.

    Returns
    -------
    result : TrainingResult
        The fitted pipeline, the counts of its training rows, and the rows that were held back.

    Raises
    ------
    HomeMismatchError
        If homes are to be held back and there are fewer than two, or none whose labels other homes
        have as well.
    InvalidEventError
        If the table is of other rows, or has no column `home_id` or `consent`.
    ValueError
        If the family is unknown or has no classifier, no row has a label and consent, all have the
        same label, the labels are those of another family, or a parameter is invalid.

    See Also
    --------
    train_baseline : The same for the behavior of one home.
    publish : Exports what was trained, with its report.

    Examples
    --------
    >>> from novin_ml.lifecycle import train
    >>> from novin_ml.simulation import simulate_deliveries
    >>> result = train("delivery", simulate_deliveries(1000, random_state=0), epochs=5)
    >>> result.n_trained > 500, result.headline.n_homes
    (True, 2)
    >>> result.headline.model.accuracy > result.headline.rules.accuracy
    True
    """
    if isinstance(family, str):
        family = family_named(family)
    if family.is_detector:
        raise ValueError(
            "The 'family' parameter must be a family of classifiers. "
            f"Got {family.name}, which learns without labels. Call train_baseline or fit_fleet."
        )
    require_rows(table, "The table")
    table, trainable = trainable_rows(family, table)
    train_table, held_back = (
        hold_back(family, table, trainable, test_fraction, random_state)
        if test_fraction
        else (table, None)
    )
    with step("choosing what may be trained on"):
        rows, n_without_consent = family.rows_in(table).to_train(train_table)
    own = family.params_for(table)
    pipeline = family.make_pipeline(random_state=random_state, verbose=verbose, **own, **params)
    homes = rows[_HOME]
    started = time.perf_counter()
    with config_context(enable_metadata_routing=False):  # the name below is that of a step
        pipeline.fit(
            rows,
            rows["label"].astype(object),
            classifier__groups=homes if homes.nunique() > 1 else None,
        )
    return TrainingResult(
        family=family,
        pipeline=pipeline,
        n_trained=len(rows),
        n_homes=int(homes.nunique()),
        n_without_consent=n_without_consent,
        seconds=time.perf_counter() - started,
        held_back=held_back,
    )


def evaluate_with_rules(pipeline: Pipeline, table: Any) -> Headline:
    """Evaluate a classifier and the hand-written rules of its family on labelled rows.

    Parameters
    ----------
    pipeline : Pipeline
        Fitted.
    table : DataFrame, Chains or ChannelSignals
        Labelled rows that were not used for training. There are no rules for signals of several
        channels.

    Returns
    -------
    headline : Headline
        Scores of the model and of the rules.

    Raises
    ------
    ValueError
        If the family has no rules, or as `novin_ml.evaluation.evaluate` raises.

    Examples
    --------
    >>> from novin_ml.lifecycle import evaluate_with_rules, train
    >>> from novin_ml.simulation import simulate_deliveries
    >>> result = train("delivery", simulate_deliveries(1000, random_state=0), epochs=5)
    >>> evaluate_with_rules(result.pipeline, simulate_deliveries(300, random_state=1)).n_rows
    300
    """
    family = family_of(pipeline)
    # The rules read intensities of events.
    rules = None if isinstance(table, ChannelSignals) else family.rules()
    return evaluate(pipeline, rules, table, family.positive_label, family.quiet_label)
