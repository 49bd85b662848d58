"""What is read, by which reader, and how often it is changed."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from novin_ml.exceptions import NovinError
from tests.fuzz.mutation import mutated

CORPUS = Path(__file__).parent / "corpus"


def nothing(_: Path) -> None:
    """Seal nothing."""


@dataclass(frozen=True)
class Target:
    """A reader, and how many files it is given.

    Parameters
    ----------
    name : str
        Name of its folder in the corpus. ``seeds`` holds what is changed, files or folders;
        ``found`` what once made a reader fail. A folder in it holds the changed files alone, and
        begins with the name of its seed.
    read : callable
        Reads a file or a folder as a user would. It raises nothing but the named errors.
    n_long : int
        Mutations of the long run.
    n_short : int, default=40
        Mutations of the run in CI.
    seal : callable, default=nothing
        Makes the hashes anew of a folder or file that was changed.
    others : tuple of Path, default=()
        More seeds.
    errors : tuple of type, default=(NovinError,)
        The named errors.
    like : str, default=""
        Target whose seeds are those of this one, too.
    """

    name: str
    read: Callable[[Path], Any]
    n_long: int
    n_short: int = 40
    seal: Callable[[Path], Any] = nothing
    others: tuple[Path, ...] = ()
    errors: tuple[type[BaseException], ...] = (NovinError,)
    like: str = ""

    @property
    def seeds(self) -> list[Path]:
        """Return the files and folders that are changed."""
        return [*sorted((CORPUS / (self.like or self.name) / "seeds").iterdir()), *self.others]

    @property
    def found(self) -> list[Path]:
        """Return what once made the reader fail."""
        folder = CORPUS / self.name / "found"
        return sorted(folder.iterdir()) if folder.is_dir() else []

    def write(self, number: int, scratch: Path, seed: int = 0) -> Path:
        """Write the mutation of a number; the same for the same number and seed."""
        rng = random.Random(f"{self.name} {seed} {number}")
        source = self.seeds[number % len(self.seeds)]
        path = scratch / source.name
        if source.is_dir():
            shutil.copytree(source, path)
            files = sorted(each for each in path.rglob("*") if each.is_file())
            chosen = rng.choice(files)
        else:
            chosen = path
            shutil.copyfile(source, path)
        content = mutated(chosen.name, chosen.read_bytes(), rng)
        chosen.write_bytes(content)
        if rng.random() < 0.85:
            try:
                self.seal(path)
            except Exception:  # of what cannot be sealed any more
                chosen.write_bytes(content)
        return path

    def replay(self, found: Path, scratch: Path) -> Path:
        """Write what once made the reader fail."""
        path = scratch / found.name
        if not found.is_dir():
            shutil.copyfile(found, path)
            return path
        (seed,) = (each for each in self.seeds if found.name.startswith(f"{each.name}-"))
        shutil.copytree(seed, path)
        shutil.copytree(found, path, dirs_exist_ok=True)
        return path
