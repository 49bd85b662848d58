"""Alarms of a model that answers after each event, as in a stream."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from novin_ml.evaluation._labels import check_lengths, label_texts
from novin_ml.evaluation.alarms._counts import AlarmReport, count_multilabel_alarms, observed_weeks
from novin_ml.events.chains.patterns import NO_PATTERN
from novin_ml.events.chains.prefixes import chain_prefixes
from novin_ml.events.chains.table import Chains

_CHAINS_AT_A_TIME = 5_000  # number of chains whose beginnings are in memory at once


def stream_alarm_report(
    truth: ArrayLike, model: Any, rules: Any, chains: Chains, quiet_label: str = NO_PATTERN
) -> AlarmReport:
    """Count the alarms of a model and of the rules that answer after each event of a chain.

    Every answer counts. The label of a chain is found if any of its answers is right. A quiet chain
    gives a false alarm if any of its answers is not quiet. The beginning of a chain differs from
    the whole chain, and no silence follows it. So false alarms and recall may be higher or lower
    than those of complete chains.

    Parameters
    ----------
    truth : array-like of shape (n_chains,)
        The right label of each chain.
    model, rules : object
        Fitted classifiers of chains with ``predict``.
    chains : Chains of shape (n_chains,)
        Complete chains; `novin_ml.events.chain_prefixes` cuts them into beginnings.
    quiet_label : str, default="no_pattern"
        The label that raises no alarm.

    Returns
    -------
    report : AlarmReport
        Alarms of both. A chain may be a false alarm of several labels; it counts once for each.

    Raises
    ------
    ValueError
        If there are no chains, or the number of labels differs.

    See Also
    --------
    alarm_report : The same for one answer to each complete chain.

    Examples
    --------
    >>> from novin_ml.estimators.rules import ChainRules
    >>> from novin_ml.evaluation import alarm_report, stream_alarm_report
    >>> from novin_ml.simulation import simulate_chains
    >>> chains = simulate_chains(2000, random_state=0)
    >>> truth, rules = chains["clean_label"], ChainRules().fit(chains)
    >>> said = rules.predict(chains)
    >>> at_end = alarm_report(truth, said, said, chains["home_id"], chains["start"])
    >>> stream = stream_alarm_report(truth, rules, rules, chains)
    >>> stream.rules.n_false > at_end.rules.n_false
    True
    """
    truth = label_texts(truth)
    check_lengths(truth=truth, chains=chains["start"].to_numpy())
    if len(chains) == 0:
        raise ValueError("An alarm report must have rows. Got none. Give it labelled chains.")
    weeks = observed_weeks(chains["home_id"], chains["start"])
    predicted: list[dict[str, np.ndarray]] = [{}, {}]
    for begin in range(0, len(chains), _CHAINS_AT_A_TIME):
        part = chains[begin : begin + _CHAINS_AT_A_TIME]
        prefixes = chain_prefixes(part)
        owner = begin + np.repeat(np.arange(len(part)), part.lengths)
        for by_label, classifier in zip(predicted, (model, rules), strict=True):
            answers = label_texts(classifier.predict(prefixes))
            for label in {*map(str, answers)} - {quiet_label}:
                rows = by_label.setdefault(label, np.zeros(len(chains), dtype=bool))
                rows[owner[answers == label]] = True
    of_model, of_rules = (
        count_multilabel_alarms(truth, rows, weeks, quiet_label) for rows in predicted
    )
    return AlarmReport(len(chains), int(chains["home_id"].nunique()), weeks, of_model, of_rules)
