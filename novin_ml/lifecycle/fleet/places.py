"""Where a fleet keeps the file of a home."""

from __future__ import annotations

from pathlib import Path

from novin_ml.lifecycle.fleet._files import home_path


def home_file(home: str) -> str:
    """Return the name of the file of a home, the same in each fleet."""
    return home_path(Path(), home).name
