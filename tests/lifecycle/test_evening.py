"""The first evening with a home's own log."""

import re
import shutil
import time

import pytest
from typer.testing import CliRunner

from novin_ml.cli.app import app
from novin_ml.evaluation import write_evening
from novin_ml.evaluation.report.evening import evening_picture, unusual_words
from novin_ml.events import write_events
from novin_ml.events.doors import DoorMapping, read_home_assistant
from novin_ml.exceptions import InvalidEventError
from novin_ml.lifecycle import first_evening
from tests.events.doors.recordings import Recording, write_home


@pytest.fixture(scope="module")
def home_a(shared_data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("evening") / "home_a"
    shutil.copytree(shared_data / "doors" / "home_a", folder)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


def test_a_home_that_is_learning_has_no_alarms(home_a, tmp_path):
    found = first_evening(home_a)
    assert found.state == "learning"
    assert found.missing_days == 11
    assert found.headline == "learning: 11 more days at your budget of 1 alarm a week"
    assert found.n_alarms == 0
    assert len(found.unusual) == 5
    assert not any(each["alarm"] for each in found.unusual)
    # What happened once in this home: it was recorded so.
    assert {"glass_break", "smoke"} <= {each["type"] for each in found.unusual}
    assert all(len(each["reasons"]) == 3 for each in found.unusual)
    scores = [each["anomaly_score"] for each in found.unusual]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score < 1 for score in scores)
    assert sum(is_unusual for _, _, is_unusual in found.marks) == 5
    assert len(found.marks) == found.n_events == 1015
    assert all(0 <= hour < 168 for _, hour, _ in found.marks)
    assert any("purge_keep_days" in each for each in found.needs)
    assert found.needs[0].endswith("A budget of 2 alarms a week needs 4 more days.")
    write_evening(found, tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    assert "Most unusual so far, unproven" in page
    assert "These are no alarms" in page
    assert "<svg" in page
    assert "<script" not in page
    picture = evening_picture(found)
    assert picture.startswith("<svg")
    assert {"var(--a1)", "--a1:#0b61c4"} <= {*re.findall(r"var\(--a1\)|--a1:#0b61c4", picture)}


def test_a_larger_budget_needs_fewer_days(home_a):
    assert first_evening(home_a, alarms_per_week=2.0).missing_days == 4


def test_a_monitor_also_says_what_stayed_on_and_how_long_it_was_quiet(home_a, tmp_path):
    found = first_evening(home_a, monitor=True)
    assert found.state == "learning"
    assert found.headline == "learning: 11 more days at your budget of 3 alarms a week"
    assert len(found.unusual) == 5
    assert {each["kind"] for each in found.unusual} - {"event"}
    bits = [each["bits"] for each in found.unusual]
    assert bits == sorted(bits, reverse=True)
    assert all(each["text"] and each["reasons"] for each in found.unusual)
    assert sum(marked for _, _, marked in found.marks) == sum(
        each["kind"] == "event" for each in found.unusual
    )
    write_evening(found, tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    assert all(unusual_words(each) in page for each in found.unusual)
    done = CliRunner().invoke(app, ["home", str(home_a), "--monitor"])
    assert done.exit_code == 0
    assert unusual_words(found.unusual[0]) in done.stdout
    assert found.unusual[0]["reasons"][0] in done.stdout


def test_a_monitor_of_months_has_the_alarms_of_its_budgets(tmp_path):
    write_home(tmp_path, days=60)
    found = first_evening(tmp_path, monitor=True)
    assert found.state == "ready"
    assert found.kinds == ["event", "silence"]  # this home tells no ends
    assert found.bound <= found.budget == 2.0
    assert any("No sensor tells when it goes off" in each for each in found.needs)
    assert all(each["alarm"] for each in found.unusual)
    assert len(found.unusual) == min(found.n_alarms, 20)
    assert found.headline.startswith("ready: the log would have had ")


def test_a_home_of_months_is_ready_and_has_alarms(tmp_path):
    write_home(tmp_path, days=60)
    found = first_evening(tmp_path)
    assert (found.state, found.missing_days) == ("ready", 0)
    assert found.bound <= found.budget
    assert all(each["alarm"] for each in found.unusual)
    assert len(found.unusual) == min(found.n_alarms, 20)
    assert found.unusual_title == "alarms"
    assert found.headline.startswith("ready: ")
    assert not any("more day" in each for each in found.needs)


def test_the_command_takes_less_than_ten_seconds(home_a, tmp_path):
    page, plot, mapping = (tmp_path / name for name in ("p.html", "p.svg", "mapping.toml"))
    began = time.process_time()
    outputs = ["--out", str(page), "--plot", str(plot), "--write-mapping", str(mapping)]
    done = CliRunner().invoke(app, ["home", str(home_a), *outputs])
    assert done.exit_code == 0, done.output
    assert time.process_time() - began < 10
    assert "learning: 11 more days at your budget of 1 alarm a week" in done.output
    assert "most unusual so far, unproven:" in done.output
    assert "Living Room Glass Break" in done.output
    assert all(path.stat().st_size > 1_000 for path in (page, plot, mapping))
    DoorMapping.from_toml(mapping)


def test_files_that_were_kept_count_once(tmp_path):
    """Weekly imports of a database that keeps more days than a week overlap."""
    write_home(tmp_path / "config", days=30)
    events, _ = read_home_assistant(tmp_path / "config", home_id="mine")
    (tmp_path / "kept").mkdir()
    start = events["timestamp"].min()
    for week in range(4):
        begin = start + 7 * 86_400 * week
        part = events["timestamp"].between(begin, begin + 10 * 86_400)
        write_events(events[part], tmp_path / "kept" / f"{week}.jsonl")
    found = first_evening(tmp_path / "kept")
    whole = first_evening(tmp_path / "config")
    assert found.n_events == whole.n_events == len(events)
    assert (found.state, found.headline) == ("ready", whole.headline)
    assert found.unusual == whole.unusual
    assert found.marks == whole.marks
    others = events.assign(home_id="other")
    write_events(others, tmp_path / "kept" / "other.jsonl")
    assert first_evening(tmp_path / "kept", home_id="mine").n_events == len(events)
    with pytest.raises(InvalidEventError, match=r"one home. Got 2 homes, and none of them is 'x'"):
        first_evening(tmp_path / "kept", home_id="x")


def test_a_log_without_events_says_what_would_have_more_read(tmp_path):
    recording = Recording(50, 1.7e9)
    recording.add("binary_sensor.x", "off", 1_700_001_000.0, device_class="tamper")
    recording.add("binary_sensor.x", "on", 1_700_001_001.0, device_class="tamper")
    recording.write(tmp_path / "x.db")
    with pytest.raises(InvalidEventError, match=r"at least two events .* \[entities"):
        first_evening(tmp_path / "x.db", timezone="Europe/Berlin")
    (tmp_path / "other.txt").write_text("a shopping list")
    with pytest.raises(InvalidEventError, match="must be a file that a door recognises"):
        first_evening(tmp_path / "other.txt")
