"""The names of kinds, zones and sensors, and how they are found in texts of vendors."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from novin_ml.events._unique import map_to_category
from novin_ml.events.kinds import EVENT_KINDS, EventKind
from novin_ml.events.vocabulary._checks import check_vocabulary, refuse_no_texts
from novin_ml.events.vocabulary._document import as_document, as_toml, read_document, toml_document
from novin_ml.events.vocabulary.finding import Finder, SubstringFinder, WordFinder
from novin_ml.events.vocabulary.home import HOME_KINDS, HOME_ZONES
from novin_ml.events.vocabulary.sensors import UNSEEN, Sensor, SensorTable, named_sensors
from novin_ml.events.zones import ZONES, Zone
from novin_ml.files import replace_whole

__all__ = ["Vocabulary"]


@dataclass(frozen=True, eq=False, repr=False)
class Vocabulary:
    """The kinds, zones and sensors of events, and the texts by which they are recognised.

    A table of events shows its vocabulary by the categories of its columns `kind` and `zone`, and
    `sensor` where the vocabulary names sensors.

    Parameters
    ----------
    name : str
        Its name in messages. ``"sdk"`` and ``"home"`` are those of the two that are built in.
    kinds : tuple of EventKind
        At most 100; the last is ``"other"``, which has no texts. The kinds motion, doorbell and
        glass_break must be among them, and one of the group "opening".
    zones : tuple of Zone
        At most 100; the last is ``"unknown"``.
    sensors : tuple of Sensor, default=()
        At most 1,000.
    matching : {"words", "substring"}, default="words"
        How texts are found: by whole words, or anywhere in the type and location.

    Raises
    ------
    InvalidEventError
        If a name is there twice or is no name, a kind is not recognised by its own name, or a limit
        is exceeded.

    See Also
    --------
    read_events : Takes a vocabulary to read files by.

    Notes
    -----
    With "words", a type or location is split where letters end, where a capital follows a small
    letter, and at digits; case and a plural in s do not matter. A type whose words are all of a
    name or text is of that kind; else the highest precedence counts among the texts that stand in
    it, and the first in the table among equal ones. In a location, the longest name or alias
    counts, and the last of equally long ones, as in "garage hallway". An alias that is a part of
    its zone's own name, such as "front", counts only if it is the whole location.

    With "substring", a type is of the kind of the highest precedence whose text it contains. A
    location is the zone of that exact name or alias, or else the first whose name it contains.

    An event is of the sensor that sends its type and location, in this order: both, the location
    alone, the type alone; or else it is ``"unseen"``.

    Examples
    --------
    >>> from novin_ml.events import Vocabulary
    >>> sdk, home = Vocabulary.sdk(), Vocabulary.home()
    >>> [each.kind_of("carpet sensor") for each in (sdk, home)]
    ['pet', 'other']
    >>> [each.zone_of("Bathroom 2") for each in (sdk, home)]
    ['unknown', 'bathroom']
    """

    name: str
    kinds: tuple[EventKind, ...]
    zones: tuple[Zone, ...]
    sensors: tuple[Sensor, ...] = ()
    matching: str = "words"

    def __post_init__(self) -> None:
        """Check the names and the limits."""
        for name in ("kinds", "zones", "sensors"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        check_vocabulary(self)

    @classmethod
    def sdk(cls) -> Vocabulary:
        """Return the vocabulary of the SDK and of everything saved by novin_ml 0.1.

        Returns
        -------
        vocabulary : Vocabulary
            Twelve kinds and sixteen zones with ``"other"`` and ``"unknown"``, found as substrings.
        """
        return _built_in("sdk")

    @classmethod
    def home(cls) -> Vocabulary:
        """Return the vocabulary of real homes.

        Returns
        -------
        vocabulary : Vocabulary
            The kinds and zones of the SDK and more, found by whole words.
        """
        return _built_in("home")

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Vocabulary:
        """Make a vocabulary from a document, as in a TOML or JSON file.

        Parameters
        ----------
        document : mapping
            With the keys ``name``; ``extends``, the built-in vocabulary to which all is added:
            "home", which is the default, "sdk" or "none"; ``matching``; and ``kinds``, ``zones``
            and ``sensors``, lists of mappings with the parameters of `EventKind`, `Zone` and
            `Sensor`. A kind or zone of the extended vocabulary may be named to add texts or
            aliases to it, or to give it another precedence, group or risk.

        Returns
        -------
        vocabulary : Vocabulary
            Checked.

        Raises
        ------
        InvalidEventError
            If a key is not known, a value is of another type, or a name is there twice.
        """
        bases = {name: _built_in(name) for name in ("home", "sdk")}
        return cls(**read_document(document, bases))

    @classmethod
    def from_toml(cls, path: str | os.PathLike[str]) -> Vocabulary:
        r"""Read a vocabulary from a TOML file.

        Parameters
        ----------
        path : path
            The file. Its keys are those of `from_dict`.

        Returns
        -------
        vocabulary : Vocabulary
            Checked.

        Raises
        ------
        InvalidEventError
            As of `from_dict`, or if the file is no TOML.

        Examples
        --------
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> from novin_ml.events import Vocabulary
        >>> with TemporaryDirectory() as folder:
        ...     path = Path(folder, "vocabulary.toml")
        ...     _ = path.write_text(
        ...         '[[kinds]]\nname = "door"\ntexts = ["Türe"]\n'
        ...         '[[zones]]\nname = "greenhouse"\nkind = "outdoor"\nrisk = 0.5\n',
        ...         encoding="utf-8",
        ...     )
        ...     vocabulary = Vocabulary.from_toml(path)
        >>> vocabulary.kind_of("Türe hinten"), vocabulary.zone_of("greenhouse camera")
        ('door', 'greenhouse')
        """
        return cls.from_dict(toml_document(Path(path)))

    def to_dict(self) -> dict[str, Any]:
        """Return the vocabulary as a document with everything in it.

        Returns
        -------
        document : dict
            As `from_dict` takes it: texts, numbers, lists and dicts only.
        """
        return as_document(self)

    def to_toml(self, path: str | os.PathLike[str]) -> None:
        """Write the vocabulary to a TOML file with everything in it.

        Parameters
        ----------
        path : path
            File to write, replaced whole or not at all.
        """
        with replace_whole(Path(path)) as new:
            new.write_text(as_toml(self.to_dict()), encoding="utf-8", newline="\n")

    @cached_property
    def fingerprint(self) -> str:
        """Twelve hex digits, equal for equal vocabularies."""
        document = json.dumps(self.to_dict(), sort_keys=True)
        return hashlib.sha256(document.encode()).hexdigest()[:12]

    @property
    def is_built_in(self) -> bool:
        """Whether it is `sdk` or `home`."""
        return self in (_built_in("sdk"), _built_in("home"))

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return isinstance(other, Vocabulary) and self.fingerprint == other.fingerprint

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __reduce__(self) -> Any:
        """Copy and pickle the parameters only, because the dtypes refer to the vocabulary."""
        return type(self), (self.name, self.kinds, self.zones, self.sensors, self.matching)

    def __repr__(self) -> str:
        return f"Vocabulary({self.name!r}, fingerprint={self.fingerprint!r})"

    def kind_of(self, type: object) -> str:
        """Return the kind of an event by its type.

        Parameters
        ----------
        type : object
            Type as the vendor sends it.

        Returns
        -------
        kind : str
            Name of a kind, ``"other"`` if none is recognised or `type` is no text.
        """
        return self.finder.kind_of(type) if isinstance(type, str) else "other"

    def zone_of(self, location: object) -> str:
        """Return the zone that a location means.

        Parameters
        ----------
        location : object
            Location as the vendor sends it.

        Returns
        -------
        zone : str
            Name of a zone, ``"unknown"`` if none is recognised or `location` is no text.
        """
        return self.finder.zone_of(location) if isinstance(location, str) else "unknown"

    def sensor_of(self, type: object, location: object) -> str:
        """Return the sensor of an event.

        Parameters
        ----------
        type, location : object
            As the vendor sends them.

        Returns
        -------
        sensor : str
            Name of a sensor, ``"unseen"`` if it is none that the vocabulary names.
        """
        return self._sensor_table.find(type, location)

    def columns_of(self, types: pd.Series, locations: pd.Series) -> dict[str, pd.Series]:
        """Return the columns that follow from the texts of events.

        Parameters
        ----------
        types, locations : Series of shape (n_events,)
            As the vendor sends them.

        Returns
        -------
        columns : dict of Series, shape (n_events,)
            `kind`, `zone` and, if the vocabulary names sensors, `sensor`: categorical, with the
            index of `types`.
        """
        columns = {
            "kind": map_to_category(types, self.kind_of, self.kind_dtype),
            "zone": map_to_category(locations, self.zone_of, self.zone_dtype),
        }
        if self.sensors:
            pairs = pd.MultiIndex.from_arrays([types.astype(object), locations.astype(object)])
            found: Any
            # An old pandas cannot tell the levels of no pairs.
            codes, found = pairs.factorize() if len(pairs) else (np.empty(0, dtype=int), pairs)
            names = [self.sensor_of(*pair) for pair in found]
            places = self.sensor_dtype.categories.get_indexer(pd.Index(names, dtype=object))
            sensors = pd.Categorical.from_codes(places[codes], dtype=self.sensor_dtype)
            columns["sensor"] = pd.Series(sensors, index=types.index)
        return columns

    def knows(self, kind: str, zone: str) -> bool:
        """Tell whether a kind and a zone are of these names.

        Parameters
        ----------
        kind, zone : str
            Names.

        Returns
        -------
        knows : bool
            Whether both are.
        """
        return kind in self._kind_names and zone in self._zone_names

    def with_sensors_of(self, events: pd.DataFrame) -> Vocabulary:
        """Return this vocabulary with the sensors that sent the events of a table.

        Parameters
        ----------
        events : DataFrame of shape (n_events, n_columns)
            Event table with the columns `type` and `location`: the one to train on. Each pair of
            them is a sensor, named after both.

        Returns
        -------
        vocabulary : Vocabulary
            With these sensors alone.

        Raises
        ------
        InvalidEventError
            If the table lacks the columns, or has more than 1,000 such pairs.

        Examples
        --------
        >>> from novin_ml.events import Vocabulary, events_from_json
        >>> events = events_from_json(
        ...     '{"type": "PIR", "timestamp": 1.7e9, "metadata": {"location": "Shower"}}'
        ... )
        >>> vocabulary = Vocabulary.home().with_sensors_of(events)
        >>> vocabulary.apply(events)["sensor"].tolist()
        ['shower_pir']
        """
        refuse_no_texts(events, f"The sensors of {self.name}")
        pairs = events[["type", "location"]].drop_duplicates().to_numpy(dtype=object)
        return replace(self, name=self._own_name, sensors=named_sensors(_texts(pairs)))

    def apply(self, events: pd.DataFrame) -> pd.DataFrame:
        """Find kinds, zones and sensors again by the texts of a table.

        Parameters
        ----------
        events : DataFrame of shape (n_events, n_columns)
            Event table with the columns `type` and `location`, read by any vocabulary.

        Returns
        -------
        events : DataFrame of shape (n_events, n_columns)
            A copy whose columns `kind`, `zone` and, if the vocabulary names sensors, `sensor` are
            of this vocabulary.

        Raises
        ------
        InvalidEventError
            If the table lacks the columns.
        """
        refuse_no_texts(events, f"The vocabulary {self.name!r}")
        columns = self.columns_of(events["type"], events["location"])
        table = events.drop(columns="sensor", errors="ignore")
        for name, before in (("kind", "type"), ("zone", "location"), ("sensor", "zone")):
            if name not in columns:
                continue
            if name in table:
                table[name] = columns[name]
            else:
                table.insert(table.columns.tolist().index(before) + 1, name, columns[name])
        return table

    @cached_property
    def kind_dtype(self) -> pd.CategoricalDtype:
        """The dtype of the `kind` column."""
        return self._dtype([kind.name for kind in self.kinds])

    @cached_property
    def zone_dtype(self) -> pd.CategoricalDtype:
        """The dtype of the `zone` column."""
        return self._dtype([zone.name for zone in self.zones])

    @cached_property
    def sensor_dtype(self) -> pd.CategoricalDtype:
        """The dtype of the `sensor` column, whose last category is ``"unseen"``."""
        return self._dtype([*(sensor.name for sensor in self.sensors), UNSEEN])

    def _dtype(self, names: list[str]) -> pd.CategoricalDtype:
        """Return categories that carry the vocabulary, so that no table loses it.

        The categories of the SDK's vocabulary do not, so that these columns stay as they were.
        """
        is_sdk = self == _built_in("sdk")
        return pd.CategoricalDtype(pd.Index(names) if is_sdk else pd.Index(names, name=self))

    @property
    def _own_name(self) -> str:
        return f"{self.name} with sensors" if self.is_built_in else self.name

    @cached_property
    def _kind_names(self) -> frozenset[str]:
        return frozenset(kind.name for kind in self.kinds)

    @cached_property
    def _zone_names(self) -> frozenset[str]:
        return frozenset(zone.name for zone in self.zones)

    @cached_property
    def finder(self) -> Finder:
        """The rule that finds texts."""
        if self.matching == "words":
            return WordFinder(self.kinds, self.zones)
        return SubstringFinder(self.kinds, self.zones)

    @cached_property
    def _sensor_table(self) -> SensorTable:
        return SensorTable(self.sensors)


def _texts(pairs: Any) -> Iterable[tuple[str | None, str | None]]:
    for pair in pairs:
        what, where = (text if isinstance(text, str) else None for text in pair)
        yield what, where


@lru_cache(maxsize=2)
def _built_in(name: str) -> Vocabulary:
    if name == "sdk":
        return Vocabulary("sdk", EVENT_KINDS, tuple(ZONES.values()), matching="substring")
    return Vocabulary("home", HOME_KINDS, HOME_ZONES)
