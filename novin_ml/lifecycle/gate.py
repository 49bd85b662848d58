"""Decide whether a model may be released."""

from __future__ import annotations

from enum import StrEnum

from novin_ml.estimators.families import Family
from novin_ml.evaluation import Comparison, Headline, mean_gain
from novin_ml.lifecycle.rollout import Rollout
from novin_ml.plain import plural


class Gate(StrEnum):
    """Condition that a model must meet in a comparison with another model or with the rules.

    ``Gate("better")`` demands the verdict "better". ``Gate("not-worse")`` demands a loss of
    accuracy below a margin.

    Examples
    --------
    >>> from novin_ml.lifecycle import Gate
    >>> [str(gate) for gate in Gate]
    ['better', 'not-worse']
    """

    BETTER = "better"
    NOT_WORSE = "not-worse"


def check_gate(
    comparison: Comparison | Rollout, gate: Gate | str, margin: float = 0.01
) -> str | None:
    """Return the reason why the first of two models, or a candidate, does not pass a gate.

    Parameters
    ----------
    comparison : Comparison or Rollout
        Result of `novin_ml.evaluation.compare`, to whose first model the gate applies, or of
        `look_at_rollout`, to whose candidate.
    gate : Gate or str
        "better" or "not-worse".
    margin : float, default=0.01
        Loss of accuracy that still counts as not worse, from 0 to below 1; of a rollout, loss of
        its value.

    Returns
    -------
    fault : str or None
        The reason in a sentence, or None if the model passes.

    Raises
    ------
    ValueError
        If the gate is unknown, or the margin is out of range.

    See Also
    --------
    fault_of : The same for a comparison with the rules only.

    Examples
    --------
    >>> from novin_ml.estimators.rules import DeliveryRules
    >>> from novin_ml.evaluation import compare
    >>> from novin_ml.lifecycle import check_gate, train
    >>> from novin_ml.simulation import simulate_deliveries
    >>> result = train("delivery", simulate_deliveries(3000, random_state=0), epochs=20)
    >>> comparison = compare(
    ...     result.pipeline, DeliveryRules(), simulate_deliveries(1500, random_state=1)
    ... )
    >>> check_gate(comparison, "better") is None
    True
    """
    gate = Gate(gate)
    if isinstance(comparison, Rollout):
        better = comparison.decision == "better"
        if better if gate is Gate.BETTER else comparison.is_not_worse(margin):
            return None
        allowed = f" by less than {margin:g}" if gate is Gate.NOT_WORSE else ""
        return f"{comparison.candidate} is not shown to be {gate}{allowed}. {comparison.sentence}"
    if gate is Gate.BETTER:
        passed = comparison.verdict == "better"
    else:
        passed = comparison.is_not_worse(margin)
    if passed:
        return None
    allowed = (
        f" by less than {plural(100 * margin, 'point', form='g')}" if gate is Gate.NOT_WORSE else ""
    )
    return f"{comparison.names[0]} is not shown to be {gate}{allowed}. {comparison.sentence}"


def fault_of(
    family: Family,
    headline: Headline | None,
    min_accuracy: float = 0.95,
    min_gain: float = 0.10,
) -> str | None:
    """Return the reason why a model is not good enough for its family.

    In a family with a quiet label, accuracy means little: a model that never alarms is right most
    of the time. Such a model must find more rows than the rules do at the same number of false
    alarms.

    Parameters
    ----------
    family : Family
        Family of the model.
    headline : Headline or None
        Scores on rows that were not used for training; None if they were not measured.
    min_accuracy : float, default=0.95
        Lowest accuracy on clean labels, 0 to 1, in a family without a quiet label.
    min_gain : float, default=0.10
        Lowest difference of recall between the model and the rules, -1 to 1, averaged over labels,
        in a family with a quiet label.

    Returns
    -------
    fault : str or None
        The reason as a predicate without a subject, such as "was not measured"; None if the model
        passes.

    See Also
    --------
    check_gate : The same for a comparison of two models.

    Examples
    --------
    >>> from novin_ml.lifecycle import fault_of, train
    >>> from novin_ml.simulation import simulate_deliveries
    >>> result = train("delivery", simulate_deliveries(1000, random_state=0), epochs=5)
    >>> fault_of(result.family, result.headline, min_accuracy=0.5) is None
    True
    >>> fault_of(result.family, None)
    'was not measured'
    """
    if headline is None:
        return "was not measured"
    if family.quiet_label is not None:
        gain = mean_gain(headline.recall_at_alarms)
        if gain >= min_gain:
            return None
        return (
            f"finds {100 * gain:+.1f} points more than the rules with as many false alarms, "
            f"fewer than {100 * min_gain:+.1f}"
        )
    clean = headline.model_clean
    if clean is not None and clean.accuracy >= min_accuracy:
        return None
    accuracy = "no accuracy" if clean is None else f"an accuracy of {clean.accuracy:.2%}"
    return f"has {accuracy} on clean labels, below {min_accuracy:.2%}"
