"""Every field of a spec and every leaf of a certificate with another value, one at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

#: So many entries of a list of numbers or nodes are changed: the first, the last, and others.
MOST_OF_A_LIST = 2

Change = Callable[[Any], None]


def spec_mutants(message: Any, path: str = "") -> Iterator[tuple[str, Change, Change]]:
    """Yield path, change and restoration of each field that a message's type declares.

    Fields that are not set are set, those that are set are changed and taken away, lists lose an
    entry and get one; a change is made on the message that was given.
    """
    for field in message.DESCRIPTOR.fields:
        name = f"{path}{field.name}"
        value = getattr(message, field.name)
        if isinstance(value, Mapping) and field.message_type is not None:
            yield from _of_map(message, field.name, name)
        elif field.message_type is None and hasattr(value, "__len__") and not _is_text(value):
            yield from _of_numbers(message, field.name, name)
        elif hasattr(value, "__len__") and not _is_text(value):
            yield from _of_messages(message, field, name)
        elif field.message_type is not None:
            if message.HasField(field.name):
                yield from spec_mutants(value, f"{name}.")
            yield _whole(message, field, name)
        else:
            yield _of_scalar(message, field, name)


def other(value: Any) -> Any:
    """Return another value of the same type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, float):
        return 7.0 if value != value else value * 1.5 + 0.25
    if isinstance(value, bytes):
        return value + b"x"
    return value + "x"


def places(n: int) -> list[int]:
    """Return the places of a list that are changed."""
    step = max(1, n // MOST_OF_A_LIST)
    return sorted({*range(0, n, step), n - 1}) if n else []


def certificate_mutants(
    document: Mapping[str, Any], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], str, Any]]:
    """Yield the place of each leaf, "change", "drop" or "add", and the value that is written."""
    for key, value in document.items():
        here = (*path, key)
        yield here, "drop", None
        if isinstance(value, Mapping):
            yield from certificate_mutants(value, here)
        else:
            for new in _other_leaves(value):
                yield here, "change", new
    yield (*path, "something_else"), "add", 1


def changed(document: Any, path: tuple[str, ...], how: str, value: Any) -> None:
    """Make a change of `certificate_mutants`."""
    for key in path[:-1]:
        document = document[key]
    if how == "drop":
        del document[path[-1]]
    else:
        document[path[-1]] = value


def _other_leaves(value: Any) -> list[Any]:
    """Return other values of a leaf, and one of another type."""
    if value is None:
        return ["0" * 64, 0]
    if isinstance(value, bool):
        return [not value, int(value)]
    if isinstance(value, float):
        near = [value * 0.5] if value else []
        return [*near, value * 1.0001 + 1e-300, value + 1e-3, str(value), None]
    if isinstance(value, int):
        return [value + 1, value - 1, float(value), str(value)]
    return [value + "x", value[:-1] + ("0" if value[-1:] != "0" else "1"), None]


def _is_text(value: Any) -> bool:
    return isinstance(value, str | bytes)


def _of_scalar(message: Any, field: Any, name: str) -> tuple[str, Change, Change]:
    kept = type(message)()
    kept.CopyFrom(message)
    value = getattr(message, field.name)
    new = other(value)
    if field.enum_type is not None:
        numbers = [each.number for each in field.enum_type.values]
        new = next(number for number in numbers if number != value)
    return (
        name,
        lambda _: setattr(message, field.name, new),
        lambda _: message.CopyFrom(kept),
    )


def _whole(message: Any, field: Any, name: str) -> tuple[str, Change, Change]:
    kept = type(message)()
    kept.CopyFrom(message)
    if message.HasField(field.name):
        return name, lambda _: message.ClearField(field.name), lambda _: message.CopyFrom(kept)
    return (
        name,
        lambda _: getattr(message, field.name).SetInParent(),
        lambda _: message.CopyFrom(kept),
    )


def _of_map(message: Any, key: str, name: str) -> Iterator[tuple[str, Change, Change]]:
    entries = getattr(message, key)
    for entry in sorted(entries):
        value = entries[entry]

        def change(_: Any, entry: Any = entry, value: Any = value) -> None:
            entries[entry] = other(value)

        def restore(_: Any, entry: Any = entry, value: Any = value) -> None:
            entries[entry] = value

        def drop(_: Any, entry: Any = entry) -> None:
            del entries[entry]

        yield f"{name}.{entry}", change, restore
        yield f"{name}.{entry}", drop, restore
    if not entries or _is_text(next(iter(entries.values()))):
        yield (
            f"{name}.something_else",
            lambda _: entries.__setitem__("something_else", "x"),
            lambda _: entries.__delitem__("something_else"),
        )


def _of_numbers(message: Any, key: str, name: str) -> Iterator[tuple[str, Change, Change]]:
    values = getattr(message, key)
    whole = list(values) if not _is_text(values) else values
    for place in places(len(whole)):

        def change(_: Any, place: int = place) -> None:
            values[place] = other(whole[place])

        def restore(_: Any, place: int = place) -> None:
            values[place] = whole[place]

        yield f"{name}[{place}]", change, restore
    if whole:
        yield name, lambda _: values.pop(), lambda _: values.append(whole[-1])
        yield name, lambda _: values.append(whole[0]), lambda _: values.pop()


def _of_messages(message: Any, field: Any, name: str) -> Iterator[tuple[str, Change, Change]]:
    values = getattr(message, field.name)
    for place in places(len(values)):
        yield from spec_mutants(values[place], f"{name}[{place}].")
    kept = [type(value).FromString(value.SerializeToString()) for value in values]

    def refill(_: Any) -> None:
        del values[:]
        values.extend(kept)

    if kept:
        yield name, lambda _: values.pop(), refill
        yield name, lambda _: values.append(kept[0]), refill
        if len(kept) > 1 and kept[0] != kept[-1]:

            def exchange(_: Any) -> None:
                del values[:]
                values.extend([kept[-1], *kept[1:-1], kept[0]])

            yield name, exchange, refill
    else:
        yield name, lambda _: values.add(), refill
