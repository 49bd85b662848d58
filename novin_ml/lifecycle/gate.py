"""The gate: whether a model may go on, and if not, why."""

from __future__ import annotations

from enum import StrEnum

from novin_ml.estimators.families import Family
from novin_ml.evaluation import Comparison, Headline, mean_gain


class Gate(StrEnum):
    """What a model must be shown to be, compared with another one or with the rules.

    ``Gate("better")`` demands the verdict "better"; ``Gate("not-worse")`` demands that it loses
    less than a margin of accuracy, if any.

    Examples
    --------
    >>> from novin_ml.lifecycle import Gate
    >>> [str(gate) for gate in Gate]
    ['better', 'not-worse']
    """

    BETTER = "better"
    NOT_WORSE = "not-worse"


def check_gate(comparison: Comparison, gate: Gate | str, margin: float = 0.01) -> str | None:
    """Say why the first of two models does not pass a gate.

    Parameters
    ----------
    comparison : Comparison
        From `novin_ml.evaluation.compare`; its first model is judged.
    gate : Gate or str
        What it must be shown to be: "better" or "not-worse".
    margin : float, default=0.01
        Accuracy that may be lost and is still not worse, from 0 to below 1.

    Returns
    -------
    fault : str or None
        A sentence, or None if it passes.

    Raises
    ------
    ValueError
        If there is no such gate, or the margin is out of range.

    See Also
    --------
    fault_of : The same for a model that is held against the rules alone.

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
    if gate is Gate.BETTER:
        passed = comparison.verdict == "better"
    else:
        passed = comparison.is_not_worse(margin)
    if passed:
        return None
    allowed = f" by less than {100 * margin:g} points" if gate is Gate.NOT_WORSE else ""
    return f"{comparison.names[0]} is not shown to be {gate}{allowed}. {comparison.sentence}"


def fault_of(
    family: Family,
    headline: Headline | None,
    min_accuracy: float = 0.95,
    min_gain: float = 0.10,
) -> str | None:
    """Say why a model is not good enough for its family.

    Where one label is quiet, accuracy proves nothing: whoever never alarms is right most often.
    There it is judged by what it finds more than the rules with as many false alarms.

    Parameters
    ----------
    family : Family
        Of the model.
    headline : Headline or None
        What it is worth on rows that it was not trained on; None if that was not measured.
    min_accuracy : float, default=0.95
        Least accuracy on clean labels, 0 to 1, of a family without a quiet label.
    min_gain : float, default=0.10
        Least share of rows, -1 to 1, that it must find more than the rules, on average over labels,
        of a family with a quiet label.

    Returns
    -------
    fault : str or None
        A predicate without its subject, such as "was not measured"; None if the model passes.

    See Also
    --------
    check_gate : The same for two models.

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
