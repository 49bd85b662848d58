"""Download a signed release, and keep nothing that does not hold."""

from __future__ import annotations

import hashlib
import os
import ssl
import urllib.error
import urllib.parse
import urllib.request
from datetime import datetime
from numbers import Real
from pathlib import Path

from novin_ml.exceptions import SignatureError
from novin_ml.files import replace_whole
from novin_ml.lifecycle.signing.check import (
    MANIFEST,
    MOST_MANIFEST_BYTES,
    MOST_SIGNATURE_BYTES,
    SIGNATURE,
    ReleaseManifest,
    checked_manifest,
)
from novin_ml.plain import plural, shown
from novin_ml.texts import in_url
from novin_ml.validation import Interval, validate_params

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_CHUNK = 1 << 16
_MOST_BYTES = 100_000_000


@validate_params(
    {
        "most_bytes": [Interval(Real, 0, None, closed="neither")],
        "timeout": [Interval(Real, 0, None, closed="neither")],
    },
    prefer_skip_nested_validation=True,
)
def download_release(
    url: str,
    public_key: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    now: datetime | None = None,
    app_version: str | None = None,
    installed_version: int | None = None,
    most_bytes: float = _MOST_BYTES,
    timeout: float = 60.0,
    context: ssl.SSLContext | None = None,
) -> ReleaseManifest:
    """Download a signed release over HTTPS, and check it before it replaces another.

    Parameters
    ----------
    url : str
        Address of the folder that `sign_release` wrote. ``http`` is taken of this machine only.
    public_key : path
        Public key, PEM.
    out : path
        Folder to write; it is replaced once all is there and holds.
    now : datetime, default=None
        Moment that the expiry is compared with; None is now.
    app_version : str, default=None
        Version of the app; None leaves it out.
    installed_version : int, default=None
        Version that is installed, which the release must be above; None leaves it out.
    most_bytes : float, default=100,000,000
        Most bytes of all files.
    timeout : float, default=60.0
        Seconds without an answer.
    context : ssl.SSLContext, default=None
        What servers are trusted; None is Python's default.

    Returns
    -------
    manifest : ReleaseManifest
        What was downloaded.

    Raises
    ------
    SignatureError
        If anything is not as it was signed, is too large, or does not fit. `out` stays as it was.
    OSError
        If the server or the disk fails.

    See Also
    --------
    verify_release : Checks a folder.
    """
    base = f"{url.rstrip('/')}/"
    parts = urllib.parse.urlsplit(base)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise SignatureError(
            f"The 'url' parameter must begin with https://. Got {shown(url)}. Serve it over TLS."
        )

    def get(name: str, most: int) -> bytes:
        return _get(base + in_url(name), most, timeout, context)

    content, signature = get(MANIFEST, MOST_MANIFEST_BYTES), get(SIGNATURE, MOST_SIGNATURE_BYTES)
    manifest = checked_manifest(
        content,
        signature,
        public_key,
        now=now,
        app_version=app_version,
        installed_version=installed_version,
    )
    if manifest.n_bytes > most_bytes:
        raise SignatureError(
            f"The release must have at most {plural(int(most_bytes), 'byte')}. Got "
            f"{plural(manifest.n_bytes, 'byte')}. Allow more, or sign smaller models."
        )
    with replace_whole(Path(out)) as new:
        new.mkdir(parents=True, exist_ok=True)
        for name, (n_bytes, sha256) in sorted(manifest.files.items()):
            file = get(name, n_bytes)
            if len(file) != n_bytes or hashlib.sha256(file).hexdigest() != sha256:
                raise SignatureError(
                    f"{name} must be the file of {plural(n_bytes, 'byte')} that was signed. Got "
                    f"{plural(len(file), 'byte')} of other content. Download it again."
                )
            place = new / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(file)
        (new / MANIFEST).write_bytes(content)
        (new / SIGNATURE).write_bytes(signature)
    return manifest


def _get(url: str, most: int, timeout: float, context: ssl.SSLContext | None) -> bytes:
    """Return what an address has; no more than `most` bytes are read."""
    try:
        with urllib.request.urlopen(url, timeout=timeout, context=context) as answer:
            content = b""
            while len(content) <= most and (more := answer.read(_CHUNK)):
                content += more
    except urllib.error.HTTPError as error:
        raise SignatureError(
            f"{url} must have a file of a signed release. Got HTTP status {error.code}. Check the "
            "address."
        ) from None
    if len(content) > most:
        raise SignatureError(
            f"{url} must have at most {plural(most, 'byte')}. Got more. Sign it again."
        )
    return content
