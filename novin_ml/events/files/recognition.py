"""The share of events that a vocabulary did not recognise."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from novin_ml.events.shown import show
from novin_ml.events.vocabulary.vocabulary import Vocabulary
from novin_ml.exceptions import VocabularyWarning

__all__ = ["Recognition"]

#: Share of events above which readers warn.
NOTABLE = 0.05
_N_NAMES = 10


def _no_names() -> pd.DataFrame:
    return pd.DataFrame({"field": [], "name": [], "n_events": []}).astype(
        {"field": object, "name": object, "n_events": "int64"}
    )


@dataclass(frozen=True)
class Recognition:
    """Events whose type or location is in no text of a vocabulary.

    An event without a location is none of them, nor is one whose type is ``"other"`` or whose
    location is ``"unknown"``: there is nothing to recognise.

    Parameters
    ----------
    vocabulary : str
        Name of the vocabulary.
    n_events : int
        Accepted events.
    n_other_kinds : int
        Those with a type that no kind recognises.
    n_unknown_zones : int
        Those with a location that no zone recognises.
    names : DataFrame
        The ten commonest types and locations among them: field, name, n_events.
    """

    vocabulary: str = ""
    n_events: int = 0
    n_other_kinds: int = 0
    n_unknown_zones: int = 0
    names: pd.DataFrame = field(default_factory=_no_names)

    @property
    def kind_share(self) -> float:
        """Share of the events whose kind was not recognised, 0 to 1."""
        return self.n_other_kinds / self.n_events if self.n_events else 0.0

    @property
    def zone_share(self) -> float:
        """Share of the events whose zone was not recognised, 0 to 1."""
        return self.n_unknown_zones / self.n_events if self.n_events else 0.0

    @property
    def is_notable(self) -> bool:
        """Whether a share is above 5 %."""
        return max(self.kind_share, self.zone_share) > NOTABLE

    def __str__(self) -> str:
        names = ", ".join(f"{show(name)} ({n:,})" for name, n in self._commonest())
        return (
            f"the vocabulary {self.vocabulary!r} does not recognise the type of "
            f"{self.kind_share:.0%} and the location of {self.zone_share:.0%} of the events"
            + (f", most often {names}" if names else "")
        )

    def _commonest(self) -> list[tuple[str, int]]:
        return list(zip(self.names["name"], self.names["n_events"].tolist(), strict=True))

    def warn(self) -> None:
        """Warn if a share is above 5 %."""
        if self.is_notable:
            text = str(self)
            known = "vocabulary=novin_ml.events.Vocabulary.home(), or "
            warnings.warn(
                f"{text[0].upper()}{text[1:]}. Read by a vocabulary that names them: "
                f"{known if self.vocabulary == 'sdk' else ''}one of your own by "
                "novin_ml.events.Vocabulary.from_toml.",
                VocabularyWarning,
                stacklevel=4,
            )


def recognition_of(
    events: Mapping[str, pd.Series] | pd.DataFrame, vocabulary: Vocabulary
) -> Recognition:
    """Count what a vocabulary did not recognise in a table that was read by it."""
    counts, numbers = [], []
    for text, found, absent in (("type", "kind", "other"), ("location", "zone", "unknown")):
        column = events[found]
        is_strange = column.cat.codes.to_numpy() == len(column.cat.categories) - 1
        texts = pd.Series(np.asarray(events[text], dtype=object)[is_strange], dtype=object)
        texts = texts[texts.notna() & (texts.str.lower() != absent)]
        numbers.append(len(texts))
        counted = texts.value_counts().rename_axis("name").reset_index(name="n_events")
        counts.append(counted.assign(field=text))
    names = pd.concat(counts, ignore_index=True)[["field", "name", "n_events"]]
    names = names.sort_values(["n_events", "field", "name"], ascending=[False, True, True])
    return Recognition(
        vocabulary.name,
        len(events["kind"]),
        numbers[0],
        numbers[1],
        names.head(_N_NAMES).astype(_no_names().dtypes.to_dict()).reset_index(drop=True),
    )
