"""The cheapest plan, in one sentence."""

from __future__ import annotations

from collections.abc import Sequence

from novin_ml.compute.durations import in_words
from novin_ml.compute.records import HardwarePlan
from novin_ml.compute.times import Estimate


def cheapest_of(rows: Sequence[HardwarePlan]) -> HardwarePlan | None:
    """Return the cheapest row that surely meets all demands; of equals, the first that is owned."""
    possible = [row for row in rows if row.is_possible]
    return min(possible, key=lambda row: (row.total[1], not row.hardware.is_owned), default=None)


def time_in_words(time: Estimate) -> str:
    """Return a time with its interval and what it rests on."""
    return f"{in_words(time.seconds)} ({time.basis}, {in_words(time.low)} to {in_words(time.high)})"


def dollars_in_words(dollars: tuple[float, float]) -> str:
    """Return dollars, or their range."""
    low, high = (_dollars(each) for each in dollars)
    return low if low == high else f"{low} to {high}"


def _dollars(value: float) -> str:
    if value == 0:
        return "$0"
    if value < 0.01:
        return "under $0.01"
    return f"${value:,.0f}" if value >= 100 or value == round(value) else f"${value:,.2f}"


def sentence_of(
    rows: Sequence[HardwarePlan],
    cheapest: HardwarePlan | None,
    deadline: float | None,
    budget: float | None,
) -> str:
    """Return the answer of a plan."""
    demands = [
        *([] if deadline is None else [f"a training within {in_words(deadline)}"]),
        *([] if budget is None else [f"at most {dollars_in_words((budget, budget))} a month"]),
    ]
    if cheapest is None:
        fastest = min(rows, key=lambda row: row.time.high)
        return (
            f"Nothing in the table surely keeps {' and '.join(demands)}: the fastest is "
            f"{fastest.hardware.name}, with {time_in_words(fastest.time)} a training, for "
            f"{dollars_in_words(fastest.month)} a month"
            + (f" and {dollars_in_words(fastest.once)} once" if fastest.once[1] else "")
            + ". Measure it there with --calibrate, or demand less."
        )
    hardware = cheapest.hardware
    if hardware.is_owned:
        what = "laptop" if hardware.kind == "laptop" else "machine"
        first = f"The answer is the {what} you have: {hardware.name}"
    else:
        first = f"The cheapest plan is {hardware.name}"
    cost = f"{dollars_in_words(cheapest.month)} a month"
    if cheapest.once[1]:
        cost = f"{dollars_in_words(cheapest.once)} once"
    kept = f", which keeps {' and '.join(demands)}" if demands else ""
    return f"{first}, {time_in_words(cheapest.time)} a training, for {cost}{kept}."
