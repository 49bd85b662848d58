"""Chains by plain loops over the events of each home."""

from collections import Counter

from novin_ml.events import CHAIN_PATTERNS, NO_PATTERN


def milliseconds(time):
    return round(time * 1000)


def windows(log, window, kind):
    """Yield the rows of each chain's window, in order of time, and the events after it."""
    for home in sorted(log["home_id"].unique()):
        rows = log[log["home_id"] == home].sort_values("timestamp", kind="stable")
        time = rows["timestamp"].tolist()
        begin = 0
        while kind == "separate" and begin < len(time):
            end = begin
            while end < len(time) and is_within(time[begin], time[end], window):
                end += 1
            yield rows.iloc[begin:end], rows.iloc[end:]
            begin = end
        for now in time if kind == "trailing" else ():
            part = [is_within(each, now, window) and each <= now for each in time]
            yield rows[part], rows[rows["timestamp"] > now]


def is_within(early, late, window):
    return milliseconds(late) - milliseconds(early) <= window * 1000


def chain(rows, following, silence):
    """Return the columns of the chain that these events are."""
    time = rows["timestamp"].tolist()
    until, consent = time[-1] + silence, bool(rows["consent"].all())
    if len(following) and following["timestamp"].iloc[0] < until:
        until = following["timestamp"].iloc[0]
        consent &= bool(following["consent"][following["timestamp"] == until].all())
    labels = Counter(label for label in rows["label"] if label is not None and label == label)
    named = {label: count for label, count in labels.items() if label != NO_PATTERN}
    most = [label for label in named if named[label] == max(named.values())]
    order = {name: place for place, name in enumerate(CHAIN_PATTERNS)}
    most.sort(key=lambda label: (order.get(label, len(order)), label))
    return {
        "home_id": rows["home_id"].iloc[0],
        "start": time[0],
        "observed_until": until,
        "consent": consent,
        "n_left_out": 0,
        "label": most[0] if most else NO_PATTERN if labels else None,
    }


def events_of(rows):
    """Return the events in the order in which a chain has them."""
    return sorted(
        (time, kind, zone, 2.0 if confidence != confidence else confidence)
        for time, kind, zone, confidence in zip(
            rows["timestamp"],
            rows["kind"].cat.codes,
            rows["zone"].cat.codes,
            rows["confidence"].tolist(),
            strict=True,
        )
    )
