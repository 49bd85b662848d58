"""Open a model file of another library, by its suffix."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from novin_ml.coreml.model_files._child import try_in_child
from novin_ml.coreml.model_files._skops import open_skops, require_plain_skops
from novin_ml.exceptions import SavedModelError
from novin_ml.optional import import_optional
from novin_ml.plain import shown

_PICKLES = (".cloudpickle", ".dill", ".joblib", ".pickle", ".pkl")


def _open_xgboost(path: Path) -> Any:
    """Return a model of xgboost: of its scikit-learn interface if it was saved by that."""
    xgboost = import_optional("xgboost", extra="train", purpose="A model of xgboost")
    booster = xgboost.Booster(model_file=str(path))
    saved = json.loads(booster.attr("scikit_learn") or "{}")
    kinds = {
        "classifier": xgboost.XGBClassifier,
        "ranker": xgboost.XGBRanker,
        "regressor": xgboost.XGBRegressor,
    }
    kind = kinds.get(saved.get("_estimator_type"))
    if kind is None:
        return booster
    model = kind()
    model.load_model(str(path))
    return model


def _open_lightgbm(path: Path) -> Any:
    lightgbm = import_optional("lightgbm", extra="lightgbm", purpose="A model of LightGBM")
    return lightgbm.Booster(model_file=str(path))


_OPENERS: dict[str, Callable[[Path], Any]] = {
    ".json": _open_xgboost,
    ".skops": open_skops,
    ".txt": _open_lightgbm,
    ".ubj": _open_xgboost,
}
#: Suffixes of files that are opened, or refused with what to save instead.
SUFFIXES = (*_OPENERS, *_PICKLES)


def open_model_file(path: str | os.PathLike[str], *, in_child: bool = True) -> Any:
    """Return the model in a file of another library.

    A file of xgboost (``.json``, ``.ubj``) or LightGBM (``.txt``) is read by that library. One of
    skops (``.skops``) is first read as data: its parts must be numbers and texts, and its types
    those of scikit-learn. Every file is then opened in a process of its own, with 1 GB of memory
    and 60 seconds, before it is opened here. A pickle or a joblib file runs any code that it
    holds, so it is refused.

    Parameters
    ----------
    path : str or path-like
        The file.
    in_child : bool, default=True
        Whether to open it in another process first.

    Returns
    -------
    model : object
        A fitted model, for `novin_ml.export_coreml`.

    Raises
    ------
    SavedModelError
        If the file is missing, damaged or of another kind, has types that are not trusted, or
        cannot be opened within the memory and the time. The message says what to save instead.
    """
    path = Path(path)
    if path.suffix in _PICKLES:
        raise SavedModelError(
            f"{path} must be a file that holds data alone. Got a {path.suffix} file, which runs "
            "any code in it when it is opened. Save the model by skops.io.dump(model, "
            '"model.skops"), by model.save_model("model.ubj") of xgboost, or by '
            'booster.save_model("model.txt") of LightGBM.'
        )
    if path.suffix not in _OPENERS:
        raise SavedModelError(
            f"{path} must be a file of skops, xgboost or LightGBM, {', '.join(_OPENERS)}. "
            f"Got {shown(path.suffix)}. Save the model as one of these."
        )
    if not path.is_file():
        raise SavedModelError(f"{path} must be a model file. Got no such file. Check the path.")
    if path.suffix == ".skops":
        require_plain_skops(path)
    if in_child:
        try_in_child(path)
    try:
        return _OPENERS[path.suffix](path)
    except (ImportError, MemoryError, SavedModelError):
        raise
    except Exception as error:  # whatever these libraries raise about a damaged file
        said = str(error).strip().splitlines()
        raise SavedModelError(
            f"{path} must be as its library wrote it. Got {type(error).__name__} on opening it: "
            f"{said[0] if said else 'no more'}. Save the model again."
        ) from None
