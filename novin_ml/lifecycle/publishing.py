"""Publish a fitted pipeline: a certified model with its report and card."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from novin_ml.coreml import Certificate, Export, export_coreml
from novin_ml.coreml.export import SUFFIXES
from novin_ml.coreml.subject import REFERENCE_KIND
from novin_ml.estimators.home_models import learner_holder
from novin_ml.estimators.learners import NetworkLearner
from novin_ml.estimators.learners.booster_file import ANSWERS_FILE
from novin_ml.evaluation import (
    BaselineReport,
    Report,
    build_report,
    card_metadata,
    model_card,
    render_report,
)
from novin_ml.evaluation.report import certificate_entry, with_certificate
from novin_ml.exceptions import SavedModelError
from novin_ml.files import finish_replacing, write_text
from novin_ml.lifecycle.saving.estimators import SUFFIX
from novin_ml.store import folder_hash, read_folder

_CERTIFICATE, _REFERENCE = ".certificate.json", ".reference"


@dataclass(frozen=True)
class Published:
    """A published model and its documents.

    Attributes
    ----------
    export : Export
        The Core ML model, its certificate and its reference.
    report : Report or BaselineReport
        Evaluation of the model, with the certificate.
    card : Path
        The model card, ``NAME.card.md``.
    page : Path or None
        The report as a page, ``NAME.html``; None without a page.
    """

    export: Export
    report: Report | BaselineReport = field(repr=False)
    card: Path
    page: Path | None

    @property
    def model(self) -> Path:
        """The Core ML model."""
        return self.export.model

    @property
    def certificate(self) -> Certificate:
        """The certificate that the model answers as the pipeline does."""
        return self.export.certificate


def publish(
    pipeline: Any,
    rows: Any,
    path: str | Path,
    *,
    with_page: bool = True,
    truth: str | None = None,
    step: Callable[[str], AbstractContextManager[Any]] = nullcontext,
    **options: Any,
) -> Published:
    """Evaluate a model, export it with its certificate, and write its card and page.

    Parameters
    ----------
    pipeline : Pipeline
        Fitted pipeline of a feature transformer and an estimator of novin_ml.
    rows : DataFrame or Chains
        Labelled rows that were not used for training. For a baseline, events of its home after
        training; labels are optional.
    path : str or Path
        Path of the model, ``NAME.mlmodel`` or ``NAME.mlpackage``. The other files have the same
        ``NAME``.
    with_page : bool, default=True
        Whether to write the page.
    truth : str or None, default=None
        The column of the right labels, as for `novin_ml.evaluation.build_report`.
    step : callable, default=contextlib.nullcontext
        ``step(title)`` returns a context manager, such as a spinner, that is active while a part
        runs.
    **options
        Further parameters of `novin_ml.export_coreml`: ``data``, ``author``, ``license``,
        ``version`` and others.

    Returns
    -------
    published : Published
        The files, the report and the certificate.

    Raises
    ------
    NotExportableError
        If the model has an option that cannot be converted exactly, or is too large.
    ParityError
        If the answers of the exported model differ from those of the pipeline.
    ValueError
        If the rows have no labels, or the pipeline is not of novin_ml.

    Examples
    --------
    >>> import tempfile
    >>> from novin_ml.lifecycle import publish, train
    >>> from novin_ml.simulation import simulate_deliveries
    >>> result = train("delivery", simulate_deliveries(1000, random_state=0), epochs=5)
    >>> folder = tempfile.mkdtemp()
    >>> published = publish(result.pipeline, result.held_back, folder + "/delivery.mlmodel")
    >>> published.certificate.passed, published.card.name, published.page.name
    (True, 'delivery.card.md', 'delivery.html')
    """
    with step("measuring"):
        report = build_report(pipeline, rows, truth=truth)
    with step("exporting and comparing"):
        export = export_coreml(pipeline, path, card=card_metadata(report), **options)
    report = with_certificate(report, export.certificate)
    card = export.model.with_suffix(".card.md")
    write_text(model_card(report), card)
    page = export.model.with_suffix(".html") if with_page else None
    if page is not None:
        with step(f"writing {page}"):
            write_text(render_report(report), page)
    return Published(export, report, card, page)


@dataclass(frozen=True)
class CertificateBeside:
    """The certificate beside a saved estimator.

    Attributes
    ----------
    path : Path or None
        Path of the certificate; None if there is none, or if it belongs to another training.
    fault : str
        Reason why an existing certificate is left out, a sentence without a full stop; otherwise
        empty.
    """

    path: Path | None
    fault: str = ""


def certificate_beside(estimator: str | Path, pipeline: Any) -> CertificateBeside:
    """Find the certificate beside a saved estimator.

    A certificate of another training is left out: its reference has another learner.

    Parameters
    ----------
    estimator : str or Path
        Where the pipeline is saved, ``NAME`` or ``NAME.novin``; the certificate would be
        ``NAME.certificate.json``.
    pipeline : Pipeline
        The estimator that is saved there.

    Returns
    -------
    found : CertificateBeside
        The path of the certificate, or the reason why there is none.

    Raises
    ------
    SavedModelError
        If the file of that name is not a certificate.

    Examples
    --------
    >>> import tempfile
    >>> from novin_ml import export_coreml
    >>> from novin_ml.lifecycle import certificate_beside, save_estimator, train
    >>> from novin_ml.simulation import simulate_deliveries
    >>> table = simulate_deliveries(1000, random_state=0)
    >>> result = train("delivery", table, epochs=2)
    >>> path = save_estimator(result.pipeline, tempfile.mkdtemp() + "/delivery")
    >>> certificate_beside(path, result.pipeline).path is None
    True
    >>> _ = export_coreml(result.pipeline, f"{path}.mlmodel")
    >>> certificate_beside(path, result.pipeline).path.name
    'delivery.certificate.json'
    >>> other = train("delivery", table, epochs=3)
    >>> "is not of this training" in certificate_beside(path, other.pipeline).fault
    True
    """
    place = Path(estimator).resolve()
    name = place.name.removesuffix(SUFFIX)
    path, reference = place.with_name(name + _CERTIFICATE), place.with_name(name + _REFERENCE)
    for suffix in SUFFIXES:
        finish_replacing(place.with_name(name + suffix))
    if not path.is_file():
        return CertificateBeside(None)
    certificate, _ = certificate_entry(path)
    try:
        files = read_folder(reference, REFERENCE_KIND)
    except SavedModelError:
        files = {}
    if certificate is None or not _is_of(files, learner_holder(pipeline).learner_):
        return _left_out(path, "this training")
    if certificate.get("reference_sha256") != folder_hash(reference):
        return _left_out(path, str(reference))
    return CertificateBeside(path)


def _is_of(files: Mapping[str, bytes], learner: Any) -> bool:
    """Whether the files of a reference are of a learner, or of its updatable form."""
    forms = [learner]
    if isinstance(learner, NetworkLearner):
        forms.append(learner.with_two_outputs())
    for form in forms:
        own = form.to_files()
        own.pop(ANSWERS_FILE, None)  # follows from the trees; exports of 0.1.0 have none
        if {name: files.get(name) for name in own} == own:
            return True
    return False


def _left_out(path: Path, whose: str) -> CertificateBeside:
    return CertificateBeside(
        None, f"{path} is not of {whose}: left out; export the estimator again"
    )
