"""Where the program begins."""

from __future__ import annotations

import io
import signal
import sys

from novin_ml._version import __version__
from novin_ml.waiting import wait_briefly


def main() -> None:
    """Run the program; a build that is cancelled leaves no half-written folder."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a missing character is no error
            stream.reconfigure(errors="backslashreplace")
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    if sys.argv[1:] == ["--version"]:
        # Before the commands are loaded, with all that they need: a second or two.
        sys.stdout.write(f"novin-ml {__version__}\n")
        return
    wait_briefly()  # before any library with threads is loaded; processes of joblib inherit it
    from novin_ml.cli.app import app

    app()
