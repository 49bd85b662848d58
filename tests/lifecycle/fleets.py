"""Tables of small homes, and what a folder of a fleet holds."""

import numpy as np
import pandas as pd

from novin_ml import BehaviorAnomalyDetector

DAY = 86_400.0


def detector(**params):
    return BehaviorAnomalyDetector(**{"n_estimators": 20, "max_samples": 64, **params})


def feature_table(names=("ash", "birch", "cedar"), n_rows=120, n_features=3, days=60):
    """Rows of each home that depend on its name alone."""
    tables = []
    for name in names:
        rng = np.random.default_rng(list(str(name).encode("utf-8", "surrogatepass")) or [0])
        columns = [f"feature_{i}" for i in range(n_features)]
        table = pd.DataFrame(
            rng.normal(size=(n_rows, n_features)).astype(np.float32), columns=columns
        )
        table["timestamp"] = 1.7e9 + np.linspace(0, days * DAY, n_rows)
        table["home_id"] = pd.Series([name] * n_rows, dtype=object)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def contents(folder):
    """Bytes of each file by name."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}
