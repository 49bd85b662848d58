"""Hardware with its prices, and stages of the product."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date as Day
from typing import Any

from novin_ml.exceptions import InvalidParametersError
from novin_ml.parameters import nearest
from novin_ml.plain import plural, shown

#: What to train, in the order of tables.
TASKS = ("delivery", "motion", "chains", "behavior")
#: What dollars pay for, and trainings a month of each schedule.
UNITS = ("owned", "once", "month", "hour")
TRAININGS = {"day": 365 / 12, "week": 365 / 84, "two weeks": 365 / 168}
GATES = (
    "better than the rules",
    "not worse than the released version",
    "better than the released version",
)
#: Prices that are older are named.
_OLD_DAYS = 180


@dataclass(frozen=True)
class Hardware:
    """A machine to train on.

    Attributes
    ----------
    key, name : str
        How it is called by a program, and in a table.
    kind : {"laptop", "desktop", "cloud"}
        What it is.
    per : {"owned", "once", "month", "hour"}
        What the dollars pay for.
    dollars : tuple of (float, float)
        Least and most.
    cores : float or None
        Number of cores; None if the table does not say.
    speed : float or None
        How many times as fast as the measured machine one of its cores is; None if unknown.
    """

    key: str
    name: str
    kind: str
    per: str
    dollars: tuple[float, float]
    cores: float | None = None
    speed: float | None = None

    @property
    def is_owned(self) -> bool:
        """Whether nothing is paid for it."""
        return self.per == "owned"


@dataclass(frozen=True)
class Stage:
    """A stage of the product: what is trained, on how many rows, how often.

    Attributes
    ----------
    key, name : str
        How it is called by a program, and in a table.
    homes : tuple of (int, int or None)
        From, and below.
    dollars : tuple of (float, float)
        What the analysis expects a month to cost.
    every : {"day", "week", "two weeks"}
        Schedule of trainings.
    hardware : tuple of str
        Keys of the hardware that the analysis names.
    rows : dict of str to int
        Rows of each family; of behavior for each home.
    federated : bool
        Whether homes send updates.
    gate : str
        What a new model must be.
    chosen : tuple of str
        Keys that the analysis leaves open.
    """

    key: str
    name: str
    homes: tuple[int, int | None]
    dollars: tuple[float, float]
    every: str
    hardware: tuple[str, ...]
    rows: Mapping[str, int]
    federated: bool
    gate: str
    chosen: tuple[str, ...] = ()

    @property
    def trainings(self) -> float:
        """Trainings a month."""
        return TRAININGS[self.every]


@dataclass(frozen=True)
class HardwareTable:
    """Prices, promises and stages, with their source and date; from `read_hardware`.

    Attributes
    ----------
    date : datetime.date
        Date of the prices.
    source : str
        Where they come from.
    hardware : dict of str to Hardware
        Machines, by key.
    devices : dict of str to dict
        ``name`` and ``minutes`` (least, most) of one local update of a federation.
    promises : dict of str to dict
        For a column of promises and a family: ``rows`` and ``minutes``.
    training_rows : dict of str to tuple
        Least and most rows of each family.
    federation_homes : dict of str to int
        Most homes that a server averages.
    stages : dict of str to Stage
        By key, in the order of homes.
    speed : tuple of (float, float)
        Bounds of the speed of a core that nobody measured.
    prices : dict of str to float
        ``storage_gb_month`` and ``traffic_gb`` in dollars, if a file states them.
    """

    date: Day
    source: str
    hardware: Mapping[str, Hardware]
    devices: Mapping[str, Any]
    promises: Mapping[str, Any]
    training_rows: Mapping[str, tuple[int, int]]
    federation_homes: Mapping[str, int]
    stages: Mapping[str, Stage]
    speed: tuple[float, float]
    prices: Mapping[str, float]

    def named(self, name: str) -> Hardware:
        """Return a machine by its key or name.

        Parameters
        ----------
        name : str
            Key or name.

        Returns
        -------
        hardware : Hardware
            The machine.

        Raises
        ------
        InvalidParametersError
            If none has this name; the message offers the nearest one.
        """
        for key, each in self.hardware.items():
            if str(name).lower() in (key, each.name.lower()):
                return each
        raise not_one_of("hardware", name, [*self.hardware])

    def stage_of(self, homes: float) -> Stage:
        """Return the stage that a number of homes is in.

        Parameters
        ----------
        homes : float
            Number of homes, at least 0.

        Returns
        -------
        stage : Stage
            The last one that begins at no more homes.
        """
        return [each for each in self.stages.values() if each.homes[0] <= homes][-1]

    def age_note(self, today: Day) -> str | None:
        """Return a sentence about old prices.

        Parameters
        ----------
        today : datetime.date
            Date of the plan.

        Returns
        -------
        sentence : str or None
            None unless they are older than 180 days.
        """
        days = (today - self.date).days
        if days <= _OLD_DAYS:
            return None
        return (
            f"The prices are of {self.date.isoformat()}, {plural(days, 'day')} before this plan: "
            "look them up, and give the new ones by --prices."
        )


def not_one_of(what: str, name: Any, known: list[str]) -> InvalidParametersError:
    """Return the error about a name that is not known."""
    return InvalidParametersError(
        f"The {what} must be one of {', '.join(known)}. Got {shown(name)}."
        f"{nearest(name, known) or ' Name one, or add it by a file of prices.'}"
    )
