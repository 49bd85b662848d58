"""When the cheapest hardware no longer suffices, and when buying is cheaper than renting."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from novin_ml.compute.answers import cheapest_of, dollars_in_words
from novin_ml.compute.records import HardwarePlan, Upgrade
from novin_ml.plain import plural

_MOST_MONTHS = 120


def upgrade_of(
    work: Any, rows: Sequence[HardwarePlan], cheapest: HardwarePlan | None, growth: float
) -> Upgrade:
    """Return when more than the hardware of a plan is needed.

    Parameters
    ----------
    work : Work
        What is trained.
    rows : sequence of HardwarePlan
        Time and cost of each machine now.
    cheapest : HardwarePlan or None
        The machine of the plan.
    growth : float
        Growth of homes and rows in a month.

    Returns
    -------
    upgrade : Upgrade
        Of the first month in which the deadline is not surely met.
    """
    month, homes = 0, work.homes
    if cheapest is not None and cheapest.hardware.is_owned:
        if work.deadline is None or growth == 0:
            why = "without a deadline" if work.deadline is None else "as many homes as now"
            return Upgrade(
                None, None, None, None, None,
                f"No upgrade pays: {cheapest.hardware.name} is enough ({why}).",
            )  # fmt: skip
        for month in range(1, _MOST_MONTHS + 1):
            grown = _grown(work, (1 + growth) ** month)
            homes = grown.homes
            if not grown.on(cheapest.hardware).is_possible:
                rows = [grown.on(row.hardware) for row in rows]
                break
        else:
            return Upgrade(
                None, None, None, None, None,
                f"No upgrade pays within ten years: {cheapest.hardware.name} keeps the deadline.",
            )  # fmt: skip
    rented = cheapest_of([row for row in rows if row.hardware.per in ("hour", "month")])
    bought = cheapest_of([row for row in rows if row.hardware.per == "once"])
    when = "Now" if month == 0 else f"In month {month}, with {plural(homes, 'home')},"
    need = f"{when} more than owned hardware is needed"
    if rented is None or bought is None:
        only = rented or bought
        what = (
            "nothing in the table surely suffices"
            if only is None
            else f"of what can be rented or bought, this alone is enough: {only.hardware.name}"
        )
        pays = None
        sentence = f"{need}, and {what}."
    else:
        pays = _months(bought.once[1], rented.month[0])
        against = (
            f"{bought.hardware.name} ({dollars_in_words(bought.once)}) against "
            f"{rented.hardware.name} ({dollars_in_words(rented.month)} a month)"
        )
        when_paid = "not within ten years" if pays is None else f"after {plural(pays, 'month')}"
        sentence = f"{need}: {against}. The first pays {when_paid}."
    return Upgrade(
        month,
        homes,
        None if rented is None else rented.hardware.key,
        None if bought is None else bought.hardware.key,
        pays,
        sentence,
    )


def _grown(work: Any, factor: float) -> Any:
    events = None if work.events is None else round(work.events * factor)
    homes = round(work.homes * factor)
    if events is None:
        stage = replace(
            work.stage,
            rows={
                task: rows if task == "behavior" else round(rows * factor)
                for task, rows in work.stage.rows.items()
            },
        )
        return replace(work, homes=homes, stage=stage)
    return replace(work, homes=homes, events=events)


def _months(once: float, rent: float) -> int | None:
    """Return the month after which a purchase is surely cheaper."""
    if rent <= 0 or once / rent > _MOST_MONTHS:
        return None
    return math.ceil(once / rent)
