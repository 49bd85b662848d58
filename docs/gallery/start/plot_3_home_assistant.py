"""
Your Home Assistant, tonight
============================

Home Assistant keeps what your sensors said. One call reads it, learns the habits of your home, and
shows what was unusual. Everything happens on your machine; nothing is kept or sent.

With Home Assistant at hand, this is all of it, in a terminal::

    novin-ml home /path/to/config --out tonight.html --plot week.svg

Below the same is done in Python, on a recording of a simulated flat.
"""

# %%
# A recording to try it on
# ------------------------
#
# Skip this with a recording of your own. It is a database as Home Assistant's recorder writes it,
# with the few columns that are read.

import json
import sqlite3
from pathlib import Path
from tempfile import TemporaryDirectory

from novin_ml.simulation import simulate_behavior

DAY = 86_400
events = simulate_behavior(weeks=2, unusual_per_month=4, ends=True, random_state=3)
first = events["timestamp"].iloc[0]
events = events[events["timestamp"] < first + 12 * DAY]

workplace = TemporaryDirectory()
config = Path(workplace.name, "config")
(config / ".storage").mkdir(parents=True)
names = events["kind"].astype(str) + " " + events["zone"].astype(str)
entities = [
    {"entity_id": f"binary_sensor.{place}_{kind}", "original_name": kind.replace("_", " ").title()}
    for kind, place in sorted({tuple(name.split()) for name in names})
]
for name, data in [
    ("core.config", {"time_zone": "Europe/Berlin"}),
    ("core.entity_registry", {"entities": entities}),
]:
    (config / ".storage" / name).write_text(json.dumps({"version": 1, "data": data}))

database = sqlite3.connect(config / "home-assistant_v2.db")
database.executescript("""
    CREATE TABLE states_meta (metadata_id INTEGER PRIMARY KEY, entity_id TEXT);
    CREATE TABLE state_attributes (attributes_id INTEGER PRIMARY KEY, shared_attrs TEXT);
    CREATE TABLE states (state_id INTEGER PRIMARY KEY, state TEXT, last_changed_ts FLOAT,
        last_updated_ts FLOAT, attributes_id INTEGER, metadata_id INTEGER);
""")
states = []
for number, ((kind, place), of) in enumerate(
    events.groupby([events["kind"].astype(str), events["zone"].astype(str)])
):
    name = f"{place} {kind}".replace("_", " ").title()
    known = kind if kind in ("motion", "door", "window", "smoke") else None
    attributes = json.dumps({"device_class": known, "friendly_name": name})
    database.execute(
        "INSERT INTO states_meta VALUES (?, ?)", (number, f"binary_sensor.{place}_{kind}")
    )
    database.execute("INSERT INTO state_attributes VALUES (?, ?)", (number, attributes))
    states.append(("off", first - 60, number))
    for begin, end in zip(of["timestamp"], of["end"], strict=True):
        states += [("on", begin, number), ("off", max(begin + 1, end), number)]
database.executemany(
    "INSERT INTO states (state, last_updated_ts, attributes_id, metadata_id) VALUES (?, ?, ?, ?)",
    [(state, time, number, number) for state, time, number in sorted(states, key=lambda s: s[1])],
)
database.commit()
database.close()

# %%
# One call
# --------
#
# With a recording of your own, ``config`` is the configuration folder, or a copy of it.

from novin_ml.lifecycle import first_evening

found = first_evening(config, alarms_per_week=1.0)
print(found.headline)
print(f"{found.n_events:,} events of {len(found.sensors)} sensors in {found.n_days:.0f} days")

# %%
# Home Assistant forgets after ten days unless told otherwise, and a budget of one alarm a week
# takes three weeks to prove. Until then nothing is called an alarm.
#
# The week of the home
# --------------------
#
# Each mark is an event of a sensor, and the rings are what was most unusual.

import matplotlib.pyplot as plt
import numpy as np

rows, hours, is_unusual = (np.array(each) for each in zip(*found.marks, strict=True))
figure, axes = plt.subplots(figsize=(8.6, 5.6))
for night in range(-1, 7):
    axes.axvspan(24 * night + 22, 24 * night + 30, color="0.5", alpha=0.1, linewidth=0)
axes.scatter(hours, rows, s=90, marker="|", color="C0", alpha=0.5, linewidths=1.2)
axes.scatter(
    hours[is_unusual], rows[is_unusual], s=170, facecolors="none", edgecolors="C1", linewidths=2.2
)
axes.set(xlim=(0, 168), xticks=range(12, 168, 24), ylim=(len(found.sensors) - 0.4, -0.6))
axes.set_xticklabels(["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"])
axes.set_yticks(range(len(found.sensors)), found.sensors)
axes.grid(visible=False)
axes.set_title(found.unusual_title.capitalize())

# %%
# Why these
# ---------

from datetime import UTC, datetime

for each in found.unusual:
    local = datetime.fromtimestamp(each["timestamp"] + each["utc_offset"], UTC)
    print(f"{local:%a %d %b, %H:%M}  {each['location']} ({each['type']})")
    for reason in each["reasons"][:2]:
        print(f"    {reason}")

# %%
# What would give more
# --------------------

for need in found.needs:
    print("-", need)
workplace.cleanup()

# %%
# :doc:`/guide/home_assistant` has the page that the command writes, the mapping file for rooms that
# are not named in English, and MariaDB and PostgreSQL.
