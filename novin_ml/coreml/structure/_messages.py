"""The first field in which two protobuf messages differ, by its path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from novin_ml.plain import plural, shown

#: Fields that Core ML does not read, by the end of their path: the numbers of other operations.
_WITHOUT_EFFECT = ("unary.alpha", "unary.epsilon")
#: UnaryFunctionLayerParams.Operation: those that read alpha, power and threshold.
_READ_ALPHA = (3, 7)


def first_difference(got: Any, expected: Any, path: str = "") -> str:
    """Return a clause about the first field that differs, or "" if all are the same.

    Every field that the message's type declares is compared, and none may be unknown to it.

    Parameters
    ----------
    got, expected : protobuf messages of one type
        The messages to compare.
    path : str, default=""
        Prefix of the name of each field in the clause.

    Returns
    -------
    clause : str
        Such as ``"isUpdatable must be False. Got True"``.
    """
    clause = next(_differences(got, expected, path), "")
    if clause:
        return clause
    known = type(got)()
    known.CopyFrom(got)
    known.DiscardUnknownFields()
    if known.ByteSize() != got.ByteSize():
        return "the model must have only fields that coremltools knows. Got others"
    return ""


def differs(path: str, expected: Any, got: Any) -> str:
    """Return a clause that names a field, its expected value and its value."""
    return f"{path} must be {shown(expected)}. Got {shown(got)}"


def _differences(got: Any, expected: Any, path: str) -> Iterator[str]:
    for choice in expected.DESCRIPTOR.oneofs:
        both = [message.WhichOneof(choice.name) for message in (expected, got)]
        if both[0] != both[1]:
            yield f"{path}{choice.name} must be {both[0]}. Got {both[1]}"
    for field in expected.DESCRIPTOR.fields:
        name = f"{path}{field.name}"
        if name.endswith(_WITHOUT_EFFECT) and not (
            field.name == "alpha" and expected.type in _READ_ALPHA
        ):
            continue
        mine, theirs = getattr(got, field.name), getattr(expected, field.name)
        if isinstance(theirs, Mapping):
            yield from _of_maps(mine, theirs, name)
        elif hasattr(theirs, "DESCRIPTOR"):
            is_set, must_be = got.HasField(field.name), expected.HasField(field.name)
            if must_be and is_set:
                yield from _differences(mine, theirs, f"{name}.")
            elif must_be or is_set:
                yield f"{name} must be {_presence(must_be)}. Got one that is {_presence(is_set)}"
        elif hasattr(theirs, "__len__") and not isinstance(theirs, str | bytes):
            yield from _of_lists(mine, theirs, name)
        elif not _same(mine, theirs):
            yield differs(name, theirs, mine)


def _of_maps(got: Mapping[Any, Any], expected: Mapping[Any, Any], name: str) -> Iterator[str]:
    for key in sorted({*got, *expected}):
        if key not in got:
            yield f"{name} must have {key!r}, {shown(expected[key])}. Got none"
        elif key not in expected:
            yield f"{name} must not have {key!r}. Got {shown(got[key])}"
        elif got[key] != expected[key]:
            yield differs(f"{name}[{key!r}]", expected[key], got[key])


def _of_lists(got: Any, expected: Any, name: str) -> Iterator[str]:
    for place, (mine, theirs) in enumerate(zip(got, expected, strict=False)):
        if hasattr(theirs, "DESCRIPTOR"):
            yield from _differences(mine, theirs, f"{name}[{place}].")
        elif not _same(mine, theirs):
            yield differs(f"{name}[{place}]", theirs, mine)
    if len(got) != len(expected):
        yield f"{name} must have {plural(len(expected), 'entry')}. Got {len(got)}"


def _same(got: Any, expected: Any) -> bool:
    """Whether two values are equal; NaN is equal to NaN."""
    return bool(got == expected or (got != got and expected != expected))


def _presence(is_set: bool) -> str:
    return "set" if is_set else "absent"
