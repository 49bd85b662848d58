"""What a person says of the sensors of a home: kinds, zones and hold times, in a TOML file."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from novin_ml.documents import read_toml
from novin_ml.events.doors.report import DoorReport, SensorRead
from novin_ml.events.fields import HOME_MODES
from novin_ml.events.shown import show
from novin_ml.events.vocabulary.vocabulary import Vocabulary
from novin_ml.exceptions import InvalidEventError
from novin_ml.files import write_text
from novin_ml.formats import format_of
from novin_ml.parameters import nearest
from novin_ml.plain import plural, toml_text

__all__ = ["NOT_READ", "DoorMapping", "Mapped"]

#: The kind of what is not to be read.
NOT_READ = "none"
#: A sensor that is never on for a shorter time may hold.
_LONG_S = 10.0
_TABLES = ("entities", "areas", "home_mode")
_ABOUT = """\
# What the sensors of this home are. Correct it, and pass it as --mapping.
# kind = "{none}" leaves a sensor out. hold is the time in seconds that a sensor stays on after the
# last motion: it is taken off each duration. A line that begins with # says nothing.
# Kinds: {kinds}
# Zones: {zones}
"""


@dataclass(frozen=True)
class Mapped:
    """What a mapping says of one sensor or area.

    Parameters
    ----------
    kind : str or None
        Kind of its events, or ``"none"`` if it is not to be read. None says nothing.
    zone : str or None
        Zone of its events. None says nothing.
    hold : float or None
        Seconds that it stays active after the last motion. None says nothing.

    Examples
    --------
    >>> from novin_ml.events.doors import DoorMapping, Mapped
    >>> DoorMapping({"M003": Mapped(zone="bedroom", hold=90.0)}).entities["M003"].zone
    'bedroom'
    """

    kind: str | None = None
    zone: str | None = None
    hold: float | None = None


_NOTHING = Mapped()
_KEYS = tuple(each.name for each in fields(Mapped))


@dataclass(frozen=True)
class DoorMapping:
    """What a person says of the sensors of a home.

    Parameters
    ----------
    entities : dict of str to Mapped
        By the name of a sensor in its program, such as ``"binary_sensor.hall"`` or ``"M003"``.
    areas : dict of str to Mapped
        By the id or name of an area, or of another group of sensors. What `entities` says of a
        sensor comes first.
    mode_entity : str or None, default=None
        Entity whose state tells the mode of the home.
    modes : dict of str to str
        Mode by state of `mode_entity`; a state that is not in it has none.

    Examples
    --------
    >>> from novin_ml.events.doors import DoorMapping, Mapped
    >>> mapping = DoorMapping({"binary_sensor.flur": Mapped("motion", "hallway", hold=90.0)})
    >>> mapping.of("binary_sensor.flur").zone
    'hallway'
    """

    entities: Mapping[str, Mapped] = field(default_factory=dict)
    areas: Mapping[str, Mapped] = field(default_factory=dict)
    mode_entity: str | None = None
    modes: Mapping[str, str] = field(default_factory=dict)

    def of(self, name: str, areas: Iterable[str | None] = ()) -> Mapped:
        """Return what it says of a sensor, by its own name first and then by those of its area.

        Parameters
        ----------
        name : str
            Name of the sensor.
        areas : iterable of str or None
            Id and name of its area.

        Returns
        -------
        mapped : Mapped
            Each value is that of the first name that has one.
        """
        found = [self.entities.get(name, _NOTHING)]
        found += [self.areas[area] for area in areas if area is not None and area in self.areas]
        if len(found) == 1:
            return found[0]
        return Mapped(
            next((each.kind for each in found if each.kind is not None), None),
            next((each.zone for each in found if each.zone is not None), None),
            next((each.hold for each in found if each.hold is not None), None),
        )

    def check(self, vocabulary: Vocabulary) -> None:
        """Refuse kinds and zones that a vocabulary does not have.

        Parameters
        ----------
        vocabulary : Vocabulary
            That of the events.

        Raises
        ------
        InvalidEventError
            If it names another; the message offers the nearest.
        """
        kinds = [kind.name for kind in vocabulary.kinds if kind.name != "other"] + [NOT_READ]
        zones = [zone.name for zone in vocabulary.zones]
        for table in ("entities", "areas"):
            for name, mapped in getattr(self, table).items():
                for key, known in (("kind", kinds), ("zone", zones)):
                    value = getattr(mapped, key)
                    if value is not None and value not in known:
                        raise _refusal(
                            f"{key} of {show(name)}",
                            f"one of {', '.join(known)}",
                            value,
                            nearest(value, known).strip()
                            or "Add it to a vocabulary (--vocabulary FILE), or correct it.",
                        )

    @classmethod
    def from_toml(cls, path: str | os.PathLike[str]) -> DoorMapping:
        r"""Read a mapping from a TOML file.

        Parameters
        ----------
        path : path
            The file: tables ``[entities."NAME"]`` and ``[areas."NAME"]`` with `kind`, `zone` and
            `hold`, and a table ``[home_mode]`` with `entity` and `states`.

        Returns
        -------
        mapping : DoorMapping
            Checked but for kinds and zones; see `check`.

        Raises
        ------
        InvalidEventError
            If the file is no TOML, or a key or a value is another than these.

        Examples
        --------
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> from novin_ml.events.doors import DoorMapping
        >>> with TemporaryDirectory() as folder:
        ...     path = Path(folder, "mapping.toml")
        ...     _ = path.write_text('[areas."Flur"]\nzone = "hallway"\n')
        ...     mapping = DoorMapping.from_toml(path)
        >>> mapping.of("binary_sensor.flur", areas=["Flur"]).zone
        'hallway'
        """
        try:
            document = read_toml(path)
        except ValueError as error:
            raise InvalidEventError(
                f"{os.fspath(path)} must be a TOML file in UTF-8. Got one that cannot be read: "
                f"{error}. Correct it."
            ) from None
        return cls.from_dict(document)

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> DoorMapping:
        """Read a mapping from a document.

        Parameters
        ----------
        document : mapping
            The tables of `from_toml`.

        Returns
        -------
        mapping : DoorMapping
            Checked but for kinds and zones.

        Raises
        ------
        InvalidEventError
            If a key or a value is another.
        """
        if refused := format_of(document, "A mapping", "mapping of a home"):
            raise InvalidEventError(refused)
        document = {name: table for name, table in document.items() if name != "format"}
        _check_keys(document, _TABLES, "tables")
        mode = document.get("home_mode", {})
        _check_table(mode, "home_mode")
        _check_keys(mode, ("entity", "states"), "keys of [home_mode]")
        entity, states = mode.get("entity"), mode.get("states", {})
        _check_table(states, "home_mode.states")
        if mode and not isinstance(entity, str):
            raise _refusal("entity of [home_mode]", "the id of an entity", entity)
        for state, value in states.items():
            if value not in HOME_MODES:
                raise _refusal(
                    f"mode of the state {show(state)}", f"one of {', '.join(HOME_MODES)}", value,
                    nearest(value, HOME_MODES).strip() or "Correct it.",
                )  # fmt: skip
        tables = {name: _read_table(document.get(name, {}), name) for name in _TABLES[:2]}
        return cls(**tables, mode_entity=entity, modes=dict(states))

    @staticmethod
    def write_guessed(
        report: DoorReport, vocabulary: Vocabulary, path: str | os.PathLike[str]
    ) -> None:
        """Write what a door guessed, and what it did not, for a person to correct.

        Parameters
        ----------
        report : DoorReport
            That of the door.
        vocabulary : Vocabulary
            That of the events.
        path : path
            File to write, replaced whole or not at all.
        """
        write_text(_as_toml(report, vocabulary), Path(path))


def _as_toml(report: DoorReport, vocabulary: Vocabulary) -> str:
    kinds = ", ".join(kind.name for kind in vocabulary.kinds if kind.name != "other")
    zones = ", ".join(zone.name for zone in vocabulary.zones)
    lines = [_ABOUT.format(none=NOT_READ, kinds=kinds, zones=zones)]
    areas: dict[str, int] = {}
    for sensor in report.sensors:
        if sensor.zone == "unknown" and sensor.area:
            areas[sensor.area] = areas.get(sensor.area, 0) + sensor.n_events
    for area, n_events in areas.items():
        note = f"not known; {plural(n_events, 'event')}"
        lines += [f"[areas.{toml_text(area)}]", "# " + _line("zone", "", note), ""]
    for sensor in report.sensors:
        lines += _lines_of(sensor)
    for left in report.not_read:
        note = f"not read: {left.reason}; {plural(left.n_active, 'time')} active"
        lines += [f"[entities.{toml_text(left.name)}]", "# " + _line("kind", "", note), ""]
    return "\n".join(lines)


def _lines_of(sensor: SensorRead) -> list[str]:
    note = f"by {sensor.kind_from}; {plural(sensor.n_events, 'event')}"
    lines = [f"[entities.{toml_text(sensor.name)}]", _line("kind", sensor.kind, note)]
    if sensor.zone == "unknown":
        lines += ["# " + _line("zone", "", f"not known: {sensor.location}")]
    else:
        lines += [_line("zone", sensor.zone, f"by {sensor.zone_from}")]
    if sensor.shortest is not None and sensor.shortest >= _LONG_S:
        lines += [f"# hold = {sensor.shortest:.1f}  # never on for a shorter time, in seconds"]
    return [*lines, ""]


def _line(key: str, value: str, note: str) -> str:
    """Return a line of TOML with a comment, which holds no control characters."""
    return f"{key} = {toml_text(value)}  # {show(note)[1:-1]}"


def _read_table(table: Any, name: str) -> dict[str, Mapped]:
    _check_table(table, name)
    found = {}
    for key, entry in table.items():
        _check_table(entry, f"{name}.{key}")
        _check_keys(entry, _KEYS, f"keys of {show(key)} in [{name}]")
        hold = entry.get("hold")
        is_number = type(hold) in (int, float) and 0 <= hold < math.inf
        if hold is not None and not is_number:
            raise _refusal(f"hold of {show(key)}", "a number of seconds, at least 0", hold)
        for each in ("kind", "zone"):
            if not isinstance(entry.get(each), str | None):
                raise _refusal(f"{each} of {show(key)}", "a text", entry[each])
        found[key] = Mapped(**entry)
    return found


def _check_table(table: Any, name: str) -> None:
    if not isinstance(table, Mapping):
        raise _refusal(f"part [{name}]", f"a table, as in [{name}] and lines below", table)


def _check_keys(table: Mapping[str, Any], known: tuple[str, ...], what: str) -> None:
    for key in table:
        if key not in known:
            raise _refusal(
                what, f"of {', '.join(known)}", key, nearest(key, known).strip() or "Remove it."
            )


def _refusal(what: str, expected: str, got: Any, remedy: str = "Correct it.") -> InvalidEventError:
    return InvalidEventError(
        f"The {what} of a mapping must be {expected}. Got {show(got)} instead. {remedy}"
    )
