"""Measure this machine for a plan."""

from __future__ import annotations

from datetime import date

from novin_ml.cli.output import Output
from novin_ml.compute import Times, read_times
from novin_ml.federated import calibrate_aggregation
from novin_ml.lifecycle import calibrate
from novin_ml.lifecycle.calibration import SIZES, busy_processors, machine_name


def measured_times(task: str, scale: float, output: Output) -> Times:
    """Measure training and averaging, and compare with the times that come with the package."""
    families = [*SIZES] if task == "all" else [task]
    load = busy_processors()
    with output.step(f"measuring {', '.join(families)}"):
        runs = calibrate(families, scale=scale)
        runs += calibrate_aggregation()
    found = Times(tuple(runs), machine_name(), date.today().isoformat())
    cores = found.cores
    if load > cores:
        output.warning(
            f"other programs keep {load:.1f} processors of {cores} busy: measure again in a quiet "
            "hour; --times FILE joins both"
        )
    known = read_times()
    inside, compared = known.inside(runs)
    output.add(
        "calibration",
        {"runs": len(runs), "inside": inside, "compared": compared, "load": load},
    )
    output.line(
        f"measured {len(runs)} runs; {inside} of {compared} within the 95 % intervals of the times "
        f"of {known.machine}, {known.day}"
    )
    rows = []
    for name, n, threads, seconds in runs:
        law = known.laws[name].predict(threads, n) if name in known.laws else None
        interval = "not measured" if law is None else f"{law.low:.2f} to {law.high:.2f}"
        rows.append([name, f"{n:,}", str(threads), f"{seconds:.2f}", interval])
    output.table(
        "Seconds measured now, beside the interval of the times that come with the package",
        ["task", "rows", "cores", "seconds", "interval"],
        rows,
    )
    return found
