"""Open the baselines of a fleet one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from novin_ml.exceptions import SavedModelError
from novin_ml.lifecycle.fleet._files import home_files, home_path, read_home, read_record
from novin_ml.plain import plural
from novin_ml.store import MANIFEST


class Fleet(Mapping[str, Any]):
    """Fitted estimators in a folder by home id; each is read on access.

    Parameters
    ----------
    folder : Path
        Folder that `fit_fleet` wrote. Homes that are fitted later are found as well. The home of a
        damaged file is unknown: it is not listed, and access to it raises an error.

    Examples
    --------
    >>> import tempfile
    >>> from novin_ml.simulation import simulate_behavior
    >>> from novin_ml.lifecycle import fit_fleet, load_fleet
    >>> events = simulate_behavior(1, weeks=1, random_state=1).assign(consent=True)
    >>> folder = tempfile.mkdtemp()
    >>> report = fit_fleet(events, out=folder, random_state=0)
    >>> fleet = load_fleet(folder)
    >>> list(fleet), fleet["home_0001"]["detector"].state_
    (['home_0001'], 'learning')
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        #: Homes by file, for as long as the file is the same: files are read once to be listed.
        self._listed: dict[tuple[str, int, int], str | None] = {}

    def __getitem__(self, home_id: str) -> Any:
        path = self.path_of(home_id)
        if not path.is_file():
            raise KeyError(home_id)
        return read_home(path)

    def __contains__(self, home_id: object) -> bool:
        return self.path_of(home_id).is_file()

    def __iter__(self) -> Iterator[str]:
        names = (self._name(path) for path in home_files(self.folder))
        return (name for name in names if name is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return f"<Fleet of {plural(len(home_files(self.folder)), 'home')} in {self.folder}>"

    def path_of(self, home_id: object) -> Path:
        """Return where the file of a home is, or would be.

        Parameters
        ----------
        home_id : str or int
            The home.

        Returns
        -------
        path : Path
            A file in the folder, whether it exists or not.
        """
        return home_path(self.folder, str(home_id))

    def _name(self, path: Path) -> str | None:
        """Return the home of a file; None if it is damaged or was deleted meanwhile."""
        try:
            status = path.stat()
        except FileNotFoundError:
            return None
        key = path.name, status.st_mtime_ns, status.st_size
        if key not in self._listed:
            try:
                self._listed[key] = read_record(path).home_id
            except SavedModelError:
                self._listed[key] = None
        return self._listed[key]


def load_fleet(folder: str | Path) -> Fleet:
    """Open a folder of `fit_fleet`; each home is read on access.

    Parameters
    ----------
    folder : str or Path
        The `out` of `fit_fleet`.

    Returns
    -------
    fleet : Fleet
        Mapping of home id to the fitted estimator, which answers bit for bit as it did when it was
        fitted.

    Raises
    ------
    SavedModelError
        If there is no such folder. The mapping raises it too, if the file of the requested home is
        damaged.

    Examples
    --------
    >>> import tempfile
    >>> from novin_ml.lifecycle import load_fleet
    >>> len(load_fleet(tempfile.mkdtemp()))
    0
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise SavedModelError(
            f"{folder} must be a folder that fit_fleet wrote. Got none there. Check the path."
        )
    return Fleet(folder)


def is_fleet(path: str | Path) -> bool:
    """Return whether a path is a folder of `fit_fleet` and not a saved estimator.

    Parameters
    ----------
    path : str or Path
        Path to check.

    Returns
    -------
    is_fleet : bool
        False also where there is no folder, or no home in it.

    Examples
    --------
    >>> import tempfile
    >>> from novin_ml.lifecycle import is_fleet
    >>> is_fleet(tempfile.mkdtemp())
    False
    """
    path = Path(path)
    return path.is_dir() and not (path / MANIFEST).exists() and bool(home_files(path))
