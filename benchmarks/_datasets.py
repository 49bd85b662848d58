"""Readers of the public data sets that are shared beside the checkout."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from novin_ml.features import MotionFeatures

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


def read_basic_motions(folder: Path) -> tuple[Dataset, Dataset]:
    """Return `MotionFeatures` of a watch's acceleration at 10 Hz: training and test rows.

    The signal is the magnitude over the three axes, as a share of the largest one that the rows to
    learn from have: a sensor saturates above.
    """
    recordings, labels = zip(
        *(_read_ts(folder / "basic_motions" / f"BasicMotions_{part}.ts") for part in _PARTS),
        strict=True,
    )
    signals = [np.sqrt(np.square(part[:, :3]).sum(axis=1)) for part in recordings]
    features: Any = MotionFeatures().set_output(transform="pandas")
    tables = [features.fit_transform(np.minimum(part / signals[0].max(), 1)) for part in signals]
    train, test = (Dataset(X, y) for X, y in zip(tables, labels, strict=True))
    return train, test


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
