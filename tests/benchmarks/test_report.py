"""What the commands write for the documentation, and the table of what was promised."""

import argparse
import json

import pytest

from benchmarks import _report
from benchmarks._report import Report, add_report_options, markdown_of, new_table
from benchmarks.seed_table import PROMISES, beside, chosen


def small_table():
    table = new_table("times", ("what", "seconds"), caption="of one run")
    table.add_row("a | b", "1.5")
    return table


def test_a_table_in_markdown():
    assert markdown_of(small_table()).splitlines() == [
        "**times**",
        "",
        "| what | seconds |",
        "| --- | ---: |",
        "| a \\| b | 1.5 |",
        "",
        "of one run",
    ]


def options_of(*arguments):
    parser = argparse.ArgumentParser()
    add_report_options(parser)
    return parser.parse_args(arguments)


def test_files_say_on_what_and_when(tmp_path, monkeypatch, capsys):
    files = ["--markdown", str(tmp_path / "a" / "t.md"), "--json", str(tmp_path / "t.json")]
    monkeypatch.setattr("sys.argv", ["benchmarks", "--runs", "2", *files])
    report = Report(options_of(*files), "scaling")
    report.say("A sentence.")
    report.progress("Only printed.")
    report.show(small_table())
    report.figures["seconds_of"] = [1.5]
    report.close()
    text = (tmp_path / "a" / "t.md").read_text(encoding="utf-8")
    assert text.startswith("Printed by `python -m benchmarks.scaling --runs 2` on 20")
    assert report.host["processor"] in text
    assert f"load {report.host['load']} before" in text
    assert "A sentence." in text
    assert "| a \\| b | 1.5 |" in text
    assert "Only printed." not in text
    document = json.loads((tmp_path / "t.json").read_text(encoding="utf-8"))
    assert document["seconds_of"] == [1.5]
    assert document["host"]["versions"]["novin-ml"]
    assert "Only printed." in capsys.readouterr().out


@pytest.mark.parametrize(("load", "is_busy"), [(0.1, False), (50_000.0, True)])
def test_a_busy_machine_is_called_busy(tmp_path, monkeypatch, load, is_busy):
    monkeypatch.setattr(_report, "load", lambda: load)
    report = Report(options_of("--markdown", str(tmp_path / "t.md")), "fit")
    report.host["load"] = load
    report.close()
    assert ("other work" in (tmp_path / "t.md").read_text(encoding="utf-8")) == is_busy


def test_rows_are_chosen_by_name_and_by_task():
    assert chosen(None) == list(PROMISES)
    assert [row.name for row in chosen("chains,delivery-50K")] == [
        "delivery-50K",
        "chains-100K",
        "chains-500K",
    ]
    with pytest.raises(ValueError, match="must be of delivery-10K"):
        chosen("delivery,cats")


def test_ratio_to_what_was_promised():
    assert beside(8, 1.0) == "8 min, 480x"
    assert beside(None, 1.0) == ""
