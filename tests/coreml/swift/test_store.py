"""The Swift store takes what novin-ml signs from a server on this machine, and nothing else."""

import json
import os
import shutil
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from filelock import FileLock

from novin_ml.events import write_events
from novin_ml.lifecycle import build, draft_declaration, generate_key, sign_release
from novin_ml.simulation import simulate_deliveries
from tests.coreml.swift.conftest import NO_SWIFT, swift

pytest.importorskip("cryptography", reason="the extra signing is not installed")
#: Bytes after which a server gives up to send on.
ENDLESS = 2_000_000_000


@pytest.fixture(scope="session")
def made(tmp_path_factory, worker_id):
    """A release with its package, whose tests are built, and two keys."""
    if shutil.which("swift") is None:
        pytest.skip(NO_SWIFT)
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "store"
    with FileLock(f"{folder}.lock"):
        if not (folder / "done").exists():
            folder.mkdir()
            write_events(simulate_deliveries(2_000, random_state=0), folder / "data.jsonl")
            declared = draft_declaration(folder / "data.jsonl", folder / "novin.toml")
            assert build(declared, folder / "release").released
            for name in ("key", "other"):
                generate_key(folder / name)
            shutil.copytree(folder / "release" / "NovinModels", folder / "NovinModels")
            answer = swift(folder / "NovinModels", "build", "--build-tests")
            assert answer.returncode == 0, answer.stdout[-5000:] + answer.stderr[-5000:]
            assert "warning:" not in answer.stdout + answer.stderr, answer.stdout
            (folder / "done").touch()
    return folder


class Handler(SimpleHTTPRequestHandler):
    """Files of a folder; some are cut off, some never end, some lie elsewhere."""

    def do_GET(self):
        kind, name = self.path.split("/")[1], self.path.rpartition("/")[2]
        if kind == "elsewhere":
            self.send_response(302)
            self.send_header("Location", f"http://localhost:{self.server.server_port}/newer/{name}")
            self.end_headers()
        elif kind == "cut" and name.endswith(".mlmodel"):
            content = (self.directory_of("newer") / name).read_bytes()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: len(content) // 2])
        elif kind == "endless" and name.endswith(".mlmodel"):
            self.send_response(200)
            self.end_headers()
            self.send_on(name)
        else:
            super().do_GET()

    def directory_of(self, kind):
        return self.server.folder / kind

    def send_on(self, name):
        """Send until nobody listens."""
        content, sent = (self.directory_of("newer") / name).read_bytes(), 0
        try:
            while sent < ENDLESS:
                self.wfile.write(content)
                sent += len(content)
        except OSError:
            pass
        self.server.endless.append(sent)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def served(made, tmp_path):
    """Releases of each kind, and a server of them."""

    def sign(name, version, key="key", **options):
        return sign_release(
            made / "release", made / key, tmp_path / name, version=version, **options
        ).folder

    sign("good", 2, min_app_version="2.1")
    sign("older", 1)
    sign("newer", 3)
    sign("newest", 4, days=1)
    sign("of_others", 9, key="other")
    for name in ("truncated", "tampered", "longer", "forged", "cut", "endless"):
        shutil.copytree(tmp_path / "newer", tmp_path / name)
    content = (tmp_path / "newer" / "delivery.mlmodel").read_bytes()
    changed = bytearray(content)
    changed[len(content) // 3] ^= 1
    for name, file in [
        ("truncated", content[:-1]),
        ("tampered", changed),
        ("longer", content + b"x"),
    ]:
        (tmp_path / name / "delivery.mlmodel").write_bytes(file)
    manifest = tmp_path / "forged" / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"version": 3', '"version": 8'))
    handler = partial(Handler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.folder, server.endless = tmp_path, []
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def run_plan(made, tmp_path, server, cases):
    """Run the Swift test against the server, and return what it said."""
    public = json.loads((tmp_path / "good" / "manifest.json").read_text())
    signed = sign_release(made / "release", made / "key", tmp_path / "again", version=2)
    assert signed.key_id == public["key_id"]
    plan = tmp_path / "plan.json"
    plan.write_text(
        json.dumps(
            {
                "publicKey": signed.public_key,
                "server": f"http://127.0.0.1:{server.server_port}",
                "name": "release",
                "cases": cases,
            }
        )
    )
    answer = swift(
        made / "NovinModels",
        "test",
        "--skip-build",
        "--filter",
        "ServerTests",
        env={**os.environ, "NOVIN_STORE_PLAN": str(plan)},
    )
    return answer.returncode, answer.stdout + answer.stderr


def test_releases_of_a_server(made, served, tmp_path):
    cases = [
        {"path": "forged", "error": "badSignature"},
        {"path": "good", "version": 2},
        {"path": "good", "version": 2},
        {"path": "older", "error": "notNewer"},
        {"path": "truncated", "error": "otherFile"},
        {"path": "tampered", "error": "otherFile"},
        {"path": "longer", "error": "tooLong"},
        {"path": "endless", "error": "tooLong"},
        {"path": "cut", "error": "other"},
        {"path": "forged", "error": "badSignature"},
        {"path": "of_others", "error": "badSignature"},
        {"path": "nowhere", "error": "server"},
        {"path": "elsewhere", "error": "notSecure"},
        {"path": "newer", "error": "tooLarge", "mostBytes": 1_000},
        {"path": "newest", "error": "expired", "daysLater": 1.01},
        {"path": "good", "error": "oldApp", "appVersion": "2.0.9"},
        {"path": "newer", "version": 3},
        {"path": "good", "error": "notNewer"},
        {"path": "newest", "version": 4, "daysLater": 0.9},
    ]
    code, said = run_plan(made, tmp_path, served, cases)
    assert code == 0, said[-5000:]
    assert "Executed 2 tests, with 0 failures" in said, said
    assert len(served.endless) == 1
    assert served.endless[0] < ENDLESS


def test_a_wrong_expectation_fails(made, served, tmp_path):
    code, said = run_plan(made, tmp_path, served, [{"path": "good", "error": "expired"}])
    assert code != 0
    assert "good: installed" in said


def test_an_app_in_swift_6_uses_store_and_streams(made, tmp_path):
    app = tmp_path / "Outside"
    shutil.copytree(Path(__file__).with_name("outside"), app)
    (tmp_path / "NovinModels").symlink_to(made / "NovinModels")
    # Where CryptoKit does not exist, an app in a test brings its own.
    for name in ("Ed25519.swift", "SHA512.swift"):
        own = made / "NovinModels" / "Tests" / "NovinStoreTests" / name
        shutil.copy(own, app / "Tests" / "OutsideTests")
    signed = sign_release(made / "release", made / "key", tmp_path / "signed", version=1)
    env = {
        **os.environ,
        "NOVIN_RELEASE": str(signed.folder),
        "NOVIN_KEY": signed.public_key,
    }
    answer = swift(app, "test", env=env)
    said = answer.stdout + answer.stderr
    assert answer.returncode == 0, said[-5000:]
    assert "warning:" not in said, said
    assert "Executed 1 test, with 0 failures" in said, said


def test_the_package_has_the_model_that_is_signed(made):
    content = (made / "release" / "delivery.mlmodel").read_bytes()
    models = made / "NovinModels" / "Sources" / "NovinModels" / "Models"
    assert (models / "delivery.mlmodel").read_bytes() == content


def test_the_tests_of_the_package_hold_its_store(made):
    answer = swift(made / "NovinModels", "test", "--skip-build", "--filter", "NovinStoreTests")
    assert answer.returncode == 0, answer.stdout[-5000:]
    assert "StoreTests.testItGoesBackToTheLastGoodRelease' passed" in answer.stdout + answer.stderr
