"""Delete the files of homes that withdrew their consent. Nothing else deletes them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from novin_ml.lifecycle.fleet._batches import LeftOut
from novin_ml.lifecycle.fleet._files import home_path
from novin_ml.lifecycle.fleet._work import Outcome


def remove_withdrawn(
    folder: Path, left_out: LeftOut, outcomes: Sequence[Outcome]
) -> tuple[str, ...]:
    """Delete the files that remember events without consent; return their homes.

    These are the files of homes without any event that has consent, and of homes that could not
    be fitted again to the remaining events with consent.

    Parameters
    ----------
    folder : Path
        Folder of the fleet.
    left_out : LeftOut
        Homes without consent, wholly or partly.
    outcomes : sequence of Outcome
        Results of the other homes.

    Returns
    -------
    homes : tuple of str
        Homes whose file was deleted.
    """
    failed = [outcome.name for outcome in outcomes if outcome.status == "failed"]
    removed = []
    for name in (*left_out.without_consent, *(name for name in failed if name in left_out.partly)):
        path = home_path(folder, name)
        if path.is_file():
            path.unlink()
            removed.append(name)
    return tuple(removed)
