"""Writing a report as a page."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from novin_ml.evaluation.report._baseline_page import baseline_page
from novin_ml.evaluation.report._build import build_report
from novin_ml.evaluation.report._page import classifier_page
from novin_ml.evaluation.report._reports import BaselineReport, Report
from novin_ml.files import write_text


def write_report(
    pipeline: Any,
    rows: Any,
    path: str | os.PathLike[str],
    *,
    certificate: Any = None,
    truth: str | None = None,
    drift: Any = None,
    device_times: Any = None,
) -> Report | BaselineReport:
    """Measure a model and write the report as a page.

    The page is one HTML file without scripts or external resources. It is light or dark, as the
    reader's device is, and readable on a phone. The same model and rows, in any order, give the
    same bytes: the page contains no times except those of the rows.

    Parameters
    ----------
    pipeline : Pipeline
        Fitted, as for `build_report`.
    rows : DataFrame or Chains
        Rows to measure it on, as for `build_report`.
    path : str or path-like
        The file to write.
    certificate : Certificate, dict or path, default=None
        Certificate of the exported model.
    truth : str or None, default=None
        The column of the right labels, as for `build_report`; unused for a detector.
    drift : DriftReport or dict, default=None
        What drifted since the training, as for `build_report`.
    device_times : path or list of dict, default=None
        Times of answers on a device, as for `build_report`.

    Returns
    -------
    report : Report or BaselineReport
        The numbers in the page.

    See Also
    --------
    build_report : Return only the numbers.
    model_card : Return the report as a page of Markdown.

    Examples
    --------
    >>> import tempfile
    >>> from novin_ml.estimators import make_delivery_pipeline
    >>> from novin_ml.evaluation import write_report
    >>> from novin_ml.simulation import simulate_deliveries
    >>> from novin_ml.features import training_rows
    >>> rows, _ = training_rows(simulate_deliveries(500, random_state=0))
    >>> model = make_delivery_pipeline(epochs=5, random_state=0).fit(rows, rows["label"])
    >>> events = simulate_deliveries(500, random_state=1)
    >>> report = write_report(model, events, tempfile.mkdtemp() + "/report.html")
    >>> sum(map(sum, report.confusion))
    500
    """
    report = build_report(
        pipeline,
        rows,
        certificate=certificate,
        truth=truth,
        drift=drift,
        device_times=device_times,
    )
    write_text(render_report(report), Path(path))
    return report


def render_report(report: Report | BaselineReport) -> str:
    """Return the page of a report.

    Parameters
    ----------
    report : Report or BaselineReport
        From `build_report`.

    Returns
    -------
    page : str
        The page as HTML.
    """
    if isinstance(report, BaselineReport):
        return baseline_page(report)
    return classifier_page(report)
