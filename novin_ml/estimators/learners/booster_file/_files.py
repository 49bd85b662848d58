"""A booster as files, and from its files as the xgboost that wrote it would read it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from struct import Struct
from typing import Any

import numpy as np

from novin_ml.estimators.learners.booster_file._answers import (
    answers_of,
    are_the_same,
    distance,
)
from novin_ml.estimators.learners.booster_file._keys import Keys
from novin_ml.estimators.learners.booster_file._model import Model, checked_model
from novin_ml.estimators.learners.booster_file._plain import PlainBooster
from novin_ml.exceptions import SavedModelError
from novin_ml.plain import plural

BOOSTER_FILE = "booster.ubj"
ANSWERS_FILE = "answers.npz"
#: Of the versions whose files are known in all their keys.
_NEWEST_KNOWN = (3, 4)
#: Since then the intercept is a list. Earlier readers take one half instead of it, unseen.
_LISTS_INTERCEPTS = (3, 1)
_LENGTH = Struct(">q")


def booster_to_files(booster: Any, *, n_features: int, n_classes: int) -> dict[str, bytes]:
    """Return a booster and some of its answers as files.

    Parameters
    ----------
    booster : xgboost.Booster
        Trained.
    n_features, n_classes : int
        Columns that it takes, and classes that it tells apart.

    Returns
    -------
    files : dict of str to bytes
        The content of each file, by its name.

    Raises
    ------
    SavedModelError
        If the booster is one that `booster_from_files` would refuse.
    """
    content = bytes(booster.save_raw("ubj"))
    try:
        model = checked_model(content, n_features, n_classes, _keys())
    except ValueError as error:
        raise SavedModelError(
            "A booster must be a model of trees that can be loaded again to be saved. "
            f"Got {error}. Train it with other parameters."
        ) from None
    return {
        BOOSTER_FILE: content,
        ANSWERS_FILE: answers_of(booster, model.trees.splits, n_features),
    }


def booster_from_files(files: Mapping[str, bytes], *, n_features: int, n_classes: int) -> Any:
    """Return the booster of `booster_to_files`, in one thread.

    xgboost's own reader trusts its file: a damaged one ends the process, and what another version
    wrote may be read as another model. So the file is checked before xgboost sees it, and some
    answers after that; what novin_ml 0.1.0 saved has no answers. Where xgboost is not installed,
    numpy walks the trees.

    Parameters
    ----------
    files : mapping of str to bytes
        What `booster_to_files` returned.
    n_features, n_classes : int
        Columns that the booster must take, and classes that it must tell apart.

    Returns
    -------
    booster : xgboost.Booster or PlainBooster
        It answers in one thread.

    Raises
    ------
    SavedModelError
        If the file is not such a model, or if the installed xgboost does not read it as the one
        that wrote it.
    """
    content = files[BOOSTER_FILE]
    try:
        model = checked_model(content, n_features, n_classes, _keys())
    except ValueError as error:
        raise _refused(BOOSTER_FILE, error) from None
    booster = (
        _read_by_xgboost(content, model)
        if _installed()
        else PlainBooster(content, model, n_classes)
    )
    if ANSWERS_FILE in files:
        _check_answers(booster, files[ANSWERS_FILE], model, n_features, n_classes)
    return booster


def model_of(booster: Any, *, n_features: int, n_classes: int) -> Model:
    """Return what a booster's file says.

    Parameters
    ----------
    booster : xgboost.Booster
        Trained.
    n_features, n_classes : int
        Columns that it takes, and classes that it tells apart.

    Returns
    -------
    model : Model
        Trees and intercepts.

    Raises
    ------
    ValueError
        If the booster is one that `booster_from_files` would refuse.
    """
    return checked_model(bytes(booster.save_raw("ubj")), n_features, n_classes, _keys())


def _read_by_xgboost(content: bytes, model: Model) -> Any:
    import xgboost

    if model.base_score[0] == "[" and _installed() < _LISTS_INTERCEPTS:
        content = _with_one_intercept(content, model)
    booster = xgboost.Booster()
    try:
        booster.load_model(bytearray(content))
    except xgboost.core.XGBoostError as error:
        raise _refused(BOOSTER_FILE, str(error).strip().splitlines()[0]) from None
    booster.set_param({"nthread": 1})
    return booster


def _check_answers(
    booster: Any, content: bytes, model: Model, n_features: int, n_classes: int
) -> None:
    try:
        found = distance(booster, content, n_features, 1 if n_classes == 2 else n_classes)
    except (KeyError, ValueError) as error:
        raise _refused(ANSWERS_FILE, error) from None
    if not are_the_same(found):
        raise _of_another_version(
            model, f"margins that are up to {found:.2g} away", f"xgboost {_name(model.version)}"
        )


def _with_one_intercept(content: bytes, model: Model) -> bytes:
    """Return a file with its list of equal intercepts as one number."""
    if len(np.unique(model.intercepts)) > 1:
        raise _of_another_version(
            model, "an intercept for each class, which it does not know", "xgboost 3.1 or newer"
        )
    one = model.base_score[1:-1].split(",")[0]
    old, new = (_text("base_score") + b"S" + _text(score) for score in (model.base_score, one))
    if content.count(old) != 1:
        raise _refused(BOOSTER_FILE, f"{plural(content.count(old), 'intercept')}")
    return content.replace(old, new)


def _text(text: str) -> bytes:
    return b"L" + _LENGTH.pack(len(text)) + text.encode()


def _keys() -> Keys:
    # Newer versions may add keys; those of a version that is known are all known. Without xgboost,
    # nothing but the known keys is read, and the answers tell whether they say it all.
    return Keys(allow_others=not _installed() or _installed() > _NEWEST_KNOWN)


def _installed() -> tuple[int, ...]:
    """Return major and minor version of the installed xgboost, nothing if there is none."""
    try:
        import xgboost
    except ImportError:
        return ()
    return tuple(int(part) for part in re.findall(r"\d+", xgboost.__version__)[:2])


def _name(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def _of_another_version(model: Model, got: str, needed: str) -> SavedModelError:
    reader = "novin_ml"
    if _installed():
        import xgboost

        reader = f"the installed xgboost {xgboost.__version__}"
    return SavedModelError(
        f"{BOOSTER_FILE} must mean to {reader} what it means to "
        f"xgboost {_name(model.version)}, which wrote it. Got {got}. "
        f"Install {needed}, or train and save the estimator again."
    )


def _refused(name: str, got: Any) -> SavedModelError:
    return SavedModelError(
        f"{name} must be as novin_ml saves it for the trees of this estimator. "
        f"Got {got}. Save the estimator again."
    )
