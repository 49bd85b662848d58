"""Update files that several processes count: the same model to the last bit, and report."""

import joblib
import numpy as np
import pytest

from novin_ml.estimators import get_weights
from novin_ml.exceptions import InvalidParametersError
from novin_ml.federated import AggregationSettings, Update, aggregate_folder, write_update

N_FILES = 90


@pytest.fixture(scope="module")
def inbox(tmp_path_factory, base, model_sha256):
    """Right updates of different sizes and norms, copies in far places, and files that are none."""
    folder = tmp_path_factory.mktemp("inbox")
    rng = np.random.default_rng(0)
    for number in range(N_FILES):
        size = 0.02 * 1.1 ** rng.normal()
        change = rng.normal(0, size, len(base)).astype(np.float32)
        update = Update(base + change, int(rng.integers(1, 300)), model_sha256)
        write_update(update, folder / f"{number:03}")
    (folder / "zz_copy").write_bytes((folder / "001").read_bytes())
    (folder / "copy").write_bytes((folder / "070").read_bytes())
    damaged = bytearray((folder / "030").read_bytes())
    damaged[70] ^= 1  # not a copy, though its last bytes are those of one
    (folder / "damaged").write_bytes(damaged)
    (folder / "short").write_bytes(b"hello")
    (folder / "empty").write_bytes(b"")
    (folder / "a_folder").mkdir()
    (folder / "a_link").symlink_to(folder / "002")
    nan = base.copy()
    nan[0] = np.nan
    write_update(Update(nan, 5, model_sha256), folder / "nan")
    return folder


def summary(result):
    refusals = sorted((each.source, each.reason, each.message) for each in result.refusals)
    weights = get_weights(result.model).tobytes()
    return weights, result.count, refusals, result.max_norm, result.n_files


@pytest.fixture(scope="module", params=[None, 0.4])
def expected(request, inbox, start):
    settings = AggregationSettings(max_norm=request.param)
    return settings, summary(aggregate_folder(inbox, start, settings))


def test_processes_make_the_same_model(inbox, start, expected):
    settings, one = expected
    done = []
    result = aggregate_folder(
        inbox, start, settings, n_jobs=2, progress=lambda n, of: done.append((n, of))
    )
    assert summary(result) == one
    assert result.count.accepted == N_FILES
    assert result.count.rejected["a copy"] == 2
    assert done[-1] == (result.n_files, result.n_files)
    assert done == sorted(done)


def test_workers_of_dask_make_the_same_model(inbox, start, expected):
    distributed = pytest.importorskip("distributed")
    settings, one = expected
    cluster = distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        worker_dashboard_address="127.0.0.1:0",
        scheduler_kwargs={"dashboard": False},
    )
    with cluster, distributed.Client(cluster), joblib.parallel_config("dask"):
        assert summary(aggregate_folder(inbox, start, settings)) == one


def test_few_files_are_measured_by_one_process(tmp_path, start, base, model_sha256):
    for number in range(12):
        write_update(
            Update(base + np.float32(0.01 * number), 5, model_sha256), tmp_path / f"{number}"
        )
    results = [aggregate_folder(tmp_path, start, n_jobs=n_jobs) for n_jobs in (1, 2)]
    assert summary(results[0]) == summary(results[1])


def test_only_a_mean_has_shards(inbox, start):
    for method in ("trimmed_mean", "krum"):
        with pytest.raises(InvalidParametersError, match="Shards must be of a mean"):
            aggregate_folder(inbox, start, AggregationSettings(method=method), n_jobs=2)
