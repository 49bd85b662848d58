"""The planner: what it takes, what it costs, and when to upgrade."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from numbers import Integral, Real
from typing import Any

from novin_ml.compute.answers import cheapest_of, sentence_of
from novin_ml.compute.hardware import TASKS, Hardware, HardwareTable, Stage
from novin_ml.compute.reading import read_hardware
from novin_ml.compute.records import HardwarePlan, Plan, PlannedTask
from novin_ml.compute.times import AGGREGATION, NETWORKS, Estimate, Times, as_times, read_times
from novin_ml.compute.traffic import traffic_of
from novin_ml.compute.upgrade import upgrade_of
from novin_ml.exceptions import InvalidParametersError
from novin_ml.parameters import nearest
from novin_ml.plain import as_python, plural, shown
from novin_ml.validation import Interval, StrOptions, validate_params

_MOST = 1e12
_POSITIVE = Interval(Real, 0, _MOST, closed="right")
_HOURS = 3_600.0
#: The row of the machine that the times are of.
MEASURED = "measured-machine"


@validate_params(
    {
        "homes": [Interval(Integral, 1, 10**10, closed="both")],
        "events": [Interval(Integral, 1, 10**12, closed="both"), None],
        "deadline": [_POSITIVE, None],
        "budget": [Interval(Real, 0, _MOST, closed="both"), None],
        "algorithm": [StrOptions({"auto", "boosting", "mlp"})],
        "months": [Interval(Integral, 1, 1_200, closed="both")],
        "growth": [Interval(Real, 0, 10, closed="both")],
        "rounds": [Interval(Integral, 1, 100_000, closed="both")],
        "events_per_home_day": [_POSITIVE, None],
        "bytes_per_event": [_POSITIVE, None],
    },
    prefer_skip_nested_validation=True,
)
def plan(
    homes: int,
    events: int | None = None,
    *,
    task: str = "all",
    hardware: Sequence[str] | None = None,
    stage: str = "auto",
    algorithm: str = "auto",
    times: Any = None,
    table: HardwareTable | None = None,
    deadline: float | None = None,
    budget: float | None = None,
    months: int = 12,
    growth: float = 0.0,
    rounds: int = 1,
    events_per_home_day: float | None = None,
    bytes_per_event: float | None = None,
    day: date | None = None,
) -> Plan:
    """Return what training, federated averaging and storage take, and cost in a month.

    Parameters
    ----------
    homes : int
        Number of homes, at least 1.
    events : int, default=None
        Rows that each classifier is trained on, of all homes together; of behavior the events of
        all homes. None takes the rows of the stage.
    task : {"all", "delivery", "motion", "chains", "behavior"}, default="all"
        What is trained.
    hardware : sequence of str, default=None
        Keys or names of machines; None takes all of the table.
    stage : str, default="auto"
        Key of a stage, which says how often is trained; "auto" is the one of so many homes.
    algorithm : {"auto", "boosting", "mlp"}, default="auto"
        What learns in the classifiers; "auto" is boosting, and a network where homes send updates.
    times : Times or sequence of (str, int, int, float), default=None
        Measured times, such as those of `novin_ml.lifecycle.calibrate`; None takes those that come
        with the package, which are of another machine.
    table : HardwareTable, default=None
        Prices and stages, from `read_hardware`.
    deadline : float, default=None
        Seconds within which one training must be done.
    budget : float, default=None
        Dollars of a month; a purchase counts divided by `months`.
    months : int, default=12
        Months of the plan, for which costs are compared.
    growth : float, default=0.0
        Growth of homes and rows in a month: 0.1 is 10 %.
    rounds : int, default=1
        Rounds of a federation in each training.
    events_per_home_day, bytes_per_event : float, default=None
        What a home reports; None takes those of a simulated log.
    day : datetime.date, default=None
        Date of the plan, which the age of the prices is counted to; None is today.

    Returns
    -------
    plan : Plan
        Time and cost of each machine, the cheapest one that surely meets all demands, and when to
        upgrade.

    Raises
    ------
    InvalidParametersError
        If a task, a stage or a machine is not known, or a task was not measured.
    ValueError
        If a number is out of its range.

    Notes
    -----
    Times of the measured machine come from `fit_scaling_law`. Any other machine has the cores that
    its entry states, or else as many as the measured one, and each core is between half and twice
    as fast: its interval is wider by that, and its time is called extrapolated. A deadline is met
    if the whole interval meets it.

    Examples
    --------
    >>> from novin_ml.compute import plan
    >>> made = plan(homes=500, deadline=8 * 3600)
    >>> made.stage.name, made.cheapest.hardware.name, made.cheapest.time.basis
    ('MVP', 'MacBook Pro M1', 'extrapolated')
    """
    asked = dict(
        homes=int(homes), events=events, task=task, hardware=hardware, stage=stage,
        algorithm=algorithm, times=times, table=table, deadline=deadline, budget=budget,
        months=months, growth=growth, rounds=rounds, events_per_home_day=events_per_home_day,
        bytes_per_event=bytes_per_event, day=day,
    )  # fmt: skip
    table = read_hardware() if table is None else table
    known = as_times(times)
    chosen = _stage(stage, homes, table)
    tasks = _tasks(task, chosen)
    work = Work(
        homes, events, tasks, _algorithms(algorithm, tasks, chosen, known), chosen, known, table,
        deadline, budget, months, rounds,
    )  # fmt: skip
    rows = tuple(work.on(machine) for machine in _machines(hardware, table, known))
    cheapest = cheapest_of(rows)
    facts = read_times().facts
    given = events_per_home_day is not None or bytes_per_event is not None
    values = work.values()
    traffic = traffic_of(
        homes,
        values,
        chosen.trainings * rounds if values else 0.0,
        events_per_home_day or facts["events_per_home_day"],
        bytes_per_event or facts["bytes_per_event"],
        table.prices,
        "the given numbers" if given else facts["log_source"],
    )
    today = day or date.today()
    return Plan(
        homes=int(homes),
        stage=chosen,
        tasks=work.planned(),
        aggregation=work.aggregation(None),
        hardware=rows,
        traffic=traffic,
        cheapest=cheapest,
        upgrade=upgrade_of(work, rows, cheapest, growth),
        sentence=sentence_of(rows, cheapest, deadline, budget),
        notes=_notes(work, today),
        trainings=chosen.trainings,
        deadline=deadline,
        budget=budget,
        months=months,
        day=today,
        table=table,
        times=known,
        request=as_python({name: value for name, value in asked.items()}),
    )


@dataclass(frozen=True)
class Work:
    """The work of a plan, for any machine."""

    homes: int
    events: int | None
    tasks: tuple[str, ...]
    algorithms: Mapping[str, str]
    stage: Stage
    times: Times
    table: HardwareTable
    deadline: float | None
    budget: float | None
    months: int
    rounds: int

    def rows(self, task: str) -> int:
        """Return the rows of one model."""
        if self.events is None:
            return self.stage.rows[task]
        return max(1, round(self.events / self.homes)) if task == "behavior" else self.events

    def models(self, task: str) -> int:
        """Return the number of models."""
        return self.homes if task == "behavior" else 1

    def timed(self, task: str) -> str:
        """Return the name that the times of a task have."""
        return NETWORKS[task] if self.algorithms[task] == "mlp" else task

    def values(self) -> dict[str, int]:
        """Return the weights of each network that is federated."""
        if not self.stage.federated:
            return {}
        known = read_times().facts["network_values"]
        return {task: known[task] for task in self.tasks if task in known}

    def estimate(self, task: str, machine: Hardware | None) -> Estimate:
        """Return the time of all models of a task."""
        one = self.times.estimate(self.timed(task), self.rows(task), machine, self.table.speed)
        return one.times(self.models(task))

    def aggregation(self, machine: Hardware | None) -> Estimate | None:
        """Return the time of averaging one round, if there is a federation."""
        n_values = sum(self.values().values())
        if not n_values:
            return None
        times = self.times if AGGREGATION in self.times.laws else read_times()
        return times.estimate(AGGREGATION, n_values * self.homes, machine, self.table.speed)

    def on(self, machine: Hardware) -> HardwarePlan:
        """Return time and cost on a machine."""
        is_measured = machine.key == MEASURED
        where = None if is_measured else machine
        parts = [self.estimate(task, where) for task in self.tasks]
        averaging = self.aggregation(where)
        if averaging is not None:
            parts.append(averaging.times(self.rounds))
        time = reduce(Estimate.plus, parts)
        median, least, most = (
            self.stage.trainings * each / _HOURS for each in (time.seconds, time.low, time.high)
        )
        once = machine.dollars if machine.per == "once" else (0.0, 0.0)
        month = (0.0, 0.0)
        if machine.per == "month":
            month = machine.dollars
        elif machine.per == "hour":
            month = (least * machine.dollars[0], most * machine.dollars[1])
        total = (once[0] + self.months * month[0], once[1] + self.months * month[1])
        meets = None
        if self.deadline is not None:
            meets = "yes" if time.high <= self.deadline else "perhaps"
            meets = "no" if time.low > self.deadline else meets
        in_budget = None
        if self.budget is not None:
            in_budget = month[1] + once[1] / self.months <= self.budget
        return HardwarePlan(
            machine, time, (median, least, most), once, month, total, meets, in_budget
        )

    def planned(self) -> tuple[PlannedTask, ...]:
        """Return the tasks with what the analysis promises."""
        return tuple(
            PlannedTask(
                task,
                self.rows(task),
                self.models(task),
                self.algorithms[task],
                self.estimate(task, None),
                {
                    column: _promise(entries[task], self.rows(task))
                    for column, entries in self.table.promises.items()
                    if task in entries
                },
            )
            for task in self.tasks
        )


def _promise(entry: Mapping[str, Any], rows: int) -> tuple[int, float]:
    """Return the promise for so many rows, or for the next number of rows that there is one for."""
    listed = list(zip(entry["rows"], entry["minutes"], strict=True))
    return next((each for each in listed if each[0] >= rows), listed[-1])


def _stage(name: str, homes: int, table: HardwareTable) -> Stage:
    if name == "auto":
        return table.stage_of(homes)
    if name not in table.stages:
        known = ["auto", *table.stages]
        raise InvalidParametersError(
            f"The 'stage' parameter must be one of {', '.join(known)}. Got {shown(name)}."
            f"{nearest(name, known) or ' Name one.'}"
        )
    return table.stages[name]


def _tasks(name: str, stage: Stage) -> tuple[str, ...]:
    if name == "all":
        return tuple(task for task in TASKS if task in stage.rows)
    if name not in TASKS:
        known = ["all", *TASKS]
        raise InvalidParametersError(
            f"The 'task' parameter must be one of {', '.join(known)}. Got {shown(name)}."
            f"{nearest(name, known) or ' Name one.'}"
        )
    if name not in stage.rows:
        raise InvalidParametersError(
            f"The stage {stage.key} must have rows of {name}. Got {', '.join(stage.rows)}. Add "
            "them to its rows."
        )
    return (name,)


def _algorithms(asked: str, tasks: Sequence[str], stage: Stage, times: Times) -> dict[str, str]:
    """Return what learns in each task. Times of an earlier version have no networks."""
    network = asked == "mlp" or (asked == "auto" and stage.federated)
    return {
        task: "isolation"
        if task not in NETWORKS
        else "mlp"
        if network and (asked == "mlp" or NETWORKS[task] in times.laws)
        else "boosting"
        for task in tasks
    }


def _machines(
    names: Sequence[str] | None, table: HardwareTable, times: Times
) -> tuple[Hardware, ...]:
    if isinstance(names, str):
        names = [names]
    found = [*table.hardware.values()] if not names else [table.named(each) for each in names]
    if times.is_own:
        mine = Hardware(MEASURED, times.machine, "desktop", "owned", (0.0, 0.0), times.cores)
        found.insert(0, mine)
    return tuple(found)


def _notes(work: Work, today: date) -> tuple[str, ...]:
    times, table = work.times, work.table
    slow, fast = table.speed
    own = "" if times.is_own else "; --calibrate measures yours"
    notes = [
        f"Measured times are of {times.machine}, {times.day}{own}.",
        f"Other hardware is extrapolated: its cores as in the table of prices, or {times.cores} as "
        f"measured, each as fast as {slow:g} to {fast:g} of these. Graphics cards are not counted.",
    ]
    for task in work.tasks:
        least, most = times.measured_rows(work.timed(task))
        if work.rows(task) > most:
            notes.append(
                f"{task}: {plural(work.rows(task), 'row')} extrapolated beyond {most:,} measured."
            )
        elif work.rows(task) < least:
            notes.append(
                f"{task}: {plural(work.rows(task), 'row')} counted as {least:,}, the fewest "
                "that were measured."
            )
    if trees := [task for task in work.values() if work.algorithms[task] != "mlp"]:
        notes.append(
            f"Training times of {', '.join(trees)} are of boosting. What is federated is a "
            "network, which takes longer to train in one place."
        )
    most_homes = table.federation_homes
    if work.values() and work.homes > most_homes["laptop"]:
        notes.append(
            f"The analysis averages at most {plural(most_homes['laptop'], 'home')} on one laptop, "
            f"and {most_homes['16-core server']:,} on a 16-core server."
        )
    old = table.age_note(today)
    return (*notes, *([] if old is None else [old]))
