"""Readers of the public data sets that are shared beside the checkout."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from novin_ml.events import ChannelSignals, read_channel_signals

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


class Dataset(NamedTuple):
    """A feature table with labels, and the group (user, day) of each row where there is one."""

    X: pd.DataFrame
    y: np.ndarray
    groups: np.ndarray | None = None


def read_wisdm(folder: Path) -> Dataset:
    """Return 10 s windows of a phone's acceleration, six activities; the groups are users."""
    text = (folder / "wisdm" / "WISDM_ar_v1.1_transformed.arff").read_text(encoding="utf-8")
    header, _, data = text.partition("@data\n")
    names = [line.split('"')[1] for line in header.splitlines() if line.startswith("@attribute")]
    rows = [line.strip().rstrip(",").split(",") for line in data.splitlines() if line.strip()]
    table = pd.DataFrame(rows, columns=[*names, "class"])  # the header does not list the class
    labels, users = table["class"].to_numpy(dtype=object), table["user"].to_numpy(dtype=object)
    values = table.drop(columns=["UNIQUE_ID", "user", "class"]).replace("?", "nan")
    return Dataset(values.astype(np.float32), labels, users)


def read_room_occupancy(folder: Path) -> Dataset:
    """Return 16 sensors of a room, zero to three persons; the groups are days."""
    table = pd.read_csv(folder / "room_occupancy" / "Occupancy_Estimation.csv")
    labels, days = table.pop("Room_Occupancy_Count"), table.pop("Date")
    values = table.drop(columns="Time").astype(np.float32)
    return Dataset(values, labels.to_numpy(), days.to_numpy(dtype=object))


def read_basic_motions(folder: Path) -> tuple[ChannelSignals, ChannelSignals]:
    """Return ten seconds of a watch's accelerometer and gyroscope at 10 Hz, four activities.

    The second table is the one to test on.
    """
    channels = [f"{sensor}_{axis}" for sensor in ("acc", "gyro") for axis in "xyz"]
    tables = []
    for part in _PARTS:
        X, y = _read_ts(folder / "basic_motions" / f"BasicMotions_{part}.ts")
        tables.append(ChannelSignals.from_arrays(X, channels, 10.0, label=y.tolist()))
    return tables[0], tables[1]


def read_signal_files(folder: Path) -> dict[str, ChannelSignals]:
    """Return the signals of a folder's ``.npz`` files by name, those with labels."""
    tables = {path.stem: read_channel_signals(path) for path in sorted(folder.glob("*.npz"))}
    for name, table in tables.items():
        if "label" not in table.columns or table["label"].isna().any():
            raise SystemExit(f"{name}.npz must have a label for each signal, y. Got none.")
    return tables


def read_pmlb(folder: Path, name: str) -> Dataset:
    """Return a table of the Penn benchmarks with the labels 0 and 1."""
    table = pd.read_csv(folder / "pmlb" / f"{name}.tsv.gz", sep="\t")
    labels = table.pop("target")
    return Dataset(table, labels.to_numpy())


_PARTS = ("TRAIN", "TEST")


def _read_ts(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return recordings of shape (n, channels, samples) and their labels."""
    *_, data = path.read_text(encoding="utf-8").partition("@data\n")
    rows = [line.split(":") for line in data.splitlines()]
    channels = [[np.fromstring(text, sep=",") for text in row[:-1]] for row in rows]
    return np.array(channels), np.array([row[-1] for row in rows])
