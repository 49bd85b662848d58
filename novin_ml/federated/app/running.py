"""Runs a Flower app with flwr's own programs, and says which."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from novin_ml.exceptions import FlowerError, InvalidParametersError
from novin_ml.federated.app.messages import flower
from novin_ml.files import write_text
from novin_ml.plain import shown, toml_text

#: Nothing is counted elsewhere, and nothing asks for news: flwr's switches, and ray's.
QUIET = {
    "FLWR_TELEMETRY_ENABLED": "0",
    "FLWR_DISABLE_UPDATE_CHECK": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
}
#: The name of the SuperLink in flwr's configuration.
_LINK = "novin"
#: What a SuperLink knows of nodes, and which ones it was told.
_DATABASE, _REGISTERED = "superlink.db", "registered.json"
#: Seconds until a node that could not connect tries again.
_PAUSE = 5.0
#: Seconds that a SuperLink may take to start.
_TO_START = 120.0
_TO_STOP = 10.0

Said = Callable[[str], None]


@dataclass(frozen=True)
class Link:
    """Where a SuperLink listens, and how it is trusted.

    Attributes
    ----------
    host : str, default="127.0.0.1"
    port : int, default=8000
    ca, certificate, key : Path, default=None
        PEM files: who signed the certificate, the certificate, and its key. None is without TLS,
        for simulations.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None

    @property
    def address(self) -> str:
        """The host and the port."""
        return f"{self.host}:{self.port}"


def write_app(folder: str | os.PathLike[str], config: Mapping[str, Any]) -> Path:
    """Write the Flower app of a federation, for `flwr run`.

    Parameters
    ----------
    folder : str or path-like
        Where to.
    config : mapping of str to bool, int, float or str
        The run configuration, as `run_config` returns it.

    Returns
    -------
    folder : Path
        With a pyproject.toml and the package ``novin_home``.

    Examples
    --------
    >>> import tempfile
    >>> from novin_ml.federated import FederationSettings
    >>> from novin_ml.federated.app import run_config, write_app
    >>> config = run_config(FederationSettings(), state="/var/lib/federation")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     sorted(path.name for path in write_app(folder, config).iterdir())
    ['novin_home', 'pyproject.toml']
    """
    folder = Path(folder)
    template = resources.files("novin_ml.federated.app") / "template"
    (folder / "novin_home").mkdir(parents=True, exist_ok=True)
    for name in ("__init__.py", "server_app.py", "client_app.py"):
        part = template / "novin_home" / name
        write_text(part.read_text(encoding="utf-8"), folder / "novin_home" / name)
    lines = [f"{name} = {_as_toml(value)}" for name, value in config.items()]
    text = (template / "pyproject.toml").read_text(encoding="utf-8")
    write_text(text + "\n".join(lines) + "\n", folder / "pyproject.toml")
    return folder


def serve_link(
    folder: Path,
    link: Link,
    *,
    say: Said,
    simulated: bool = False,
) -> Any:
    """Start a SuperLink, and stop it at the end of the block.

    Parameters
    ----------
    folder : Path
        Holds flwr's configuration, its files and the log.
    link : Link
        Where it listens.
    say : callable
        Called with each command that is run.
    simulated : bool, default=False
        Homes are simulated in this machine. Else each home must have a registered key.

    Returns
    -------
    running : context manager
        It enters when the SuperLink answers.

    Raises
    ------
    ExtraNotInstalledError
        If flwr is not installed.
    FlowerError
        If it does not start.
    """
    flower()
    command = ["flower-superlink", "--host", link.host, "--port", str(link.port)]
    command += ["--disable-runtime-dependency-installation"]
    if link.ca is None:
        command += ["--insecure"]
    else:
        command += ["--ssl-ca-certfile", str(link.ca), "--ssl-certfile", str(link.certificate)]
        command += ["--ssl-keyfile", str(link.key)]
    if simulated:
        command += ["--simulation"]
    else:
        command += ["--enable-supernode-auth", "--database", str(folder / _DATABASE)]
    _write_connection(folder, link)
    return _running(command, folder, link, say)


def register(folder: Path, keys: Mapping[str, Path], *, say: Said) -> None:
    """Let homes in, by the public keys of their nodes; those that are known stay.

    Parameters
    ----------
    folder : Path
        Of a SuperLink that runs.
    keys : mapping of str to Path
        A public key in OpenSSH's form for each home; the curve is one of NIST's.
    say : callable
        Called with each command that is run.

    Raises
    ------
    FlowerError
        If flwr refuses one.
    """
    kept = folder / _REGISTERED
    known = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    for name, key in keys.items():
        text = key.read_text(encoding="utf-8")
        if known.get(name) != text:
            _call(["flwr", "supernode", "register", str(key), _LINK, f"--name={name}"], folder, say)
            known[name] = text
            write_text(json.dumps(known), kept)


def run_app(
    folder: Path,
    app: Path,
    *,
    say: Said,
    options: Sequence[str] = (),
    meanwhile: Callable[[], None] = lambda: None,
) -> None:
    """Run an app on a SuperLink until it is over.

    Parameters
    ----------
    folder : Path
        Of a SuperLink that runs.
    app : Path
        The app's folder.
    say : callable
        Called with the command that is run.
    options : sequence of str, default=()
        More of `flwr run`.
    meanwhile : callable, default=None
        Called again and again while it runs.

    Raises
    ------
    FlowerError
        If the app cannot be started.
    """
    command = ["flwr", "run", str(app), _LINK, "--stream", *options]
    _call(command, folder, say, meanwhile)


def join(
    file: str | os.PathLike[str],
    home: str,
    superlink: str,
    ca: str | os.PathLike[str],
    key: str | os.PathLike[str],
    *,
    port: int = 9094,
    prepared: bool = False,
    say: Said = lambda command: None,
) -> None:
    """Take part in a federation as one home, until the process is interrupted.

    A node that the server does not know yet, or has lost, tries again every five seconds. It runs
    flwr's SuperNode, which connects to the server and to nothing else, and installs nothing. The
    app that it runs comes from the server: take part where you trust it.

    Parameters
    ----------
    file : str or path-like
        Events of the home with labels, in a format that `novin_ml.events.read_events` takes; or
        with `prepared`, an npz file of `write_rows`. It is read for each question, and stays.
    home : str
        The name of the home, as the server has its key. It decides the order of its rows.
    superlink : str
        Host and port of the server.
    ca : str or path-like
        PEM file of who signed the server's certificate.
    key : str or path-like
        The private key of the home, in OpenSSH's form; the server has the public one.
    port : int, default=9094
        A free port of this machine, on which the node talks with its own processes.
    prepared : bool, default=False
        Whether `file` holds features.
    say : callable, default=None
        Called with the command that is run.

    Raises
    ------
    ExtraNotInstalledError
        If flwr is not installed.
    InvalidParametersError
        If a file is missing, or a name has a quotation mark, which flwr cannot take.
    FlowerError
        If flwr's program is not found.
    """
    flower()
    paths = {"file": Path(file), "ca": Path(ca), "key": Path(key)}
    for name, path in paths.items():
        if not path.is_file():
            raise InvalidParametersError(
                f"The {name!r} parameter must name a file. Got {shown(str(path))}."
            )
    node = {"home": home, "rows" if prepared else "events": str(Path(file).resolve())}
    if any(mark in value for value in node.values() for mark in "\"'"):
        raise InvalidParametersError(
            f"The name of a home and its file must be without quotation marks. Got {shown(node)}."
        )
    said = " ".join(f"{name}={toml_text(value)}" for name, value in node.items())
    command = ["flower-supernode", "--superlink", superlink, "--root-certificates", str(ca)]
    command += ["--auth-supernode-private-key", str(key), "--port", str(port)]
    command += ["--node-config", said]
    say(_shown(command))
    with tempfile.TemporaryDirectory(prefix="novin-home-") as scratch, suppress(KeyboardInterrupt):
        while True:
            process = subprocess.Popen(_found(command), env=_environment(Path(scratch)))
            try:
                process.wait()
            finally:
                process.terminate()
                process.wait()
            say(f"flower-supernode ended. Again in {_PAUSE:g} seconds; Ctrl+C ends it.")
            time.sleep(_PAUSE)


def _as_toml(value: Any) -> str:
    return repr(value) if isinstance(value, float) else toml_text(value)  # also what is infinite


def _environment(folder: Path) -> dict[str, str]:
    # The programs of flwr start others by their names.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return {**os.environ, **QUIET, "FLWR_HOME": str(folder / "flwr"), "PATH": path}


def _found(command: Sequence[str]) -> list[str]:
    beside = Path(sys.executable).parent / command[0]
    program = str(beside) if beside.exists() else shutil.which(command[0])
    if program is None:
        raise FlowerError(f"{command[0]} must be on the PATH. Install it with flwr.")
    return [program, *command[1:]]


def _shown(command: Sequence[str]) -> str:
    return shlex.join(command)


def _write_connection(folder: Path, link: Link) -> None:
    trust = (
        "insecure = true"
        if link.ca is None
        else f"root-certificates = {toml_text(str(link.ca.resolve()))}"
    )
    text = f"[superlink]\ndefault = '{_LINK}'\n\n[superlink.{_LINK}]\naddress = "
    text += f"{toml_text(link.address)}\n{trust}\n"
    (folder / "flwr").mkdir(parents=True, exist_ok=True)
    write_text(text, folder / "flwr" / "config.toml")


@contextmanager
def _running(command: list[str], folder: Path, link: Link, say: Said) -> Iterator[None]:
    try:
        socket.create_server((link.host, link.port)).close()
    except OSError as error:
        raise FlowerError(
            f"{link.address} must be free for the SuperLink. Got: {error.strerror or error}. End "
            "what listens there, maybe of a federation that was killed, or name another port."
        ) from None
    say(_shown(command))
    log = folder / "superlink.log"
    process = _started(command, folder, log, start_new_session=True)
    try:
        ends = time.monotonic() + _TO_START
        while not _answers(link):
            if process.poll() is not None or time.monotonic() > ends:
                raise FlowerError(f"The SuperLink must start. Got: {_last_line(log)} See {log}.")
            time.sleep(0.2)
        yield
    finally:
        _stop(process)


def _started(
    command: Sequence[str], folder: Path, log: Path, *, start_new_session: bool = False
) -> subprocess.Popen[bytes]:
    with log.open("ab") as file:
        return subprocess.Popen(
            _found(command),
            env=_environment(folder),
            stdout=file,
            stderr=file,
            stdin=subprocess.DEVNULL,
            start_new_session=start_new_session,
        )


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a program and those that it started."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(_TO_STOP)
        except subprocess.TimeoutExpired:
            continue
        except ProcessLookupError:
            break


def _answers(link: Link) -> bool:
    scheme = "http" if link.ca is None else "https"
    trust = None if link.ca is None else ssl.create_default_context(cafile=str(link.ca))
    try:
        with urllib.request.urlopen(
            f"{scheme}://{link.address}/health", timeout=2, context=trust
        ) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _call(
    command: Sequence[str],
    folder: Path,
    say: Said,
    meanwhile: Callable[[], None] = lambda: None,
) -> None:
    say(_shown(command))
    log = folder / "flwr.log"
    process = _started(command, folder, log)
    try:
        while process.poll() is None:
            meanwhile()
            time.sleep(0.2)
    finally:
        process.kill()
        process.wait()
    meanwhile()
    if process.returncode:
        raise FlowerError(f"{_shown(command[:3])} must succeed. Got: {_last_line(log)} See {log}.")


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return next((line.strip() for line in reversed(lines) if line.strip()), "no word.")
