"""The registries of entities, devices and areas, which lie beside the database in ``.storage``.

Only names, classes and areas are taken from them. The configuration also has where the home is, and
the registries have persons: neither is kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["NO_ENTITY", "Entity", "Registries", "read_registries"]


@dataclass(frozen=True)
class Entity:
    """What is known of an entity.

    Parameters
    ----------
    device_class : str or None
        The user's, else the integration's.
    own_name : str or None
        The name of the entity without its device.
    full_name : str or None
        The name that Home Assistant shows.
    area_id, area : str or None
        Its area, or that of its device: id and name.
    platform : str or None
        The integration that made it.
    """

    device_class: str | None = None
    own_name: str | None = None
    full_name: str | None = None
    area_id: str | None = None
    area: str | None = None
    platform: str | None = None


NO_ENTITY = Entity()


@dataclass(frozen=True)
class Registries:
    """The registries of a home.

    Parameters
    ----------
    entities : dict of str to Entity
        By id of the entity.
    timezone : str or None
        IANA name of the home's time zone.
    is_there : bool
        Whether there is a registry of entities.
    damaged : tuple of str
        Names of files that could not be read.
    """

    entities: Mapping[str, Entity] = field(default_factory=dict)
    timezone: str | None = None
    is_there: bool = False
    damaged: tuple[str, ...] = ()


def read_registries(folder: Path | None) -> Registries:
    """Read the registries of a configuration folder, as far as they are there.

    Parameters
    ----------
    folder : Path or None
        The folder that has ``.storage``.

    Returns
    -------
    registries : Registries
        Empty if there are none.
    """
    if folder is None:
        return Registries()
    damaged: list[str] = []

    def data(name: str) -> Mapping[str, Any]:
        return _data(folder / ".storage" / name, damaged)

    areas = {each["id"]: each for each in _entries(data("core.area_registry"), "areas", "id")}
    devices = {each["id"]: each for each in _entries(data("core.device_registry"), "devices", "id")}
    entities = {
        each["entity_id"]: _entity(each, devices.get(_text(each, "device_id") or "", {}), areas)
        for each in _entries(data("core.entity_registry"), "entities", "entity_id")
    }
    timezone = _text(data("core.config"), "time_zone")
    is_there = (folder / ".storage" / "core.entity_registry").is_file()
    return Registries(entities, timezone, is_there, tuple(damaged))


def _entity(
    entry: Mapping[str, Any], device: Mapping[str, Any], areas: Mapping[str, Any]
) -> Entity:
    own = _text(entry, "name") or _text(entry, "original_name")
    of_device = _text(device, "name_by_user") or _text(device, "name")
    full = own
    if of_device and entry.get("has_entity_name") and not _text(entry, "name"):
        full = f"{of_device} {own}" if own else of_device
    area_id = _text(entry, "area_id") or _text(device, "area_id")
    return Entity(
        _text(entry, "device_class") or _text(entry, "original_device_class"),
        # The user's name is of the whole, as "Glass of the kitchen"; the integration's says what.
        _text(entry, "original_name") or own,
        full,
        area_id,
        _text(areas.get(area_id or "", {}), "name") or area_id,
        _text(entry, "platform"),
    )


def _data(path: Path, damaged: list[str]) -> Mapping[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))["data"]
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        damaged.append(path.name)
        return {}
    return found if isinstance(found, Mapping) else {}


def _entries(data: Mapping[str, Any], name: str, key: str) -> Iterator[Mapping[str, Any]]:
    entries = data.get(name)
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, Mapping) and isinstance(entry.get(key), str):
            yield entry


def _text(entry: Mapping[str, Any], key: str) -> str | None:
    value = entry.get(key)
    return value if isinstance(value, str) and value else None
