"""What users said of alarms: read, refused by name, and used where it may be."""

import json

import numpy as np
import pandas as pd
import pytest

from novin_ml.estimators.families import FAMILIES
from novin_ml.evaluation.decisions import choose_decisions
from novin_ml.events import read_events, write_chains, write_events
from novin_ml.events.training_record import event_keys
from novin_ml.exceptions import AnswersError, BuildError
from novin_ml.lifecycle import add_answers, build, load_estimator, read_answers
from novin_ml.lifecycle.answering import label_by_answers
from novin_ml.lifecycle.building import read_declaration
from novin_ml.lifecycle.building.model_steps import raise_thresholds
from novin_ml.lifecycle.building.rows import find_files, read_rows
from novin_ml.simulation import simulate_chains, simulate_deliveries, simulate_motions

TOML = """
[data]
files = ["events.jsonl"]
answers = "answers.csv"
[split]
test = 0.25
tune = 0.25
[models.door]
family = "delivery"
parameters = { epochs = 5 }
"""
DELIVERY = FAMILIES["delivery"]


@pytest.fixture(scope="module")
def events():
    return simulate_deliveries(900, n_homes=16, random_state=0)


def answers_of(rows, answers, labels="delivery"):
    """Return answers to the alarms of these rows."""
    table = pd.DataFrame({"home_id": rows["home_id"], "timestamp": rows["timestamp"]})
    return table.assign(label=labels, answer=answers)


def written(table, folder, name="new.csv"):
    table.to_csv(folder / name, index=False)
    return folder / name


def texts(labels):
    return labels.astype(object).where(labels.notna(), None).tolist()


def motions(events):
    return events[events["label"].notna()]


def test_the_last_answer_wins(tmp_path):
    table = pd.DataFrame(
        {
            "home_id": ["a", "a", "b", "b"],
            "timestamp": ["10", "10.0", "2026-05-11T10:00:00Z", "2026-05-11T12:00:00+02:00"],
            "label": "delivery",
            "answer": ["real", "nothing", "nothing", "real"],
            "answered": ["", "", "2026-05-12T08:00:00Z", "2026-05-11T20:00:00Z"],
        }
    )
    found = read_answers(written(table, tmp_path))
    assert found.table[["home_id", "answer"]].to_numpy().tolist() == [
        ["a", "nothing"],  # the later row
        ["b", "nothing"],  # the later time
    ]
    assert found.n_repeated == 2
    lines = "".join(json.dumps(each) + "\n" for each in table.to_dict("records"))
    (tmp_path / "new.jsonl").write_text(lines)
    assert read_answers(tmp_path / "new.jsonl").table.equals(found.table)


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("answer", "yes", r"'answer' must be nothing or real\. Got 'yes' in row 2"),
        ("timestamp", "noon", r"'timestamp' must be seconds since 1970.* Got 'noon' in row 2"),
        ("timestamp", "-3", r"'timestamp' must be seconds"),
        ("home_id", " ", r"'home_id' must be a text\. Got ' ' in row 2"),
        ("label", "", r"'label' must be a text\. Got '' in row 2"),
        ("answered", "then", r"'answered' must be seconds since 1970"),
    ],
)
def test_a_wrong_row_is_one_sentence(tmp_path, column, value, said):
    row = {"home_id": "a", "timestamp": "1", "label": "delivery", "answer": "real", "answered": ""}
    table = pd.DataFrame([row, row | {column: value}])
    with pytest.raises(AnswersError, match=said):
        read_answers(written(table, tmp_path))


def test_a_file_that_is_no_table_is_one_sentence(tmp_path):
    (tmp_path / "new.csv").write_text("home_id,timestamp\na,1\n")
    with pytest.raises(AnswersError, match="must have the column 'label'"):
        read_answers(tmp_path / "new.csv")
    (tmp_path / "new.jsonl").write_text("[1]\n")
    with pytest.raises(AnswersError, match="must be a CSV file or JSON Lines of answers"):
        read_answers(tmp_path / "new.jsonl")


def test_answers_become_labels(events, tmp_path):
    rows = motions(events).head(4)
    unlabelled = events.assign(label=events["label"].where(~events.index.isin(rows.index)))
    table = answers_of(rows, ["real", "nothing", "nothing", "real"])
    found = label_by_answers(unlabelled, read_answers(written(table, tmp_path)), DELIVERY)
    labels = found.rows["label"][rows.index]
    assert labels.tolist() == ["delivery", "no_delivery", "no_delivery", "delivery"]
    assert (found.n_real, found.n_nothing, found.contradicted) == (2, 2, ())
    assert set(found.keys) == set(event_keys(rows["home_id"], rows["timestamp"]))
    others = [each["label"].drop(rows.index) for each in (found.rows, unlabelled)]
    assert texts(others[0]) == texts(others[1])


def test_an_annotator_is_believed_and_the_contradiction_told(events, tmp_path):
    rows = motions(events).head(40)
    table = answers_of(rows, "nothing")
    found = label_by_answers(events, read_answers(written(table, tmp_path)), DELIVERY)
    assert found.rows["label"].equals(events["label"])
    says_delivery = int((rows["label"] == "delivery").sum())
    assert 0 < len(found.contradicted) == says_delivery
    assert found.n_agreeing == 40 - says_delivery
    assert not len(found.keys)
    first = rows[rows["label"] == "delivery"].iloc[0]
    assert found.contradicted[0] == f"{first['home_id']!r} at {first['timestamp']}"


def test_nothing_of_six_activities_is_no_label(tmp_path):
    events = simulate_motions(60, n_homes=2, random_state=0)
    rows = events[events["label"].notna()].head(2)
    blank = events.assign(label=events["label"].where(~events.index.isin(rows.index)))
    table = answers_of(rows, ["nothing", "real"], labels="running")
    found = label_by_answers(blank, read_answers(written(table, tmp_path)), FAMILIES["motion"])
    assert (found.unusable, found.n_real) == (1, 1)


def test_nothing_of_a_chain_is_no_pattern(tmp_path):
    chains = simulate_chains(60, n_homes=4, random_state=0)
    rows = pd.DataFrame({"home_id": chains["home_id"], "timestamp": chains["start"]}).head(3)
    table = answers_of(rows, "nothing", labels="prowler_activity")
    blank = chains.assign(label=None)
    found = label_by_answers(blank, read_answers(written(table, tmp_path)), FAMILIES["chains"])
    assert found.rows["label"].tolist()[:3] == ["no_pattern"] * 3
    assert found.rows["label"].isna().sum() == 57


@pytest.fixture
def declared(events, tmp_path):
    """A novin.toml whose second half of events nobody annotated."""
    write_events(events, tmp_path / "all.jsonl")
    late = events["timestamp"] > events["timestamp"].median()
    write_events(events.assign(label=events["label"].where(~late)), tmp_path / "events.jsonl")
    (tmp_path / "novin.toml").write_text(TOML)
    return tmp_path


def late_motions(events):
    return motions(events)[lambda rows: rows["timestamp"] > events["timestamp"].median()]


def rows_of(folder):
    declaration = read_declaration(folder / "novin.toml")
    model = declaration.models["door"]
    return read_rows(declaration, model, find_files(declaration, model))


def test_added_answers_are_trained_on_and_tested_by_nobody(declared, events):
    before = rows_of(declared)
    late = late_motions(events)
    added = add_answers(written(answers_of(late, "nothing"), declared), declared / "novin.toml")
    assert (added.n_new, added.n_changed, added.n_all) == (len(late), 0, len(late))
    after = rows_of(declared)
    labels = {
        name: tuple(part.parts[name]["label"].notna().sum() for part in (before, after))
        for name in ("train", "tune", "test")
    }
    assert labels["train"][0] < labels["train"][1]
    assert labels["tune"][0] < labels["tune"][1]
    assert labels["test"][0] == labels["test"][1]
    assert texts(after.annotated(after.whole)["label"]) == texts(before.whole["label"])
    assert after.facts()["answers"]["nothing"] == len(late)
    result = build(declared / "novin.toml", declared / "release")
    assert json.loads((declared / "release" / "door.data.json").read_text())["answers"] is not None
    assert result.released
    # Another answer is another build.
    again = add_answers(
        written(answers_of(late.head(1), "real"), declared), declared / "novin.toml"
    )
    assert (again.n_new, again.n_changed, again.n_all) == (0, 1, len(late))
    states = {
        each.name: each.state for each in build(declared / "novin.toml", declared / "release").steps
    }
    assert states["door: train"] == "ran"


def test_an_unknown_event_is_refused_by_name_and_nothing_is_written(declared, events):
    late = late_motions(events)
    add_answers(written(answers_of(late.head(3), "real"), declared), declared / "novin.toml")
    before = (declared / "answers.csv").read_bytes()
    table = answers_of(late.head(2), "real")
    table.loc[len(events)] = ["nobody", 1_700_000_000.0, "delivery", "real"]
    with pytest.raises(AnswersError, match=r"Got 'nobody' at 1700000000\.0 \(label 'delivery'\)"):
        add_answers(written(table, declared), declared / "novin.toml")
    table = answers_of(late.head(2), "real", labels="parcel")
    with pytest.raises(AnswersError, match=r"\(label 'parcel'\), and 1 more, of 2 homes"):
        add_answers(written(table, declared), declared / "novin.toml")
    assert (declared / "answers.csv").read_bytes() == before


def test_a_file_of_answers_must_be_declared(declared, events):
    text = (declared / "novin.toml").read_text().replace('answers = "answers.csv"\n', "")
    (declared / "novin.toml").write_text(text)
    table = answers_of(late_motions(events).head(1), "real")
    with pytest.raises(BuildError, match="must name a file of answers"):
        add_answers(written(table, declared), declared / "novin.toml")


def test_answers_whose_events_are_gone_are_told_by_a_build(declared, events):
    late = late_motions(events)
    add_answers(written(answers_of(late.head(5), "real"), declared), declared / "novin.toml")
    left = read_events(declared / "events.jsonl")
    gone = left["timestamp"].isin(late["timestamp"].head(2))
    write_events(left[~gone], declared / "events.jsonl")
    (note,) = rows_of(declared).adjusted.notes
    assert note.startswith("2 answers of users are of events that the data do not have: 'home_")


def test_answers_raise_a_threshold_and_never_lower_one(declared, events):
    build(declared / "novin.toml", declared / "release")
    model = load_estimator(declared / "release" / "door")
    tune = rows_of(declared).parts["tune"]
    budget = 20.0
    choose_decisions(model, tune, false_alarms_per_week=budget)
    before = float(model[-1].decisions_.thresholds["delivery"].threshold)
    # All that the users of these homes answered was wrong: the budget would be broken.
    known = tune["label"].notna().to_numpy()
    late = tune["timestamp"].to_numpy() > np.median(tune["timestamp"])
    wrong = tune.assign(label=np.where(late & ~known, "no_delivery", tune["label"]))
    kinds = np.asarray(tune["kind"] == "motion")
    wrong = wrong.assign(label=wrong["label"].where(kinds, None))
    raise_thresholds(model, wrong, budget)
    raised = float(model[-1].decisions_.thresholds["delivery"].threshold)
    assert raised > before
    # That all were right says nothing of what was no alarm.
    right = wrong.assign(label=wrong["label"].where(known | ~kinds, "delivery"))
    model[-1].set_thresholds({})
    choose_decisions(model, tune, false_alarms_per_week=budget)
    raise_thresholds(model, right, budget)
    assert float(model[-1].decisions_.thresholds["delivery"].threshold) >= before


def test_answers_of_several_models_are_in_one_file(declared, events):
    chains = simulate_chains(80, n_homes=6, random_state=3)
    write_chains(chains, declared / "chains.jsonl")
    with (declared / "novin.toml").open("a") as file:
        file.write('[models.home]\nfamily = "chains"\nfiles = ["chains.jsonl"]\n')
    late = late_motions(events).head(2)
    of_chains = pd.DataFrame({"home_id": chains["home_id"], "timestamp": chains["start"]}).head(3)
    both = pd.concat(
        [
            answers_of(late, "real"),
            answers_of(of_chains, "nothing", labels="prowler_activity"),
        ]
    )
    added = add_answers(written(both, declared), declared / "novin.toml")
    assert (added.n_new, added.models["door"].n_real) == (5, 2)
    of_home = added.models["home"]
    assert of_home.n_nothing + of_home.n_agreeing + len(of_home.contradicted) == 3
    assert added.models["door"].unknown == of_home.unknown == ()
