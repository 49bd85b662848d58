"""The registry: immutable versions, promotion in one step, two writers, damage, upkeep."""

import json
import multiprocessing
import os
import stat
from contextlib import nullcontext

import pytest

from novin_ml import DeliveryClassifier, export_coreml
from novin_ml.exceptions import CertificateError, RegistryConflictError, RegistryError
from novin_ml.lifecycle import (
    Registry,
    collect_garbage,
    diff_versions,
    record_removal,
    save_estimator,
    train,
    verify_registry,
)
from novin_ml.lifecycle.registry import registry as module
from novin_ml.simulation import simulate_deliveries


def release(folder, text, **files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in {"card.md": text, **files}.items():
        (folder / name).write_text(content)
    return folder


@pytest.fixture
def registry(tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    registry = Registry(tmp_path / "registry")
    for number in (1, 2, 3):
        source = release(tmp_path / f"release{number}", f"version {number}")
        registry.add("delivery", source, facts={"metrics": {"accuracy": 0.9 + number / 100}})
    return registry


def text_of(version):
    return version.path("card.md").read_text()


def test_versions_are_numbered_copies_with_who_when_and_parent(registry, tmp_path):
    registry.promote("delivery", 2, reason="better")
    (tmp_path / "release3" / "card.md").write_text("changed after it was added")
    later = registry.add("delivery", release(tmp_path / "release4", "version 4"))
    assert [version.number for version in registry.versions("delivery")] == [1, 2, 3, 4]
    assert [version.parent for version in registry.versions("delivery")] == [None, None, None, 2]
    assert text_of(registry.version("delivery", 3)) == "version 3"
    assert text_of(registry.version("delivery")) == "version 2"
    assert registry.version("delivery", "latest") == later
    assert later.created == "2023-11-14T22:13:20Z"
    assert later.by
    assert registry.names() == ["delivery"]


def test_the_same_files_are_one_version(registry, tmp_path):
    again = registry.add("delivery", release(tmp_path / "again", "version 2"))
    assert again.number == 2
    assert len(registry.versions("delivery")) == 3


def test_promotions_and_rollbacks_are_a_history(registry):
    assert registry.served("delivery") is None
    for number in (1, 3, 2):
        registry.promote("delivery", number)
    rolled_back = registry.rollback("delivery", reason="too loud")
    assert (rolled_back.version, rolled_back.previous, rolled_back.kind) == (3, 2, "rollback")
    assert registry.served("delivery").number == 3
    assert registry.rollback("delivery").version == 1
    with pytest.raises(RegistryError, match="must have a version that was served before"):
        registry.rollback("delivery")
    registry.promote("delivery", 3)
    assert registry.rollback("delivery").version == 1
    assert [each.version for each in registry.promotions("delivery")] == [1, 3, 2, 3, 1, 3, 1]


def test_what_is_already_served_is_not_promoted_again(registry):
    registry.promote("delivery", 1)
    with pytest.raises(RegistryError, match="Got 1, which is served"):
        registry.promote("delivery", 1)
    with pytest.raises(RegistryConflictError, match=r"must still serve version 2\. Got version 1"):
        registry.promote("delivery", 3, instead_of=2)
    assert registry.promote("delivery", 3, instead_of=1).previous == 1


def test_one_of_two_writers_who_promote_wins_and_the_other_is_told(registry, monkeypatch):
    registry.promote("delivery", 1)
    own_faults = Registry.faults

    def slow(self, name, number):
        # Another writer comes between this one's reading and its promotion.
        monkeypatch.setattr(Registry, "faults", own_faults)
        monkeypatch.setattr(module, "locked", lambda folder: nullcontext())
        Registry(self.folder).promote(name, 2)
        return own_faults(self, name, number)

    monkeypatch.setattr(Registry, "faults", slow)
    with pytest.raises(RegistryConflictError, match=r"Got version 2, which .* promoted at 2023"):
        registry.promote("delivery", 3)
    assert registry.served("delivery").number == 2
    assert verify_registry(registry) == []


def _add_many(folder, source, start):
    start.wait()
    Registry(folder).add("delivery", source)


def test_writers_who_add_at_the_same_time_get_numbers_of_their_own(tmp_path):
    context = multiprocessing.get_context("spawn")
    start = context.Event()
    folder = tmp_path / "registry"
    sources = [release(tmp_path / f"release{which}", f"version {which}") for which in range(4)]
    writers = [
        context.Process(target=_add_many, args=(folder, source, start)) for source in sources
    ]
    for writer in writers:
        writer.start()
    start.set()
    for writer in writers:
        writer.join(60)
        assert writer.exitcode == 0
    registry = Registry(folder)
    versions = registry.versions("delivery")
    assert [version.number for version in versions] == [1, 2, 3, 4]
    assert {text_of(version) for version in versions} == {f"version {i}" for i in range(4)}
    assert verify_registry(registry) == []


def test_what_a_killed_writer_left_does_not_keep_a_registry_from_being_made(tmp_path):
    left = tmp_path / "registry" / ".registry.json.writing"
    left.mkdir(parents=True)
    registry = Registry(tmp_path / "registry")
    registry.add("delivery", release(tmp_path / "release1", "version 1"))
    assert registry.names() == ["delivery"]
    assert not left.exists()


def _promote_many(folder, first, turn, told):
    registry = Registry(folder)
    for round_ in range(8):
        turn.wait(60)
        served = registry.served("delivery").number
        turn.wait(60)  # both have compared with the same version
        try:
            registry.promote("delivery", first + 2 * round_, instead_of=served)
            told.put((round_, first, ""))
        except RegistryConflictError as error:
            told.put((round_, first, str(error)))
        turn.wait(60)


def test_one_of_two_processes_that_promote_wins_and_the_other_is_told(tmp_path):
    registry = Registry(tmp_path / "registry")
    for number in range(1, 18):
        registry.add("delivery", release(tmp_path / f"release{number}", f"version {number}"))
    registry.promote("delivery", 1)
    context = multiprocessing.get_context("spawn")
    turn, told = context.Barrier(2), context.Queue()
    writers = [
        context.Process(target=_promote_many, args=(registry.folder, first, turn, told))
        for first in (2, 3)
    ]
    for writer in writers:
        writer.start()
    said = sorted(told.get(timeout=60) for _ in range(16))
    for writer in writers:
        writer.join(60)
    served = 1
    for round_ in range(8):
        (winner,) = [first for each, first, error in said if each == round_ and not error]
        (error,) = [error for each, _, error in said if each == round_ and error]
        assert "another writer" in error or f"must still serve version {served}. Got" in error
        served = winner + 2 * round_
        assert f"version {served}" in error
    assert [each.version for each in registry.promotions("delivery")][-1] == served
    assert len(registry.promotions("delivery")) == 9
    assert verify_registry(registry) == []


def test_readers_need_no_permission_to_write(registry):
    registry.promote("delivery", 2)
    places = [registry.folder, *registry.folder.rglob("*")]
    modes = {place: place.stat().st_mode for place in places}
    before = sorted(place.name for place in places)
    for place in places:
        place.chmod(modes[place] & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
    try:
        assert text_of(Registry(registry.folder).version("delivery")) == "version 2"
        assert len(registry.versions("delivery")) == 3
        assert verify_registry(registry) == []
    finally:
        for place in places:
            place.chmod(modes[place])
    assert sorted(p.name for p in [registry.folder, *registry.folder.rglob("*")]) == before


def damage(registry, what):
    folder = registry.folder / "models/delivery"
    card = folder / "versions/000002/content/card.md"
    record = folder / "versions/000002/version.json"
    promotion = folder / "promotions/000001/promotion.json"
    if what == "changed":
        card.write_text("Version 2")
    elif what == "shortened":
        card.write_text("")
    elif what == "removed":
        card.unlink()
    elif what == "added":
        (card.parent / "more.txt").write_text("?")
    elif what == "record":
        record.write_text(record.read_text().replace('"parent": null', '"parent": 1'))
    elif what == "half a record":
        record.write_text(record.read_text()[:100])
    elif what == "nested record":
        record.write_text("[" * 100_000)
    elif what == "no record":
        record.unlink()
    elif what == "promotion":
        promotion.write_text(promotion.read_text().replace('"version": 2', '"version": 3'))
    elif what == "no promotion":
        promotion.unlink()
    elif what == "removal":
        (folder / "removals/000001").mkdir(parents=True)
        (folder / "removals/000001/removal.json").write_text('{"protocol": 1}')


FAULTS = {
    "changed": "card.md must have the SHA-256",
    "shortened": "card.md must have 9 bytes. Got 0",
    "removed": "card.md must be a file. Got none",
    "added": "more.txt must be in the record of its version",
    "record": "version.json must have the entries that were written",
    "half a record": "version.json must have JSON",
    "nested record": "version.json must have JSON",
    "no record": "version.json must have a file",
    "promotion": "promotion.json must have the entries that were written",
    "no promotion": "promotion.json must have a file",
    "removal": "removal.json must have the entries that were written",
}


@pytest.mark.parametrize("what", FAULTS)
def test_damage_is_found_and_named(registry, what):
    registry.promote("delivery", 2)
    registry.promote("delivery", 1)
    assert verify_registry(registry) == []
    damage(registry, what)
    assert any(FAULTS[what] in fault for fault in verify_registry(registry))
    if "promotion" not in what and what != "removal":
        with pytest.raises(RegistryError):
            registry.promote("delivery", 2)
        assert registry.served("delivery").number == 1


def test_a_missing_parent_of_the_served_version_is_a_fault(registry, tmp_path):
    registry.promote("delivery", 1)
    registry.add("delivery", release(tmp_path / "release4", "version 4"))
    registry.promote("delivery", 4)
    os.rename(
        registry.folder / "models/delivery/versions/000001", tmp_path / "taken out of the registry"
    )
    (fault,) = verify_registry(registry)
    assert "must have version 1, which is served or a parent" in fault


def test_what_is_served_was_served_or_is_a_parent_is_not_collected(registry, tmp_path):
    registry.promote("delivery", 2)
    for number in range(4, 9):
        registry.add("delivery", release(tmp_path / f"release{number}", f"version {number}"))
    registry.promote("delivery", 5)
    would_go = [version.number for version in collect_garbage(registry, keep=2, dry_run=True)]
    assert would_go == [1, 3, 4, 6]
    assert len(registry.versions("delivery")) == 8
    left_over = registry.folder / "models/delivery/versions/.000009-abcd.writing"
    left_over.mkdir()
    assert [version.number for version in collect_garbage(registry, keep=2)] == would_go
    assert [version.number for version in registry.versions("delivery")] == [2, 5, 7, 8]
    assert not left_over.exists()
    assert verify_registry(registry) == []
    assert registry.rollback("delivery").version == 2
    # The number of a version that was removed is not given again.
    assert registry.add("delivery", release(tmp_path / "release9", "version 9")).number == 9


def test_a_damaged_record_keeps_everything_from_being_collected(registry):
    damage(registry, "record")
    with pytest.raises(RegistryError, match=r"version\.json"):
        collect_garbage(registry, keep=1)
    assert len(list((registry.folder / "models/delivery/versions").iterdir())) == 3


def test_a_difference_names_facts_and_files(registry, tmp_path):
    source = release(tmp_path / "other", "version 1", **{"thresholds.json": "{}"})
    other = registry.add("delivery", source, facts={"metrics": {"accuracy": 0.97}})
    found = {
        each.what: (each.a, each.b)
        for each in diff_versions(registry.versions("delivery")[0], other)
    }
    assert found["metrics.accuracy"] == (0.91, 0.97)
    assert found["files.thresholds.json"][0] is None
    assert set(found) == {"metrics.accuracy", "files.thresholds.json"}


def test_a_model_whose_certificate_does_not_match_is_not_added(tmp_path):
    X = [[0.0], [1.0], [2.0], [3.0]] * 25
    model = DeliveryClassifier(epochs=1, random_state=0).fit(X, [x > [1.0] for x in X])
    source = tmp_path / "release"
    export = export_coreml(model, source / "delivery.mlmodel")
    registry = Registry(tmp_path / "registry")
    assert registry.add("delivery", source).path("delivery.mlmodel").is_file()
    certificate = json.loads(export.certificate_file.read_text())
    export.certificate_file.write_text(json.dumps(certificate | {"rows": 1}))
    with pytest.raises(CertificateError):
        registry.add("delivery", source)
    assert len(registry.versions("delivery")) == 1


def of_later_protocol(registry):
    marker = registry.folder / "registry.json"
    marker.write_text(marker.read_text().replace('"protocol": 1', '"protocol": 2'))
    registry.names()


REFUSED = {
    "no registry": (lambda r: Registry(r.folder / "models").names(), "must be a registry. Got no"),
    "protocol": (of_later_protocol, "Got protocol 2, of a newer novin_ml"),
    "name": (lambda r: r.add("../x", r.folder), "must have 1 to 64 letters"),
    "model": (lambda r: r.served("motion"), "must be a model in .*: delivery. Got 'motion'"),
    "number": (lambda r: r.version("delivery", 7), "of delivery: 1, 2, 3. Got 7"),
    "flag": (lambda r: r.version("delivery", True), "of delivery: 1, 2, 3. Got True"),
    "none served": (lambda r: r.version("delivery"), "must have a served version"),
    "file": (lambda r: r.version("delivery", 1).path("a"), "of delivery: card.md. Got 'a'"),
    "no folder": (lambda r: r.add("delivery", r.folder / "no"), "Got no such folder"),
    "other files": (
        lambda r: Registry(r.folder.parent / "release1").add("a", r.folder),
        "must be a registry, or a new or empty folder",
    ),
    "keep": (lambda r: collect_garbage(r, keep=0), "must be a whole number, at least 1. Got 0"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_bad_input_is_one_sentence(registry, what):
    call, message = REFUSED[what]
    with pytest.raises(RegistryError, match=message):
        call(registry)


def test_links_are_refused(registry, tmp_path):
    source = release(tmp_path / "linked", "version 5")
    (source / "link").symlink_to("/etc/hostname")
    with pytest.raises(RegistryError, match=r"files and folders only. Got .*link"):
        registry.add("delivery", source)


def test_a_missing_record_of_removed_homes_is_a_fault(tmp_path):
    events = simulate_deliveries(200, n_homes=6, random_state=0)
    model = train("delivery", events, epochs=1, test_fraction=0, random_state=0).pipeline
    save_estimator(model, tmp_path / "release" / "delivery")
    registry = Registry(tmp_path / "registry")
    registry.add("delivery", tmp_path / "release")
    for home in sorted(set(events["home_id"]))[:2]:
        assert record_removal(registry, "delivery", [home], "withdrawn")
    assert verify_registry(registry) == []
    place = registry.folder / "models/delivery/removals"
    (place / "000001").rename(tmp_path / "taken out")
    assert verify_registry(registry) == [f"{place} must have removal 1. Got none."]
