"""Steps of a build: a step runs if its inputs changed, and is kept otherwise."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from novin_ml.coreml.origin import machine, versions
from novin_ml.exceptions import BuildError, NovinError, ParityError
from novin_ml.files import write_text
from novin_ml.lifecycle.registry.contents import files_in, hash_of
from novin_ml.lifecycle.registry.release import WORK

#: What becomes of a step.
RAN, KEPT, WOULD_RUN = "ran", "kept", "would run"


@dataclass(frozen=True)
class Step:
    """A step of a build.

    Attributes
    ----------
    name : str
        As it is shown, and as its record is called.
    inputs : dict
        All that its result depends on, as JSON holds it, besides the steps before.
    after : tuple of str
        Names of the steps whose files it reads.
    outputs : tuple of str
        Files and folders that it writes, by their paths in the folder of the release.
    run : callable
        Writes the outputs, each whole or not at all.
    """

    name: str
    inputs: Mapping[str, Any]
    after: tuple[str, ...]
    outputs: tuple[str, ...]
    run: Callable[[], Any] = field(repr=False)


@dataclass(frozen=True)
class StepResult:
    """The result of a step.

    Attributes
    ----------
    name : str
        Name of the step.
    state : {"ran", "kept", "would run"}
        "kept" if nothing that it depends on changed.
    seconds : float
        Wall time.
    """

    name: str
    state: str
    seconds: float


class Steps:
    """Runs steps into a folder, and keeps a record of each.

    Parameters
    ----------
    folder : Path
        Folder of the release.
    step : callable
        ``step(title)`` returns a context manager that is active while a step runs.
    tell : callable
        Called with each `StepResult`.
    dry_run : bool
        Run nothing.
    """

    def __init__(
        self,
        folder: Path,
        step: Callable[[str], AbstractContextManager[Any]],
        tell: Callable[[StepResult], Any],
        dry_run: bool,
    ) -> None:
        self.folder = folder
        self.results: list[StepResult] = []
        self._step, self._tell, self._dry_run = step, tell, dry_run
        self._outputs: dict[str, Any] = {}

    def do(self, step: Step) -> StepResult:
        """Run a step, or keep what it wrote."""
        state, seconds = WOULD_RUN, 0.0
        before = [self._outputs.get(name) for name in step.after]
        if None not in before:
            key = self._key(step, before)
            kept = self.kept(step, key)
            if kept is not None:
                state, self._outputs[step.name] = KEPT, kept
            elif not self._dry_run:
                started = time.perf_counter()
                with self._step(step.name):
                    _run(step)
                self._outputs[step.name] = self._keep(step, key)
                state, seconds = RAN, time.perf_counter() - started
        result = StepResult(step.name, state, seconds)
        self.results.append(result)
        self._tell(result)
        return result

    def kept(self, step: Step, key: str) -> dict[str, Any] | None:
        """Return the outputs of a step if they are still what it would write."""
        try:
            record = json.loads(self._place(step.name).read_text(encoding="utf-8"))
            outputs = dict(record["outputs"])
            if record["key"] != key:
                return None
            for name, (n_bytes, digest) in outputs.items():
                path = self.folder / name
                if path.stat().st_size != n_bytes or hash_of(path) != digest:
                    return None
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return outputs

    def files(self) -> dict[str, Any]:
        """Return bytes and SHA-256 of all files of the steps, without those of the work itself."""
        return {
            name: entry
            for outputs in self._outputs.values()
            for name, entry in outputs.items()
            if not name.startswith(f"{WORK}/")
        }

    def forget_others(self) -> None:
        """Remove the files of steps of earlier builds that this build does not have."""
        ours = {self._place(name).name for name in self._outputs}
        made = {name for outputs in self._outputs.values() for name in outputs}
        for record in sorted((self.folder / WORK).glob("*.step.json")):
            if record.name in ours:
                continue
            for name in sorted(_outputs_of(record) - made):
                (self.folder / name).unlink(missing_ok=True)
                _remove_empty((self.folder / name).parent, self.folder)
            record.unlink()

    def _key(self, step: Step, before: list[Any]) -> str:
        document = {
            "step": step.name,
            "inputs": dict(step.inputs),
            "outputs": step.outputs,
            "before": before,
            "made_by": made_by(),
        }
        return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()

    def _keep(self, step: Step, key: str) -> dict[str, Any]:
        outputs: dict[str, Any] = {}
        for name in step.outputs:
            place = self.folder / name
            if place.is_dir():
                outputs |= {f"{name}/{each}": entry for each, entry in files_in(place).items()}
            else:
                outputs[name] = [place.stat().st_size, hash_of(place)]
        text = json.dumps({"key": key, "outputs": outputs}, indent=1, sort_keys=True)
        write_text(text + "\n", self._place(step.name))
        return outputs

    def _place(self, name: str) -> Path:
        return self.folder / WORK / f"{name.replace(': ', '.')}.step.json"


def _run(step: Step) -> None:
    try:
        step.run()
    except (BuildError, ParityError):
        raise
    except (NovinError, ValueError) as error:
        raise BuildError(f"{step.name}: {error}") from error


def _outputs_of(record: Path) -> set[str]:
    try:
        return set(json.loads(record.read_text(encoding="utf-8"))["outputs"])
    except (ValueError, KeyError, TypeError):
        return set()


def _remove_empty(folder: Path, root: Path) -> None:
    while folder != root and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


@cache
def made_by() -> dict[str, Any]:
    """Return what makes the files of a release: versions, the code itself, and the machine.

    Its threads do not count: a step is kept if another shell has other settings of OpenMP.
    """
    return {"versions": library_versions(), "code": _code_hash(), "machine": machine(threads=False)}


def library_versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that a release depends on."""
    import platform

    import pandas
    import scipy

    others = {"pandas": pandas.__version__, "scipy": scipy.__version__}
    return dict(sorted({**versions(), **others, "python": platform.python_version()}.items()))


def _code_hash() -> str:
    """Return the hash of the library's own files: a release of another state is made again."""
    digest = hashlib.sha256()

    def add(folder: Any, prefix: str) -> None:
        for entry in sorted(folder.iterdir(), key=lambda each: each.name):
            if entry.is_dir():
                if entry.name != "__pycache__":
                    add(entry, f"{prefix}{entry.name}/")
            elif not entry.name.endswith(".pyc"):
                digest.update(f"{prefix}{entry.name}\0".encode())
                digest.update(entry.read_bytes())

    add(resources.files("novin_ml"), "")
    return digest.hexdigest()
