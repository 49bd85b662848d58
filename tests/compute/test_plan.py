"""Plans: times and costs add up, demands hold, and what nobody measured is called extrapolated."""

import json
from datetime import date
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest

from novin_ml.compute import (
    Times,
    cron_line_of,
    measure_log,
    novin_toml_of,
    plan,
    read_hardware,
    read_times,
    seconds_of,
    what_if,
)
from novin_ml.compute.plot import write_plan_plot
from novin_ml.compute.times import NETWORKS
from novin_ml.estimators.families import FAMILIES
from novin_ml.estimators.weights import weight_layout
from novin_ml.exceptions import InvalidParametersError
from novin_ml.federated import Update, calibrate_aggregation, update_to_bytes
from novin_ml.lifecycle import calibrate, read_declaration
from novin_ml.plain import plain
from novin_ml.simulation import simulate_behavior

DAY = date(2025, 11, 1)
#: A machine on which each row takes a millisecond on one core, and half of it on two.
RUNS = [
    (task, rows, cores, rows / 1_000 / cores)
    for task in ("delivery", "motion", "chains")
    for rows in (1_000, 10_000, 100_000)
    for cores in (1, 2)
] + [(task, n, 1, n / 1_000) for task in ("behavior", "aggregation") for n in (100, 1_000, 10_000)]
TIMES = Times(RUNS, "a test", "2025-11-01")


#: The same, measured for so many rows that nothing is extrapolated beyond them.
MANY = Times(
    [("motion", rows, n, rows / 1_000 / n) for rows in (10**3, 10**5, 10**7) for n in (1, 2)]
)


def row_of(made, key):
    return next(each for each in made.hardware if each.hardware.key == key)


def test_costs_are_hours_times_price():
    made = plan(500, 100_000, task="motion", times=TIMES, day=DAY)
    assert row_of(made, "measured-machine").time.seconds == pytest.approx(50, rel=0.01)
    for key, price in (("p3.2xlarge", 3.06), ("lambda-rtx-4090", 0.5)):
        row = row_of(made, key)
        hours = row.time.seconds / 3600 * 365 / 84
        assert row.hours[0] == pytest.approx(hours)
        assert row.hours[1:] == pytest.approx(
            [hours * b / row.time.seconds for b in (row.time.low, row.time.high)]
        )
        for bound, dollars in zip((row.time.low, row.time.high), row.month, strict=True):
            assert dollars == pytest.approx(bound / 3600 * 365 / 84 * price)
        assert row.total == pytest.approx([12 * each for each in row.month])
    assert row_of(made, "m3-max").once == (3199, 4099)
    assert row_of(made, "colab-pro").month == (10, 10)
    assert row_of(made, "colab-pro").total == (120, 120)


def test_each_machine_that_nobody_measured_is_extrapolated_and_wider():
    made = plan(500, 100_000, task="motion", times=TIMES, day=DAY)
    mine = row_of(made, "measured-machine").time
    assert mine.basis == "measured"
    for row in made.hardware[1:]:
        assert row.time.basis == "extrapolated"
        assert row.time.low <= mine.low / 2
        assert row.time.high >= mine.high * 2
    assert any("extrapolated" in note for note in made.notes)


def test_a_plan_of_a_federation_says_whose_training_times_it_has():
    said = "Training times of delivery, motion, chains are of boosting."
    for homes, is_federated in ((500, False), (500_000, True)):
        made = plan(homes, 100_000, stage="auto", times=TIMES, day=DAY)
        assert made.stage.federated == is_federated
        assert any(note.startswith(said) for note in made.notes) == is_federated
        made = plan(homes, 100_000, stage="auto", day=DAY)
        assert not any("are of boosting" in note for note in made.notes)
        learner = "mlp" if is_federated else "boosting"
        assert [each.algorithm for each in made.tasks] == [learner] * 3 + ["isolation"]


def test_networks_are_timed_by_runs_of_networks():
    runs = [(NETWORKS["motion"], rows, 1, 10 * seconds) for _, rows, _, seconds in RUNS[:6]]
    times = Times([*RUNS, *runs], "a test", "2025-11-01")
    asked = dict(task="motion", times=times, day=DAY)
    trees = plan(500, 5_000, **asked).tasks[0]
    network = plan(500, 5_000, algorithm="mlp", **asked).tasks[0]
    assert (trees.algorithm, network.algorithm) == ("boosting", "mlp")
    assert network.measured.seconds > 5 * trees.measured.seconds
    assert network.promised == trees.promised
    with pytest.raises(InvalidParametersError, match=r"runs of motion-mlp.* --task motion"):
        plan(500, algorithm="mlp", task="motion", times=TIMES, day=DAY)
    with pytest.raises(ValueError, match="'algorithm' parameter"):
        plan(500, algorithm="forest", day=DAY)


def test_rows_beyond_the_measured_ones_are_extrapolated():
    made = plan(500, 1_000_000, task="motion", times=TIMES, day=DAY)
    time = row_of(made, "measured-machine").time
    assert time.basis == "extrapolated"
    assert time.seconds == pytest.approx(500, rel=0.01)
    assert time.high > 100_000 / 2_000 * 10**1.5
    assert "motion: 1,000,000 rows extrapolated beyond 100,000 measured." in made.notes
    few = plan(500, 10, task="motion", times=TIMES, day=DAY)
    assert few.tasks[0].measured.seconds == pytest.approx(0.5, rel=0.01)
    assert "motion: 10 rows counted as 1,000, the fewest that were measured." in few.notes


def test_runs_with_more_rows_lie_within_the_extrapolated_intervals():
    """The measured table of the documentation, which the times of the package do not know."""
    page = Path(__file__).parents[2] / "docs" / "measured" / "seed_table.md"
    cells = [line.split("|")[1:] for line in page.read_text(encoding="utf-8").splitlines()]
    seen = 0
    for name, algorithm, rows, features, fit, *_ in (c for c in cells if len(c) > 9):
        task, rows = name.strip().partition("-")[0], rows.strip().replace(",", "")
        if algorithm.strip() != "boosting" or int(rows) <= read_times().measured_rows(task)[1]:
            continue
        found = read_times().estimate(task, int(rows))
        assert found.is_extrapolated
        assert found.low <= float(features) + float(fit) <= found.high, name
        seen += 1
    assert seen == 5


def test_cores_and_speed_of_a_file_are_used(tmp_path):
    file = tmp_path / "prices.toml"
    file.write_text('date = 2025-11-01\n[hardware."c6i.4xlarge"]\ncores = 16\nspeed = 2\n')
    made = plan(500, 100_000, task="motion", times=TIMES, table=read_hardware(file), day=DAY)
    time = row_of(made, "c6i.4xlarge").time
    assert time.seconds == pytest.approx(100 / 16 / 2, rel=0.05)
    assert time.basis == "extrapolated"


def test_tasks_homes_and_averaging_add_up():
    made = plan(2_000, 100_000, times=TIMES, rounds=3, day=DAY)
    assert [each.task for each in made.tasks] == ["delivery", "motion", "chains", "behavior"]
    baselines = made.tasks[-1]
    assert (baselines.rows, baselines.models) == (50, 2_000)
    assert baselines.measured.seconds == pytest.approx(2_000 * 0.1, rel=0.01)
    parts = sum(each.measured.seconds for each in made.tasks) + 3 * made.aggregation.seconds
    assert row_of(made, "measured-machine").time.seconds == pytest.approx(parts)


def test_promises_stand_beside_with_their_rows():
    made = plan(500, 60_000, times=TIMES, day=DAY)
    promised = {each.task: each.promised for each in made.tasks}
    assert promised["delivery"] == {"laptop": (100_000, 45), "RTX 4090": (100_000, 6)}
    assert promised["motion"]["laptop"] == (100_000, 35)
    assert promised["behavior"] == {"laptop": (10_000, 2)}


def test_the_answer_is_the_laptop_you_have():
    made = plan(500, deadline=8 * 3600, day=DAY)
    assert made.cheapest.hardware.kind == "laptop"
    assert made.sentence.startswith("The answer is the laptop you have: MacBook Pro M1, ")
    assert "extrapolated" in made.sentence
    mine = plan(500, deadline=8 * 3600, times=TIMES, day=DAY)
    assert mine.sentence.startswith("The answer is the machine you have: a test, ")


def test_a_deadline_counts_the_whole_interval(tmp_path):
    made = plan(500, 100_000, task="motion", times=TIMES, deadline=60, day=DAY)
    assert row_of(made, "measured-machine").meets == "yes"
    assert row_of(made, "colab-free").meets == "perhaps"
    assert made.cheapest.hardware.key == "measured-machine"
    nothing = plan(500, 100_000, task="motion", times=TIMES, deadline=1, day=DAY)
    assert nothing.cheapest is None
    assert {row.meets for row in nothing.hardware} == {"no"}
    assert nothing.sentence.startswith("Nothing in the table surely keeps a training within 1 s")
    file = tmp_path / "prices.toml"
    file.write_text('date = 2025-11-01\n[hardware."c6i.4xlarge"]\ncores = 64\nspeed = 2\n')
    fast = plan(
        500, 100_000, task="motion", times=TIMES, deadline=10, table=read_hardware(file), day=DAY
    )
    assert fast.cheapest.hardware.key == "c6i.4xlarge"
    assert fast.sentence.startswith("The cheapest plan is AWS c6i.4xlarge")


def test_a_budget_counts_a_purchase_by_month():
    made = plan(500, 100_000, task="motion", budget=350, months=12, times=TIMES, day=DAY)
    assert row_of(made, "m3-max").in_budget  # 4,099 / 12
    assert not row_of(made, "mac-studio-m2-ultra").in_budget
    assert row_of(made, "colab-pro").in_budget


def test_the_month_of_an_upgrade(tmp_path):
    """Rows grow by half a month: the machine of 50 s keeps 400 s until month 6."""
    file = tmp_path / "prices.toml"
    file.write_text(
        "date = 2025-11-01\n"
        '[hardware."p3.2xlarge"]\ncores = 64\nspeed = 8\ndollars = [40_000]\n'
        "[hardware.m3-max]\ncores = 64\nspeed = 8\n"
    )
    table = read_hardware(file)
    made = plan(
        500, 100_000, task="motion", times=MANY, deadline=400, growth=0.5, table=table, day=DAY
    )
    low = plan(500, round(100_000 * 1.5**5), task="motion", times=MANY, deadline=400, day=DAY)
    high = plan(500, round(100_000 * 1.5**6), task="motion", times=MANY, deadline=400, day=DAY)
    assert row_of(low, "measured-machine").meets == "yes"
    assert row_of(high, "measured-machine").meets != "yes"
    assert made.upgrade.month == 6
    assert made.upgrade.homes == round(500 * 1.5**6)
    assert (made.upgrade.rented, made.upgrade.bought) == ("p3.2xlarge", "m3-max")
    month = what_if(made, {"rows": f"{1.5**6:.9f}x"})
    assert made.upgrade.pays_after == int(np.ceil(4099 / row_of(month, "p3.2xlarge").month[0]))
    assert "pays after" in made.upgrade.sentence
    still = plan(500, 100_000, task="motion", times=MANY, deadline=400, day=DAY)
    assert still.upgrade.month is None
    assert still.upgrade.sentence.startswith("No upgrade pays: this machine is enough")


def test_bytes_are_those_of_update_files():
    facts = read_times().facts
    made = plan(5_000, task="motion", day=DAY)
    n = facts["network_values"]["motion"]
    content = update_to_bytes(Update(np.zeros(n, dtype=np.float32), 10, bytes(32)))
    assert made.traffic.update_bytes == len(content)
    updates = 5_000 * 365 / 168
    assert made.traffic.updates_sent == pytest.approx(updates * len(content))
    assert made.traffic.weights_received == pytest.approx(updates * 4 * n)
    assert made.traffic.dollars is None
    assert plan(500, task="motion", day=DAY).traffic.updates_sent == 0  # no federation yet


@pytest.mark.parametrize("name", ["delivery", "motion", "chains"])
def test_stated_weights_are_those_of_the_networks(name):
    family = FAMILIES[name]
    rows, _ = family.rows.to_train(family.simulate(600, random_state=0))
    model = family.make_pipeline(algorithm="mlp", epochs=1, random_state=0)
    model.fit(rows, rows["label"])
    assert read_times().facts["network_values"][name] == weight_layout(model[-1]).n_values


def test_stated_events_are_those_of_simulated_logs():
    found = measure_log(simulate_behavior(20, weeks=8, random_state=0))
    stated = read_times().facts
    assert stated["events_per_home_day"] == pytest.approx(found.events_per_home_day, rel=0.05)
    assert stated["bytes_per_event"] == pytest.approx(found.bytes_per_event, rel=0.05)


def test_a_log_and_prices_decide_storage(tmp_path):
    file = tmp_path / "prices.toml"
    file.write_text("[prices]\nstorage_gb_month = 2\n")
    made = plan(
        500, events_per_home_day=10, bytes_per_event=200, table=read_hardware(file), day=DAY
    )
    stored = 500 * 10 * 200 * 365 / 12
    assert made.traffic.events_stored == pytest.approx(stored)
    assert made.traffic.dollars == pytest.approx(2 * stored / 1e9)


def test_what_if_is_the_plan_of_the_other_numbers():
    made = plan(500, 50_000, task="motion", times=TIMES, day=DAY)
    twice = what_if(made, {"rows": "2x", "homes": "4000"})
    same = plan(4_000, 100_000, task="motion", times=TIMES, day=DAY)
    assert plain(twice.as_dict()) == plain(same.as_dict())
    of_stage = what_if(plan(500, times=TIMES, day=DAY), {"rows": "3x"})
    assert [each.rows for each in of_stage.tasks] == [30_000, 150_000, 300_000, 30_000]


@pytest.mark.parametrize("homes", [500, 5_000, 50_000, 500_000])
def test_the_declaration_of_a_stage_is_read_by_build(tmp_path, homes):
    made = plan(homes, day=DAY)
    file = tmp_path / "novin.toml"
    file.write_text(novin_toml_of(made), encoding="utf-8")
    declared = read_declaration(file)
    assert list(declared.models) == [each.task for each in made.tasks]
    gates = declared.models["motion"].gates
    assert (gates.rules == "better") == (homes == 500)
    algorithm = "mlp" if made.stage.federated else "boosting"
    assert declared.models["motion"].algorithm == algorithm
    when = {"day": "0 4 * * * ", "week": "0 4 * * 1 ", "two weeks": "0 4 1,15 * * "}
    assert cron_line_of(made).startswith(when[made.stage.every])


def test_a_plan_is_json():
    document = json.loads(json.dumps(plain(plan(500, deadline=60.0).as_dict()), allow_nan=False))
    assert document["stage"]["key"] == "mvp"
    assert document["prices_of"] == "2025-10-01"
    bases = {each["time"]["basis"] for each in document["hardware"]}
    assert bases == {"extrapolated"}


@pytest.mark.parametrize("suffix", [".svg", ".png"])
def test_the_plot_has_a_line_for_each_machine(tmp_path, suffix):
    made = plan(500, 50_000, times=TIMES, deadline=3600, day=DAY)
    first, second = (write_plan_plot(made, tmp_path / f"{n}{suffix}") for n in "ab")
    assert first.read_bytes() == second.read_bytes()
    if suffix == ".png":
        assert matplotlib.image.imread(first).shape[1] > 1_000
        return
    text = first.read_text(encoding="utf-8")
    assert "mathdefault" not in text
    assert "deadline 60 min" in text
    for row in made.hardware:
        assert row.hardware.name in text
    with pytest.raises(InvalidParametersError, match=r"must be an .svg or .png file. Got .*a.pdf"):
        write_plan_plot(made, tmp_path / "a.pdf")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"homes": 0}, "'homes' parameter of plan must be an int in the range .* Got 0"),
        ({"homes": -5}, "Got -5"),
        ({"homes": 10**12}, "'homes' parameter"),
        ({"homes": 5, "events": -1}, "'events' parameter of plan .* Got -1"),
        ({"homes": 5, "deadline": 0}, "'deadline' parameter of plan .* Got 0"),
        ({"homes": 5, "budget": float("nan")}, "'budget' parameter of plan .* Got nan"),
        ({"homes": 5, "growth": -0.1}, "'growth' parameter"),
        ({"homes": 5, "task": "motoin"}, "Got 'motoin'. Did you mean 'motion'"),
        ({"homes": 5, "stage": "mpv"}, "Got 'mpv'. Did you mean 'mvp'"),
        ({"homes": 5, "hardware": ["t3.xlarg"]}, "Did you mean 't3.xlarge'"),
        ({"homes": 5, "times": 3}, "must be Times, or runs of"),
        ({"homes": 5, "times": []}, "must have a run. Got none"),
        ({"homes": 5, "times": [("motion", 5, 1, -1.0)]}, "numbers above 0. Got"),
        ({"homes": 5, "times": [("walking", 5, 1, 1.0)]}, "with a task of delivery"),
        ({"homes": 5, "times": RUNS[:6]}, "must have runs of motion. Got delivery"),
    ],
)
def test_bad_input_is_one_sentence(arguments, says):
    with pytest.raises(ValueError, match=says) as caught:
        plan(**arguments)
    assert "\n" not in str(caught.value)


def test_changes_and_lengths_of_time_are_checked():
    made = plan(500, 50_000, times=TIMES, day=DAY)
    with pytest.raises(InvalidParametersError, match=r"Got 'row'\. Did you mean 'rows'"):
        what_if(made, {"row": "2x"})
    with pytest.raises(InvalidParametersError, match="a number above 0, or a factor such as 2x"):
        what_if(made, {"rows": "-2x"})
    for text in ("8", "h", "-8h", "0h", "8 weeks"):
        with pytest.raises(InvalidParametersError, match="A length of time must be"):
            seconds_of(text)
    assert seconds_of("2d") == 2 * 86_400


def test_times_are_kept_in_a_file(tmp_path):
    TIMES.save(tmp_path / "times.json")
    found = read_times(tmp_path / "times.json")
    assert (found.runs, found.machine, found.is_own) == (TIMES.runs, "a test", True)
    for text in ("", "{}", "[]", '{"format": 0}', '{"format": 1, "runs": [1]}'):
        (tmp_path / "wrong.json").write_text(text)
        with pytest.raises(InvalidParametersError, match=r"wrong.json must be times that"):
            read_times(tmp_path / "wrong.json")


def test_sessions_are_kept_in_a_file(tmp_path):
    path = tmp_path / "times.json"
    both = TIMES.joined(Times([(*run[:3], 3 * run[3]) for run in RUNS], "a test"))
    three = both.joined(TIMES)
    three.save(path)
    assert read_times(path).sessions == three.sessions
    assert set(three.sessions) == {0, 1, 2}
    document = json.loads(path.read_text())
    for run in document["runs"]:
        del run["session"]  # as files of before were
    path.write_text(json.dumps(document))
    assert set(read_times(path).sessions) == {0}
    document["runs"][0]["session"] = -1
    path.write_text(json.dumps(document))
    with pytest.raises(
        InvalidParametersError, match=r"times\.json must be .* 'sessions' parameter"
    ):
        read_times(path)


def test_several_sessions_hold_a_further_one():
    """Of the package: each session lies within the intervals of the others."""
    known = read_times()
    inside = compared = 0
    for left_out in set(known.sessions):
        kept = [i for i, session in enumerate(known.sessions) if session != left_out]
        others = Times([known.runs[i] for i in kept], sessions=[known.sessions[i] for i in kept])
        runs = [known.runs[i] for i in set(range(len(known.runs))) - set(kept)]
        found = others.inside(runs)
        inside, compared = inside + found[0], compared + found[1]
    assert compared >= 200
    assert inside >= 0.9 * compared


def test_calibrating_again_lies_within_the_interval_of_the_first():
    """A calibration on this machine, half of whose runs predict the others."""
    runs = calibrate(["delivery"], algorithms=["boosting"], scale=0.1, cores=1, repeats=8)
    runs += calibrate_aggregation(n_values=2_000, repeats=8)
    first, second = Times(runs[::2]), runs[1::2]
    inside, compared = first.inside(second)
    assert compared == len(second) == 24
    assert inside >= 0.7 * compared  # 95 % of quiet runs; this machine may be busy
    threads = {cores for _, _, cores, _ in runs}
    assert threads == {1}


def test_calibrate_measures_each_family_at_several_sizes():
    runs = calibrate(["motion", "behavior"], scale=0.01, cores=2, repeats=1)
    assert {(task, cores) for task, _, cores, _ in runs} == {
        ("motion", 1),
        ("motion", 2),
        (NETWORKS["motion"], 1),
        ("behavior", 1),
    }
    with pytest.raises(ValueError, match="'algorithms' parameter must be some of boosting, mlp"):
        calibrate(algorithms=["forest"])
    assert len({rows for task, rows, _, _ in runs if task == "motion"}) == 3
    made = plan(500, 1_000, task="motion", times=runs, day=DAY)
    assert made.cheapest.hardware.key == "measured-machine"


def test_two_calibrations_of_one_machine_are_joined():
    busy = Times([(*run[:3], 3 * run[3]) for run in RUNS], "a test", "2025-11-02")
    both = TIMES.joined(busy)
    inside, compared = both.inside([*RUNS, *busy.runs])
    assert inside == compared == 2 * len(RUNS)
    assert TIMES.inside(busy.runs)[0] == 0
    with pytest.raises(InvalidParametersError, match="must be of one machine"):
        TIMES.joined(MANY)
