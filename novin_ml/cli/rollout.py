"""rollout plan, assign: which home gets which version."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from novin_ml.cli import options as opt
from novin_ml.cli.output import reporting
from novin_ml.plain import plural

PlanArgument = Annotated[
    Path, typer.Argument(help="File with the assignment (JSON).", metavar="PLAN")
]


def plan_command(
    plan: PlanArgument,
    variant: Annotated[str, typer.Argument(help="Variant, such as a version's number.")],
    share: Annotated[
        float, typer.Option(help="Its share of all homes; 0 takes it away.", min=0, max=1)
    ] = 1.0,
    to: Annotated[
        str | None, typer.Option(help="Variant that gets what it gives; default all others.")
    ] = None,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Give a variant a share of all homes; the first one of a new plan gets all."""
    from novin_ml.cli.show.rollout import show_shares
    from novin_ml.lifecycle import Assignment

    with reporting(json, quiet) as output:
        if plan.exists():
            before = Assignment.load(plan)
            after = before.with_share(variant, share, to=to)
            moved = before.share_that_moves(after)
        elif share < 1:
            raise ValueError(
                f"The first variant of a plan must get all homes. Got --share {share:g}, and "
                f"there is no {plan}. Name the version that is served now first."
            )
        else:
            after, moved = Assignment.start(variant), 0.0
        after.save(plan)
        output.document |= {"shares": after.shares(), "moved": moved}
        show_shares(after, output)
        output.line(f"{moved:.4%} of homes move; wrote {plan}")


def assign_command(
    plan: PlanArgument,
    file: Annotated[Path, typer.Argument(help="CSV file with the column home_id.", metavar="FILE")],
    out: Annotated[Path, typer.Option(help="CSV file to write: home_id and variant.")],
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Write the variant of each home, and say whether the shares are as planned."""
    import pandas as pd

    from novin_ml.cli.reading import require_table
    from novin_ml.cli.show.rollout import show_observed
    from novin_ml.cli.tables import read_csv, write_rows
    from novin_ml.lifecycle import Assignment

    with reporting(json, quiet) as output:
        require_table(out, file, plan, suffixes=(".csv",))
        assignment = Assignment.load(plan)
        homes = read_csv(file, ["home_id"])["home_id"].drop_duplicates()
        variants = assignment.variants_of(homes)
        show_observed(assignment.observed_shares(homes), output)
        write_rows(pd.DataFrame({"home_id": homes, "variant": variants}), out)
        output.line(f"wrote {plural(len(homes), 'home')} to {out}")
