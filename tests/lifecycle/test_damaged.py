"""Saved files that were changed, hashes and all: refused, or another well-formed model; no crash.

A flipped bit of a leaf or a threshold makes another model, which nothing but its hash tells from
the one that was saved. Whoever changes the hash too has made a model of their own; it may answer
as it likes, but it may not end the process.
"""

import json
import re
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from novin_ml import DeliveryClassifier, export_coreml, verify_coreml
from novin_ml.arrays import read_arrays, write_arrays
from novin_ml.coreml.subject import REFERENCE_KIND
from novin_ml.exceptions import CertificateError
from novin_ml.store import folder_hash, read_folder, write_folder
from tests.estimators.tables import table
from tests.lifecycle.damage import EDITS, Loads, edited

# Where another number makes another well-formed model.
FREE = ("split_conditions", "split_indices", "default_left")


def places(content, key):
    """Return where the numbers of a key start and end in a booster's file, tree after tree."""
    found = []
    sizes = {b"d": 4, b"l": 4, b"U": 1, b"L": 8}
    for match in re.finditer(re.escape(key.encode()) + rb"\[\$(.)#L", content, re.DOTALL):
        n_numbers = int.from_bytes(content[match.end() : match.end() + 8], "big")
        start = match.end() + 8
        found.append((start, start + n_numbers * sizes[match[1]]))
    return found


def with_numbers(content, changes):
    """Return a booster's file with other numbers: {(key, tree, node): number}."""
    new = bytearray(content)
    for (key, tree, node), number in changes.items():
        form = {"split_conditions": ">f", "default_left": ">B", "split_type": ">B"}.get(key, ">i")
        start, _ = places(content, key)[tree]
        struct.pack_into(form, new, start + node * struct.calcsize(form), number)
    return bytes(new)


def with_text(content, key, text):
    """Return a booster's file with another text of a key."""
    start = re.search(key.encode() + b"SL", content).end()
    n_bytes = int.from_bytes(content[start : start + 8], "big")
    return content[:start] + struct.pack(">q", len(text)) + text + content[start + 8 + n_bytes :]


# Boosters.


@pytest.mark.parametrize("name", ["boosting of 2", "boosting of 3"])
def test_flipped_bits_of_a_booster(loads, name):
    load = loads(name)
    content = load.files["booster.ubj"]
    free = np.zeros(len(content), dtype=bool)
    for key in FREE:
        for start, end in places(content, key):
            free[start:end] = True
    rng = np.random.default_rng(0)
    outcomes = []
    for place in rng.integers(0, len(content), 320):
        changed = bytearray(content)
        changed[place] ^= 1 << rng.integers(8)
        outcome, message = load(booster__ubj=changed)
        outcomes.append(outcome)
        assert outcome != "raised", message
        assert outcome != "other" or free[place], f"byte {place} changes the answers unseen"
        if outcome == "refused":
            assert message.count(". ") == 2, message
    assert outcomes.count("refused") > 200
    # Most leaves and thresholds that are others show in the answers that are saved beside them.
    assert outcomes.count("other") < 20


def inner_nodes(content, tree):
    start, end = places(content, "left_children")[tree]
    left = np.frombuffer(content[start:end], ">i4")
    start, end = places(content, "right_children")[tree]
    right = np.frombuffer(content[start:end], ">i4")
    return left, right, np.flatnonzero(left >= 0)


def own_child(content, tree):
    node = inner_nodes(content, tree)[2][-1]
    return {("left_children", tree, node): node, ("parents", tree, node): node}


def own_child_alone(content, tree):
    return {("right_children", tree, 0): 0}


def circle_of_two(content, tree):
    left, _, inner = inner_nodes(content, tree)
    parent, child = next((node, left[node]) for node in inner if left[node] in inner)
    return {("left_children", tree, child): parent, ("parents", tree, parent): child}


def child_out_of_range(content, tree):
    left, _, inner = inner_nodes(content, tree)
    return {("left_children", tree, inner[tree % len(inner)]): len(left) + tree}


def negative_child(content, tree):
    return {("right_children", tree, 0): -2 - tree}


def two_parents(content, tree):
    left, _, inner = inner_nodes(content, tree)
    return {("right_children", tree, inner[-1]): left[0]}


def one_child(content, tree):
    return {("right_children", tree, inner_nodes(content, tree)[2][0]): -1}


def children_that_are_one(content, tree):
    left, _, inner = inner_nodes(content, tree)
    return {("right_children", tree, inner[-1]): left[inner[-1]]}


def parent_out_of_range(content, tree):
    return {("parents", tree, 1): 2**30 + tree}


def negative_parent(content, tree):
    return {("parents", tree, 2): -1 - tree}


def root_with_a_parent(content, tree):
    return {("parents", tree, 0): 1}


def feature_out_of_range(content, tree):
    return {("split_indices", tree, 0): 5 + tree}


def negative_feature(content, tree):
    return {("split_indices", tree, 0): -1 - tree}


def deleted_and_still_there(content, tree):
    node = inner_nodes(content, tree)[0][0]
    return {("split_indices", tree, node): 2**31 - 1}


def leaf_that_is_no_number(content, tree):
    leaf = np.flatnonzero(inner_nodes(content, tree)[0] < 0)[tree]
    return {("split_conditions", tree, leaf): [np.nan, np.inf, -np.inf][tree % 3]}


def threshold_that_is_no_number(content, tree):
    return {("split_conditions", tree, 0): np.nan}


def side_that_is_none(content, tree):
    return {("default_left", tree, 0): 2 + tree}


def category(content, tree):
    return {("split_type", tree, 0): 1}


@pytest.mark.parametrize("tree", range(5))
@pytest.mark.parametrize(
    "change",
    [
        own_child,
        own_child_alone,
        circle_of_two,
        child_out_of_range,
        negative_child,
        two_parents,
        one_child,
        children_that_are_one,
        parent_out_of_range,
        negative_parent,
        root_with_a_parent,
        feature_out_of_range,
        negative_feature,
        deleted_and_still_there,
        leaf_that_is_no_number,
        threshold_that_is_no_number,
        side_that_is_none,
        category,
    ],
)
def test_trees_that_are_none_are_refused(loads, change, tree):
    load = loads("boosting of 3")
    content = load.files["booster.ubj"]
    outcome, message = load(booster__ubj=with_numbers(content, change(content, tree)))
    assert outcome == "refused", message
    assert message.startswith("booster.ubj must be")


@pytest.mark.parametrize("count", [-1, -(2**63), 0, 1, 2**31, 2**40, 2**62, 2**63 - 1])
@pytest.mark.parametrize(
    "key",
    ["left_children[$l#L", "default_left[$U#L", "sum_hessian[$d#L", "trees[#L", "tree_info[#L"],
)
def test_sizes_that_are_none_are_refused(loads, key, count):
    load = loads("boosting of 2")
    content = bytearray(load.files["booster.ubj"])
    struct.pack_into(">q", content, content.index(key.encode()) + len(key), count)
    assert load(booster__ubj=content)[0] == "refused"


@pytest.mark.parametrize(
    ("key", "texts"),
    [
        ("num_nodes", ["-1", "0", "2147483647", "x", ""]),
        ("num_trees", ["-6", "0", "7", "1000000000", "6 "]),
        ("num_feature", ["-5", "0", "6", "4294967296", "5.0"]),
        ("num_class", ["-3", "0", "2", "4", "1000000000"]),
        ("num_target", ["-1", "2", "1000000000", "x", ""]),
        ("num_deleted", ["-1", "1", "1000000000", "x", ""]),
        ("num_parallel_tree", ["-1", "0", "2", "1000000000", "x"]),
        ("size_leaf_vector", ["-1", "2", "3", "1000000000", "x"]),
        ("base_score", ["nan", "[]", "[5E-1,5E-1]", "1E999", "0.5;0.5"]),
        ("name", ["gblinear", "dart", "reg:squarederror", "", "gbtree\0"]),
    ],
)
def test_texts_that_contradict_the_model_are_refused(loads, key, texts):
    load = loads("boosting of 3")
    for text in texts:
        content = with_text(load.files["booster.ubj"], key, text.encode())
        assert load(booster__ubj=content)[0] == "refused", text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        # Numbers of another type, of as many bytes.
        (b"left_children[$l", b"left_children[$d"),
        (b"split_conditions[$d", b"split_conditions[$l"),
        (b"default_left[$U", b"default_left[$i"),
        (b"categories_sizes[$L", b"categories_sizes[$D"),
        (b"parents[$l", b"parents[$S"),
        # Other markers.
        (b"feature_names[#L", b"feature_names[#l"),
        (b"attributes{}", b"attributesZ"),
        (b"attributes{}", b"attributesT"),
        (b"attributes{}", b"attributesSL" + bytes(8)),
        (b"attributes{}", b"attributes[#L" + bytes(8)),
        (b"idi\0", b"idi\1"),
        (b"idi\0", b"idi\xff"),
        (b"idi\0", b"idd\0\0\0\0"),
        (b"idi\0", b"idU\0"),
        # Keys.
        (b"left_children", b"left_childrem"),
        (b"parents", b"objects"),
        (b"L\0\0\0\0\0\0\0\x02id", b"L\0\0\0\0\0\0\0\x02ie"),
    ],
)
def test_other_types_are_refused(loads, old, new):
    load = loads("boosting of 2")
    content = load.files["booster.ubj"]
    assert old in content
    outcome, message = load(booster__ubj=content.replace(old, new, 1))
    assert outcome == ("same" if new == b"idU\0" else "refused"), message


def key_of(text):
    return b"L" + struct.pack(">q", len(text)) + text


@pytest.mark.parametrize(
    "wrap",
    [
        lambda content: content + b"}",
        lambda content: content + bytes(1000),
        lambda content: b"[" + content,
        lambda content: b"{" * 100_000,
        lambda content: b"{" + key_of(b"a") + (b"{" + key_of(b"a")) * 50_000,
        lambda content: b"{" + key_of(b"a") + (b"[#L" + struct.pack(">q", 1)) * 50_000,
        lambda content: b"{" + key_of(b"a") + b"[#L" + struct.pack(">q", 50_000) + b"{}" * 50_000,
        lambda content: b"{" + b"".join(key_of(b"%5d" % i) + b"{}" for i in range(50_000)) + b"}",
        lambda content: b"{" + key_of(b"learner") + b"i\0" + content[1:],
        lambda content: b"{" + key_of(b"other") + b"i\0" + content[1:],
        lambda content: b"",
        lambda content: b"{",
        lambda content: b"{}",
        lambda content: content.replace(b"attributes{", b"attributes{" + key_of(b"a") + b"i\0"),
        lambda content: content.replace(
            b"attributes{", b"attributes{" + key_of(b"a") + b"S" + key_of(b"\xff")
        ),
    ],
)
def test_other_documents_are_refused(loads, wrap):
    load = loads("boosting of 2")
    outcome, message = load(booster__ubj=wrap(load.files["booster.ubj"]))
    assert outcome == "refused", message


def test_truncated_boosters_are_refused(loads):
    load = loads("boosting of 2")
    content = load.files["booster.ubj"]
    for n_bytes in np.linspace(0, len(content) - 1, 60).astype(int):
        assert load(booster__ubj=content[:n_bytes])[0] == "refused"


@given(edits=EDITS, overwrite=st.booleans())
def test_no_mutation_of_a_booster_ends_the_process(loads, edits, overwrite):
    load = loads("boosting of 3")
    content = load.files["booster.ubj"]
    if overwrite:
        edits = [(share, len(new) if isinstance(new, bytes) else n, new) for share, n, new in edits]
    outcome, message = load(booster__ubj=edited(content, edits))
    assert outcome != "raised", message


@given(data=st.data())
def test_no_other_numbers_of_a_tree_end_the_process(loads, data):
    """The document stays one; its trees, in whatever way, are others."""
    load = loads("boosting of 3")
    content = load.files["booster.ubj"]
    keys = ["left_children", "right_children", "parents", "split_indices", "split_type"]
    changes = {}
    for _ in range(data.draw(st.integers(1, 6))):
        key, tree = data.draw(st.sampled_from(keys)), data.draw(st.integers(0, 17))
        start, end = places(content, key)[tree]
        n_nodes = (end - start) // (1 if key == "split_type" else 4)
        number = st.integers(0, 255)
        if key != "split_type":
            number = st.integers(-2, n_nodes + 1) | st.sampled_from([2**31 - 1, -(2**31)])
        changes[key, tree, data.draw(st.integers(0, n_nodes - 1))] = data.draw(number)
    outcome, message = load(booster__ubj=with_numbers(content, changes))
    assert outcome != "raised", message


# Answers.


@pytest.mark.parametrize(
    "change",
    [
        lambda arrays: arrays.pop("rows"),
        lambda arrays: arrays.pop("margins"),
        lambda arrays: arrays.update(rows=arrays["rows"][:, :4]),
        lambda arrays: arrays.update(rows=arrays["rows"].astype(np.float64)),
        lambda arrays: arrays.update(rows=np.full_like(arrays["rows"], np.inf)),
        lambda arrays: arrays.update(margins=arrays["margins"][:0], rows=arrays["rows"][:0]),
        lambda arrays: arrays.update(margins=arrays["margins"][:, :1]),
        lambda arrays: arrays.update(margins=arrays["margins"] + np.float32(0.01)),
        lambda arrays: arrays.update(margins=arrays["margins"] * np.float32(np.nan)),
        lambda arrays: arrays.update(margins=np.float32(1)),
    ],
)
def test_answers_that_are_others_are_refused(loads, change):
    load = loads("boosting of 3")
    arrays = read_arrays(load.files["answers.npz"])
    change(arrays)
    outcome, message = load(answers__npz=write_arrays(arrays))
    assert outcome == "refused", message
    assert message.startswith(("answers.npz must be", "booster.ubj must mean"))


# References of exports.


@pytest.fixture(scope="module")
def export(tmp_path_factory):
    X, y = table(400, missing=0.1)
    model = DeliveryClassifier(epochs=6, random_state=0).fit(X, y)
    return export_coreml(model, tmp_path_factory.mktemp("export") / "model.mlmodel")


def test_a_reference_of_an_export_has_the_same_door(export):
    load = Loads(export.reference, REFERENCE_KIND)
    content = load.files["booster.ubj"]
    try:
        for tree in range(5):
            for change in (own_child, circle_of_two, child_out_of_range, feature_out_of_range):
                changed = with_numbers(content, change(content, tree))
                assert load(booster__ubj=changed)[0] == "refused"
        rng = np.random.default_rng(0)
        for place in rng.integers(0, len(content), 60):
            changed = bytearray(content)
            changed[place] ^= 1 << rng.integers(8)
            outcome, message = load(booster__ubj=changed)
            assert outcome != "raised", message
    finally:
        load.close()


def test_an_export_whose_hashes_were_all_made_anew_is_refused(export):
    files = read_folder(export.reference, REFERENCE_KIND)
    content = files["booster.ubj"]
    files["booster.ubj"] = with_numbers(content, own_child(content, 0))
    write_folder(files, export.reference, REFERENCE_KIND)
    certificate = export.model.with_suffix(".certificate.json")
    document = json.loads(certificate.read_bytes())
    document["reference_sha256"] = folder_hash(export.reference)
    certificate.write_text(json.dumps(document))
    with pytest.raises(CertificateError, match=r"booster\.ubj must be"):
        verify_coreml(export.model)
