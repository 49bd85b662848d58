"""Every public function that takes an event table, and what can happen to a column on the way."""

from __future__ import annotations

import copy
import datetime
import decimal
import fractions
import importlib
import inspect
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

import novin_ml
from novin_ml import estimators, evaluation
from novin_ml.compute import measure_log
from novin_ml.estimators import (
    ChainStream,
    HomeMonitor,
    MonitorStream,
    make_behavior_pipeline,
    make_delivery_pipeline,
    make_motion_pipeline,
    rules,
)
from novin_ml.evaluation import comparison, decisions, explanation, report
from novin_ml.events import (
    SENSOR_STATES,
    Signals,
    chains_from_events,
    check_events,
    read_events,
    training_events,
    write_events,
)
from novin_ml.features import (
    ActivityHistory,
    BehaviorFeatures,
    BehaviorHistory,
    DeliveryFeatures,
    MotionFeatures,
    activity_rows,
    attach_context,
    training_rows,
)
from novin_ml.federated import learn_prior
from novin_ml.lifecycle import (
    divide_by_home,
    evaluate_with_rules,
    events_of_home,
    fit_fleet,
    load_fleet,
    measure_drift,
    publish,
    score_fleet,
    shadow,
    train,
    train_baseline,
    watch_fleet,
)
from novin_ml.simulation import simulate_behavior, simulate_deliveries

HOME = "home_1"


def _texts(mask: np.ndarray, yes: str, no: str) -> pd.Series:
    return pd.Series(np.where(mask, yes, no), dtype=object)


def make_table(seed: int = 0, n_events: int = 60) -> pd.DataFrame:
    """Return events of two homes on a grid that every form of a column can hold."""
    table = simulate_deliveries(n_events, n_homes=2, random_state=seed).reset_index(drop=True)
    rng = np.random.default_rng(seed)
    n = len(table)
    grid = {
        "home_id": _texts(np.arange(n) % 2 == 1, HOME, "home_2"),
        "timestamp": table["timestamp"].round(3),
        "utc_offset": rng.choice([3600.0, 0.0, -34_200.0], n).astype(np.float32),
        "duration": rng.choice([0.25, 3.5, 60.0, np.nan], n).astype(np.float32),
        "energy": rng.choice([1.0, 0.0, np.nan], n).astype(np.float32),
        "confidence": rng.choice([1.0, 0.0, np.nan], n).astype(np.float32),
        "consent": True,
        "state": pd.Categorical(rng.choice(SENSOR_STATES, n), categories=list(SENSOR_STATES)),
        "end": table["timestamp"].round(3) + rng.choice([0.0, 4.5, 900.0, np.nan], n),
        "label": _texts(np.arange(n) % 3 > 0, "delivery", "no_delivery"),
    }
    table = table.drop(columns="clean_label").assign(**grid)
    # Known in the first row: what is done to a column must meet a value.
    first = {"duration": 3.5, "energy": 1.0, "confidence": 1.0, "utc_offset": 3600.0}
    for name, value in first.items():
        table.loc[0, name] = np.float32(value)
    return table


@cache
def fitted(kind: str):
    table = make_table(7, 200)
    if kind == "behavior":
        log = table[table["home_id"] == HOME]
        pipeline = make_behavior_pipeline(n_estimators=5, random_state=0)
        return pipeline.fit(log, detector__timestamps=log["timestamp"])
    if kind == "chains":
        chains = chains_from_events(table)
        model = estimators.make_chain_pipeline(epochs=2, random_state=0)
        return model.fit(chains, np.arange(len(chains)) % 2)
    rows, _ = training_rows(table)
    make = make_delivery_pipeline if kind == "delivery" else make_motion_pipeline
    return make(epochs=2, random_state=0).fit(rows, rows["label"])


def model(kind: str = "delivery"):
    return copy.deepcopy(fitted(kind))


@cache
def prior():
    logs = simulate_behavior(10, weeks=1, ends=True, random_state=0).assign(consent=True)
    return learn_prior(dict(iter(logs.groupby("home_id")))).prior


@cache
def with_thresholds():
    pipeline = model()
    decisions.tune_threshold(pipeline, make_table(3, 100), false_alarms_per_week=50.0)
    return pipeline


@cache
def with_cut():
    pipeline = model()
    decisions.conformalize(pipeline, make_table(3, 100))
    return pipeline


@cache
def fleet():
    folder = tempfile.mkdtemp()
    fit_fleet(make_table(7, 100), out=folder, estimator=model("behavior"), random_state=0)
    return load_fleet(folder)


def flags(table):
    return np.arange(len(table)) % 5 == 0


def one_home(table):
    """Keep one home, whose rows are every other one, whatever its column has become."""
    return table[np.arange(len(table)) % 2 == 1]


def written(table):
    with tempfile.TemporaryDirectory() as folder:
        write_events(table, Path(folder, "log.jsonl"))
        return features_of(read_events(Path(folder, "log.jsonl"), strict=True))


def features_of(table):
    return DeliveryFeatures().transform(table)


def streamed(table):
    stream = ChainStream(fitted("chains"), window=1e9)
    rows = table[::2].reset_index(drop=True).sort_values("timestamp").iloc[:8].to_dict("records")
    return np.array([stream.predict_stream(row) for row in rows])


@cache
def monitor():
    log = one_home(make_table(7, 200))
    before = log[["timestamp", "end"]] - 400 * 86_400.0  # the monitor's home is never younger
    return HomeMonitor(n_estimators=5, random_state=0).fit(log.assign(**before))


@cache
def watched():
    log = one_home(make_table(7, 200))
    before = log[["timestamp", "end"]] - 400 * 86_400.0
    folder, monitors = tempfile.mkdtemp(), HomeMonitor(n_estimators=5)
    fit_fleet(log.assign(**before), out=folder, estimator=monitors, random_state=0)
    return load_fleet(folder)


def monitored(table):
    stream = MonitorStream(monitor())
    rows = (
        one_home(table).reset_index(drop=True).sort_values("timestamp").iloc[:8].to_dict("records")
    )
    return [stream.update(event)["score"].to_numpy() for event in rows]


def followed(table):
    history = ActivityHistory()
    rows = (
        one_home(table).reset_index(drop=True).sort_values("timestamp").iloc[:8].to_dict("records")
    )
    return [list(row.values) for event in rows for row in history.update(event)]


def remembered(table):
    history = BehaviorHistory()
    rows = table.reset_index(drop=True).sort_values("timestamp").iloc[:8].to_dict("records")
    return np.array([history.update(row) for row in rows])


def fitted_fleet(table):
    with tempfile.TemporaryDirectory() as folder:
        fit_fleet(table, out=folder, estimator=model("behavior"), random_state=0)
        return [each[-1].calibration_scores_ for each in load_fleet(folder).values()]


def chains_of(table):
    chains = chains_from_events(table)
    return [chains.timestamp, chains.kind, chains.zone, chains.confidence, chains["utc_offset"],
            chains["home_mode"].cat.codes]  # fmt: skip


def divided(table):
    parts = divide_by_home(table, test_fraction=0.3, random_state=0)
    return {name: [sorted(set(part["home_id"])), len(part)] for name, part in parts.items()}


def headline(found):
    return [found.model.accuracy, found.model.roc_auc, found.rules.accuracy, found.n_homes]


#: By the qualified name of a public function: call it, and return what must stay equal.
DOORS = {
    "events.check_events": lambda t: features_of(check_events(t)),
    "events.chains_from_events": chains_of,
    "events.training_events": lambda t: features_of(training_events(t)[0]),
    "events.write_events": written,
    "events.Signals.from_events": lambda t: Signals.from_events(t).values,
    "events.read_event": remembered,
    "features.attach_context": lambda t: features_of(attach_context(t)),
    "features.training_rows": lambda t: features_of(training_rows(t)[0]),
    "features.DeliveryFeatures.fit": lambda t: DeliveryFeatures().fit(t).n_features_in_,
    "features.DeliveryFeatures.transform": features_of,
    "features.DeliveryFeatures.fit_transform": lambda t: DeliveryFeatures().fit_transform(t),
    "features.MotionFeatures.fit": lambda t: MotionFeatures().fit(t).n_features_in_,
    "features.MotionFeatures.transform": lambda t: MotionFeatures().transform(t),
    "features.MotionFeatures.fit_transform": lambda t: MotionFeatures().fit_transform(t),
    "features.BehaviorFeatures.fit": lambda t: BehaviorFeatures().fit(t).homes_,
    "features.BehaviorFeatures.transform": lambda t: BehaviorFeatures().transform(t),
    "features.BehaviorFeatures.fit_transform": lambda t: BehaviorFeatures().fit_transform(t),
    "features.BehaviorFeatures.count_remembered":
        lambda t: BehaviorFeatures().fit(make_table()).count_remembered(t),
    "features.BehaviorHistory.from_events":
        lambda t: BehaviorHistory.from_events(one_home(t)).to_dict(),
    "features.BehaviorHistory.update": remembered,
    "features.ActivityHistory.update": followed,
    "features.activity_rows":
        lambda t: [rows.values for rows in activity_rows(one_home(t)).values()],
    "estimators.HomeMonitor.fit":
        lambda t: HomeMonitor(n_estimators=5, random_state=0).fit(one_home(t)).n_days_,
    "estimators.HomeMonitor.score": lambda t: monitor().score(one_home(t))["score"],
    "estimators.HomeMonitor.moments":
        lambda t: [each.score for each in monitor().moments(one_home(t), n_rows=4)],
    "estimators.HomeMonitor.forest_columns":
        lambda t: np.nan_to_num(monitor().forest_columns(one_home(t)).to_numpy()),
    "estimators.MonitorStream.update": monitored,
    "estimators.first_days_monitor":
        lambda t: estimators.first_days_monitor(prior(), one_home(t)).detector_.offset_,
    "estimators.ChainStream.predict_stream": streamed,
    "estimators.outcomes": lambda t: estimators.outcomes(model("delivery"), t),
    "estimators.rules.DeliveryRules.fit": lambda t: rules.DeliveryRules().fit(t).classes_,
    "estimators.rules.DeliveryRules.predict": lambda t: rules.DeliveryRules().fit(t).predict(t),
    "estimators.rules.DeliveryRules.score":
        lambda t: rules.DeliveryRules().fit(make_table()).score(t, ["delivery"] * len(t)),
    "estimators.rules.MotionRules.fit": lambda t: rules.MotionRules().fit(t).classes_,
    "estimators.rules.MotionRules.predict": lambda t: rules.MotionRules().fit(t).predict(t),
    "estimators.rules.MotionRules.score":
        lambda t: rules.MotionRules().fit(make_table()).score(t, ["walking"] * len(t)),
    "evaluation.split_by_home":
        lambda t: features_of(evaluation.split_by_home(t, 0.5, random_state=0)[0]),
    "evaluation.evaluate":
        lambda t: headline(evaluation.evaluate(model(), rules.DeliveryRules(), t, "delivery")),
    "evaluation.alarms_per_week": lambda t: evaluation.alarms_per_week(t, flags(t)).n_alarms,
    "evaluation.monitor_alarms":
        lambda t: evaluation.monitor_alarms(
            one_home(t), monitor().score(one_home(t))
        ).rates["event"].n_alarms,
    "evaluation.detection_delay":
        lambda t: evaluation.detection_delay(
            t.assign(label=np.where(flags(t), "unusual", "usual")), flags(t)
        ).median_delay,
    "evaluation.compare":
        lambda t: comparison.compare(model(), rules.DeliveryRules(), t, n_resamples=100).sentence,
    "evaluation.compare_many":
        lambda t: comparison.compare_many(
            {"a": model(), "rules": rules.DeliveryRules()}, t, n_resamples=100
        ).p_adjusted,
    "evaluation.decisions.provable_budget": lambda t: decisions.provable_budget(t),
    "evaluation.tune_threshold":
        lambda t: decisions.tune_threshold(
            model(), t, false_alarms_per_week=50.0
        ).to_document(),
    "evaluation.measure_thresholds":
        lambda t: decisions.measure_thresholds(with_thresholds(), t).to_document(),
    "evaluation.conformalize":
        lambda t: decisions.conformalize(model(), t).to_document(),
    "evaluation.measure_coverage":
        lambda t: decisions.measure_coverage(with_cut(), t).to_document(),
    "evaluation.decisions.choose_decisions":
        lambda t: decisions.choose_decisions(
            model(), t, false_alarms_per_week=50.0
        ).thresholds.to_document(),
    "evaluation.decisions.measure_decisions":
        lambda t: decisions.measure_decisions(with_thresholds(), t).thresholds.to_document(),
    "evaluation.explain":
        lambda t: explanation.explain(model("motion"), t.iloc[[0]])[0].contribution,
    "evaluation.attribute":
        lambda t: explanation.attribute(model("motion"), t.iloc[[0]]).score,
    "evaluation.explanation.explain_rows":
        lambda t: [each.reasons[0].contribution for each in explanation.explain_rows(model(), t)],
    "evaluation.permutation_importances":
        lambda t: [
            each.log_loss
            for each in explanation.permutation_importances(
                model("motion"), t, make_table()["label"].iloc[[*range(len(t))]], n_repeats=1
            )
        ],
    "evaluation.rows_of_new_homes": lambda t: evaluation.rows_of_new_homes(model(), t).tolist(),
    "evaluation.seen_in_training": lambda t: evaluation.seen_in_training(model(), t).to_document(),
    "evaluation.build_report": lambda t: report.build_report(model(), t).accuracy,
    "evaluation.write_report":
        lambda t: report.write_report(model(), t, Path(tempfile.mkdtemp(), "r.html")).accuracy,
    "lifecycle.train":
        lambda t: train("delivery", t, epochs=2, test_fraction=0).pipeline.predict_proba(t),
    "lifecycle.divide_by_home": divided,
    "lifecycle.shadow": lambda t: shadow({"a": model(), "b": model()}, t).to_dict(),
    "lifecycle.evaluate_with_rules": lambda t: headline(evaluate_with_rules(model(), t)),
    "lifecycle.train_baseline":
        lambda t: train_baseline(
            one_home(t), n_estimators=5, random_state=0
        ).pipeline[-1].calibration_scores_,
    "lifecycle.fit_fleet": fitted_fleet,
    "lifecycle.score_fleet": lambda t: score_fleet(fleet(), t).scores["anomaly_score"],
    "lifecycle.watch_fleet": lambda t: watch_fleet(watched(), one_home(t)).rows["score"],
    "lifecycle.events_of_home":
        lambda t: features_of(events_of_home(model("behavior"), one_home(t))),
    "lifecycle.measure_drift":
        lambda t: [
            (each.name, each.reference, each.current, each.p_value)
            for each in measure_drift(t, make_table(3), n_permutations=99).features
        ],
    "compute.measure_log": lambda t: measure_log(t)[:2],
    "lifecycle.publish":
        lambda t: publish(
            model(), t, Path(tempfile.mkdtemp(), "m.mlmodel"), with_page=False
        ).report.accuracy,
}  # fmt: skip

#: Doors that are slow because of what they do afterwards.
SLOW = {"lifecycle.publish", "evaluation.write_report", "evaluation.build_report"}

#: Doors that read events one by one, whose forms those of one value are.
OF_ROWS = {
    "events.read_event",
    "features.BehaviorHistory.update",
    "features.ActivityHistory.update",
    "estimators.MonitorStream.update",
    "estimators.ChainStream.predict_stream",
}

#: Parameters that may be an event table.
NAMES = frozenset(
    {"events", "event", "rows", "row", "table", "tables", "log", "X", "data", "reference"}
)

#: Functions whose parameter of such a name is no event table.
NO_EVENTS = (
    "lifecycle.draft_declaration",
    "estimators.HomeMonitor.count_alarms", "estimators.HomeMonitor.scores_of",
    "features.ActivityRows.of",  # what they answered
    "features.ActivityHistory.checked", "features.BehaviorHistory.checked",
    "features.BehaviorHistory.take",  # what read_event returned
    "estimators.BehaviorAnomalyDetector", "estimators.DeliveryClassifier",
    "estimators.EventChainClassifier", "estimators.MotionClassifier",  # features
    "novin_ml.BehaviorAnomalyDetector", "novin_ml.DeliveryClassifier",
    "novin_ml.EventChainClassifier", "novin_ml.MotionClassifier",
    "estimators.rules.ChainRules", "features.ChainFeatures",  # chains
    "events.Chains", "events.ChannelSignals", "events.Signals.concatenate",
    "events.Signals.take_rows", "events.Vocabulary", "events.sensor_names",  # texts alone
    "compute.fit_scaling_law", "compute.ScalingLaw", "compute.Times",  # numbers of rows
    "compute.plan",  # a number of events
    "coreml.",  # features
    "novin_ml.export_coreml", "novin_ml.verify_coreml", "novin_ml.reason_codes",
    "lifecycle.Gate",  # a str
)  # fmt: skip

PACKAGES = (
    "events", "features", "simulation", "estimators", "estimators.rules", "evaluation",
    "evaluation.alarms", "evaluation.comparison", "evaluation.decisions",
    "evaluation.explanation", "evaluation.report", "coreml", "compute", "lifecycle",
    "lifecycle.fleet", "lifecycle.saving",
)  # fmt: skip


def public_doors() -> dict[str, str]:
    """Return the public functions and methods with such a parameter, each under one name."""
    found: dict[object, str] = {}
    for package in ("", *PACKAGES):
        module = importlib.import_module(f"novin_ml.{package}".rstrip(".")) if package else novin_ml
        for name in module.__all__:
            member = getattr(module, name)
            prefix = f"{package or 'novin_ml'}.{name}"
            if inspect.isclass(member):
                for method, function in inspect.getmembers(member, callable):
                    if not method.startswith(("_", "set_")):
                        _note(found, function, f"{prefix}.{method}", member)
            elif callable(member):
                _note(found, member, prefix, None)
    return {name: name for name in found.values()}


def _note(found, function, name, owner):
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return
    if NAMES.isdisjoint(parameters):
        return
    key = (owner, inspect.unwrap(getattr(function, "__func__", function)))
    # The outermost package is the one that the table names.
    if key not in found or found[key].count(".") > name.count("."):
        found[key] = name


def _dates(table, name="timestamp"):
    return pd.to_datetime((table[name] * 1000).round().astype("Int64"), unit="ms")


def _utc(table, name="timestamp"):
    return _dates(table, name).dt.tz_localize("UTC")


def _spans(table):
    if not pd.api.types.is_float_dtype(table["duration"]):
        raise TypeError("the lengths of time are no seconds any more")
    ms = (table["duration"].astype(float) * 1000).round()
    # pandas 2 warns of NaN where it converts numbers.
    spans = np.full(len(ms), np.timedelta64("NaT", "ms"))
    spans[ms.notna()] = ms[ms.notna()].to_numpy("int64").astype("timedelta64[ms]")
    return pd.Series(spans, index=table.index)


def _title(value):
    return value.title() if isinstance(value, str) else value


def _objects(values, table):
    """Return a column that keeps each value as it is, lists too."""
    column = np.empty(len(table), dtype=object)
    column[:] = list(values)
    return pd.Series(column, index=table.index, dtype=object)


def _zones_in_turn(table):
    zones = ("Asia/Kathmandu", "America/New_York")
    return [each.tz_convert(zones[row % 2]) for row, each in enumerate(_utc(table))]


def _fraction(value):
    return None if value != value else fractions.Fraction(float(value))


def _of_arrow(name, *arguments):
    arrow = importlib.import_module("pyarrow")
    types = [getattr(arrow, each)() if isinstance(each, str) else each for each in arguments]
    return pd.ArrowDtype(getattr(arrow, name)(*types))


def _decimal(value):
    return None if value != value else decimal.Decimal(str(float(value)))


#: Forms that a column may have instead of its own, without a doubt of what they mean.
SAME = {
    "dates in UTC": lambda t: t.assign(timestamp=_utc(t)),
    "dates in ns": lambda t: t.assign(timestamp=_utc(t).astype("datetime64[ns, UTC]")),
    "dates in a zone": lambda t: t.assign(timestamp=_utc(t).dt.tz_convert("Asia/Kathmandu")),
    "dates of Python": lambda t: t.assign(
        timestamp=pd.Series([each.to_pydatetime() for each in _utc(t)], t.index, dtype=object)
    ),
    "times as objects": lambda t: t.astype({"timestamp": object}),
    "times as Float64": lambda t: t.astype({"timestamp": "Float64"}),
    "timedelta": lambda t: t.assign(duration=_spans(t)),
    "timedelta in ns": lambda t: t.assign(duration=_spans(t).astype("timedelta64[ns]")),
    "timedelta as objects": lambda t: t.assign(duration=_spans(t).astype(object)),
    "offset as timedelta": lambda t: t.assign(
        utc_offset=pd.to_timedelta(t["utc_offset"].astype(float), unit="s")
    ),
    "float64": lambda t: t.astype(dict.fromkeys(("duration", "energy", "confidence"), "float64")),
    "float16": lambda t: t.astype({"energy": "float16"}),
    "nullable": lambda t: t.astype({"duration": "Float32", "energy": "Int8"}),
    "nullable whole numbers": lambda t: t.astype({"confidence": "Int64"}),
    "whole numbers": lambda t: t.assign(utc_offset=t["utc_offset"].astype("int32")),
    "objects": lambda t: t.astype(dict.fromkeys(("duration", "energy", "utc_offset"), object)),
    "decimals": lambda t: t.assign(
        duration=pd.Series([_decimal(each) for each in t["duration"]], t.index, dtype=object)
    ),
    "Upper Case": lambda t: t.assign(home_mode=t["home_mode"].astype(object).map(_title)),
    "state as text": lambda t: t.assign(state=t["state"].astype(object).map(_title)),
    "ends as dates": lambda t: t.assign(end=_utc(t, "end")),
    "ends in a zone": lambda t: t.assign(end=_utc(t, "end").dt.tz_convert("Asia/Kathmandu")),
    "mode as text": lambda t: t.astype({"home_mode": object}),
    "other order of categories": lambda t: t.assign(
        **{
            name: t[name].cat.set_categories([*t[name].cat.categories][::-1])
            for name in ("kind", "zone", "home_mode")
        }
    ),
    "ordered categories": lambda t: t.assign(kind=t["kind"].cat.as_ordered()),
    "kinds and zones as texts": lambda t: t.astype({"kind": object, "zone": "string"}),
    "texts of pandas": lambda t: t.astype({"home_id": "string", "type": "string"}),
    "homes as categories": lambda t: t.astype({"home_id": "category"}),
    "consent as boolean": lambda t: t.astype({"consent": "boolean"}),
    "one label of all rows": lambda t: t.set_axis([5] * len(t)),
    "texts as index": lambda t: t.set_axis([f"r{i}" for i in range(len(t))][::-1]),
    "other columns": lambda t: t.assign(note="x", score=1j),
}  # fmt: skip

#: The same of Arrow, where it is installed.
SAME_OF_ARROW = {
    "numbers of Arrow": lambda t: t.astype(
        {
            "timestamp": "double[pyarrow]",
            "energy": "float[pyarrow]",
            "confidence": "double[pyarrow]",
        }
    ),
    "dates of Arrow": lambda t: t.assign(
        timestamp=_utc(t).astype("timestamp[ms, tz=UTC][pyarrow]")
    ),
    "spans of Arrow": lambda t: t.assign(duration=_spans(t).astype("duration[ms][pyarrow]")),
    "texts of Arrow": lambda t: t.astype({"home_id": "string[pyarrow]"}).assign(
        home_mode=t["home_mode"].astype(object).astype("string[pyarrow]")
    ),
    "consent of Arrow": lambda t: t.astype({"consent": "bool[pyarrow]"}),
}

#: Rarer forms: one check converts them for all doors, so that a few doors tell.
RARE = {
    "indexed by its columns": lambda t: t.set_index(["home_id", "timestamp"], drop=False),
    "columns as categories": lambda t: t.set_axis(pd.CategoricalIndex(t.columns), axis=1),
    "sparse": lambda t: t.astype(
        dict.fromkeys(("duration", "energy", "utc_offset"), pd.SparseDtype("float32", np.nan))
    ).astype({"consent": pd.SparseDtype(bool)}),
    "categories of values": lambda t: t.assign(timestamp=_utc(t)).astype(
        dict.fromkeys(("timestamp", "energy", "duration", "consent"), "category")
    ),
    "dates in zones of their own": lambda t: t.assign(timestamp=_objects(_zones_in_turn(t), t)),
    "negative zeros": lambda t: t.assign(
        **{name: t[name].where(t[name] != 0, np.float32(-0.0)) for name in ("energy", "utc_offset")}
    ),
    "fractions, decimals and NA": lambda t: t.assign(
        energy=_objects(map(_fraction, t["energy"]), t),
        confidence=_objects([decimal.Decimal(str(float(each))) for each in t["confidence"]], t),
        duration=_objects([pd.NA if each != each else each for each in t["duration"]], t),
    ),
    "blanks around modes": lambda t: t.assign(
        home_mode=[f" {each.upper()}\t" if isinstance(each, str) else "" for each in t["home_mode"]]
    ),
    "more categories": lambda t: t.assign(
        home_mode=t["home_mode"].cat.add_categories(["party"]).cat.as_ordered()
    ),
}

#: The same of Arrow.
RARE_OF_ARROW = {
    "large texts and dictionaries of Arrow": lambda t: t.assign(
        home_id=t["home_id"].astype("large_string[pyarrow]"),
        home_mode=t["home_mode"].astype(object).astype(_of_arrow("dictionary", "int32", "string")),
    ),
    "decimals of Arrow": lambda t: t.assign(
        duration=pd.Series(list(map(_decimal, t["duration"])), t.index, dtype=object).astype(
            _of_arrow("decimal128", 20, 4)
        )
    ),
}

#: Doors of each kind: of tables, one home, rows, files, training and labels.
FEW_DOORS = (
    "events.check_events", "events.write_events", "events.chains_from_events",
    "features.BehaviorFeatures.fit_transform", "features.activity_rows",
    "features.BehaviorHistory.update", "estimators.rules.MotionRules.predict",
    "evaluation.evaluate", "evaluation.split_by_home", "lifecycle.train",
    "lifecycle.fit_fleet",
)  # fmt: skip

#: Forms in which a column may mean several things or none, and what is said of them.
AMBIGUOUS = {
    "milliseconds": (lambda t: t.assign(timestamp=t["timestamp"] * 1e3), "timestamp.* 1,000[. ]"),
    "whole milliseconds": (
        lambda t: t.assign(timestamp=(t["timestamp"] * 1e3).astype("int64")),
        "timestamp.*divide by 1,000[. ]",
    ),
    "microseconds": (lambda t: t.assign(timestamp=t["timestamp"] * 1e6), "timestamp.* 1,000,000"),
    "nanoseconds": (lambda t: t.assign(timestamp=t["timestamp"] * 1e9), "divide by 1,000,000,000"),
    "no zone": (lambda t: t.assign(timestamp=_dates(t)), "timestamp.*timezone="),
    "no zone of Python": (
        lambda t: t.assign(timestamp=_dates(t).astype(object)),
        "timestamp.*timezone=",
    ),
    "days": (lambda t: t.assign(timestamp=datetime.date(2024, 5, 1)), "timestamp must be"),
    "times as texts": (lambda t: t.assign(timestamp=t["timestamp"].astype(str)), "timestamp must"),
    "missing time": (lambda t: t.assign(timestamp=np.nan), "timestamp must be"),
    "negative time": (lambda t: t.assign(timestamp=-t["timestamp"]), "timestamp must be"),
    "infinite time": (lambda t: t.assign(timestamp=np.inf), "timestamp must be"),
    "time as boolean": (lambda t: t.assign(timestamp=True), "timestamp must be"),
    "time as timedelta": (lambda t: t.assign(timestamp=pd.Timedelta(3, "h")), "timestamp must be"),
    "percent": (lambda t: t.assign(energy=50.0), "energy.*0 to 1"),
    "confidence in percent": (lambda t: t.assign(confidence=87), "confidence.*0 to 1"),
    "-1": (lambda t: t.assign(confidence=-1), "confidence"),
    "-1 for a duration": (lambda t: t.assign(duration=-1.0), "duration"),
    "negative": (lambda t: t.assign(duration=-t["duration"].abs() - 1), "duration.*at least 0"),
    "infinite": (lambda t: t.assign(duration=np.inf), "duration"),
    "too large for float32": (lambda t: t.assign(duration=1e300), "duration"),
    "offset in hours": (lambda t: t.assign(utc_offset=2.0), "utc_offset.*3,600"),
    "half hours": (lambda t: t.assign(utc_offset=5.5), "utc_offset.*3,600"),
    "minutes": (lambda t: t.assign(utc_offset=-300), "utc_offset.*minutes"),
    "offset in ms": (lambda t: t.assign(utc_offset=7_200_000), "utc_offset"),
    "unknown mode": (lambda t: t.assign(home_mode="armed"), "home_mode must be home, away"),
    "unknown state": (lambda t: t.assign(state="ajar"), "state must be on, off, open or closed"),
    "state as boolean": (lambda t: t.assign(state=True), "state must be on, off, open or closed"),
    "an end before": (lambda t: t.assign(end=t["timestamp"] - 1), "end must be .*not before"),
    "end in milliseconds": (lambda t: t.assign(end=t["timestamp"] * 1e3), "end.* 1,000[. ]"),
    "mode as number": (lambda t: t.assign(home_mode=1), "home_mode must be home, away"),
    "dates too far away": (
        lambda t: t.assign(timestamp=_objects([np.datetime64(10**13, "s")] * len(t), t)),
        "timestamp must be.*leave the row",
    ),
    "dates after 2200": (
        lambda t: t.assign(timestamp=_utc(t) + pd.Timedelta("70000D")),
        "timestamp must be.*leave the row",
    ),
    "periods": (
        lambda t: t.assign(timestamp=_dates(t).dt.to_period("s")),
        r"timestamp must be.*to_timestamp\(\)",
    ),
    "lists as kinds": (lambda t: t.assign(kind=_objects([["motion"]] * len(t), t)), "kind"),
    "dicts as modes": (lambda t: t.assign(home_mode=_objects([{}] * len(t), t)), "home_mode must"),
    "a number of 400 digits": (
        lambda t: t.assign(duration=_objects([10**400] * len(t), t)),
        "duration",
    ),
    "bytes as homes": (
        lambda t: t.assign(home_id=_objects(t["home_id"].map(str.encode), t)),
        r"home_id.*(str\.decode|Turn them)",
    ),
    "dates as homes": (lambda t: t.assign(home_id=_utc(t)), "home_id"),
    "consent as text": (lambda t: t.assign(consent=" True"), r"consent must be true.*\.map\("),
    "text": (lambda t: t.assign(energy="0.5"), "energy"),
    "boolean": (lambda t: t.assign(energy=True), "energy"),
    "complex": (lambda t: t.assign(energy=0.5j), "energy"),
    "mixed": (lambda t: t.assign(energy=pd.Series(["x", "x", 0.5] * len(t))[: len(t)]), "energy"),
    "spans as energy": (lambda t: t.assign(energy=pd.Timedelta(0.5, "s")), "energy"),
    "dates as duration": (lambda t: t.assign(duration=_dates(t)), "duration"),
    "rate of 0": (lambda t: t.assign(sample_rate=0.0), "sample_rate"),
    "number as kind": (lambda t: t.assign(kind=3), "kind"),
    "home as number": (lambda t: t.assign(home_id=1.5), "home_id"),
}

#: The same, of whole tables only: a row of such a table is read otherwise, or not at all.
AMBIGUOUS_TABLES = {
    "an offset of no clock": (lambda t: t.assign(utc_offset=3601), "utc_offset.*multiple of 900"),
    "a column twice": (
        lambda t: pd.concat([t, t[["energy"]]], axis=1),
        "each column once.*'energy'",
    ),
    "two levels": (lambda t: pd.concat({"a": t}, axis=1), "one level"),
    "times of 32 bits": (
        lambda t: t.drop(columns="end").astype({"timestamp": "float32"}),
        "timestamp must be.*float64",
    ),
}

#: Doors that read labels.
READS_LABELS = (
    "events.training_events", "features.training_rows", "evaluation.evaluate",
    "evaluation.tune_threshold", "evaluation.conformalize", "evaluation.compare",
    "lifecycle.train",
)  # fmt: skip

#: Doors that read signals.
READS_SIGNALS = (
    "events.Signals.from_events", "features.DeliveryFeatures.transform",
    "features.MotionFeatures.transform", "estimators.rules.MotionRules.predict",
    "estimators.rules.DeliveryRules.predict", "evaluation.evaluate", "lifecycle.train",
)  # fmt: skip


def _with_signal(signal):
    def mangle(table):
        raw = [signal if row == 7 else each for row, each in enumerate(table["raw"])]
        return table.assign(raw=_objects(raw, table))

    return mangle


#: Signals in the eighth row, and what is got of them.
WRONG_SIGNALS = {
    "percents": (_with_signal(np.float32([0.5, 50])), r"50.0 as sample 1 instead\. If .* percent"),
    "bytes": (_with_signal([0.5, 128]), r"128 as sample 1 instead\. If it is of 8 bits"),
    "negative": (_with_signal(np.float32([-0.5])), "-0.5 as sample 0"),
    "infinite": (_with_signal([None, np.inf]), "Infinity as sample 1"),
    "texts": (_with_signal(["0.5"]), '"0.5" as sample 0'),
    "two dimensions": (_with_signal(np.zeros((2, 2))), r"\[0.0, 0.0\] as sample 0"),
    "too long": (_with_signal(np.zeros(6_001, dtype=np.float32)), "6,001 samples"),
}

#: Columns that the features of a fleet do not read, and so its homes are not refused for.
UNREAD_BY_FLEETS = ("energy", "confidence", "duration", "sample_rate", "state", "end")

#: Forms of the names of homes, which a fleet tells apart first.
OF_HOMES = {"home as number", "bytes as homes", "dates as homes"}

#: What a stream takes as its docstring says: a date and time of its own clock.
TAKEN_BY_ROWS = {"no zone", "no zone of Python"}
