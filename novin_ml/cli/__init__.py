"""The command line: parses, calls, prints; no logic of its own."""

from novin_ml.cli._program import main

__all__ = ["main"]
