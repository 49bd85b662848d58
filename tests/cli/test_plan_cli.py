"""``novin-ml plan``, as a person and a program call it."""

import json
import re

import pytest
from typer.testing import CliRunner

from novin_ml.cli.app import app
from novin_ml.events import write_events
from novin_ml.simulation import simulate_behavior


def run(*arguments):
    return CliRunner().invoke(app, ["plan", *map(str, arguments)], env={"COLUMNS": "200"})


def test_a_plan_answers_in_tables_and_one_sentence():
    done = run("--homes", 5_000, "--events", 50_000, "--deadline", "8h", "--budget", 20)
    assert done.exit_code == 0, done.stderr
    assert "The answer is the laptop you have: MacBook Pro M1" in done.stdout
    assert "No upgrade pays" in done.stdout
    assert "within 8 h" in done.stdout
    assert "22 min for 50,000" in done.stdout  # promised for delivery
    assert "one update of a home" in done.stdout
    assert "promised: 5 to 10 min" in done.stdout  # on a phone
    for line in done.stdout.splitlines():
        if "AWS p3.2xlarge" in line:
            assert "extrapolated" in line
    assert "The prices are of 2025-10-01" in done.stdout


def test_a_stage_has_its_declaration_and_its_line_of_cron():
    done = run("--homes", 500, "--stage", "auto", "--task", "motion")
    assert "MVP: 0 to 1,000 homes" in done.stdout
    assert "[models.motion]" in done.stdout
    assert "\\n" not in done.stdout
    assert "cron: 0 4 * * 1 cd NOVIN_FOLDER && novin-ml retrain novin.toml --quiet" in done.stdout
    assert "[models.motion]" not in run("--homes", 500).stdout


def test_what_if_is_a_table_and_a_sentence():
    done = run("--homes", 500, "--task", "motion", "--what-if", "homes=20000")
    assert "What if homes=20000" in done.stdout
    assert "Then the same hardware is the cheapest" in done.stdout
    for line in done.stdout.splitlines():
        # Each time is shown with what it rests on, and with its interval.
        assert (
            not re.search(r"\d (s|min|h)\b", line)
            or "promised" in line
            or (re.search(r"\d (s|min|h) to \d", line) and re.search("extrapolated|measured", line))
            or "min for" in line
        ), line


def test_a_log_says_what_homes_report(tmp_path):
    log = simulate_behavior(3, weeks=2, random_state=0)
    write_events(log, tmp_path / "log.jsonl")
    done = run("--from", tmp_path / "log.jsonl", "--json")
    assert done.exit_code == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["homes"] == 3
    days = 14
    size = (tmp_path / "log.jsonl").stat().st_size
    month = document["traffic"]["events_stored"]
    assert month == pytest.approx(size * 365 / 12 / days, rel=0.1)
    assert document["cheapest"] == "macbook-pro-m1"
    assert document["hardware"][0]["time"]["basis"] == "extrapolated"


def test_calibrate_measures_this_machine_and_keeps_its_times(tmp_path):
    times, plot = tmp_path / "times.json", tmp_path / "plan.png"
    given = ["--homes", 500, "--events", 500, "--task", "delivery", "--times", times]
    done = run(*given, "--calibrate", "--scale", 0.02, "--plot", plot)
    assert done.exit_code == 0, done.stderr
    assert "within the 95 % intervals of the times" in done.stdout
    assert "The answer is the machine you have" in done.stdout
    assert plot.stat().st_size > 10_000
    again = json.loads(run(*given, "--json").stdout)
    assert again["cheapest"] == "measured-machine"
    assert again["hardware"][0]["time"]["basis"] == "measured"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "--homes must be a number. Got none"),
        (["--homes", -3], "Got -3"),
        (["--homes", 5, "--hardware", "colab-prp"], "Did you mean 'colab-pro'?"),
        (["--homes", 5, "--deadline", "8"], "A length of time must be"),
        (["--homes", 5, "--what-if", "rows"], "A change must be KEY=VALUE"),
        (["--homes", 5, "--what-if", "rows=many"], "a factor such as 2x. Got 'many'"),
        (["--homes", 5, "--budget", -1], "Got -1.0"),
        (["--homes", 5, "--prices", "nowhere.toml"], "nowhere.toml: No such file"),
        (["--homes", 5, "--times", "nowhere.json"], "nowhere.json: No such file"),
        (["--homes", 5, "--task", "motions"], "Did you mean 'motion'?"),
        (["--homes", 5, "--calibrate", "--task", "motions"], "Got 'motions'"),
        (["--homes", 5, "--calibrate", "--scale", 0], "'scale' parameter of calibrate"),
        (["--homes", 5, "--plot", "a.pdf"], "must be an .svg or .png file"),
    ],
)
def test_bad_input_is_one_sentence(arguments, says):
    done = run(*arguments)
    assert done.exit_code == 2
    assert says in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
