"""Writers that are killed before each of their steps on the file system, and what they leave.

``python -m tests.killing CASE FOLDER`` writes something old, and then something new over it in a
process that is killed before its first, second, ... step, until one finishes. It prints a list of
what was found after each, as JSON. Run it as a program: it forks.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from novin_ml.files import finish_replacing, replace_whole

#: What changes a folder or a disk; `shutil` and `pathlib` call these too.
_STEPS = ("fsync", "link", "mkdir", "remove", "rename", "replace", "rmdir", "symlink", "unlink")


class Case(NamedTuple):
    """Something that is written over something else of its kind."""

    #: ``write(path, which)`` writes what is "old", "new" or "next".
    write: Callable[[Path, str], Any]
    #: ``read(path)`` returns which of these is there, and raises if none is whole.
    read: Callable[[Path], str]
    name: str


def killed_at(step: int, work: Callable[[], Any]) -> bool:
    """Do some work in a process that is killed before a step; return whether it came so far."""
    pid = os.fork()
    if pid == 0:
        try:
            _kill_before(step)
            work()
        except BaseException as error:
            sys.stderr.write(f"{error!r}\n")
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0
    return False


def steps_of(work: Callable[[], Any]) -> int:
    """Do some work in a process of its own; return how many steps it takes."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            made = _kill_before(sys.maxsize)
            work()
            os.write(writer, str(made()).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with open(reader) as stream:
        told = stream.read()
    os.waitpid(pid, 0)
    return int(told)


def _kill_before(step: int) -> Callable[[], int]:
    """Kill this process before a step; return what tells how many it has made."""
    left = step

    def counted(call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            nonlocal left
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1
            return call(*args, **kwargs)

        return wrapper

    for name in _STEPS:
        setattr(os, name, counted(getattr(os, name)))
    return lambda: step - left


def outcomes(case: Case, folder: Path) -> list[dict[str, Any]]:
    """Return what is found after each kill, and after the write that follows it."""
    found: list[dict[str, Any]] = []
    shutil.rmtree(folder, ignore_errors=True)
    case.write(folder / "before" / case.name, "old")
    names = names_in(folder / "before")
    while not found or found[-1]["killed"]:
        work = folder / "work"
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(folder / "before", work)
        path = work / case.name
        killed = killed_at(len(found), lambda path=path: case.write(path, "new"))
        hidden = len(names_in(work) - names)
        which = case.read(path)
        case.write(path, "next")
        found.append(
            {
                "killed": killed,
                "hidden": hidden,
                "which": which,
                "next": case.read(path),
                "left": sorted(names_in(work) - names),
            }
        )
    return found


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


_MANY = {"old": 60, "new": 80, "next": 100}


def _models() -> dict[str, Any]:
    from novin_ml import DeliveryClassifier

    X = np.random.default_rng(0).normal(size=(100, 2)).astype(np.float32)
    return {
        which: DeliveryClassifier(epochs=1, random_state=0).fit(X[:n_rows], X[:n_rows, 0] > 0)
        for which, n_rows in _MANY.items()
    }


def _which(n_rows: int) -> str:
    return next(which for which, known in _MANY.items() if known == n_rows)


def saved(name: str) -> Case:
    from novin_ml.lifecycle import load_estimator, save_estimator

    models = _models()
    return Case(
        lambda path, which: save_estimator(models[which], path),
        lambda path: _which(load_estimator(path).training_data_["n_samples"]),
        name,
    )


def exported(name: str) -> Case:
    from novin_ml.coreml import export_coreml, verify_coreml
    from novin_ml.coreml.runtime.source import read_spec

    models = _models()

    def read(path: Path) -> str:
        verify_coreml(path)
        metadata = read_spec(path).description.metadata.userDefined
        return _which(int(metadata["novin_ml.training_rows"]))

    return Case(lambda path, which: export_coreml(models[which], path), read, name)


def packaged(name: str) -> Case:
    from novin_ml.coreml.swift import _package
    from novin_ml.events import Vocabulary

    # How models are packed is not what is tested here.
    marker = _package.files_of((), {}, Vocabulary.sdk())[_package.MARKER]

    def write(path: Path, which: str) -> None:
        files = {_package.MARKER: marker, "Sources/Which.swift": which.encode()}
        _package.files_of = lambda *_: files
        _package.write_features_package(path)

    def read(path: Path) -> str:
        finish_replacing(path)
        assert (path / _package.MARKER).is_file()
        return (path / "Sources/Which.swift").read_text()

    return Case(write, read, name)


def with_one_that_goes(name: str) -> Case:
    """A file with one beside it, and old ones with one more."""

    def write(path: Path, which: str) -> None:
        beside, more = path.with_name("beside"), path.with_name("more")
        written, gone = ([beside, more], []) if which == "old" else ([beside], [more])
        with replace_whole(path, *written, gone=gone) as new:
            for file in (new, *(new.with_name(each.name) for each in written)):
                file.write_text(which)

    def read(path: Path) -> str:
        finish_replacing(path)
        which = path.read_text()
        assert path.with_name("beside").read_text() == which
        assert path.with_name("more").exists() == (which == "old")
        return which

    return Case(write, read, name)


def table(name: str) -> Case:
    from novin_ml.events import read_events, write_events
    from novin_ml.simulation import simulate_deliveries

    events = simulate_deliveries(100, random_state=0)
    return Case(
        lambda path, which: write_events(events[: _MANY[which]], path),
        lambda path: _which(len(read_events(path))),
        name,
    )


def released(name: str) -> Case:
    """A saved and exported model that is added to a registry and promoted."""
    import tempfile

    from novin_ml.coreml import export_coreml
    from novin_ml.lifecycle import Registry, load_estimator, save_estimator, verify_registry

    # Saving and exporting are cases of their own.
    releases = Path(tempfile.mkdtemp())
    for which, model in _models().items():
        save_estimator(model, releases / which / "estimator")
        export_coreml(model, releases / which / "model.mlmodel")

    def write(path: Path, which: str) -> None:
        registry = Registry(path)
        version = registry.add("delivery", releases / which, facts={"which": which})
        served = registry.served("delivery")
        if served is None or served.number != version.number:
            registry.promote("delivery", version.number)

    def read(path: Path) -> str:
        registry = Registry(path)
        assert verify_registry(registry) == []
        for version in registry.versions("delivery"):
            model = load_estimator(version.path("estimator"))
            assert _which(model.training_data_["n_samples"]) == version.facts["which"]
        return registry.served("delivery").facts["which"]

    return Case(write, read, name)


CASES: dict[str, Callable[[], Case]] = {
    "a saved folder": lambda: saved("model"),
    "a saved file": lambda: saved("model.novin"),
    "files of which one goes": lambda: with_one_that_goes("file"),
    "a table": lambda: table("events.jsonl"),
    "an exported file": lambda: exported("model.mlmodel"),
    "an exported package": lambda: exported("model.mlpackage"),
    "a Swift package": lambda: packaged("Package"),
    "a release in a registry": lambda: released("registry"),
}

if __name__ == "__main__":
    json.dump(outcomes(CASES[sys.argv[1]](), Path(sys.argv[2])), sys.stdout)
