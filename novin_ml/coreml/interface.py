"""Descriptions in an exported model: its inputs, outputs and metadata."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from novin_ml.coreml.origin import Record
from novin_ml.coreml.subject import Subject
from novin_ml.coreml.texts import fits
from novin_ml.estimators.record import QUANTILES
from novin_ml.exceptions import NotExportableError, ParityError
from novin_ml.features.spec import FeatureSpec

#: Prefix of novin_ml's entries in the user-defined metadata.
PREFIX = "novin_ml."
#: Entry of models whose certificate is of protocol 4 or less.
CERTIFICATE_HASH = PREFIX + "certificate_sha256"
#: Entry with the typical value of each feature; see `typical_values`.
TYPICAL = "feature_typical"
#: Entry with the unit of each feature, with its prefix.
UNITS = PREFIX + "feature_units"


def describe(spec: Any, subject: Subject, record: Record) -> None:
    """Write descriptions and metadata into a spec, whose inputs and outputs must be known."""
    require_interface(spec, subject)
    texts = {feature.name: _input_text(feature) for feature in subject.specs}
    for feature in spec.description.input:
        feature.shortDescription = texts[feature.name]
    for feature in spec.description.trainingInput:
        feature.shortDescription = texts.get(feature.name, "the true label, to learn from")
    for feature in spec.description.output:
        feature.shortDescription = subject.answers.outputs[feature.name]
    metadata = spec.description.metadata
    estimator = subject.info.get("estimator", "model")
    metadata.shortDescription = record.texts["description"] or (
        f"{estimator}: {subject.answers.summary}. Inputs must be rounded to float32."
        f"{' ' * bool(subject.note)}{subject.note}"
    )
    metadata.author = record.texts["author"] or ""
    metadata.license = record.texts["license"] or ""
    metadata.versionString = record.texts["version"] or ""
    entries = dict(record.converter)
    entries |= {PREFIX + key: value for key, value in subject.info.items()}
    entries |= {
        PREFIX + "feature_order": json.dumps([s.name for s in subject.specs]),
        UNITS: json.dumps([s.unit for s in subject.specs]),
        PREFIX + "versions": json.dumps(record.versions),
    }
    if subject.feature_summary is not None:
        entries[PREFIX + TYPICAL] = _typical_text(subject.feature_summary)
    entries |= {PREFIX + key: value for key, value in subject.answers.metadata.items()}
    entries |= {PREFIX + key: value for key, value in record.card.items()}
    set_metadata(spec, entries)


def require_interface(spec: Any, subject: Subject) -> None:
    """Raise ParityError unless a spec has the inputs and outputs of a subject, each once.

    A phone gives and finds values by these names.
    """
    expected = {
        "inputs": [feature.name for feature in subject.specs],
        "outputs": list(subject.answers.outputs),
    }
    for side, names in expected.items():
        got = [feature.name for feature in getattr(spec.description, side.removesuffix("s"))]
        if sorted(got) != sorted(names):
            raise _other_interface(side, names, got)


def require_classes(classes: np.ndarray | None, subject: Subject) -> None:
    """Raise ParityError unless a model's classes are those of a subject, in any order."""
    labels = list(getattr(subject.answers, "labels", []))
    got = [] if classes is None else classes.tolist()
    if len(got) != len(labels) or set(got) != set(labels):
        raise _other_interface("class labels", labels, got)


def _other_interface(what: str, names: list[Any], got: list[Any]) -> ParityError:
    return ParityError(
        f"The exported model must have the {what} {names}, each once. Got {got}. "
        "Export the model again, or report it."
    )


def set_metadata(spec: Any, entries: Mapping[str, str]) -> None:
    """Write entries of the user-defined metadata."""
    for key, value in entries.items():
        spec.description.metadata.userDefined[key] = value


def names_certificate(spec: Any) -> bool:
    """Whether a spec has the hash of its certificate."""
    return CERTIFICATE_HASH in spec.description.metadata.userDefined


def content_hash(spec: Any) -> str:
    """Return the SHA-256 of a spec without its entry for the certificate, which holds this hash."""
    return hashlib.sha256(content(spec)).hexdigest()


def content(spec: Any) -> bytes:
    """Return the bytes of a spec without its entry for the certificate."""
    bare = type(spec)()
    bare.CopyFrom(spec)
    bare.description.metadata.userDefined.pop(CERTIFICATE_HASH, None)
    return bare.SerializeToString(deterministic=True)


def typical_values(metadata: Mapping[str, str]) -> np.ndarray | None:
    """Return the median of each feature in the training data, float32; NaN if always missing.

    Parameters
    ----------
    metadata : dict of str to str
        User-defined metadata of an exported model.

    Returns
    -------
    values : ndarray of shape (n_features,), float32, or None
        None if the training data of the model are not known.
    """
    text = metadata.get(PREFIX + TYPICAL)
    if text is None:
        return None
    return np.array([np.nan if v is None else v for v in json.loads(text)], dtype=np.float32)


def _typical_text(feature_summary: np.ndarray) -> str:
    medians = feature_summary[QUANTILES // 2].tolist()
    return json.dumps([None if math.isnan(median) else median for median in medians])


def _input_text(spec: FeatureSpec) -> str:
    parts = [spec.meaning]
    if spec.unit not in ("", "1"):
        parts.append(f"unit {spec.unit}")
    if math.isfinite(spec.low) or math.isfinite(spec.high):
        parts.append(f"range {spec.low:g} to {spec.high:g}")
    text = "; ".join(part for part in parts if part)
    if not fits(text):
        raise NotExportableError(
            f"The meaning and unit of feature {spec.name!r} must be UTF-8 text without NUL. "
            f"Got {text!r}. Leave such characters out."
        )
    return text
