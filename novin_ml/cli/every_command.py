"""What every command does: it takes the text options if it reads events, and checks first that it
can write its outputs.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from novin_ml.cli.output import reporting
from novin_ml.cli.vocabulary import (
    VocabularyOption,
    named_vocabulary,
    reading_by,
    takes_vocabulary,
)
from novin_ml.files import require_writable

SeparatorOption = Annotated[
    str | None,
    typer.Option(help="Character between the columns of a table, such as ';' or '\\t'."),
]
DecimalOption = Annotated[str, typer.Option(help="Decimal mark of a table: '.' or ','.")]
EncodingOption = Annotated[
    str | None, typer.Option(help="Encoding of CSV or JSON, such as utf-16; default UTF-8.")
]
_OPTIONS: dict[str, tuple[Any, Any]] = {
    "separator": (SeparatorOption, None),
    "decimal": (DecimalOption, "."),
    "encoding": (EncodingOption, None),
}
_DEFAULTS = {name: default for name, (_, default) in _OPTIONS.items()}
#: Parameters that are files or folders to write.
_OUTPUTS = frozenset(
    ("out", "card", "disagreements", "rejects", "weak_labels", "write_mapping", "plot")
)
_TABS = frozenset(("\\t", "tab", "TAB"))
_chosen: ContextVar[dict[str, Any]] = ContextVar("text_format", default=_DEFAULTS)
_offered: ContextVar[frozenset[str]] = ContextVar("offered", default=frozenset())


def text_format() -> dict[str, Any]:
    """Return `separator`, `decimal` and `encoding` of the command that runs."""
    return dict(_chosen.get())


def offers(option: str) -> bool:
    """Tell whether the command that runs has an option."""
    return option in _offered.get()


def _refuse_second_reading(arguments: dict[str, Any]) -> None:
    """Refuse one pipe, or standard input, for two parameters: the second would be empty or hang."""
    read: dict[Path, str] = {}
    for name, value in arguments.items():
        for path in value if isinstance(value, list | tuple) else [value]:
            if name in _OUTPUTS or not isinstance(path, Path) or not _is_read_once(path):
                continue
            if path in read:
                raise ValueError(
                    f"{path} must be read once. Got it for {read[path]} and {name}. "
                    "Copy it to a file, and name that."
                )
            read[path] = name


def _is_read_once(path: Path) -> bool:
    return str(path) == "-" or path.is_fifo()


def complete(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command that checks its outputs first, with the text options if it reads events."""
    signature = inspect.signature(command)
    hints = get_type_hints(command, include_extras=True)
    parameters = [
        each.replace(annotation=hints[each.name], kind=inspect.Parameter.KEYWORD_ONLY)
        for each in signature.parameters.values()
    ]
    # What a door reads is no table of events.
    if "timezone" in signature.parameters and "mapping" not in signature.parameters:
        place = [*signature.parameters].index("timezone") + 1
        parameters[place:place] = [
            inspect.Parameter(
                name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=hint
            )
            for name, (hint, default) in _OPTIONS.items()
        ]
    if takes_vocabulary(signature.parameters) and "vocabulary" not in signature.parameters:
        place = [each.name for each in parameters].index("timezone") + 1
        parameters.insert(
            place,
            inspect.Parameter(
                "vocabulary",
                inspect.Parameter.KEYWORD_ONLY,
                default=None,
                annotation=VocabularyOption,
            ),
        )

    @wraps(command)
    def run(**arguments: Any) -> None:
        vocabulary = arguments.pop("vocabulary", None)
        chosen = {name: arguments.pop(name, default) for name, default in _DEFAULTS.items()}
        if chosen["separator"] in _TABS:
            chosen["separator"] = "\t"
        with reporting(as_json=False, quiet=True):
            for name in _OUTPUTS.intersection(arguments):
                if arguments[name] is not None:
                    require_writable(arguments[name])
            _refuse_second_reading(arguments)
            known = named_vocabulary(vocabulary)
        tokens = _chosen.set(chosen), _offered.set(frozenset(signature.parameters))
        try:
            with reading_by(known, vocabulary):
                command(**arguments)
        finally:
            _chosen.reset(tokens[0])
            _offered.reset(tokens[1])

    run.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in parameters} | {"return": None}
    return run
