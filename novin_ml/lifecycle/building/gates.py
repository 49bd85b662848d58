"""The gates of a build: the wanted value, the value found, and the difference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from novin_ml.lifecycle.building.declaration import DataFiles, Gates
from novin_ml.plain import plural


@dataclass(frozen=True)
class GateResult:
    """A gate of a build.

    Attributes
    ----------
    model : str
        Name of the model; empty for a gate of the data.
    gate : str
        What it holds.
    wanted, got : str
        As it is shown.
    short : str
        By how much it fails; empty if it passes.
    """

    model: str
    gate: str
    wanted: str
    got: str
    short: str = ""

    @property
    def passed(self) -> bool:
        """Whether it passes."""
        return not self.short


def data_gates(facts: Mapping[str, Any], data: DataFiles, model: str) -> Iterator[GateResult]:
    """Yield the gates of the data."""
    rejected = facts["rejected"] / facts["read"] if facts["read"] else 0.0
    reasons = "".join(f"; {reason}" for reason in facts["reasons"][:1])
    yield _at_most(
        model,
        "rejected events",
        rejected,
        data.max_rejected,
        lambda share: f"{share:.2%}",
        f"{facts['rejected']:,} of {facts['read']:,}",
        reasons,
    )


def training_gates(facts: Mapping[str, Any], model: str) -> Iterator[GateResult]:
    """Yield the gates of the training rows, which always apply."""
    for name, found in (
        ("homes on both sides of the split", facts.get("homes_on_both_sides")),
        ("rows on both sides of the split", facts.get("rows_on_both_sides")),
        ("rows without consent in training", facts["rows_without_consent"]),
    ):
        if found is None:
            continue  # homes of classifiers, rows of baselines
        yield GateResult(model, name, "0", f"{found:,}", f"{found:,} too many" if found else "")


def model_gates(metrics: Mapping[str, Any], gates: Gates, model: str) -> Iterator[GateResult]:
    """Yield the gates of a model that was measured."""
    if gates.min_accuracy is not None:
        yield _at_least(model, "accuracy", metrics["accuracy"], gates.min_accuracy)
    for label, wanted in gates.min_recall.items():
        share = metrics["recall"].get(label)
        if share is None:
            known = ", ".join(metrics["recall"])
            got = f"no such label: {known}"
            yield GateResult(model, f"recall of {label}", _percent(wanted), got, "no such label")
        else:
            yield _at_least(model, f"recall of {label}", share, wanted)
    if gates.max_false_alarms_per_week is not None:
        yield _false_alarms(model, metrics, gates.max_false_alarms_per_week)
    if gates.max_bytes is not None:
        yield _at_most(
            model,
            "bytes",
            metrics["bytes"],
            gates.max_bytes,
            lambda n: plural(n, "byte", form=",.0f"),
        )
    yield _parity(model, metrics["parity"], gates.max_parity_error)
    for name, title in (("rules", "the rules"), ("released", "the released version")):
        verdict = getattr(gates, name)
        if verdict is not None:
            yield _compared(model, title, metrics[name], verdict, gates.margin, name)


def baseline_gates(metrics: Mapping[str, Any], gates: Gates, model: str) -> Iterator[GateResult]:
    """Yield the gates of baselines that were measured."""
    if gates.max_false_alarms_per_week is not None:
        yield _false_alarms(model, metrics, gates.max_false_alarms_per_week)


def parity_failed(model: str, error: Exception) -> GateResult:
    """Return the gate of a model whose export did not answer the same."""
    return GateResult(model, "parity", "the answers of the estimator", str(error), "other answers")


def _at_least(model: str, what: str, share: Mapping[str, Any], wanted: float) -> GateResult:
    low = share["low"] if share["low"] is not None and share["n_rows"] else 0.0
    rows = plural(share["n_rows"], "row")
    got = f"{_percent(low)} (lower bound; {_percent(share['share'])} of {rows})"
    short = "" if low >= wanted else f"{100 * (wanted - low):.2f} points too low"
    return GateResult(model, what, f"{_percent(wanted)} or more", got, short)


def _at_most(
    model: str,
    what: str,
    found: float,
    wanted: float,
    shown: Any,
    details: str = "",
    more: str = "",
) -> GateResult:
    got = f"{shown(found)} ({details})" if details else shown(found)
    short = "" if found <= wanted else f"{shown(found - wanted)} too much{more}"
    return GateResult(model, what, f"{shown(wanted)} or less", got, short)


def _false_alarms(model: str, metrics: Mapping[str, Any], wanted: float) -> GateResult:
    what = "false alarms per home and week"
    thresholds, alarming = metrics["thresholds"], metrics["alarming"]
    if thresholds is not None:
        upper, mean = thresholds["false_per_home_week_upper"], thresholds["false_per_home_week"]
        method = thresholds["bound"]
        if method == "none":
            got = f"no upper bound ({mean:.2f} counted): {thresholds['refused']}"
            return GateResult(model, what, f"{wanted:g} or less", got, "no upper bound: more homes")
    elif alarming is not None:
        rate = alarming["false_alarms"]
        upper, mean, method = rate["high"], rate["per_week"], rate["method"]
    else:
        got = "no alarms: the model has no thresholds and no quiet label"
        return GateResult(model, what, f"{wanted:g} or less", got, "not measured")
    got = f"{upper:.2f} (upper bound, {method}; {mean:.2f} counted)"
    short = "" if upper <= wanted else f"{upper - wanted:.2f} too many"
    return GateResult(model, what, f"{wanted:g} or less", got, short)


def _parity(model: str, parity: Mapping[str, Any], wanted: float | None) -> GateResult:
    allowed = parity["tolerance"] if wanted is None else min(wanted, parity["tolerance"])
    error = parity["max_error"]
    short = ""
    if not parity["passed"]:
        short = "the certificate failed"
    elif error > allowed:
        short = f"{error - allowed:.1e} too much"
    return GateResult(model, "parity", f"{allowed:.1e} or less", f"{error:.1e}", short)


def _compared(
    model: str, title: str, found: Mapping[str, Any], verdict: str, margin: float, name: str
) -> GateResult:
    better = verdict == "better"
    allowed = plural(100 * margin, "point", form="g")
    wanted = "better" if better else f"worse by less than {allowed}"
    what = f"against {title}"
    if "absent" in found:
        # A first version has none to be compared with.
        passed = name == "released" and "version" not in found
        return GateResult(model, what, wanted, found["absent"], "" if passed else "not compared")
    accuracy = found["accuracy"]
    low = accuracy["low"]
    got = f"{found['verdict']}: {100 * accuracy['difference']:+.2f} points"
    if low is not None:
        got += f" (from {100 * low:+.2f} to {100 * accuracy['high']:+.2f})"
    got += f", {found['n_groups']} {found['unit']}"
    if found["fault"] is None:
        return GateResult(model, what, wanted, got)
    lacks = (0.0 if better else -margin) - low if low is not None else None
    short = f"{100 * lacks:.2f} points too low" if lacks is not None and lacks > 0 else "not shown"
    return GateResult(model, what, wanted, got, short)


def _percent(share: float | None) -> str:
    return "nothing" if share is None else f"{share:.2%}"
