"""Names for the cells of counts, as a history for a phone has them.

Names stay valid when the tables of kinds and zones change; codes do not.
"""

from __future__ import annotations

from novin_ml.events.vocabulary.vocabulary import Vocabulary
from novin_ml.features.behavior._codes import (
    MODE_NAMES,
    N_MODES,
    N_PAIRS,
    N_ZONES,
    NO_PAIR,
    Cells,
    cell_starts,
    name_codes,
)

#: Names of a missing mode, and of the pair before a home's first event. Events from files have a
#: kind and a zone; for a phone, a missing one is "other" or "unknown".
_NONE = "-"
_MODES = (*MODE_NAMES, _NONE)

_TABLES = Cells._fields


class CellNames:
    """Names of codes and cells in a vocabulary.

    Parameters
    ----------
    vocabulary : Vocabulary
        That of the history.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        codes = name_codes(vocabulary)
        self._kinds = {code: name or "other" for name, code in codes.kind.items()}
        self._zones = {code: name or "unknown" for name, code in codes.zone.items()}

    def kind(self, code: int) -> str:
        """Return the name of a kind."""
        return self._kinds[code]

    def pair(self, pair: int) -> str | None:
        """Return the name of a kind and a zone; None is the pair before a home's first event."""
        if pair == NO_PAIR:
            return None
        kind, zone = divmod(pair, N_ZONES)
        return f"{self._kinds[kind]} {self._zones[zone]}"

    def content(self, content: int) -> dict[str, str | None]:
        """Return the names of the kind, the zone and the mode of an event."""
        pair, mode = divmod(content, N_MODES)
        kind, zone = divmod(pair, N_ZONES)
        known = MODE_NAMES[mode] if mode < len(MODE_NAMES) else None
        return {"kind": self._kinds[kind], "zone": self._zones[zone], "mode": known}

    def counts(self, counts: dict[int, int]) -> dict[str, int]:
        """Name cells of counts by table and position, such as "pair_hour motion porch 7".

        Cells with the same name, those of a missing kind and of "other", are added up.
        """
        named: dict[str, int] = {}
        starts = cell_starts()
        for cell, count in counts.items():
            table = max(number for number, start in enumerate(starts) if start <= cell)
            name = f"{_TABLES[table]} {self._position(_TABLES[table], cell - starts[table])}"
            named[name] = named.get(name, 0) + count
        return named

    def _position(self, table: str, place: int) -> str:
        """Return the name of a cell of one table; the inverse of `Cells.of`."""
        if table == "hour":
            return str(place)
        if table == "order":
            previous, pair = divmod(place, N_PAIRS)
            return f"{self._previous(previous)} {self.pair(pair)}"
        if table == "previous":
            return self._previous(place)
        if table in ("pair_hour", "pair_mode_hour", "week"):
            place, hour = divmod(place, 24)
            if table == "week":
                zone, at_weekend = divmod(place, 2)
                return f"{self._zones[zone]} {'weekend' if at_weekend else 'weekday'} {hour}"
            return f"{self._position(table.removesuffix('_hour'), place)} {hour}"
        if table == "pair_mode":
            pair, mode = divmod(place, N_MODES)
            return f"{self.pair(pair)} {_MODES[mode]}"
        return str(self.pair(place))

    def _previous(self, pair: int) -> str:
        return self.pair(pair) or f"{_NONE} {_NONE}"
