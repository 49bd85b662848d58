"""The recorder's database on real servers, which the tests start: MariaDB and PostgreSQL."""

import importlib.util
import os
import secrets
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import time
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from novin_ml.cli.app import app
from novin_ml.events.doors import read_home_assistant
from novin_ml.exceptions import ExtraNotInstalledError, InvalidEventError
from tests.events.doors.recordings import Recording, write_home

START = 1_714_521_600.0
DRIVERS = {"postgresql": "psycopg", "mysql": "pymysql"}


def program(name):
    """Return the path of a program of a server; Debian keeps some of them off the PATH."""
    places = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True), Path("/usr/sbin")]
    return shutil.which(name) or next(
        (str(place / name) for place in places if (place / name).exists()), None
    )


def free_port():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return server.getsockname()[1]


def own_user(folder):
    """Servers refuse to run as root: give their folder to a user who is not."""
    if os.geteuid() != 0:
        return {}
    folder.chmod(0o755)
    shutil.chown(folder, "nobody")
    return {"user": "nobody", "group": "nogroup"}


def start_postgresql(folder, port, password):
    initdb, postgres = program("initdb"), program("postgres")
    user = own_user(folder)
    secret = folder / "password"
    secret.write_text(password)
    secret.chmod(0o644)
    data = folder / "data"
    command = [initdb, "-D", data, "-U", "ha", "-A", "scram-sha-256", f"--pwfile={secret}"]
    subprocess.run(
        [*command, "-N", "-E", "UTF8"], check=True, capture_output=True, cwd=folder, **user
    )
    arguments = [postgres, "-D", data, "-p", str(port), "-k", folder, "-h", "127.0.0.1", "-F"]
    return subprocess.Popen(
        arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder, **user
    )


def start_mariadb(folder, port, password):
    mariadbd, install = program("mariadbd"), program("mariadb-install-db")
    user = own_user(folder)
    data, base = folder / "data", Path(mariadbd).resolve().parents[1]
    command = [install, "--no-defaults", f"--basedir={base}", f"--datadir={data}"]
    command += ["--skip-test-db", "--auth-root-authentication-method=normal"]
    subprocess.run(command, check=True, capture_output=True, cwd=folder, **user)
    script = folder / "start.sql"
    script.write_text(
        "CREATE DATABASE IF NOT EXISTS ha CHARACTER SET utf8mb4;\n"
        f"CREATE USER 'ha'@'127.0.0.1' IDENTIFIED BY '{password}';\n"
        "GRANT ALL ON ha.* TO 'ha'@'127.0.0.1';\n"
    )
    script.chmod(0o644)
    command = [mariadbd, "--no-defaults", f"--basedir={base}", f"--datadir={data}"]
    command += [f"--port={port}", f"--socket={folder}/s", "--bind-address=127.0.0.1"]
    command += ["--skip-name-resolve"]
    return subprocess.Popen(
        [*command, f"--init-file={script}"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder, **user,
    )  # fmt: skip


STARTS = {
    "postgresql": (("initdb", "postgres"), start_postgresql, "postgres"),
    "mysql": (("mariadbd", "mariadb-install-db"), start_mariadb, "ha"),
}


@pytest.fixture(scope="module", params=list(STARTS))
def server(request):
    """Start a server; give the URL of its database, and the password."""
    kind = request.param
    programs, start, name = STARTS[kind]
    absent = [each for each in programs if program(each) is None]
    absent += [each for each in ("sqlalchemy", DRIVERS[kind]) if not importlib.util.find_spec(each)]
    if absent:
        pytest.skip(f"A server of {kind} needs {', '.join(absent)}, which is not installed.")
    import sqlalchemy

    # Not of pytest: its folders are for one user alone, and a server must not be root.
    folder = Path(tempfile.mkdtemp(prefix="novin-ml-server-"))
    port, password = free_port(), secrets.token_hex(8)
    try:
        process = start(folder, port, password)
    except (subprocess.CalledProcessError, PermissionError, LookupError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"A server of {kind} cannot be set up here: {error}.")
    url = f"{kind}+{DRIVERS[kind]}://ha:{password}@127.0.0.1:{port}/{name}"
    try:
        for _ in range(120):
            try:
                engine = sqlalchemy.create_engine(url)
                with engine.connect():
                    break
            except sqlalchemy.exc.OperationalError:
                if process.poll() is not None:
                    pytest.skip(f"A server of {kind} ended at once with {process.returncode}.")
                time.sleep(0.5)
            finally:
                engine.dispose()
        yield url, password
    finally:
        process.terminate()
        process.wait(timeout=60)
        shutil.rmtree(folder, ignore_errors=True)


def types_of(kind, declared):
    """Return the type on a server of a column of SQLite, as the recorder has it there."""
    if "FLOAT" in declared:
        return "DOUBLE PRECISION"
    if "DATETIME" in declared:
        return "TIMESTAMP WITH TIME ZONE" if kind == "postgresql" else "DATETIME(6)"
    if "BLOB" in declared:
        return "BYTEA" if kind == "postgresql" else "TINYBLOB"
    if "INTEGER" in declared:
        return "BIGINT"
    long = "LONGTEXT" if kind == "mysql" else "TEXT"
    return "VARCHAR(255)" if "VARCHAR" in declared else long


def copy_to(url, path):
    """Copy a database of SQLite to a server, table by table."""
    import sqlalchemy

    engine = sqlalchemy.create_engine(url)
    kind = engine.dialect.name
    quote = engine.dialect.identifier_preparer.quote
    with closing(sqlite3.connect(path)) as source, engine.begin() as target:
        for (table,) in source.execute("SELECT name FROM sqlite_master WHERE type = 'table'"):
            columns = source.execute(f"PRAGMA table_info({table})").fetchall()
            target.execute(sqlalchemy.text(f"DROP TABLE IF EXISTS {table}"))
            declared = [f"{quote(c[1])} {types_of(kind, c[2])}" for c in columns]
            target.execute(sqlalchemy.text(f"CREATE TABLE {table} ({', '.join(declared)})"))
            names = [f"c{n}" for n in range(len(columns))]
            dates = [n for n, c in enumerate(columns) if "DATETIME" in c[2]]
            rows = []
            for row in source.execute(f"SELECT * FROM {table}"):
                cells = list(row)
                for n in dates:
                    if cells[n] is not None:
                        zone = "+00:00" if kind == "postgresql" else ""
                        cells[n] = datetime.fromisoformat(cells[n] + zone)
                rows.append(dict(zip(names, cells, strict=True)))
            if rows:
                marks = ", ".join(f":{name}" for name in names)
                target.execute(sqlalchemy.text(f"INSERT INTO {table} VALUES ({marks})"), rows)
    engine.dispose()


@pytest.fixture(autouse=True)
def emptied(request):
    """Leave no table of another test."""
    yield
    if "server" not in request.fixturenames:
        return
    import sqlalchemy

    engine = sqlalchemy.create_engine(request.getfixturevalue("server")[0])
    tables = sqlalchemy.inspect(engine).get_table_names()
    with engine.begin() as target:
        for table in tables:
            target.execute(sqlalchemy.text(f"DROP TABLE {table}"))
    engine.dispose()


def both(url, path, **options):
    """Read a database from SQLite and from the server."""
    options = {"home_id": "mine", "timezone": "Europe/Berlin"} | options
    copy_to(url, path)
    return read_home_assistant(path, **options), read_home_assistant(url, **options)


@pytest.mark.parametrize("version", [25, 31, 38, 50])
def test_the_same_events_as_of_sqlite(server, tmp_path, version):
    recording = Recording(version, START - 86_400)
    recording.is_half = lambda number: number % 3 == 0
    for n in range(400):
        for name, period in (("hall", 1), ("kitchen", 3)):
            state = ("off", "on", "on", "off", "unavailable")[n * period % 5 if n % 7 else 4]
            time = START + 37.125 * n + period
            recording.add(f"binary_sensor.{name}", state, time, device_class="motion")
        recording.add("alarm_control_panel.a", ("disarmed", "armed_away")[n // 9 % 2], time - 1)
    here, there = both(server[0], recording.write(tmp_path / "x.db"))
    assert len(here[0]) >= 40
    assert here[0]["end"].notna().any()
    pd.testing.assert_frame_equal(here[0], there[0])
    assert here[1].not_events == there[1].not_events
    assert here[1].sensors == there[1].sensors


def test_home_a_of_a_server(server, shared_data, tmp_path):
    source = shared_data / "doors" / "home_a"
    path = tmp_path / "home-assistant_v2.db"
    shutil.copyfile(source / path.name, path)
    config = tmp_path / "config"
    shutil.copytree(source / ".storage", config / ".storage")
    here, there = both(server[0], path, config=config)
    assert len(there[0]) == 1015
    pd.testing.assert_frame_equal(here[0], there[0])
    assert here[1].not_read == there[1].not_read


def test_the_command_takes_a_url_and_never_prints_its_password(server, tmp_path):
    url, password = server
    copy_to(url, write_home(tmp_path) / "home-assistant_v2.db")
    out = tmp_path / "events.jsonl"
    options = ["--home", "mine", "--config", str(tmp_path), "--out", str(out)]
    done = CliRunner().invoke(app, ["import", "home-assistant", url, *options])
    assert done.exit_code == 0, done.output
    assert len(out.read_text().splitlines()) == 292
    told = [done.output]
    for bad in (url.replace(password, password[:-1] + "x"), url.replace("127.0.0.1", "127.0.0.2")):
        done = CliRunner().invoke(app, ["import", "home-assistant", bad, *options])
        assert done.exit_code == 2
        assert "must be a database that answers and may be read" in done.output
        told.append(done.output)
    assert not [text for text in told if password[:-1] in text]


def test_an_empty_database_of_a_server_is_of_another_program(server):
    with pytest.raises(InvalidEventError, match="one without a table 'states'"):
        read_home_assistant(server[0], home_id="mine", timezone="UTC")


def test_urls_that_are_none():
    pytest.importorskip("sqlalchemy", reason="SQLAlchemy is not installed.")
    for url in ("oracle://ha:geheim@h/x", "postgresql://ha:geheim@h:port/x", "://geheim"):
        with pytest.raises(InvalidEventError, match="db_url") as error:
            read_home_assistant(url, home_id="mine")
        assert "geheim" not in str(error.value)
    for url in (
        "mysql+cymysql://ha:geheim@h/x",
        "postgresql+pg8000://ha:geheim@h/x?password=geheim",
    ):
        with pytest.raises(ExtraNotInstalledError, match=r"novin-ml\[doors\]") as missing:
            read_home_assistant(url, home_id="mine")
        assert "geheim" not in str(missing.value)
