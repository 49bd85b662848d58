"""What server and homes say to each other by Flower, with both apps in this process."""

import json
import tomllib
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("flwr", reason="flwr is not installed; make test-federated has it.")

from flwr.app import ConfigRecord, Context, Message, RecordDict

from novin_ml.estimators.weights import get_weights
from novin_ml.events import write_events
from novin_ml.exceptions import InvalidParametersError, UpdateError
from novin_ml.federated import (
    AggregationSettings,
    FedAdam,
    FedAvg,
    FederationSettings,
    LocalTraining,
    PrivacySettings,
    Update,
    train_federated,
)
from novin_ml.federated.app import (
    client_app,
    home_of,
    messages,
    run_config,
    serve,
    settings_from,
    write_app,
    write_rows,
)
from novin_ml.lifecycle import load_estimator, save_estimator
from novin_ml.simulation import simulate_motions
from tests.federated.grids import GridHere

SETTINGS = FederationSettings(rounds=3, deadline=20.0, validation_share=0.1)


@pytest.fixture
def simulated(homes, start, tmp_path):
    """The configuration of a simulation, and its grid."""
    rows = write_rows(homes, start.classes_, tmp_path / "rows.npz")
    save_estimator(start, tmp_path / "given")
    places = {"model": str(tmp_path / "given"), "state": str(tmp_path / "state")}
    config = run_config(SETTINGS, rows=str(rows), homes=len(homes), wait=0.0, **places)
    nodes = [{"partition-id": number, "num-partitions": len(homes)} for number in range(len(homes))]
    return config, GridHere(config, nodes)


def weights_in(folder):
    return get_weights(load_estimator(folder / "model"))


def test_the_same_bits_as_in_process(simulated, start, homes, tmp_path):
    config, grid = simulated
    serve(grid, config)
    expected = train_federated(start, homes, SETTINGS)
    assert weights_in(tmp_path / "state").tobytes() == get_weights(expected.model).tobytes()
    reports = json.loads((tmp_path / "state" / "rounds.json").read_text())
    losses = [report["validation_loss"] for report in reports]
    assert losses == [report.validation_loss for report in expected.rounds]


def test_a_server_goes_on_from_its_last_round(simulated, start, homes, tmp_path):
    config, grid = simulated
    serve(grid, config | {"rounds": 2})
    asked = len(grid.sent)
    serve(grid, config)
    training = len(grid.sent) - asked - len(homes)  # each tells its number again
    assert training == len(homes)
    expected = train_federated(start, homes, SETTINGS)
    assert weights_in(tmp_path / "state").tobytes() == get_weights(expected.model).tobytes()


def test_faults_are_those_of_homes(simulated, start, homes, tmp_path):
    config, grid = simulated
    bad = config | {"faults": '{"nan": 0.2, "dead": 0.2}'}
    grid.run_config = bad
    serve(grid, bad)
    reports = json.loads((tmp_path / "state" / "rounds.json").read_text())
    counts = [report["count"]["rejected"] for report in reports]
    assert sum(each.get("failed", 0) for each in counts) > 3
    assert sum(each.get("not finite", 0) for each in counts) > 3


def test_homes_make_the_model_and_send_what_is_listed(tmp_path):
    """From events of homes to a pipeline, as three homes over a network would."""
    motions = simulate_motions(240, n_homes=3, random_state=0)
    nodes, files = [], []
    for name, rows in motions.groupby("home_id"):
        files.append(tmp_path / f"{name}.jsonl")
        write_events(rows, files[-1])
        nodes.append({"home": str(name), "events": str(files[-1])})
    settings = replace(SETTINGS, rounds=2)
    config = run_config(settings, state=str(tmp_path / "state"), homes=3, wait=0.0)
    grid = GridHere(config, nodes)
    serve(grid, config)
    model = load_estimator(tmp_path / "state" / "model")
    assert set(model.predict(motions[:5])) <= set(model.classes_)
    n_features, n_values = len(model.steps[0][1].feature_specs), len(get_weights(model))
    by_kind = {}
    for reply in grid.sent:
        fields = {(record, field) for record, content in reply.content.items() for field in content}
        by_kind.setdefault(reply.metadata.message_type, set()).add(frozenset(fields))
        for array in reply.content.array_records.get("arrays", {}).values():
            # By feature, bin, class or weight: nothing by row.
            assert array.shape[0] in (n_features, len(model.classes_), n_values, 2)
    statistics = ["n", "mean", "squares", "bins", "class_counts"]
    assert by_kind == {
        "query.statistics": {
            frozenset({*(("arrays", each) for each in statistics), ("numbers", "n_rows")})
        },
        "evaluate": {frozenset({("numbers", "loss")})},
        "train": {
            frozenset({("arrays", "values"), ("numbers", "n_examples"), ("words", "model_sha256")})
        },
    }
    # Homes that fail say so, and not with what.
    for file in files:
        file.write_text('{"secret": "the Smiths"}\n')
    grid.sent.clear()
    serve(grid, config | {"rounds": 3})
    failures = [reply.content for reply in grid.sent]
    assert [(list(each), list(each["words"])) for each in failures] == [(["words"], ["failed"])] * 3
    assert "Smith" not in str(failures)
    reports = json.loads((tmp_path / "state" / "rounds.json").read_text())
    assert reports[-1]["count"]["rejected"] == {"failed": 2}


def test_a_server_cannot_name_a_file_of_a_home(simulated):
    config, _ = simulated
    with pytest.raises(InvalidParametersError, match="'events' or 'rows'"):
        home_of(config, {"home": "home_00"}, ["person", "pet"])


def test_a_home_of_a_file_of_many(simulated, homes, start):
    config, _ = simulated
    classes = [str(label) for label in start.classes_]
    found = home_of({}, {"rows": config["rows"], "home": "home_03"}, classes)
    np.testing.assert_array_equal(found.X, homes["home_03"].X)
    np.testing.assert_array_equal(found.codes, homes["home_03"].codes)
    with pytest.raises(ValueError, match=r"must be one of .*home_00"):
        home_of({}, {"rows": config["rows"], "home": "other"}, classes)


def test_too_few_homes(simulated):
    config, grid = simulated
    grid.nodes = [{"home": "one"}]
    with pytest.raises(InvalidParametersError, match=r"24 homes must connect .* Got 1"):
        serve(grid, config | {"rows": ""})


@pytest.mark.parametrize(
    "settings",
    [
        FederationSettings(),
        FederationSettings(
            rounds=7,
            share=0.3,
            local=LocalTraining(epochs=2, proximal=0.1, max_gradient=np.inf),
            aggregation=AggregationSettings("krum", trim=0.2),
            step=FedAvg(),
            deadline=9.0,
        ),
        FederationSettings(
            aggregation=AggregationSettings(max_norm=1.0, max_examples=1),
            step=FedAdam(learning_rate=0.1),
            validation_share=0,
            privacy=PrivacySettings(1.1, noise_seed=3),
        ),
    ],
)
def test_settings_survive_the_configuration(settings, tmp_path):
    app = write_app(tmp_path, run_config(settings))
    document = tomllib.loads((app / "pyproject.toml").read_text())
    config = document["tool"]["flwr"]["app"]["config"]
    assert repr(settings_from(config)) == repr(settings)


def test_a_configuration_is_checked():
    config = run_config(SETTINGS)
    with pytest.raises(InvalidParametersError, match="'rounds'"):
        settings_from(config | {"rounds": 0})
    with pytest.raises(InvalidParametersError, match=r"run configuration must .* Got .*'step'"):
        settings_from({})


def without(content, record, field):
    del content[record][field]
    return content


def test_answers_that_are_none_are_refused(base, model_sha256):
    def update(**changed):
        return messages.update_content(replace(Update(base, 20, model_sha256), **changed))

    assert messages.update_from(update()).values.tobytes() == base.tobytes()
    damaged = update()
    damaged["arrays"]["values"].data = b"PK\x03\x04"
    wrong = [
        RecordDict(),
        RecordDict({"words": ConfigRecord({"model_sha256": b""})}),
        without(update(), "numbers", "n_examples"),
        update(values=base.astype(np.float64)),
        update(values=base.reshape(1, -1)),
        update(n_examples=2.0),
        damaged,
    ]
    for content in wrong:
        with pytest.raises(UpdateError) as raised:
            messages.update_from(content)
        assert raised.value.reason == "no answer"
        with pytest.raises(UpdateError):
            messages.statistics_from(content)
        with pytest.raises(UpdateError):
            messages.number_from(content, "loss")
    with pytest.raises(UpdateError, match="Got KeyError"):
        messages.update_from(messages.failure_content(KeyError("secret")))


def test_statistics_survive_a_message(homes):
    own = homes["home_03"].statistics(3)
    found = messages.statistics_from(messages.statistics_content(own))
    for name, array in vars(own).items():
        np.testing.assert_array_equal(getattr(found, name), array)
    content = messages.statistics_content(own)
    content["arrays"]["bins"] = messages.content_of({"bins": np.array([[-1], [1]])})["arrays"][
        "bins"
    ]
    with pytest.raises(UpdateError):
        messages.statistics_from(content)


def test_a_client_answers_nothing_else():
    message = Message(RecordDict(), 1, "query.rows")
    with pytest.raises(ValueError, match="rows"):
        client_app()(message, Context(1, 1, {}, RecordDict(), {}))
