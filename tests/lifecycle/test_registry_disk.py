"""A registry on a disk that takes nothing: mounted for reading, or full."""

import json
import os
import shutil
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from novin_ml import DeliveryClassifier, export_coreml
from novin_ml.cli.app import app
from novin_ml.lifecycle import Registry, save_estimator

#: Python refuses each call that would change something below a folder, as a mount for reading does,
#: and for root too.
READ_ONLY = """
import errno, os, sys
folder = sys.argv.pop(1)
below = os.path.realpath(folder)
PLACES = {
    "os.chmod": (0,), "os.chown": (0,), "os.link": (1,), "os.mkdir": (0,), "os.remove": (0,),
    "os.rename": (0, 1), "os.rmdir": (0,), "os.symlink": (1,), "os.truncate": (0,),
    "os.utime": (0,), "shutil.rmtree": (0,), "tempfile.mkdtemp": (0,), "tempfile.mkstemp": (0,),
}
def refused(event, arguments):
    places = PLACES.get(event, ())
    if event == "open":
        path, mode, flags = arguments
        changes = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND)
        places = (0,) if changes else ()
    for place in places:
        path = arguments[place]
        if isinstance(path, (str, bytes, os.PathLike)):
            if os.path.realpath(os.fsdecode(path)).startswith(below):
                raise OSError(errno.EROFS, os.strerror(errno.EROFS), os.fsdecode(path))
sys.addaudithook(refused)
"""
#: Calls commands in this process, and returns the code and the errors of each.
CALL = """
import json, os
from typer.testing import CliRunner
from novin_ml.cli.app import app
def call(name, *rest):
    done = CliRunner().invoke(app, ["registry", name, folder, *map(str, rest)])
    return done.exit_code, done.stderr
"""
#: What a reader does: each way to read, from Python and by commands.
READ = (
    CALL
    + """
from novin_ml.coreml import verify_coreml
from novin_ml.lifecycle import Registry, diff_versions, load_estimator, verify_registry
registry = Registry(folder)
assert registry.names() == ["delivery"]
first, second = registry.versions("delivery")
assert registry.served("delivery") == first == registry.version("delivery", 1)
assert diff_versions(first, second) and registry.promotions("delivery")
load_estimator(first.path("model"))
verify_coreml(first.path("model.mlmodel"))
assert verify_registry(registry) == []
for command in (["list"], ["show", "delivery"], ["diff", "delivery", 1, 2], ["verify"]):
    assert call(*command) == (0, ""), command
print(json.dumps([call("promote", "delivery", 2), call("add", "delivery", sys.argv[1])]))
"""
)
#: No file of the process may pass some bytes, as on a disk that is full.
FULL = (
    CALL
    + """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
folder, release = sys.argv[1:]
def content():
    return {
        os.path.join(parent, name): open(os.path.join(parent, name), "rb").read()
        for parent, _, names in os.walk(folder)
        for name in names
    }
before = content()
found = []
for n_bytes, command in [
    (1_000, ["add", "delivery", release]),
    (100, ["add", "delivery", release]),
    (100, ["promote", "delivery", 2]),
]:
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, -1))
    code, said = call(*command)
    resource.setrlimit(resource.RLIMIT_FSIZE, (-1, -1))
    found.append([code, said, content() == before])
found.append(call("verify"))
found.append(call("add", "delivery", release))
found.append(call("promote", "delivery", 2))
print(json.dumps(found))
"""
)


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A registry of two versions, the first of which is served, and a release that is not in it."""
    folder = tmp_path_factory.mktemp("registry")
    X = [[float(row)] for row in range(100)]
    registry = Registry(folder / "registry")
    for epochs in (1, 2, 3):
        model = DeliveryClassifier(epochs=epochs, random_state=0).fit(X, [x > [50.0] for x in X])
        save_estimator(model, folder / f"release{epochs}" / "model")
        export_coreml(model, folder / f"release{epochs}" / "model.mlmodel")
        if epochs < 3:
            registry.add("delivery", folder / f"release{epochs}")
    registry.promote("delivery", 1)
    return folder


def run(*arguments):
    """Run a program; return what it prints as JSON."""
    done = subprocess.run(
        [*map(str, arguments)], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def content(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def are_told(answers, folder):
    """Each writer gets one sentence, which names the place, and what to do."""
    for code, said in answers:
        assert code == 2
        (line,) = said.strip().splitlines()
        assert line.startswith(f"Error: {folder}")
        assert line.endswith(": Read-only file system. Check the path.")


def test_readers_change_nothing_also_as_root_and_writers_are_told(kept):
    registry = kept / "registry"
    before = content(registry)
    answers = run(sys.executable, "-c", READ_ONLY + READ, registry, kept / "release3")
    are_told(answers, registry)
    assert content(registry) == before


def test_readers_on_a_real_mount_for_reading(kept, tmp_path):
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("Only root mounts a folder for reading, with unshare.")
    place = tmp_path / "mounted"
    place.mkdir()
    script = 'mount --bind "$1" "$2" && mount -o remount,bind,ro "$2" && exec "${@:3}"'
    mounted = ["unshare", "--mount", "bash", "-c", script, "-", str(kept / "registry"), str(place)]
    can = subprocess.run([*mounted, "true"], capture_output=True, check=False)
    if can.returncode != 0:
        pytest.skip("This machine lets nobody mount a folder for reading.")
    program = "import sys\nfolder = sys.argv.pop(1)" + READ
    answers = run(*mounted, sys.executable, "-c", program, place, kept / "release3")
    are_told(answers, place)


def test_a_full_disk_is_named_and_nothing_is_lost(kept, tmp_path):
    registry = tmp_path / "registry"
    shutil.copytree(kept / "registry", registry)
    *full, verified, added, promoted = run(sys.executable, "-c", FULL, registry, kept / "release3")
    assert len(full) == 3
    for code, said, is_as_before in full:
        assert (code, is_as_before) == (2, True)
        (line,) = said.strip().splitlines()
        assert line.startswith(f"Error: {registry}")
        assert line.endswith(": File too large. Free some space.")
    assert [verified, added, promoted] == [[0, ""]] * 3
    assert Registry(registry).served("delivery").number == 2


def test_a_model_whose_certificate_does_not_match_is_one_sentence(kept, tmp_path):
    release, registry = tmp_path / "release", kept / "registry"
    shutil.copytree(kept / "release3", release)
    certificate = release / "model.certificate.json"
    certificate.write_text(certificate.read_text().replace('"max_error"', '"max_errors"'))
    before = content(registry)
    arguments = ["registry", "add", str(registry), "delivery", str(release)]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 1
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("Error: ")
    assert "model.certificate.json" in line
    assert content(registry) == before
