"""Cells of counts by name, as a history is written down for a phone.

Names outlive changes of the tables of kinds and zones, which codes do not.
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

#: What stands for a missing mode, and for what was before a home's first event. Events as they are
#: read have a kind and a zone; what has none is "other" or "unknown" to a phone.
_NONE = "-"
_MODES = (*MODE_NAMES, _NONE)
_KINDS, _ZONES = (*KIND_NAMES, "other"), (*ZONE_NAMES, "unknown")

_TABLES = Cells._fields


def kind_name(code: int) -> str:
    """Name a kind."""
    return _KINDS[code]


def pair_name(pair: int) -> str | None:
    """Name a kind and a zone; None is what was before a home's first event."""
    if pair == NO_PAIR:
        return None
    kind, zone = divmod(pair, N_ZONES)
    return f"{_KINDS[kind]} {_ZONES[zone]}"


def content_names(content: int) -> dict[str, str | None]:
    """Name the kind, the zone and the mode of an event."""
    pair, mode = divmod(content, N_MODES)
    kind, zone = divmod(pair, N_ZONES)
    known = MODE_NAMES[mode] if mode < len(MODE_NAMES) else None
    return {"kind": _KINDS[kind], "zone": _ZONES[zone], "mode": known}


def count_names(counts: dict[int, int]) -> dict[str, int]:
    """Name the cells of counts: the table, then the position, such as "pair_hour motion porch 7".

    Cells that are one by name, those of a missing kind and of "other", are added up.
    """
    named: dict[str, int] = {}
    starts = cell_starts()
    for cell, count in counts.items():
        table = max(number for number, start in enumerate(starts) if start <= cell)
        name = f"{_TABLES[table]} {_position(_TABLES[table], cell - starts[table])}"
        named[name] = named.get(name, 0) + count
    return named


def _position(table: str, place: int) -> str:
    """Name a cell of one table, the inverse of `Cells.of`."""
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
