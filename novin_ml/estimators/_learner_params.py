"""The entries of `learner_params` as nested parameters, which searches can set one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Self

from novin_ml.estimators.learners.param_names import PARAM_NAMES
from novin_ml.parameters import nearest
from novin_ml.plain import shown
from novin_ml.validation import NamedParameters

_PARAMETER = "learner_params"
_PREFIX = f"{_PARAMETER}__"


class NestedLearnerParams(NamedParameters):
    """Mixin whose `learner_params` is read and set like the parameters of a nested estimator."""

    algorithm: str
    learner_params: dict[str, Any] | None

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters of the estimator.

        Parameters
        ----------
        deep : bool, default=True
            Whether to return the entries of `learner_params` as well, each under its name after
            ``learner_params__``; of a blend also those of its parts, such as
            ``learner_params__boosting__max_depth``.

        Returns
        -------
        params : dict of str to object
            Parameters by name.
        """
        params: dict[str, Any] = super().get_params(deep)  # type: ignore[misc]
        return {**params, **dict(_entries(_PREFIX, self.learner_params))} if deep else params

    def set_params(self, **params: Any) -> Self:
        """Set parameters of the estimator, also entries of `learner_params`.

        Parameters
        ----------
        **params
            Parameters by name. ``learner_params__max_depth`` sets that entry and keeps the others;
            for a blend, ``learner_params__boosting__max_depth`` does. `algorithm` and
            `learner_params` itself, if they are given, are set before.

        Returns
        -------
        self : object
            The estimator itself.

        Raises
        ------
        ValueError
            If the estimator, or its algorithm, has no parameter of a name; the message offers the
            nearest one.
        """
        entries = {name: params.pop(name) for name in list(params) if name.startswith(_PREFIX)}
        if entries:
            given = params.get(_PARAMETER, self.learner_params)
            algorithm = params.get("algorithm", self.algorithm)
            params[_PARAMETER] = self._with_entries(given, algorithm, entries)
        return super().set_params(**params)

    def _with_entries(
        self, given: Any, algorithm: Any, entries: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return `learner_params` with other entries, as a copy."""
        changed = dict(_dict_or_none(_PARAMETER, given))
        known = PARAM_NAMES.get(algorithm) if isinstance(algorithm, str) else None
        refuse_two_names(algorithm, {name.removeprefix(_PREFIX): entries[name] for name in entries})
        for full_name in sorted(entries, key=lambda each: each.count("__")):  # wholes first
            name, value = full_name.removeprefix(_PREFIX), entries[full_name]
            if known is not None and name not in known:
                raise ValueError(self._unknown(algorithm, name))
            *parts, last = name.split("__")
            place = changed
            for part in parts:
                place[part] = dict(_dict_or_none(f"{_PREFIX}{part}", place.get(part)))
                place = place[part]
            if known is not None:  # another name of the same parameter would contradict this one
                prefix = name.removesuffix(last)
                for other in [each for each in place if each != last]:
                    if known.get(f"{prefix}{other}") == known[name]:
                        del place[other]
            place[last] = value
        return changed

    def _unknown(self, algorithm: str, name: str) -> str:
        known = PARAM_NAMES[algorithm]
        inside = [each for each in known if each.endswith(f"__{name}")]
        others = [other for other, names in PARAM_NAMES.items() if name in names]
        remedy = f" Did you mean {inside[0]!r}?" if inside else nearest(name, known)
        if not inside and others:
            remedy = f" It is one of algorithm={others[0]!r}: set that as well."
        return (
            f"A parameter of {type(self).__name__}'s learner_params for algorithm={algorithm!r} "
            f"must be one of {', '.join(sorted(known))}. Got {shown(name)}."
            f"{remedy or ' Correct or remove it.'}"
        )


def refuse_two_names(algorithm: Any, params: Any) -> None:
    """Raise ValueError if two entries, also those of a blend's parts, are names of one parameter.

    Either value would be dropped without a word.
    """
    known = PARAM_NAMES.get(algorithm, {}) if isinstance(algorithm, str) else {}
    found: dict[str, tuple[str, Any]] = {}
    for full_name, value in _entries("", params):
        first = known.get(full_name)
        if first is None:  # it is refused by its own name
            continue
        other, before = found.setdefault(first, (full_name, value))
        if other != full_name:
            raise ValueError(
                f"The {other!r} and {full_name!r} entries of learner_params are two names of one "
                f"parameter. Got {other}={shown(before)} and {full_name}={shown(value)}. "
                "Leave out one."
            )


def _entries(prefix: str, params: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(params, Mapping):  # None, or what `fit` will refuse
        return
    for name, value in params.items():
        yield f"{prefix}{name}", value
        yield from _entries(f"{prefix}{name}__", value)


def _dict_or_none(name: str, value: Any) -> Mapping[str, Any]:
    if value is not None and not isinstance(value, Mapping):
        raise ValueError(
            f"The {name!r} parameter must be a dict or None, so that one of its entries can be "
            f"set. Got {shown(value)}. Set it to None first."
        )
    return value or {}
