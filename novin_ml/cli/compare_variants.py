"""compare, of two variants of a rollout: by what their homes reported."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from novin_ml.cli.names import Gate
from novin_ml.cli.output import Output, fail_gate


def holds_outcomes(path: Path) -> bool:
    """Tell whether a CSV file has the columns of outcomes."""
    if path.suffix != ".csv" or not path.is_file():
        return False
    with path.open("rb") as stream:
        names = stream.readline(10_000).decode("utf-8-sig", "replace").replace('"', "")
    return {"home_id", "date", "variant", "value"} <= {name.strip() for name in names.split(",")}


def compare_variants(
    found: tuple[Path, str, str],
    rule: tuple[int | None, float, bool],
    gate: tuple[Gate | None, float],
    reporting: AbstractContextManager[Output],
    unused: dict[str, bool],
) -> None:
    """Compare the first variant with the second one, by all looks so far."""
    from novin_ml.cli.show.rollout import show_rollout
    from novin_ml.cli.tables import read_csv
    from novin_ml.lifecycle import check_gate, look_at_rollout

    file, candidate, control = found
    days, alpha, larger_is_better = rule
    with reporting as output:
        for option, is_given in unused.items():
            if is_given:
                raise ValueError(
                    f"{option} must come with rows to answer. Got the outcomes of a rollout in "
                    f"{file}. Leave it out."
                )
        rollout = look_at_rollout(
            read_csv(file, ["home_id", "variant"]),
            control,
            candidate,
            days=days,
            rule="sequence" if days is None else "spending",
            alpha=alpha,
            larger_is_better=larger_is_better,
        )
        output.add("rollout", rollout.to_dict())
        show_rollout(rollout, output)
        wanted, margin = gate
        fault = None if wanted is None else check_gate(rollout, str(wanted), margin)
        output.add("passed", fault is None)
    if fault is not None:
        fail_gate(fault)
