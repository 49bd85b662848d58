"""The Swift package, built once for all tests, and its tool."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from novin_ml.coreml.swift import write_features_package

NO_SWIFT = "skipped: swift is not on the PATH, the Swift package was not tested"


def swift(
    package: Path, *arguments: str, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Call the Swift package manager, or skip."""
    if shutil.which("swift") is None:
        pytest.skip(NO_SWIFT)
    command = ["swift", *arguments]
    return subprocess.run(
        command, cwd=package, capture_output=True, text=True, check=False, env=env
    )


@pytest.fixture(scope="session")
def novin_tool(tmp_path_factory, worker_id) -> Callable[..., list[Any]]:
    """Give a function that gives lines to a command of the tool, and returns its answers."""
    if shutil.which("swift") is None:
        pytest.skip(NO_SWIFT)
    base = tmp_path_factory.getbasetemp()
    package = (base if worker_id == "master" else base.parent) / "novin-tool"
    binary = package / ".build" / "release" / "novin-tool"
    with FileLock(f"{package}.lock"):
        if not binary.exists():
            write_features_package(package)
            built = swift(package, "build", "-c", "release", "--product", "novin-tool")
            assert built.returncode == 0, built.stdout[-5000:] + built.stderr[-5000:]
            assert "warning:" not in built.stdout, built.stdout

    def tool(command: str, lines: Sequence[str], *arguments: str) -> list[Any]:
        answer = subprocess.run(
            [str(binary), command, *arguments],
            input="".join(f"{line}\n" for line in lines),
            capture_output=True,
            text=True,
            check=False,
        )
        assert answer.returncode == 0, answer.stderr[-5000:]
        return [json.loads(line) for line in answer.stdout.split("\n")[:-1]]

    return tool
