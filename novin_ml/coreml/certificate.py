"""The certificate: an exported model is compared with its Python model, row by row."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from novin_ml.coreml import probes
from novin_ml.coreml.comparison import Check, compare, is_within, largest
from novin_ml.coreml.converters import converter_for
from novin_ml.coreml.device import check_on_device
from novin_ml.coreml.file_hash import OF_FILE, file_sha256, hash_command
from novin_ml.coreml.interface import (
    content,
    content_hash,
    names_certificate,
    require_classes,
    require_interface,
)
from novin_ml.coreml.origin import machine, rows_hash, versions
from novin_ml.coreml.program import Program
from novin_ml.coreml.proof import Proof, prove
from novin_ml.coreml.runtime import CoreMLRuntime
from novin_ml.coreml.structure import NOT_COMPARED, Structure, compare_structure
from novin_ml.coreml.subject import Subject
from novin_ml.estimators.record import MISSING_SHARE
from novin_ml.exceptions import ParityError
from novin_ml.formats import FORMATS
from novin_ml.plain import plural

#: 1 had certificates of classifiers only, and did not say so in an entry `choices`. 2 has neither
#: `structure` nor `machine` nor `data_sha256`, and not always `unreachable_leaves`. 3 has no
#: `proof`. Up to 4 a model names its certificate by a hash, and `model_sha256` is the hash of a
#: model without that entry; since 5 `file_sha256` is that of the file.
#: Raise it when other rows are compared, too: `verify` compares their numbers.
PROTOCOL = FORMATS["certificate"]
READABLE = (1, 2, 3, 4, 5)
#: The first one with the hash of the file.
OF_FILES = 5
SEED = 20_240_601
_ROWS = 4_000
#: Any two probabilities of a label differ by less than twice this.
_NOTHING = 0.5


@dataclass(frozen=True)
class Certificate:
    """The comparison of an exported model with its Python model; a JSON file beside the model.

    Attributes
    ----------
    checks : dict of str to Check
        Results by kind of rows: ``training_like``, ``random``, ``missing``, ``thresholds``,
        ``leaves``, and ``data`` for rows that the caller passed.
    choices : {"labels", "flags", "values"}
        What was compared besides the numbers: labels of a classifier, flags of a detector; for a
        regressor its values. The JSON file names ``differ`` after it, such as ``labels_differ``.
    tolerance : float
        Largest error allowed.
    file_sha256 : str
        Hash of the model's file: what `hashed_by` prints.
    hashed_by : str
        The command that prints `file_sha256` of the model, whatever its name.
    model_bytes : int
        Size of the model.
    reference_sha256 : str
        Hash of the saved Python model.
    core_ml : dict
        The comparison with Core ML itself on macOS; elsewhere the reason why it did not run.
    versions : dict of str to str
        Versions of novin_ml and the libraries.
    seed : int
        Seed of the random rows.
    runtime : str
        The interpreter that evaluated the exported model.
    protocol : int
        Version of the file's format.
    content_sha256 : str or None
        Of a model whose certificate is of protocol 4 or less: hash of the model without its entry
        for the certificate, which that certificate calls ``model_sha256``. Else None, and not part
        of the file.
    unreachable_leaves : int
        Number of leaves that no row can reach, because the splits above them contradict each other.
        All other leaves were compared.
    structure : Structure
        The comparison of the model with the Python model part by part.
    proof : Proof or None
        How far answers can be apart for every input; None for models that are more than trees.
    machine : str
        System, processor and linear algebra library of the machine that made the model. The last
        bits of errors depend on them.
    data_sha256 : str or None
        Hash of the rows that the caller passed, as float32 in the order of the inputs.
    not_checked : tuple of str
        One sentence for each thing that `verify_coreml` could not check. It is not part of the
        file, and ``==`` ignores it.
    """

    checks: dict[str, Check]
    choices: str
    tolerance: float
    file_sha256: str
    hashed_by: str
    model_bytes: int
    reference_sha256: str
    core_ml: dict[str, Any]
    versions: dict[str, str] = field(default_factory=versions)
    seed: int = SEED
    runtime: str = "novin_ml.coreml.runtime"
    protocol: int = PROTOCOL
    content_sha256: str | None = None
    unreachable_leaves: int = 0
    structure: Structure = NOT_COMPARED
    proof: Proof | None = None
    machine: str = field(default_factory=machine)
    data_sha256: str | None = None
    not_checked: tuple[str, ...] = field(default=(), compare=False)

    @property
    def rows(self) -> int:
        """Number of rows checked."""
        return sum(check.rows for check in self.checks.values())

    @property
    def max_error(self) -> float:
        """Largest absolute difference of a number; NaN if one is NaN."""
        return largest(check.max_error for check in self.checks.values())

    @property
    def differ(self) -> int:
        """Number of rows whose label or flag differs, without ties."""
        return sum(check.differ for check in self.checks.values())

    @property
    def labels_differ(self) -> int:
        """The same as `differ`, under the name in a classifier's certificate."""
        return self.differ

    @property
    def rounded(self) -> int:
        """Number of rows compared with a float64 sum of the trees; see `Check`."""
        return sum(check.rounded for check in self.checks.values())

    @property
    def passed(self) -> bool:
        """Whether all answers agree, and the structure has no difference."""
        return self.answers_agree and self.structure.passed

    @property
    def answers_agree(self) -> bool:
        """Whether all numbers are within the tolerance and all labels or flags are the same."""
        errors = [self.max_error, self.core_ml.get("max_error", 0.0)]
        same = self.differ == 0 and self.core_ml.get("differ", 0) == 0
        return is_within(largest(errors), self.tolerance) and same

    @property
    def statement(self) -> str:
        """What is proved for every input, and what was measured, as one line."""
        measured = f"largest error on {plural(self.rows, 'row')} {self.max_error:.1e} (measured)"
        if self.proof is None:
            return measured
        share = " of the answer" * self.proof.is_relative
        which = "every input" if self.proof.box is None else "every input in the certificate's box"
        if self.choices == "labels" and self.proof.bound >= _NOTHING:
            return f"{measured}; the bound for {which} is {self.proof.bound:.1e} and says nothing"
        return f"equal for {which} within {self.proof.bound:.1e}{share} (proved); {measured}"

    def to_json(self) -> str:
        """Return the certificate as JSON.

        Returns
        -------
        text : str
            The same text for the same model.
        """
        summary = {
            "passed": self.passed,
            "rows": self.rows,
            "max_error": self.max_error,
            "differ": self.differ,
            "rounded": self.rounded,
        }
        left_out = ["not_checked", *["content_sha256"] * (self.content_sha256 is None)]
        own = {name: value for name, value in asdict(self).items() if name not in left_out}
        document = _renamed(summary | own, {"differ": f"{self.choices}_differ"})
        return json.dumps(document, indent=2) + "\n"

    def require_passed(self, name: str) -> None:
        """Raise ParityError unless the certificate passed.

        Parameters
        ----------
        name : str
            Name of the model in the message.

        Raises
        ------
        ParityError
            If a number or a choice differs by more than is allowed, or the structure differs.
        """
        if self.passed:
            return
        if self.answers_agree:
            raise ParityError(
                f"{name} must be its Python model part by part: {self.structure.difference}; "
                "nothing was written. Report the model."
            )
        first = f"; {self.structure.difference}" * (not self.structure.passed)
        worst = max(
            self.checks, key=lambda kind: np.nan_to_num(self.checks[kind].max_error, nan=np.inf)
        )
        raise ParityError(
            f"{name} must answer as its Python model does, within {self.tolerance:g} and "
            f"with the same {self.choices}. "
            f"Got an error of {self.checks[worst].max_error:.3g} on {worst} rows and "
            f"{self.differ} other {self.choices} in all{first}; nothing was written. "
            "Train again with fewer rounds or smaller inputs, or report the model."
        )


def certify(
    spec: Any,
    subject: Subject,
    *,
    reference_sha256: str,
    model: Path | None = None,
    data: np.ndarray | None = None,
    structure: Structure | None = None,
) -> Certificate:
    """Compare a spec with the Python model that it was made from, by names as a phone does.

    Parameters
    ----------
    spec : Model_pb2.Model
        The exported model.
    subject : Subject
        What was exported.
    reference_sha256 : str
        Hash of the saved Python model.
    model : Path, default=None
        The file or package of the spec; None is a ``.mlmodel`` file that is not written yet.
    data : ndarray of shape (n_rows, n_features), float32, default=None
        Further rows to compare on.
    structure : Structure, default=None
        Comparison of the spec part by part; made here if None.

    Returns
    -------
    certificate : Certificate
        It may have failed: call its `require_passed`.

    Raises
    ------
    ParityError
        If the spec has other inputs, outputs or labels.
    """
    require_interface(spec, subject)
    runtime = CoreMLRuntime(spec)
    require_classes(runtime.classes, subject)
    converter = converter_for(subject.learner)
    tolerance = subject.answers.allowed(converter.tolerance)
    n_features = len(subject.specs)
    most = probes.SAMPLE if converter.proves_all else None
    rng = np.random.default_rng(SEED)
    forests, n_columns = runtime.watch_trees(), n_features
    if isinstance(subject.learner, Program):
        places = subject.learner.tree_inputs
        forests, n_columns = probes.of_inputs(forests, places, n_features)
    table = probes.value_table(forests, n_columns, subject.feature_summary, subject.box)
    if not subject.allows_missing:
        table[MISSING_SHARE] = 0
    rows = {
        "training_like": probes.training_like_rows(table, _ROWS, rng),
        "random": probes.random_rows(table, _ROWS, rng, special=converter.compares_only),
        "thresholds": probes.threshold_rows(
            forests, table, rng, allows_missing=subject.allows_missing, most=most
        ),
    }
    if subject.allows_missing:
        rows["missing"] = probes.missing_rows(table, _ROWS, rng)
    rows = {kind: subject.admitted(part[:, :n_features]) for kind, part in rows.items()}
    checks = {
        kind: compare(subject, runtime, part, tolerance) for kind, part in rows.items() if len(part)
    }
    # The leaves that these rows did not come to.
    rows["leaves"], n_unreachable = probes.leaf_rows(
        forests, table, rng, allows_missing=subject.allows_missing, most=most
    )
    rows["leaves"] = subject.admitted(rows["leaves"][:, :n_features])
    if data is not None:
        rows["data"] = data
    checks |= {
        kind: compare(subject, runtime, rows[kind], tolerance)
        for kind in ("leaves", "data")
        if len(rows.get(kind, ()))
    }
    del runtime, forests  # of a large ensemble, as much memory as what follows takes
    structure = compare_structure(spec, subject) if structure is None else structure
    return Certificate(
        checks=checks,
        choices=subject.answers.choices,
        tolerance=tolerance,
        file_sha256=content_hash(spec) if model is None else file_sha256(model),
        hashed_by=OF_FILE if model is None else hash_command(model),
        model_bytes=len(content(spec)),
        content_sha256=content_hash(spec) if names_certificate(spec) else None,
        reference_sha256=reference_sha256,
        core_ml=check_on_device(spec, subject, rows, tolerance),
        unreachable_leaves=n_unreachable,
        structure=structure,
        proof=prove(spec, subject, structure),
        data_sha256=rows_hash(data),
    )


def _renamed(value: Any, names: dict[str, str]) -> Any:
    if not isinstance(value, dict):
        return value
    return {names.get(key, key): _renamed(each, names) for key, each in value.items()}
