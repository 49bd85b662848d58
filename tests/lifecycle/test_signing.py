"""Signed releases: what holds is taken, and nothing else, from a folder and over HTTPS."""

import base64
import json
import shutil
import ssl
import stat
import threading
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from typer.testing import CliRunner

from novin_ml.cli.app import app
from novin_ml.coreml import CoreMLRuntime
from novin_ml.events import write_events
from novin_ml.exceptions import BuildError, SignatureError
from novin_ml.lifecycle import (
    Registry,
    build,
    download_release,
    draft_declaration,
    generate_key,
    key_id,
    promote_signed,
    sign_release,
    verify_release,
)
from novin_ml.simulation import simulate_deliveries

pytest.importorskip("cryptography", reason="the extra signing is not installed")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A release of a build, and two keys."""
    folder = tmp_path_factory.mktemp("signing")
    write_events(simulate_deliveries(2_000, random_state=0), folder / "data.jsonl")
    declared = draft_declaration(folder / "data.jsonl", folder / "novin.toml")
    assert build(declared, folder / "release").released
    for name in ("key", "other"):
        generate_key(folder / name)
    return folder


@pytest.fixture(scope="module")
def signed(made):
    return sign_release(
        made / "release", made / "key", made / "signed", version=3, min_app_version="2.1"
    )


@pytest.fixture
def copy(signed, tmp_path):
    return shutil.copytree(signed.folder, tmp_path / "copy")


def test_a_key_is_for_its_owner_alone_and_is_never_written_over(tmp_path):
    name = generate_key(tmp_path / "key")
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert key_id(tmp_path / "key.pub") == name
    before = (tmp_path / "key").read_bytes()
    with pytest.raises(FileExistsError):
        generate_key(tmp_path / "key")
    (tmp_path / "key.pub").unlink()
    with pytest.raises(FileExistsError):
        generate_key(tmp_path / "key")
    assert (tmp_path / "key").read_bytes() == before
    assert not (tmp_path / "key.pub").exists()
    (tmp_path / "more.pub").write_text("mine")
    with pytest.raises(FileExistsError):
        generate_key(tmp_path / "more")
    assert not (tmp_path / "more").exists()


def test_what_is_signed_holds(made, signed):
    manifest = verify_release(signed.folder, made / "key.pub", app_version="2.1.0")
    assert (manifest.name, manifest.version, manifest.min_app_version) == ("release", 3, "2.1")
    assert [*manifest.files] == ["delivery.mlmodel"]
    assert signed.key_id == key_id(made / "key.pub")
    days = datetime.fromisoformat(manifest.expires) - datetime.now(UTC)
    assert timedelta(179) < days <= timedelta(180)
    assert {path.name for path in signed.folder.iterdir()} == {
        "delivery.mlmodel",
        "manifest.json",
        "manifest.sig",
    }


def test_golden_rows_are_answered_by_the_model(signed):
    (entry,) = signed.manifest.golden.values()
    assert len(json.dumps(signed.manifest.golden)) < 20_500
    n, outputs = entry["n_rows"], entry["outputs"]
    assert 40 <= n <= 64
    rows, answers = (
        np.frombuffer(base64.b64decode(entry[name]), dtype="<f4").reshape(n, -1)
        for name in ("rows", "answers")
    )
    runtime = CoreMLRuntime(signed.folder / "delivery.mlmodel")
    assert outputs == ["delivery", "no_delivery"]
    assert np.abs(runtime.predict_proba(rows) - answers).max() <= entry["tolerance"] + 1e-7
    assert len(np.unique(answers[:, 0])) > 10
    assert np.isnan(rows).any()


def test_every_changed_byte_is_found(made, copy):
    rng = np.random.default_rng(0)
    for name in ("delivery.mlmodel", "manifest.json", "manifest.sig"):
        content = (copy / name).read_bytes()
        for place in rng.integers(0, len(content) - 1, 40):
            changed = bytearray(content)
            changed[place] ^= 1
            (copy / name).write_bytes(changed)
            with pytest.raises(SignatureError):
                verify_release(copy, made / "key.pub")
        for changed in (content[:-2], content + b"x" * 200, b""):
            (copy / name).write_bytes(changed)
            with pytest.raises(SignatureError):
                verify_release(copy, made / "key.pub")
        (copy / name).write_bytes(content)
    assert verify_release(copy, made / "key.pub").version == 3


def test_what_does_not_fit_is_named(made, copy):
    key = made / "key.pub"
    later = datetime.now(UTC) + timedelta(181)
    for sentence, options in [
        ("must not be expired. Got one of version 3", {"now": later}),
        ("must be of version 2.1 or newer for this release. Got 2.0.9", {"app_version": "2.0.9"}),
        ("must be newer than version 3, which is installed", {"installed_version": 3}),
        ("one to four numbers with dots", {"app_version": "2.x"}),
    ]:
        with pytest.raises(SignatureError, match=sentence):
            verify_release(copy, key, **options)
    with pytest.raises(SignatureError, match="must be signed by the key"):
        verify_release(copy, made / "other.pub")
    with pytest.raises(SignatureError, match=r"must be a public Ed25519 key.* Got a private key"):
        verify_release(copy, made / "key")
    with pytest.raises(SignatureError, match="must be a private Ed25519 key"):
        sign_release(made / "release", made / "key.pub", version=4)
    with pytest.raises(SignatureError, match=r"Got none\. Sign it with novin-ml sign"):
        verify_release(made, key)


def test_only_a_release_whose_gates_passed_is_signed(made, tmp_path):
    release = shutil.copytree(made / "release", tmp_path / "release")
    with pytest.raises(SignatureError, match="'version' parameter must be the number"):
        sign_release(release, made / "key")
    with pytest.raises(ValueError, match="'days' parameter"):
        sign_release(release, made / "key", version=1, days=0)
    (release / "NOT RELEASED").write_text("Gates failed.")
    with pytest.raises(BuildError, match="gates all passed"):
        sign_release(release, made / "key", version=1)
    (release / "NOT RELEASED").unlink()
    model = release / "delivery.mlmodel"
    model.write_bytes(model.read_bytes()[:-1] + b"x")
    with pytest.raises(BuildError, match="must be as it was built"):
        sign_release(release, made / "key", version=1)
    with pytest.raises(SignatureError, match="or a signed release to replace"):
        sign_release(made / "release", made / "key", tmp_path, version=1)


def test_a_registry_serves_only_what_is_signed(made, tmp_path):
    registry = Registry(tmp_path / "registry")
    version = registry.add("door", made / "release")
    key = made / "key.pub"
    with pytest.raises(SignatureError, match="must be a signed release"):
        promote_signed(registry, "door", 1, key)
    place = version.folder.parent
    signed = sign_release(place, made / "key")
    assert signed.manifest.version == 1
    assert signed.folder == tmp_path / "registry" / "models" / "door" / "signed" / "000001"
    with pytest.raises(SignatureError, match="must be signed by the key"):
        promote_signed(registry, "door", 1, made / "other.pub")
    assert registry.served("door") is None
    arguments = ["registry", "promote", str(registry.folder), "door", "1"]
    done = CliRunner().invoke(app, [*arguments, "--require-signature", str(made / "other.pub")])
    assert done.exit_code == 2
    assert "must be signed by the key" in " ".join(done.output.split())
    done = CliRunner().invoke(app, [*arguments, "--require-signature", str(key)])
    assert done.exit_code == 0, done.output
    assert registry.served("door").number == 1
    # A signature of another version is none of this one.
    release = shutil.copytree(made / "release", tmp_path / "other")
    second = registry.add("door", release, facts={"more": 1})
    assert second.number == 1  # the same files
    plain = tmp_path / "plain"
    plain.mkdir()
    shutil.copy(made / "data.jsonl", plain)
    third = registry.add("door", plain)
    shutil.copytree(signed.folder, signed.folder.with_name("000002"))
    with pytest.raises(SignatureError, match="must be of version 2 of door"):
        promote_signed(registry, "door", third.number, key)
    with pytest.raises(BuildError, match="gates all passed"):
        sign_release(third.folder.parent, made / "key")
    (version.folder / "delivery.mlmodel").write_bytes(b"")
    with pytest.raises(SignatureError, match="must be as it was added"):
        sign_release(place, made / "key")


def test_the_commands(made, tmp_path):
    def run(*arguments):
        return CliRunner().invoke(app, [*map(str, arguments)])

    key = tmp_path / "key"
    assert run("keygen", key).exit_code == 0
    again = run("keygen", key)
    assert again.exit_code == 2
    assert "exist" in again.output
    signed = tmp_path / "signed"
    done = run("sign", made / "release", "--key", key, "--version", 7, "--out", signed, "--json")
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert document["version"] == 7
    assert len(base64.b64decode(document["public_key"])) == 32
    done = run("verify", signed, "--public-key", f"{key}.pub")
    assert done.exit_code == 0, done.output
    assert "is version 7 of release as it was signed" in " ".join(done.output.split())
    (signed / "delivery.mlmodel").write_bytes(b"other")
    done = run("verify", signed, "--public-key", f"{key}.pub")
    assert done.exit_code == 2
    assert "must have the files that were signed" in " ".join(done.output.split())


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def https(tmp_path):
    """Serve a folder over HTTPS with a certificate of our own; give its address and the trust."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(private, hashes.SHA256())
    )
    pem = tmp_path / "server.pem"
    pem.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    root = tmp_path / "served"
    root.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(root)))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    trust = ssl.create_default_context(
        cadata=certificate.public_bytes(serialization.Encoding.PEM).decode()
    )
    yield root, f"https://localhost:{server.server_port}", trust
    server.shutdown()
    server.server_close()
    thread.join(10)


def test_releases_over_https(made, signed, https, tmp_path):
    root, address, trust = https
    good = shutil.copytree(signed.folder, root / "good")
    out, key = tmp_path / "installed", made / "key.pub"
    get = partial(download_release, public_key=key, out=out, context=trust)
    assert get(f"{address}/good", installed_version=2).version == 3
    assert verify_release(out, key).version == 3
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    model = (good / "delivery.mlmodel").read_bytes()
    for name, content in {
        "truncated": model[:-1],
        "tampered": model[:-1] + bytes([model[-1] ^ 1]),
        "oversized": model + b"x",
    }.items():
        shutil.copytree(good, root / name)
        (root / name / "delivery.mlmodel").write_bytes(content)
        with pytest.raises(SignatureError):
            get(f"{address}/{name}")
    shutil.copytree(good, root / "huge")
    (root / "huge" / "manifest.json").write_bytes(b" " * 2_000_000)
    shutil.copytree(good, root / "lacking")
    (root / "lacking" / "delivery.mlmodel").unlink()
    for place, sentence, options in [
        ("good", "must not be expired", {"now": datetime.now(UTC) + timedelta(181)}),
        ("good", "must be newer than version 3", {"installed_version": 3}),
        ("good", "must be of version 2.1 or newer", {"app_version": "2.0"}),
        ("good", "must have at most 10 bytes", {"most_bytes": 10}),
        ("huge", "must have at most 1,000,000 bytes. Got more", {}),
        ("lacking", "Got HTTP status 404", {}),
        ("none", "Got HTTP status 404", {}),
    ]:
        with pytest.raises(SignatureError, match=sentence):
            get(f"{address}/{place}", **options)
    with pytest.raises(SignatureError, match="must begin with https://"):
        get("http://example.org/good")
    with pytest.raises(OSError, match="certificate verify failed"):
        download_release(f"{address}/good", key, out)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
