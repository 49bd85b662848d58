"""The result of a retraining: what was decided, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from novin_ml.evaluation import Comparison
from novin_ml.lifecycle.building import BuildResult
from novin_ml.lifecycle.drift import DriftReport
from novin_ml.lifecycle.retraining.labels import LabelWeek
from novin_ml.plain import plain, plural

#: Reasons for which a person must look.
GATES, LABELS = "gates failed", "labels changed"
#: The other reasons.
NOTHING_NEW, FIRST, BETTER, NOT_WORSE, NOT_BETTER, NO_LABELS, PLANNED = (
    "nothing new",
    "first version",
    "better",
    "not worse, and the old set no longer counts",
    "not better",
    "no fresh labels",
    "dry run",
)


@dataclass(frozen=True)
class WeekGain:
    """The difference between challenger and served version in one week of the fresh set.

    Attributes
    ----------
    monday : str
        Date of its Monday.
    n_rows : int
        Labelled rows of homes that neither was trained on.
    gain : float
        Accuracy of the challenger minus that of the served version.
    """

    monday: str
    n_rows: int
    gain: float


@dataclass(frozen=True)
class ModelRetraining:
    """What is known of one model.

    Attributes
    ----------
    name : str
        Name of the model.
    n_new_rows, n_new_homes : int
        Rows with consent since the served version, and their homes.
    n_new_labels : int
        Those of them that an annotator labelled.
    drift : DriftReport or None
        The new rows against those that the served version was trained on; None without a served
        version, or without new rows.
    weeks : tuple of LabelWeek
        Agreement of the labels, week by week.
    newest : LabelWeek or None
        The newest of them that is full and of rows that came since the served version.
    left_out : tuple of str
        Mondays of the weeks whose labels are out of their range: no model is trained on them.
    left_out_since : tuple of str
        Those of them that have rows since the served version.
    frozen, fresh : Comparison or None
        Challenger and served version on the frozen and on the fresh set; None if not compared.
    gains : tuple of WeekGain
        Week by week on the fresh set.
    verdict : str
        Why the model is promoted or kept; empty if it came to no comparison.
    sentence : str
        The same in a sentence, with figures.
    """

    name: str
    n_new_rows: int = 0
    n_new_homes: int = 0
    n_new_labels: int = 0
    drift: DriftReport | None = field(default=None, repr=False)
    weeks: tuple[LabelWeek, ...] = field(default=(), repr=False)
    newest: LabelWeek | None = field(default=None, repr=False)
    left_out: tuple[str, ...] = ()
    left_out_since: tuple[str, ...] = ()
    frozen: Comparison | None = field(default=None, repr=False)
    fresh: Comparison | None = field(default=None, repr=False)
    gains: tuple[WeekGain, ...] = ()
    verdict: str = ""
    sentence: str = ""

    @property
    def old_set_counts(self) -> bool:
        """Whether the frozen set still tells which model is better: nothing is shown to drift."""
        return self.drift is None or self.drift.verdict != "drift"


@dataclass(frozen=True)
class Retraining:
    """Result of `retrain`.

    Attributes
    ----------
    decision : {"promoted", "kept", "planned"}
        "kept" if the served version stays; "planned" in a dry run.
    reason : str
        Why: "better", "not worse, and the old set no longer counts", "first version", "nothing
        new", "no fresh labels", "not better", "labels changed", "gates failed" or "dry run".
    sentence : str
        The reason in a sentence, with figures.
    served : int or None
        Version that was served before.
    promoted : int or None
        Version that is served now; None if it is the same as before.
    models : tuple of ModelRetraining
    build : BuildResult or None
        How the challenger was built; None if none was.
    n_withdrawn : int
        Homes that withdrew their consent, which are in no training set from now on.
    trained_with : dict of int to int
        By version, how many of these homes it was trained with.
    folder : Path
        Folder of the challenger, and of the record ``retraining.json``.
    """

    decision: Literal["promoted", "kept", "planned"]
    reason: str
    sentence: str
    served: int | None
    promoted: int | None
    models: tuple[ModelRetraining, ...]
    build: BuildResult | None = field(repr=False)
    n_withdrawn: int
    trained_with: dict[int, int]
    folder: Path

    @property
    def needs_somebody(self) -> bool:
        """Whether a person must look: a gate failed, or labels are out of their range."""
        is_out = any(each.left_out_since for each in self.models)
        return self.reason == GATES or (self.reason == LABELS and is_out)

    def as_dict(self) -> dict[str, Any]:
        """Return the result as JSON holds it.

        Returns
        -------
        document : dict
            The attributes, comparisons as by `Comparison.to_dict`, drift as by
            `DriftReport.as_dict`.
        """
        models = []
        for each in self.models:
            document = plain({**vars(each), "drift": None, "frozen": None, "fresh": None})
            document["drift"] = None if each.drift is None else each.drift.as_dict()
            for name in ("frozen", "fresh"):
                found: Comparison | None = getattr(each, name)
                document[name] = None if found is None else found.to_dict()
            models.append(document)
        build = self.build
        return {
            "decision": self.decision,
            "reason": self.reason,
            "sentence": self.sentence,
            "served": self.served,
            "promoted": self.promoted,
            "models": models,
            "build": None
            if build is None
            else {
                "folder": str(build.folder),
                "released": build.released,
                "sha256": build.sha256,
                "gates": plain(list(build.gates)),
            },
            "withdrawn": self.n_withdrawn,
            "trained_with": {str(number): n for number, n in self.trained_with.items()},
        }


def withdrawn_sentence(n_withdrawn: int, trained_with: dict[int, int], served: int | None) -> str:
    """Return what is said of homes that withdrew their consent; empty if none did."""
    if not n_withdrawn:
        return ""
    said = (
        f"{plural(n_withdrawn, 'home')} withdrew consent and "
        f"{'is' if n_withdrawn == 1 else 'are'} in no training set from now on."
    )
    n_served = trained_with.get(served or 0, 0)
    if n_served:
        said += f" The served version {served} was still trained with {n_served} of them."
    return said
