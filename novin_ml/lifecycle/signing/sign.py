"""Sign a release: what a phone downloads, as a folder for any file server."""

from __future__ import annotations

import base64
import json
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from numbers import Integral
from pathlib import Path

from novin_ml.coreml.export import export_paths
from novin_ml.exceptions import SignatureError
from novin_ml.files import replace_whole
from novin_ml.lifecycle.registry import Promotion, Registry
from novin_ml.lifecycle.registry.contents import copy_files
from novin_ml.lifecycle.registry.layout import CONTENT, RECORD
from novin_ml.lifecycle.registry.records import now as moment_text
from novin_ml.lifecycle.registry.release import read_release
from novin_ml.lifecycle.signing.check import (
    KIND,
    MANIFEST,
    PROTOCOL,
    SIGNATURE,
    ReleaseManifest,
    as_numbers,
    verify_release,
)
from novin_ml.lifecycle.signing.golden import golden_entry
from novin_ml.lifecycle.signing.keys import key_id, raw_public, read_private
from novin_ml.plain import plain
from novin_ml.validation import Interval, validate_params

#: Models, and what an app needs to have one trained at home.
_FOR_PHONES = re.compile(r"[^/]+\.(mlmodel|weights\.json)|[^/]+\.mlpackage/.+")
_SIGNED = "signed"


@dataclass(frozen=True)
class SignedRelease:
    """A release that was signed.

    Attributes
    ----------
    folder : Path
        Folder with the models, ``manifest.json`` and ``manifest.sig``.
    manifest : ReleaseManifest
        What was signed.
    key_id : str
        Name of the key: the first 16 digits of the SHA-256 of the public one.
    public_key : str
        The public key, 32 bytes in base64, which an app carries.
    """

    folder: Path
    manifest: ReleaseManifest
    key_id: str
    public_key: str


@validate_params(
    {
        "version": [Interval(Integral, 1, 2**53, closed="left"), None],
        "days": [Interval(Integral, 1, 3650, closed="both")],
    },
    prefer_skip_nested_validation=True,
)
def sign_release(
    release: str | os.PathLike[str],
    key: str | os.PathLike[str],
    out: str | os.PathLike[str] | None = None,
    *,
    version: int | None = None,
    min_app_version: str = "0",
    days: int = 180,
) -> SignedRelease:
    """Sign the models of a release for phones.

    Parameters
    ----------
    release : path
        Folder that `build` wrote, or the folder of a version in a registry
        (``models/NAME/versions/000001``) that came from one. All its gates must have passed.
    key : path
        Private key, from `generate_key`.
    out : path, default=None
        Folder to write: models, ``manifest.json`` and ``manifest.sig``, for any file server. An
        earlier one is replaced. None is ``signed`` in the folder of the build, or
        ``models/NAME/signed/000001`` in the registry.
    version : int, default=None
        Number that phones compare: they install only a higher one. None is the number of a version
        in a registry; a build needs one.
    min_app_version : str, default="0"
        The oldest app that may use it, one to four numbers with dots.
    days : int, default=180
        Days from now on that phones may install it.

    Returns
    -------
    signed : SignedRelease
        What was written.

    Raises
    ------
    BuildError
        If the build is not done, a gate failed, or a file is not as it was built.
    SignatureError
        If the key is none, a version is missing or wrong, or the release has no model.
    RegistryError
        If the version of a registry is damaged.
    ExtraNotInstalledError
        If cryptography is missing: install the extra ``signing``.

    See Also
    --------
    verify_release : Checks what was signed, as a phone does.

    Notes
    -----
    The signature is Ed25519 (RFC 8032) over the bytes of ``manifest.json``. The manifest names each
    file with its bytes and SHA-256, the version, the oldest app, the expiry, and for each model at
    most 64 rows of features with their answers, by which a phone finds out whether it computes as
    Python does.

    Examples
    --------
    >>> import tempfile
    >>> from novin_ml.events import write_events
    >>> from novin_ml.lifecycle import build, draft_declaration, generate_key, sign_release
    >>> from novin_ml.lifecycle import verify_release
    >>> from novin_ml.simulation import simulate_deliveries
    >>> folder = tempfile.mkdtemp()
    >>> write_events(simulate_deliveries(2_000, random_state=0), folder + "/data.jsonl")
    >>> declared = draft_declaration(folder + "/data.jsonl", folder + "/novin.toml")
    >>> _ = build(declared, folder + "/release")
    >>> _ = generate_key(folder + "/key")
    >>> signed = sign_release(folder + "/release", folder + "/key", version=1)
    >>> verify_release(signed.folder, folder + "/key.pub").version
    1
    """
    release, key = Path(release), Path(key)
    as_numbers(min_app_version)
    source, name, number, place = _source(release)
    number = number if version is None else int(version)
    if number is None:
        raise SignatureError(
            "The 'version' parameter must be the number of the release, 1 or more, for the folder "
            "of a build. Got None. Pass a higher one than phones have."
        )
    private = read_private(key)
    record = read_release(source)
    files = {path: entry for path, entry in record["files"].items() if _FOR_PHONES.fullmatch(path)}
    models = sorted(path for path in files if path.endswith(".mlmodel"))
    if not models:
        raise SignatureError(
            f"{release} must have a .mlmodel file to sign. Got none. Build one of a classifier."
        )
    created = moment_text()
    ends = datetime.fromisoformat(created).astimezone(UTC) + timedelta(days=int(days))
    document = {
        "kind": KIND,
        "protocol": PROTOCOL,
        "name": name,
        "version": number,
        "min_app_version": min_app_version,
        "created": created,
        "expires": ends.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "release_sha256": record["sha256"],
        "key_id": key_id(private.public_key()),
        "files": files,
        "golden": {
            Path(path).stem: golden_entry(
                source / path, export_paths(source / path)[2], len(models)
            )
            for path in models
        },
    }
    content = (json.dumps(plain(document), indent=1, sort_keys=True) + "\n").encode()
    folder = place if out is None else Path(out)
    _require_free(folder)
    with replace_whole(folder) as new:
        new.mkdir(parents=True, exist_ok=True)
        copy_files(source, files, new)
        (new / MANIFEST).write_bytes(content)
        signature = base64.b64encode(private.sign(content)) + b"\n"
        (new / SIGNATURE).write_bytes(signature)
    return SignedRelease(
        folder,
        ReleaseManifest(
            name, number, min_app_version, document["expires"], files, document["golden"], document
        ),
        document["key_id"],
        base64.b64encode(raw_public(private.public_key())).decode(),
    )


def promote_signed(
    registry: Registry,
    name: str,
    number: int,
    public_key: str | os.PathLike[str],
    *,
    reason: str = "",
    instead_of: int | None = None,
) -> Promotion:
    """Serve a version from now on, if its release is signed.

    Parameters
    ----------
    registry : Registry
        The registry.
    name : str
        Name of the model.
    number : int
        Number of the version.
    public_key : path
        Public key of the signature that `sign_release` wrote into the registry.
    reason : str, default=""
        Reason for the record.
    instead_of : int, default=None
        Version that must be served now.

    Returns
    -------
    promotion : Promotion
        Record of the change.

    Raises
    ------
    SignatureError
        If the version is not signed by this key, the signature expired, or it is of other files.
    RegistryError
        As `Registry.promote` raises it.
    """
    version = registry.version(name, number)
    signed = _place_in(version.folder.parent)
    manifest = verify_release(signed, public_key)
    of_version = {path: version.files.get(path) for path in manifest.files}
    if of_version != dict(manifest.files) or manifest.version != version.number:
        raise SignatureError(
            f"The signature in {signed} must be of version {number} of {name}. Got one of version "
            f"{manifest.version}, of other files or of another number. Sign it again."
        )
    return registry.promote(name, number, reason=reason, instead_of=instead_of)


def _source(release: Path) -> tuple[Path, str, int | None, Path]:
    """Return the folder of the files, name, number, and where the signed release goes."""
    if not (release / RECORD).is_file():
        return release, release.resolve().name, None, release / _SIGNED
    folder = release.resolve()
    registry, name = Registry(folder.parents[3]), folder.parents[1].name
    version = registry.version(name, int(folder.name))
    for fault in registry.faults(name, version.number):
        raise SignatureError(
            f"Version {version.number} of {name} must be as it was added. {fault} Add it again."
        )
    return folder / CONTENT, name, version.number, _place_in(folder)


def _place_in(version: Path) -> Path:
    """Return where the signed release of a version in a registry goes."""
    return version.parent.parent / _SIGNED / version.name


def _require_free(folder: Path) -> None:
    if folder.exists() and not (folder / MANIFEST).is_file():
        if folder.is_dir() and not any(folder.iterdir()):
            return
        raise SignatureError(
            f"{folder} must be a new folder, or a signed release to replace. Got other files. "
            "Name another folder with --out."
        )
