"""Read and check a manifest, its signature, and the files that it names."""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from novin_ml.exceptions import SignatureError
from novin_ml.formats import FORMATS, newer
from novin_ml.lifecycle.registry.contents import are_files, content_faults
from novin_ml.lifecycle.signing.keys import is_valid, key_id, read_public
from novin_ml.plain import plural, shown

MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
KIND, PROTOCOL = "novin_ml signed release", FORMATS["signed release"]
#: More is read of no manifest, signature or set of files.
MOST_MANIFEST_BYTES, MOST_SIGNATURE_BYTES = 1_000_000, 200
_APP_VERSION = re.compile(r"\d{1,9}(\.\d{1,9}){0,3}")


@dataclass(frozen=True)
class ReleaseManifest:
    """What a signed release is, and until when.

    Attributes
    ----------
    name : str
        Name of the release, the same from version to version.
    version : int
        Number of the version; a phone never goes back to a lower one.
    min_app_version : str
        The oldest app that may use it, such as ``"2.1"``.
    expires : str
        Moment from which on no phone installs it, ISO 8601 in UTC.
    files : dict of str to [int, str]
        Bytes and SHA-256 of each file, by its path.
    golden : dict
        For each model rows of features and their answers, which a phone compares with its own.
    document : dict
        The manifest as it was signed.
    """

    name: str
    version: int
    min_app_version: str
    expires: str
    files: Mapping[str, list[Any]]
    golden: Mapping[str, Any]
    document: Mapping[str, Any]

    @property
    def n_bytes(self) -> int:
        """Bytes of all files."""
        return sum(entry[0] for entry in self.files.values())


def verify_release(
    folder: str | os.PathLike[str],
    public_key: str | os.PathLike[str],
    *,
    now: datetime | None = None,
    app_version: str | None = None,
    installed_version: int | None = None,
) -> ReleaseManifest:
    """Check a signed release as a phone does: signature, expiry, version, and every file.

    Parameters
    ----------
    folder : path
        Folder that `sign_release` wrote, or a copy of it.
    public_key : path
        Public key, PEM.
    now : datetime, default=None
        Moment that the expiry is compared with; None is now.
    app_version : str, default=None
        Version of the app; None leaves it out.
    installed_version : int, default=None
        Version that is installed, which the release must be above; None leaves it out.

    Returns
    -------
    manifest : ReleaseManifest
        What was signed.

    Raises
    ------
    SignatureError
        If anything is not as it was signed, or does not fit. The sentence names it.
    OSError
        If a file cannot be read.

    See Also
    --------
    novin_ml.lifecycle.sign_release : Signs one; has an example.
    """
    folder = Path(folder)
    manifest = checked_manifest(
        _content(folder / MANIFEST, MOST_MANIFEST_BYTES),
        _content(folder / SIGNATURE, MOST_SIGNATURE_BYTES),
        public_key,
        now=now,
        app_version=app_version,
        installed_version=installed_version,
    )
    for fault in content_faults(folder, manifest.files, only_known=True):
        raise SignatureError(f"{folder} must have the files that were signed. {fault} Get it anew.")
    return manifest


def checked_manifest(
    content: bytes,
    signature: bytes,
    public_key: str | os.PathLike[str],
    *,
    now: datetime | None = None,
    app_version: str | None = None,
    installed_version: int | None = None,
) -> ReleaseManifest:
    """Return a manifest whose signature, form, expiry and versions hold; else SignatureError."""
    public = read_public(public_key)
    try:
        raw = base64.b64decode(signature.strip(), validate=True)
    except (ValueError, binascii.Error):
        raw = b""
    if len(raw) != 64:
        raise SignatureError(
            f"{SIGNATURE} must be 64 bytes in base64. Got {shown(signature[:40])}. Sign it again."
        )
    # Nothing of the content is read before.
    if not is_valid(public, raw, content):
        raise SignatureError(
            f"{MANIFEST} must be signed by the key {key_id(public)}. Got content or a signature "
            "of someone else. Do not use this release; get it from its source again."
        )
    manifest = _parsed(content)
    moment = datetime.now(UTC) if now is None else now
    if moment >= _time(manifest.expires):
        raise SignatureError(
            f"The release must not be expired. Got one of version {manifest.version}, which "
            f"expired at {manifest.expires}. Sign it again, or sign a newer one."
        )
    if app_version is not None and as_numbers(app_version) < as_numbers(manifest.min_app_version):
        raise SignatureError(
            f"The app must be of version {manifest.min_app_version} or newer for this release. "
            f"Got {app_version}. Update the app."
        )
    if installed_version is not None and manifest.version <= installed_version:
        raise SignatureError(
            f"The release must be newer than version {installed_version}, which is installed. Got "
            f"version {manifest.version}. Keep the installed one."
        )
    return manifest


def as_numbers(version: str) -> tuple[int, ...]:
    """Return a version of an app as numbers that can be compared."""
    if not isinstance(version, str) or not _APP_VERSION.fullmatch(version):
        raise SignatureError(
            f"A version of an app must be one to four numbers with dots, such as 2.1. Got "
            f"{shown(version)}. Write it so."
        )
    numbers = [int(part) for part in version.split(".")]
    return tuple(numbers + [0] * (4 - len(numbers)))


def _parsed(content: bytes) -> ReleaseManifest:
    refusal = None
    try:
        document = json.loads(content)
        if document["kind"] == KIND:
            refusal = newer(MANIFEST, "signed release", document["protocol"], "protocol")
        if refusal:
            raise ValueError(refusal)
        manifest = ReleaseManifest(
            **{name: document[name] for name in ("name", "version", "min_app_version", "expires")},
            files=document["files"],
            golden=document["golden"],
            document=document,
        )
        known = (
            (document["kind"], document["protocol"]) == (KIND, PROTOCOL)
            and isinstance(manifest.name, str)
            and type(manifest.version) is int
            and are_files(manifest.files)
            and isinstance(manifest.golden, dict)
        )
        as_numbers(manifest.min_app_version)
        _time(manifest.expires)
    except (ValueError, TypeError, KeyError, RecursionError):
        known = False
    if not known:
        raise SignatureError(
            refusal
            or f"{MANIFEST} must be a manifest of protocol {PROTOCOL}. Got something else. Sign it "
            "again."
        )
    return manifest


def _time(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _content(path: Path, most: int) -> bytes:
    if not path.is_file():
        raise SignatureError(
            f"{path.parent} must be a signed release with {path.name}. Got none. Sign it with "
            "novin-ml sign."
        )
    with path.open("rb") as stream:
        content = stream.read(most + 1)
    if len(content) > most:
        raise SignatureError(
            f"{path} must have at most {plural(most, 'byte')}. Got more. Sign it again."
        )
    return content
