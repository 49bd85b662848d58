"""``novin-ml split``: files by home."""

import json

import pytest
from typer.testing import CliRunner

from novin_ml.cli.app import app
from novin_ml.events import holds_chains, read_chains, read_events
from novin_ml.simulation import simulate_chains


def run(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    folder = tmp_path_factory.mktemp("split")
    for kind in ("delivery", "chains"):
        arguments = ("--samples", 1000, "--out", folder / f"{kind}.jsonl", "-q")
        assert run("generate", kind, *arguments).exit_code == 0
    return folder


@pytest.mark.parametrize(("kind", "read"), [("delivery", read_events), ("chains", read_chains)])
def test_files_hold_all_rows_and_each_home_once(work, tmp_path, kind, read):
    paths = {name: tmp_path / f"{name}.jsonl" for name in ("train", "tune", "test")}
    options = [part for name, path in paths.items() for part in (f"--{name}", path)]
    result = run("split", work / f"{kind}.jsonl", *options, "--seed", 3, "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)["parts"]
    tables = {name: read(path) for name, path in paths.items()}
    homes = [set(table["home_id"]) for table in tables.values()]
    whole = read(work / f"{kind}.jsonl")
    assert sum(map(len, homes)) == len(set.union(*homes)) == whole["home_id"].nunique()
    assert sum(map(len, tables.values())) == len(whole)
    assert {name: part["homes"] for name, part in found.items()} == {
        name: table["home_id"].nunique() for name, table in tables.items()
    }
    assert holds_chains(paths["test"]) == (kind == "chains")
    if kind == "chains":
        assert len(whole) == len(simulate_chains(1000, random_state=0))


@pytest.mark.parametrize(
    ("test", "message"),
    [("train.jsonl", "--test must be another file"), ("source", "--test must be another file")],
)
def test_no_file_is_written_over(work, tmp_path, test, message):
    source = work / "delivery.jsonl"
    before = source.read_bytes()
    path = source if test == "source" else tmp_path / test
    result = run("split", source, "--train", tmp_path / "train.jsonl", "--test", path)
    assert result.exit_code == 2
    assert message in result.stderr
    assert source.read_bytes() == before
    assert not (tmp_path / "train.jsonl").exists()
