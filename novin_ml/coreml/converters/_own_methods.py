"""Whether an object answers as its class does: heirs may answer otherwise than what is exported."""

from __future__ import annotations

import inspect
from collections.abc import Collection
from typing import Any

from novin_ml.exceptions import NotExportableError

#: What makes or gives answers, of any class that can be exported.
_ANSWERS = (
    "fit",
    "fit_predict",
    "partial_fit",
    "predict",
    "predict_proba",
    "predict_log_proba",
    "decision_function",
    "score_samples",
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
    """Raise NotExportableError if an object's methods are not those of its library's class.

    What is exported is what the class was trained to be. An heir that only sets data is that, too;
    one with a method of its own need not be, and nobody can read what that does.

    Parameters
    ----------
    model : object
        Of one of the known classes, or of an heir.
    known : collection of str
        Classes as ``"module.Class"``, the module's first part being enough.
    """
    own = type(model)
    origin = next(c for c in own.__mro__ if f"{_library(c)}.{c.__qualname__}" in known)
    # The library's own heirs are as well known: XGBRFClassifier fits in a way of its own.
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
