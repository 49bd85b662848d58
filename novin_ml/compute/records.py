"""What a plan holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from novin_ml.compute.hardware import Hardware, HardwareTable, Stage
from novin_ml.compute.times import Estimate, Times
from novin_ml.compute.traffic import Traffic


@dataclass(frozen=True)
class PlannedTask:
    """The training of one family.

    Attributes
    ----------
    task : str
        Family.
    rows : int
        Rows of one model.
    models : int
        Models to train: 1, or one for each home.
    algorithm : {"boosting", "mlp", "isolation"}
        What learns.
    measured : Estimate
        Time of all of them on the measured machine.
    promised : dict of str to (int, float)
        For "laptop" and "RTX 4090": the rows that the analysis names, and its minutes. The rows
        are the next ones that it names.
    """

    task: str
    rows: int
    models: int
    algorithm: str
    measured: Estimate
    promised: Mapping[str, tuple[int, float]]


@dataclass(frozen=True)
class HardwarePlan:
    """Time and cost on one machine.

    Attributes
    ----------
    hardware : Hardware
        The machine.
    time : Estimate
        Of one training of all tasks, with the averaging of updates.
    hours : tuple of (float, float, float)
        Hours of a month, from the median of the time and from its interval; as measured or
        extrapolated as the time is.
    once, month : tuple of (float, float)
        Dollars at the beginning and dollars of a month, least and most.
    total : tuple of (float, float)
        Dollars of all months of the plan.
    meets : {"yes", "perhaps", "no"} or None
        Whether the deadline holds: for the whole interval, for a part or not at all; None without
        a deadline.
    in_budget : bool or None
        Whether the most that a month costs, purchase divided by months, is within the budget.
    """

    hardware: Hardware
    time: Estimate
    hours: tuple[float, float, float]
    once: tuple[float, float]
    month: tuple[float, float]
    total: tuple[float, float]
    meets: str | None = None
    in_budget: bool | None = None

    @property
    def is_possible(self) -> bool:
        """Whether deadline and budget surely hold."""
        return self.meets in (None, "yes") and self.in_budget is not False


@dataclass(frozen=True)
class Upgrade:
    """When more than the cheapest hardware is needed, and when it pays to buy it.

    Attributes
    ----------
    month : int or None
        Month in which the hardware of the plan no longer surely meets the deadline, from 0; None
        if it does for ten years.
    homes : int or None
        Homes in that month.
    rented, bought : str or None
        The cheapest rented, and the cheapest bought hardware then.
    pays_after : int or None
        Months after which the bought one is cheaper than the rented one; None if not in ten years.
    sentence : str
        All of it.
    """

    month: int | None
    homes: int | None
    rented: str | None
    bought: str | None
    pays_after: int | None
    sentence: str


@dataclass(frozen=True)
class Plan:
    """What it takes and what it costs; from `novin_ml.compute.plan`.

    Attributes
    ----------
    homes : int
        Number of homes.
    stage : Stage
        The stage of the product.
    tasks : tuple of PlannedTask
        What is trained.
    aggregation : Estimate or None
        Time to average one round of updates on the measured machine; None without a federation.
    hardware : tuple of HardwarePlan
        Time and cost of each machine.
    traffic : Traffic
        Bytes of a month.
    cheapest : HardwarePlan or None
        The cheapest machine that surely meets deadline and budget.
    upgrade : Upgrade
        When more is needed.
    sentence : str
        The answer.
    notes : tuple of str
        What it rests on.
    trainings : float
        Trainings a month.
    deadline, budget : float or None
        Seconds of a training, and dollars of a month, that must hold.
    months : int
        Months that a purchase is divided by.
    day : datetime.date
        Date of the plan.
    table : HardwareTable
        Prices and stages.
    times : Times
        Measured times.
    request : dict
        What `plan` was called with, for `what_if`.

    See Also
    --------
    novin_ml.compute.plan : Makes one; has an example.
    """

    homes: int
    stage: Stage
    tasks: tuple[PlannedTask, ...]
    aggregation: Estimate | None
    hardware: tuple[HardwarePlan, ...]
    traffic: Traffic
    cheapest: HardwarePlan | None
    upgrade: Upgrade
    sentence: str
    notes: tuple[str, ...]
    trainings: float
    deadline: float | None
    budget: float | None
    months: int
    day: date
    table: HardwareTable = field(repr=False)
    times: Times = field(repr=False)
    request: Mapping[str, Any] = field(repr=False, default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the plan as JSON holds it.

        Returns
        -------
        document : dict
            Numbers and texts, without the tables that it was made of.
        """
        left_out = ("table", "times", "request", "day", "cheapest")
        found: dict[str, Any] = {
            name: getattr(self, name) for name in self.__dataclass_fields__ if name not in left_out
        }
        found["cheapest"] = None if self.cheapest is None else self.cheapest.hardware.key
        found |= {
            "day": self.day.isoformat(),
            "prices_of": self.table.date.isoformat(),
            "prices_source": self.table.source,
            "measured_on": self.times.machine,
            "measured_day": self.times.day,
        }
        return found
