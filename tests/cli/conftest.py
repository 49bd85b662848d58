"""The width of what commands print is that of a file, whoever runs the tests."""

import pytest


@pytest.fixture(autouse=True)
def width_of_files(monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
