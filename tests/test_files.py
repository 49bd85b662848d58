"""Files and folders are replaced whole or not at all, also by writers that are killed."""

import json
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from novin_ml.files import finish_replacing, remove_leftovers, replace_whole, write_text
from tests.killing import CASES, names_in

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("case", CASES)
def test_a_kill_at_any_step_leaves_the_old_or_the_new(case, tmp_path):
    program = [sys.executable, "-m", "tests.killing", case, str(tmp_path / "folder")]
    # A forked child hangs in OpenMP if its parent had threads of it.
    alone = os.environ | {"OMP_NUM_THREADS": "1"}
    result = subprocess.run(
        program, cwd=ROOT, env=alone, capture_output=True, text=True, check=False, timeout=300
    )
    assert result.returncode == 0, result.stderr
    *killed, last = json.loads(result.stdout)
    assert len(killed) >= 3
    assert last["which"] == "new"
    assert last["hidden"] == 0
    # First the old, from some step on the new, and both were seen.
    n_old = sum(each["which"] == "old" for each in killed)
    assert [each["which"] for each in killed] == ["old"] * n_old + ["new"] * (len(killed) - n_old)
    assert 0 < n_old < len(killed)
    for each in (*killed, last):
        assert each["next"] == "next"
        assert each["left"] == []


def write_folder(place, text, **options):
    with replace_whole(place, **options) as new:
        new.mkdir()
        (new / "text").write_text(text)


def test_folders_are_made_and_nothing_else_is_left(tmp_path):
    write_text("a", tmp_path / "x/y/file.txt")
    write_folder(tmp_path / "x/y/folder", "b")
    write_folder(tmp_path / "x/y/folder", "c")
    assert names_in(tmp_path / "x/y") == {"file.txt", "folder"}
    assert (tmp_path / "x/y/folder/text").read_text() == "c"


def write_one(place, text):
    write_text(text, place)


def write_both(place, text):
    with replace_whole(place, place.with_name("beside")) as new:
        new.write_text(text)
        new.with_name("beside").mkdir()
        (new.with_name("beside") / "text").write_text(text)


def texts_in(folder):
    return {str(path.relative_to(folder)): path.read_text() for path in files_in(folder)}


def files_in(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("write", [write_one, write_folder, write_both])
@pytest.mark.parametrize("n_failures", [1, 100])
def test_what_fails_replaces_all_or_nothing(write, n_failures, tmp_path, monkeypatch):
    write(tmp_path / "place", "new")
    new = texts_in(tmp_path)
    old = dict.fromkeys(new, "old")
    real = os.replace
    for first in range(10):
        write(tmp_path / "place", "old")
        calls = iter([False] * first + [True] * n_failures)

        def fail_sometimes(*args, calls=calls):
            if next(calls, False):
                raise OSError("disk full")
            real(*args)

        monkeypatch.setattr(os, "replace", fail_sometimes)
        try:
            write(tmp_path / "place", "new")
        except OSError:
            monkeypatch.setattr(os, "replace", real)
            if n_failures == 1 and write is not write_both:
                assert texts_in(tmp_path) == old
            finish_replacing(tmp_path / "place")
            assert texts_in(tmp_path) in (old, new)
        else:
            break
    assert first > 0
    assert texts_in(tmp_path) == new


@pytest.mark.parametrize("write", [write_folder, write_both])
def test_a_block_that_raises_replaces_nothing(write, tmp_path):
    write(tmp_path / "place", "old")
    before = texts_in(tmp_path)

    def half():
        with replace_whole(tmp_path / "place", tmp_path / "beside") as new:
            new.write_text("half")
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        half()
    assert texts_in(tmp_path) == before


def test_paths_that_belong_together(tmp_path):
    model, reference = tmp_path / "a.model", tmp_path / "a.reference"
    for text in ("old", "new"):
        with replace_whole(model, reference) as new:
            new.write_text(text)
            new.with_name("a.reference").mkdir()
            (new.with_name("a.reference") / "text").write_text(text)
        assert model.read_text() == (reference / "text").read_text() == text
    assert names_in(tmp_path) == {"a.model", "a.reference"}


def test_a_folder_keeps_what_is_said(tmp_path):
    write_folder(tmp_path / "a", "old")
    (tmp_path / "a/cache").mkdir()
    (tmp_path / "a/cache/x").touch()
    (tmp_path / "a/more").touch()
    write_folder(tmp_path / "a", "new", keep="cache")
    assert names_in(tmp_path / "a") == {"text", "cache"}
    assert names_in(tmp_path / "a/cache") == {"x"}


def test_links_and_modes_stay(tmp_path):
    (tmp_path / "far").mkdir()
    target = tmp_path / "far/file"
    target.write_text("old")
    target.chmod(0o600)
    link = tmp_path / "link"
    link.symlink_to(target)
    write_text("new", link)
    assert link.is_symlink()
    assert target.read_text() == "new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    write_folder(tmp_path / "far/folder", "old")
    (tmp_path / "door").symlink_to(tmp_path / "far/folder")
    write_folder(tmp_path / "door", "new")
    assert (tmp_path / "door").is_symlink()
    assert (tmp_path / "far/folder/text").read_text() == "new"


def test_a_device_is_written_to_and_a_folder_is_no_file(tmp_path):
    write_text("a", Path(os.devnull))
    assert Path(os.devnull).is_char_device()
    write_folder(tmp_path / "folder", "a")
    with pytest.raises(IsADirectoryError, match=r"folder'$"):
        write_text("a", tmp_path / "folder")
    assert (tmp_path / "folder/text").read_text() == "a"
    assert names_in(tmp_path) == {"folder"}


def test_writers_of_one_path_wait_for_each_other(tmp_path):
    def write(number):
        for _ in range(20):
            write_folder(tmp_path / "folder", str(number))
            finish_replacing(tmp_path / "folder")

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (tmp_path / "folder/text").read_text() in "0123"
    assert names_in(tmp_path) == {"folder"}


def test_leftovers_are_removed_but_not_what_is_being_written(tmp_path):
    left = tmp_path / ".a.novin.writing"
    left.mkdir()
    (left / "a.novin").write_text("half")
    (tmp_path / "own.writing").mkdir()
    with replace_whole(tmp_path / "b.novin") as new:
        new.write_text("whole")
        remove_leftovers(tmp_path)
        assert names_in(tmp_path) == {"own.writing", ".b.novin.writing"}
    remove_leftovers(tmp_path)
    assert names_in(tmp_path) == {"own.writing", "b.novin"}
