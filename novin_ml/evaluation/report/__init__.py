"""The report on a model: numbers, a page for people who decide, and a model card."""

from novin_ml.evaluation.report._beside import certificate_entry, with_certificate
from novin_ml.evaluation.report._build import build_report
from novin_ml.evaluation.report._reports import BaselineReport, Report
from novin_ml.evaluation.report.write import render_report, write_report

__all__ = [
    "BaselineReport",
    "Report",
    "build_report",
    "certificate_entry",
    "render_report",
    "with_certificate",
    "write_report",
]
