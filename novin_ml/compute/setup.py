"""What to write down for a stage: its novin.toml and its line of cron."""

from __future__ import annotations

from novin_ml.compute.records import Plan
from novin_ml.plain import plural

_CRON = {"day": "0 4 * * *", "week": "0 4 * * 1", "two weeks": "0 4 1,15 * *"}
_GATES = {
    "better than the rules": 'rules = "better"',
    "not worse than the released version": 'released = "not-worse"',
    "better than the released version": 'released = "better"',
}


def novin_toml_of(made: Plan) -> str:
    """Return a novin.toml for the stage of a plan.

    Parameters
    ----------
    made : Plan
        From `plan`.

    Returns
    -------
    text : str
        What `novin_ml.lifecycle.read_declaration` reads, with a file of each family.
    """
    stage = made.stage
    why = "networks are averaged, trees are not" if stage.federated else "or mlp, blend, forest"
    lines = [
        f"# {plural(made.homes, 'home')}: stage {stage.name}, trained every {stage.every}.",
        "# novin-ml init writes one that fits your data, with its labels and thresholds.",
        "",
        "[data]",
        "# novin-ml retrain needs homes that no model is trained on, to compare on; name yours:",
        "# [data.frozen]",
        '# homes = ["home_0001", "home_0002"]',
        "",
        "[split]",
        "test = 0.2",
        "tune = 0.2",
    ]
    for each in made.tasks:
        rows = "events of a home" if each.task == "behavior" else "rows"
        lines += [
            "",
            f"[models.{each.task}]  # planned for {each.rows:,} {rows}",
            f'family = "{each.task}"',
            f'files = ["{each.task}.jsonl"]',
        ]
        if each.task == "behavior":
            continue
        lines += [
            f'algorithm = "{"mlp" if stage.federated else each.algorithm}"  # {why}',
            "",
            f"[models.{each.task}.gates]",
            _GATES[stage.gate],
            "max_bytes = 5_000_000",
        ]
    lines += ["", "[registry]", 'folder = "registry"', 'name = "novin"', ""]
    return "\n".join(lines)


def cron_line_of(made: Plan) -> str:
    """Return the line of cron for the stage of a plan.

    Parameters
    ----------
    made : Plan
        From `plan`.

    Returns
    -------
    line : str
        For the folder of the novin.toml. Every two weeks is the 1st and the 15th.
    """
    return f"{_CRON[made.stage.every]} cd NOVIN_FOLDER && novin-ml retrain novin.toml --quiet"
