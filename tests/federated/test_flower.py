"""Federations with Flower: what is sent, a simulation, and a server with homes over TLS."""

import datetime
import ipaddress
import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("flwr", reason="flwr is not installed; make test-federated has it.")

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from typer.testing import CliRunner

from novin_ml.cli.app import app
from novin_ml.estimators.families import family_named
from novin_ml.estimators.weights import get_weights
from novin_ml.events import write_events
from novin_ml.exceptions import FlowerError, InvalidParametersError
from novin_ml.federated import (
    AggregationSettings,
    BoostingSettings,
    FaultyHome,
    FederationSettings,
    merged_statistics,
    train_boosting,
    train_federated,
)
from novin_ml.federated.app import (
    QUIET,
    Link,
    home_of,
    join,
    serve_homes,
    serve_link,
    train_on_flower,
    write_rows,
)
from novin_ml.lifecycle import load_estimator, save_estimator
from novin_ml.simulation import simulate_motions

N_NODES = 4
LIMITS = AggregationSettings(max_norm=2.0)


def written(path, data):
    path.write_bytes(data)
    return path


def certificates(folder):
    """Make an authority, and the certificate of a server on this machine; return three files."""
    pem, none = serialization.Encoding.PEM, serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    now = datetime.datetime.now(datetime.UTC)

    def certificate(name, key, issuer, signer, authority):
        names = [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")]
        own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        by = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)])
        usage = [authority, False, False, False, authority, authority]
        parts = x509.CertificateBuilder(by, own, key.public_key(), x509.random_serial_number())
        parts = parts.not_valid_before(now - datetime.timedelta(days=1))
        parts = parts.not_valid_after(now + datetime.timedelta(days=1))
        parts = parts.add_extension(x509.BasicConstraints(authority, None), critical=True)
        public = signer.public_key()
        parts = parts.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(public), critical=False
        )
        parts = parts.add_extension(
            x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
        )
        if authority:
            usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
            parts = parts.add_extension(usage, critical=True)
        else:
            parts = parts.add_extension(x509.SubjectAlternativeName(names), critical=False)
            server = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
            parts = parts.add_extension(server, critical=False)
        return parts.sign(signer, hashes.SHA256())

    root, own = ec.generate_private_key(ec.SECP384R1()), ec.generate_private_key(ec.SECP384R1())
    ca = certificate("authority", root, "authority", root, True)
    server = certificate("localhost", own, "authority", root, False)
    return (
        written(folder / "ca.pem", ca.public_bytes(pem)),
        written(folder / "server.pem", server.public_bytes(pem)),
        written(folder / "server.key", own.private_bytes(pem, form, none)),
    )


def node_key(folder, name):
    """Make the key of a node; the public one lies in `keys`."""
    key = ec.generate_private_key(ec.SECP384R1())
    ssh = serialization.Encoding.OpenSSH
    public = key.public_key().public_bytes(ssh, serialization.PublicFormat.OpenSSH)
    (folder / "keys").mkdir(exist_ok=True, parents=True)
    written(folder / "keys" / f"{name}.pub", public)
    form, none = serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, form, none)
    return written(folder / f"{name}.key", private)


def free_ports(n):
    found = [socket.create_server(("127.0.0.1", 0)) for _ in range(n)]
    ports = [each.getsockname()[1] for each in found]
    for each in found:
        each.close()
    return ports


def family_of(process):
    """Return the numbers of a process and of all that it has started."""
    found, open_ = [], [process]
    while open_:
        number = open_.pop()
        found.append(number)
        with suppress(OSError):
            for task in Path(f"/proc/{number}/task").iterdir():
                open_ += [int(child) for child in (task / "children").read_text().split()]
    return found


def kill_family(process):
    for number in family_of(process.pid):
        with suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)
    process.wait()


def started(log, *arguments):
    with log.open("ab") as file:
        return subprocess.Popen(
            [sys.executable, "-m", "novin_ml", *map(str, arguments)],
            stdout=file,
            stderr=file,
            env={**os.environ, **QUIET, "OMP_NUM_THREADS": "1"},
            start_new_session=True,
        )


def waited(condition, seconds, *logs):
    ends = time.monotonic() + seconds
    while not condition():
        texts = [log.read_text(errors="replace")[-3000:] for log in logs if log.exists()]
        assert time.monotonic() < ends, "\n\n".join(texts)
        time.sleep(0.1)


def simulated(events, out, *options):
    """Return what the command prints of a federation that it simulates."""
    result = CliRunner().invoke(
        app,
        ["federated", "simulate", str(events), "--out", str(out), "--json", *map(str, options)],
    )
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_simulation_by_flower_is_that_in_process(tmp_path):
    events = tmp_path / "motions.jsonl"
    write_events(simulate_motions(300, n_homes=8, random_state=0), events)
    options = ["--rounds", 2, "--nan", 0.3, "--test-fraction", 0.3]
    here = simulated(events, tmp_path / "here", *options)
    flower = ["--engine", "flower", "--flower", tmp_path / "flower"]
    there = simulated(events, tmp_path / "there", *options, *flower)
    for each in (here, there):
        for report in each["rounds"]:
            del report["seconds"]
            report["refusals"].sort(key=str)  # they come in any order
        del each["path"]
    assert there == here
    assert here["rounds"][0]["count"]["rejected"]["not finite"] >= 1
    values = [get_weights(load_estimator(tmp_path / name)) for name in ("here", "there")]
    assert values[0].tobytes() == values[1].tobytes()
    assert (tmp_path / "flower" / "app" / "pyproject.toml").exists()


def test_trees_of_a_simulation_by_flower_are_those_in_process(tmp_path):
    events = tmp_path / "motions.jsonl"
    write_events(simulate_motions(300, n_homes=8, random_state=0), events)
    options = ["--algorithm", "boosting", "--rounds", 2, "--test-fraction", 0.3]
    here = simulated(events, tmp_path / "here", *options)
    flower = ["--engine", "flower", "--flower", tmp_path / "flower"]
    there = simulated(events, tmp_path / "there", *options, *flower)
    assert there | {"path": here["path"]} == here
    assert (here["n_refused"], len(here["curve"])) == (0, 2)
    boosters = [
        bytes(load_estimator(tmp_path / name)[-1].learner_.booster.save_raw("json"))
        for name in ("here", "there")
    ]
    assert boosters[0] == boosters[1]


def test_files_are_checked_before_flwr_is_started(tmp_path):
    (tmp_path / "file").write_text("")
    places = [tmp_path / "file"] * 4
    with pytest.raises(InvalidParametersError, match="quotation marks"):
        join(places[0], "a'b", "localhost:1", *places[:2])
    with pytest.raises(InvalidParametersError, match="'ca' parameter must name a file"):
        join(places[0], "a", "localhost:1", tmp_path / "no", places[1])
    with pytest.raises(InvalidParametersError, match=r"NAME\.pub.*has none"):
        serve_homes(tmp_path / "state", tmp_path, Link("127.0.0.1", 1, *places[:3]))
    with pytest.raises(InvalidParametersError, match="by TLS alone"):
        serve_homes(tmp_path / "state", tmp_path, Link())


def test_homes_that_flwr_cannot_simulate(start, homes):
    other = {**homes, "home_00": FaultyHome(homes["home_00"], {"nan": 1.0})}
    for bad in (other, {"home_00": Answers(homes["home_00"], [])}):
        with pytest.raises(InvalidParametersError, match="the same faults or none"):
            train_on_flower(start, bad)


def test_a_port_in_use_is_named(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        link = Link(port=taken.getsockname()[1])
        running = serve_link(tmp_path, link, say=print, simulated=True)
        with pytest.raises(FlowerError, match=r"must be free .* in use"), running:
            pass


ABSENT = {"not connected", "failed", "late", "no answer"}


class Answers:
    """A home that answers in some of its rounds, as a node that was killed did."""

    def __init__(self, home, answers):
        self.home, self.answers = home, iter(answers)

    def update(self, task):
        if not next(self.answers):
            raise ConnectionError
        return self.home.update(task)


def stranger(folder, join):
    """Start a node with a key that the server does not have, wait until it is refused, end it."""
    key = node_key(folder / "stranger", "home_00")
    place, log = join.index("--key") + 1, folder / "stranger.log"
    process = started(log, *join[:place], key, "--port", *free_ports(1))
    waited(lambda: "Again in 5 seconds" in log.read_text(), 120, log)
    assert "Failed to activate SuperNode" in log.read_text()
    kill_family(process)
    return process


def assert_quiet(process):
    """Look at what the processes of flwr were told of telemetry and updates."""
    seen = 0
    for number in family_of(process.pid):
        command = Path(f"/proc/{number}/cmdline").read_bytes().decode()
        told = Path(f"/proc/{number}/environ").read_bytes().decode().split("\0")
        if "flower-superlink" in command:
            assert {f"{name}={value}" for name, value in QUIET.items()} <= {*told}
            assert "--disable-runtime-dependency-installation" in command
            assert "--enable-supernode-auth" in command
            seen += 1
    assert seen


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="/proc names the processes.")
def test_a_server_and_four_homes_over_tls(start, homes, tmp_path):
    """One is killed, one sends NaN, the server is killed, and a stranger tries: rounds go on."""
    names = sorted(homes)[:N_NODES]
    some = {name: homes[name] for name in names}
    bad = some[names[3]]
    some[names[3]] = replace(bad, X=np.where(np.arange(4) == 1, np.float32(np.inf), bad.X))
    save_estimator(start, tmp_path / "start")
    ca, certificate, key = certificates(tmp_path)
    port, *own = free_ports(1 + N_NODES)
    nodes = {}
    server_log, state = tmp_path / "server.log", tmp_path / "server"
    rounds = state / "state" / "rounds"
    serve = ["federated", "server", None, "--state", state, "--out", tmp_path / "model"]
    serve += ["--ca", ca, "--certificate", certificate, "--key", key, "--port", port]
    serve += ["--model", tmp_path / "start", "--rounds", 3, "--deadline", 30, "--max-norm", 2.0]
    serve[2] = tmp_path / "keys"
    try:
        for name, number in zip(names, own, strict=True):
            file = write_rows({name: some[name]}, start.classes_, tmp_path / f"{name}.npz")
            join = ["federated", "client", file, "--prepared", "--home", name, "--ca", ca]
            join += ["--superlink", f"127.0.0.1:{port}", "--key", node_key(tmp_path, name)]
            nodes[name] = [*join, "--port", number]
        server = started(server_log, *serve)
        waited((state / "superlink.log").exists, 60, server_log)
        running = {name: started(tmp_path / f"{name}.log", *join) for name, join in nodes.items()}
        running["a stranger"] = stranger(tmp_path, nodes[names[0]])
        logs = [server_log, state / "flwr.log", state / "superlink.log", tmp_path / f"{name}.log"]
        waited((rounds / "00001.json").exists, 180, *logs)
        assert_quiet(server)
        kill_family(running[names[2]])
        waited((rounds / "00002.json").exists, 120, *logs)
        kill_family(server)
        server = started(server_log, *serve, "--min-homes", N_NODES - 1)
        waited(lambda: server.poll() is not None, 180, *logs)
        assert server.returncode == 0, server_log.read_text()
    finally:
        for process in [server, *running.values()]:
            kill_family(process)
    reports = json.loads((state / "state" / "rounds.json").read_text())
    told = [{each["source"]: each["reason"] for each in report["refusals"]} for report in reports]
    assert len(told) == 3
    # On a busy machine a home may miss a deadline: a round then counts without it, and says so.
    bad_told = [each[names[3]] for each in told]
    assert "not finite" in bad_told
    assert set(bad_told) <= {"not finite", *ABSENT}
    assert names[2] in told[-1]
    good_told = {each[name] for each in told for name in names[:3] if name in each}
    assert good_told <= ABSENT, told
    here = {
        name: Answers(some[name], [name not in each for each in told]) for name in names[:3]
    } | {names[3]: some[names[3]]}
    settings = FederationSettings(rounds=3, aggregation=LIMITS)
    expected = train_federated(start, here, settings)
    assert [each.count.accepted for each in expected.rounds] == [
        report["count"]["accepted"] for report in reports
    ]
    found = load_estimator(tmp_path / "model")
    assert get_weights(found).tobytes() == get_weights(expected.model).tobytes()
    assert "flower-superlink" in server_log.read_text()


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="/proc names the processes.")
def test_trees_of_two_homes_over_tls(tmp_path):
    motions = simulate_motions(160, n_homes=2, random_state=0)
    files = {}
    for name, rows in motions.groupby("home_id"):
        files[str(name)] = tmp_path / f"{name}.jsonl"
        write_events(rows, files[str(name)])
    ca, certificate, key = certificates(tmp_path)
    port, *own = free_ports(1 + len(files))
    server_log, state = tmp_path / "server.log", tmp_path / "server"
    joins = {}
    for (name, file), number in zip(files.items(), own, strict=True):
        join = ["federated", "client", file, "--home", name, "--ca", ca, "--port", number]
        join += ["--superlink", f"127.0.0.1:{port}", "--key", node_key(tmp_path, name)]
        joins[name] = join
    serve = ["federated", "server", tmp_path / "keys", "--state", state, "--port", port]
    serve += ["--out", tmp_path / "model", "--algorithm", "boosting", "--rounds", 2]
    serve += ["--ca", ca, "--certificate", certificate, "--key", key, "--deadline", 300]
    processes = [started(server_log, *serve)]
    try:
        waited((state / "superlink.log").exists, 60, server_log)
        processes += [started(tmp_path / f"{name}.log", *join) for name, join in joins.items()]
        logs = [server_log, state / "flwr.log", state / "superlink.log"]
        waited(lambda: processes[0].poll() is not None, 400, *logs)
        assert processes[0].returncode == 0, server_log.read_text()
    finally:
        for process in processes:
            kill_family(process)
    found = load_estimator(tmp_path / "model")
    family = family_named("motion")
    classes = sorted(map(str, family.labels))
    homes = {
        name: home_of({"family": "motion"}, {"home": name, "events": str(file)}, classes)
        for name, file in files.items()
    }
    columns = [spec.name for spec in found[0].feature_specs]
    statistics, _ = merged_statistics(homes, len(columns), len(classes))
    expected = train_boosting(
        family.make_pipeline(algorithm="boosting")[-1], homes, statistics,
        np.array(classes, dtype=object), BoostingSettings(rounds=2), feature_names=columns,
    )  # fmt: skip
    assert "0 answers refused" in server_log.read_text()
    boosters = [model.learner_.booster for model in (found[-1], expected.model)]
    assert boosters[0].save_raw("json") == boosters[1].save_raw("json")
