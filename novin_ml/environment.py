"""What this machine has of what novin_ml needs: for ``novin-ml doctor`` and for bug reports."""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass

from threadpoolctl import threadpool_info

from novin_ml.plain import plural
from novin_ml.waiting import said_of_waiting

_PACKAGE = "novin-ml"
_PYTHON = ((3, 11), (3, 14))
_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?(?:>=([0-9.]+))?")
_EXTRA = re.compile(r"extra\s*==\s*['\"]([\w-]+)['\"]")
#: For people who work on the library.
_OF_DEVELOPERS = ("test", "lint", "bench", "docs", "dev")
_SECONDS = 30


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes
    ----------
    what : str
        What it is.
    found : str
        What is there.
    is_well : bool or None
        Whether it is as it must be; None if it need not be there.
    remedy : str
        What to do; empty if all is well.
    """

    what: str
    found: str
    is_well: bool | None = True
    remedy: str = ""


def examine() -> list[Finding]:
    """Look at Python, the dependencies and extras, threads, Swift, Core ML and time zones.

    Returns
    -------
    findings : list of Finding
        In a fixed order. Nothing is changed, and no network is used.

    Examples
    --------
    >>> from novin_ml.environment import examine
    >>> findings = {each.what: each for each in examine()}
    >>> findings["numpy"].is_well, findings["Python"].found.startswith("3.")
    (True, True)
    """
    return [*_python(), *_requirements(), *_threads(), *_phone(), *_system()]


def _python() -> Iterator[Finding]:
    least, beyond = _PYTHON
    fits = least <= sys.version_info[:2] < beyond
    yield Finding(
        "Python",
        f"{platform.python_version()}, {platform.platform()}",
        fits,
        "" if fits else "Install Python 3.11, 3.12 or 3.13.",
    )
    yield Finding(_PACKAGE, importlib.metadata.version(_PACKAGE))


def _requirements() -> Iterator[Finding]:
    """Yield each dependency, and each extra as a whole."""
    extras: dict[str, list[tuple[str, str | None]]] = {}
    for text in importlib.metadata.requires(_PACKAGE) or []:
        name, _, condition = text.partition(";")
        found = _REQUIREMENT.match(name.replace(" ", ""))
        extra = _EXTRA.search(condition)
        if found is None or found[1] == _PACKAGE:
            continue
        if extra is None:
            yield _dependency(found[1], found[2])
        elif extra[1] not in _OF_DEVELOPERS:
            extras.setdefault(extra[1], []).append((found[1], found[2]))
    for extra_name, needs in extras.items():
        yield _extra(extra_name, needs)


def _dependency(name: str, least: str | None) -> Finding:
    version = _version(name)
    if version is None:
        return Finding(name, "not installed", False, f"pip install '{name}>={least}'")
    old = least is not None and _numbers(version) < _numbers(least)
    remedy = f"pip install --upgrade '{name}>={least}'" if old else ""
    return Finding(name, version, not old, remedy)


def _extra(name: str, needs: list[tuple[str, str | None]]) -> Finding:
    parts = [_dependency(*each) for each in needs]
    what, install = f"[{name}]", f"pip install '{_PACKAGE}[{name}]'"
    there = [part for part in parts if part.found != "not installed"]
    said = ", ".join(f"{part.what} {part.found}" for part in there)
    if len(there) < len(parts):
        lacks = ", ".join(part.what for part in parts if part not in there)
        return Finding(what, f"{said or 'none'}; lacks {lacks}", None, install)
    old = [part for part in parts if not part.is_well]
    return Finding(what, said, not old, old[0].remedy if old else "")


def _threads() -> Iterator[Finding]:
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # macOS
        cores = os.cpu_count() or 1
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    yield Finding("cores", f"{cores} of {os.cpu_count()}{load}")
    # Only libraries that are loaded are seen.
    importlib.import_module("sklearn.ensemble")
    if _version("xgboost") or _version("xgboost-cpu"):
        importlib.import_module("xgboost")
    runtimes = sorted(
        {each["prefix"] for each in threadpool_info() if each["user_api"] == "openmp"}
    )
    several = "libomp" in runtimes and len(runtimes) > 1
    yield Finding(
        "OpenMP",
        ", ".join(runtimes) or "none",
        not several,
        "Two OpenMP libraries in one process can hang: install all packages from one source "
        "(all by pip, or all by conda)."
        if several
        else "",
    )
    yield Finding("waiting of threads", said_of_waiting())
    if "OMP_NUM_THREADS" in os.environ:
        yield Finding("threads of OpenMP", f"OMP_NUM_THREADS={os.environ['OMP_NUM_THREADS']}")


def _phone() -> Iterator[Finding]:
    swift = shutil.which("swift")
    if swift is None:
        yield Finding("Swift", "not on the PATH", None, "Needed only to test Swift packages.")
    else:
        try:
            done = subprocess.run(
                [swift, "--version"], capture_output=True, text=True, timeout=_SECONDS, check=False
            )
            said = (done.stdout or done.stderr).strip().splitlines()
            yield Finding("Swift", said[0] if said else "no answer", done.returncode == 0)
        except (OSError, subprocess.TimeoutExpired) as error:
            yield Finding("Swift", f"{swift}: {error}", False, "Reinstall Swift.")
    is_mac = platform.system() == "Darwin"
    yield Finding(
        "Core ML",
        "here: verify asks it" if is_mac else "not on this system",
        is_mac or None,
        "" if is_mac else "Run novin-ml verify on macOS to ask Core ML itself.",
    )


def _system() -> Iterator[Finding]:
    zones = len(zoneinfo.available_timezones())
    yield Finding(
        "time zones", plural(zones, "zone"), zones > 0, "" if zones else "pip install tzdata"
    )
    encoding = getattr(sys.stdout, "encoding", None) or "none"
    yield Finding("terminal", encoding)
    try:
        with tempfile.TemporaryFile() as probe:
            probe.write(b"novin_ml")
        yield Finding("temporary files", tempfile.gettempdir())
    except OSError as error:
        yield Finding("temporary files", str(error), False, "Set TMPDIR to a folder with room.")


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _numbers(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version.split("+")[0])[:3]]
