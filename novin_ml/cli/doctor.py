"""doctor: what this machine has of what novin_ml needs."""

from __future__ import annotations

from dataclasses import asdict

from novin_ml.cli import options as opt
from novin_ml.cli.output import fail_gate, reporting


def doctor_command(json: opt.JsonOption = False, quiet: opt.QuietOption = False) -> None:
    """Look at versions, extras, threads, Swift and time zones; exit with code 1 if one is wrong."""
    from novin_ml.environment import examine
    from novin_ml.plain import plural

    with reporting(json, quiet) as output:
        with output.step("looking"):
            findings = examine()
        wrong = [each for each in findings if each.is_well is False]
        output.document |= {"findings": [asdict(each) for each in findings], "passed": not wrong}
        states = {True: "well", None: "-", False: "WRONG"}
        output.table(
            "This machine",
            ["", "found", "", "what to do"],
            [[each.what, each.found, states[each.is_well], each.remedy] for each in findings],
        )
    if wrong:
        names = ", ".join(each.what for each in wrong)
        fail_gate(f"{plural(len(wrong), 'finding')} must be mended: {names}.")
