"""federated prior: the habits of homes that consented, for homes that have no past."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from novin_ml.cli import options as opt
from novin_ml.cli.names import BASELINE
from novin_ml.cli.output import reporting
from novin_ml.plain import plural


def prior_command(
    file: opt.EventsArgument,
    out: Annotated[Path, typer.Option(help="JSON file to write.")],
    min_homes: Annotated[
        int, typer.Option(help="Make no prior of fewer homes that consented.", min=1)
    ] = 10,
    min_homes_of_kind: Annotated[
        int, typer.Option(help="Leave out kinds and zones of sensors of fewer homes.", min=1)
    ] = 3,
    timezone: opt.TimezoneOption = "UTC",
    strict: opt.StrictOption = False,
    json: opt.JsonOption = False,
    quiet: opt.QuietOption = False,
) -> None:
    """Average the habits of the homes of a file; train behavior takes them with --prior.

    Only homes whose every event has consent are counted.
    """
    from novin_ml.cli.reading import read, rejects_beside
    from novin_ml.estimators.families import FAMILIES
    from novin_ml.federated import learn_prior
    from novin_ml.files import write_text
    from novin_ml.lifecycle.baseline_training import require_homes

    with reporting(json, quiet) as output:
        rows = FAMILIES[BASELINE.name].rows
        rejects = rejects_beside(out)
        events = read(rows, file, output, timezone=timezone, strict=strict, rejects=rejects)
        require_homes(events)
        with output.step("averaging habits"):
            homes = {str(home): log for home, log in events.groupby("home_id", observed=True)}
            learned = learn_prior(homes, min_homes=min_homes, min_homes_of_kind=min_homes_of_kind)
        write_text(learned.prior.to_json(), out)
        output.line(
            f"habits of {plural(learned.prior.n_homes, 'home')} by kind and zone; "
            f"{plural(len(learned.refused), 'home')} not counted"
        )
        for home, why in list(learned.refused.items())[:3]:
            output.line(f"{home}: {why}")
        output.line(f"wrote {out}")
        output.add("n_homes", learned.prior.n_homes)
        output.add("refused", learned.refused)
