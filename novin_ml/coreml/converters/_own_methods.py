"""Refuse subclasses and objects with methods of their own: their answers may differ."""

from __future__ import annotations

import inspect
from collections.abc import Collection
from typing import Any

from novin_ml.exceptions import NotExportableError

#: Methods that fit or answer, of all classes that can be exported.
_ANSWERS = (
    "fit",
    "fit_predict",
    "partial_fit",
    "predict",
    "predict_proba",
    "predict_log_proba",
    "decision_function",
    "score_samples",
    "transform",
    "inplace_predict",
    "get_booster",
    "alarms",
    "abstains",
    "predict_set",
    "classes_",
    "best_iteration",
    "__getattribute__",
    # What these methods call.
    "_fit",
    "_predict",
    "_forward_pass",
    "_forward_pass_fast",
    "_score_samples",
    "_compute_score_samples",
    "_compute_chunked_score_samples",
    "_get_iteration_range",
    "_checked",
    "_threshold_row",
)


def require_own_methods(model: Any, known: Collection[str]) -> None:
    """Raise NotExportableError if a method of an object is not that of the library's class.

    The export contains what the class of the library computes. A subclass that only sets data is
    exported as well. The effect of an overridden method is unknown, so it is refused.

    Parameters
    ----------
    model : object
        Instance of a known class or of a subclass.
    known : collection of str
        Classes as ``"module.Class"``; the first part of the module is enough.
    """
    own = type(model)
    origin = next(c for c in own.__mro__ if f"{_library(c)}.{c.__qualname__}" in known)
    # Subclasses of the library itself count as known: XGBRFClassifier has its own fit.
    trusted = next(
        c for c in own.__mro__ if _library(c) == _library(origin) and issubclass(c, origin)
    )
    replaced = getattr(model, "__dict__", {})
    changed = [
        name
        for name in _ANSWERS
        if _attribute(own, name) is not _attribute(trusted, name)
        or (hasattr(trusted, name) and name in replaced)
    ]
    if changed:
        raise NotExportableError(
            f"The model must answer by the methods of {trusted.__name__}, which are what is "
            f"exported. Got {own.__module__}.{own.__qualname__} with its own "
            f"{' and '.join(changed)}. Export a {trusted.__name__}, and do the rest in the app."
        )


def _attribute(known: type, name: str) -> Any:
    return inspect.getattr_static(known, name, None)


def _library(known: type) -> str:
    return known.__module__.split(".")[0]
