"""Megabytes that the package and each of its extras install, dependencies included.

Run as ``python -m benchmarks.install_size [--extras train,all]``. Each row is a new environment
without pip, and the size of its site-packages as ``du -sm`` gives it: blocks on the disk, compiled
modules included. The largest packages are named.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from benchmarks._host import host_line

ROOT = Path(__file__).resolve().parents[1]
NAMED = 5
DEFAULT = (
    "train,train-cpu,export,plots,parquet,lightgbm,doors,dask,mlflow,signing,federated,"
    "federated-simulation,all"
)


def megabytes(path: Path) -> int:
    """Return what ``du -sm`` says of a file or folder."""
    done = subprocess.run(["du", "-sm", str(path)], check=True, capture_output=True, text=True)
    return int(done.stdout.split()[0])


def install(extra: str, folder: Path) -> Path:
    """Install the checkout with an extra, or with none, into `folder`; return its site-packages."""
    venv.create(folder, with_pip=False)
    target = f"{ROOT}[{extra}]" if extra else str(ROOT)
    pip = [sys.executable, "-m", "pip", "--python", str(folder), "install", "--quiet"]
    # A checkout on PYTHONPATH would look like an installed package to pip.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    subprocess.run([*pip, target], check=True, env=environment)
    return next(folder.glob("lib/python*/site-packages"))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--extras", default=DEFAULT)
    options = parser.parse_args()
    print(host_line())
    print(
        "\n| install | MB | more than the plain install | of which |\n| --- | ---: | ---: | --- |"
    )
    plain: dict[str, int] = {}
    for extra in ["", *options.extras.split(",")]:
        with tempfile.TemporaryDirectory() as folder:
            packages = install(extra, Path(folder))
            total = megabytes(packages)
            sizes = {
                path.name: megabytes(path)
                for path in packages.iterdir()
                if path.is_dir() and path.suffix != ".dist-info"
            }
        plain = plain or sizes | {"": total}
        own = {name: size for name, size in sizes.items() if not extra or name not in plain}
        largest = sorted(own, key=lambda name: own[name], reverse=True)[:NAMED]
        name = f"novin-ml[{extra}]" if extra else "novin-ml"
        more = f"{total - plain['']:+}" if extra else ""
        parts = ", ".join(f"{part} {own[part]}" for part in largest)
        print(f"| `{name}` | {total} | {more} | {parts} |", flush=True)


if __name__ == "__main__":
    main()
