"""A home is forgotten by a process that is killed before each of its steps on the file system.

``python -m tests.lifecycle.killed_forgetting FOLDER`` prints, for each step, what was left of the
home's files and whether another run finished it, as JSON. Run it as a program: it forks.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from novin_ml.lifecycle import forget_home
from novin_ml.lifecycle.fleet.places import home_file
from tests.killing import killed_at, steps_of

HOME = "home_1"


def prepare(folder: Path) -> dict[str, tuple[str | None, str | None]]:
    """Write logs and the file of the home; return what each holds before and afterwards."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    own = f'{{"home_id": "{HOME}"}}\n'
    other = '{"home_id": "home_2"}\n'
    contents: dict[str, tuple[str | None, str | None]] = {
        "a.jsonl": (own + other, other),
        "b.csv": (f"home_id,x\n{HOME},1\nhome_2,2\n", "home_id,x\nhome_2,2\n"),
        home_file(HOME): ("a model", None),
    }
    for name, (before, _) in contents.items():
        (folder / name).write_text(before or "", encoding="utf-8")
    return contents


def held(path: Path) -> str | None:
    """Return the content of a file, or None if it is gone."""
    return path.read_text(encoding="utf-8") if path.exists() else None


def state_of(path: Path, before: str | None, after: str | None) -> str:
    """Tell whether a file is the old one, the new one, or neither."""
    now = held(path)
    return "old" if now == before else "new" if now == after else "half"


def main(folder: Path) -> None:
    """Print what is left after each step, and after another run."""
    logs, record = folder / "logs", folder / "record.json"

    def work() -> None:
        forget_home(HOME, [logs], record=record)

    contents = prepare(logs)
    found = []
    for step in range(steps_of(work)):
        contents = prepare(logs)
        record.unlink(missing_ok=True)
        killed = killed_at(step, work)
        states = {name: state_of(logs / name, *each) for name, each in contents.items()}
        on_record = record.exists()
        work()
        is_done = all(held(logs / name) == after for name, (_, after) in contents.items())
        found.append(
            {"killed": killed, "states": states, "on_record": on_record, "is_done": is_done}
        )
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
