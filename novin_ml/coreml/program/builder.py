"""Build a program, one operation after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np

from novin_ml.coreml.program.ops import STAGES, Op, Program
from novin_ml.exceptions import NotExportableError
from novin_ml.plain import shown


@dataclass(frozen=True)
class Column:
    """An input of the model that nothing was done with yet."""

    place: int


#: Operations that hand missing values on, and those that replace them.
_PASS_MISSING = frozenset({"join", "pick", "scale"})
_REPLACE_MISSING = frozenset({"impute", "is_missing"})

#: Parts of a vector side by side: inputs, and what operations made.
Value = tuple["Column | Op", ...]


class Builder:
    """The operations of a program that is being built.

    Parameters
    ----------
    columns : sequence of str
        Names of the inputs' columns, for messages.

    Attributes
    ----------
    domains : list of (list or None)
        As of a `Program`; encoders set them.
    """

    def __init__(self, columns: Sequence[str]) -> None:
        self.columns = tuple(columns)
        self.domains: list[Any] = [None] * len(self.columns)
        self._numeric: set[int] = set()
        self._ops: list[Op] = []
        self._joined: dict[tuple[str, ...], Op] = {}
        self._range: dict[int, tuple[float, float]] = {}
        self._guessed: dict[int, tuple[float, float]] = {}
        self._made_of: dict[str, Value] = {}
        self._own: dict[str, Callable[[np.ndarray], np.ndarray]] = {}
        # Inputs whose missing values reach an operation; that are replaced; that must not be there.
        self._missing: dict[str, frozenset[int]] = {}
        self._replaced: set[int] = set()
        self._needed: set[int] = set()

    @property
    def inputs(self) -> Value:
        """All inputs."""
        return tuple(Column(place) for place in range(len(self.columns)))

    @property
    def may_miss(self) -> set[int]:
        """Inputs that may be missing: all that is done with them is done after a replacement."""
        return self._replaced - self._needed

    def spread(
        self, value: Value, low: np.ndarray, high: np.ndarray, *, is_guess: bool = False
    ) -> None:
        """Say between which values the inputs behind a vector are; the first to know it counts."""
        for place, least, most in zip(self._inputs_of(value), low, high, strict=True):
            known = self._guessed if is_guess else self._range
            if place is not None:
                known.setdefault(place, (float(least), float(most)))

    def made(self, name: str) -> Op:
        """Return an operation by its name."""
        return next(op for op in self._ops if op.name == name)

    def remember(self, value: Value, own: Callable[[np.ndarray], np.ndarray]) -> None:
        """Keep how Python itself makes a vector of rows; of an operation, the first one counts."""
        start = 0
        for part in value:
            width = part.width if isinstance(part, Op) else 1
            if isinstance(part, Op):
                self._own.setdefault(part.name, _columns_of(own, start, start + width))
            start += width

    def own_matrix(self, value: Value, X: np.ndarray) -> np.ndarray:
        """Return a vector of float64 rows of the inputs as Python itself makes it."""
        parts = []
        for part in value:
            if isinstance(part, Op):
                parts.append(self._own_of(part, X))
            elif self.domains[part.place] is None:
                parts.append(X[:, [part.place]])
            else:
                first = np.array(self.domains[part.place][:1], dtype=object)
                parts.append(np.repeat(first[:, None], len(X), axis=0))
        return np.hstack(parts)

    def _own_of(self, op: Op, X: np.ndarray) -> np.ndarray:
        if op.name in self._own:
            return self._own[op.name](X)
        if op.kind == "pick":
            return self._own_of(self.made(op.sources[0]), X)[:, op.settings["places"]]
        return self.own_matrix(self._made_of[op.name], X)

    def _inputs_of(self, value: Value) -> list[int | None]:
        """Return for each element the input that it is, but for missing values, or None."""
        found: list[int | None] = []
        for part in value:
            if isinstance(part, Column):
                found.append(part.place)
            elif part.kind == "impute":
                found.extend(self._inputs_of(self._made_of[part.sources[0]]))
            else:
                found.extend([None] * part.width)
        return found

    def box(self) -> np.ndarray:
        """Return the least and the largest value of each input, of shape (2, n), float32."""
        known = [
            self._range.get(place, self._guessed.get(place, (-3.0, 3.0)))
            if domain is None
            else (0.0, len(domain) - 1.0)
            for place, domain in enumerate(self.domains)
        ]
        most = float(np.finfo(np.float32).max) / 8
        return np.clip(np.array(known, dtype=np.float64).T, -most, most).astype(np.float32)

    def program(self, answer: Op) -> Program:
        """Return the program whose answer an operation makes; what it does not need is left out."""
        needed = {answer.name}
        for op in reversed(self._ops):
            if op.name in needed:
                needed.update(op.sources)
        ops = tuple(op for op in self._ops if op.name in needed)
        return Program(ops, answer.name, len(self.columns), tuple(self.domains))

    def add(
        self,
        kind: str,
        sources: Sequence[Op],
        width: int,
        *,
        arrays: dict[str, Any] | None = None,
        in_network: bool = False,
        **settings: Any,
    ) -> Op:
        """Add an operation; it is a stage if it can be one and all its sources are."""
        op = Op(
            kind=kind,
            name=f"{kind}_{len(self._ops) + 1}",
            sources=tuple(source.name for source in sources),
            width=width,
            is_stage=kind in STAGES and not in_network and all(s.is_stage for s in sources),
            arrays={k: np.asarray(v, dtype=np.float64) for k, v in (arrays or {}).items()},
            settings=settings,
        )
        return self._appended(op)

    def _appended(self, op: Op) -> Op:
        reaching = [
            self._missing.get(name, frozenset())
            if not name.startswith("input ")
            else frozenset({int(name.partition(" ")[2])})
            for name in op.sources
        ]
        missing = frozenset().union(*reaching)
        if op.kind in _PASS_MISSING:
            self._missing[op.name] = missing
        elif op.kind == "trees":
            self._replaced |= missing.intersection(op.settings["may_miss"])
            self._needed |= missing.difference(op.settings["may_miss"])
        elif op.kind in _REPLACE_MISSING:
            self._replaced |= missing
        else:
            self._needed |= missing
        self._ops.append(op)
        return op

    def joined(self, value: Value) -> Op:
        """Return the vector of a value; its inputs become numbers."""
        if len(value) == 1 and isinstance(value[0], Op) and not is_number(value[0]):
            return value[0]
        names = tuple(_name(part) for part in value)
        if names not in self._joined:
            self._joined[names] = self._join(value)
            self._made_of.setdefault(self._joined[names].name, value)
        return self._joined[names]

    def _join(self, value: Value) -> Op:
        for part in value:
            if isinstance(part, Column):
                self._require_number(part)
        inside = [isinstance(part, Op) and not part.is_stage for part in value]
        if any(inside):
            # Stages meet in a vector before the network, layers within it.
            groups = groupby(zip(value, inside, strict=True), key=lambda each: each[1])
            parts: list[Op] = []
            for is_layer, group in groups:
                own = tuple(part for part, _ in group)
                parts.extend(own if is_layer else [self.joined(own)])  # type: ignore[arg-type]
            if len(parts) == 1:
                return parts[0]
            value = tuple(parts)
        return self._appended(
            Op(
                kind="join",
                name=f"join_{len(self._ops) + 1}",
                sources=tuple(_name(part) for part in value),
                width=width_of(value),
                is_stage=not any(inside),
            )
        )

    def _require_number(self, column: Column) -> None:
        if self.domains[column.place] is not None:
            raise self._two_types(column)
        self._numeric.add(column.place)

    def _two_types(self, column: Column) -> NotExportableError:
        return NotExportableError(
            f"The column {shown(self.columns[column.place])} must have one type. Got an encoder "
            "of categories and a step that takes it as a number. Encode it once."
        )

    def categorical(
        self, column: Column, categories: list[Any], *, refuses_unknown: bool = False
    ) -> Op:
        """Add an encoder of an input; it is checked with all categories and an unknown one."""
        place = column.place
        known = self.domains[place]
        if place in self._numeric or (
            known is not None and isinstance(known[0], str) != isinstance(categories[0], str)
        ):
            raise self._two_types(column)
        domain = dict.fromkeys([*(known or []), *categories])
        if not refuses_unknown:
            domain[_unknown(domain)] = None
        self.domains[place] = list(domain)
        return self._appended(
            Op(
                kind="onehot",
                name=f"onehot_{len(self._ops) + 1}",
                sources=(f"input {place}",),
                width=len(categories),
                is_stage=True,
                settings={"categories": list(categories), "refuses_unknown": refuses_unknown},
            )
        )


def _unknown(categories: Any) -> Any:
    """Return a category that is none of these."""
    if isinstance(next(iter(categories)), str):
        name = "unknown"
        while name in categories:
            name += "_"
        return name
    return max(categories) + 1


def _columns_of(
    own: Callable[[np.ndarray], np.ndarray], start: int, end: int
) -> Callable[[np.ndarray], np.ndarray]:
    return lambda X: own(X)[:, start:end]


def is_number(op: Op) -> bool:
    """Whether an operation makes a number, and no vector of one."""
    return op.is_stage and op.kind == "linear"


def _name(part: Column | Op) -> str:
    return part.name if isinstance(part, Op) else f"input {part.place}"


def width_of(value: Value) -> int:
    """Return the length of the vector of a value."""
    return sum(part.width if isinstance(part, Op) else 1 for part in value)


def taken(builder: Builder, value: Value, places: Sequence[int]) -> Value:
    """Return a value of some of its elements, in the order of their places."""
    places = [int(place) for place in places]
    parts: list[Column | Op] = []
    starts = np.cumsum([0] + [part.width if isinstance(part, Op) else 1 for part in value])
    owner = np.searchsorted(starts, places, side="right") - 1
    at = 0
    while at < len(places):
        part = value[owner[at]]
        if isinstance(part, Column):
            parts.append(part)
            at += 1
            continue
        end = at
        while end < len(places) and owner[end] == owner[at]:
            end += 1
        inside = [int(place - starts[owner[at]]) for place in places[at:end]]
        parts.append(part if inside == list(range(part.width)) else _picked(builder, part, inside))
        at = end
    return tuple(parts)


def _picked(builder: Builder, part: Op, places: list[int]) -> Op:
    if part.is_stage:
        return builder.add("pick", [part], len(places), places=places)
    # Within the network, a matrix of zeros and ones picks exactly.
    weights = np.zeros((len(places), part.width))
    weights[np.arange(len(places)), places] = 1
    return builder.add(
        "dense", [part], len(places), arrays={"weights": weights, "offset": np.zeros(len(places))}
    )
