"""Each command that writes, killed before several of its steps on the file system.

``python -m tests.cli.killed_commands GROUP FOLDER POINTS`` runs each command of a group once, so
that there is something to lose, and then again with other input in processes that are killed. It
prints what was wrong after each, as JSON. Run it as a program: it forks.
"""

from __future__ import annotations

import builtins
import hashlib
import io
import json
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout, suppress
from pathlib import Path
from typing import Any, NamedTuple

from novin_ml.cli import main
from novin_ml.coreml import verify_coreml
from novin_ml.exceptions import BuildError
from novin_ml.files import finish_replacing
from novin_ml.lifecycle import Registry, load_estimator, verify_registry
from novin_ml.lifecycle.registry.release import read_release
from tests.events.doors.recordings import write_home
from tests.killing import killed_at, steps_of


class Written(NamedTuple):
    """A command that writes.

    Attributes
    ----------
    first : str
        What is run before, so that its outputs are there.
    then : str
        What is killed.
    outputs : tuple of str
        Files and folders that it replaces: each must be the old or the new one, whole.
    faults : callable
        For what has a time or a random number in it: ``faults(folder)`` returns what is wrong.
    before : tuple of str
        Commands that make its inputs.
    """

    first: str
    then: str
    outputs: tuple[str, ...] = ()
    faults: Callable[[Path], list[str]] | None = None
    before: tuple[str, ...] = ()


def _faults_of_registry(folder: Path) -> list[str]:
    registry = Registry(folder / "registry")
    found = verify_registry(registry)
    if registry.served("delivery") is None:
        found.append("nothing is served")
    return found


def _faults_of_release(folder: Path) -> list[str]:
    """A release is whole, or says that it is none."""
    try:
        read_release(folder / "release")
    except BuildError as error:
        said = str(error)
        return [] if "marked as not released" in said else [said]
    return []


def _faults_of_key(folder: Path) -> list[str]:
    keys = [folder / "key", folder / "key.pub"]
    return [f"{key} is empty" for key in keys if key.exists() and not key.stat().st_size]


def _faults_of_json(*names: str) -> Callable[[Path], list[str]]:
    def faults(folder: Path) -> list[str]:
        found = []
        for name in names:
            try:
                json.loads((folder / name).read_text(encoding="utf-8"))
            except (OSError, ValueError) as error:
                found.append(f"{name}: {error!r}")
        return found

    return faults


def _faults_of_model(name: str) -> Callable[[Path], list[str]]:
    def faults(folder: Path) -> list[str]:
        try:
            load_estimator(folder / name)
        except Exception as error:  # whatever it is, the model is lost
            return [f"{name}: {error!r}"]
        return []

    return faults


def _faults_of_demo(folder: Path) -> list[str]:
    """Each saved model loads, and each exported one holds against its certificate."""
    found = []
    for manifest in sorted((folder / "demo").glob("[!.]*/manifest.json")):
        if manifest.parent.suffix != ".reference":
            found += _faults_of_model(f"demo/{manifest.parent.name}")(folder)
    for model in sorted((folder / "demo").glob("[!.]*.mlmodel")):
        try:
            verify_coreml(model)
        except Exception as error:  # whatever it is, the model is lost
            found.append(f"{model.name}: {error!r}")
    return found


_GENERATE = "generate {0} --samples 200 --homes 6 --seed {1} --out {2}"
_LOG = "generate delivery --samples 400 --homes 8 --seed {0} --out {1}.jsonl"
_TRAIN = "train delivery a.jsonl --epochs {0} --seed 0 --test-fraction 0 --out {1}"
_DATA = (_LOG.format(1, "a"), _LOG.format(2, "b"))
_MODELS = (*_DATA, _TRAIN.format(2, "model"), _TRAIN.format(3, "other"))
_BUILD = (*_DATA, "init a.jsonl --frozen 2 --out novin.toml")
_RELEASES = (
    *_MODELS,
    "export model --out one/delivery.mlmodel",
    "export other --out two/delivery.mlmodel",
    "registry add registry delivery one",
)
_HOMES = "generate behavior --homes 3 --weeks 1 --seed {0} --out {1}.jsonl"


def _import(door: str) -> Written:
    end = "--home h --timezone UTC --out events.jsonl"
    return Written(
        f"import {door} {door}.1 {end}", f"import {door} {door}.2 {end}", ("events.jsonl",)
    )


GROUPS: dict[str, dict[str, Written]] = {
    "imports": {
        **{
            f"import {door}": _import(door)
            for door in ("casas", "ring", "nest", "zigbee2mqtt", "ha-history", "frigate")
        },
        "import auto": Written(
            "import auto casas.1 --home h --timezone UTC --out events.jsonl",
            "import auto casas.2 --home h --timezone UTC --out events.jsonl",
            ("events.jsonl",),
        ),
        "import home-assistant": Written(
            "import home-assistant home --home a --out e.jsonl --write-mapping m.toml",
            "import home-assistant home --home b --out e.jsonl --write-mapping n.toml",
            ("e.jsonl", "n.toml"),
        ),
        "home": Written(
            "home home --home a --out page.html --plot week.svg",
            "home home --home b --out page.html --plot week.svg",
            ("page.html",),
        ),
    },
    "data": {
        **{
            f"generate {family}": Written(
                _GENERATE.format(family, 1, "e.jsonl"),
                _GENERATE.format(family, 2, "e.jsonl"),
                ("e.jsonl",),
            )
            for family in ("delivery", "motion", "chains")
        },
        "generate behavior": Written(_HOMES.format(1, "e"), _HOMES.format(2, "e"), ("e.jsonl",)),
        "split": Written(
            "split a.jsonl --seed 1 --train x.jsonl --tune y.jsonl --test z.jsonl",
            "split a.jsonl --seed 2 --train x.jsonl --tune y.jsonl --test z.jsonl",
            ("x.jsonl", "y.jsonl", "z.jsonl"),
            before=_DATA,
        ),
        **{
            f"features {family}": Written(
                f"features {family} {family}.1.jsonl --out f.csv",
                f"features {family} {family}.2.jsonl --out f.csv",
                ("f.csv",),
                before=tuple(
                    _HOMES.format(i, f"{family}.{i}")
                    if family == "behavior"
                    else _GENERATE.format(family, i, f"{family}.{i}.jsonl")
                    for i in (1, 2)
                ),
            )
            for family in ("delivery", "motion", "chains", "behavior")
        },
        "plan": Written(
            "plan --homes 100 --plot plan.svg",
            "plan --homes 5000 --plot plan.svg",
            ("plan.svg",),
        ),
        "rollout plan": Written(
            "rollout plan plan.json 1",
            "rollout plan plan.json 2 --share 0.5",
            ("plan.json",),
        ),
        "rollout assign": Written(
            "rollout assign plan.json homes.1.csv --out v.csv",
            "rollout assign plan.json homes.2.csv --out v.csv",
            ("v.csv",),
            before=("rollout plan plan.json 1",),
        ),
        "drift": Written(
            "drift a.jsonl b.jsonl --out page.html",
            "drift b.jsonl a.jsonl --out page.html",
            ("page.html",),
            before=_DATA,
        ),
        "keygen": Written("keygen key", "keygen more", (), _faults_of_key),
    },
    "models": {
        "train delivery": Written(
            _TRAIN.format(2, "m"), _TRAIN.format(4, "m"), ("m",), before=_DATA
        ),
        **{
            f"train {family}": Written(
                f"train {family} e.jsonl --epochs 2 --test-fraction 0 --out m",
                f"train {family} e.jsonl --epochs 4 --test-fraction 0 --out m",
                ("m",),
                before=(_GENERATE.format(family, 1, "e.jsonl"),),
            )
            for family in ("motion", "chains")
        },
        "train behavior": Written(
            "train behavior e.jsonl --by home_id --seed 1 --out fleet",
            "train behavior e.jsonl --by home_id --seed 2 --out fleet",
            (),
            lambda folder: [
                fault
                for file in sorted((folder / "fleet").glob("[!.]*.novin"))
                for fault in _faults_of_model(f"fleet/{file.name}")(folder)
            ],
            before=("generate behavior --homes 3 --weeks 4 --seed 1 --out e.jsonl",),
        ),
        "threshold": Written(
            "threshold model a.jsonl --error-rate 0.2",
            "threshold model b.jsonl --error-rate 0.1",
            ("model",),
            before=_MODELS,
        ),
    },
    "measured": {
        "compare": Written(
            "compare model other a.jsonl --out d.csv",
            "compare other model b.jsonl --out d.csv",
            ("d.csv",),
            before=_MODELS,
        ),
        "score": Written(
            "score model a.jsonl --out s.csv",
            "score model b.jsonl --out s.csv",
            ("s.csv",),
            before=_MODELS,
        ),
        "report": Written(
            "report model --data a.jsonl --out r.html --card c.md",
            "report model --data b.jsonl --out r.html --card c.md",
            ("r.html", "c.md"),
            before=_MODELS,
        ),
        "rollout shadow": Written(
            "rollout shadow a.jsonl --version model --version other --out s.csv",
            "rollout shadow b.jsonl --version model --version other --out s.csv",
            ("s.csv",),
            before=_MODELS,
        ),
    },
    "exports": {
        "export": Written(
            "export model --out d.mlmodel",
            "export other --out d.mlmodel",
            ("d.mlmodel", "d.certificate.json", "d.reference"),
            before=_MODELS,
        ),
        "ios": Written(
            "ios one/delivery.mlmodel --out Package",
            "ios two/delivery.mlmodel --out Package",
            ("Package",),
            before=_RELEASES[:-1],
        ),
    },
    "registry": {
        "registry add": Written(
            "registry promote registry delivery 1",
            "registry add registry delivery two",
            (),
            _faults_of_registry,
            before=_RELEASES,
        ),
        "registry promote": Written(
            "registry promote registry delivery 1",
            "registry promote registry delivery 2",
            (),
            _faults_of_registry,
            before=(*_RELEASES, "registry add registry delivery two"),
        ),
        "registry rollback": Written(
            "registry promote registry delivery 2",
            "registry rollback registry delivery",
            (),
            _faults_of_registry,
            before=(
                *_RELEASES,
                "registry add registry delivery two",
                "registry promote registry delivery 1",
            ),
        ),
        "registry gc": Written(
            "registry promote registry delivery 2",
            "registry gc registry --keep 1",
            (),
            _faults_of_registry,
            before=(*_RELEASES, "registry add registry delivery two"),
        ),
    },
    "builds": {
        "init": Written(
            "init a.jsonl --out novin.toml",
            "init a.jsonl --frozen 1 --out other.toml",
            ("other.toml",),
            before=_DATA,
        ),
        "build": Written(
            "build novin.toml --out release",
            "build novin.toml --out release",
            (),
            _faults_of_release,
            before=_BUILD,
        ),
        "sign": Written(
            "sign release --key key --version 1 --out signed",
            "sign release --key key --version 2 --out signed",
            (),
            _faults_of_json("signed/manifest.json"),
            before=(*_BUILD, "build novin.toml --out release", "keygen key"),
        ),
        "retrain": Written(
            "retrain novin.toml --dry-run --out challenger",
            "retrain novin.toml --out challenger",
            (),
            lambda folder: verify_registry(Registry(folder / "registry")),
            before=(*_BUILD, "retrain novin.toml --out challenger"),
        ),
        "answers": Written(
            "answers said.1.jsonl --build novin.toml",
            "answers said.2.jsonl --build novin.toml",
            ("answers.csv",),
            before=_BUILD,
        ),
        "forget": Written(
            "forget home_1_0001 logs --record r.json",
            "forget home_1_0002 logs --record r.json",
            ("logs/a.jsonl",),
            _faults_of_json("r.json"),
            before=("generate delivery --samples 400 --homes 8 --seed 1 --out logs/a.jsonl",),
        ),
        "federated simulate": Written(
            "federated simulate e.jsonl --rounds 1 --out model --plot p.svg",
            "federated simulate e.jsonl --rounds 2 --out model --plot p.svg",
            ("model", "p.svg"),
            before=("generate motion --samples 300 --homes 8 --seed 1 --out e.jsonl",),
        ),
        "federated aggregate": Written(
            "federated aggregate inbox.1 --model model --min-updates 1 --out new --report r.json",
            "federated aggregate inbox.2 --model model --min-updates 1 --out new --report r.json",
            ("new",),
            _faults_of_json("r.json"),
            before=(
                "generate motion --samples 300 --homes 8 --seed 1 --out e.jsonl",
                "federated simulate e.jsonl --rounds 1 --out model",
            ),
        ),
        "federated prior": Written(
            "federated prior x.jsonl --min-homes 1 --out prior.json",
            "federated prior y.jsonl --min-homes 1 --out prior.json",
            ("prior.json",),
            before=(_HOMES.format(1, "x"), _HOMES.format(2, "y")),
        ),
    },
    "demo": {
        "demo": Written(
            "demo --samples 300 --algorithm boosting --out demo --seed 1",
            "demo --samples 300 --algorithm boosting --out demo --seed 2",
            (),
            _faults_of_demo,
        ),
    },
}


#: A line or two of each log, with its time in two variants.
_LOGS: dict[str, Callable[[int], Any]] = {
    "casas": lambda n: f"2024-01-0{n} 10:00:00 M003 ON\n2024-01-0{n} 10:00:09 M003 OFF\n",
    "ring": lambda n: [
        {
            "id": n,
            "kind": "ding",
            "created_at": f"2024-01-0{n}T10:00:00Z",
            "doorbot": {"description": "Door"},
        }
    ],
    "nest": lambda n: {
        "timestamp": f"2024-01-0{n}T10:00:00Z",
        "resourceUpdate": {"name": "d", "events": {"sdm.devices.events.DoorbellChime.Chime": {}}},
    },
    "zigbee2mqtt": lambda n: f'2024-01-0{n}T10:00:00Z zigbee2mqtt/hall {{"occupancy": true}}\n',
    "ha-history": lambda n: [
        [
            {
                "entity_id": "binary_sensor.door",
                "last_changed": f"2024-01-0{n}T10:00:0{s}Z",
                "state": state,
                "attributes": {"device_class": "door"},
            }
            for s, state in ((0, "off"), (5, "on"))
        ]
    ],
    "frigate": lambda n: [
        {
            "id": f"170000000{n}-a",
            "camera": "front_door",
            "label": "person",
            "zones": [],
            "start_time": 1.7e9 + n,
        }
    ],
}


def _inputs(folder: Path) -> None:
    """Write what no command writes."""
    for door, content in _LOGS.items():
        for n in (1, 2):
            made = content(n)
            text = made if isinstance(made, str) else json.dumps(made)
            (folder / f"{door}.{n}").write_text(text, encoding="utf-8")
    write_home(folder / "home")
    for n in (1, 2):
        (folder / f"homes.{n}.csv").write_text(f"home_id\nh{n}\nh3\n", encoding="utf-8")


def _called(folder: Path, arguments: str) -> None:
    os.chdir(folder)
    sys.argv = ["novin-ml", *arguments.split()]
    try:
        with redirect_stdout(io.StringIO()):
            main()
    except SystemExit as end:
        # 1 is a gate that failed: what was to be written is written.
        if end.code not in (None, 0, 1):
            raise RuntimeError(f"{arguments}: exit code {end.code}") from None


def _updates(folder: Path) -> None:
    """Write two inboxes of one update each, once there is a model."""
    from novin_ml.estimators import get_weights, model_sha256
    from novin_ml.federated import Update, write_update

    model = load_estimator(folder / "model")
    values, of = get_weights(model), bytes.fromhex(model_sha256(model))
    for n in (1, 2):
        write_update(Update(values + n / 1000, 7, of), folder / f"inbox.{n}" / "a")


def _said(folder: Path) -> None:
    """Write what two users said of alarms, once there are events."""
    lines = (folder / "a.jsonl").read_text(encoding="utf-8").splitlines()
    motions = [event for event in map(json.loads, lines) if event.get("label")]
    for n in (1, 2):
        of = {name: motions[n][name] for name in ("home_id", "timestamp")}
        said = json.dumps(of | {"answer": "real", "label": "delivery"})
        (folder / f"said.{n}.jsonl").write_text(said, encoding="utf-8")


def _more_events(folder: Path) -> None:
    """Add events of other homes to those of a build, so that there is something to retrain on."""
    more = (folder / "b.jsonl").read_text(encoding="utf-8")
    with (folder / "a.jsonl").open("a", encoding="utf-8") as stream:
        stream.write(more)


#: What is written once the commands before have run.
_MORE = {"federated aggregate": _updates, "answers": _said, "retrain": _more_events}


def _tree(path: Path) -> str | None:
    """Return a hash of a file or of all files in a folder; None if there is none."""
    if not path.exists():
        return None
    found = hashlib.sha256()
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if file.is_file():
            found.update(f"{file.relative_to(path)}\0".encode())
            found.update(file.read_bytes())
    return found.hexdigest()


def _with_openings(work: Callable[[], None]) -> Callable[[], None]:
    """Make each opening of a file to write a step too, after which it is empty."""

    def run() -> None:
        opened = io.open

        def counted(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
            stream = opened(file, mode, *args, **kwargs)
            if set(mode) & set("wax+") and not isinstance(file, int):
                _step()
            return stream

        builtins.open = io.open = counted
        work()

    return run


def _step() -> None:
    """A step that changes nothing: `tests.killing` counts calls of ``os.unlink``."""
    with suppress(OSError):
        os.unlink("")


def found_in(group: str, folder: Path, points: int, left_out: Sequence[str] = ()) -> dict[str, Any]:
    """Return by command: its steps, and what was wrong after kills."""
    found = {}
    for name, case in GROUPS[group].items():
        if name in left_out:
            continue
        place = folder / name.replace(" ", "_")
        start, full, work = (place / each for each in ("start", "full", "work"))
        start.mkdir(parents=True)
        _inputs(start)
        for command in case.before:
            _called(start, command)
        if name in _MORE:
            _MORE[name](start)
        _called(start, case.first)
        shutil.copytree(start, full)
        os.chdir(folder)
        n_steps = steps_of(_with_openings(lambda full=full, case=case: _called(full, case.then)))
        old = {output: _tree(start / output) for output in case.outputs}
        new = {output: _tree(full / output) for output in case.outputs}
        inputs = {path.name for path in start.iterdir() if _tree(path) == _tree(full / path.name)}
        faults = [f"{output} did not change" for output in old if old[output] == new[output]]
        chosen = sorted({round(i * (n_steps - 1) / max(points - 1, 1)) for i in range(points)})
        for step in chosen:
            shutil.rmtree(work, ignore_errors=True)
            shutil.copytree(start, work)
            doing = _with_openings(lambda work=work, case=case: _called(work, case.then))
            if not killed_at(step, doing):
                faults.append(f"step {step} of {n_steps} was not reached")
            os.chdir(folder)
            for output in case.outputs:
                finish_replacing(work / output)
                if _tree(work / output) not in (old[output], new[output]):
                    faults.append(f"step {step}: {output} is neither the old nor the new one")
            for path in inputs:
                if _tree(work / path) != _tree(start / path):
                    faults.append(f"step {step}: {path} changed")
            if case.faults is not None:
                faults += [f"step {step}: {fault}" for fault in case.faults(work)]
        found[name] = {"steps": n_steps, "killed": len(chosen), "faults": faults}
        shutil.rmtree(place)
    return found


if __name__ == "__main__":
    _, _group, _folder, _points, *_left_out = sys.argv
    found = found_in(_group, Path(_folder).resolve(), int(_points), _left_out)
    json.dump(found, sys.stdout)
