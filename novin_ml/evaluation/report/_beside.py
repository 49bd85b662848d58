"""What a report takes from elsewhere: the certificate, the drift, and times on a device."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

from novin_ml.evaluation.report._recommendation import recommendation
from novin_ml.exceptions import SavedModelError
from novin_ml.plain import shown

_NO_CERTIFICATE = (
    "No certificate was given, so the model on the phone was not checked. Export the model with "
    "novin_ml.export_coreml, or novin-ml export, and name its certificate."
)


_NO_DRIFT = (
    "No training events were given, so it is not known whether homes have changed since. Name them "
    "with novin-ml report --reference."
)
_NO_TIMES = (
    "No time on a device was given. Write the Swift package with novin-ml ios, run its `novin-tool "
    "benchmark --json` on the device, and name its output with novin-ml report --times."
)


def certificate_entry(certificate: Any) -> tuple[dict[str, Any] | None, dict[str, str]]:
    """Return a certificate as a dict, or the reason why there is none.

    Parameters
    ----------
    certificate : Certificate, dict, path or None
        As `novin_ml.export_coreml` returns or writes it.

    Returns
    -------
    entry : dict or None
        The certificate.
    absent : dict of str to str
        The reason why there is none, and how to get one.
    """
    if certificate is None:
        return None, {"certificate": _NO_CERTIFICATE}
    if hasattr(certificate, "to_json"):
        return json.loads(certificate.to_json()), {}
    if isinstance(certificate, (str, Path)):
        certificate = _read(Path(certificate))
    needed = {"passed", "rows", "max_error", "tolerance", "checks", "model_bytes"}
    if not (
        isinstance(certificate, dict)
        and needed <= set(certificate)
        and {"file_sha256", "model_sha256"} & set(certificate)
    ):
        raise SavedModelError(
            "The certificate must be one that export_coreml wrote. Got something else. "
            "Export the model again."
        )
    return certificate, {}


def certified_hash(certificate: dict[str, Any]) -> tuple[str, str, str]:
    """Return the name of a certificate's hash of its model, the hash, and what prints it.

    Up to protocol 4 it is of the content, without an entry, and no command prints it.
    """
    if "file_sha256" in certificate:
        return "file_sha256", certificate["file_sha256"], certificate["hashed_by"]
    return "content_sha256", certificate["model_sha256"], ""


def with_certificate(report: Any, certificate: Any) -> Any:
    """Return a report with the certificate of a model that was exported after the report.

    Parameters
    ----------
    report : Report or BaselineReport
        From `build_report`.
    certificate : Certificate, dict or path
        Certificate of the exported model.

    Returns
    -------
    report : Report or BaselineReport
        A copy; the given report is unchanged.
    """
    entry, absent = certificate_entry(certificate)
    others = {name: why for name, why in report.absent.items() if name != "certificate"}
    found = replace(report, certificate=entry, absent=others | absent)
    return replace(found, recommendation=recommendation(found))


def with_others(report: Any, certificate: Any, drift: Any, device_times: Any) -> Any:
    """Return a report with what was measured elsewhere, and with its recommendation.

    Parameters
    ----------
    report : Report or BaselineReport
        Measured on the rows alone.
    certificate : Certificate, dict, path or None
        Certificate of the exported model.
    drift : DriftReport, dict or None
        What drifted between the training events and these.
    device_times : path, list of dict or None
        What ``novin-tool benchmark --json`` printed.
    """
    absent = dict(report.absent)
    if drift is None:
        absent["drift"] = _NO_DRIFT
    if device_times is None:
        absent["device_times"] = _NO_TIMES
    whole = replace(
        report,
        absent=absent,
        drift=_drift_entry(drift),
        device_times=[] if device_times is None else _times_entry(device_times),
    )
    return with_certificate(whole, certificate)


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (RecursionError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise SavedModelError(
            f"{path} must be a certificate that export_coreml wrote. Got no JSON: {error}. "
            "Export the model again."
        ) from None


def _drift_entry(drift: Any) -> dict[str, Any] | None:
    if drift is None:
        return None
    # measure_drift is of a later stage: its report is known by what it can do.
    entry = drift.as_dict() if hasattr(drift, "as_dict") else drift
    if not isinstance(entry, dict) or not {"verdict", "sentence", "features"} <= set(entry):
        raise ValueError(
            "The 'drift' parameter must be what measure_drift returns, or its as_dict(). "
            f"Got {shown(drift)}. Pass one of these."
        )
    return entry


def _times_entry(given: Any) -> list[dict[str, Any]]:
    """Return the times in a file of the benchmark, one JSON object a line, or those given."""
    found, where = given, "The 'device_times' parameter"
    if isinstance(given, str | Path):
        where = str(given)
        lines = Path(given).read_text(encoding="utf-8", errors="replace").splitlines()
        try:
            found = [json.loads(line) for line in lines if line.strip()]
        except (RecursionError, json.JSONDecodeError):
            found = None
    if not isinstance(found, list) or not found or not all(map(_is_time, found)):
        raise ValueError(
            f"{where} must hold what `novin-tool benchmark --json` prints: a name, a median and a "
            "slow time in microseconds on each line. Got something else. Run it again, and pass "
            "its output."
        )
    return [{name: each[name] for name in ("name", "median", "slow")} for each in found]


def _is_time(value: Any) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("name"), str):
        return False
    times = [value.get("median"), value.get("slow")]
    return all(isinstance(each, int | float) and 0 <= each < math.inf for each in times)
