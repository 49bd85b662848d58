"""From a fitted pipeline and labelled rows to a report."""

from __future__ import annotations

from typing import Any

from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from novin_ml.estimators.families import FAMILIES, Family, find_family
from novin_ml.estimators.home_models import is_monitor
from novin_ml.evaluation.report._baseline import build_baseline_report
from novin_ml.evaluation.report._beside import with_others
from novin_ml.evaluation.report._classifier import build_classifier_report
from novin_ml.evaluation.report._reports import BaselineReport, Report
from novin_ml.evaluation.report._tested import tested_of
from novin_ml.evaluation.report._tested_rows import checked_rows


def build_report(
    pipeline: Any,
    rows: Any,
    *,
    certificate: Any = None,
    truth: str | None = None,
    drift: Any = None,
    device_times: Any = None,
) -> Report | BaselineReport:
    """Measure a model on labelled rows, beside the hand-written rules.

    Parameters
    ----------
    pipeline : Pipeline or HomeMonitor
        Fitted: a feature transformer of novin_ml and one of its classifiers or a
        `novin_ml.BehaviorAnomalyDetector`; or a monitor of a home.
    rows : DataFrame or Chains
        Labelled events or chains that it was not trained on, preferably of other homes. For a
        detector: events of its home after its training, with or without labels. Context is attached
        to events that have none.
    certificate : Certificate, dict or path, default=None
        Certificate of the exported model.
    truth : str or None, default=None
        The column of the right labels; unused for a detector. None takes the clean labels of a
        simulation where each labelled row has one, as `evaluate` does; otherwise ``label``.
    drift : DriftReport or dict, default=None
        What `novin_ml.lifecycle.measure_drift` found between the training events and these.
    device_times : path or list of dict, default=None
        What ``novin-tool benchmark --json`` of the Swift package printed on a device.

    Returns
    -------
    report : Report or BaselineReport
        A frozen dataclass; ``to_document()`` is JSON.

    Raises
    ------
    ValueError
        If `pipeline` is not such a pipeline, if the rows have no labels, or if they have a label
        that the model does not know.
    NotFittedError
        If the pipeline is not fitted.

    Warns
    -----
    TrainingDataWarning
        If the model was trained on some of the rows or homes: see `seen_in_training`. The report
        says so too.

    See Also
    --------
    write_report : Write the report as a page.

    Examples
    --------
    >>> from novin_ml.estimators import make_delivery_pipeline
    >>> from novin_ml.evaluation import build_report
    >>> from novin_ml.simulation import simulate_deliveries
    >>> from novin_ml.features import training_rows
    >>> rows, _ = training_rows(simulate_deliveries(500, random_state=0))
    >>> model = make_delivery_pipeline(epochs=5, random_state=0).fit(rows, rows["label"])
    >>> report = build_report(model, simulate_deliveries(500, random_state=1))
    >>> report.n_rows, report.accuracy.low < report.accuracy.share < report.accuracy.high
    (500, True)
    """
    beside = (certificate, drift, device_times)
    if is_monitor(pipeline):
        check_is_fitted(pipeline)
        return with_others(build_baseline_report(pipeline, FAMILIES["behavior"], rows), *beside)
    if not isinstance(pipeline, Pipeline):
        raise ValueError(
            "The 'pipeline' parameter must be a pipeline from events to answers. "
            f"Got a {type(pipeline).__name__}. Put the features before it: make_delivery_pipeline."
        )
    family = _family_of(pipeline[-1])
    if family.is_detector:
        return with_others(build_baseline_report(pipeline, family, rows), *beside)
    check_is_fitted(pipeline[-1])
    rows, given, truth = checked_rows(rows, truth, pipeline)
    tested = tested_of(pipeline, family, rows, given, truth)
    return with_others(build_classifier_report(tested), *beside)


def _family_of(estimator: Any) -> Family:
    family = find_family(estimator)
    if family is None:
        raise ValueError(
            f"The 'pipeline' parameter must end with a model of {sorted(FAMILIES)}. "
            f"Got a {type(estimator).__name__}. Other classifiers have scikit-learn's own metrics."
        )
    return family
