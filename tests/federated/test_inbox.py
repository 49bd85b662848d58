"""A folder of update files as a server."""

import os
import tracemalloc

import numpy as np
import pytest

from novin_ml.estimators import get_weights, weight_layout, weights_sha256
from novin_ml.exceptions import InvalidParametersError
from novin_ml.federated import (
    AggregationSettings,
    FedAvg,
    FederationSettings,
    Update,
    aggregate_folder,
    read_update,
    train_federated,
    write_update,
)
from novin_ml.federated.engine import _task

FIXED = AggregationSettings(max_norm=2.0)


@pytest.fixture
def inbox(tmp_path, base, model_sha256):
    """Twelve right updates of different sizes."""
    rng = np.random.default_rng(0)
    folder = tmp_path / "inbox"
    for number in range(12):
        change = rng.normal(0, 0.02, len(base)).astype(np.float32)
        update = Update(base + change, int(rng.integers(1, 300)), model_sha256)
        write_update(update, folder / f"{number:02}.novinupdate")
    return folder


def test_the_mean_is_the_weighted_mean(inbox, start, base):
    updates = [read_update(path) for path in sorted(inbox.iterdir())]
    result = aggregate_folder(inbox, start, FIXED)
    expected = np.average(
        [each.values.astype(float) for each in updates],
        axis=0,
        weights=[each.n_examples for each in updates],
    )
    np.testing.assert_allclose(get_weights(result.model), expected, atol=1e-6)
    assert result.count.examples == sum(each.n_examples for each in updates)
    assert (result.n_files, result.count.accepted) == (12, 12)
    assert result.sha256 != result.sha256_before == updates[0].model_sha256.hex()
    assert get_weights(start).tobytes() == base.tobytes()


def test_what_is_wrong_is_refused_by_name_and_the_rest_goes_on(inbox, start, base, model_sha256):
    right = get_weights(aggregate_folder(inbox, start, FIXED).model)
    first = inbox / "00.novinupdate"
    outside = write_update(Update(base, 5, model_sha256), inbox.parent / "outside")
    nan = base.copy()
    nan[3] = np.nan
    (inbox / "a_folder").mkdir()
    (inbox / "a_link").symlink_to(outside)
    (inbox / "another_link").symlink_to("/dev/zero")
    os.mkfifo(inbox / "a_pipe")
    (inbox / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
    (inbox / "a_copy").write_bytes(first.read_bytes())
    (inbox / "cut_off").write_bytes(first.read_bytes()[:-9])
    (inbox / "empty").touch()
    write_update(Update(base, 5, bytes(32)), inbox / "of_another_model")
    write_update(Update(base[:-1], 5, model_sha256), inbox / "of_another_shape")
    write_update(Update(nan, 5, model_sha256), inbox / "with_nan")
    write_update(Update(base, 0, model_sha256), inbox / "without_rows")
    result = aggregate_folder(inbox, start, FIXED)
    assert get_weights(result.model).tobytes() == right.tobytes()
    assert result.count.accepted == 12
    assert {each.source: each.reason for each in result.refusals} == {
        ".DS_Store": "magic",
        "a_copy": "a copy",
        "a_folder": "not a file",
        "a_link": "not a file",
        "a_pipe": "not a file",
        "another_link": "not a file",
        "cut_off": "truncated",
        "empty": "magic",
        "of_another_model": "another model",
        "of_another_shape": "another shape",
        "with_nan": "not finite",
        "without_rows": "no examples",
    }
    assert sum(result.count.rejected.values()) == 12


def test_updates_of_an_earlier_manifest_are_refused_with_what_to_do(inbox, start, base):
    """Format 1 named a model by its weights alone, whatever its imputer and scaler."""
    alone = bytes.fromhex(weights_sha256(weight_layout(start), base))
    write_update(Update(base, 5, alone), inbox / "of_an_earlier_manifest")
    result = aggregate_folder(inbox, start, FIXED)
    assert result.count.rejected == {"an earlier manifest": 1}
    (refused,) = result.refusals
    assert refused.source == "of_an_earlier_manifest"
    assert alone.hex()[:12] in refused.message
    assert "Export the model again, and give its manifest to the app." in refused.message


def test_a_boastful_home_weighs_what_the_limit_says(inbox, start, base, model_sha256):
    far = base + np.float32(0.01)
    write_update(Update(far, 2**63, model_sha256), inbox / "boast")
    settings = AggregationSettings(max_norm=2.0, max_examples=100)
    result = aggregate_folder(inbox, start, settings)
    assert result.count.capped >= 1
    assert result.count.examples <= 1300
    change = get_weights(result.model) - base
    assert np.abs(change.mean() - 0.01) > 0.005  # it did not decide alone


def test_too_few_updates_make_no_model(inbox, start):
    for path in sorted(inbox.iterdir())[:5]:
        path.write_bytes(b"no update")
    with pytest.raises(InvalidParametersError) as caught:
        aggregate_folder(inbox, start)
    assert str(caught.value) == (
        f"{inbox} must have 10 updates or more that count (min_updates). Got 7 of 12 files (5 "
        "magic; the first, 00.novinupdate: An update must begin with NOVINUPD. Got b'no updat')."
    )
    assert aggregate_folder(inbox, start, min_updates=7).count.accepted == 7


def test_bad_folders_and_numbers(tmp_path, start):
    (tmp_path / "file").touch()
    empty = tmp_path / "empty"
    empty.mkdir()
    for wrong, got in (("nothing", "not there"), ("file", "a file")):
        with pytest.raises(InvalidParametersError, match=got):
            aggregate_folder(tmp_path / wrong, start)
    with pytest.raises(InvalidParametersError, match=r"min_updates.*1 or more"):
        aggregate_folder(tmp_path, start, min_updates=0)
    with pytest.raises(InvalidParametersError, match="Got 0 of 0 files"):
        aggregate_folder(empty, start)


def test_memory_does_not_grow_with_the_files(tmp_path, base, start, model_sha256):
    peaks = []
    for n in (60, 240):
        folder = tmp_path / str(n)
        for number in range(n):
            write_update(Update(base, number + 1, model_sha256), folder / f"{number:03}")
        tracemalloc.start()
        aggregate_folder(folder, start, FIXED)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    n_bytes = 4 * len(base)
    assert peaks[1] - peaks[0] < 60 * n_bytes  # 180 more files of n_bytes each


def test_one_round_is_that_of_the_engine(tmp_path, start, homes, base, model_sha256):
    """Phones that exchange files learn what homes in this process do."""
    settings = FederationSettings(rounds=1, aggregation=FIXED, step=FedAvg(), validation_share=0)
    model = train_federated(start, homes, settings).model
    seed = int(np.random.default_rng([0, 1, 1]).integers(2**62))
    task = _task(start, base, settings, seed)
    for name, home in homes.items():
        write_update(home.update(task), tmp_path / name)
    result = aggregate_folder(tmp_path, start, FIXED)
    assert get_weights(result.model).tobytes() == get_weights(model).tobytes()
