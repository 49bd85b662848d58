"""The table of hardware: its figures, and files that replace some of them."""

import re
from datetime import date

import pytest

from novin_ml.compute import read_hardware
from novin_ml.exceptions import InvalidParametersError
from tests.compute import figures


@pytest.fixture(scope="module")
def table():
    return read_hardware()


def test_prices_are_those_of_the_analysis(table):
    assert table.date == date(2025, 10, 1)
    assert "analysis of 1 October 2025" in table.source
    found = {each.name: (each.per, *each.dollars) for each in table.hardware.values()}
    written = {}
    for line in figures.PRICES.strip().splitlines():
        name, per, numbers = re.fullmatch(r"(.+?) +(owned|once|month|hour) +(.+)", line).groups()
        dollars = [float(each) for each in numbers.split()]
        written[name] = (per, dollars[0], dollars[-1])
    assert found == written


def test_promises_are_those_of_the_analysis(table):
    found = {
        (task, rows, column): minutes
        for column, tasks in table.promises.items()
        for task, entry in tasks.items()
        for rows, minutes in zip(entry["rows"], entry["minutes"], strict=True)
    }
    written = {}
    for task, thousands, laptop, rtx in figures.MINUTES:
        written[task, 1_000 * thousands, "laptop"] = laptop
        if rtx is not None:
            written[task, 1_000 * thousands, "RTX 4090"] = rtx
    assert found == written
    devices = {each["name"]: each["minutes"] for each in table.devices.values()}
    assert devices == figures.LOCAL_UPDATES
    for task, (low, high) in figures.TRAINING_DATA.items():
        assert table.training_rows[task] == (1_000 * low, 1_000 * high)
    assert set(table.training_rows) == set(figures.TRAINING_DATA)
    homes = {name: 1_000 * thousands for name, thousands in figures.FEDERATION.items()}
    assert table.federation_homes == homes


def test_stages_are_those_of_the_analysis_and_the_rest_is_called_chosen(table):
    assert [each.name for each in table.stages.values()] == [row[0] for row in figures.STAGES]
    for stage, (_, low, high, every, dollars) in zip(
        table.stages.values(), figures.STAGES, strict=True
    ):
        assert stage.homes == (1_000 * low, None if high is None else 1_000 * high)
        assert stage.dollars == dollars
        assert stage.every == every or ("every" in stage.chosen and every is None)
        assert {"rows", "federated", "gate"} <= set(stage.chosen)
        for task, rows in stage.rows.items():
            least, most = table.training_rows[task]
            assert least <= rows <= most
    assert table.stages["mvp"].hardware == ("macbook-pro-m1", "macbook-pro-m2", "macbook-pro-m3")
    assert "colab-pro" in table.stages["early-growth"].hardware


@pytest.mark.parametrize(
    ("homes", "name"),
    [(1, "MVP"), (999, "MVP"), (1_000, "early growth"), (10_000, "scale"), (10**6, "production")],
)
def test_a_number_of_homes_is_in_one_stage(table, homes, name):
    assert table.stage_of(homes).name == name


def test_a_file_replaces_and_adds_entries(tmp_path, table):
    file = tmp_path / "prices.toml"
    file.write_text(
        'date = 2026-11-01\nsource = "a look"\n'
        '[hardware."c6i.4xlarge"]\ndollars = [0.7]\ncores = 16\n'
        '[hardware.rack]\nper = "once"\ndollars = [900]\nspeed = 1.5\n'
        "[prices]\nstorage_gb_month = 0.02\n[stages.scale]\nevery = 'day'\n"
    )
    found = read_hardware(file)
    assert found.date == date(2026, 11, 1)
    machine = found.named("AWS c6i.4xlarge")
    assert (machine.dollars, machine.cores, machine.per) == ((0.7, 0.7), 16, "hour")
    assert found.named("rack").speed == 1.5
    assert found.prices == {"storage_gb_month": 0.02}
    assert found.stages["scale"].every == "day"
    assert found.named("m3-max") == table.named("m3-max")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[hardwear.x]\n", "a key must be one of date, .* Got 'hardwear'. Did you mean 'hardware'"),
        (
            "date = 2026-11-01\n[hardware.colab-pro]\ndolars = [9]\n",
            "a key of hardware.colab-pro must be one of name, .* Did you mean 'dollars'",
        ),
        (
            'date = 2026-11-01\n[hardware.x]\nper = "days"\ndollars = [1]\n',
            "hardware.x.per must be one of owned, once, month, hour. Got 'days'",
        ),
        (
            "date = 2026-11-01\n[hardware.colab-pro]\ndollars = [-1]\n",
            "hardware.colab-pro.dollars must be a number from 0 to 1e.12. Got -1",
        ),
        (
            "date = 2026-11-01\n[hardware.colab-pro]\ndollars = [9, 3]\n",
            "dollars must be a list of one number, or of the least and the most",
        ),
        (
            "date = 2026-11-01\n[hardware.macbook-pro-m1]\ndollars = [5]\n",
            "dollars must be 0 for what is owned",
        ),
        ("[hardware.colab-pro]\ndollars = [9]\n", "date must be the day of the prices"),
        ('date = "today"\n', "date must be a day, such as 2026-11-30. Got 'today'"),
        ("[prices]\nstorage_tb = 1\n", "a key of prices must be one of storage_gb_month"),
        ("[prices]\nstorage_gb_month = nan\n", "must be a number from 0 to 1e.12. Got nan"),
        ("[stages.huge]\nevery = 'day'\n", "must be one of mvp, .* Got 'huge'"),
        ("[stages.mvp]\nevery = 'hour'\n", "every must be one of day, week, two weeks"),
        ("[stages.mvp]\nhomes = [0, 5]\n", "from where the stage before ends"),
        ("[stages.mvp]\nhardware = 3\n", "stages.mvp.hardware must be a list of texts. Got 3"),
        ("[stages.mvp]\nrows = {}\n", "stages.mvp.rows must be rows of a family at least"),
        ("[assumptions]\nspeed = [0]\n", "assumptions.speed must be a list"),
        ("hardware = 3\n", "hardware must be a table of keys. Got 3"),
        ("[hardware\n", "must be a TOML file. Got"),
    ],
)
def test_a_wrong_file_is_one_sentence(tmp_path, text, says):
    file = tmp_path / "prices.toml"
    file.write_text(text)
    with pytest.raises(InvalidParametersError, match=says) as caught:
        read_hardware(file)
    assert str(file) in str(caught.value) or "stages of" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unknown_machine_gets_the_nearest_name(table):
    with pytest.raises(InvalidParametersError, match=r"Got 'colab-pr'\. Did you mean 'colab-pro'"):
        table.named("colab-pr")
    with pytest.raises(InvalidParametersError, match="add it by a file of prices"):
        table.named("zzz")


@pytest.mark.parametrize(("day", "is_old"), [(date(2026, 3, 30), False), (date(2026, 3, 31), True)])
def test_prices_older_than_180_days_say_so(table, day, is_old):
    note = table.age_note(day)
    assert (note is not None) == is_old
    assert not is_old or "181 days before this plan" in note
