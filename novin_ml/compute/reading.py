"""The table of hardware as the package has it, and files that replace entries of it."""

from __future__ import annotations

import math
import os
import tomllib
from collections.abc import Mapping
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

from novin_ml.compute.hardware import (
    GATES,
    TASKS,
    TRAININGS,
    UNITS,
    Hardware,
    HardwareTable,
    Stage,
    not_one_of,
)
from novin_ml.documents import read_toml
from novin_ml.exceptions import InvalidParametersError
from novin_ml.formats import format_of
from novin_ml.parameters import nearest
from novin_ml.plain import shown

_KINDS = ("laptop", "desktop", "cloud")
_FILE = "hardware.toml"


def read_hardware(path: str | os.PathLike[str] | None = None) -> HardwareTable:
    """Return the table of hardware, prices and stages.

    Parameters
    ----------
    path : path, default=None
        TOML file with entries that replace or add to those of the package: ``date``, ``source``,
        ``[hardware.KEY]``, ``[devices.KEY]``, ``[stages.KEY]``, ``[assumptions]`` and ``[prices]``.

    Returns
    -------
    table : HardwareTable
        What a plan is made of.

    Raises
    ------
    InvalidParametersError
        If the file has an unknown key, an unknown unit, or a value that cannot be.
    OSError
        If it cannot be read.

    Notes
    -----
    The figures of the package are those of the user's analysis of 1 October 2025.

    Examples
    --------
    >>> from novin_ml.compute import read_hardware
    >>> table = read_hardware()
    >>> table.named("Colab Pro").dollars, table.stage_of(5_000).name
    ((10, 10), 'early growth')
    """
    text = resources.files("novin_ml.compute").joinpath(_FILE).read_text(encoding="utf-8")
    document = tomllib.loads(text)
    if path is not None:
        document = _replaced(document, _document(Path(path)), str(path))
    return _table(document, _FILE if path is None else str(path))


def _document(path: Path) -> dict[str, Any]:
    try:
        return read_toml(path)
    except ValueError as error:
        raise InvalidParametersError(
            f"{path} must be a TOML file. Got: {error}. Correct it."
        ) from None


#: What a file may replace: sections of entries with these keys, and sections of values.
_ENTRIES = {
    "hardware": ("name", "kind", "per", "dollars", "cores", "speed"),
    "devices": ("name", "minutes"),
    "stages": (
        *("name", "homes", "dollars", "every", "hardware", "rows", "federated", "gate", "chosen"),
    ),
}
_VALUES = {"assumptions": ("speed",), "prices": ("storage_gb_month", "traffic_gb")}
_TOP = ("date", "source", *_ENTRIES, *_VALUES)


def _replaced(base: dict[str, Any], new: dict[str, Any], file: str) -> dict[str, Any]:
    """Return a document with the entries of another."""
    if refused := format_of(new, file, "hardware"):
        raise InvalidParametersError(refused)
    new = {name: value for name, value in new.items() if name != "format"}
    _require_keys(new, _TOP, file, "")
    merged = dict(base)
    for section, value in new.items():
        if section not in _ENTRIES and section not in _VALUES:
            merged[section] = value
            continue
        _require_table(value, file, section)
        if section in _VALUES:
            _require_keys(value, _VALUES[section], file, section)
            merged[section] = {**base.get(section, {}), **value}
            continue
        entries = dict(base[section])
        for key, entry in value.items():
            _require_table(entry, file, f"{section}.{key}")
            _require_keys(entry, _ENTRIES[section], file, f"{section}.{key}")
            if section == "stages" and key not in base[section]:
                raise not_one_of(f"stages of {file}", key, [*base[section]])
            entries[key] = {**base[section].get(key, {}), **entry}
        merged[section] = entries
    if new.get("hardware") and "date" not in new:
        raise InvalidParametersError(
            f"{file}: date must be the day of the prices, such as 2026-11-30. Got none. Add it."
        )
    return merged


def _require_table(value: Any, file: str, where: str) -> None:
    if not isinstance(value, dict):
        raise _wrong(file, where, "a table of keys", value)


def _require_keys(entry: Mapping[str, Any], known: tuple[str, ...], file: str, where: str) -> None:
    for key in entry:
        if key not in known:
            place = f"a key of {where}" if where else "a key"
            raise InvalidParametersError(
                f"{file}: {place} must be one of {', '.join(known)}. Got {shown(key)}."
                f"{nearest(key, known) or ' Remove it.'}"
            )


def _table(document: dict[str, Any], file: str) -> HardwareTable:
    day = document["date"]
    if type(day) is not date:
        raise _wrong(file, "date", "a day, such as 2026-11-30", day)
    if not isinstance(document["source"], str):
        raise _wrong(file, "source", "a text", document["source"])
    hardware = {key: _hardware(key, e, file) for key, e in document["hardware"].items()}
    devices = {
        key: {
            "name": _text(entry.get("name", key), file, f"devices.{key}.name"),
            "minutes": _range(entry.get("minutes"), file, f"devices.{key}.minutes"),
        }
        for key, entry in document["devices"].items()
    }
    stages = {key: _stage(key, e, file, hardware) for key, e in document["stages"].items()}
    _require_stages_in_order(stages, file)
    speed = _range(document["assumptions"]["speed"], file, "assumptions.speed", above=0)
    return HardwareTable(
        date=day,
        source=document["source"],
        hardware=hardware,
        devices=devices,
        promises=document["promises"],
        training_rows={key: tuple(each) for key, each in document["training_rows"].items()},
        federation_homes=document["federation_homes"],
        stages=stages,
        speed=speed,
        prices={
            key: _number(value, file, f"prices.{key}")
            for key, value in document.get("prices", {}).items()
        },
    )


def _hardware(key: str, entry: Mapping[str, Any], file: str) -> Hardware:
    where = f"hardware.{key}"
    per = entry.get("per")
    if per not in UNITS:
        raise _wrong(file, f"{where}.per", f"one of {', '.join(UNITS)}", per, nearest(per, UNITS))
    kind = entry.get("kind", "cloud")
    if kind not in _KINDS:
        raise _wrong(file, f"{where}.kind", f"one of {', '.join(_KINDS)}", kind)
    dollars = _range(entry.get("dollars"), file, f"{where}.dollars")
    if per == "owned" and dollars[1] > 0:
        raise _wrong(file, f"{where}.dollars", "0 for what is owned", entry["dollars"])
    cores, speed = entry.get("cores"), entry.get("speed")
    if cores is not None:
        cores = _number(cores, file, f"{where}.cores", least=1, most=1e5)
    if speed is not None:
        speed = _number(speed, file, f"{where}.speed", least=1e-3, most=1e3)
    name = _text(entry.get("name", key), file, f"{where}.name")
    return Hardware(key, name, kind, per, dollars, cores, speed)


def _stage(
    key: str, entry: Mapping[str, Any], file: str, hardware: Mapping[str, Hardware]
) -> Stage:
    where = f"stages.{key}"
    for name, known in (("every", tuple(TRAININGS)), ("gate", GATES)):
        if entry[name] not in known:
            raise _wrong(file, f"{where}.{name}", f"one of {', '.join(known)}", entry[name])
    if not isinstance(entry["federated"], bool):
        raise _wrong(file, f"{where}.federated", "true or false", entry["federated"])
    rows = entry["rows"]
    _require_table(rows, file, f"{where}.rows")
    _require_keys(rows, TASKS, file, f"{where}.rows")
    rows = {
        task: int(_number(n, file, f"{where}.rows.{task}", least=1)) for task, n in rows.items()
    }
    homes = entry["homes"]
    if not isinstance(homes, list) or len(homes) not in (1, 2):
        raise _wrong(file, f"{where}.homes", "[from, below] or [from]", homes)
    low, *high = (int(_number(n, file, f"{where}.homes")) for n in homes)
    if not rows:
        raise _wrong(file, f"{where}.rows", "rows of a family at least", rows)
    for name in _texts(entry["hardware"], file, f"{where}.hardware"):
        if name not in hardware:
            raise _wrong(file, f"{where}.hardware", "keys of hardware", name)
    return Stage(
        key=key,
        name=_text(entry["name"], file, f"{where}.name"),
        homes=(low, high[0] if high else None),
        dollars=_range(entry["dollars"], file, f"{where}.dollars"),
        every=entry["every"],
        hardware=tuple(entry["hardware"]),
        rows=rows,
        federated=entry["federated"],
        gate=entry["gate"],
        chosen=_texts(entry.get("chosen", []), file, f"{where}.chosen"),
    )


def _require_stages_in_order(stages: Mapping[str, Stage], file: str) -> None:
    below: int | None = 0
    for key, stage in stages.items():
        if stage.homes[0] != below:
            raise _wrong(
                file, f"stages.{key}.homes", "from where the stage before ends", [*stage.homes]
            )
        below = stage.homes[1]
    if below is not None:
        raise _wrong(file, "the last stage's homes", "without an end", below)


def _range(value: Any, file: str, where: str, above: float = -1) -> tuple[float, float]:
    expected = "a list of one number, or of the least and the most"
    if not isinstance(value, list) or len(value) not in (1, 2):
        raise _wrong(file, where, expected, value)
    low, high = (_number(each, file, where) for each in (value[0], value[-1]))
    if low > high or low <= above:
        raise _wrong(file, where, expected, value)
    return low, high


def _number(value: Any, file: str, where: str, least: float = 0, most: float = 1e12) -> float:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or not least <= value <= most:
        raise _wrong(file, where, f"a number from {least:g} to {most:g}", value)
    return value


def _texts(value: Any, file: str, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise _wrong(file, where, "a list of texts", value)
    return tuple(value)


def _text(value: Any, file: str, where: str) -> str:
    if not isinstance(value, str) or not value:
        raise _wrong(file, where, "a text", value)
    return value


def _wrong(file: str, where: str, expected: str, got: Any, remedy: str = "") -> Exception:
    return InvalidParametersError(
        f"{file}: {where} must be {expected}. Got {shown(got)}.{remedy or ' Correct it.'}"
    )
