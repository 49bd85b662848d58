"""Update files in Swift, beside Python's: the same bytes, and the same refusals."""

import base64
import hashlib
import json
import struct

import numpy as np
import pytest

from novin_ml import estimators
from novin_ml.coreml import export_coreml, set_weights, verify_coreml
from novin_ml.coreml.weights_manifest import manifest_text
from novin_ml.estimators import get_weights, model_sha256
from novin_ml.federated import Update, aggregate_folder, update_from_bytes, update_to_bytes
from tests.coreml.forests import table
from tests.coreml.swift.bits import ask
from tests.coreml.test_autoencoder import autoencoder
from tests.coreml.test_weights import network, others


def content(model, values, n_examples=20, *, magic=b"NOVINUPD", number=1, reserved=0, n=None):
    """Return an update file as its format says, byte by byte."""
    n = len(values) if n is None else n
    body = struct.pack("<8sII32sQQ", magic, number, reserved, model, n_examples, n)
    body += struct.pack(f"<{len(values)}f", *values)
    return body + hashlib.sha256(body).digest()


def text(data):
    return base64.b64encode(data).decode()


@pytest.fixture(scope="module", params=[2, 3])
def trained(request):
    """A model's manifest, the hash in it, and weights that a phone might have made of it."""
    model = network(request.param)
    manifest = manifest_text(model.learner_)
    values = others(model)
    values[:4] = [-0.0, np.finfo(np.float32).smallest_subnormal, np.finfo(np.float32).max, 1]
    return model, manifest, bytes.fromhex(model_sha256(model)), values


def test_swift_writes_what_python_does(novin_tool, trained):
    _, manifest, model, values = trained
    bits = values.view(np.uint32).tolist()
    for n_examples in (0, 20, 2**64 - 1):
        question = {"manifest": manifest, "values": bits, "examples": n_examples}
        answer = ask(novin_tool, "update", **question)
        file = base64.b64decode(answer["file"])
        assert file == content(model, values, n_examples)
        assert file == update_to_bytes(Update(values, n_examples, model))
        assert update_from_bytes(file).values.tobytes() == values.tobytes()


def test_swift_reads_what_python_writes(novin_tool, trained):
    estimator, manifest, model, values = trained
    file = text(content(model, values, 2**40))
    answer = ask(novin_tool, "update", manifest=manifest, file=file)
    assert answer["examples"] == 2**40
    assert np.array(answer["values"], np.uint32).tobytes() == values.tobytes()
    # The hash that the next round names the model with these weights by.
    assert answer["hash"] == model_sha256(estimators.set_weights(estimator, values))


def flipped(data, place):
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def test_swift_refuses_by_name(novin_tool, trained):
    _, manifest, model, values = trained
    good = content(model, values)
    with_nan = values.copy()
    with_nan[7] = np.nan
    with_inf = values.copy()
    with_inf[-1] = -np.inf
    cases = {
        "wrongMagic": [b"", b"NOVINUP", content(model, values, magic=b"NOVINUPe")],
        "otherFormat": [content(model, values, number=2), content(model, values, reserved=1)],
        "truncated": [
            good[:8],
            good[:63],
            good[:64],
            good[:-1],
            content(model, values, n=len(values) + 1),
            content(model, values, n=2**64 - 1),
            content(model, values, n=2**62 + len(values)),
        ],
        "tooLong": [good + b"\0", content(model, values, n=0)],
        "altered": [flipped(good, place) for place in (16, 48, 64, len(good) - 1)],
        "otherModel": [content(bytes(32), values)],
        "otherCount": [content(model, values[:-1]), content(model, [])],
        "notFinite": [content(model, with_nan), content(model, with_inf)],
    }
    named = [(name, data) for name, files in cases.items() for data in files]
    lines = [json.dumps({"manifest": manifest, "file": text(data)}) for _, data in named]
    for (name, data), answer in zip(named, novin_tool("update", lines), strict=True):
        assert answer.get("refusal") == name, (name, data[:70], answer)
        assert ". Got " in answer["sentence"]
    nan = with_nan.view(np.uint32).tolist()
    answer = ask(novin_tool, "update", manifest=manifest, values=nan, examples=1)
    assert answer["refusal"] == "notFinite"
    assert "at place 7. Train" in answer["sentence"]


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(format=3),
        lambda d: d.update(format=0),
        lambda d: d.pop("model_sha256"),
        lambda d: d.pop("frozen_sha256"),
        lambda d: d.update(model_sha256="00" * 32),
        lambda d: d.update(frozen_sha256="00" * 32),
        lambda d: d.update(dtype="float16"),
        lambda d: d.update(byte_order="big"),
        lambda d: d.update(weights_sha256="00"),
        lambda d: d.update(weights_sha256="+f" * 32),
        lambda d: d.update(n_values=d["n_values"] + 1),
        lambda d: d.pop("tensors"),
        lambda d: d["tensors"].pop(),
        lambda d: d["tensors"][1].update(offset=0),
        lambda d: d["tensors"][0].update(shape=[2**62, 2**62]),
        lambda d: d["tensors"][0].update(shape=[-1, -1]),
        lambda d: d["tensors"][0].update(role="scale"),
        lambda d: d["tensors"][0].update(layer='a"b'),
    ],
)
def test_swift_refuses_other_manifests(novin_tool, trained, change):
    _, manifest, model, values = trained
    document = json.loads(manifest)
    change(document)
    file = text(content(model, values))
    answer = ask(novin_tool, "update", manifest=json.dumps(document), file=file)
    assert answer["refusal"] == "badManifest"


def test_swift_reads_a_manifest_of_format_1(novin_tool, trained):
    """It has the hash of the weights alone, and updates of it name the model by that."""
    _, manifest, model, values = trained
    document = json.loads(manifest)
    of_weights = bytes.fromhex(document["weights_sha256"])
    for name in ("model_sha256", "frozen_sha256"):
        del document[name]
    earlier = json.dumps(document | {"format": 1})
    bits = values.view(np.uint32).tolist()
    answer = ask(novin_tool, "update", manifest=earlier, values=bits, examples=3)
    assert base64.b64decode(answer["file"]) == content(of_weights, values, 3)
    # Files of the two formats are of two models.
    answer = ask(novin_tool, "update", manifest=earlier, file=text(content(model, values)))
    assert answer["refusal"] == "otherModel"


def test_an_autoencoder_has_update_files_and_targets(novin_tool):
    model = autoencoder()
    manifest, of = manifest_text(model.learner_), bytes.fromhex(model_sha256(model))
    values = get_weights(model)
    X = table(20, 4, 5)
    rows = X.view(np.uint32).tolist()
    bits = values.view(np.uint32).tolist()
    answer = ask(novin_tool, "update", manifest=manifest, values=bits, examples=7, rows=rows)
    assert base64.b64decode(answer["file"]) == update_to_bytes(Update(values, 7, of))
    # What a phone trains it to return are the very numbers that its network is given.
    targets = np.array(answer["targets"], np.uint32).view(np.float32)
    assert targets.tobytes() == model.learner_.network.inputs_of(X).tobytes()
    for part in ("mean", "scale"):
        document = json.loads(manifest)
        document["target"][part].pop()
        answer = ask(novin_tool, "update", manifest=json.dumps(document), values=bits)
        assert answer["refusal"] == "badManifest"


def test_the_hash_is_sha_256(novin_tool):
    rng = np.random.default_rng(0)
    texts = [rng.bytes(int(n)) for n in (*range(130), 1_000, 100_000)]
    # FIPS 180-4.
    texts += [b"abc", b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", b"a" * 1_000_000]
    answers = novin_tool("update", [json.dumps({"sha256": text(each)}) for each in texts])
    expected = [hashlib.sha256(each).hexdigest() for each in texts]
    assert [answer["hash"] for answer in answers] == expected
    assert expected[-1] == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"


def test_files_of_phones_make_the_next_model(novin_tool, tmp_path):
    """A round: an updatable model goes out, Swift's files come back, and the next one is made."""
    model = network()
    export = export_coreml(model, tmp_path / "model.mlmodel", updatable=True)
    manifest = export.weights_manifest.read_text()
    start, folder = get_weights(model), tmp_path / "updates"
    folder.mkdir()
    homes = [start + np.float32(0.01) * others(model, seed) for seed in range(12)]
    for number, values in enumerate(homes):
        bits = values.view(np.uint32).tolist()
        answer = ask(novin_tool, "update", manifest=manifest, values=bits, examples=10)
        (folder / f"{number}.novinupdate").write_bytes(base64.b64decode(answer["file"]))
    result = aggregate_folder(folder, model)
    assert (result.count.accepted, result.refusals) == (12, [])
    values = get_weights(result.model)
    assert np.abs(values - np.mean(homes, axis=0)).max() < 1e-3
    following = set_weights(export.model, values, tmp_path / "next.mlmodel")
    assert json.loads(following.weights_manifest.read_text())["model_sha256"] == result.sha256
    assert verify_coreml(following.model, estimator=result.model).passed
    # A late update, of the weights before, is refused by the next round.
    late = (folder / "0.novinupdate").read_bytes()
    following_manifest = following.weights_manifest.read_text()
    answer = ask(novin_tool, "update", manifest=following_manifest, file=text(late))
    assert answer["refusal"] == "otherModel"
