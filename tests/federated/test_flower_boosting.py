"""Trees of homes behind Flower's messages: the bits of the trees in process, and refusals."""

import json
import tomllib

import numpy as np
import pytest

pytest.importorskip("flwr", reason="flwr is not installed; make test-federated has it.")

from flwr.app import Context, Message, RecordDict

from novin_ml import MotionClassifier
from novin_ml.events import write_events
from novin_ml.exceptions import InvalidParametersError, SavedModelError, UpdateError
from novin_ml.federated import (
    BoostingSettings,
    FederationSettings,
    LocalBoostingHome,
    homes_of,
    merged_statistics,
    train_boosting,
)
from novin_ml.federated.app import (
    boosting_config,
    boosting_settings_from,
    run_config,
    serve,
    write_app,
    write_rows,
)
from novin_ml.federated.app import boosting_messages as messages
from novin_ml.federated.app.boosting import counted_of, kept_trees
from novin_ml.federated.app.messages import content_of, failure_content
from novin_ml.federated.boosting import BoostingTask
from novin_ml.federated.boosting.server import with_trees
from novin_ml.federated.boosting.trees import Tree
from novin_ml.federated.start import untrained_trees
from novin_ml.lifecycle import load_estimator
from novin_ml.simulation import simulate_motions
from tests.federated.conftest import N_FEATURES
from tests.federated.grids import GridHere

SETTINGS = BoostingSettings(rounds=3, bins=8, deadline=20.0)
N_HOMES = 8


class Federation:
    """Homes in this process, and the same behind a grid."""

    def __init__(self, rows, n_classes, folder):
        table, labels, home = rows
        if n_classes == 2:
            labels = np.where(labels == "pet", "pet", "other").astype(object)
        homes, self.classes = homes_of(table, labels, home)
        self.homes = {name: homes[name] for name in sorted(homes)[:N_HOMES]}
        self.statistics, _ = merged_statistics(self.homes, N_FEATURES, n_classes)
        self.state = folder / "state"
        self.config = boosting_config(
            SETTINGS,
            state=str(self.state),
            rows=str(write_rows(self.homes, self.classes, folder / "rows.npz")),
            homes=N_HOMES,
            wait=0.0,
            features=N_FEATURES,
            classes=json.dumps(self.classes.tolist()),
        )
        nodes = [{"partition-id": n, "num-partitions": N_HOMES} for n in range(N_HOMES)]
        self.grid = GridHere(self.config, nodes)

    def here(self, homes=None, settings=SETTINGS):
        estimator = MotionClassifier("boosting", random_state=0)
        own = self.homes if homes is None else homes
        return train_boosting(estimator, own, self.statistics, self.classes, settings)

    def there(self):
        estimator = MotionClassifier("boosting", random_state=0)
        start = untrained_trees(estimator, self.statistics, self.classes)
        return with_trees(start, *kept_trees(self.state))


def raw(model):
    return bytes(model.learner_.booster.save_raw("json"))


@pytest.fixture
def federation(rows, tmp_path):
    return Federation(rows, 3, tmp_path)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_the_same_bits_as_in_process(rows, n_classes, tmp_path):
    federation = Federation(rows, n_classes, tmp_path)
    serve(federation.grid, federation.config)
    expected = federation.here()
    assert raw(federation.there()) == raw(expected.model)
    counted = counted_of(federation.state, None)
    assert (counted.refusals, counted.n_refused) == ([], 0)
    assert counted.bytes_of_home == expected.bytes_of_home


def test_a_server_goes_on_from_its_last_round(federation):
    config = federation.config
    serve(federation.grid, config | {"boosting-rounds": 2})
    federation.grid.sent.clear()
    serve(federation.grid, config)
    levels = [m for m in federation.grid.sent if m.metadata.message_type == "train.histograms"]
    assert len(levels) == SETTINGS.depth * N_HOMES  # of one round
    assert raw(federation.there()) == raw(federation.here().model)
    with pytest.raises(SavedModelError, match="of this federation: the same homes, rows and"):
        serve(federation.grid, config | {"boosting-rate": 0.1})
    (federation.state / "trees.npz").write_bytes(b"PK")
    with pytest.raises(SavedModelError, match="must hold the trees of a federation"):
        serve(federation.grid, config)


class Harmful(GridHere):
    """A grid whose first node answers with other numbers."""

    change = None

    def pull_messages(self, message_ids):
        found = super().pull_messages(message_ids)
        for reply in found:
            if reply.metadata.src_node_id == 1 and "sums" in reply.content.get("arrays", {}):
                sums = messages.histograms_from(reply.content)
                reply.content["arrays"] = content_of({"sums": self.change(sums)})["arrays"]
        return found


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda a: a.astype(np.float64) * np.nan, "not whole"),
        (lambda a: a.ravel(), "another shape"),
        (lambda a: np.full_like(a, np.iinfo(np.int64).min), "too large"),
        (lambda a: -np.abs(a) - 1, "too large"),
        (lambda a: a + np.eye(a.shape[1], a.shape[2], dtype=np.int64)[..., None], None),
        (lambda a: a * np.arange(1, a.shape[1] + 1)[:, None, None], "contradiction"),
    ],
)
def test_what_is_no_sum_of_rows_is_refused(federation, change, reason):
    kind = type("One", (Harmful,), {"change": staticmethod(change)})
    grid = kind(federation.config, federation.grid.nodes)
    serve(grid, federation.config)
    counted = counted_of(federation.state, None)
    if reason is None:  # what could be the sums of a home is counted
        assert counted.n_refused == 0
        assert raw(federation.there()) != raw(federation.here().model)
        return
    (source,) = {each.source for each in counted.refusals}
    assert {each.reason for each in counted.refusals} == {reason}
    assert counted.n_refused == SETTINGS.rounds  # it is not asked again in a round
    others = {name: home for name, home in federation.homes.items() if name != source}
    assert raw(federation.there()) == raw(federation.here(others).model)


def test_homes_make_the_model_and_send_what_is_listed(tmp_path):
    """From events of homes to a pipeline, as three homes over a network would."""
    motions = simulate_motions(240, n_homes=3, random_state=0)
    nodes, files = [], []
    for name, rows in motions.groupby("home_id"):
        files.append(tmp_path / f"{name}.jsonl")
        write_events(rows, files[-1])
        nodes.append({"home": str(name), "events": str(files[-1])})
    state = tmp_path / "state"
    config = boosting_config(SETTINGS, state=str(state), homes=3, wait=0.0)
    grid = GridHere(config, nodes)
    serve(grid, config)
    model = load_estimator(state / "model")
    assert model[-1].algorithm == "boosting"
    assert np.mean(model.predict(motions) == motions["label"]) > 0.6
    n_features, n_bins = len(model[0].feature_specs), SETTINGS.bins + 1
    kinds = {}
    for reply in grid.sent:
        fields = {(record, field) for record, content in reply.content.items() for field in content}
        kinds.setdefault(reply.metadata.message_type, set()).add(frozenset(fields))
        if reply.metadata.message_type == "train.histograms":
            # By node, feature and bin: nothing by row.
            sums = messages.histograms_from(reply.content)
            assert sums.shape[1:] == (n_features, n_bins, 2)
    statistics = ["n", "mean", "squares", "bins", "class_counts"]
    assert kinds == {
        "query.statistics": {
            frozenset({*(("arrays", each) for each in statistics), ("numbers", "n_rows")})
        },
        "train.histograms": {frozenset({("arrays", "sums")})},
    }
    # Homes that fail say so, and not with what.
    files[0].write_text('{"secret": "the Smiths"}\n')
    grid.sent.clear()
    serve(grid, boosting_config(SETTINGS, state=str(tmp_path / "other"), homes=3, wait=0.0))
    failures = [m.content for m in grid.sent if "words" in m.content]
    assert failures
    assert {(tuple(each), tuple(each["words"])) for each in failures} == {(("words",), ("failed",))}
    assert "Smith" not in str(failures)
    counted = counted_of(tmp_path / "other", None)
    assert {each.reason for each in counted.refusals} == {"failed"}


def test_a_task_survives_a_message(federation):
    home = federation.homes["home_03"]
    expected = federation.here(settings=BoostingSettings(rounds=2, bins=8))
    assert expected.n_refused == 0
    growing = [Tree.empty(SETTINGS.depth) for _ in range(3)]
    edges = np.nan_to_num(federation.statistics.quantiles(np.linspace(0, 1, 9)[1:-1]))
    nodes = [np.array([0], np.int64)] * 3
    for trees in ([], [growing]):
        task = BoostingTask(edges, 3, trees, growing, nodes)
        content = messages.boosting_task_content(task, ["a", "b", "c"])
        found, classes = messages.boosting_task_from(content)
        assert classes == ["a", "b", "c"]
        assert (found.shape, len(found.trees)) == (task.shape, len(trees))
        own = LocalBoostingHome(home).histograms(task)
        np.testing.assert_array_equal(LocalBoostingHome(home).histograms(found), own)
        reply = messages.histograms_content(own)
        np.testing.assert_array_equal(messages.histograms_from(reply), own)


def test_answers_that_are_none_are_refused():
    damaged = content_of({"sums": np.zeros(3)})
    damaged["arrays"]["sums"].data = b"PK\x03\x04"
    for content in (RecordDict(), content_of({"other": np.zeros(3)}), damaged):
        with pytest.raises(UpdateError) as raised:
            messages.histograms_from(content)
        assert raised.value.reason == "no answer"
    with pytest.raises(UpdateError, match="Got OSError"):
        messages.histograms_from(failure_content(OSError("secret")))


def test_settings_survive_the_configuration(tmp_path):
    settings = BoostingSettings(rounds=7, depth=2, rate=0.5, deadline=9.0)
    app = write_app(tmp_path, boosting_config(settings))
    document = tomllib.loads((app / "pyproject.toml").read_text())
    config = document["tool"]["flwr"]["app"]["config"]
    assert boosting_settings_from(config) == settings
    with pytest.raises(InvalidParametersError, match="'depth'"):
        boosting_settings_from(config | {"boosting-depth": 0})
    with pytest.raises(InvalidParametersError, match="noise that covers all of them would hide"):
        boosting_settings_from(config | {"noise-multiplier": 1.1})
    with pytest.raises(InvalidParametersError, match="federation of trees, as"):
        boosting_settings_from(run_config(FederationSettings()) | {"boosting-x": 1})


def test_a_model_to_begin_from_and_homes_with_faults_are_refused(federation):
    with pytest.raises(InvalidParametersError, match="no 'model': trees begin anew"):
        serve(federation.grid, federation.config | {"model": "somewhere"})
    bad = federation.config | {"faults": '{"nan": 1.0}'}
    grid = GridHere(bad, federation.grid.nodes)
    grid.run_config = bad
    task = BoostingTask(
        np.zeros((7, N_FEATURES), np.float32), 3, [], [Tree.empty(1)] * 3, [np.zeros(1, int)] * 3
    )
    content = messages.boosting_task_content(task, federation.classes.tolist())
    reply = grid.app(
        Message(content, 1, "train.histograms"), Context(1, 1, grid.nodes[0], RecordDict(), bad)
    )
    assert reply.content["words"]["failed"] == "InvalidParametersError"
