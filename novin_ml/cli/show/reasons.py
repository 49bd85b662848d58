"""Prints the reasons for one row."""

from __future__ import annotations

from typing import Any

import pandas as pd

from novin_ml.cli.output import Output


def show_reasons(found: dict[str, Any], output: Output) -> None:
    """Show the reasons for one row."""
    moment = ""
    if found["timestamp"] is not None:  # a signal has no time
        local = found["timestamp"] + (found["utc_offset"] or 0.0)
        moment = pd.Timestamp(local, unit="s").strftime(", %a %Y-%m-%d %H:%M:%S")
    where = "".join(f", {found[name]}" for name in ("type", "location", "text") if found.get(name))
    if "text" in found:
        proof = " (unproven)" if found["unproven"] else ""
        verdict = f"rarity {found['score']:.2f} bits{', alarm' if found['alarm'] else ''}{proof}"
        unit = "steps less" if found["unit"] == "steps" else found["unit"]
    elif "anomaly_score" in found:
        verdict = f"anomaly score {found['anomaly_score']:.4f}{', alarm' if found['alarm'] else ''}"
        unit = "steps less"
    else:
        verdict = f"{found['label']} {100 * found['probability']:.1f} %"
        unit = "log odds"
    output.table(
        f"row {found['row']}{moment}{where}: {verdict}",
        ["reason", "", unit, "feature"],
        [
            [
                reason["text"],
                f"{reason['direction']} {found['label']}",
                f"{reason['contribution']:+.2f}",
                reason["name"],
            ]
            for reason in found["reasons"]
        ],
    )
