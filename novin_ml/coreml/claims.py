"""Descriptions in a model, compared with those of its Python model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from novin_ml.coreml.certificate import OF_FILES
from novin_ml.coreml.interface import CERTIFICATE_HASH, PREFIX, describe
from novin_ml.coreml.origin import Record
from novin_ml.coreml.structure import expected_model, first_difference
from novin_ml.coreml.subject import Subject
from novin_ml.estimators.families import family_named

_APPLE = "com.github.apple.coremltools."
_CARD = PREFIX + "card_"
#: Entries that follow from the learner, its answers and its inputs.
_FOLLOWING = frozenset(
    PREFIX + key
    for key in (
        "class_labels",
        "feature_order",
        "feature_typical",
        "feature_units",
        "offset",
        "threshold",
        "versions",
    )
)


def claim_difference(
    spec: Any, subject: Subject, versions: Mapping[str, str], protocol: int
) -> tuple[str, tuple[str, ...]]:
    """Compare descriptions and metadata with those of an export of the Python model.

    Parameters
    ----------
    spec : Model_pb2.Model
        The exported model.
    subject : Subject
        The Python model, from its reference or from an estimator.
    versions : dict of str to str
        The certificate's content.
    protocol : int
        That of the certificate: of 1, entries of the metadata may be absent, and up to 4 there is
        one that names the certificate.

    Returns
    -------
    clause : str
        The first difference, by its path in the spec; "" if there is none.
    not_checked : tuple of str
        A sentence about each part that is not in the Python model.
    """
    got = spec.description
    entries = dict(got.metadata.userDefined)
    record, not_checked = subject.record, []
    if record is None:
        record = _assumed(got.metadata, entries, versions)
        not_checked.append(
            "The texts of the model (description, author, licence, version and card) were not "
            "checked: its reference does not have them."
        )
    expected, _ = expected_model(subject)
    describe(expected, subject, record)
    own = expected.description.metadata
    if subject.record is None:
        own.shortDescription = got.metadata.shortDescription
    if protocol < OF_FILES:
        own.userDefined[CERTIFICATE_HASH] = entries.get(CERTIFICATE_HASH, "none")
    if not subject.info:
        unknown = sorted(
            key
            for key in entries
            if key.startswith(PREFIX) and key not in own.userDefined and key not in _FOLLOWING
        )
        for key in unknown:
            own.userDefined[key] = entries[key]
        # The learner knows this one by itself; it is what the file of the reference is read by.
        own.userDefined[f"{PREFIX}algorithm"] = subject.learner.kind
        unknown = [key for key in unknown if key != f"{PREFIX}algorithm"]
        if unknown:
            not_checked.append(
                f"Entries of the metadata were not checked, {', '.join(unknown)}: the reference "
                "does not have them. Pass the estimator."
            )
    _accept_earlier_name(entries, own.userDefined)
    key = f"{PREFIX}feature_set"
    if subject.record is None and key not in entries and own.userDefined.get(key) == "1":
        del own.userDefined[key]  # an export of 0.1: its columns are those
    absent = sorted(set(own.userDefined) - set(entries)) if protocol == 1 else []
    if absent:
        for key in absent:
            del own.userDefined[key]
        not_checked.append(
            f"The metadata does not have {', '.join(absent)}, as is so of old models."
        )
    # Everything else of the description is compared by its structure.
    return first_difference(got, expected.description, "description."), tuple(not_checked)


def _assumed(metadata: Any, entries: Mapping[str, str], versions: Mapping[str, str]) -> Record:
    """Return the record of a model whose own texts cannot be checked."""
    known = {
        f"{_APPLE}source": f"xgboost=={versions.get('xgboost')}",
        f"{_APPLE}version": str(versions.get("coremltools")),
    }
    return Record(
        texts={
            "description": metadata.shortDescription,
            "author": metadata.author,
            "license": metadata.license,
            "version": metadata.versionString,
        },
        card={
            key.removeprefix(PREFIX): value
            for key, value in entries.items()
            if key.startswith(_CARD)
        },
        converter={key: value for key, value in known.items() if key in entries},
        versions=versions,
    )


def _accept_earlier_name(entries: Mapping[str, str], expected: Any) -> None:
    """Accept the name of a family in an earlier release."""
    key = f"{PREFIX}family"
    if key not in entries or key not in expected:
        return
    try:
        same = family_named(entries[key]) is family_named(expected[key])
    except ValueError:
        return
    if same:
        expected[key] = entries[key]
