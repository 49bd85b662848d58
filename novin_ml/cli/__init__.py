"""The command line: parses, calls, prints; no logic of its own."""

from novin_ml.cli.app import main

__all__ = ["main"]
