"""Specifications of Core ML: any field of any message, and pipelines in pipelines."""

from __future__ import annotations

import random
from typing import Any

from tests.fuzz.mutation import raw

_NUMBERS = (0, 1, 2, 3, 7, 100, 2**31 - 1, 2**40, 2**63 - 1)
_FLOATS = (0.0, -0.0, 1.0, -1.0, 1e-45, 1e38, 1e308, float("nan"), float("inf"), float("-inf"))
_TEXTS = ("", "x", "classProbability", "label", "\0", "x" * 10_000, "é")


def changed(content: bytes, rng: random.Random) -> bytes:
    """Return a specification with one to three changes."""
    from coremltools.proto.Model_pb2 import Model

    spec = Model()
    try:
        spec.ParseFromString(content)
    except Exception:
        return raw.changed(content, rng)
    if rng.random() < 0.15:
        return raw.changed(content, rng)
    if rng.random() < 0.03:
        return nested(spec, rng.choice((1, 10, 60, 95, 300, 2000)))
    for _ in range(rng.choice((1, 1, 2, 3))):
        _once(_message_in(spec, rng), rng)
    return bytes(spec.SerializeToString())


def nested(spec: Any, depth: int) -> bytes:
    """Return pipelines in pipelines, so deep."""
    content = bytes(spec.SerializeToString())
    description = type(spec)(description=spec.description).SerializeToString()
    for _ in range(depth):
        for field in (1, 202):  # Pipeline.models, Model.pipeline
            content = _varint(field << 3 | 2) + _varint(len(content)) + content
        content = bytes(description) + content
    return content


def _varint(number: int) -> bytes:
    found = b""
    while number > 127:
        found += bytes([number & 127 | 128])
        number >>= 7
    return found + bytes([number])


def _message_in(message: Any, rng: random.Random) -> Any:
    """Return a message in a message, each as often as those beside it."""
    while rng.random() < 0.85:
        inner = []
        for field, value in message.ListFields():
            if field.message_type is None or field.message_type.GetOptions().map_entry:
                continue
            inner += [rng.choice(value)] if field.is_repeated and len(value) else []
            inner += [] if field.is_repeated else [value]
        if not inner:
            break
        message = rng.choice(inner)
    return message


def _once(message: Any, rng: random.Random) -> None:
    fields = message.DESCRIPTOR.fields
    known = [field for field, _ in message.ListFields()]
    if not fields:
        return
    field = rng.choice(known if known and rng.random() < 0.8 else fields)
    value = getattr(message, field.name)
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        _of_map(value, field, rng)
    elif field.is_repeated:
        _of_list(value, field, rng)
    elif field.message_type is not None:
        if rng.random() < 0.5:
            message.ClearField(field.name)
        else:
            value.SetInParent()
    elif rng.random() < 0.1:
        message.ClearField(field.name)
    else:
        setattr(message, field.name, _scalar(field, rng))


def _of_map(value: Any, field: Any, rng: random.Random) -> None:
    key = rng.choice(sorted(value)) if value and rng.random() < 0.8 else None
    if key is not None and rng.random() < 0.3:
        del value[key]
    elif field.message_type.fields_by_name["value"].message_type is None:
        of_key, of_value = (field.message_type.fields_by_name[n] for n in ("key", "value"))
        value[_scalar(of_key, rng) if key is None else key] = _scalar(of_value, rng)


def _of_list(value: Any, field: Any, rng: random.Random) -> None:
    how = rng.randrange(5)
    place = rng.randrange(len(value)) if len(value) else 0
    if how == 0 and len(value):
        del value[place]
    elif how == 1 and len(value) > 1:
        del value[rng.randrange(len(value)) :]
    elif field.message_type is not None:
        if how == 2 and len(value):
            value.add().CopyFrom(value[place])
        elif how == 3 and len(value) > 1:
            value[place].CopyFrom(value[rng.randrange(len(value))])
        elif len(value):
            _once(value[place], rng)
        else:
            value.add()
    elif how == 2 or not len(value):
        value.extend([_scalar(field, rng)] * rng.choice((1, 1, 3, 1000)))
    else:
        value[place] = _scalar(field, rng)


def _scalar(field: Any, rng: random.Random) -> Any:
    if field.enum_type is not None:
        return rng.choice([each.number for each in field.enum_type.values])
    kind = field.cpp_type
    if kind in (field.CPPTYPE_DOUBLE, field.CPPTYPE_FLOAT):
        return rng.choice(_FLOATS if kind == field.CPPTYPE_DOUBLE else _FLOATS[:6])
    if kind == field.CPPTYPE_BOOL:
        return rng.random() < 0.5
    if kind == field.CPPTYPE_STRING:
        text = rng.choice(_TEXTS)
        return text.encode() if field.type == field.TYPE_BYTES else text
    most = 2**31 if kind in (field.CPPTYPE_INT32, field.CPPTYPE_UINT32) else 2**63
    number = min(rng.choice(_NUMBERS), most - 1)
    return (
        -number
        if kind in (field.CPPTYPE_INT32, field.CPPTYPE_INT64) and rng.random() < 0.3
        else number
    )
