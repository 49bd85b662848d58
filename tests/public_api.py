"""The public API as text: names with their parameters, and commands with their options.

``python -m tests.public_api`` writes it to ``tests/public_api.txt``. What leaves the file, or
changes there, needs a deprecation: see docs/releases.rst.
"""

from __future__ import annotations

import enum
import importlib
import inspect
import sys
from pathlib import Path
from typing import Any

import typer

FILE = Path(__file__).with_suffix(".txt")
MODULES = (
    "novin_ml",
    "novin_ml.compute",
    "novin_ml.coreml",
    "novin_ml.coreml.swift",
    "novin_ml.environment",
    "novin_ml.estimators",
    "novin_ml.evaluation",
    "novin_ml.events",
    "novin_ml.events.doors",
    "novin_ml.exceptions",
    "novin_ml.features",
    "novin_ml.federated",
    "novin_ml.federated.app",
    "novin_ml.lifecycle",
    "novin_ml.simulation",
)


def lines() -> list[str]:
    """Return a line for each public name, method and command, sorted."""
    found = set()
    for module in MODULES:
        of_module = importlib.import_module(module)
        names = getattr(of_module, "__all__", None) or [
            name
            for name, each in vars(of_module).items()
            if not name.startswith("_") and getattr(each, "__module__", "") == module
        ]
        for name in names:
            found |= _of_name(f"{module}.{name}", getattr(of_module, name))
    return sorted(found | _of_commands())


def _of_name(name: str, each: Any) -> set[str]:
    if inspect.isclass(each):
        # The other parameters of an enumeration are Python's, and differ between its versions.
        is_choice = issubclass(each, enum.Enum)
        found = {f"{name}{'(value)' if is_choice else _signature(each)}"}
        for member in dir(each):
            value = inspect.getattr_static(each, member)
            owner = next((base for base in each.__mro__ if member in vars(base)), each)
            # What scikit-learn and Python give a class is theirs.
            if member.startswith("_") or not owner.__module__.startswith("novin_ml"):
                continue
            called = getattr(value, "__func__", value)
            shown = _signature(called) if inspect.isroutine(called) else ""
            found.add(f"{name}.{member}{shown}")
        return found
    return {f"{name}{_signature(each)}" if callable(each) else name}


def _signature(each: Any) -> str:
    try:
        signature = inspect.signature(each)
    except (TypeError, ValueError):
        return ""
    empty = inspect.Parameter.empty
    parameters = [
        # A default that is an object has an address of its own; a setting of these has none.
        parameter.replace(
            annotation=empty,
            default=empty if parameter.default is empty else _Shown(parameter.default),
        )
        for parameter in signature.parameters.values()
    ]
    return str(signature.replace(parameters=parameters, return_annotation=empty))


class _Shown:
    def __init__(self, default: Any) -> None:
        plain = isinstance(default, bool | int | float | str | tuple | type(None))
        self.text = repr(default) if plain else "..."

    def __repr__(self) -> str:
        return self.text


def _of_commands() -> set[str]:
    from novin_ml.cli.app import app

    found: set[str] = set()

    def walk(command: Any, name: str) -> None:
        for each, below in getattr(command, "commands", {}).items():
            if not below.hidden:
                walk(below, f"{name} {each}")
        if not getattr(command, "commands", None):
            for parameter in command.params:
                # The names of arguments are no promise, their number and order are.
                option = "/".join([*parameter.opts, *parameter.secondary_opts])
                is_option = parameter.param_type_name == "option"
                found.add(f"{name}: {option if is_option else parameter.name.upper()}")

    walk(typer.main.get_command(app), "novin-ml")
    return found


if __name__ == "__main__":
    FILE.write_text("\n".join(lines()) + "\n", encoding="utf-8")
    sys.stdout.write(f"{FILE}: {len(lines())} lines\n")
