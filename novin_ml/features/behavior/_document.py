"""Names for the cells of counts, as a history for a phone has them.

Names stay valid when the tables of kinds and zones change; codes do not.
"""

from __future__ import annotations

from novin_ml.features.behavior._codes import (
    KIND_NAMES,
    MODE_NAMES,
    N_MODES,
    N_PAIRS,
    N_ZONES,
    NO_PAIR,
    ZONE_NAMES,
    Cells,
    cell_starts,
)

#: Names of a missing mode, and of the pair before a home's first event. Events from files have a
#: kind and a zone; for a phone, a missing one is "other" or "unknown".
_NONE = "-"
_MODES = (*MODE_NAMES, _NONE)
_KINDS, _ZONES = (*KIND_NAMES, "other"), (*ZONE_NAMES, "unknown")

_TABLES = Cells._fields


def kind_name(code: int) -> str:
    """Return the name of a kind."""
    return _KINDS[code]


def pair_name(pair: int) -> str | None:
    """Return the name of a kind and a zone; None is the pair before a home's first event."""
    if pair == NO_PAIR:
        return None
    kind, zone = divmod(pair, N_ZONES)
    return f"{_KINDS[kind]} {_ZONES[zone]}"


def content_names(content: int) -> dict[str, str | None]:
    """Return the names of the kind, the zone and the mode of an event."""
    pair, mode = divmod(content, N_MODES)
    kind, zone = divmod(pair, N_ZONES)
    known = MODE_NAMES[mode] if mode < len(MODE_NAMES) else None
    return {"kind": _KINDS[kind], "zone": _ZONES[zone], "mode": known}


def count_names(counts: dict[int, int]) -> dict[str, int]:
    """Name cells of counts by table and position, such as "pair_hour motion porch 7".

    Cells with the same name, those of a missing kind and of "other", are added up.
    """
    named: dict[str, int] = {}
    starts = cell_starts()
    for cell, count in counts.items():
        table = max(number for number, start in enumerate(starts) if start <= cell)
        name = f"{_TABLES[table]} {_position(_TABLES[table], cell - starts[table])}"
        named[name] = named.get(name, 0) + count
    return named


def _position(table: str, place: int) -> str:
    """Return the name of a cell of one table; the inverse of `Cells.of`."""
    if table == "hour":
        return str(place)
    if table == "order":
        previous, pair = divmod(place, N_PAIRS)
        return f"{_previous(previous)} {pair_name(pair)}"
    if table == "previous":
        return _previous(place)
    if table in ("pair_hour", "pair_mode_hour", "week"):
        place, hour = divmod(place, 24)
        if table == "week":
            zone, at_weekend = divmod(place, 2)
            return f"{_ZONES[zone]} {'weekend' if at_weekend else 'weekday'} {hour}"
        return f"{_position(table.removesuffix('_hour'), place)} {hour}"
    if table == "pair_mode":
        pair, mode = divmod(place, N_MODES)
        return f"{pair_name(pair)} {_MODES[mode]}"
    return str(pair_name(place))


def _previous(pair: int) -> str:
    return pair_name(pair) or f"{_NONE} {_NONE}"
