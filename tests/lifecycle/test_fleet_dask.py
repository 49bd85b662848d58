"""The same call on a cluster of dask: the same files, also when a worker is killed midway."""

import os
import signal
import threading
import time

import joblib
import pytest

from novin_ml.lifecycle import fit_fleet, load_fleet
from tests.lifecycle.fleets import contents, detector, feature_table

distributed = pytest.importorskip("distributed")

NAMES = tuple(f"home {i}" for i in range(24))


@pytest.fixture
def cluster():
    """Two worker processes that listen on this machine alone."""
    cluster = distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        # Else HTTP servers listen on all addresses, the first on a port that may be taken.
        dashboard_address="127.0.0.1:0",
        worker_dashboard_address="127.0.0.1:0",
        scheduler_kwargs={"dashboard": False},
    )
    with cluster, distributed.Client(cluster) as client:
        yield client


class Killer(threading.Thread):
    """Kills a worker that has homes in hand, as soon as some homes are done."""

    def __init__(self, client, folder):
        super().__init__(daemon=True)
        self.client = client
        self.folder = folder
        self.pids = client.run(os.getpid)
        self.n_done = None
        self.n_tasks_in_hand = None

    def run(self):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            n_done = len(list(self.folder.glob("home-*")))
            address, tasks = max(self.client.processing().items(), key=lambda each: len(each[1]))
            if n_done and tasks:
                os.kill(self.pids[address], signal.SIGKILL)
                self.n_done, self.n_tasks_in_hand = n_done, len(tasks)
                return
            time.sleep(0.005)


def test_a_killed_worker_loses_nothing(cluster, tmp_path):
    table = feature_table(NAMES, n_rows=1_000)
    params = {"estimator": detector(n_estimators=150, max_samples=256), "random_state": 0}
    fit_fleet(table, out=tmp_path / "serial", **params)

    killer = Killer(cluster, tmp_path / "dask")
    killer.start()
    with joblib.parallel_config("dask"):
        report = fit_fleet(table, out=tmp_path / "dask", **params)
    killer.join()

    assert 0 < killer.n_done < len(NAMES)
    assert killer.n_tasks_in_hand > 0
    assert report.failed == {}
    assert sorted(report.fitted) == sorted(NAMES)
    assert set(load_fleet(tmp_path / "dask")) == set(NAMES)
    assert contents(tmp_path / "dask") == contents(tmp_path / "serial")
    # The worker was replaced, or is about to be; what it had done is not done again.
    with joblib.parallel_config("dask"):
        again = fit_fleet(table, out=tmp_path / "dask", **params)
    assert len(again.skipped) == len(NAMES)
