"""On what, with which versions and under which load figures are taken."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from novin_ml.waiting import said_of_waiting

_PACKAGES = ("novin-ml", "numpy", "pandas", "scikit-learn", "xgboost", "coremltools")
#: A load average rises a little above the threads that cause it.
_LOAD_SLACK = 0.25


def host_facts(*more_packages: str) -> dict[str, Any]:
    """Return the machine, its load and the versions, as JSON can hold them."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": processor(),
        "cores": os.cpu_count(),
        "cores_available": len(available_cores()),
        "affinity": has_affinity(),
        "memory_gb": _memory_gb(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "versions": {
            name: found for name in (*_PACKAGES, *more_packages) if (found := _version(name))
        },
        "load": load(),
        "waiting": said_of_waiting(),
    }


def host_line() -> str:
    """Say it in one line."""
    facts = host_facts()
    versions = ", ".join(f"{name} {found}" for name, found in facts["versions"].items())
    return (
        f"{facts['processor']}, {facts['cores']} cores, load {facts['load']}; "
        f"{platform.system()}, Python {facts['python']}, {versions}"
    )


def load() -> float | None:
    """Return how many processes ran or waited, on average over the last minute."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


def is_overloaded(*loads: float | None, cores: int | None = None) -> bool:
    """Say whether any of the loads is more than the machine has cores for."""
    limit = (cores or os.cpu_count() or 1) + _LOAD_SLACK
    return any(each is not None and each > limit for each in loads)


def has_affinity() -> bool:
    """Say whether a process can be kept to some of the cores: on Linux, and not on macOS."""
    return hasattr(os, "sched_setaffinity")


def available_cores() -> list[int]:
    """Return the cores that this process may use, hyperthreads of one core last."""
    if not has_affinity():
        return list(range(os.cpu_count() or 1))
    places = {core: _siblings(core).index(core) for core in os.sched_getaffinity(0)}
    return sorted(places, key=lambda core: (places[core], core))


def processor() -> str:
    """Return the model of the processor."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _siblings(core: int) -> list[int]:
    path = Path(f"/sys/devices/system/cpu/cpu{core}/topology/thread_siblings_list")
    try:
        text = path.read_text(encoding="ascii").strip()
    except OSError:
        return [core]
    found: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found if core in found else [core]


def _memory_gb() -> float | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1)
    except (ValueError, OSError):
        return None


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
