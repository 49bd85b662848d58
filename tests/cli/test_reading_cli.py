"""What the commands read and where they write: options of texts, pipes, reasons, full disks."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys

import pytest

from novin_ml.events import read_events
from novin_ml.simulation import simulate_deliveries

#: No file of the process may pass so many bytes, as on a disk that is full.
LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), -1))
sys.argv[:2] = ["novin-ml"]
from novin_ml.cli._program import main
main()
"""


def run(*arguments, data=None, limit=None):
    start = ["-c", "from novin_ml.cli._program import main; main()"]
    if limit is not None:
        start = ["-c", LIMITED, str(limit)]
    done = subprocess.run(
        [sys.executable, *start, *map(str, arguments)],
        input=data, capture_output=True, check=False, timeout=300,
    )  # fmt: skip
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    path = tmp_path_factory.mktemp("events") / "events.csv"
    events = simulate_deliveries(60, n_homes=10, random_state=0)
    names = ["home_id", "type", "timestamp", "consent", "label", "confidence", "duration"]
    events[names].to_csv(path, index=False)
    return path


def features(source, out, *options, **how):
    return run("features", "delivery", source, "--out", out, *options, **how)


def test_a_dash_is_standard_input_also_for_chains(table, tmp_path):
    for kind in ("delivery", "chains"):
        out = tmp_path / f"{kind}.csv"
        code, printed, _ = run("features", kind, "-", "--out", out, data=table.read_bytes())
        assert (code, out.exists()) == (0, True), printed


def test_a_folder_is_read_as_its_files_one_after_the_other(table, tmp_path):
    folder = tmp_path / "days"
    folder.mkdir()
    (folder / "1.csv").write_bytes(table.read_bytes())
    (folder / "2.csv.gz").write_bytes(gzip.compress(table.read_bytes()))
    whole = 2 * len(read_events(table))
    for kind in ("delivery", "chains"):
        code, printed, _ = run("features", kind, folder, "--out", tmp_path / f"{kind}.csv")
        assert code == 0
        assert f"read {whole} events of {folder}: {whole} accepted" in printed
    parts = [tmp_path / name for name in ("train.jsonl", "test.jsonl")]
    code, _, _ = run("split", folder, "--train", parts[0], "--test", parts[1])
    assert code == 0
    assert sum(len(read_events(part)) for part in parts) == whole
    code, printed, _ = run("drift", table, folder)
    assert code == 0
    assert f"read {whole} events of {folder}" in printed


def test_what_is_read_once_is_refused_for_two_parameters(table, tmp_path):
    """The second reading of a pipe would wait forever, that of standard input find nothing."""
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    for path in ("-", pipe):
        code, printed, error = run("drift", path, path, data=table.read_bytes())
        assert (code, printed) == (2, "")
        assert f"{path} must be read once. Got it for reference and current." in error


def test_options_of_texts_are_those_of_each_command_that_reads(table, tmp_path):
    german = tmp_path / "german.tsv"
    read_back = read_events(table)
    import pandas as pd

    pd.read_csv(table).to_csv(german, sep="\t", decimal=",", index=False, encoding="utf-16")
    code, _, error = features(german, tmp_path / "x.csv")
    assert code == 2
    assert "--encoding utf-16" in error
    options = ["--encoding", "utf-16", "--decimal", ","]
    code, _, error = features(german, tmp_path / "x.csv", *options)
    assert "--separator" in error
    for tab in ("\\t", "\t"):
        code, printed, error = features(
            german, tmp_path / "x.csv", "--json", *options, "--separator", tab
        )
        assert code == 0, error
    assert json.loads(printed)["events"]["accepted"] == len(read_back)


def test_the_first_reasons_are_printed_and_rejects_offered_only_where_they_are(table, tmp_path):
    broken = tmp_path / "broken.csv"
    lines = table.read_text().splitlines()
    broken.write_text("\n".join([*lines, "h,motion,noon,True,,0.5,1", "h,motion,1,True,,90,1"]))
    code, printed, _ = run("split", broken, "--train", tmp_path / "a.csv", "--test",
                           tmp_path / "b.csv")  # fmt: skip
    assert code == 0
    assert 'Got "noon"' in printed.replace("\n", "")
    assert "--rejects FILE" in printed
    rejects = tmp_path / "rejects.csv"
    code, printed, _ = run("split", broken, "--train", tmp_path / "a.csv", "--test",
                           tmp_path / "b.csv", "--rejects", rejects)  # fmt: skip
    assert "Got 90" in printed.replace("\n", "")
    assert f"All of them: {rejects}" in printed.replace("\n", "")
    broken.write_text(f"{lines[0]}\nh,motion,noon,True,,0.5,1\nh,motion,dusk,True,,0.5,1\n")
    code, _, error = run("train", "delivery", broken, "--out", tmp_path / "model")
    assert code == 2
    assert 'Got "noon". So 1 more.' in error
    assert "--rejects" not in error


COMMANDS = [
    ["generate", "delivery", "--samples", "3000"],
    ["generate", "chains", "--samples", "300"],
    ["features", "delivery", "EVENTS"],
    ["train", "delivery", "EVENTS"],
    ["train", "behavior", "EVENTS"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command[:2]))
@pytest.mark.parametrize("limit", [100, 100_000])
def test_a_full_disk_is_named_and_leaves_nothing(table, tmp_path, command, limit):
    ends = "" if command[0] == "train" else ".csv" if command[1] != "chains" else ".jsonl"
    out = tmp_path / "out" / f"made{ends}"
    arguments = [table if each == "EVENTS" else each for each in command]
    code, printed, error = run(*arguments, "--out", out, limit=limit)
    if limit == 100:
        assert code == 2
        assert error.strip() == f"Error: {out}: File too large. Free some space."
        assert printed == ""  # nothing was read or simulated before
    if code and command[1] != "behavior":  # which is of one home
        assert str(out) in error
        assert ".writing" not in error
        assert not out.parent.exists() or list(out.parent.iterdir()) == []


@pytest.mark.parametrize("command", COMMANDS[2:4], ids=lambda command: " ".join(command[:2]))
def test_where_nobody_may_write_is_named_before_the_work(table, tmp_path, command):
    arguments = [table if each == "EVENTS" else each for each in command]
    (tmp_path / "file").write_text("")
    places = [tmp_path / "file" / "made.csv", "/proc/novin/made.csv"]
    if os.getuid() != 0:
        (tmp_path / "closed").mkdir(mode=0o500)
        places.append(tmp_path / "closed" / "made.csv")
    for out in places:
        code, printed, error = run(*arguments, "--out", out)
        assert (code, printed) == (2, "")
        assert error.startswith(f"Error: {out}: ")
        assert "Check the path" in error
